"""What to try: steps, projects and levers, their share of the critical path, and what they really save."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from flanksim.measure.explanation import Trial
from flanksim.measure.statistics import FEWEST_FOR_NINE_IN_TEN, Interval
from flanksim.report import labels
from flanksim.report.context import Context
from flanksim.report.html import Cell, Section, join, paragraph, percent, table


def try_section(context: Context, figures: Markup) -> Section:
    """Steps as tried by ``flanksim explain``, or how to get them."""
    found = context.findings
    parts = [_tried(found.tries, found.runs_replayed) if found is not None and found.tries else _how(context), figures]
    return Section("try", "What to try", "Trial", join(parts))


def _tried(tried: Sequence[Trial], runs: int) -> Markup:
    rows = [
        [
            labels.plain(entry.change),
            percent(entry.path_share),
            Cell(_saved(entry.days_saved), entry.days_saved.mean),
            _verdict(entry.days_saved, runs),
        ]
        for entry in tried
    ]
    head = ["what", "share of the critical path", "days saved (95 %)", "what the runs say"]
    note = f"{runs} runs with and without each, the same random numbers in both."
    return join(
        [
            paragraph(
                "Each of the largest contributors was given a quarter more than there is, and each project and lever "
                "that changes what the path hangs on was done, all alone, and everything was run again. Note how the "
                "two columns of numbers differ: the share of the critical path says what the last day hangs on, the "
                "days saved say what a step is worth. Decide by days saved."
            ),
            table(head, rows, note),
        ]
    )


def _saved(days: Interval) -> str:
    if math.isnan(days.mean):
        return "-"
    return f"{days.mean:+.1f}" + ("" if math.isnan(days.low) else f" ({days.low:+.1f} to {days.high:+.1f})")


def _verdict(days: Interval, pairs: int) -> str:
    if math.isnan(days.mean):
        return "nothing closed in both"
    if days.low == days.high == 0:
        return "changes nothing"
    if math.isnan(days.low):
        return "too few runs to tell"
    if days.low <= 0 <= days.high:
        return "no measurable effect" if pairs >= FEWEST_FOR_NINE_IN_TEN else "too few runs to tell"
    return "sooner" if days.mean > 0 else "later"


def _how(context: Context) -> Markup:
    if context.kind == "sweep":
        return paragraph("In a sweep spending itself is what is tried: see the surface above and the projects below.")
    if context.kind == "reach":
        return paragraph("Here levers are what is tried: move the sliders above, or see the table of all packages.")
    if context.kind == "compare":
        return paragraph("In a comparison the alternatives are what is tried: see the table above.")
    text = Markup(
        "Nothing has been tried yet. <code>flanksim report {} --explain</code> gives each of the largest contributors "
        "one step more, runs everything again with the same random numbers, and puts the days saved here."
    )
    return paragraph(text.format(context.folder.name))
