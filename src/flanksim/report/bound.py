"""What no schedule can beat: the bounds in words, what sets them, and what a little more capacity is worth there."""

from __future__ import annotations

import math

from markupsafe import Markup

from flanksim.report import words
from flanksim.report.html import Cell, heading, join, paragraph, table
from flanksim.report.material import Material
from flanksim.study.phrases import day

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
    prices = [
        [
            words.thing(price["element"], material.scenario),
            words.ATTRIBUTES.get(price["attribute"], price["attribute"].replace("_", " ")),
            price["capacity"],
            price["days_per_unit"] * (100.0 if price["attribute"] == "vehicles_per_hour" else 1.0),
        ]
        for price in material.bound.get("prices") or []
    ]
    if prices:
        head = ["what is dear", "one more", "now, for the force", "days by which the bound falls"]
        parts.append(table(head, prices, "First-order prices: they hold for a small change of one capacity at a time."))
    return join(parts)


def bound_reason(material: Material) -> str:
    """What sets the bound, in words."""
    binding = material.bound.get("binding") or {}
    element = str(binding.get("element", ""))
    if not element:
        return "what the network can carry"
    name = words.thing(element, material.scenario)
    if binding.get("bound") == "free_flow":
        return f"the journey of {name} alone, with nobody in its way"
    return f"the work that must pass the {name}" if ":" in element else f"the work of the {name}"


def bound_steps(material: Material) -> list[Markup]:
    """The dearest capacities of the bound, as sentences."""
    found = []
    for price in material.bound.get("prices") or []:
        step = 100.0 if price["attribute"] == "vehicles_per_hour" else 1.0
        found.append(
            Markup("The bound itself falls by up to {} days with one more of: {} (the force has {} now).").format(
                f"{step * price['days_per_unit']:.1f}",
                words.thing(price["element"], material.scenario),
                f"{price['capacity']:.4g}",
            )
        )
    return found


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
