"""The page's map: an SVG of the network with what has passed each link, day by day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape

import numpy as np

from flanksim.draw.map import EXTENT_KM, outlines, project
from flanksim.draw.style import MODE_COLOURS
from flanksim.engine.simulate import Outcome
from flanksim.movements import Kind
from flanksim.planning.plan import Plan
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY

#: Days between two positions of the slider, at most so many of them.
STEP_DAYS, MOST_STEPS = 5, 40
#: Rings of outlines with fewer corners are islets that nobody misses; of the others every so many is kept.
LEAST_CORNERS, EACH_CORNER = 14, 3


@dataclass(frozen=True)
class FlowMap:
    """SVG text, cumulative flow by link and step as JSON, and its largest value."""

    svg: str
    flow: str
    top: float
    steps: int


def flow_map(scenario: Scenario, plan: Plan, outcome: Outcome) -> FlowMap:
    """Map of one replication: vehicles, containers and troops over each link by each step of days."""
    flow, steps = _flow(plan, outcome)
    last = {key: values[-1] for key, values in flow.items()}
    top = max(last.values(), default=1.0)
    west, east, south, north = EXTENT_KM
    parts = [f'<svg viewBox="{west:.0f} {-north:.0f} {east - west:.0f} {north - south:.0f}" role="img">']
    for ring in outlines():
        if len(ring) >= LEAST_CORNERS:
            x, y = project(ring[::EACH_CORNER, 1], ring[::EACH_CORNER, 0])
            path = "L".join(f"{a:.0f} {-b:.0f}" for a, b in zip(x, y, strict=True))
            parts.append(f'<path d="M{path}Z" fill="var(--land)" stroke="var(--coast)" stroke-width="3"/>')
    place = {
        key: tuple(float(value[0]) for value in project(np.array([node.lat]), np.array([node.lon])))
        for key, node in scenario.nodes.items()
        if node.lat is not None and node.lon is not None
    }
    for key, link in sorted(scenario.links.items(), key=lambda item: last.get(item[0], 0.0)):
        if (
            link.from_node not in place
            or link.to_node not in place
            or (link.mode in ("sea", "ferry") and key not in last)
        ):
            continue
        (a, b), (c, d) = place[link.from_node], place[link.to_node]
        used = last.get(key, 0.0)
        width = 2 + 26 * (used / top) ** 0.5 if used else 1.2
        names = [scenario.nodes[end].name or end for end in (link.from_node, link.to_node)]
        capacity = "" if link.capacity_typical is None else f", {link.capacity_typical:g} {_unit(link.capacity_unit)}"
        note = (
            f"{key} {link.mode} {names[0]} - {names[1]}{capacity}: {used:,.0f} passed ({link.basis}, {link.confidence})"
        )
        parts.append(
            f'<line id="l-{escape(key)}" x1="{a:.0f}" y1="{-b:.0f}" x2="{c:.0f}" y2="{-d:.0f}" '
            f'stroke="{MODE_COLOURS.get(link.mode, "#333")}" stroke-width="{width:.1f}" '
            f'opacity="{0.8 if used else 0.18}"><title>{escape(note)}</title></line>'
        )
    for key, node in sorted(scenario.nodes.items()):
        if node.kind in ("port", "assembly") and key in place:
            x0, y0 = place[key]
            shape, fill = ("11", "#0072b2") if node.kind == "port" else ("14", "#d55e00")
            note = f"{node.name or key} ({node.kind}): {_facilities(scenario, key)}"
            parts.append(
                f'<circle cx="{x0:.0f}" cy="{-y0:.0f}" r="{shape}" fill="{fill}"><title>{escape(note)}</title></circle>'
            )
    parts.append("</svg>")
    rounded = {key: [round(value) for value in values] for key, values in flow.items()}
    return FlowMap("".join(parts), json.dumps(rounded, separators=(",", ":")), round(top, 1), steps)


def _flow(plan: Plan, outcome: Outcome) -> tuple[dict[str, list[float]], int]:
    """Link to what had passed it by the end of each step."""
    table = outcome.movements
    kept = (table["kind"] == Kind.TRAVEL) & (table["resource"] >= 0) & ~np.isnan(table["started"])
    gates = [gate.name.split(":")[0] for gate in plan.gates]
    quantity = np.array([serial.quantity for serial in plan.serials])
    day = table["started"][kept] / HOURS_PER_DAY
    last = max([hour for hour in outcome.closed_h if hour == hour], default=HOURS_PER_DAY) / HOURS_PER_DAY  # noqa: PLR0124
    steps = int(min(MOST_STEPS, max(1, np.ceil(last / STEP_DAYS))))
    found: dict[str, np.ndarray] = {}
    for gate, serial, when in zip(
        table["resource"][kept].tolist(), table["serial"][kept].tolist(), day.tolist(), strict=True
    ):
        values = found.setdefault(gates[gate], np.zeros(steps))
        values[min(steps - 1, int(when // STEP_DAYS))] += quantity[serial]
    return {key: np.cumsum(values).tolist() for key, values in sorted(found.items())}, steps


def _unit(name: str | None) -> str:
    return (name or "").replace("_", " ")


def _facilities(scenario: Scenario, place: str) -> str:
    kinds = [
        f"{row.kind.replace('_', ' ')} {row.servers_typical:g}"
        for _, row in sorted(scenario.facilities.items())
        if row.place == place and row.servers_typical is not None
    ]
    return ", ".join(kinds) or "no facilities"
