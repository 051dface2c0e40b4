"""Loaded transporters cross a bridge that is a little too weak by permit: singly, and slowly."""

from __future__ import annotations

import pytest
from flanksim.bounds.network import FlowNetwork

from flanksim.bounds.free_flow import unit_hours
from flanksim.bounds.inputs import inputs_of
from flanksim.engine.simulate import simulate_plan
from flanksim.errors import FlanksimError
from flanksim.network.network import Network
from flanksim.planning.compile import compile_plan
from flanksim.scenario import Scenario
from tests.conftest import OPEN, tiny

#: Tanks of class 60 on transporters that add 40, in columns of ten.
ROAD = """
parameters: {close_share: 1, transporter_mlc: 40, heavy_self_drive_km: 10, vehicles_per_het_serial: 10,
             caution_class_share: SHARE, caution_vehicles_per_hour: 20, march_unit_gap_minutes: 0}
links:
  road: {from_node: a, to_node: b, mode: MODE, length_km: 100, travel_hours: 5, max_mlc: BRIDGE}
units:
  u: {home_node: a, assembly_node: b, heavy: 30, heaviest_mlc: 60}
"""


def road(bridge: float, share: float = 0.8, mode: str = "road") -> Scenario:
    return tiny(ROAD.replace("SHARE", str(share)).replace("BRIDGE", str(bridge)).replace("MODE", mode), OPEN)


def closed(scenario: Scenario) -> float:
    return simulate_plan(compile_plan(scenario), 1).closed_h[0]


@pytest.mark.parametrize("bridge", [80, 90, 99])
def test_thirty_transporters_cross_at_twenty_an_hour(bridge: float) -> None:
    """The last column enters after an hour and its tail is in half an hour after its head: 1 + 5 + 0.5."""
    assert closed(road(bridge)) == pytest.approx(6.5)


def test_a_bridge_that_bears_them_slows_nobody() -> None:
    assert closed(road(100)) == closed(road(150)) == pytest.approx(5.0)


@pytest.mark.parametrize(("bridge", "share", "mode"), [(79, 0.8, "road"), (99, 1.0, "road"), (90, 0.8, "ferry")])
def test_there_is_no_margin_beyond_it_nor_elsewhere(bridge: float, share: float, mode: str) -> None:
    with pytest.raises(FlanksimError, match="E305"):
        compile_plan(road(bridge, share, mode))


def test_lighter_loads_are_not_slowed() -> None:
    light = ROAD.replace("SHARE", "0.8").replace("BRIDGE", "90").replace("MODE", "road")
    light = light.replace("heavy: 30, heaviest_mlc: 60", "wheeled: 30, heaviest_mlc: 25")
    assert closed(tiny(light, OPEN)) == pytest.approx(5.0)


def test_no_run_beats_the_bound() -> None:
    scenario = road(90)
    plan = compile_plan(scenario)
    assert unit_hours(FlowNetwork(Network(scenario), inputs_of(plan)))[0] <= closed(scenario)
