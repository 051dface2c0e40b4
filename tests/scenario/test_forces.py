"""The shipped force: decks that agree with recorded loads, dates that can be kept, and what a scenario may change."""

from __future__ import annotations

import pytest

import flanksim as fs
from flanksim.errors import FlanksimError
from flanksim.network.lift import groups_of_fleets
from flanksim.planning.compile import compile_plan
from flanksim.scenario.footprints import deck_of_piece, deck_of_pieces
from flanksim.scenario.force_sets import left_out
from flanksim.scenario.reading import inspect, load, loads
from flanksim.scenario.rows import Unit

SQUARE_FEET_PER_LANE_M = 32.3
STOW = 0.68


@pytest.mark.parametrize(
    ("kind", "lane_m"),
    [
        # 434,000 sq ft net; 87 tanks, 359 other tracked, 450 light, 526 trucks, 349 trailers, 730 containers.
        ("armoured_brigade_us", 434_000 / SQUARE_FEET_PER_LANE_M / STOW),
        # 35,200 m2 net: 50 tanks, 300 other tracked, 350 light, 500 trucks, 300 trailers, 400 containers.
        ("heavy_brigade_eu", 35_200 / 3.0 / STOW),
    ],
)
def test_pieces_of_a_brigade_fill_the_deck_that_its_areas_give(eastern: fs.Scenario, kind: str, lane_m: float) -> None:
    row = eastern.unit_types[kind]
    assert row.lane_m_typical == pytest.approx(lane_m, rel=0.01)
    assert deck_of_pieces(eastern, row) == pytest.approx(lane_m, rel=0.15)


def test_every_type_agrees_with_its_pieces(eastern: fs.Scenario) -> None:
    for key, row in eastern.unit_types.items():
        assert deck_of_pieces(eastern, row) == pytest.approx(row.lane_m_typical, rel=0.2), key


@pytest.mark.parametrize(
    ("heavy", "wheeled", "containers", "fleet", "ships", "within"),
    [
        (0, 220, 0, "point", 1.0, 0.15),  # published load of the class
        (0, 250, 0, "ark", 1.0, 0.15),
        (22, 115, 30, "point", 0.6, 0.25),  # 137 vehicles on one ship in 2021, deck used 1,350 to 1,850 lane-m
        (20, 80, 30, "northern", 0.6, 0.25),  # Vigo to Riga 2017: over 100 vehicles and containers on part of one ship
    ],
)
def test_recorded_loads_fill_as_many_ships_as_they_did(
    eastern: fs.Scenario, heavy: int, wheeled: int, containers: int, fleet: str, ships: float, within: float
) -> None:
    pieces = {"heavy": heavy, "wheeled": wheeled, "cargo": containers}
    deck = sum(count * deck_of_piece(eastern, element) for element, count in pieces.items())
    assert deck / eastern.fleets[fleet].capacity == pytest.approx(ships, rel=within)


def test_american_pieces_fill_lmsr_and_fast_sealift_ships_as_recorded(eastern: fs.Scenario) -> None:
    brigade = eastern.unit_types["armoured_brigade_us"]
    assert deck_of_pieces(eastern, brigade) / eastern.fleets["lmsr"].capacity == pytest.approx(1.7, rel=0.1)
    # 24th Infantry Division, 1990: 1,600 armoured and 3,500 wheeled; about ten ships of 5,730 lane-metres, of which
    # net areas give 1,100,000 sq ft / 0.68 / 185,000 = 8.7.
    division = 1600 * deck_of_piece(eastern, "heavy", brigade) + 3500 * deck_of_piece(eastern, "wheeled", brigade)
    assert division / 5730 == pytest.approx(1_100_000 / STOW / 185_000, rel=0.1)


BRIGADE = """
flanksim: 1
name: brigade
parameters: {{close_share: 1, lane_m_per_vehicle: 10, lane_m_per_heavy_vehicle: 13, lane_m_per_container: 5}}
mechanisms: {{chance: false}}
nodes: {{a: {{kind: port}}, b: {{kind: port}}}}
links: {{sea: {{from_node: a, to_node: b, mode: sea, length_km: 330, speed_typical_kmh: 33}}}}
facilities: {{berth-a: {{place: a, kind: berth}}, berth-b: {{place: b, kind: berth}}}}
fleets:
  ships: {{kind: ship, pool: ships, carries: wheeled, count_typical: 20, capacity: 100, capacity_unit: lane_m,
          home_node: a}}
unit_types: {{group: {{troops_typical: 100, wheeled_typical: 40{deck}}}}}
units: {{u: {{unit_type: group, home_node: a, assembly_node: b}}}}
"""


