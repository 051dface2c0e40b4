"""What one more takes off a bound: the bound found again with it on its own, and never more than is left."""

from __future__ import annotations

import json
from random import Random

import pytest
from typer.testing import CliRunner

from flanksim.bounds.gains import HALF_A_DAY, gains
from flanksim.bounds.ladder import ladder
from flanksim.bounds.rungs import Ladder
from flanksim.bounds.volume import Price, VolumeProgram
from flanksim.cli import app
from flanksim.investment.apply import apply_projects
from flanksim.network.one_more import one_more
from flanksim.scenario import Scenario, load
from flanksim.text.bound import format_text
from tests.bounds.gulf import over_ports
from tests.bounds.networks import network_of, random_text
from tests.conftest import BARE, closure_hour, tiny


def berths(at_sea_h: float) -> Scenario:
    """Forty ship-loads of a day each over one berth and by plenty of ships, and one unit that is long at sea anyhow."""
    return tiny(
        f"""
parameters: {{vehicles_per_train: 10, march_serial_vehicles: 10, close_share: 1, lane_m_per_vehicle: 10}}
question: {{horizon_days: 400}}
links:
  sea: {{from_node: a, to_node: b, mode: sea, travel_hours: 24, headway_hours: 0}}
  far: {{from_node: c, to_node: b, mode: road, travel_hours: {at_sea_h}}}
facilities:
  ba: {{place: a, kind: berth, servers_typical: 1, handling_hours: 24}}
  bb: {{place: b, kind: berth, servers_typical: 100, handling_hours: 0}}
fleets:
  ships: {{kind: ship, pool: ships, carries: wheeled, count_typical: 60, capacity: 100, capacity_unit: lane_m,
          home_node: a}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: 400}}
  v: {{home_node: c, assembly_node: b, wheeled: 10}}
""",
        BARE,
    )


def test_a_price_is_capped_by_the_next_limit() -> None:
    """The berth is priced at forty days; the unit on the far road lets the bound fall by four and no more."""
    scenario = berths(37 * 24.0)
    price = VolumeProgram(network_of(scenario)).solve().prices[0]
    assert price.days_per_unit > 30
    found = ladder(scenario)
    assert found.binding == ("volume", "berth:a")
    (gain,) = found.prices
    assert (gain.element, gain.one_more, gain.step) == ("berth:a", "berth", 1.0)
    assert gain.days == pytest.approx(found.day - 36.0)
    assert 3.0 < gain.days < 5.0


def test_under_half_a_day_there_is_one_line_and_no_number() -> None:
    scenario = berths(40 * 24.0 + 20.0)
    found = ladder(scenario)
    assert found.binding == ("volume", "berth:a")
    assert 0.0 < found.day - found.bounds["free_flow"] < HALF_A_DAY  # type: ignore[operator]
    assert found.prices == ()
    text = format_text(found, scenario)
    assert "no single capacity is worth half a day to this bound" in text
    assert "bound falls" not in text
    assert "Set by berths of a" in text


def test_where_nothing_is_next_one_more_is_worth_what_arithmetic_says() -> None:
    """Forty loads of a day on one berth, or twenty days each on two."""
    scenario = berths(10.0)
    (gain,) = ladder(scenario).prices
    twice = ladder(one_more(scenario, "berth:a").apply(scenario), prices=False).day  # type: ignore[union-attr]
    # The search for the bound with whole ships leaves a tenth of an hour open.
    assert gain.days == pytest.approx(ladder(scenario).day - twice, abs=0.1 / 24)
    assert gain.days == pytest.approx(20.0, abs=1.0)


@pytest.mark.slow
@pytest.mark.parametrize("rung", ["volume", "time_expanded"])
def test_what_is_shown_is_never_more_than_the_bound_falls(rung: str) -> None:
    """On random networks: every number is at least half a day, and no larger than two bounds found apart are apart."""
    shown, finer = 0, rung == "time_expanded"
    for number in range(3000, 3012 if finer else 3080):
        scenario = tiny(random_text(Random(number)), BARE)
        found = ladder(scenario, groups=False, time_expanded=finer)
        for gain in found.prices:
            step = one_more(scenario, gain.element)
            assert step is not None
            wider = ladder(step.apply(scenario), groups=False, prices=False, time_expanded=finer)
            # The search for a time-expanded horizon leaves two hours open on either side.
            assert HALF_A_DAY <= gain.days <= found.day - wider.day + (4.1 / 24 if finer else 1e-6), (number, gain)
            free = found.bounds["free_flow"]
            assert free is not None
            assert gain.days <= found.day - free + 1e-9
            shown += 1
        if not found.prices and not finer:
            # Nothing is left out either: of all that binds, one more takes less than half a day off.
            for name in found.together if found.binding[0] == "volume" else ():
                step = one_more(scenario, name)
                assert step is None or found.day - ladder(step.apply(scenario), prices=False, groups=False).day < 0.5
    assert shown >= (3 if finer else 30)


