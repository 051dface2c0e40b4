"""Supply of closed troops over the same network: deliveries that begin when a unit is closed.

A delivery is what a unit's troops use in one interval, in containers, sent from the supply node of its
nation or regional plan (`sustainment.supply_nodes`; else from its home) by the ways that cargo can take over land. It
asks for the same trains, ramps and gates as the units that are still on their way, at the unit's own
priority. Deliveries stop when the whole force is closed, for the answer is then known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from flanksim.errors import FlanksimError, Problem
from flanksim.network.admissible import LoadClass
from flanksim.network.physics import Physics
from flanksim.network.routes import Layered
from flanksim.planning.lots import parts, serial_size
from flanksim.planning.options import Option, with_pools
from flanksim.planning.plan import Serial, Supply
from flanksim.planning.programs import Programs
from flanksim.scenario.rows import Unit
from flanksim.scenario.schema import Scenario
from flanksim.units import horizon_hour, hours

#: Parameters that sustainment reads.
TONNES, PAYLOAD, INTERVAL, BASIC_LOAD = (
    "sustainment_tonnes_per_soldier_day",
    "container_payload_tonnes",
    "sustainment_interval_days",
    "basic_load_days",
)
#: A way that takes longer than the shortest by more than this factor is no way for supply.
LONGEST_WAY = 1.5


#: Number, id, row and depot of a unit that is supplied.
_Eater = tuple[int, str, Unit, str]
#: Ways over land by depot and assembly area.
SupplyWays = Mapping[tuple[str, str], Sequence[Option]]


def supplies_of(
    programs: Programs, options: SupplyWays, ranks: Mapping[int, int], first: int
) -> tuple[list[Supply], list[Serial], dict[str, int]]:
    """Supply of every travelling unit with troops, its serials, and how many random numbers each of them may need.

    Parameters
    ----------
    programs
        The plan's register of programs.
    options
        As of `supply_ways`.
    ranks
        By priority, the place in queues behind all units of that priority; else the priority is.
    first
        Number of the first of these serials.
    """
    scenario = programs.physics.scenario
    interval = hours(scenario.value(INTERVAL))
    # Calls of ships are found in a run that is longer than the others by the lead, see `flanksim.engine.calling`.
    longest_h = horizon_hour(scenario.question.horizon_days) + hours(scenario.optional("ship_call_lead_days"))
    deliveries = math.ceil(longest_h / interval) + 1
    supplies: list[Supply] = []
    serials: list[Serial] = []
    draws: dict[str, int] = {}
    for number, unit_id, unit, depot in _eaters(scenario):
        tonnes = scenario.value(TONNES) * scenario.value(INTERVAL) * unit.troops
        containers = float(math.ceil(tonnes / scenario.value(PAYLOAD) - 1e-9))
        if depot == unit.assembly_node or containers == 0:
            continue
        rounds: list[tuple[int, ...]] = []
        for option in options[depot, unit.assembly_node]:
            own = [
                Serial(
                    number=first + len(serials) + index,
                    name=f"{unit_id} supply {index + 1}",
                    unit=number,
                    kind="supply",
                    element=f"{unit_id}|supply",
                    index=index,
                    quantity=part,
                    stage=8,
                    priority=ranks.get(unit.priority, unit.priority),
                    program=programs.stage(option, "cargo", part),
                )
                for index, part in enumerate(parts(containers, serial_size(option, "cargo", programs.physics)))
            ]
            serials += own
            rounds.append(tuple(serial.number for serial in own))
        draws[f"{unit_id}|supply"] = deliveries * max(map(len, rounds))
        supplies.append(Supply(number, tuple(rounds), hours(scenario.value(BASIC_LOAD)), interval))
    return supplies, serials, draws


def _depot(scenario: Scenario, unit: Unit) -> str:
    """Supply node of a unit: that of its nation in its plan, of its nation, of its plan, else its home."""
    nodes = scenario.sustainment.supply_nodes
    keys = (f"{unit.nation} {unit.regional_plan}", unit.nation, unit.regional_plan)
    return next((nodes[key] for key in keys if key in nodes), unit.home_node)


def _eaters(scenario: Scenario) -> list[_Eater]:
    return [
        (number, unit_id, unit, _depot(scenario, unit))
        for number, (unit_id, unit) in enumerate(scenario.ordered_units.items())
        if unit.troops > 0 and not unit.in_place and scenario.question.clock == "arrival"
    ]


def supply_ways(physics: Physics) -> dict[tuple[str, str], list[Option]]:
    """Ways over land from each supply node to each assembly area that it serves.

    Raises
    ------
    FlanksimError
        E306 for each unit that no supply can reach over land.
    """
    scenario = physics.scenario
    mlc = scenario.optional("wheeled_mlc")
    layered = Layered(physics, LoadClass("cargo", mlc, mlc), by_sea=False)
    wanted: dict[str, dict[str, str]] = {}
    for _, unit_id, entry, depot in _eaters(scenario):
        wanted.setdefault(entry.assembly_node, {}).setdefault(depot, unit_id)
    found: dict[tuple[str, str], list[Option]] = {}
    problems = []
    for target, depots in sorted(wanted.items()):
        for depot, ways in layered.itineraries(sorted(depots), target, scenario.routing.alternatives).items():
            near = [way for way in ways if way.free_flow_hours <= LONGEST_WAY * ways[0].free_flow_hours]
            found[depot, target] = with_pools(near, layered.load, physics)
            if not found[depot, target] and depot != target:
                unit = scenario.units[depots[depot]]
                names = [physics.network.name(place) for place in (depot, target)]
                problems.append(
                    Problem(
                        "E306",
                        scenario.name,
                        f"units.{depots[depot]}",
                        f"no way over land for supply from {names[0]} to {names[1]}",
                        f"name one for '{unit.nation}' or '{unit.regional_plan}' under sustainment.supply_nodes",
                    )
                )
    if problems:
        raise FlanksimError(problems)
    return found
