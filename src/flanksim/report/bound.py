"""What no schedule can beat: the bounds in words, what sets them, and what one more of a capacity takes off them."""

from __future__ import annotations

import math

from markupsafe import Markup

from flanksim.bounds.rungs import none
from flanksim.report import words
from flanksim.report.html import Cell, heading, join, paragraph, table
from flanksim.report.material import Material
from flanksim.text.phrases import day

_RUNGS = {
    "free_flow": ("everybody travels alone", "nobody waits for anybody: readiness, journey and joining up only"),
    "volume": ("all the work fits", "each berth, line and fleet has only so many hours for all that must pass it"),
    "time_expanded": ("and every step in order", "the same, with each step after the one before"),
}


def bound_part(material: Material) -> Markup:
    """What no schedule can beat: the rungs, what sets them, and what the gap is."""
    rungs = (material.bound.get("bounds") or {}).items()
    if not rungs:
        if material.kind == "compare" and material.alternatives is not None:
            return Markup("")
        text = "No bound was computed here: flanksim bound gives the day that no schedule can beat."
        return join([heading("What no schedule can beat"), paragraph(text, "muted")])
    rows = [
        [_RUNGS[name][0], _RUNGS[name][1], day_cell(value) if value is not None else Cell("not computed", math.nan)]
        for name, value in rungs
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
        paragraph(Markup("The highest is set by {}.").format(bound_reason(material))),
    ]
    return join([*parts, *_one_more(material)])


def _one_more(material: Material) -> list[Markup]:
    """What one more of a capacity takes off the bound; in one line where none takes half a day."""
    if "prices" not in material.bound or material.bound_day is None:
        return []  # no bound was saved, or nothing closes at all
    rows = [
        [words.thing(gain["element"], material.scenario), gain["one_more"], gain["capacity"],
         Cell(f"{gain['days_per_unit'] * gain['step']:.1f}", gain["days_per_unit"] * gain["step"])]
        for gain in material.bound.get("prices") or []
    ]  # fmt: skip
    if not rows:
        return [paragraph(f"{none(material.bound['prices_untried'])}.")]
    head = ["what", "one more", "now, for the force", "days by which the bound falls"]
    note = (
        "One capacity at a time, the bound solved again with it. A day off the bound is not a day off the arrival: "
        "what a step does to that is simulated under What to try."
    )
    return [table(head, rows, note)]


def bound_reason(material: Material) -> str:
    """What sets the bound, in words."""
    binding = material.bound.get("binding") or {}
    element = str(binding.get("element", ""))
    if not element:
        return "what the network can carry"
    others = len(binding.get("elements") or [element]) - 1
    name = words.thing(element, material.scenario)
    if binding.get("bound") == "free_flow":
        more = f" and {others} other{'s' * (others > 1)}, each" if others else ""
        return f"the journey of {name}{more} alone, with nobody in its way"
    more = f" and {others} other{'s' * (others > 1)}" if others else ""
    return f"the work that must pass the {name}{more}" if ":" in element else f"the work of the {name}{more}"


def bounds_by_group(material: Material) -> dict[tuple[str, str], float]:
    """The higher of the two bounds of each regional plan and of tier 1, by kind of group and name."""
    return {
        (entry.get("kind", "plan"), entry["name"]): max(entry["free_flow"], entry["volume"])
        for entry in material.bound.get("groups") or []
        if entry["free_flow"] is not None and entry["volume"] is not None
    }


def day_cell(value: float | None) -> Cell:
    """A day label that sorts by its number; a dash for none."""
    return Cell("-", math.nan) if value is None or math.isnan(value) else Cell(day(value), value)
