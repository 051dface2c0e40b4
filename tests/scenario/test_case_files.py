"""What a scenario file can say of tables that it does not copy: rows taken out and kept, units picked, ways stated."""

from __future__ import annotations

import datetime

import pytest

from flanksim import FlanksimError, Problem, loads, simulate
from flanksim.engine.simulate import simulate_plan
from flanksim.network.admissible import LoadClass
from flanksim.planning.compile import compile_plan
from flanksim.scenario import Scenario
from tests.conftest import OPEN, closure_hour

MINI = "{flanksim: 1, name: own, extends: corridor-mini"


def own(body: str) -> Scenario:
    """The corridor in miniature with something on top."""
    return loads(f"flanksim: 1\nname: own\nextends: corridor-mini\n{body}", "my.yaml")


def problems(body: str) -> list[Problem]:
    with pytest.raises(FlanksimError) as caught:
        own(body)
    return list(caught.value.problems)


# ---- rows ----------------------------------------------------------------------------------------


def test_null_takes_a_row_out_of_any_table() -> None:
    body = "links: {sea-weser: null}\nfleets: {transporters: null}\nunits: {logistics: null}\n"
    found = own(body + "question: {troops_required: 7500}")
    assert "sea-weser" not in found.links
    assert "transporters" not in found.fleets
    assert set(found.units) == {"heavy-brigade", "light-brigade"}


def test_what_names_a_row_taken_out_is_told_with_both_lines() -> None:
    (problem,) = problems("title: x\nlinks:\n  rail-west: null\n")
    assert (problem.code, problem.path) == ("E131", "facilities.border-rail.place")
    assert problem.where == "corridor-mini.yaml:45"
    assert problem.message == "names 'rail-west', which is taken out of links at my.yaml:6"
    assert problem.hint.startswith("take this row out too (facilities: {border-rail: null})")
    assert own("links: {rail-west: null}\nfacilities: {border-rail: null}")


def test_a_row_that_comes_back_is_no_longer_taken_out() -> None:
    text = "facilities: {border-rail: {place: rail-wets}}\n"
    (problem,) = problems(text)
    assert problem.code == "E204"  # misspelt, not taken out


def test_only_keeps_rows_and_takes_what_refers_to_the_others_with_them() -> None:
    body = "only: {nodes: [HAJ, POZ, WAW, ORZ], fleets: [h*], units: [logistics]}\nquestion: {troops_required: 1500}"
    found = own(body)
    assert set(found.nodes) == {"HAJ", "POZ", "WAW", "ORZ"}
    assert set(found.fleets) == {"heavy-flats"}
    assert "sea-gdansk" not in found.links
    assert "rail-port" not in found.links
    assert "berth-GDN" not in found.facilities
    assert "border-rail" in found.facilities  # its link stays


def test_only_with_nothing_to_keep_empties_a_table() -> None:
    assert not own("only: {fleets: []}").fleets


@pytest.mark.parametrize(
    ("body", "message", "hint"),
    [
        ("only: {fleet: [ro-ro]}", "no table 'fleet'", "did you mean 'fleets'?"),
        ("only: {fleets: [roro]}", "no row 'roro' in fleets to keep", "did you mean 'ro-ro'?"),
        ("only: [ro-ro]", "names no tables", "only: {fleets: [point]}"),
    ],
)
def test_only_says_what_it_does_not_know(body: str, message: str, hint: str) -> None:
    problem = problems(body)[0]
    assert (problem.code, problem.message) == ("E132", message)
    assert hint in problem.hint
    assert problem.where.startswith("my.yaml:4")


def test_rows_that_nothing_uses_change_no_answer() -> None:
    """A case cut to what it uses is the case with all the rest: coaches and aircraft carry no vehicles."""
    unit = "units: {u: {home_node: HAJ, assembly_node: ORZ, wheeled: 144}}\nforces: {units: [u]}\n"
    unit += "question: {troops_required: 0}\n"
    whole = own(unit)
    cut = own("only: {units: [], fleets: [flats, heavy-flats, transporters, ro-ro]}\n" + unit)
    assert closure_hour(whole) == closure_hour(cut)


# ---- units ---------------------------------------------------------------------------------------


def test_units_are_picked_by_id() -> None:
    found = own("forces: {units: [logistics]}\nquestion: {troops_required: 1500}")
    assert set(found.travelling_units) == {"logistics"}
    problem = next(entry for entry in problems("forces: {units: [logistic]}") if entry.code == "E225")
    assert (problem.path, problem.hint) == ("forces.units", "did you mean 'logistics'?")


