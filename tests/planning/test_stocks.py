"""A stock is drawn: crews fly in, then the site issues one vehicle after the other."""

from __future__ import annotations

import pytest

from flanksim.activities import Kind
from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.free_flow import unit_hours
from flanksim.bounds.inputs import inputs_of
from flanksim.engine.simulate import simulate_plan
from flanksim.network.network import Network
from flanksim.planning.compile import compile_plan
from flanksim.scenario import Scenario
from flanksim.study.run import Run
from tests.conftest import BARE, tiny

ROAD = """
parameters: {close_share: 1, stock_issue_days: 2, stock_pieces_per_day: 100, march_serial_vehicles: 50,
             travel_factor_road: 1}
links:
  road: {from_node: s, to_node: b, mode: road, travel_hours: 5, headway_hours: 0}
  home: {from_node: h, to_node: s, mode: road, travel_hours: 1, headway_hours: 0}
"""


def closed(units: str, extra: str = "", head: str = BARE) -> list[float]:
    return list(simulate_plan(compile_plan(tiny(f"{ROAD}{extra}units:\n{units}", head)), 1).closed_h)


def test_a_unit_draws_at_the_pace_of_the_site() -> None:
    """Two days until the first piece, 200 pieces at 100 a day, 5 h on the way: hour 48 + 48 + 5."""
    assert closed("  u: {home_node: h, stock_node: s, assembly_node: b, wheeled: 200}\n") == [101.0]
    late = "  u: {home_node: h, stock_node: s, assembly_node: b, wheeled: 200, ready_day: 3}\n"
    assert closed(late) == [72.0 + 101.0]


def test_two_units_share_a_site_and_do_not_share_two() -> None:
    two = "".join(f"  u{n}: {{home_node: h, stock_node: s, assembly_node: b, wheeled: 100}}\n" for n in (1, 2))
    assert sorted(closed(two)) == [77.0, 101.0]
    other = "  far: {from_node: t, to_node: b, mode: road, travel_hours: 5, headway_hours: 0}\n"
    apart = two.replace("u2: {home_node: h, stock_node: s", "u2: {home_node: h, stock_node: t")
    assert sorted(closed(apart, other)) == [77.0, 77.0]


def test_cutting_a_unit_into_smaller_columns_changes_nothing_at_the_end() -> None:
    unit = "  u: {home_node: h, stock_node: s, assembly_node: b, wheeled: 200}\n"
    for size in (20, 100, 200):
        text = ROAD.replace("march_serial_vehicles: 50", f"march_serial_vehicles: {size}")
        plan = compile_plan(tiny(f"{text}units:\n{unit}", BARE))
        assert simulate_plan(plan, 1).closed_h[0] == pytest.approx(101.0)


def test_the_units_own_vehicles_are_not_drawn() -> None:
    assert closed("  u: {home_node: s, assembly_node: b, wheeled: 200}\n") == [5.0]
    assert closed("  u: {home_node: h, stock_node: s, assembly_node: b, wheeled: 200}\n",
                  head=BARE.replace("borders: false", "borders: false, handling: false")) == [5.0]  # fmt: skip


def test_a_stock_at_the_assembly_area_is_drawn_too() -> None:
    assert closed("  u: {home_node: h, stock_node: b, assembly_node: b, wheeled: 100}\n") == [72.0]


def bound(scenario: Scenario) -> float:
    return unit_hours(FlowNetwork(Network(scenario), inputs_of(compile_plan(scenario))))[0]


def test_the_bound_knows_the_draw_and_stays_below() -> None:
    unit = "  u: {home_node: h, stock_node: s, assembly_node: b, wheeled: 200}\n"
    assert bound(tiny(f"{ROAD}units:\n{unit}", BARE)) == pytest.approx(101.0)


@pytest.mark.slow
def test_recorded_draws_lie_in_the_range_of_the_tables(eastern_run: Run) -> None:
    """A cavalry set of 400 items: 1.5 to 4 days from landing, a day after readiness; a brigade of 1,750: 4 to 14."""
    scenario, plan, log = eastern_run.scenario, eastern_run.plan, eastern_run.outcome
    first, rate = scenario.spread("stock_issue_days"), scenario.spread("stock_pieces_per_day")
    for pieces, want in ((400, (1.5, 2.5, 4.0)), (1750, (4.0, 7.0, 14.0))):
        for days, a, r, fly in zip(want, first, reversed(rate), (0.75, 1.0, 1.8), strict=True):
            assert a - fly + pieces / r == pytest.approx(days, rel=0.15), (pieces, days)
    rows = log["kind"] == Kind.DRAW
    units = {plan.units[plan.serials[n].unit].unit_id for n in log["serial"][rows].tolist()}
    assert units == {key for key, unit in scenario.travelling_units.items() if unit.stock_node}
