"""A plan on another network: the same decisions by name, and what cannot go as it did planned anew."""

from __future__ import annotations

import pytest

from flanksim.engine.simulate import simulate_plan
from flanksim.investment.apply import at_year
from flanksim.network.network import Network
from flanksim.network.one_more import with_row
from flanksim.planning.carried import Choices
from flanksim.planning.compile import Made, Planner, compile_plan
from flanksim.scenario import Scenario, loads
from flanksim.study.candidates import played
from tests.conftest import TWO_LINES, tiny
from tests.planning.networks_with_choice import network, upgraded

STRATEGIES = ("shortest", "spread", "planned", "adaptive")


def anew(scenario: Scenario) -> Made:
    return Planner(Network(at_year(scenario))).anew()


def carried(choices: Choices, scenario: Scenario) -> Made:
    found = Planner(Network(at_year(scenario))).carried(choices)
    assert found is not None
    return found


def closed_h(scenario: Scenario, made: Made) -> dict[str, float]:
    log = simulate_plan(made.plan, 1)
    return {unit.unit_id: hour for unit, hour in zip(made.plan.units, log.closed_h, strict=True)}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_on_its_own_network_it_is_the_same_plan(strategy: str, mini: Scenario) -> None:
    """To the byte: with ships, aircraft, supply and leave to cross borders."""
    routing = mini.routing.model_copy(update={"strategy": strategy})
    supplied = mini.model_copy(
        update={
            "mechanisms": mini.mechanisms.model_copy(update={"sustainment": True}),
            "sustainment": mini.sustainment.model_copy(update={"supply_nodes": {"centre": "HAJ"}}),
        }
    )
    for entry in (mini, network(1), supplied):
        scenario = entry.model_copy(update={"routing": routing})
        own = anew(scenario)
        again = carried(own.choices, scenario)
        assert again.plan.digest == own.plan.digest == compile_plan(scenario).digest
        assert again.loads_anew == 0
        assert again.choices == own.choices


def test_order_of_rows_and_unused_rows_change_nothing() -> None:
    """Decisions go by name: neither the place of a row in its table nor a line that leads nowhere moves them."""
    scenario = network(3, "planned")
    own = anew(scenario)
    backwards = {
        table: dict(reversed(getattr(scenario, table).items())) for table in ("links", "facilities", "fleets", "units")
    }
    island = {"island": scenario.links["h0m0"].model_copy(update={"from_node": "x", "to_node": "y"})}
    nodes = scenario.nodes | dict.fromkeys(("x", "y"), scenario.nodes["h0"])
    other = scenario.model_copy(update=backwards | {"links": island | backwards["links"], "nodes": nodes})
    assert closed_h(other, carried(own.choices, other)) == closed_h(scenario, own)


def test_new_names_of_places_change_nothing() -> None:
    """The decisions on a network whose places are called otherwise are the same decisions."""
    scenario = network(4)
    text = scenario.model_dump_json(exclude_defaults=True)
    renamed = text
    for place in ("h0", "h1", "m0", "m1", "m2", "t0", "t1"):
        renamed = renamed.replace(f'"{place}"', f'"n{place}"')
    other = loads(renamed)
    assert set(other.links) == set(scenario.links)
    bigger = [with_row(entry, "fleets", "sets", count_typical=40.0, count_high=40.0) for entry in (scenario, other)]
    hours = [
        closed_h(large, carried(anew(entry).choices, large))
        for entry, large in zip((scenario, other), bigger, strict=True)
    ]
    assert hours[0] == hours[1]


