"""The answer of a sweep: for people, and as one JSON object."""

from __future__ import annotations

import math
from typing import Any

from flanksim.measure import columns
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL
from flanksim.measure.surface import SurfaceRuns
from flanksim.terminal import Block, Span, numbers, table
from flanksim.text import worlds
from flanksim.text.phrases import days_in_words, delay_in_words, share_in_words


def as_json(found: SurfaceRuns) -> dict[str, Any]:
    """The sweep for machines."""
    return {
        "scenario": found.scenario.name,
        "title": found.scenario.title or found.scenario.name,
        "overrides": list(found.scenario.overrides),
        "replications": found.fewest_runs,
        "runs": found.runs_made,
        "seconds": round(found.seconds, 3),
        "cells": [
            {
                "infrastructure_share": point.infrastructure_share,
                "year": point.year,
                "mobility_fraction": point.mobility_fraction,
                **columns.as_json(found.at(point), found.at(point).force.deadline_h, found.difference(point)),
                "projects_done": len(point.projects_done),
                "spent_bn_eur": round(point.spent_bn_eur, 6),
                "plan": found.plan_words(point),
                "worlds": worlds.worlds_json(found.worlds.get(point.cell), found.world_difference(point)),
            }
            for point in found.points
        ],
        "best": None
        if found.best is None
        else {name: getattr(found.best, name) for name in ("infrastructure_share", "year", "mobility_fraction")},
        "results": None if found.folder is None else str(found.folder),
    }


def blocks(found: SurfaceRuns) -> list[Block]:
    """The surface for people: a row a spending level, a column a year; one table a mobility fraction."""
    years = list(dict.fromkeys(point.year for point in found.points))
    title = found.scenario.title or found.scenario.name
    lines: list[Block] = [
        Span(f"{title}: closure day by spending and year", "strong"),
        f"{found.fewest_runs} runs a point"
        + ("; ± is half the 95 % interval of the mean" if found.fewest_runs >= FEWEST_FOR_AN_INTERVAL else "")
        + ("; * some runs did not close and are left out" if any(map(found.unclosed, found.points)) else ""),
    ]
    for fraction in dict.fromkeys(point.mobility_fraction for point in found.points):
        rows, delays = [], []
        for share in dict.fromkeys(point.infrastructure_share for point in found.points):
            here = [p for p in found.points if (p.infrastructure_share, p.mobility_fraction) == (share, fraction)]
            rows.append([f"{share:g}", *(found.closed_on(point) for point in here)])
            delays.append([f"{share:g}", *(f"{found.at(point).mobility_delay().mean:.1f}" for point in here)])
        lines += ["", f"  {fraction:.0%} of infrastructure spending reaches mobility"]
        columns = [numbers("% of GDP"), *(numbers(str(year)) for year in years)]
        lines += ["", table(columns, rows)]
        lines += ["", "  Mobility delay: mean days per soldier between ready and closed", "", table(columns, delays)]
        lines += worlds.surface_blocks(found, fraction, columns)
    lines += ["", *_differences(found), *_best(found), _plans(found)]
    lacking = [name for name in ("projects", "economies") if not getattr(found.scenario, name)]
    if lacking:
        text = f"  This scenario has no {' and no '.join(lacking)}: spending builds nothing, and every cell is today's"
        lines.append(Span(text, "unsure"))
    if found.folder is not None:
        lines.append(f"  {found.folder}")
    rate = found.runs_made / found.seconds if found.seconds > 0 else math.nan
    lines.append(
        Span(
            f"  {found.runs_made:,} runs for {len(found.points)} points in {found.seconds:.0f} s, {rate:.2f} a second",
            "quiet",
        )
    )
    return lines


def markdown(found: SurfaceRuns, _: int | None = None) -> str:
    """The surface as tables of the docs: closure and share in time by spending and year, and what each level brings."""
    years = list(dict.fromkeys(point.year for point in found.points))
    deadline = f"C+{found.scenario.question.deadline_days:g}"
    lines = [f"Mean closure day, and troops in time by {deadline}; {found.fewest_runs} runs a point."]
    for fraction in dict.fromkeys(point.mobility_fraction for point in found.points):
        lines += ["", f"{fraction:.0%} of infrastructure spending reaches mobility:", ""]
        lines += [f"| % of GDP | {' | '.join(map(str, years))} |", "|--:|" + "--:|" * len(years)]
        for share in dict.fromkeys(point.infrastructure_share for point in found.points):
            here = [p for p in found.points if (p.infrastructure_share, p.mobility_fraction) == (share, fraction)]
            cells = [f"{found.closed_on(point)}, {found.on_time_share(point).mean:.0%}" for point in here]
            lines.append(f"| {share:g} | {' | '.join(cells)} |")
    said = [str(line).strip() for line in [*_differences(found), *_best(found), _plans(found)]]
    lines += ["", *(f"- {line.rstrip(':.')}." for line in said if line)]
    return "\n".join(lines) + "\n"


def _differences(found: SurfaceRuns) -> list[Block]:
    """What each level brings in the last year against the lowest, over paired runs."""
    last = max(point.year for point in found.points)
    lines: list[Block] = []
    for point in found.points:
        base = found.base(point)
        if point.year != last or point == base:
            continue
        if not lines:
            lines.append(f"  By {last}, against {base.infrastructure_share:g} % of GDP, paired runs:")
        difference = found.difference(point)
        fraction = f", {point.mobility_fraction:.0%} for mobility"
        lines.append(
            f"    {point.infrastructure_share:g} % of GDP{fraction}, EUR {point.spent_bn_eur:,.1f} bn: "
            + "; ".join(
                filter(
                    None,
                    (
                        days_in_words(difference),
                        share_in_words(difference, found.fewest_runs),
                        delay_in_words(difference, found.fewest_runs),
                    ),
                )
            )
        )
    return [*lines, ""] if lines else []


def _plans(found: SurfaceRuns) -> str:
    """How many networks were run with a plan of their own, on one line."""
    carried = sum(bool(runs.origin.cell) for runs in found.networks.values())
    anew = len(found.networks) - carried
    return (
        f"  Plans: {anew} of {len(found.networks)} networks made anew, {carried} carried over from one with less built"
    )


def _best(found: SurfaceRuns) -> list[Block]:
    """The point that does best, all its numbers from one place; no best of zeros, and none that is not sure."""
    deadline, best = found.scenario.question.deadline_days, found.best
    met = any(found.p_on_time(point).mean > 0 for point in found.points)
    said = "" if met else f"No point meets C+{deadline:g} in any run. "
    if best is None:
        return [f"  {said}These are too few runs to tell which point does best."]
    share = f"{found.on_time_share(best).mean:.0%}"
    odds = f"in time {found.p_on_time(best).words()}; " if met else ""
    text = (
        f"  {said}No point is surely better than {best.infrastructure_share:g} % of GDP by {best.year}, "
        f"{best.mobility_fraction:.0%} of it for mobility, "
        f"EUR {best.spent_bn_eur:,.1f} bn: {odds}{share} of the troops by C+{deadline:g}, closed on "
        f"{found.closed_on(best).rstrip('*')}."
    )
    return [text]