def test_both_directions_of_a_line_are_one_step() -> None:
    """Trains and their way back: one more path a day each way, not one and one."""
    prices = [Price(f"line:{way}", "gate", "trains_per_day", 10.0, 2.0) for way in ("a>b", "b>a")]
    scenario = tiny("""
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 4, headway_hours: 2.4}
units:
  u: {home_node: a, assembly_node: b, wheeled: 10}
""")
    asked = []

    def falls(other: Scenario, most: float) -> float:
        asked.append((other.links["line"].headway_hours, most))
        return 3.0

    (gain,), left = gains(scenario, prices, 10.0, falls)
    assert (gain.element, gain.one_more, gain.days, left) == ("line", "train path a day each way", 3.0, 0)
    assert asked == [(pytest.approx(24 / 11), 4.0)]


def test_what_is_left_out_is_counted_and_ties_stand_by_name() -> None:
    links = "\n".join(f"  l{n}: {{from_node: p{n}, to_node: p{n + 1}, mode: road, travel_hours: 1}}" for n in range(3))
    rows = "\n".join(f"  b{n}: {{place: p{n}, kind: berth, servers_typical: 2}}" for n in range(4))
    units = "units:\n  u: {home_node: p0, assembly_node: p3, wheeled: 1}"
    scenario = tiny(f"links:\n{links}\nfacilities:\n{rows}\n{units}\n")
    prices = [Price(f"berth:p{n}", "server", "servers", 2.0, 2.0 + 0.01 * n) for n in range(4)]
    found, left = gains(scenario, prices, 10.0, lambda other, most: most, 3)
    assert left == 1
    assert [gain.element for gain in found] == ["berth:p1", "berth:p2", "berth:p3"], "alike to a tenth of a day"


@pytest.mark.slow
def test_eastern_flank_offers_no_berth(eastern: Scenario) -> None:
    """With free flow 0.2 days below three ports set the bound together, and none is advised; ships there are enough."""
    narrow, graph = over_ports(eastern, ["P_BPT", "P_POA", "P_CRP"], berth_pieces_per_hour=18)
    many = {"count_low": 90, "count_typical": 90, "count_high": 90}
    ships = {key: row.model_copy(update=many) for key, row in narrow.fleets.items() if row.kind == "ship"}
    narrow = narrow.model_copy(update={"fleets": narrow.fleets | ships})
    found = ladder(narrow, groups=False, graph=graph)
    assert found.binding[0] == "volume"
    assert {"berth:P_BPT", "berth:P_POA", "berth:P_CRP"} == set(found.together)
    assert found.prices == ()
    assert found.as_json()["prices"] == []
    assert "no single capacity is worth half a day to this bound" in format_text(found, narrow)


def test_the_screen_says_what_it_cannot_tell() -> None:
    """Ships take less off the bound than they bring the force in sooner: text and JSON leave that open."""
    from flanksim.study.screening import as_text, reading, screen_projects

    cost = {f"cost_{part}_bn_eur": 1 for part in ("low", "typical", "high")}
    years = {f"build_{part}_years": 1 for part in ("low", "typical", "high")}
    effect = {"project_id": "ships", "table": "fleets", "targets": "ro-ro", "attribute": "count", "operation": "set"}
    scenario = load(
        "corridor-mini",
        {"projects": {"ships": {"name": "Ships", **cost, **years}}, "effects": {"e": {**effect, "typical": 4}}},
    )
    today, found = screen_projects(scenario, ["ships"], jobs=1)
    sooner_h = closure_hour(scenario) - closure_hour(apply_projects(scenario, ["ships"]))
    assert sooner_h > 24.0
    assert found[0].bound_falls_days < sooner_h / 24.0
    said = reading(today, found)
    assert (said["projects"], said["lower_the_bound"]) == (1, 1)
    text = " ".join(as_text(today, found).split())
    assert said["reading"] in text
    for words in ("only excludes", "may still bring the force in many days sooner", "does not rank"):
        assert words in text
    assert "compare FILE --every-project" in text
    assert "worth" not in text


def _ladder(scenario: Scenario) -> Ladder:
    return ladder(scenario, groups=False)


def test_days_off_a_bound_are_never_told_as_days_off_the_arrival() -> None:
    one_ship = ["--set", "fleets.ro-ro.count_typical=1"]
    done = CliRunner().invoke(app, ["bound", "corridor-mini", *one_ship])
    text = " ".join(done.stdout.split())
    assert "days off the bound, not off the arrival" in text
    assert "earlier" not in text
    assert "first-order" not in text
    found = json.loads(CliRunner().invoke(app, ["bound", "corridor-mini", "--json", *one_ship]).stdout)
    (price,) = found["prices"]
    assert price["days"] == pytest.approx(
        _ladder(load("corridor-mini", {"fleets": {"ro-ro": {"count_typical": 1}}})).prices[0].days
    )
    assert price["days"] <= found["bounds"]["volume"] - found["bounds"]["free_flow"]