def test_what_is_faster_is_played_as_it_is_now() -> None:
    """22 of 31 trains, one an hour, take the quick line of 2 h, nine, one in two hours, the other of 5 h.

    They are in at 21 + 2 and at 16 + 5 h. Where the quick line takes 1 h, those on it are in at 22 h.
    """
    scenario, faster = tiny(TWO_LINES), tiny(TWO_LINES.replace("travel_hours: 2,", "travel_hours: 1,"))
    own = anew(scenario)
    made = carried(own.choices, faster)
    ways = [sent.option for sent in made.choices.lots]
    assert ways == [sent.option for sent in own.choices.lots], "the same trains on the same lines"
    assert sorted(ways.count(way) for way in set(ways)) == [9, 22]
    assert closed_h(scenario, own)["u"] == pytest.approx(23)
    assert closed_h(faster, made)["u"] == pytest.approx(22)


def test_a_line_that_is_gone_is_planned_around() -> None:
    """Without the quick line all 31 trains take the other: the last starts at 60 h, in at 65 h."""
    scenario = tiny(TWO_LINES)
    own = anew(scenario)
    links = {key: link for key, link in scenario.links.items() if key != "quick"}
    poorer = scenario.model_copy(update={"links": links})
    assert Planner(Network(poorer)).carried(own.choices) is None, "its only load used that line"
    more = {"v": scenario.units["u"].model_copy(update={"home_node": "c", "wheeled": 3})}
    both = scenario.model_copy(update={"units": scenario.units | more})
    made = carried(anew(both).choices, both.model_copy(update={"links": links}))
    assert made.loads_anew == 1
    hours = closed_h(both, made)
    assert hours["v"] == pytest.approx(0)
    assert hours["u"] == pytest.approx(65)


def test_more_vehicles_and_smaller_ships_are_planned_anew() -> None:
    scenario = network(0)
    own = anew(scenario)
    unit = next(iter(scenario.units))
    more = with_row(scenario, "units", unit, wheeled=(scenario.units[unit].wheeled or 0) + 1)
    assert carried(own.choices, more).loads_anew == 1
    smaller = with_row(scenario, "fleets", "ships", capacity=20.0)
    by_sea = {sent.load for sent in own.choices.lots if sent.ship >= 0}
    assert by_sea, "some of it goes by sea"
    made = carried(own.choices, smaller)
    assert made.loads_anew == len(by_sea)
    aboard: dict[int, float] = {}
    for sent in made.choices.lots:
        if sent.ship >= 0:
            aboard[sent.ship] = aboard.get(sent.ship, 0.0) + sent.pieces
    assert max(aboard.values()) <= 20.0, "a metre a vehicle"


def test_every_vehicle_moves_whatever_is_gone() -> None:
    """Without any one of the lines, pieces sent are those of the load."""
    scenario = network(2)
    own = anew(scenario)
    for gone in ("h0m0", "h1m1", "m0t0", "m1t0"):
        links = {key: link for key, link in scenario.links.items() if key != gone}
        other = scenario.model_copy(update={"links": links})
        made = Planner(Network(other)).carried(own.choices) or anew(other)
        sent: dict[tuple[str, str], float] = {}
        for lot in made.choices.lots:
            sent[lot.load] = sent.get(lot.load, 0.0) + lot.pieces
        assert sent == {(key, "wheeled"): unit.wheeled for key, unit in scenario.units.items()}
        assert all(0 < hour < 9000 for hour in closed_h(other, made).values())


def test_kept_plans_are_not_played_later_and_new_ones_are() -> None:
    """Of eight networks with up to nine upgrades each: whole trains and ships change queues by some hours at most.

    That new plans are later by more than this, on the same upgrades, is why the old ones are kept.
    """
    tolerance_days = 0.25
    kept_later, new_later = [], []
    for seed in range(8):
        scenario = network(seed)
        own = anew(scenario)
        before = played(own.plan, 1)
        for other in upgraded(scenario):
            for made, later in ((carried(own.choices, other), kept_later), (anew(other), new_later)):
                after = played(made.plan, 1)
                later.append(max(after[0] - before[0], after[1] - before[1]))
    assert max(kept_later) <= tolerance_days
    assert max(new_later) > tolerance_days
