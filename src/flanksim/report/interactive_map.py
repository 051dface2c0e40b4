"""The page's map: an SVG of the network, and what passed each link by each day as data for its script."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from flanksim.draw.basemap import Frame, frame_of, land, positions
from flanksim.measure.closure import profile
from flanksim.measure.traffic import handlings, passages
from flanksim.modes import LINK_MODES
from flanksim.movements import MovementLog
from flanksim.report import labels, map_words
from flanksim.report.context import Context
from flanksim.report.html import Cell, details, join, table
from flanksim.report.sea_inset import lanes_beyond, sea_inset
from flanksim.scenario.rows import Facility, Link
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY

#: Units of the drawing along the longer side of the frame; widths and radii are in them too.
UNITS = 4300.0
#: Room round the assembly areas in the nearer view, units.
_ROOM = 250.0
#: Positions of the slider at most; longer deployments go in steps of some days.
MOST_STEPS = 240
#: Corners of outlines that are nearer than so many units to the one before are left out.
FINEST = 7.0
#: Height of the letters of names, units, and names at most.
LETTERS, NAMES = 62.0, 10
#: Entries of the tables of the busiest links and ports.
BUSIEST = 12

#: Running totals as pairs of step and total, one for each step in which something was added.
Sparse = list[list[int]]


@dataclass(frozen=True)
class FlowMap:
    """The map and what its script reads.

    Attributes
    ----------
    svg
        Land, links and places.
    data
        JSON: days of the slider, closed troops by step, and by element its words and running totals.
    last_day
        Day label of the last position of the slider.
    start
        Its first position, at the deadline.
    inset
        What comes over the sea from beyond the edges.
    busiest
        Tables of the busiest links and places, for those who cannot point.
    """

    svg: Markup
    data: Markup
    last_day: int
    steps: int
    start: int
    inset: Markup
    busiest: Markup


def flow_map(context: Context) -> FlowMap:
    """Map of the run that is shown: vehicles, containers and troops over each link and through each place, by day."""
    step_days, steps = clock(context)
    passed, handled = flows(context.outcome, step_days, steps)
    frame = frame_of(context.scenario)
    where = places(context.scenario)
    top = max((values[-1][1] for values in passed.values()), default=1)
    closed, closed_at = closures_by_step(context, step_days, steps)
    counted = handled | closed_at
    lanes = lanes_beyond(context.scenario, passed)
    svg = join(
        [
            _land(frame),
            _links(context.scenario, where, passed, top, lanes),
            *_marks(context.scenario, where),
            _names(context.scenario, where, counted),
        ]
    )
    widths = {key: width(values[-1][1], top) for key, values in passed.items()}
    unit = units_per_km(frame)
    box = box_of(*(edge * unit for edge in frame.extent))
    areas = [where[key] for key, node in context.scenario.nodes.items() if node.kind == "assembly" and key in where]
    across, up = zip(*(areas or [(0.0, 0.0)]), strict=True)
    near = box_of(min(across) - _ROOM, max(across) + _ROOM, min(up) - _ROOM, max(up) + _ROOM)
    days = [step_days * (k + 1) - 1 for k in range(steps)]  # a step ends with its last day
    content = {
        "days": days,
        "required": context.plan.troops_required,
        "deadline": context.scenario.question.deadline_days,
        "closed": closed,
        "links": {
            key: {"t": _link_title(context.scenario, key), "d": _link_detail(link), "f": passed.get(key, [])}
            for key, link in context.scenario.links.items()
            if _drawn(context.scenario, key, where, passed)
        },
        "places": {
            key: {
                "t": f"{labels.place(key, context.scenario)} ({labels.PLACES[context.scenario.nodes[key].kind]})",
                "d": _facilities(context.scenario, key),
                "f": closed_at.get(key, []) if context.scenario.nodes[key].kind == "assembly" else handled.get(key, []),
            }
            for key in _marked(context.scenario, where)
        },
    }
    head = Markup(
        '<svg id="chart" viewBox="{}" data-box="{}" data-near="{}" role="img" tabindex="0" aria-describedby="readout" '
        'aria-label="Map of the network; arrow keys go from element to element">{}</svg>'
    )
    # "<" is written as a code, so that no name can end the script element
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    return FlowMap(
        head.format(box, box, near, svg),
        Markup(text),  # noqa: S704 - JSON without "<"
        days[-1],
        steps,
        min(steps, math.ceil((context.scenario.question.deadline_days + 1) / step_days)) - 1,
        sea_inset(context.scenario, passed, lanes, widths),
        _busiest(context.scenario, passed, handled),
    )


def clock(context: Context) -> tuple[int, int]:
    """Days of one step of the slider, and the number of steps that reach the last closure and the deadline."""
    hours = [hour for hour in context.outcome.closed_h if not math.isnan(hour)]
    days = math.ceil(max([*hours, context.plan.deadline_h]) / HOURS_PER_DAY)
    step = math.ceil(days / MOST_STEPS)
    return step, math.ceil(days / step)


def flows(log: MovementLog, step_days: int, steps: int) -> tuple[dict[str, Sparse], dict[str, Sparse]]:
    """Running totals over each link, and loaded or unloaded at each place, in vehicles, containers and troops."""
    found = []
    for names, hours, pieces in (passages(log), handlings(log)):
        step = np.minimum(steps - 1, (hours // (HOURS_PER_DAY * step_days)).astype(int))
        sums: dict[str, dict[int, float]] = {}
        for name, when, number in zip(names.tolist(), step.tolist(), pieces.tolist(), strict=True):
            by = sums.setdefault(name, {})
            by[when] = by.get(when, 0.0) + number
        # flights have no link to be drawn
        found.append({key: _running(by) for key, by in sorted(sums.items()) if key and not key.startswith("air:")})
    return found[0], found[1]


def _running(by_step: Mapping[int, float]) -> Sparse:
    total, found = 0.0, []
    for step, value in sorted(by_step.items()):
        total += value
        found.append([step, round(total)])
    return found


def closures_by_step(context: Context, step_days: int, steps: int) -> tuple[list[int], dict[str, Sparse]]:
    """Troops in closed units at the end of each step; and the same by assembly area."""
    ends = np.array([step_days * (k + 1) for k in range(steps)]) - 1.0  # the end of a day has the day's label
    whole = profile(context.plan, context.outcome.closed_h, ends)
    sums: dict[str, dict[int, float]] = {}
    for unit, hour in zip(context.plan.units, context.outcome.closed_h, strict=True):
        if not math.isnan(hour):
            step = min(steps - 1, math.ceil(hour / (HOURS_PER_DAY * step_days)) - 1)
            by = sums.setdefault(unit.assembly, {})
            by[max(0, step)] = by.get(max(0, step), 0.0) + unit.troops
    return [int(value) for value in whole], {key: _running(by) for key, by in sums.items()}


# ---- drawing ------------------------------------------------------------------------------------


def places(scenario: Scenario) -> dict[str, tuple[float, float]]:
    """Units east and north of the map's centre, for every place with a position."""
    unit = units_per_km(frame_of(scenario))
    return {key: (x * unit, y * unit) for key, (x, y) in positions(scenario).items()}


