"""Days that stand at what a project changes: against cases by hand, and what must not change them."""

from __future__ import annotations

import pytest

from flanksim import Scenario
from flanksim.engine.simulate import simulate_plan
from flanksim.engine.streams import seeds
from flanksim.investment.apply import apply_projects
from flanksim.planning.compile import compile_plan
from flanksim.study.run import Run
from flanksim.study.worth import Lost, days_lost, worth
from tests.conftest import closure_hour
from tests.investment.conftest import WORLD, effect, project, world

A, B = project("a", 1, 1), project("b", 1, 1)
TWICE = "table: links, targets: line, attribute: capacity, operation: scale, typical: 2"


def lost_in(scenario: Scenario, *seeds: int) -> Lost:
    plan = compile_plan(scenario)
    return days_lost(simulate_plan(plan, seed) for seed in seeds or (1,))


def test_twice_the_capacity_takes_half_of_the_waiting() -> None:
    """Ten trains, one an hour: the last waits 9 h and runs 4 h. Simulated with twice the paths it waits 4.5 h."""
    scenario = world(A, effect("e", "a", TWICE))
    lost = lost_in(scenario)
    assert lost.waiting == pytest.approx({"line": 9 / 24})
    assert lost.moving == pytest.approx({"line": 4 / 24})
    assert lost.units == {"u": pytest.approx((1.0, 13 / 24))}
    saved = worth(scenario, lost, ["a"])
    assert saved == pytest.approx(4.5 / 24)
    assert closure_hour(scenario) - closure_hour(apply_projects(scenario, ["a"])) == pytest.approx(24 * saved)


def test_two_halves_are_worth_the_whole_and_nothing_is_worth_nothing() -> None:
    half = TWICE.replace("typical: 2", "typical: 1.4142135623730951")
    whole = world(A, effect("e", "a", TWICE))
    cut = world(A + B, effect("e", "a", half) + effect("f", "b", half))
    assert worth(cut, lost_in(cut), ["a", "b"]) == pytest.approx(worth(whole, lost_in(whole), ["a"]))
    assert worth(whole, lost_in(whole), []) == 0.0
    assert worth(whole, Lost(), ["a"]) == 0.0


def test_runs_are_weighed_alike_and_units_without_troops_count_alike() -> None:
    """The one that goes against the ten meets nobody: it is half of all units, and waits for nothing."""
    one = world(A, effect("e", "a", TWICE))
    assert lost_in(one, 1, 2, 3).waiting == pytest.approx(lost_in(one, 1).waiting)
    text = "  u: {home_node: a, assembly_node: b, wheeled: 10}\n"
    head = WORLD.replace(text, f"{text}  v: {{home_node: b, assembly_node: a, wheeled: 1}}\n")
    both = lost_in(world(A, effect("e", "a", TWICE), head=head))
    assert {key: part for key, (part, _) in both.units.items()} == pytest.approx({"u": 0.5, "v": 0.5})
    assert both.waiting == pytest.approx({"line": 9 / 24 / 2})


@pytest.mark.slow
def test_of_the_shipped_list_wagons_and_permissions_are_worth_more_than_a_tunnel_in_the_alps(
    eastern: Scenario, eastern_run: Run
) -> None:
    """And the column of the tables is what is computed, but for lines that are opened, which are set by hand."""
    lost = days_lost(simulate_plan(eastern_run.plan, seed) for seed in seeds(eastern.seed, 3))
    found = {key: worth(eastern, lost, [key]) for key in ("PR70", "PR73", "PR12", "PR141")}
    assert found["PR73"] > 1 > found["PR12"]
    assert found["PR70"] > 10 * found["PR12"]
    assert found["PR141"] == 0.0
    for key in ("PR70", "PR73"):
        assert found[key] == pytest.approx(eastern.projects[key].benefit, rel=0.01)
