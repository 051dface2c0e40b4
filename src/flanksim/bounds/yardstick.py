"""A yardstick, no bound: what an ideal order of sailings could do on the itineraries that plans are made of.

The program of whole ships again (`flanksim.bounds.whole_ships`), on typical numbers: each load takes one of its
prepared itineraries, on land without a queue, and times are rounded up, so that a schedule of its trips fits into them.
Trips and berths are counted, in fractions; gates, ramps and trains are not, and nothing is left to chance. So a plan
may come near it, may in rare cases beat it, and nothing is proved by it.
"""

from __future__ import annotations

import math

from flanksim.bounds.free_flow import force_hour, plan_hours
from flanksim.bounds.inputs import inputs_of
from flanksim.bounds.sea_lift import Cargo, Route, SeaLift, Supply
from flanksim.bounds.whole_ships import ShipProgram
from flanksim.network.lift import lift_pools
from flanksim.network.network import Network
from flanksim.network.physics import Physics
from flanksim.planning.loads import Load, loads_of
from flanksim.planning.options import Option, options_of
from flanksim.planning.plan import Plan
from flanksim.planning.programs import Programs
from flanksim.planning.resources import Resources
from flanksim.planning.workload import Workload

#: How well the yardstick is known, hours.
CLOSE_ENOUGH_H = 6.0


def yardstick(network: Network, plan: Plan) -> float:
    """Hour at which an ideal order of sailings could close the force; no proof of anything.

    Parameters
    ----------
    network
        The network, under a scenario without chance.
    plan
        Its plan; free flow on it is the earliest that the yardstick can be.
    """
    inputs = inputs_of(plan)
    hours = plan_hours(inputs)
    free_h = force_hour(plan, hours)
    travelling = [unit for unit in plan.units if not unit.in_place]
    spare = sum(unit.troops for unit in plan.units) - plan.troops_required
    required = sum(unit.troops for unit in travelling) - spare if plan.troops_required and spare > 0 else None
    if not network.scenario.mechanisms.lift or not math.isfinite(free_h):
        return free_h
    sea = _Typical(network, plan).build()
    program = ShipProgram(sea, inputs, range(len(plan.units)), hours, required, late=True)
    return program.bound(free_h, close_h=CLOSE_ENOUGH_H).undecided_hour


class _Typical:
    def __init__(self, network: Network, plan: Plan) -> None:
        physics = Physics(network, lift_pools(network))
        self.network, self.physics, self.inputs = network, physics, inputs_of(plan)
        resources = Resources(physics)
        self.workload = Workload(Programs(resources))
        self.supply = Supply(resources, self.inputs)
        #: By pool, port and port: for each cargo the hour on the quay, and hours from there to closed.
        self.quay: dict[tuple[str, str, str], dict[int, float]] = {}
        self.rest: dict[tuple[str, str, str], dict[int, float]] = {}
        self.there: dict[tuple[str, str, str], float] = {}

    def build(self) -> SeaLift:
        """Loads that have no other way than by sea, on their itineraries."""
        loads = loads_of(self.network)
        alike: dict[tuple[object, ...], tuple[list[tuple[int, float]], Load, list[Option]]] = {}
        for load, options in zip(loads, options_of(loads, self.physics), strict=True):
            if load.element == "troops" or any(option.sea_legs != 1 for option in options):
                continue
            integration_h = self.inputs.integration_h[load.unit_number]
            lane_m = self.physics.lane_m(load.element, load.unit.unit_type)
            key = (load.route, load.release_h, load.piece, load.drawn, integration_h, lane_m)
            alike.setdefault(key, ([], load, options))[0].append((load.unit_number, load.pieces))
        cargoes: list[Cargo] = []
        for members, load, options in alike.values():
            for option in options:
                self._lane(len(cargoes), load, option)
            cargoes.append(Cargo(tuple(members), self.physics.lane_m(load.element, load.unit.unit_type)))
        coasts = self.supply.coasts([(pool, port) for pool, port, _ in self.there])
        routes = [
            Route(
                pool=lane[0],
                port=lane[1],
                coast=coasts[lane[1]],
                loading=self.supply.berth(lane[1]),
                landing=self.supply.berth(lane[2]),
                there_h=hours,
                sailing_h=2.0 * hours,
                quay_h=tuple(self.quay[lane].get(number, math.inf) for number in range(len(cargoes))),
                rest_h=tuple(self.rest[lane].get(number, math.inf) for number in range(len(cargoes))),
                to_port=lane[2],
            )
            for lane, hours in sorted(self.there.items())
        ]
        return self.supply.complete(cargoes, routes)

    def _lane(self, cargo: int, load: Load, option: Option) -> None:
        """One itinerary of a cargo; of those that share their sea leg the earliest on the quay and the shortest on."""
        number = option.sea or 0
        segment, pool = option.segments[number], option.pools[number]
        lane = (pool, segment.from_node, segment.to_node)
        before_h, after_h = self.workload.land_hours(load, option)
        edges = (self.network.edge(leg.link_id, leg.forward) for leg in segment.legs)
        sailing_h = sum(self.physics.running(edge, "sea", pool).typical for edge in edges)
        self.there[lane] = min(sailing_h, self.there.get(lane, math.inf))
        quay, rest = self.quay.setdefault(lane, {}), self.rest.setdefault(lane, {})
        quay[cargo] = min(max(load.release_h, option.leave_h) + before_h, quay.get(cargo, math.inf))
        rest_h = sailing_h + after_h + self.inputs.integration_h[load.unit_number]
        rest[cargo] = min(rest_h, rest.get(cargo, math.inf))
