"""Which plan a design point is run with: none worse than that of a poorer network, whatever the jobs and stops."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import flanksim as fs
from flanksim.engine.streams import planning_seeds, seeds
from flanksim.network.one_more import with_row
from flanksim.scenario import Scenario
from flanksim.study import candidates
from flanksim.study.alternatives import below_of
from flanksim.study.candidates import below, choose, played
from flanksim.text.comparison import as_json as comparison_json
from flanksim.text.comparison import blocks
from flanksim.text.sweep import as_json as sweep_json
from tests.conftest import TWO_LINES, tiny
from tests.planning.networks_with_choice import network, upgraded

#: Three works: twice, four times as many trains on a line, and a ramp more.
WORKS = (
    """
economies:
  DEU: {name: Germany, gdp_2025_bn_eur: 1000, infrastructure_share_2025_typical_pct: 0}
spending: {target_year: 2026}
projects:
"""
    + "\n".join(
        f"  p{n}: {{name: Work {n}, countries: DEU, cost_low_bn_eur: 1, cost_typical_bn_eur: 1, cost_high_bn_eur: 1, "
        "build_low_years: 2, build_typical_years: 2, build_high_years: 2}"
        for n in range(3)
    )
    + """
effects:
  e0: {project_id: p0, table: links, targets: h0m0, attribute: headway_hours, operation: scale, typical: 0.5}
  e1: {project_id: p1, table: links, targets: m0t1, attribute: headway_hours, operation: scale, typical: 0.25}
  e2: {project_id: p2, table: facilities, targets: rt1, attribute: servers, operation: add, typical: 1}
