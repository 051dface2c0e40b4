"""Leave to cross borders: by state and load, drawn for each unit, and waited for on the way, not in the barracks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.free_flow import unit_hours
from flanksim.bounds.inputs import inputs_of
from flanksim.engine.simulate import simulate_plan
from flanksim.errors import FlanksimError
from flanksim.network.network import Network
from flanksim.planning.compile import compile_plan
from flanksim.scenario import Scenario, load, loads
from tests.conftest import OPEN, tiny

ASKING = OPEN.replace("permissions: false", "permissions: true")
#: Ten hours at home, five in the next state, five in the one behind it.
ROAD = """
regime: {permission: today}
parameters: {close_share: 1, permission_days_today: 3, travel_factor_road: 1}
nodes: {a: {country: DEU}, m: {country: DEU}, p: {country: POL}, b: {country: LTU}}
links:
  home: {from_node: a, to_node: m, mode: road, travel_hours: 10, headway_hours: 0}
  over: {from_node: m, to_node: p, mode: road, travel_hours: 5, headway_hours: 0}
  on: {from_node: p, to_node: b, mode: road, travel_hours: 5, headway_hours: 0}
units:
  u: {home_node: a, assembly_node: b, wheeled: 5}
"""


def closed(text: str, head: str = ASKING) -> float:
    return simulate_plan(compile_plan(tiny(text, head)), 1).closed_h[0]


def rows(**lead: str) -> str:
    """A table of permissions: ``POL="5"`` or ``POL_heavy="5"``, in days."""
    return "permissions:\n" + "".join(
        f"  {key}: {{countries: {key[:3]}, lead_typical_days: {days}{', loads: heavy' if 'heavy' in key else ''}}}\n"
        for key, days in lead.items()
    )


def test_who_waits_is_at_the_border_when_leave_comes() -> None:
    """Leave at hour 72: ten hours before it sets out, and it is in ten hours after."""
    assert closed(ROAD) == 72.0 + 10.0
    assert closed(ROAD.replace("travel_hours: 10", "travel_hours: 100")) == 100.0 + 10.0, "no wait on a longer way"
    assert closed(ROAD.replace("wheeled: 5", "wheeled: 5, ready_day: 4")) == 96.0 + 20.0, "readiness runs beside it"


def test_the_slowest_state_on_the_way_decides() -> None:
    assert closed(ROAD + rows(POL="1", LTU="2")) == 48.0 + 10.0
    assert closed(ROAD + rows(POL="6", LTU="2")) == 144.0 + 10.0
    assert closed(ROAD + rows(POL="1")) == 72.0 + 10.0, "a state without a row takes the parameter"
    assert closed(ROAD + rows(POL="1", LTU="1", DEU="40")) == 24.0 + 10.0, "nobody asks at home"
    assert closed(ROAD + rows(POL="1", LTU="1", FRA="40")) == 24.0 + 10.0, "nor where he does not pass"


def test_heavy_loads_have_a_lead_time_of_their_own() -> None:
    table = rows(POL="1", LTU="1", POL_heavy="5")
    assert closed(ROAD + table) == 24.0 + 10.0
    assert closed(ROAD.replace("wheeled: 5", "heavy: 5") + table) == 120.0 + 10.0


def test_rows_hold_for_todays_rules_alone() -> None:
    text = ROAD.replace("permission: today", "permission: three_days").replace("days_today: 3", "days_three_days: 2")
    assert closed(text + rows(POL="9", LTU="9")) == 48.0 + 10.0


def test_a_voyage_counts_to_the_port_abroad() -> None:
    """Twenty hours at sea before the first border: the ship sails on the third day less twenty hours."""
    text = """
regime: {permission: today}
parameters: {close_share: 1, permission_days_today: 3, lane_m_per_vehicle: 1, travel_factor_road: 1}
nodes: {a: {country: USA}, p: {country: DEU}, b: {country: POL}}
links:
  sea: {from_node: a, to_node: p, mode: sea, travel_hours: 20}
  on: {from_node: p, to_node: b, mode: road, travel_hours: 4, headway_hours: 0}
fleets:
  ships: {kind: ship, pool: ships, carries: wheeled, count_typical: 1, capacity: 9, capacity_unit: lane_m, home_node: a}
units:
  u: {home_node: a, assembly_node: b, wheeled: 5}
"""
    assert closed(text) == 72.0 + 4.0


def test_a_slow_state_is_gone_round_where_that_is_sooner() -> None:
    round_it = "  round: {from_node: m, to_node: b, mode: road, travel_hours: 30, headway_hours: 0}\n"
    text = ROAD.replace("units:\n", round_it + "units:\n")
    assert closed(text + rows(POL="1.5", LTU="1")) == 36.0 + 10.0
    assert closed(text + rows(POL="9", LTU="1")) == 24.0 + 30.0


def chancy(extra: str = "") -> Scenario:
    table = """permissions:
  pol: {countries: POL, lead_low_days: 1, lead_typical_days: 4, lead_high_days: 20}
  ltu: {countries: LTU, lead_low_days: 2, lead_typical_days: 3, lead_high_days: 9}
