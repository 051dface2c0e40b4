"""Reach: what enumeration finds, what the bound excludes, what is saved, and what must not change the answer."""

from __future__ import annotations

import json
import random

import pytest

from flanksim import FlanksimError, Scenario
from flanksim import open as open_results
from flanksim.investment.levers import apply_levers
from flanksim.measure.packages import Families, Found, Package, no_more, one_step_below, search
from flanksim.study.reach import Reach, reach
from flanksim.terminal import render
from flanksim.text.reach import as_json, blocks, markdown
from tests.conftest import closure_hour
from tests.investment.conftest import WORLD, effect, project, world


def _found(sizes: list[int], truth: dict[Package, bool], most: int = 10**6) -> Found:
    families = Families(
        tuple(map(str, range(len(sizes)))),
        tuple(tuple(f"{n}-{m}" for m in range(size)) for n, size in enumerate(sizes)),
    )
    return search(families, lambda packages: [truth[package] for package in packages], range(len(sizes)), most)


def _every(sizes: list[int]) -> list[Package]:
    return Families(("",) * len(sizes), tuple(("",) * size for size in sizes)).all()


@pytest.mark.parametrize("seed", range(40))
def test_where_more_is_never_worse_the_search_finds_what_enumeration_finds_with_fewer_questions(seed: int) -> None:
    draw = random.Random(seed)
    sizes = [draw.randint(1, 3) for _ in range(draw.randint(1, 5))]
    every = _every(sizes)
    least = [draw.choice(every) for _ in range(draw.randint(0, 4))]
    truth = {package: any(no_more(small, package) for small in least) for package in every}
    wanted = {p for p in every if truth[p] and not any(truth[lower] for lower in one_step_below(p))}
    found = _found(sizes, truth)
    assert set(found.smallest) == wanted
    assert found.whole
    assert len(found.asked) <= len(every)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_the_runs_say_each_package_given_back_reaches_and_none_one_step_below_does(seed: int) -> None:
    draw = random.Random(seed)
    sizes = [draw.randint(1, 3) for _ in range(3)]
    truth = {package: draw.random() < 0.6 for package in _every(sizes)}
    found = _found(sizes, truth)
    for package in found.smallest:
        assert truth[package]
        assert all(lower in found.asked and not truth[lower] for lower in one_step_below(package))


def test_a_search_that_is_ended_says_that_it_is_not_whole() -> None:
    sizes = [3, 3, 3]
    truth = {package: sum(package) >= 4 for package in _every(sizes)}
    assert not _found(sizes, truth, most=5).whole


#: A line that passes one train a day or so, beside one that nobody needs.
TWO_LINES = WORLD.replace(
    "links:\n",
    "links:\n  other: {from_node: c, to_node: d, mode: rail, tracks: 2, travel_hours: 4, capacity_typical: 48}\n",
).replace("travel_hours: 4, capacity_typical: 48}\nparameters", "travel_hours: 4, capacity_typical: 1}\nparameters")


def _line(times: float) -> str:
    return f"table: links, targets: line, attribute: capacity, operation: scale, typical: {times}"


def lines(order: str = "ab") -> Scenario:
    """A line whose capacity a project doubles, two levels of a rule raise less, and a lever that changes nothing."""
    rules = {
        "a": "  half: {name: Half as much again, family: rule, cost_typical_bn_eur: 0}\n"
        "  more: {name: Three quarters, family: rule, cost_typical_bn_eur: 0.5, political: all agree}\n",
        "b": "  twice: {name: Twice, projects: [a]}\n  idle: {name: Other line, cost_typical_bn_eur: 9}\n",
    }
    effects = effect("ea", "a", _line(2)) + effect("eh", "half", _line(1.5)) + effect("em", "more", _line(1.75))
    effects += effect("ei", "idle", "table: links, targets: other, attribute: capacity, operation: scale, typical: 2")
    return world(project("a", 1, 2), effects + "levers:\n" + "".join(rules[key] for key in order), TWO_LINES)


def _by(scenario: Scenario, keys: list[str]) -> float:
    """The first whole hour by which the force is closed with levers, as a C-day label."""
    return closure_hour(apply_levers(scenario, keys)) / 24


