"""Free flow: when the force would be closed if nobody ever waited for anybody.

Two claims, both for every schedule:

``any route``
    Each element of each unit takes the fastest admissible way at the lowest sampled times
    (`network`). No schedule on this network is earlier, whatever its routes and loads. Proof: a
    piece starts at its unit's release, and each arc takes at least its least hours; queues, joins
    and rests only add. The sum over the best way is Dijkstra's shortest path.
``plan's routes``
    Each serial runs its own program with its own draws and never waits; ships wait for what they
    carry and discharge batch after batch (`plan_hours`). Proof: by induction over the steps of a
    program; the engine's start of a step is the end of the step before plus a wait of 0 or more.

Either way a unit is closed when its troops and the required share of its vehicles are there and it
is integrated, and the force when closed units hold the required troops (identity V40).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.inputs import Inputs
from flanksim.planning.driving import Crew
from flanksim.planning.plan import Plan, Serial, leave_hour
from flanksim.planning.steps import Discharge, Drop, Pause, Serve, Take, Travel


def unit_hours(network: FlowNetwork) -> list[float]:
    """Hour before which no schedule on any admissible route can close each unit; inf if none can."""
    plan = network.inputs.plan
    arrivals: list[list[tuple[float, float, bool]]] = [[] for _ in plan.units]
    drawn: dict[int, float] = {}
    first_h, each_h = network.unit_work.physics.drawing()
    for number, graph in enumerate(network.graphs):
        demands = [demand for demand in network.demands if demand.graph == number]
        targets = sorted({demand.target for demand in demands})
        distance, _ = graph.towards(graph.hours, targets)
        row = {target: position for position, target in enumerate(targets)}
        for demand in demands:
            way_h = float(distance[row[demand.target], demand.home])
            hour = network.inputs.start_h[demand.unit] + way_h
            if demand.drawn:
                hour += first_h
                drawn[demand.unit] = min(way_h, drawn.get(demand.unit, math.inf))
            if demand.permit_h > 0:
                hour = max(hour, demand.permit_h + network.from_border(demand, distance[row[demand.target]]))
            arrivals[demand.unit].append((hour, demand.quantity, demand.element == "troops"))
    found = [_closed(network.inputs, number, entry) for number, entry in enumerate(arrivals)]
    for unit, way_h in drawn.items():  # a site issues one piece after the other
        issued_h = first_h + each_h * plan.units[unit].vehicles_needed
        hour = network.inputs.start_h[unit] + issued_h + way_h + network.inputs.integration_h[unit]
        found[unit] = max(found[unit], hour)
    return found


def _closed(inputs: Inputs, unit: int, arrivals: Iterable[tuple[float, float, bool]]) -> float:
    """Marry-up: all troops, and the earliest arrivals that make up the vehicles needed."""
    when, vehicles = inputs.start_h[unit], 0.0
    needed = inputs.plan.units[unit].vehicles_needed
    missing = needed > 0
    for hour, quantity, troops in sorted(arrivals):
        if troops:
            when = max(when, hour)
        elif missing:
            vehicles += quantity
            when = max(when, hour)
            missing = vehicles < needed - 1e-6
    return math.inf if missing else when + inputs.integration_h[unit]


def force_hour(plan: Plan, hours: Sequence[float], units: Sequence[int] | None = None) -> float:
    """Hour at which units closed at `hours` hold the required troops (of `units`: all of theirs)."""
    chosen = range(len(plan.units)) if units is None else units
    required = plan.troops_required if units is None else sum(plan.units[number].troops for number in units)
    ordered = sorted((hours[number], plan.units[number].troops) for number in chosen)
    if required == 0:  # only vehicles move: every unit counts
        return ordered[-1][0] if ordered else 0.0
    total = 0
    for hour, troops in ordered:
        total += troops
        if total >= required:
            return hour
    return math.inf


def plan_hours(inputs: Inputs) -> list[float]:
    """Hour before which each unit is not closed on the plan's routes, whatever waits for what."""
    plan = inputs.plan
    came = np.full(len(plan.serials), -math.inf)
    arrivals: list[list[tuple[float, float, bool]]] = [[] for _ in plan.units]
    for serial in plan.serials:
        if serial.stage != 0:
            continue
        start = max(inputs.start_h[serial.unit], leave_hour(serial, inputs.permit_h))
        end = start + _hours(inputs, serial)
        for ship in serial.feeds:
            came[ship] = max(came[ship], end)
        if serial.final:
            arrivals[serial.unit].append((end, serial.quantity, serial.kind == "troops"))
    for load in plan.serials:
        if load.stage != 1:
            continue
        hour = came[load.number] + _hours(inputs, load)
        each = _discharge(inputs, load)
        for batch in load.feeds:
            onward = plan.serials[batch]
            hour += each * onward.quantity
            end = hour + _hours(inputs, onward)
            arrivals[onward.unit].append((end, onward.quantity, onward.kind == "troops"))
    return [_closed(inputs, number, found) for number, found in enumerate(arrivals)]


def _hours(inputs: Inputs, serial: Serial) -> float:
    """Hours of a serial without any wait, on the quickest of its ways if it has a choice."""
    programs = [inputs.plan.ways[way].program for way in serial.ways] or [serial.program]
    return min(sum(_steps(inputs, serial, program)) for program in programs)


def _factors(inputs: Inputs, serial: Serial, program: int) -> list[float]:
    if inputs.draws is not None:
        return inputs.draws.factors(program, serial.element, serial.index)
    plan = inputs.plan
    return [inputs.hours(plan.distributions[slot.distribution]) for slot in plan.programs[program].slots]


def _steps(inputs: Inputs, serial: Serial, number: int) -> Iterable[float]:
    """Hours of each step of a program that takes any, rests of the serial's crews included."""
    program, factors = inputs.plan.programs[number], _factors(inputs, serial, number)
    own_crew, lift_crews = Crew(), list[Crew]()
    for step in program.steps:
        if isinstance(step, Travel):
            hours, crew = step.hours * factors[step.draw], own_crew
            if lift_crews:
                own_crew.rest_before(hours, 0.0)
                crew = lift_crews[-1]
            limit_h = step.drive_limit_h
            yield crew.rest_before(hours, limit_h) + hours + step.tail_h + crew.rest_within(hours, limit_h)
        elif isinstance(step, Serve):
            yield step.scale * factors[step.draw]
        elif isinstance(step, Pause):
            yield factors[step.draw]
        elif isinstance(step, Take):
            lift_crews.append(Crew())
        elif isinstance(step, Drop):
            lift_crews.pop(0)


def _discharge(inputs: Inputs, ship: Serial) -> float:
    """Hours for each piece that a ship discharges."""
    factors = _factors(inputs, ship, ship.program)
    for step in inputs.plan.programs[ship.program].steps:
        if isinstance(step, Discharge):
            return step.hours_per_piece * factors[step.draw]
    return 0.0
