"""Portfolio: what enumeration finds, what is never bought, what is saved, and what must not change the answer."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest

from flanksim import FlanksimError, Scenario
from flanksim import open as open_results
from flanksim.investment.apply import apply_projects
from flanksim.investment.payers import payers_of
from flanksim.investment.projects import left_to_pay, with_prerequisites
from flanksim.measure.portfolio import scores
from flanksim.study.lists import menu_of
from flanksim.study.portfolio import Portfolio, portfolio
from flanksim.study.study import run
from flanksim.terminal import render
from flanksim.text.portfolio import as_json, blocks, markdown
from tests.investment.conftest import effect, project, world

#: Two lines in series that only help together, one for other units, one that nobody uses.
HEAD = """
spending: {path: today, mobility_fraction: 0.1, max_project_share: 1, non_payers: []}
economies:
  AAA: {name: Aland, gdp_2025_bn_eur: 1000, infrastructure_share_2025_typical_pct: 1, groups: both}
  BBB: {name: Beland, gdp_2025_bn_eur: 500, infrastructure_share_2025_typical_pct: 1, groups: both}
question: {deadline_days: 2}
links:
  first: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 6, capacity_typical: 6}
  second: {from_node: b, to_node: c, mode: rail, tracks: 2, travel_hours: 10, capacity_typical: 6}
  third: {from_node: d, to_node: e, mode: rail, tracks: 2, travel_hours: 30, capacity_typical: 4}
  idle: {from_node: e, to_node: f, mode: rail, tracks: 2, travel_hours: 4, capacity_typical: 48}
parameters: {vehicles_per_train: 1, close_share: 1, additional_share: 1,
             ready_delay_days: {low: 0, typical: 1, high: 3}}
units:
  u1: {home_node: a, assembly_node: c, wheeled: 10}
  u2: {home_node: a, assembly_node: c, wheeled: 10}
  u3: {home_node: a, assembly_node: c, wheeled: 10}
  v1: {home_node: d, assembly_node: e, wheeled: 6}
  v2: {home_node: d, assembly_node: e, wheeled: 6}