def test_a_unit_needs_neither_nation_nor_type_nor_a_row_elsewhere() -> None:
    found = own("units: {u: {home_node: GDN, assembly_node: ORZ, ready_day: 4, wheeled: 40}}\nforces: {units: [u]}\n"
                "question: {troops_required: 0}")  # fmt: skip
    run = simulate(found, 1)
    assert run.closures["all"].hour > 4 * 24


def test_a_date_as_c_day_changes_no_answer() -> None:
    dated = own("question: {c_day: 2017-01-06}")
    assert dated.question.c_day == datetime.date(2017, 1, 6)
    assert dated.digest == own("").digest
    assert "2017-01-06" in dated.model_dump_json()
    assert problems("question: {c_day: soon}")[0].code == "E105"


# ---- ways ----------------------------------------------------------------------------------------

#: A railway and a road side by side, the road with a shorter way, and a second road round by c.
WAYS = (
    OPEN
    + """
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 9}
  road: {from_node: a, to_node: b, mode: road, length_km: 100, speed_typical_kmh: 25}
  out: {from_node: a, to_node: c, mode: road, length_km: 100, speed_typical_kmh: 25}
  in: {from_node: c, to_node: b, mode: road, length_km: 75, speed_typical_kmh: 25}
units:
  u: {home_node: a, assembly_node: b, wheeled: 10%s}
"""
)


def links_used(scenario: Scenario) -> set[str]:
    plan = compile_plan(scenario)
    table = simulate(scenario, 1).movements
    names = set(table[table["kind"] == "travel"]["resource"])
    assert plan.serials
    return {str(name).split(":")[0] for name in names if str(name)}


@pytest.mark.parametrize(
    ("stated", "used"),
    [
        ("", {"road"}),
        (", modes: [rail]", {"line"}),
        (", forbidden_modes: road", {"line"}),
        (", modes: [road, sea]", {"road"}),
        (", route: [c]", {"out", "in"}),
        (", route: [c], modes: [road]", {"out", "in"}),
    ],
)
def test_a_unit_moves_only_as_it_may(stated: str, used: set[str]) -> None:
    assert links_used(loads(WAYS % stated)) == used


def moved(scenario: Scenario) -> str:
    return simulate_plan(compile_plan(scenario), 3).digest()


@pytest.mark.parametrize("stated", ["modes: [rail, road, ferry, sea, waterway, air]", "forbidden_modes: []"])
def test_all_modes_allowed_is_the_same_as_none_stated(stated: str, mini: Scenario) -> None:
    changed = loads(f"{MINI}, units: {{heavy-brigade: {{{stated}}}, light-brigade: {{{stated}}}}}}}")
    assert moved(changed) == moved(mini)


def test_a_mode_that_is_not_used_may_be_forbidden(mini: Scenario) -> None:
    changed = loads(f"{MINI}, units: {{heavy-brigade: {{forbidden_modes: [waterway, ferry]}}}}}}")
    assert moved(changed) == moved(mini)


def test_a_way_that_is_forbidden_is_named_where_none_is_left() -> None:
    with pytest.raises(FlanksimError, match="E305") as caught:
        compile_plan(loads(WAYS % ", modes: [sea]"))
    (problem,) = caught.value.problems
    assert problem.path == "units.u"
    assert (
        problem.hint
        == "the shortest way is stopped at road (a to b): the unit may not go by road (modes, forbidden_modes)"
    )


def test_a_route_that_leaves_no_way_is_named() -> None:
    text = WAYS % ", route: [d]"
    text = text.replace("links:\n", "links:\n  island: {from_node: d, to_node: e, mode: road, length_km: 9}\n")
    with pytest.raises(FlanksimError, match="E305") as caught:
        compile_plan(loads(text))
    assert caught.value.problems[0].hint.startswith("its route (d) leaves no way")


def test_a_place_of_a_route_must_be_one() -> None:
    with pytest.raises(FlanksimError, match="E201") as caught:
        loads(WAYS % ", route: [cc]")
    assert caught.value.problems[0].path == "units.u.route"


def test_a_mode_must_be_one_and_not_both() -> None:
    for stated, code in ((", modes: [train]", "E105"), (", modes: [rail], forbidden_modes: [rail]", "E107")):
        with pytest.raises(FlanksimError, match=code):
            loads(WAYS % stated)


def test_a_class_without_restrictions_is_the_class_that_it_was() -> None:
    assert LoadClass("wheeled", 30.0) == LoadClass("wheeled", 30.0, without=(), route=())
