"""Random small networks on which there is a choice of ways, and upgrades of them."""

from __future__ import annotations

import numpy as np

from flanksim.network.one_more import one_more
from flanksim.scenario import Scenario
from tests.conftest import BARE, tiny

#: Places from which units start, through which they go, and where they assemble.
HOMES, MIDDLES, TARGETS = ("h0", "h1"), ("m0", "m1", "m2"), ("t0", "t1")


def network(seed: int, strategy: str = "spread", chance: str = "false", extra: str = "") -> Scenario:
    """Two homes, three places between, two assembly areas: rails of random length and headway, ramps, wagons, ships.

    From the second home to the second area there is no way but by sea.
    """
    rng = np.random.default_rng(seed)

    def rail(name: str, one: str, other: str) -> str:
        hours, headway = rng.uniform(2, 20), rng.choice([1, 2, 4, 8])
        return (
            f"  {name}: {{from_node: {one}, to_node: {other}, mode: rail, tracks: {rng.integers(1, 3)}, "
            f"travel_hours: {hours:.2f}, headway_hours: {headway}}}"
        )

    ends = [("h0", place) for place in MIDDLES] + [("h1", "m1"), ("h1", "m2"), ("m0", "t0"), ("m0", "t1"), ("m1", "t0")]
    links = [rail(f"{one}{other}", one, other) for one, other in ends]
    links += [
        f"  sea{target}: {{from_node: m2, to_node: {target}, mode: sea, travel_hours: {rng.uniform(10, 30):.1f}}}"
        for target in TARGETS
    ]
    ramps = [
        f"  r{place}: {{place: {place}, kind: rail_terminal, servers_typical: {rng.integers(1, 3)}, handling_hours: 2}}"
        for place in (*HOMES, *MIDDLES, *TARGETS)
    ]
    berths = [f"  b{place}: {{place: {place}, kind: berth, servers_typical: 1}}" for place in ("m2", *TARGETS)]
    units = [
        f"  u{n}: {{home_node: {rng.choice(HOMES)}, assembly_node: {rng.choice(TARGETS)}, troops: 0, "
        f"wheeled: {rng.integers(40, 300)}, ready_day: {rng.integers(0, 3)}, priority: {rng.integers(1, 3)}}}"
        for n in range(rng.integers(2, 6))
    ]
    lines = "\n".join
    head = BARE.replace("chance: false", f"chance: {chance}")
    return tiny(
        f"""
routing: {{strategy: {strategy}}}
parameters: {{vehicles_per_train: 10, close_share: 1, lane_m_per_vehicle: 1, ready_delay_days: 0}}
question: {{horizon_days: 400}}
links:
{lines(links)}
facilities:
{lines([*ramps, *berths])}
fleets:
  sets: {{kind: train, pool: sets, carries: wheeled, count_typical: {rng.integers(6, 30)}, capacity: 10, home_node: h0}}
  ships: {{kind: ship, pool: ships, carries: wheeled, count_typical: {rng.integers(1, 3)}, capacity: 40, home_node: m2,
          capacity_unit: lane_m, speed_kmh: 30}}
units:
{lines(units)}
{extra}""",
        head,
    )


def upgraded(scenario: Scenario) -> list[Scenario]:
    """The network with one more of one thing: a train path, a ramp, a berth, a wagon set, a ship."""
    names = ("h0m0", "h1m1", "m0t0", "m1t0", "rail_terminal:m0", "rail_terminal:t0", "berth:t1", "sets", "ships")
    steps = [one_more(scenario, name) for name in names]
    return [step.apply(scenario) for step in steps if step is not None]
