"""Who has no way is told which link stops the strongest one, and which project would open it."""

from __future__ import annotations

import pytest

from flanksim import FlanksimError, Scenario, loads
from flanksim.planning.compile import compile_plan

#: A load of MLC 30; two ways, of which the shorter bears 10 and the longer 20 on its first road and 25 on its second.
TEXT = """
flanksim: 1
name: bridges
regime: {permission: none}
links:
  short-1: {from_node: A, to_node: M, mode: road, length_km: 50, max_mlc: 10}
  short-2: {from_node: M, to_node: B, mode: road, length_km: 50, max_mlc: 40}
  long-1: {from_node: A, to_node: N, mode: road, length_km: 90, max_mlc: 20}
  long-2: {from_node: N, to_node: B, mode: road, length_km: 90, max_mlc: 25}
units:
  u: {wheeled: 20, heaviest_mlc: 30, home_node: A, assembly_node: B}
economies:
  LND: {name: Land, gdp_2025_bn_eur: 100, infrastructure_share_2025_typical_pct: 1}
"""
PROJECT = (
    "{{name: {}, countries: [LND], cost_low_bn_eur: 1, cost_typical_bn_eur: 1, cost_high_bn_eur: 1, "
    "build_low_years: 1, build_typical_years: 1, build_high_years: 1, payer_shares: {{LND: 1}}}}"
)
EFFECT = "{{project_id: {}, table: links, targets: [{}], attribute: max_mlc, operation: set, typical: {}}}"


def bridges(**projects: tuple[str, float]) -> Scenario:
    """The two ways, with projects that give a link another class."""
    text = TEXT
    if projects:
        text += "projects:\n" + "".join(f"  {key}: {PROJECT.format(f'Bridge {key}')}\n" for key in projects)
        text += "effects:\n"
        text += "".join(f"  {key}-1: {EFFECT.format(key, link, mlc)}\n" for key, (link, mlc) in projects.items())
    return loads(text)


def hint(scenario: Scenario) -> str:
    with pytest.raises(FlanksimError, match="E305") as caught:
        compile_plan(scenario)
    (problem,) = caught.value.problems
    return problem.hint


def test_the_strongest_way_is_named_not_the_shortest() -> None:
    assert hint(bridges()) == (
        "the strongest way is stopped at long-1 (A to N): MLC 30 over a limit of MLC 20, and at 1 more on it"
    )


def test_with_one_link_less_it_is_the_other_way() -> None:
    links = dict(bridges().links)
    del links["long-2"]
    other = bridges().with_tables({"links": links})
    assert hint(other) == "the strongest way is stopped at short-1 (A to M): MLC 30 over a limit of MLC 10"


def test_the_project_that_opens_it_does_so() -> None:
    links = dict(bridges().links)
    links["long-2"] = links["long-2"].model_copy(update={"max_mlc": 35.0})
    scenario = bridges(P1=("long-1", 30), P2=("long-1", 28)).with_tables({"links": links})
    assert hint(scenario).endswith("; project P1 (Bridge P1) would open it")
    links["long-1"] = links["long-1"].model_copy(update={"max_mlc": 30.0})
    assert compile_plan(scenario.with_tables({"links": links, "projects": {}, "effects": {}})).serials


def test_projects_that_open_it_only_together() -> None:
    both = bridges(P1=("long-1", 40), P2=("long-2", 40))
    assert hint(both).endswith("; together, projects P1 (Bridge P1) and P2 (Bridge P2) would open it")


def test_projects_that_exclude_each_other_are_not_built_together() -> None:
    both = bridges(P1=("long-1", 40), P2=("long-2", 40))
    projects = {**both.projects, "P1": both.projects["P1"].model_copy(update={"exclusions": ("P2",)})}
    assert hint(both.with_tables({"projects": projects})).endswith("; no project of the scenario opens it")


def test_that_no_project_opens_it_is_said() -> None:
    assert hint(bridges(P1=("long-1", 40))).endswith("; no project of the scenario opens it")


def test_what_no_strength_opens_is_told_of_the_shortest_way() -> None:
    text = TEXT.replace("home_node: A", "modes: [rail], home_node: A")
    assert "strongest" not in hint(loads(text))


def test_a_road_that_is_not_built_is_opened_by_who_builds_it() -> None:
    scenario = bridges(P1=("long-1", 40))
    effects = {"P1-1": scenario.effects["P1-1"].model_copy(update={"attribute": "capacity", "typical": 300.0})}
    links = {
        key: row.model_copy(update={"max_mlc": 40.0, "capacity_typical": 0.0 if key == "long-1" else 300.0})
        for key, row in scenario.links.items()
        if key.startswith("long")
    }
    told = hint(scenario.with_tables({"links": links, "effects": effects}))
    assert told.startswith("the shortest way is stopped at long-1 (A to N): ")
    assert told.endswith("; project P1 (Bridge P1) would open it")


def test_of_two_links_that_stop_the_strongest_way_only_the_one_that_must_be_stronger_is_named() -> None:
    """What lies beside a strong way round is not named: with it alone stronger nothing would move."""
    text = TEXT.replace(
        "long-2: {", "round: {from_node: A, to_node: N, mode: road, length_km: 900, max_mlc: 60}\n  long-2: {"
    )
    assert hint(loads(text)) == "the strongest way is stopped at long-2 (N to B): MLC 30 over a limit of MLC 25"
    assert compile_plan(loads(text.replace("max_mlc: 25", "max_mlc: 30"))).serials


def test_soldiers_without_a_road_need_stands_with_a_position() -> None:
    text = "{flanksim: 1, name: x, links: {s: {from_node: A, to_node: B, mode: sea, length_km: 900}}, "
    text += "units: {u: {troops: 100, home_node: A, assembly_node: B}}"
    assert "no stand is at A and at B" in hint(loads(text + "}"))
    stands = ", facilities: {a: {place: A, kind: stand}, b: {place: B, kind: stand}}}"
    assert "a flight needs the position of A and of B: state lat and lon" in hint(loads(text + stands))
