"""Supply of closed troops over the same network: deliveries that begin when a unit is closed.

A delivery is what a unit's troops use in one interval, in containers, sent from the supply node of its
nation or regional plan (`sustainment.supply_nodes`; else from its home) by the ways that cargo can take over land. It
asks for the same trains, ramps and gates as the units that are still on their way, at the unit's own
priority. Deliveries stop when the whole force is closed, for the answer is then known.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from flanksim.errors import FlanksimError, Problem
from flanksim.network.admissible import LoadClass
from flanksim.network.routes import Layered
from flanksim.planning.lots import parts
from flanksim.planning.plan import Serial, Supply
from flanksim.scenario.rows import Unit
from flanksim.scenario.schema import Scenario
from flanksim.units import hours

if TYPE_CHECKING:
    from flanksim.planning.compile import Compiler
    from flanksim.planning.loads import Option

#: Parameters that sustainment reads.
TONNES, PAYLOAD, INTERVAL, BASIC_LOAD = (
    "sustainment_tonnes_per_soldier_day",
    "container_payload_tonnes",
    "sustainment_interval_days",
    "basic_load_days",
)
#: A way that takes longer than the shortest by more than this factor is no way for supply.
LONGEST_WAY = 1.5


def supplies(compiler: Compiler) -> tuple[Supply, ...]:
    """Supply of every travelling unit with troops; its serials are appended to the compiler's.

    Raises
    ------
    FlanksimError
        E306 for each unit that no supply can reach over land.
    """
    scenario = compiler.scenario
    interval = hours(scenario.value(INTERVAL))
    eaters = [
        (number, unit_id, unit, _depot(scenario, unit))
        for number, (unit_id, unit) in enumerate(compiler.ordered)
        if unit.troops > 0 and not unit.in_place and scenario.question.clock == "arrival"
    ]
    options, problems = _options(compiler, eaters)
    if problems:
        raise FlanksimError(problems)
    deliveries = math.ceil(hours(scenario.question.horizon_days) / interval) + 1
    found = []
    for number, unit_id, unit, depot in eaters:
        tonnes = scenario.value(TONNES) * scenario.value(INTERVAL) * unit.troops
        containers = float(math.ceil(tonnes / scenario.value(PAYLOAD) - 1e-9))
        if depot == unit.assembly_node or containers == 0:
            continue
        rounds = tuple(
            _round(compiler, number, unit_id, unit, option, containers, deliveries)
            for option in options[depot, unit.assembly_node]
        )
        found.append(Supply(number, rounds, hours(scenario.value(BASIC_LOAD)), interval))
    return tuple(found)


def _depot(scenario: Scenario, unit: Unit) -> str:
    """Supply node of a unit: that of its nation in its plan, of its nation, of its plan, else its home."""
    nodes = scenario.sustainment.supply_nodes
    keys = (f"{unit.nation} {unit.regional_plan}", unit.nation, unit.regional_plan)
    return next((nodes[key] for key in keys if key in nodes), unit.home_node)


def _options(
    compiler: Compiler, eaters: list[tuple[int, str, Unit, str]]
) -> tuple[dict[tuple[str, str], list[Option]], list[Problem]]:
    """Ways over land from each supply node to each assembly area that it serves."""
    scenario = compiler.scenario
    mlc = scenario.optional("wheeled_mlc")
    layered = Layered(compiler.physics, LoadClass("cargo", mlc, mlc), by_sea=False)
    wanted: dict[str, dict[str, str]] = {}
    for _, unit_id, entry, depot in eaters:
        wanted.setdefault(entry.assembly_node, {}).setdefault(depot, unit_id)
    found: dict[tuple[str, str], list[Option]] = {}
    problems = []
    for target, depots in sorted(wanted.items()):
        for depot, ways in layered.itineraries(sorted(depots), target, scenario.routing.alternatives).items():
            near = [way for way in ways if way.free_flow_hours <= LONGEST_WAY * ways[0].free_flow_hours]
            for way in near:
                compiler.builder.layered.update(dict.fromkeys(way.segments, layered))
            options = [option for way in near for option in compiler.with_pools(way, layered.load)]
            found[depot, target] = options
            if not options and depot != target:
                unit = scenario.units[depots[depot]]
                names = [compiler.network.name(place) for place in (depot, target)]
                problems.append(
                    Problem(
                        "E306",
                        scenario.name,
                        f"units.{depots[depot]}",
                        f"no way over land for supply from {names[0]} to {names[1]}",
                        f"name one for '{unit.nation}' or '{unit.regional_plan}' under sustainment.supply_nodes",
                    )
                )
    return found, problems


def _round(
    compiler: Compiler, number: int, unit_id: str, unit: Unit, option: Option, containers: float, deliveries: int
) -> tuple[int, ...]:
    """Serials of one delivery by one way; the engine walks them again for each delivery."""
    element = f"{unit_id}|supply"
    numbers: list[int] = []
    for part in parts(containers, compiler.sizes.serial_size(option.segments, option.pools, "cargo")):
        index = len(compiler.sending.serials)
        compiler.sending.serials.append(
            Serial(
                number=index,
                name=f"{unit_id} supply {len(numbers) + 1}",
                unit=number,
                kind="supply",
                element=element,
                index=len(numbers),
                quantity=part,
                stage=8,
                priority=compiler.sending.rank_behind(unit),
                program=compiler.builder.stage(option.segments, option.pools, "cargo", part),
                waits_for=0,
                feeds=(),
                final=False,
                home=False,
            )
        )
        numbers.append(index)
    compiler.sending.counts[element] = max(compiler.sending.counts.get(element, 0), deliveries * len(numbers))
    return tuple(numbers)