def test_the_packages_are_those_that_enumeration_finds() -> None:
    scenario = lines()
    days = {
        (rule, twice): _by(scenario, [*([rule] if rule else []), *(["twice"] if twice else [])])
        for rule in ("", "half", "more")
        for twice in (False, True)
    }
    ordered = sorted(set(days.values()))
    assert len(ordered) > 3
    for deadline in (ordered[1], ordered[2], ordered[3]):
        found = reach(scenario, by=deadline - 1 + 1e-6, replications=2, first=2, jobs=1)
        families = found.families
        reached = {
            package
            for package in families.all()
            if days[_rule(families.levers(package)), "twice" in families.levers(package)] <= deadline + 1e-6
        }
        wanted = {p for p in reached if not any(lower in reached for lower in one_step_below(p))}
        assert set(found.smallest) == wanted
        assert all("idle" not in row["levers"] for row in found.rows)


def _rule(levers: tuple[str, ...]) -> str:
    return next((key for key in ("half", "more") if key in levers), "")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Reach:
    scenario = lines()
    by = _by(scenario, ["more"]) - 1 + 1e-6
    return reach(scenario, by=by, replications=2, first=2, jobs=1, results=tmp_path_factory.mktemp("results"))


def test_what_it_costs_and_which_lever_gives_way(saved: Reach) -> None:
    rows = {tuple(row["levers"]): row for row in saved.rows}
    assert set(rows) == {("more",), ("twice",)}
    assert rows["more",]["cost_bn_eur"] == (0.5, 0.5, 0.5)
    assert rows["twice",]["cost_bn_eur"][1] == 1
    assert [rows[key]["gives_way_first"] for key in rows] == ["more", "twice"]
    assert saved.needed_in_all == ()
    assert [row["lever"] for row in saved.staircase] == ["", "more"]
    assert saved.staircase[-1]["p_on_time"].mean == 1


def test_text_json_and_page_say_the_same(saved: Reach) -> None:
    told = as_json(saved)
    assert json.loads(json.dumps(told))["packages"][0]["levers"] == ["more"]
    assert set(told) >= {"packages", "needed_in_all", "steps", "simulated", "excluded_by_bound", "seconds"}
    assert "Three quarters" in render(blocks(saved))
    assert "| Three quarters | 0.50 |" in markdown(saved)
    assert told["packages"][0]["political"] == ["all agree"]


def test_a_saved_search_is_reopened_whole_and_resumed_to_the_same_bytes(saved: Reach) -> None:
    assert saved.folder is not None
    again = open_results(saved.folder)
    assert isinstance(again, Reach)
    assert again.table().equals(saved.table())
    assert as_json(again) | {"seconds": 0} == as_json(saved) | {"seconds": 0}
    before = (saved.folder / "search.json").read_bytes()
    for part in sorted((saved.folder / "parts").glob("*.parquet"))[::2]:
        part.unlink()
    by = saved.deadline_days
    reach(lines(), by=by, replications=2, first=2, jobs=1, resume=saved.folder)
    assert (saved.folder / "search.json").read_bytes() == before


def test_the_order_of_rows_changes_nothing(saved: Reach) -> None:
    other = reach(lines("ba"), by=saved.deadline_days, replications=2, first=2, jobs=1)
    assert {tuple(row["levers"]) for row in other.rows} == {tuple(row["levers"]) for row in saved.rows}


def test_what_no_schedule_can_do_is_excluded_by_the_bound_and_not_run() -> None:
    found = reach(lines(), by=0.01, replications=2, first=2, jobs=1)
    assert found.smallest == ()
    assert found.excluded_by_bound == len(found.families.all())
    assert "no schedule closes them before" in " ".join(render(blocks(found)).split())


def test_misuse_says_what_to_write() -> None:
    for wrong, code in (
        ({"levers": ["nope"]}, "E216"),
        ({"probability": 0.0}, "E130"),
        ({"troops": "many"}, "E130"),
    ):
        with pytest.raises(FlanksimError) as caught:
            reach(lines(), jobs=1, **wrong)  # type: ignore[arg-type]
        assert caught.value.problems[0].code == code