def units_per_km(frame: Frame) -> float:
    """How many units of the drawing a kilometre is."""
    west, east, south, north = frame.extent
    return UNITS / max(east - west, north - south)


def box_of(west: float, east: float, south: float, north: float) -> str:
    """Edges as an SVG's view box."""
    return f"{west:.0f} {-north:.0f} {east - west:.0f} {north - south:.0f}"


def _land(frame: Frame) -> Markup:
    unit = units_per_km(frame)
    rings = land(frame, frame.extent, round(FINEST / unit, 1))
    parts = ("M" + "L".join(f"{x:.0f} {-y:.0f}" for x, y in ring * unit) + "Z" for ring in rings)
    return Markup('<path class="land" id="land" d="{}"/>').format("".join(parts))


def _drawn(scenario: Scenario, key: str, where: Mapping[str, Any], passed: Mapping[str, Sparse]) -> bool:
    """A link is drawn if both ends have a position; sea lanes only where something sails."""
    link = scenario.links[key]
    at_sea = not LINK_MODES[link.mode].borders and key not in passed
    return link.from_node in where and link.to_node in where and not at_sea


def _links(
    scenario: Scenario,
    where: Mapping[str, tuple[float, float]],
    passed: Mapping[str, Sparse],
    top: float,
    inset: Collection[str],
) -> Markup:
    last = {key: values[-1][1] for key, values in passed.items()}
    parts = []
    for key, link in sorted(scenario.links.items(), key=lambda item: last.get(item[0], 0)):
        if not _drawn(scenario, key, where, passed):
            continue
        (a, b), (c, d) = where[link.from_node], where[link.to_node]
        used = last.get(key, 0)
        kinds = ["m-" + link.mode, *(["idle"] if not used else []), *(["beyond"] if key in inset else [])]
        text = Markup('<line id="l-{}" class="{}" x1="{}" y1="{}" x2="{}" y2="{}" stroke-width="{}"/>')
        ends = (f"{value:.0f}" for value in (a, -b, c, -d))
        parts.append(text.format(key, " ".join(kinds), *ends, f"{width(used, top):.1f}"))
    return join(parts)


