"""Strategy `planned`: itineraries, their shares and the order of starts, from a flow program over the whole force.

`spread` looks at one lot after the other. Here all loads are shared out together, over their itineraries and over time
(`flow_program`). What the simulation takes from it is which lot goes which way, which lots share a
ship, and the order in which lots stand in every queue: by the user's priority, then by planned start. Nothing is held
back at home: a serial that can go earlier than planned, goes.

The program takes some seconds for a large force, so what it found is kept in a cache under a hash of all its numbers:
the same network, force and lift are not planned twice, whatever the scenario is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace
from itertools import groupby

import numpy as np

from flanksim.planning import cache
from flanksim.planning.loads import Load
from flanksim.planning.lots import Lot, lot_size, whole_lots
from flanksim.planning.options import Option
from flanksim.planning.stowage import aboard
from flanksim.planning.strategies import flow_program
from flanksim.planning.strategies.flow_program import REACH, STEPS, Choice, Flow, FlowProgram
from flanksim.planning.workload import Backlog, Rivals, Workload

#: Horizons that are tried, each twice as far, and the part of all pieces that may be left to the last lots.
_HORIZONS, _LEFT_OUT = 4, 1e-4


def flow(loads: Sequence[Load], options: Sequence[Sequence[Option]], workload: Workload) -> list[Lot]:
    """All lots, in the order in which they should move.

    Parameters
    ----------
    loads, options
        What moves, and on which ways each load may.
    workload
        What lots ask of the resources.
    """
    if not loads:
        return []
    choices: list[Choice] = []
    own_choices: list[list[int]] = []
    for number, (load, ways) in enumerate(zip(loads, options, strict=True)):
        asked = workload.asked(load, ways)
        own_choices.append(list(range(len(choices), len(choices) + len(ways))))
        choices += [
            Choice(number, max(load.release_h, option.leave_h), size, footprint)
            for option, size, footprint in zip(ways, *asked, strict=True)
        ]
    starts: list[list[tuple[float, int, float]]] = [[] for _ in loads]
    for start in _flows(loads, choices, workload):
        number = choices[start.choice].load
        starts[number].append((start.start_h, start.choice - own_choices[number][0], start.quantity))
    lots: list[Lot] = []
    for number, (load, ways) in enumerate(zip(loads, options, strict=True)):
        sizes = [lot_size(load, option, workload.physics) for option in ways]
        lots += whole_lots(number, load.pieces, sizes, sorted(starts[number]))
    totals = [[choices[choice].footprint.total for choice in own] for own in own_choices]
    return aboard(_ranked(lots, loads), loads, options, totals, workload)


def _ranked(lots: Sequence[Lot], loads: Sequence[Load]) -> list[Lot]:
    """The lots in order, ranked by the user's priority, then by planned start."""
    keys = [(loads[lot.load].unit.priority, lot.start_h) for lot in lots]
    rank = {key: number for number, key in enumerate(sorted(set(keys)))}
    ranked = [replace(lot, rank=rank[key]) for lot, key in zip(lots, keys, strict=True)]
    return sorted(ranked, key=lambda lot: (lot.rank, lot.load, lot.option))


def _flows(loads: Sequence[Load], choices: Sequence[Choice], workload: Workload) -> list[Flow]:
    """The program's starts, from the cache where the same numbers were planned before."""
    quantity = np.array([load.pieces for load in loads])
    # The elements of a unit count alike, whatever their number: it is closed with the last of them.
    weight = np.array([max(1.0, float(load.unit.troops)) / load.pieces for load in loads])
    weight = weight / float(weight @ quantity)
    asked = _numbers(choices)
    end = _first_estimate(loads, choices, workload)
    flows: list[Flow] = []
    for _ in range(_HORIZONS):
        step = REACH * end / STEPS
        capacity = workload.capacity(step, STEPS)
        key = cache.key_of(flow_program, [quantity, weight, capacity, step, *asked])
        known = cache.read(key)
        if known is None:
            known = [list(astuple(flow)) for flow in FlowProgram(choices, quantity, weight, capacity, step).solve()]
            cache.write(key, known)
        flows = [Flow(int(choice), float(start), float(amount)) for choice, start, amount in known]
        if sum(flow.quantity for flow in flows) > (1.0 - _LEFT_OUT) * float(quantity.sum()):
            break
        end *= 2.0  # not all of it starts before the horizon: the first estimate was too early
    return flows


def _numbers(choices: Sequence[Choice]) -> list[object]:
    """All numbers of the choices, one column after the other."""
    own = [choice.footprint for choice in choices]
    columns = [(each.resource, each.offset, each.work, each.lasts) for each in own]
    return [
        np.array([choice.load for choice in choices], dtype=np.int64),
        np.array([(choice.release, choice.size, choice.footprint.total) for choice in choices]),
        np.array([len(each.resource) for each in own], dtype=np.int64),
        *(np.concatenate(column) for column in zip(*columns, strict=True)),
    ]


def _first_estimate(loads: Sequence[Load], choices: Sequence[Choice], workload: Workload) -> float:
    """Hour by which a rule that looks at one lot after the other expects to be done; sets the length of the steps."""
    backlog, last = Backlog(workload), 1.0
    for number, own in groupby(choices, key=lambda choice: choice.load):
        ways, load = list(own), loads[number]
        footprints, left = [choice.footprint for choice in ways], load.pieces
        releases = [choice.release for choice in ways]
        rivals = Rivals(workload, footprints, releases)
        while left > 0:
            best, end = backlog.earliest(rivals)
            part = min(left, ways[best].size)
            backlog.commit(footprints[best], releases[best], part / ways[best].size)
            last, left = max(last, end), left - part
    return last
