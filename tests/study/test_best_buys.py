"""Best buys: known differences, what is zero by proof, who gets all pairs, and what must not change the answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flanksim import FlanksimError, Scenario, load
from flanksim.documents import write_blocks
from flanksim.investment.apply import apply_projects
from flanksim.investment.levers import apply_levers
from flanksim.planning.compile import compile_plan
from flanksim.study.best_buys import best_buys, reopened
from flanksim.study.compare import compare
from flanksim.study.each_alone import AllPairsIfItMatters, run_each_alone
from flanksim.study.experiment import DesignPoint, Replicate, StudyOptions, run_points
from flanksim.study.store import open_folder
from flanksim.terminal import render
from flanksim.text.best_buys import as_json, blocks, markdown
from tests.conftest import closure_hour
from tests.investment.conftest import WORLD, effect, project, world

TWICE = "table: links, targets: line, attribute: capacity, operation: scale, typical: 2"
UNUSED = "table: links, targets: other, attribute: capacity, operation: scale, typical: 2"
HEAD = WORLD.replace("links:\n", "links:\n  other: {from_node: c, to_node: d, mode: rail, tracks: 2, travel_hours: 4, "
                     "capacity_typical: 48}\n")  # fmt: skip


def two(order: str = "ab", extra: str = "", head: str = HEAD, more: str = "") -> Scenario:
    """Twice the line for 1 bn, twice a line that nobody uses for 0.1 bn, the first by a rule for nothing."""
    rows = {"a": project("a", 1, 2), "b": project("b", 0.1, 1)}
    effects = {"a": effect("ea", "a", TWICE), "b": effect("eb", "b", UNUSED)}
    text = "".join(effects[key] for key in order) + effect("er", "rule", TWICE.replace("typical: 2", "typical: 1.5"))
    levers = f"levers:\n  rule: {{name: Rule, kind: rules}}\n{extra}"
    return world("".join(rows[key] for key in order), text + more + levers, head)


def test_without_chance_what_is_saved_is_what_two_runs_say_and_the_unused_line_is_zero_by_proof() -> None:
    scenario = two()
    found = best_buys(scenario, replications=2, first=2, jobs=1)
    rows = {row["action"]: row for row in found.buys}
    saved = closure_hour(scenario) - closure_hour(apply_projects(scenario, ["a"]))
    assert saved == pytest.approx(4.5)
    assert rows["a"]["days_sooner"] == pytest.approx(saved / 24)
    by_rule = closure_hour(scenario) - closure_hour(apply_levers(scenario, ["rule"]))
    assert rows["rule"]["days_sooner"] == pytest.approx(by_rule / 24)
    assert (rows["a"]["cost_bn_eur"], rows["rule"]["cost_bn_eur"]) == (1, 0)
    assert (rows["a"]["counts_from"], rows["rule"]["counts_from"]) == (2028, 2026)
    assert [(entry.name, entry.why) for entry in found.untried] == [("b", "the plan of today")]
    assert closure_hour(apply_projects(scenario, ["b"])) == closure_hour(scenario)


def test_the_frontier_is_what_nothing_cheaper_outdoes() -> None:
    """Ten days of travel, so that the delay saved is more than what does not matter."""
    head = HEAD.replace(
        "travel_hours: 4, capacity_typical: 48}\nparameters", "travel_hours: 4, capacity_typical: 1}\nparameters"
    )
    assert head != HEAD
    dear = "  rule2: {name: Dear, cost_typical_bn_eur: 9}\n"
    effects = effect("e2", "rule2", TWICE.replace("typical: 2", "typical: 1.5"))
    scenario = two(extra=dear, head=head, more=effects)
    rows = {row["action"]: row for row in best_buys(scenario, replications=2, first=2, jobs=1).buys}
    assert rows["rule2"]["delay_days_saved"] == rows["rule"]["delay_days_saved"] > 0.1
    assert {key for key, row in rows.items() if row["frontier"]} == {"a", "rule"}
    assert [row["sure"] for row in rows.values()] == ["last day sooner, soldiers sooner"] * 3


def test_order_of_rows_and_what_is_added_unused_change_nothing() -> None:
    one, other = (best_buys(two(order), replications=2, first=2, jobs=1).buys for order in ("ab", "ba"))
    assert one == other
    extra = two(extra="  warned: {name: Warned, settings: question.warning_days=1}\n")
    assert best_buys(extra, ["rule", "a"], 2, first=2, jobs=1).buys == one


def test_it_is_what_a_comparison_of_the_same_networks_says() -> None:
    mini = load("corridor-mini").model_copy(
        update={"levers": {"warned": {"name": "W", "settings": "question.warning_days=1"}}}
    )
    found = best_buys(mini, replications=5, first=5, jobs=1)
    other = compare([mini, apply_levers(mini, ["warned"])], replications=5, jobs=1)
    assert found.differences[0] == other.differences[0]
    assert found.buys[0]["days_sooner"] == pytest.approx(-other.differences[0].days.mean)


def test_only_what_may_matter_gets_all_pairs() -> None:
    """Of the trains of a link that is never full one more moves the draws of nothing; a warning of a day moves all."""
    mini = load("corridor-mini")
    calm = mini.model_copy(
        update={
            "links": {**mini.links, "rail-west": mini.links["rail-west"].model_copy(update={"capacity_typical": 166})}
        }
    )
    warned = mini.model_copy(update={"question": {"warning_days": 1}})
    rule = AllPairsIfItMatters(2, 6)
    found = run_each_alone(mini, [calm, warned], rule, options=StudyOptions(1))
    assert len(found.today) == 6
    assert {key: len(runs) for key, runs in found.runs.items()} == {calm.digest: 2, warned.digest: 6}
    alone = run_points([DesignPoint(warned)], mini.seed, Replicate(6), options=StudyOptions(1))
    assert found.runs[warned.digest] == alone[warned.digest]


def test_a_plan_that_is_the_same_has_the_same_runs() -> None:
    scenario = two()
    other = apply_projects(scenario, ["b"])
    assert other.digest != scenario.digest
    points = [DesignPoint(entry) for entry in (scenario, other)]
    runs = run_points(points, 1, Replicate(3), options=StudyOptions(1))
    assert runs[scenario.digest] == runs[other.digest]
    assert compile_plan(scenario).scenario_digest != compile_plan(other).scenario_digest


def test_saved_interrupted_resumed_and_opened_it_answers_the_same(tmp_path: Path) -> None:
    scenario = two()
    whole = best_buys(scenario, replications=4, first=2, jobs=1, results=tmp_path)
    assert whole.folder is not None
    assert reopened(open_folder(whole.folder)) == whole
    assert reopened(open_folder(whole.folder)).buys == whole.buys

    def stop(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        best_buys(scenario, replications=4, first=2, jobs=1, results=tmp_path / "stopped", progress=stop)
    folder = next((tmp_path / "stopped").glob("*/*"))
    assert json.loads((folder / "manifest.json").read_text())["status"] == "interrupted"
    again = best_buys(scenario, replications=4, first=2, jobs=1, resume=folder)
    assert again.buys == whole.buys
    assert (folder / "runs.parquet").read_bytes() == (whole.folder / "runs.parquet").read_bytes()


def test_the_answer_of_processes_is_that_of_one() -> None:
    scenario = load("corridor-mini").model_copy(
        update={"levers": {"warned": {"name": "W", "settings": "question.warning_days=1"}}}
    )
    one, other = (best_buys(scenario, replications=3, first=2, jobs=jobs).buys for jobs in (1, 2))
    assert one == other


def test_text_json_and_page_say_the_same(tmp_path: Path) -> None:
    found = best_buys(two(), replications=2, first=2, jobs=1)
    said, content = render(blocks(found)), as_json(found)
    assert content["actions"][0]["title"] == found.buys[0]["title"]
    json.dumps(content, allow_nan=False)
    assert "Zero by proof" in said
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- best-buys of x, 1 rows -->\nSTALE\n<!-- end -->\nafter\n", encoding="utf-8")
    write_blocks(page, {"best-buys of x": lambda most: markdown(found, most)})
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- best-buys of x, 1 rows -->\n")
    assert text.endswith("<!-- end -->\nafter\n")
    assert "STALE" not in text
    assert text.count("\n| ") == 2  # head and one row
    with pytest.raises(FlanksimError, match="E524"):
        write_blocks(page, {"another": lambda _: ""})


def test_what_cannot_be_bought_is_refused() -> None:
    for scenario, actions, code in ((two(), ["c"], "E216"), (load("corridor-mini"), None, "E520")):
        with pytest.raises(FlanksimError) as caught:
            best_buys(scenario, actions, 2, jobs=1)
        assert caught.value.problems[0].code == code


def test_what_cannot_be_shown_is_not_run() -> None:
    scenario = world(
        project("a", 1, 1) + project("b", 1, 1, ", not_modelled: no line of it"),
        effect("ea", "a", TWICE),
        HEAD,
    )
    found = best_buys(scenario, replications=2, first=2, jobs=1)
    assert [(entry.name, entry.why) for entry in found.untried] == [("b", "not modelled")]


def test_the_answer_does_not_depend_on_the_engine() -> None:
    pytest.importorskip("numba")
    simpy, compiled = (
        best_buys(two(), replications=3, first=2, jobs=1, engine=engine).buys for engine in ("simpy", "compiled")
    )
    assert simpy == compiled
