"""The page of the docs on recorded moves, made from results."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flanksim.draw.style import save
from flanksim.saving import make_folder
from flanksim.study.store import write_text
from flanksim.study.study import run
from flanksim.validation.yardsticks import section

if TYPE_CHECKING:
    from flanksim.validation.suite import Validation

_HEAD = """# Validation: recorded moves

Written by `flanksim validate --page docs/validation.md`; do not edit it. Each case is a move that took place
(`scenarios/validation/`), simulated with the numbers of the shipped tables and parameters, and those of the day only
where the record gives them. No number was set for one predicted case. Some shipped numbers of a whole class (the speed
of columns, the deck of a vehicle, the pace of clearance in peace) follow from several of these records together; the
table says which, and what holds without those cases is said too. R01 is calibrated: it set its own pace of clearance,
`port_clearance_per_day_peace` of 230, and its road part R24b set `march_vehicles_per_day_peace`.

Simulated are 5 to 95 % over chance and ignorance together: each run has its own random numbers and its own draw of
every number that the tables give with a low and a high value. The ratio is the simulated median over the geometric
middle of the observed range. Verdicts: `inside`, the median lies in the observed range; `overlaps`, the two ranges
meet; `miss`, they do not.
"""


#: Scenario beside whose answer public figures stand on the page of the docs, and its runs.
_ANSWER, _ANSWER_RUNS = "eastern-flank", 30


def page(found: Validation, figure: str, beside: Sequence[str] = ()) -> str:
    """The page: summary, figure, table, and why cases miss.

    Parameters
    ----------
    found
        What was simulated.
    figure
        Path of the figure, from the page.
    beside
        Lines that stand before what is known of each case.
    """
    from flanksim.validation.suite import number, spread, summary_line

    lines = [
        _HEAD,
        f"**{_plainly(summary_line(found))}.** {_independent(found)}",
        "",
        f"![Observed and simulated ranges]({figure})",
        "",
    ]
    lines += [
        "| case | what | of | observed | simulated, 5 to 95 % | median | ratio | verdict | role, weight | informed |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for result in found.results:
        recorded, seen, made = result.recorded, result.recorded.observed, result.simulated
        how = f" by {seen.by}" if seen.by else ""
        where = f" at {seen.at}" if seen.at else ""
        lines.append(
            f"| {result.id} | {recorded.title} | {seen.metric.replace('_', ' ')}{how}{where}, {seen.unit} "
            f"| {spread(seen.low, seen.high)} | {spread(made.p05, made.p95)} | {number(made.median)} "
            f"| {number(result.ratio)} | {result.verdict} | {recorded.role}, {recorded.weight} "
            f"| {', '.join(f'`{name}`' for name in recorded.informs)} |"
        )
    lines += ["", "## Why cases miss", ""]
    missed = [result for result in found.results if result.verdict != "inside" and result.recorded.why]
    lines += [f"- **{result.id}** ({result.verdict}): {result.recorded.why}" for result in missed] or ["None does."]
    lines += ["", *beside, "## What is known of each", ""]
    for result in found.results:
        recorded = result.recorded
        chance = result.chance
        known = f"tag {recorded.tag}, confidence {recorded.confidence}"
        lines.append(
            f"- **{result.id}** `{result.scenario}`: {recorded.source} ({known}). "
            f"Chance alone: {spread(chance.p05, chance.p95)} {recorded.observed.unit}."
        )
        lines += [f"  - {entry.date}: {entry.what}" for entry in recorded.milestones]
    return "\n".join(lines) + "\n"


def write_page(found: Validation, path: Path) -> None:
    """Write the page of the docs, and its figure into ``figures`` beside it; of all cases, also what is not scored.

    Raises
    ------
    FlanksimError
        E507 if it cannot be written.
    """
    from flanksim.validation.suite import cases

    every = {result.id for result in found.results} >= set(cases())
    beside = section(run(_ANSWER, _ANSWER_RUNS)) if every else ()
    write_text(path, page(found, "figures/validation.png", beside))
    save(found.plot(), make_folder(path.parent / "figures"), "validation")


def _independent(found: Validation) -> str:
    """What holds of predicted cases that informed no shipped number."""
    summary = found.independent
    if not summary["predicted"]:
        return ""
    middling = summary["median_abs_log_ratio"]
    off = "without end" if middling is None else f"by a factor of {math.exp(middling):.2f} in the median"
    return (
        f"Of the {summary['predicted']} that informed no shipped number, {summary['overlaps']} meet what was "
        f"observed, off {off}."
    )


def _plainly(line: str) -> str:
    """The summary without how long it took, which is no result."""
    head, _, tail = line.rpartition(" (")
    runs = tail.split(",")[0]
    return f"{head[:1].upper()}{head[1:]} ({runs})" if head else line
