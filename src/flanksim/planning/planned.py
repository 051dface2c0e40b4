"""Strategy `planned`: itineraries, their shares and the order of starts, from a flow program over the whole force.

`spread` looks at one lot after the other. Here all loads are shared out together, over their itineraries and over time
(`flanksim.planning.flow_program`). What the simulation takes from it is which lot goes which way, which lots share a
ship, and the order in which lots stand in every queue: by the user's priority, then by planned start. Nothing is held
back at home: a serial that can go earlier than planned, goes.

The program takes some seconds for a large force, so what it found is kept in a cache under a hash of all its numbers:
the same network, force and lift are not planned twice, whatever the scenario is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import astuple, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flanksim.planning import kept
from flanksim.planning.flow_program import REACH, STEPS, Choice, Flow, FlowProgram
from flanksim.planning.lots import Lot, whole_lots
from flanksim.planning.ships import Passage, Sharing

if TYPE_CHECKING:
    from flanksim.planning.compile import Compiler
    from flanksim.planning.loads import Load, Option

#: Horizons that are tried, each twice as far, and the part of all pieces that may be left to the last lots.
_HORIZONS, _LEFT_OUT = 4, 1e-4


def planned_lots(compiler: Compiler, loads: Sequence[Load], ways: Sequence[Sequence[Option]]) -> list[Lot]:
    """All lots, in the order in which they should move."""
    if not loads:
        return []
    sizes: list[list[float]] = []
    choices: list[Choice] = []
    for number, (load, options) in enumerate(zip(loads, ways, strict=True)):
        nominal, footprints = compiler.lots(load, options)
        sizes.append([compiler.sizes.lot_of(load, option) for option in options])
        for size, footprint in zip(nominal, footprints, strict=True):
            choices.append(Choice(number, load.release, size, footprint))
    flows = _flows(compiler, loads, choices)
    first = np.cumsum([0, *(len(options) for options in ways)]).tolist()
    found: list[Lot] = []
    for number, load in enumerate(loads):
        own = [
            (flow.start_h, flow.choice - first[number], flow.quantity)
            for flow in flows
            if first[number] <= flow.choice < first[number + 1]
        ]
        found += whole_lots(number, load.quantity, sizes[number], sorted(own))
    order = sorted({(loads[lot.load].unit.priority, lot.start_h) for lot in found})
    rank = {key: number for number, key in enumerate(order)}
    found = [replace(lot, rank=rank[loads[lot.load].unit.priority, lot.start_h]) for lot in found]
    ordered = sorted(found, key=lambda lot: (lot.rank, lot.load, lot.option))
    passages = [
        [
            _passage(compiler, load, option, choices[first[number] + k].footprint.total)
            for k, option in enumerate(options)
        ]
        for number, (load, options) in enumerate(zip(loads, ways, strict=True))
    ]
    sharing = Sharing(
        passages,
        [load.unit.priority for load in loads],
        [load.release for load in loads],
        compiler.ship_sharing_hours,
        {pool.name: max(1e-9, sum(a.activation for a in pool.assets)) for pool in compiler.resources.pools},
    )
    return sharing.share(ordered)


def _passage(compiler: Compiler, load: Load, option: Option, hours: float) -> Passage | None:
    """The sea leg of an option, None where there is none or where ships are endless."""
    for segment, pool in zip(option.segments, option.pools, strict=True):
        if segment.layer.startswith("sea") and pool:
            lane = (segment.from_node, segment.to_node, pool)
            return Passage(lane, compiler.sizes.ship_lane_m(pool), compiler.sizes.lane_m(load), hours)
    return None


def _flows(compiler: Compiler, loads: Sequence[Load], choices: Sequence[Choice]) -> list[Flow]:
    """The program's starts, from the cache where the same numbers were planned before."""
    quantity = np.array([load.quantity for load in loads])
    # The elements of a unit count alike, whatever their number: it is closed with the last of them.
    weight = np.array([max(1.0, float(load.unit.troops)) / load.quantity for load in loads])
    weight = weight / float(weight @ quantity)
    end = _first_estimate(compiler, loads, choices)
    flows: list[Flow] = []
    for _ in range(_HORIZONS):
        step = REACH * end / STEPS
        capacity = _capacity(compiler, step)
        key = kept.key_of("flow_program", [quantity, weight, capacity, step, *map(_numbers, choices)])
        known = kept.read(key)
        if known is None:
            known = [list(astuple(flow)) for flow in FlowProgram(choices, quantity, weight, capacity, step).solve()]
            kept.write(key, known)
        flows = [Flow(int(choice), float(start), float(amount)) for choice, start, amount in known]
        if sum(flow.quantity for flow in flows) > (1.0 - _LEFT_OUT) * float(quantity.sum()):
            break
        end *= 2.0  # not all of it starts before the horizon: the first estimate was too early
    return flows


def _numbers(choice: Choice) -> list[object]:
    asked = choice.footprint
    return [
        choice.load,
        choice.release,
        choice.size,
        asked.resource,
        asked.offset,
        asked.work,
        asked.lasts,
        asked.total,
    ]


def _first_estimate(compiler: Compiler, loads: Sequence[Load], choices: Sequence[Choice]) -> float:
    """Hour by which a rule that looks at one lot after the other expects to be done; sets the length of the steps."""
    backlog = copy(compiler.backlog)
    backlog.first, backlog.work = backlog.first.copy(), backlog.work.copy()
    by_load: dict[int, list[Choice]] = {}
    for choice in choices:
        by_load.setdefault(choice.load, []).append(choice)
    last = 1.0
    for number, options in by_load.items():
        load, left = loads[number], loads[number].quantity
        while left > 0:
            ends = [backlog.expected_end(option.footprint, load.release) for option in options]
            best = ends.index(min(ends))
            part = min(left, options[best].size)
            backlog.commit(options[best].footprint, load.release, part / options[best].size)
            last, left = max(last, ends[best]), left - part
    return last


def _capacity(compiler: Compiler, step: float) -> NDArray[np.float64]:
    """Hours of work of each resource in each step, closed hours and lift that is not there yet left out."""
    edges = step * np.arange(STEPS + 1)
    low, high = edges[:-1], edges[1:]
    found = np.zeros((compiler.backlog.size, STEPS))
    resources = compiler.resources
    for (kind, number), row in compiler.backlog.numbers():
        if kind == "pool":
            for asset in resources.pools[number].assets:
                found[row] += asset.activation * np.clip(high - np.maximum(low, asset.available_h), 0.0, None)
            continue
        entry = resources.gates[number] if kind == "gate" else resources.servers[number]
        open_h = np.full(STEPS, step)
        for start, end in entry.closed:
            open_h -= np.clip(np.minimum(high, end) - np.maximum(low, start), 0.0, None)
        found[row] = compiler.backlog.servers(row) * np.clip(open_h, 0.0, None)
    return found
