"""Public figures of whole movements that stand beside the answer, and are not scored: no case could be made of them."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING

from flanksim.scenario.reading import shipped
from flanksim.scenario.text import read_text

if TYPE_CHECKING:
    from flanksim.study.study import Study

_TAGS = {"L": "looked up", "R": "recalled", "D": "derived", "A": "assumed"}


def section(answer: Study) -> list[str]:
    """Lines of the page: what the simulation says of a force, and what is public of comparable moves.

    Parameters
    ----------
    answer
        Runs of the scenario that they stand beside.
    """
    scenario = answer.scenario
    fifth, half, most, all_of = (answer.share_day(share).median for share in (0.2, 0.5, 0.8, 1.0))
    days = [f"{name} by {_day(day)}" for name, day in (("half", half), ("80 %", most), ("all", all_of))]
    rate = 0.6 * scenario.troops_required / (most - fifth) if most > fifth else math.nan
    pace = f", between a fifth and 80 % at {_hundreds(rate)} soldiers a day" if math.isfinite(rate) else ""
    told = (
        f"`{scenario.name}` ({len(answer.replications)} runs, medians): {scenario.troops_required:,} soldiers, "
        f"{', '.join(days)}{pace}. Public figures of whole movements, of which no case can be made since force, ways "
        "or days are not told:"
    )
    return [
        "## Beside the answer, not scored",
        "",
        told,
        "",
        "| move | figure | source | known |",
        "|---|---|---|---|",
        *(
            f"| {row['what']} | {row['figure']} | {row['source']} | {_TAGS[row['tag']]}, {row['confidence']} |"
            for row in yardsticks()
        ),
        "",
    ]


def yardsticks() -> list[dict[str, str]]:
    """The public figures: ``what``, ``figure``, ``source``, ``tag`` and ``confidence`` of each."""
    path = shipped() / "validation" / "yardsticks.csv"
    return list(csv.DictReader(io.StringIO(read_text(path, path.name))))


def _day(day: float) -> str:
    return f"C+{day:.0f}" if math.isfinite(day) else "no day before the horizon"


def _hundreds(value: float) -> str:
    return f"{round(value, -2):,.0f}"
