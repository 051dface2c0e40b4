"""What no schedule can beat: the bounds in words, what sets them, and what one more of a capacity takes off them."""

from __future__ import annotations

import math

from markupsafe import Markup

from flanksim.bounds.rungs import Ladder, none
from flanksim.report import labels
from flanksim.report.context import Context
from flanksim.report.html import Cell, heading, join, paragraph, table
from flanksim.scenario.schema import Scenario
from flanksim.text.phrases import day

_RUNGS = {
    "free_flow": ("everybody travels alone", "nobody waits for anybody: readiness, journey and joining up only"),
    "volume": ("all the work fits", "each berth, line and fleet has only so many hours for all that must pass it"),
    "whole_ships": ("ships sail whole", "each ship loads, sails, lands and comes back before it takes another load"),
    "time_expanded": ("and every step in order", "the same, with each step after the one before"),
}


def bound_part(context: Context) -> Markup:
    """What no schedule can beat: the rungs, what sets them, and what the gap is."""
    if context.bound is None:
        if context.alternatives is not None:
            return Markup("")
        text = "No bound was computed here: flanksim bound gives the day that no schedule can beat."
        return join([heading("What no schedule can beat"), paragraph(text, "muted")])
    rows = [
        [_RUNGS[name][0], _RUNGS[name][1], day_cell(value) if value is not None else Cell("not computed", math.nan)]
        for name, value in context.bound.bounds.items()
    ]
    parts = [
        heading("What no schedule can beat"),
        paragraph(
            "A bound is not a simulation but arithmetic: a day before which the force cannot be complete, whichever "
            "ways and orders are chosen and however lucky chance is. What lies between the bound and the result can be "
            "won by better planning, more slack or luck; what lies below the bound can be won only by more capacity, "
            "earlier starts or fewer units."
        ),
        table(["bound", "what it counts", "day"], rows),
        paragraph(Markup("The highest is set by {}.").format(bound_reason(context.bound, context.scenario))),
    ]
    return join([*parts, *_one_more(context.bound, context.scenario)])


def _one_more(bound: Ladder, scenario: Scenario) -> list[Markup]:
    """What one more of a capacity takes off the bound; in one line where none takes half a day."""
    if math.isinf(bound.day):
        return []  # nothing closes at all
    rows = [
        [labels.thing(gain.element, scenario), gain.one_more, gain.capacity, Cell(f"{gain.days:.1f}", gain.days)]
        for gain in bound.prices
    ]
    if not rows:
        return [paragraph(f"{none(bound.untried)}.")]
    head = ["what", "one more", "now, for the force", "days by which the bound falls"]
    note = (
        "One capacity at a time, the bound solved again with it. A day off the bound is not a day off the arrival: "
        "what a step does to that is simulated under What to try."
    )
    return [table(head, rows, note)]


def bound_reason(bound: Ladder | None, scenario: Scenario) -> str:
    """What sets the bound, in words."""
    rung, element = ("", "") if bound is None else bound.binding
    if bound is None or not element:
        return "what the network can carry"
    others = len(bound.together or (element,)) - 1
    name = labels.thing(element, scenario)
    if rung == "free_flow":
        more = f" and {others} other{'s' * (others > 1)}, each" if others else ""
        return f"the journey of {name}{more} alone, with nobody in its way"
    more = f" and {others} other{'s' * (others > 1)}" if others else ""
    return f"the work that must pass the {name}{more}" if ":" in element else f"the work of the {name}{more}"


def day_cell(value: float | None, otherwise: str = "-") -> Cell:
    """A day label that sorts by its number; a dash or other words for none."""
    return Cell(otherwise, math.nan) if value is None or math.isnan(value) else Cell(day(value), value)
