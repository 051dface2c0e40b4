"""What to try: single steps, their share of the critical path, and what they really save."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from flanksim.measure.statistics import FEWEST_FOR_NINE_IN_TEN
from flanksim.report import labels
from flanksim.report.context import Context
from flanksim.report.html import Cell, Section, join, paragraph, percent, table


def try_section(context: Context, figures: Markup) -> Section:
    """Steps as tried by ``flanksim explain``, or how to get them."""
    tried = context.explained.get("try") or []
    parts = [_tried(context, tried) if tried else _how(context), figures]
    return Section("try", "What to try", "Try", join(parts))


def _tried(context: Context, tried: list[Mapping[str, Any]]) -> Markup:
    rows = [
        [
            labels.plain(entry["change"]),
            percent(float(entry["path_share"])),
            Cell(_saved(entry["days_saved"]), _mean(entry["days_saved"])),
            _told(entry["days_saved"], int(context.explained["replications"])),
        ]
        for entry in tried
    ]
    runs = context.explained.get("replications", "")
    head = ["one step more", "share of the critical path", "days saved (95 %)", "what the runs say"]
    note = f"{runs} runs with and without the step, the same random numbers in both."
    return join(
        [
            paragraph(
                "Each of the largest contributors was given one step more, and everything was run again. Note how the "
                "two columns of numbers differ: the share of the critical path says what the last day hangs on, the "
                "days saved say what a step is worth. Decide by days saved."
            ),
            table(head, rows, note),
        ]
    )


def _mean(value: Mapping[str, float | None]) -> float:
    return math.nan if value["mean"] is None else float(value["mean"])


def _saved(value: Mapping[str, float | None]) -> str:
    mean, low, high = (value[name] for name in ("mean", "low", "high"))
    if mean is None:
        return "-"
    return f"{mean:+.1f}" if low is None or high is None else f"{mean:+.1f} ({low:+.1f} to {high:+.1f})"


def _told(value: Mapping[str, float | None], pairs: int) -> str:
    mean, low, high = (value[name] for name in ("mean", "low", "high"))
    if mean is None:
        return "nothing closed in both"
    if low == high == 0:
        return "changes nothing"
    if low is None or high is None or pairs < FEWEST_FOR_NINE_IN_TEN:
        return "too few runs to tell"
    if low <= 0 <= high:
        return "cannot be told from nothing"
    return "sooner" if mean > 0 else "later"


def _how(context: Context) -> Markup:
    if context.kind == "sweep":
        return paragraph("In a sweep spending itself is what is tried: see the surface above and the projects below.")
    if context.kind == "compare":
        return paragraph("In a comparison the alternatives are what is tried: see the table above.")
    text = Markup(
        "Nothing has been tried yet. <code>flanksim report {} --explain</code> gives each of the largest contributors "
        "one step more, runs everything again with the same random numbers, and puts the days saved here."
    )
    return paragraph(text.format(context.folder.name))