@pytest.mark.parametrize(("deck", "sailings"), [("", 4), (", lane_m_per_vehicle_typical: 5", 2)])
def test_sailings_are_deck_over_gross_deck_and_nothing_else(deck: str, sailings: int) -> None:
    """40 vehicles of 10 lane-metres, or of the 5 that their type states, on ships of 100."""
    run = fs.simulate(loads(BRIGADE.format(deck=deck)), seed=1)
    assert sum(serial.kind == "ship" for serial in run.plan.serials) == sailings


def test_a_type_that_disagrees_with_its_pieces_is_told() -> None:
    values = {"unit_types": {"armoured_brigade_us": {"lane_m_typical": 12_000, "lane_m_low": 10_000}}}
    (told,) = [entry for entry in inspect("eastern-flank", values)[1] if entry.code == "W420"]
    assert told.path == "unit_types.armoured_brigade_us.lane_m_typical"


def test_a_stow_factor_is_refused_with_what_took_its_place() -> None:
    with pytest.raises(FlanksimError) as caught:
        load("corridor-mini", {"fleets": {"ro-ro": {"stow_factor": 0.65}}})
    (problem,) = caught.value.problems
    assert problem.code == "E103"
    assert "gross deck" in problem.hint


@pytest.mark.parametrize(("ready", "told"), [(7.9, False), (8.1, True)])
def test_a_unit_that_is_late_over_no_distance_is_told(ready: float, told: bool) -> None:
    """Integration takes 3 days: ready on C+8 at the latest, it is closed by the end of C+10, hour 264."""
    values = {"units": {"heavy-brigade": {"ready_day": ready}}, "parameters": {"integration_days": 3}}
    found = [entry.path for entry in inspect("corridor-mini", values)[1] if entry.code == "W421"]
    assert found == (["units.heavy-brigade.ready_day"] if told else [])


# ---- posture at the end of 2025 ---------------------------------------------------------------------


def _american(scenario: fs.Scenario) -> dict[str, Unit]:
    return {key: unit for key, unit in scenario.travelling_units.items() if unit.nation == "USA"}


def test_three_hundred_thousand_travel_and_forward_elements_come_on_top(eastern: fs.Scenario) -> None:
    assert sum(unit.troops for unit in eastern.travelling_units.values()) == 300_000
    forward = {key: unit.troops for key, unit in eastern.in_place_units.items() if "forward" in key}
    assert forward == {"CAN-forward-01": 2300, "GBR-forward-01": 950, "DEU-forward-01": 1200}


def test_american_brigades_stand_where_they_stood_at_the_end_of_2025(eastern: fs.Scenario) -> None:
    combat = ("armoured_brigade_us", "stryker_brigade_us", "light_brigade")
    in_europe = {
        unit.home_node
        for unit in _american(eastern).values()
        if unit.unit_type in combat and not unit.home_node.startswith("H_")
    }
    assert in_europe == {"J_ZAG", "J_NUE", "J_VER"}  # rotational armour, 2nd Cavalry, 173rd Airborne


def test_kit_of_a_set_starts_at_the_stock_and_its_troops_at_home(eastern: fs.Scenario) -> None:
    drawn = {key: unit for key, unit in _american(eastern).items() if unit.stock_node}
    armoured = {unit.stock_node for unit in drawn.values() if unit.unit_type == "armoured_brigade_us"}
    assert armoured == {"J_POZ", "J_MAN"}
    assert all(unit.home_node.startswith("H_") for unit in drawn.values())
    assert not any(unit.stock_node.startswith("H_") for unit in drawn.values())


def test_plans_alone_ask_for_what_is_assigned_to_them(eastern: fs.Scenario) -> None:
    for plan in ("north", "centre", "south"):
        alone = load(f"plan-{plan}")
        assert alone.troops_required == sum(unit.troops for unit in alone.travelling_units.values())


def test_no_shipped_unit_is_late_before_it_moves() -> None:
    assert not [entry for entry in inspect("eastern-flank")[1] if entry.code == "W421"]


# ---- sets of forces ---------------------------------------------------------------------------------


def test_a_set_lies_over_the_table_and_under_the_file(eastern: fs.Scenario) -> None:
    fewer = load("eastern-flank", {"forces": {"set": "us-fewer-forward"}})
    assert fewer.units["USA-armoured-01"].home_node == "H_CAV"
    assert fewer.units["USA-armoured-02"] == eastern.units["USA-armoured-02"]
    own = {"forces": {"set": "us-fewer-forward"}, "units": {"USA-armoured-01": {"home_node": "J_ZAG"}}}
    mine = load("eastern-flank", own)
    assert (mine.units["USA-armoured-01"].home_node, mine.units["USA-armoured-01"].tier) == ("J_ZAG", 2)


