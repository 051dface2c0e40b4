"""Levers: what is set, combined, refused and paid, against cases by hand; an unused lever changes nothing."""

from __future__ import annotations

import pytest

from flanksim import FlanksimError, Scenario, load, loads
from flanksim.investment.apply import apply_projects
from flanksim.investment.levers import apply_levers, cost_of, counts_from
from flanksim.scenario.evidence import evidence_of_tables
from tests.conftest import closure_hour
from tests.investment.conftest import effect, project, world

TWICE = "table: links, targets: line, attribute: capacity, operation: scale, typical: 2"
THREE = "table: regime, targets: regime, attribute: permission, typical: three_days"
PROJECTS = project("a", 1, 2, ", kind: track") + project("b", 3, 5, ", kind: track, prerequisites: c")
PROJECTS += project("c", 0.5, 1)


def levers(text: str, effects: str = "") -> Scenario:
    own = "".join(effect(f"e{key}", key, TWICE) for key in "abc")
    return world(PROJECTS, f"{own}{effects}levers:\n{text}")


def test_a_package_is_its_projects_by_kind_with_what_they_need() -> None:
    scenario = levers("  tracks: {name: Tracks, projects: track}\n")
    assert apply_levers(scenario, ["tracks"]).digest == apply_projects(scenario, "a+b+c").digest
    assert cost_of(scenario, "tracks") == pytest.approx((4.5, 4.5, 4.5))
    # From 2026: c takes a year, then b five.
    assert counts_from(scenario, "tracks") == 2032
    assert closure_hour(apply_levers(scenario, ["tracks"])) < closure_hour(scenario)


def test_what_its_row_says_of_cost_and_years_wins() -> None:
    scenario = levers(
        "  rule: {name: Rule, cost_typical_bn_eur: 0.2, cost_high_bn_eur: 0.6, build_typical_years: 2}\n",
        effect("r", "rule", THREE),
    )
    assert cost_of(scenario, "rule") == (0.2, 0.2, 0.6)
    assert counts_from(scenario, "rule") == 2028
    assert apply_levers(scenario, ["rule"]).regime.permission == "three_days"


def test_settings_are_set_and_levers_add_up() -> None:
    scenario = levers(
        "  warned: {name: Warned, settings: question.warning_days=14}\n"
        "  counted: {name: Counted, settings: forces.count_in_place=true}\n"
        "  rule: {name: Rule}\n",
        effect("r", "rule", THREE),
    )
    after = apply_levers(scenario, ["counted", "rule", "warned"])
    assert after.question.warning_days == 14
    assert after.forces.count_in_place
    assert after.regime.permission == "three_days"
    assert after.digest == apply_levers(scenario, ["warned", "counted", "rule", "warned"]).digest
    assert cost_of(scenario, "warned") == (0, 0, 0)
    assert apply_levers(scenario, []).digest == scenario.digest


def test_a_lever_that_nobody_pulls_changes_no_answer() -> None:
    plain = world(PROJECTS)
    text = "  warned: {name: Warned, settings: question.warning_days=14}\n"
    assert levers(text).digest == plain.digest


@pytest.mark.parametrize(
    ("text", "effects", "code", "said"),
    [
        ("  x: {name: X}\n", "", "E213", "changes nothing"),
        ("  x: {name: X, projects: trakc}\n", "", "E216", "track"),
        ("  a: {name: A, settings: question.warning_days=1}\n", "", "E237", "id of a project"),
        ("  x: {name: X, settings: question.warning=1}\n", "", "E237", "warning"),
        ("  x: {name: X, settings: question.warning_days=soon}\n", "", "E237", "soon"),
        ("  x: {name: X, settings: links.line=1}\n", "", "E237", "part.field=value"),
        ("  x: {name: X, settings: question.warning_days}\n", "", "E237", "part.field=value"),
        ("", effect("r", "nobody", THREE), "E216", "nobody"),
    ],
)
def test_what_cannot_be_pulled_is_refused_with_a_word_on_it(text: str, effects: str, code: str, said: str) -> None:
    with pytest.raises(FlanksimError) as caught:
        levers(text or "  y: {name: Y, projects: a}\n", effects)
    problem = next(entry for entry in caught.value.problems if entry.code == code)
    assert said in f"{problem.message} {problem.hint}"


def test_two_levels_of_one_thing_and_unknown_levers_are_refused() -> None:
    scenario = levers(
        "  w3: {name: A, family: warning, settings: question.warning_days=3}\n"
        "  w7: {name: B, family: warning, settings: question.warning_days=7}\n"
    )
    for keys, code in ((["w3", "w7"], "E217"), (["w5"], "E216")):
        with pytest.raises(FlanksimError) as caught:
            apply_levers(scenario, keys)
        assert caught.value.problems[0].code == code


def test_every_shipped_lever_changes_the_scenario_and_has_an_owner(eastern: Scenario) -> None:
    for key in eastern.levers:
        assert apply_levers(eastern, [key]).digest != eastern.digest, key
        low, typical, high = cost_of(eastern, key)
        assert 0 <= low <= typical <= high
    assert {entry.table for entry in evidence_of_tables(eastern)} >= {"levers"}


def test_levers_go_with_what_they_are_made_of() -> None:
    """A file that keeps some fleets only keeps no lever on the others."""
    text = 'flanksim: 1\nextends: eastern-flank\nname: few\nonly: {projects: ["PR80"]}\n'
    few = loads(text)
    assert "airlift" not in few.levers
    assert "stocks" not in few.levers
    assert {"ships", "warning_7", "permissions_six_hours"} <= few.levers.keys()
    assert load("eastern-flank").levers.keys() > few.levers.keys()


def test_a_unit_that_is_taken_out_is_taken_out_of_levers_too() -> None:
    text = "flanksim: 1\nextends: eastern-flank\nname: few\nquestion: {troops_required: null}\nunits: {%s}\n"
    few = loads(text % "USA-armoured-03: null")
    assert few.levers.keys() == load("eastern-flank").levers.keys()
    assert not any("USA-armoured-03" in row.targets for row in few.effects.values())


def test_units_that_are_not_kept_are_taken_out_of_levers_too() -> None:
    few = loads(
        "flanksim: 1\nextends: eastern-flank\nname: few\nquestion: {troops_required: null}\n"
        "only: {units: [DEU-*], projects: []}\n"
    )
    assert "stocks_america" not in few.levers
    assert {"warning_7", "permissions_six_hours"} == few.levers.keys() & {"warning_7", "permissions_six_hours", "ships"}