"""
BUDGETS = [0.5, 1, 2.5, 4, 6]
#: Name, cost, years, line, and how many times its capacity; what is needed before, who pays.
PROJECTS = {
    "p1": (1.0, 2, "first", 2, "", "AAA"),
    "p2": (1.5, 2, "second", 2, "", "BBB"),
    "p3": (0.8, 3, "third", 1.5, "", "AAA;BBB"),
    "p4": (2.0, 1, "second", 3, "", "BBB"),
    "p5": (0.2, 1, "idle", 2, "", "AAA"),
    "p6": (0.6, 1, "third", 2, "p3", "both"),
}


def lattice(names: dict[str, str] | None = None, *, turned: bool = False, chance: bool = False) -> Scenario:
    """The six projects, under other names, or with their rows in another order."""
    called = names or {key: key for key in PROJECTS}
    rows, effects = [], []
    for number, (key, (cost, years, line, times, needs, payer)) in enumerate(PROJECTS.items()):
        extra = f", prerequisites: {called[needs]}" if needs else ""
        rows.append(project(called[key], cost, years, extra, f'"{payer}"'))
        rest = f"table: links, targets: {line}, attribute: capacity, operation: scale, typical: {times}"
        effects.append(effect(f"e{number}", called[key], rest))
    order = reversed if turned else list
    found = world("".join(order(rows)), "".join(order(effects)), HEAD)
    return found.model_copy(update={"mechanisms": found.mechanisms.model_copy(update={"chance": chance})})


def _every(scenario: Scenario, objective: str) -> dict[tuple[str, ...], tuple[float, float]]:
    """Every list with its cost and its gain against today, each from a run of its own network."""
    found = {}
    keys = sorted(scenario.projects)
    today = scores(objective, run(scenario, 1, jobs=1))[0]
    for size in range(len(keys) + 1):
        for chosen in combinations(keys, size):
            whole = tuple(sorted(with_prerequisites(scenario, chosen)))
            if whole not in found:
                cost = sum(left_to_pay(scenario, key)[1] for key in whole)
                found[whole] = (cost, scores(objective, run(apply_projects(scenario, whole), 1, jobs=1))[0] - today)
    return found


@pytest.mark.parametrize("objective", ["delay", "in-time", pytest.param("last-day", marks=pytest.mark.slow)])
def test_each_budget_buys_what_enumeration_finds(objective: str) -> None:
    scenario = lattice()
    every = _every(scenario, objective)
    found = portfolio(scenario, BUDGETS, objective=objective, replications=2, first=2, indifference=0, jobs=1)
    assert found.whole
    for row in found.rows:
        affordable = [entry for entry in every.values() if entry[0] <= row["budget_bn_eur"] + 1e-9]
        best = max(gain for _, gain in affordable)
        assert row["gain"].mean == pytest.approx(best)
        assert row["spent_bn_eur"] == pytest.approx(min(cost for cost, gain in affordable if gain >= best - 1e-9))
        assert every[tuple(sorted(row["projects"]))][1] == pytest.approx(best)
        assert all(row["gain"].mean >= other["gain"].mean - 1e-9 for other in row["alternatives"])
        assert "p5" not in {key for other in (row, *row["alternatives"]) for key in other["projects"]}
    bounds = [row["bound"] for row in found.rows]
    assert bounds == sorted(bounds, reverse=True)
    assert all(row["closure_day"].mean >= row["bound"] - 1e-9 for row in found.rows)


def test_a_search_of_a_part_of_the_lists_finds_them_too_and_is_never_worse_for_more_money() -> None:
    """Two of the projects gain nothing alone, and all together: critical paths say where to go on."""
    scenario = lattice()
    every = _every(scenario, "last-day")
    found = portfolio(scenario, BUDGETS, objective="last-day", replications=2, first=2, indifference=0, most=16, jobs=1)
    assert not found.whole
    assert found.simulated < len(every) / 2
    for row in found.rows:
        affordable = [entry for entry in every.values() if entry[0] <= row["budget_bn_eur"] + 1e-9]
        assert row["gain"].mean == pytest.approx(max(gain for _, gain in affordable))
    gains = [row["gain"].mean for row in found.rows]
    assert gains == sorted(gains)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    folder = tmp_path_factory.mktemp("results")
    return portfolio(lattice(chance=True), BUDGETS, replications=6, first=3, shapley=True, jobs=1, results=folder)


def test_shapley_sums_to_the_gain_and_complements_are_told(saved: Portfolio) -> None:
    last = saved.rows[-1]
    first = saved.gains(tuple(last["projects"]))[:3]
    assert set(saved.shapley) == set(last["projects"])
    assert sum(saved.shapley.values()) == pytest.approx(sum(first) / len(first))
    pairs = {(row["one"], row["other"]): row["more"].mean for row in saved.pairs}
    assert pairs["p1", "p2"] > 0.5
    assert pairs["p2", "p4"] < 0.1


def test_who_pays_sums_to_the_list_and_its_gain(saved: Portfolio) -> None:
    last = saved.rows[-1]
    assert sum(payer["pays_bn_eur"] for payer in last["payers"]) == pytest.approx(last["spent_bn_eur"])
    assert sum(payer["gain"] for payer in last["payers"]) == pytest.approx(last["gain"].mean)
    assert payers_of(saved.entry, "p6") == pytest.approx({"AAA": 2 / 3, "BBB": 1 / 3})
    assert payers_of(saved.entry, "p3") == {"AAA": 0.5, "BBB": 0.5}


def test_what_is_reopened_says_the_same(saved: Portfolio) -> None:
    assert saved.folder is not None
    again = open_results(saved.folder)
    assert isinstance(again, Portfolio)
    assert as_json(again) == as_json(saved) | {"seconds": as_json(again)["seconds"]}
    assert again.shapley == saved.shapley


def test_killed_and_resumed_it_is_the_same_to_the_byte(saved: Portfolio, tmp_path: Path) -> None:
    assert saved.folder is not None

    def stop(done: int, _: int) -> None:
        if done == 40:
            raise KeyboardInterrupt

    asked = {"replications": 6, "first": 3, "shapley": True, "jobs": 1}
    with pytest.raises(KeyboardInterrupt):
        portfolio(lattice(chance=True), BUDGETS, results=tmp_path, progress=stop, **asked)  # type: ignore[arg-type]
    (folder,) = tmp_path.glob("*/*")
    assert json.loads((folder / "manifest.json").read_text())["status"] == "interrupted"
    portfolio(lattice(chance=True), BUDGETS, resume=folder, **asked)  # type: ignore[arg-type]
    for name in ("runs.parquet", "search.json", "frontier.parquet"):
        assert (folder / name).read_bytes() == (saved.folder / name).read_bytes(), name
    with pytest.raises(FlanksimError, match="E502"):
        portfolio(lattice(chance=True), [1], resume=folder, **asked)  # type: ignore[arg-type]


def test_other_names_and_another_order_of_rows_change_nothing(saved: Portfolio) -> None:
    names = dict(zip(PROJECTS, ("zz", "b", "mm", "a", "q", "aa"), strict=True))
    other = portfolio(lattice(names, turned=True, chance=True), BUDGETS, replications=6, first=3, jobs=1)
    for one, two in zip(saved.rows, other.rows, strict=True):
        assert {names[key] for key in one["projects"]} == set(two["projects"])
        assert one["gain"] == two["gain"]
        assert one["certainty"] == two["certainty"]


@pytest.mark.slow
def test_several_processes_answer_as_one(saved: Portfolio) -> None:
    other = portfolio(lattice(chance=True), BUDGETS, replications=6, first=3, shapley=True, jobs=2)
    assert as_json(other) | {"seconds": 0, "results": ""} == as_json(saved) | {"seconds": 0, "results": ""}


def test_a_year_and_what_is_given_narrow_what_is_bought() -> None:
    scenario = lattice()
    assert {offer.key for offer in menu_of(scenario, None, 2028).offers} == {"p1", "p2", "p4", "p5"}
    found = portfolio(scenario, [9], year=2028, replications=2, first=2, jobs=1)
    assert found.rows[0]["projects"] == ["p1", "p2"]
    assert found.rows[0]["counts_from"] == 2028


def test_text_json_page_and_figures_say_it(saved: Portfolio, tmp_path: Path) -> None:
    told = json.loads(json.dumps(as_json(saved), allow_nan=False))
    wanted = {
        "budget_bn_eur",
        "projects",
        "spent_bn_eur",
        "closure_day",
        "share_on_time",
        "mobility_delay_days",
        "bound",
    }
    assert wanted | {"alternatives"} <= set(told["frontier"][0])
    assert set(told["frontier"][-1]["closure_day"]) == {"mean", "low", "high"}
    text = render(blocks(saved))
    assert max(map(len, text.splitlines())) <= 100
    assert "Complements: p1 and p2" in " ".join(text.split())
    assert "Aland" in text
    assert "| 2.5 | 2.50 (2.50 to 2.50) | p1 (p1); p2 (p2) |" in markdown(saved)
    assert saved.ladder_of_projects()["key"].tolist() == list(dict.fromkeys(
        key for row in saved.rows for key in row["projects"]
    ))  # fmt: skip
    for figure in (saved.frontier, saved.ladder_of_projects, saved.map_of_projects):
        assert all(path.stat().st_size > 1000 for path in figure.save(tmp_path))


def test_misuse_says_what_to_write() -> None:
    for wrong, code in (
        ({"actions": ["nope"]}, "E216"),
        ({"given": ["p1"]}, "E216"),
        ({"objective": "soon"}, "E130"),
        ({"budget": -1}, "E130"),
        ({"year": 2020}, "E520"),
    ):
        with pytest.raises(FlanksimError) as caught:
            portfolio(lattice(), **({"budget": 1, "jobs": 1} | wrong))  # type: ignore[arg-type]
        assert caught.value.problems[0].code == code