def test_the_set_that_is_the_table_changes_nothing(eastern: fs.Scenario) -> None:
    assert load("eastern-flank", {"forces": {"set": "notional-2025"}}).units == eastern.units


def test_a_nation_left_out_takes_its_troops_and_its_lift_along(eastern: fs.Scenario) -> None:
    without = load("eastern-flank", {"forces": {"without": ["USA"]}})
    assert without.troops_required == 220_000 == sum(unit.troops for unit in without.travelling_units.values())
    assert not {unit.nation for unit in without.travelling_units.values()} & {"USA"}
    gone = {key for key, groups in groups_of_fleets(without).items() if groups_of_fleets(eastern)[key] != groups}
    assert gone == {key for key, fleet in eastern.fleets.items() if fleet.nation == "USA"}
    assert {"lmsr", "rrf", "msp", "het_us"} <= gone
    kept = load("eastern-flank", {"forces": {"without": ["USA"], "keep_lift": True}})
    assert groups_of_fleets(kept) == groups_of_fleets(eastern)


def test_europeans_alone_are_the_rest() -> None:
    alone = load("eastern-flank", {"forces": {"set": "european-only"}})
    assert alone.forces.without == ("USA", "CAN")
    assert alone.troops_required == 300_000 - 80_000 - 13_400


def test_a_plan_without_a_nation_asks_for_the_rest_of_the_plan() -> None:
    alone = load("plan-centre", {"forces": {"without": ["USA"]}})
    assert alone.troops_required == sum(unit.troops for unit in alone.travelling_units.values())


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({"forces": {"set": "european-onl"}}, "E240", "did you mean 'european-only'?"),
        ({"forces": {"set": "../units"}}, "E240", "sets of forces: european-only"),
        ({"forces": {"without": ["US"]}}, "E225", "did you mean 'USA'?"),
    ],
)
def test_a_set_or_nation_that_there_is_not_is_told(values: dict[str, object], code: str, words: str) -> None:
    with pytest.raises(FlanksimError) as caught:
        load("eastern-flank", values)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert words in problem.hint


def test_units_are_picked_dropped_replaced_and_added_without_a_copy_of_the_table(eastern: fs.Scenario) -> None:
    text = """
flanksim: 1
name: mine
extends: eastern-flank.yaml
question: {troops_required: null}
units:
  USA-armoured-03: null
  FRA-heavy-01: {assembly_node: J_TAP, ready_day: 7}
  XYZ-01: {nation: POL, unit_type: light_brigade, troops: 2600, home_node: J_DRW, assembly_node: J_ORZ}
"""
    mine = loads(text)
    assert set(mine.units) ^ set(eastern.units) == {"USA-armoured-03", "XYZ-01"}
    assert mine.units["FRA-heavy-01"].assembly_node == "J_TAP"
    assert mine.units["FRA-heavy-01"].troops == eastern.units["FRA-heavy-01"].troops
    assert mine.troops_required == 300_000 - 3800 + 2600
    picked = load("eastern-flank", {"forces": {"nations": ["DEU"]}, "question": {"troops_required": None}})
    assert {unit.nation for unit in picked.travelling_units.values()} == {"DEU"}


def test_who_stays_away_is_told_with_his_lift() -> None:
    away = load("eastern-flank", {"forces": {"without": ["USA"]}})
    said = left_out(away)
    assert said.startswith("Without USA: 32 units with 80,000 troops stay at home")
    assert "47 ships" in said
    assert said.endswith("stay away")
    kept = load("eastern-flank", {"forces": {"without": ["USA", "CAN"], "keep_lift": True}})
    assert left_out(kept).startswith("Without USA and CAN: ")
    assert left_out(kept).endswith("come all the same")
    assert left_out(load("eastern-flank")) == ""


@pytest.mark.slow
def test_european_only_is_a_set_a_scenario_and_a_switch() -> None:
    """The three ways of asking give the same plan but for its name."""
    ways = (
        load("european-only"),
        load("eastern-flank", {"forces": {"set": "european-only"}}),
        load("eastern-flank", {"forces": {"without": ["USA", "CAN"]}}),
    )
    assert len({scenario.troops_required for scenario in ways}) == 1
    plans = [compile_plan(scenario) for scenario in ways]
    assert len({plan.serials for plan in plans}) == 1
    assert not any(unit.nation in ("USA", "CAN") for unit in plans[0].units)
    fleets = {asset.fleet for pool in plans[0].pools for asset in pool.assets}
    assert not fleets & {"lmsr", "rrf", "msp", "c17_usa", "c5_usa"}