def width(value: float, top: float) -> float:
    """Stroke of a link in units of the drawing; the page's script has the same rule."""
    return 2.0 + 26.0 * math.sqrt(value / top) if value else 1.5


def _marked(scenario: Scenario, where: Mapping[str, Any]) -> list[str]:
    return [key for key, node in sorted(scenario.nodes.items()) if node.kind in ("port", "assembly") and key in where]


def _marks(scenario: Scenario, where: Mapping[str, tuple[float, float]]) -> list[Markup]:
    found = []
    for key in _marked(scenario, where):
        x, y = where[key]
        radius = 11 if scenario.nodes[key].kind == "port" else 14
        text = Markup('<circle id="p-{}" class="{}" cx="{}" cy="{}" r="{}"/>')
        found.append(text.format(key, scenario.nodes[key].kind, f"{x:.0f}", f"{-y:.0f}", radius))
    return found


def _names(scenario: Scenario, where: Mapping[str, tuple[float, float]], counted: Mapping[str, Sparse]) -> Markup:
    """Names of the assembly areas and ports within the edges through which most goes."""
    frame, unit = frame_of(scenario), units_per_km(frame_of(scenario))
    within = [key for key in _marked(scenario, where) if frame.holds((where[key][0] / unit, where[key][1] / unit))]
    within.sort(key=lambda key: (-counted[key][-1][1] if key in counted else 0, key))
    spots = [(where[key][0], -where[key][1], labels.plain(labels.place(key, scenario))) for key in within]
    return map_words.names(spots, LETTERS, NAMES)


# ---- words --------------------------------------------------------------------------------------


def _link_title(scenario: Scenario, key: str) -> str:
    text = labels.link(key, scenario)
    return text[0].upper() + text[1:]


def _range(low: float | None, typical: float | None, high: float | None) -> str:
    if typical is None:
        return ""
    if low is None or high is None or low == high:
        return f"{typical:g}"
    return f"{typical:g} ({low:g} to {high:g})"


def _link_detail(link: Link) -> str:
    capacity = _range(link.capacity_low, link.capacity_typical, link.capacity_high)
    unit = labels.UNITS.get(link.capacity_unit or "", "")
    parts = [f"capacity {capacity} {unit}".strip() if capacity else "capacity from its class"]
    if link.max_mlc is not None:
        parts.append(f"MLC {link.max_mlc:g}")
    if link.length_km:
        parts.append(f"{link.length_km:,.0f} km")
    parts.append(f"source {link.source}: {labels.BASES[link.basis]}, confidence {labels.CONFIDENCES[link.confidence]}")
    return "; ".join(parts)


def _facility(row: Facility) -> str:
    servers = _range(row.servers_low, row.servers_typical, row.servers_high)
    yard = _range(row.storage_low, row.storage_typical, row.storage_high)
    text = f"{labels.FACILITIES[row.kind]} {servers}".strip()
    return text + (f", yard {yard} vehicles" if yard else "")


def _facilities(scenario: Scenario, place: str) -> str:
    rows = [row for _, row in sorted(scenario.facilities.items()) if row.place == place]
    if not rows:
        return "no facilities of its own"
    basis = sorted({f"{labels.BASES[row.basis]} ({row.source})" for row in rows})
    return "; ".join(_facility(row) for row in rows) + "; " + ", ".join(basis)


def _busiest(scenario: Scenario, passed: Mapping[str, Sparse], handled: Mapping[str, Sparse]) -> Markup:
    def most(values: Mapping[str, Sparse]) -> list[tuple[str, int]]:
        totals = [(key, pairs[-1][1]) for key, pairs in values.items()]
        return sorted(totals, key=lambda item: (-item[1], item[0]))[:BUSIEST]

    lines = [
        [_link_title(scenario, key), total, _capacity(scenario.links[key])]
        for key, total in most({key: value for key, value in passed.items() if key in scenario.links})
    ]
    nodes = [
        [labels.place(key, scenario), total, _facilities(scenario, key)]
        for key, total in most({key: value for key, value in handled.items() if key in scenario.nodes})
    ]
    return details(
        "The busiest links and places as tables",
        join(
            [
                table(["link", "vehicles, containers and troops", "capacity"], lines),
                table(["place", "loaded or unloaded", "what it has"], nodes),
            ]
        ),
    )


def _capacity(link: Link) -> Cell:
    text = _range(link.capacity_low, link.capacity_typical, link.capacity_high)
    value = math.nan if link.capacity_typical is None else link.capacity_typical
    return Cell(f"{text} {labels.UNITS.get(link.capacity_unit or '', '')}".strip() or "from its class", value)