"""
)
PORTFOLIOS = ["p0", "p1", "p2", "p0+p1", "p0+p1+p2"]


def random_line(number: int) -> Scenario:
    return network(number, chance="true", extra=WORKS)


@pytest.mark.parametrize(("strategy", "queues_days"), [("spread", 0.25), ("planned", 0.25), ("adaptive", 0.5)])
def test_more_is_never_planned_worse(strategy: str, queues_days: float) -> None:
    """Without chance a play says all: what is chosen is no later than the old plan on the same network, in neither way.

    Nor than the poorer network, but for the hours by which whole trains and ships change queues: less than the half
    day that matters, and half of that where serials do not choose again when they start.
    """
    later = []
    for number in range(4):
        scenario = network(number, strategy)
        base = choose(scenario, [], 1)
        before = played(base.plan, 1)
        for other in upgraded(scenario):
            found = choose(other, [base.carried("base")], 1)
            after = played(found.plan, 1)
            if not found.origin.cell:
                assert sum(after) <= sum(before) - candidates.CLEARLY_DAYS + 0.25
            later.append(max(after[0] - before[0], after[1] - before[1]))
    assert max(later) <= queues_days


def test_a_clearly_better_plan_takes_its_place() -> None:
    """A line with a train in 24 h takes one of 31 trains or two, with one an hour 22: all are in after 23 h."""
    poor = tiny(TWO_LINES.replace("headway_hours: 1}", "headway_hours: 24}"))
    rich = tiny(TWO_LINES)
    base = choose(poor, [], 1)
    found = choose(rich, [base.carried("poor")], 1)
    assert found.origin.cell == ""
    assert played(found.plan, 1)[0] == pytest.approx(23 / 24 - 1)
    assert played(base.plan, 1)[0] > 55 / 24 - 1
    again = choose(with_row(rich, "links", "on", headway_hours=0.0), [found.carried("rich")], 1)
    assert again.origin.cell == "rich", "nothing better is found: the same decisions, of the network below"


def test_the_best_of_several_old_plans_is_taken() -> None:
    """Two plans of networks without one line each: on the whole network that over the quick line is better."""
    whole = tiny(TWO_LINES)
    only = {
        gone: whole.model_copy(update={"links": {key: link for key, link in whole.links.items() if key not in gone}})
        for gone in ("quick", "up,on")
    }
    old = [choose(only[gone], [], 1).carried(gone) for gone in ("quick", "up,on")]
    for order in (old, old[::-1]):
        found = choose(whole, order, 1)
        assert (found.origin.cell, played(found.plan, 1)[0]) == ("", pytest.approx(23 / 24 - 1)), "its own is best"
    kept = candidates.PLAYS, candidates.CLEARLY_DAYS
    assert kept[0] > 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "CLEARLY_DAYS", 100.0)
        assert {choose(whole, order, 1).origin.cell for order in (old, old[::-1])} == {"up,on"}


def test_plans_are_not_chosen_by_the_runs_that_judge_them() -> None:
    every = {seed for root in range(20) for seed in seeds(root, 50)}
    chosen_by = {seed for root in range(20) for seed in planning_seeds(root, 50)}
    assert len(chosen_by) == 1000
    assert not every & chosen_by


def test_nested_sets_are_chained_and_never_in_a_circle() -> None:
    """Each stands on the largest sets below it; a network that comes again counts where least is built."""
    built = [{"a": 1.0, "b": 1.0}, {}, {"a": 0.5}, {"b": 1.0}, {"a": 1.0, "b": 1.0, "c": 1.0}, {"c": 1.0}]
    found = below(["ab", "today", "half", "b", "today", "c"], built)
    assert found == {"today": (), "half": ("today",), "b": ("today",), "c": ("today",), "ab": ("half", "b")}


def test_alternatives_of_another_question_have_plans_of_their_own() -> None:
    """What differs in more than year and spending is no richer or poorer version."""
    scenario = random_line(0)
    other = scenario.model_copy(update={"routing": scenario.routing.model_copy(update={"strategy": "planned"})})
    later = scenario.model_copy(
        update={"year": 2035, "spending": scenario.spending.model_copy(update={"infrastructure_share_pct": 5.0})}
    )
    found = below_of([scenario, other, later], [("p0",), ("p0", "p1")], ["now", "other", "later", "p0", "p0+p1"])
    assert found == {"now": (), "p0": ("now",), "p0+p1": ("p0",), "later": ("p0+p1",), "other": ()}


def test_the_answer_says_whose_plan_was_run_and_it_can_be_turned_off(tmp_path: Path) -> None:
    scenario = random_line(2)
    found = fs.compare([scenario], PORTFOLIOS, 3, jobs=1, results=tmp_path)
    said = {entry["name"]: entry["plan"] for entry in comparison_json(found)["alternatives"]}
    assert said["tiny"] == "made anew"
    assert set(said.values()) == {"made anew", "carried over from tiny"}
    assert any(str(block).startswith("  Plans: tiny") for block in blocks(found))
    assert found.table()["plan"].tolist() == list(said.values())
    assert found.folder is not None
    again = fs.open(found.folder)
    assert comparison_json(again)["alternatives"] == comparison_json(found)["alternatives"]
    alone = fs.compare([scenario], PORTFOLIOS, 3, jobs=1, carry_over=False)
    assert set(alone.table()["plan"]) == {"made anew"}
    own = fs.run_study(found.alternatives[2].scenario, 3, jobs=1)
    assert [run.digest for run in alone.alternatives[2].replications] == [run.digest for run in own.replications]
    assert [run.digest for run in found.alternatives[2].replications] != [run.digest for run in own.replications]
    with pytest.raises(fs.FlanksimError, match="E502"):
        fs.compare([scenario], PORTFOLIOS, 3, jobs=1, carry_over=False, resume=found.folder)


def test_jobs_and_stops_change_nothing(tmp_path: Path) -> None:
    """A study of which some runs are gone makes the same choices again, and of points that are whole none."""
    scenario = random_line(2)

    def made(name: str, jobs: int, resume: Path | None = None) -> Path:
        found = fs.compare([scenario], PORTFOLIOS, 3, jobs=jobs, results=tmp_path / name, resume=resume)
        assert found.folder is not None
        return found.folder

    def tables(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}

    one, two = made("one", 1), made("two", 2)
    assert tables(one) == tables(two)
    manifest = json.loads((one / "manifest.json").read_text())
    key = manifest["alternative_cells"][2]
    parts = sorted((one / "parts").glob(f"{key}-*.parquet"))
    parts[1].unlink()
    planned = []
    with pytest.MonkeyPatch.context() as patch:
        kept = candidates.Planner.anew
        patch.setattr(candidates.Planner, "anew", lambda self: (planned.append(1), kept(self))[1])
        made("one", 1, one)
        assert len(planned) == 2, "today, and the point with a run missing"
        made("one", 1, one)
        assert len(planned) == 2, "nothing is missing any more"
    assert tables(one) == tables(two)


def test_a_sweep_is_chained_over_spending_and_years() -> None:
    found = fs.sweep(random_line(2), [0, 5], [2026, 2035], [0.12], replications=2, jobs=1)
    said = [cell["plan"] for cell in sweep_json(found)["cells"]]
    assert said == ["made anew"] * 3 + ["carried over from 0 % of GDP by 2026"]