"""
    return loads(ASKING.replace("chance: false", "chance: true") + ROAD + table + extra)


def test_the_draws_are_those_of_the_slowest_of_two_triangles() -> None:
    """Distribution function of a maximum: the product of those of both, at five points."""
    plan = compile_plan(chancy())
    days = np.array([(simulate_plan(plan, seed).closed_h[0] - 10.0) / 24.0 for seed in range(400)])

    def share(x: float, low: float, mode: float, high: float) -> float:
        if x <= mode:
            return (x - low) ** 2 / ((high - low) * (mode - low))
        return 1.0 - (high - x) ** 2 / ((high - low) * (high - mode))

    for x in (4.0, 5.0, 7.0, 8.5):
        want = share(x, 1, 4, 20) * share(x, 2, 3, 9)
        assert abs(float((days <= x).mean()) - want) < 3.5 * (want * (1 - want) / 400) ** 0.5, x


def test_what_does_not_pass_changes_no_draw() -> None:
    """Rows of other states, another unit and the order of rows leave a unit's own hours as they are."""
    base = simulate_plan(compile_plan(chancy()), 5).closed_h[0]
    more = "  fra: {countries: FRA, lead_typical_days: 30}\n"
    assert simulate_plan(compile_plan(chancy(more)), 5).closed_h[0] == base
    other = chancy()
    two = other.model_copy(update={"units": {"t": other.units["u"].model_copy(update={"priority": 2}), **other.units}})
    plan = compile_plan(two)
    hours = dict(zip([unit.unit_id for unit in plan.units], simulate_plan(plan, 5).closed_h, strict=True))
    assert hours["u"] == base
    assert hours["t"] != base


def test_no_run_beats_the_bound_and_the_bound_knows_of_leave() -> None:
    scenario = chancy()
    plan = compile_plan(scenario)
    for seed in range(20):
        least = unit_hours(FlowNetwork(Network(scenario), inputs_of(plan, seed)))[0]
        assert least <= simulate_plan(plan, seed).closed_h[0] + 1e-9
    assert unit_hours(FlowNetwork(Network(scenario), inputs_of(plan)))[0] == pytest.approx(2 * 24 + 5 + 5)


def test_two_rows_of_one_state_are_refused() -> None:
    text = ROAD + "permissions:\n  one: {countries: POL;LTU, lead_typical_days: 1}\n"
    two = "  two: {countries: LTU, lead_typical_days: 2}\n"
    with pytest.raises(FlanksimError, match=r"E242 .*permissions.two.countries[\s\S]*LTU has a row already"):
        tiny(text + two, ASKING)
    assert closed(text + two.replace("LTU,", "LTU, loads: heavy,"))
    with pytest.raises(FlanksimError, match="E225"):
        tiny(ROAD + rows(PLO="1"), ASKING)


# ---- warning ----------------------------------------------------------------------------------------------------


def test_warning_starts_readiness_leave_and_lift_before_c_day() -> None:
    warned = ROAD + "question: {warning_days: 2}\n"
    assert closed(warned) == 24.0 + 10.0, "leave is there on the first day"
    late = warned.replace("wheeled: 5", "wheeled: 5, ready_day: 4")
    assert closed(late) == 48.0 + 20.0, "ready on C+2"
    assert closed(late.replace("warning_days: 2", "warning_days: 30")) == 20.0, "and nothing moves before C-day"


def test_lift_is_called_with_the_warning() -> None:
    text = """
question: {warning_days: WARNING}
parameters: {close_share: 1, heavy_self_drive_km: 0, travel_factor_road: 1}
links:
  road: {from_node: a, to_node: b, mode: road, travel_hours: 5, headway_hours: 0}
fleets:
  hets: {kind: het, pool: hets, carries: heavy, count_typical: 10, capacity: 1, home_node: a, available_typical_day: 4}
units:
  u: {home_node: a, assembly_node: b, heavy: 5}
"""
    head = OPEN.replace("lift: false", "lift: true")
    assert closed(text.replace("WARNING", "0"), head) == 96.0 + 5.0
    assert closed(text.replace("WARNING", "3"), head) == 24.0 + 5.0
    assert closed(text.replace("WARNING", "9"), head) == 5.0


def test_more_warning_is_never_later_in_the_bound() -> None:
    hours = []
    for days in (0, 1, 3, 10, 30):
        scenario = load("corridor-mini", {"question": {"warning_days": days}})
        plan = compile_plan(scenario)
        hours.append(max(unit_hours(FlowNetwork(Network(scenario), inputs_of(plan)))))
    assert hours == sorted(hours, reverse=True)
    assert hours[0] > hours[-1]


def test_every_country_of_the_tables_has_a_lead_time_for_every_load() -> None:
    """But for those that only `permission_days_today` could serve, and its 45 days are one state's."""
    scenario = load("eastern-flank")
    rows = scenario.permissions.values()
    general = {state for row in rows if not row.loads for state in row.countries}
    assert {node.country for node in scenario.nodes.values()} - {""} <= general
    assert set(scenario.countries) <= general
    heavy = {state: row.lead_typical_days for row in rows if "heavy" in row.loads for state in row.countries}
    light = {state: row.lead_typical_days for row in rows if not row.loads for state in row.countries}
    assert all(heavy[state] >= light[state] for state in heavy)


def test_a_unit_that_leaves_in_groups_an_interval_apart_leaves_whole() -> None:
    """One serial is let go before the others of the unit; these follow an hour apart, and none is forgotten."""
    text = ROAD.replace("wheeled: 5", "wheeled: 80, heavy: 40, release_interval_hours: 1")
    plan = compile_plan(tiny(text.replace("close_share: 1", "close_share: 1, march_serial_vehicles: 10"), ASKING))
    home = [serial for serial in plan.serials if serial.home]
    assert [serial.kind for serial in home[:3]] == ["heavy", "heavy", "wheeled"]
    assert len(home) > 6
    serials = list(plan.serials)
    serials[home[0].number] = replace(home[0], border_h=20.0)
    log = simulate_plan(replace(plan, serials=tuple(serials)), 1)
    left = [float(log["requested"][log.chain(serial.number)[0]]) for serial in home]
    assert left == pytest.approx([72 - 20 + 1, *(72 - 10 + 1 + hour for hour in range(len(home) - 1))])
