"""What projects change: every shipped one, and the arithmetic of set, scale and add."""

from __future__ import annotations

import csv

import pytest

from flanksim import FlanksimError, Scenario, load, loads
from flanksim.investment.apply import apply, apply_projects, at_year
from flanksim.investment.projects import with_prerequisites
from flanksim.network.admissible import LoadClass, obstacle
from flanksim.network.graph import link_attributes
from flanksim.network.network import Network
from flanksim.planning.compile import compile_plan
from flanksim.scenario import shipped
from flanksim.scenario.effects import changed_rows, fields, target
from flanksim.scenario.spending import Spending
from flanksim.study.run import Run
from tests.conftest import closure_hour
from tests.investment.conftest import WORLD, effect, project, world

with (shipped() / "europe" / "projects.csv").open(encoding="utf-8") as _stream:
    PROJECTS = [row["project_id"] for row in csv.DictReader(_stream)]

A = project("a", 1, 1)


@pytest.mark.slow
def test_nothing_spent_changes_nothing_exactly(eastern: Scenario, eastern_run: Run) -> None:
    nothing = Spending(infrastructure_share_pct=0, fund_ceilings="none")
    idle = apply(eastern, nothing, 2035)
    assert idle == eastern
    assert idle.digest == eastern.digest
    assert compile_plan(idle) == eastern_run.plan
    asked = eastern.model_copy(update={"year": 2035, "spending": nothing})
    assert at_year(asked).digest == eastern.digest
    assert apply(eastern, Spending(), 2025).digest == eastern.digest
    assert apply_projects(eastern, []).digest == eastern.digest


@pytest.mark.slow
@pytest.mark.parametrize("key", PROJECTS)
def test_each_shipped_project_changes_every_value_that_it_names(eastern: Scenario, key: str) -> None:
    built = apply_projects(eastern, [key])
    own = set(with_prerequisites(eastern, [key]))
    effects = [row for row in eastern.effects.values() if row.project_id in own]
    if eastern.projects[key].not_modelled:
        assert not effects
        assert built.digest == eastern.digest
        return
    assert built.digest != eastern.digest
    assert key in {row.project_id for row in effects}
    for row in effects:
        for row_id in row.targets:
            before, after = target(eastern, row.table, row_id), target(built, row.table, row_id)
            columns = fields(row, before)
            typical = columns[len(columns) // 2]
            assert getattr(after, typical) != getattr(before, typical), (row, row_id)
    named = {(row.table, row_id) for row in effects if row.project_id == key for row_id in row.targets}
    assert set(changed_rows(eastern, {key: 1.0})) == named


@pytest.mark.slow
def test_each_shipped_project_makes_the_network_better_or_leaves_it(eastern: Scenario) -> None:
    """No link loses capacity, class or speed by any project; the effective state counts, not the cell."""
    limits = ("gross_capacity", "max_mlc", "max_axle_load_t", "speed_kmh")
    for key in PROJECTS:
        built = apply_projects(eastern, [key])
        rows = {link for link, row in built.links.items() if row != eastern.links[link]}
        points = {row.link_id for name, row in built.chokepoints.items() if row != eastern.chokepoints[name]}
        better = not rows | points
        for link in rows | points:
            old, new = link_attributes(eastern, link), link_attributes(built, link)
            pairs = [(old[name], new[name]) for name in limits] + [(not old["shared"], not new["shared"])]
            assert all(a <= b for a, b in pairs), (key, link)
            better |= any(a < b for a, b in pairs)
        assert better, key


def test_doubling_the_capacity_halves_the_queue() -> None:
    """Ten trains, one an hour each way; the last waits 9 h, then 4.5 h, and runs 4 h."""
    scenario = world(A)
    assert closure_hour(scenario) == pytest.approx(9 + 4, abs=1e-9)
    assert closure_hour(apply_projects(scenario, ["a"])) == pytest.approx(4.5 + 4, abs=1e-9)


def test_a_project_added_to_a_file_is_built_by_its_year() -> None:
    """1 bn in 2026; done on 1 January 2027, so it serves on 1 July 2027 and not in 2026."""
    text = world_text(
        A, effect("e", "a", "table: links, targets: line, attribute: capacity, operation: add, typical: 48")
    )
    assert closure_hour(loads(text + "year: 2026\n")) == pytest.approx(13, abs=1e-9)
    scenario = loads(text + "year: 2027\n")
    assert closure_hour(scenario) == pytest.approx(8.5, abs=1e-9)
    assert at_year(scenario).year is None
    assert at_year(at_year(scenario)) == at_year(scenario)
    assert scenario.digest != scenario.model_copy(update={"year": 2026}).digest


def world_text(projects: str, effects: str) -> str:
    from tests.conftest import OPEN

    return f"{OPEN}{WORLD}projects:\n{projects}effects:\n{effects}"


def capacity(scenario: Scenario, keys: list[str], share: dict[str, float] | None = None) -> tuple[float | None, ...]:
    row = apply_projects(scenario, keys, share).links["line"]
    return row.capacity_low, row.capacity_typical, row.capacity_high


def one(rest: str, owner: str = "a", key: str = "e") -> str:
    return effect(key, owner, f"table: links, targets: line, attribute: capacity, {rest}")


def test_set_comes_before_scale_and_scale_before_add_whatever_their_names() -> None:
    rows = one("operation: add, typical: 5", key="e1") + one("operation: scale, typical: 3", key="e2")
    scenario = world(A, rows + one("operation: set, typical: 10", key="e3"))
    assert capacity(scenario, ["a"]) == (35, 35, 35)


def test_low_typical_and_high_change_each_by_its_own_number_and_stay_in_order() -> None:
    scenario = world(A, one("operation: set, low: 60, typical: 80, high: 100"))
    base = scenario.links["line"].model_copy(update={"capacity_low": 40.0, "capacity_high": 50.0})
    scenario = scenario.model_copy(update={"links": {"line": base}})
    assert capacity(scenario, ["a"]) == (60, 80, 100)
    grown = world(A, one("operation: scale, low: 1.0, typical: 2, high: 2")).model_copy(
        update={"links": {"line": base}}
    )
    assert capacity(grown, ["a"]) == (40, 96, 100)
    steep = world(A, one("operation: add, low: 90, typical: 90, high: 90")).model_copy(update={"links": {"line": base}})
    assert capacity(steep, ["a"]) == (130, 138, 140)


def test_projects_combine_in_any_order_and_the_furthest_set_counts() -> None:
    scenario = world(A + project("b", 1, 1), one("typical: 60") + one("typical: 170", "b", "f"))
    assert capacity(scenario, ["a", "b"]) == capacity(scenario, ["b", "a"])
    assert capacity(scenario, ["a", "b"])[1] == 170
    scaled = world(
        A + project("b", 1, 1), one("operation: scale, typical: 1.5") + one("operation: scale, typical: 2", "b", "f")
    )
    assert capacity(scaled, ["a", "b"])[1] == pytest.approx(144)


def test_part_of_a_programme_works_place_by_place_and_fleets_grow_evenly(eastern: Scenario) -> None:
    ramps = next(row for row in eastern.effects.values() if row.project_id == "PR72")
    half = apply_projects(eastern, [], {"PR72": 0.5})
    grown = [key for key in ramps.targets if half.facilities[key] != eastern.facilities[key]]
    assert grown == list(ramps.targets[: len(ramps.targets) // 2])
    wagons = apply_projects(eastern, [], {"PR70": 0.5})
    heavy = [key for key, fleet in eastern.fleets.items() if fleet.pool == "rail_heavy_1435"]
    assert sum(wagons.fleets[key].count_typical for key in heavy) == pytest.approx(1350 + 1000, abs=1)
    whole = apply_projects(eastern, ["PR70"])
    assert sum(whole.fleets[key].count_typical for key in heavy) == pytest.approx(3350, abs=1)
    assert apply_projects(eastern, [], {"PR70": 0.0}).digest == eastern.digest


def test_a_project_never_makes_the_regime_worse() -> None:
    rest = "table: regime, targets: regime, attribute: permission, typical: three_days"
    scenario = world(A, effect("e", "a", rest) + one("typical: 60", key="f"))
    assert apply_projects(scenario, ["a"]).regime.permission == "three_days"
    fast = scenario.model_copy(update={"regime": scenario.regime.model_copy(update={"permission": "six_hours"})})
    assert apply_projects(fast, ["a"]).regime.permission == "six_hours"


def test_a_gauge_is_text_and_tracks_are_whole() -> None:
    rows = effect("e", "a", "table: links, targets: line, attribute: gauge_mm, typical: '1435;1520'")
    rows += effect("f", "a", "table: links, targets: line, attribute: tracks, operation: scale, typical: 1.6")
    row = apply_projects(world(A, rows), ["a"]).links["line"]
    assert row.gauge_mm == (1435, 1520)
    assert row.tracks == 3


def test_stocks_readiness_permissions_and_repairs_change_by_the_same_rules() -> None:
    """A unit draws its set elsewhere and is ready sooner; half of a programme of agreements goes half the way."""
    head = WORLD.replace("links:\n", "nodes: {a: {}, b: {}}\nlinks:\n") + (
        "permissions:\n  p: {countries: AAA, lead_low_days: 4, lead_typical_days: 10, lead_high_days: 20}\n"
        "outages:\n  o: {applies_to: road, rate_per_year: 1, repair_low_hours: 10, repair_typical_hours: 40, "
        "repair_high_hours: 90}\n"
    )
    rows = (
        effect("s", "a", "table: units, targets: u, attribute: stock_node, typical: b")
        + effect("r", "a", "table: units, targets: u, attribute: ready_day, operation: add, typical: -2")
        + effect("l", "a", "table: permissions, targets: p, attribute: lead, low: 2, typical: 4, high: 6")
        + effect("d", "a", "table: outages, targets: o, attribute: repair, operation: scale, typical: 0.5")
    )
    head = head.replace("wheeled: 10}", "wheeled: 10, ready_day: 5}")
    scenario = world(A, rows, head=head)
    built = apply_projects(scenario, ["a"])
    assert (built.units["u"].stock_node, built.units["u"].ready_day) == ("b", 3)
    lead = built.permissions["p"]
    assert (lead.lead_low_days, lead.lead_typical_days, lead.lead_high_days) == (2, 4, 6)
    assert built.outages["o"].repair_typical_hours == 20
    half = changed_rows(scenario, {"a": 0.5})
    assert half["permissions", "p"].lead_typical_days == 7
    assert half["outages", "o"].repair_typical_hours == 30
    assert ("units", "u") not in half, "half a set is no set"
    with pytest.raises(FlanksimError, match=r"(?s)E212.*'nowhere' is no place"):
        world(A, rows.replace("typical: b", "typical: nowhere"), head=head)


def test_what_is_not_built_carries_nothing_even_without_admissibility() -> None:
    text = WORLD.replace("capacity_typical: 48", "capacity_typical: 0")
    scenario = world(A, one("typical: 48"), head=text)
    scenario = scenario.model_copy(
        update={"mechanisms": scenario.mechanisms.model_copy(update={"admissibility": False})}
    )
    network = Network(scenario)
    assert obstacle(network, network.links["line"][0], LoadClass("wheeled"), lifted=False) == "not built"
    with pytest.raises(FlanksimError, match="E305"):
        compile_plan(scenario)
    assert closure_hour(apply_projects(scenario, ["a"])) == pytest.approx(13, abs=1e-9)


def test_what_is_built_is_built_once(eastern: Scenario) -> None:
    built = apply_projects(eastern, ["PR03"])
    assert not built.projects
    assert not built.effects
    with pytest.raises(FlanksimError, match="unknown project 'PR03'"):
        apply_projects(built, ["PR03"])
    assert eastern.projects["PR03"].name.startswith("E75")


def test_a_built_scenario_survives_its_own_file(eastern: Scenario) -> None:
    from flanksim.study.store import resolved

    built = apply_projects(eastern, ["PR03", "PR73"], {"PR70": 0.4})
    assert loads(resolved(built)).digest == built.digest


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("hague-pledge", 2035),
        ("two-percent", 2035),
        ("accelerated", 2030),
        ("pooled-purse", 2035),
        ("permissions-only", None),
        ("lift-first", 2035),
    ],
)
def test_shipped_spending_scenarios(eastern: Scenario, name: str, year: int | None) -> None:
    scenario = load(name)
    assert scenario.year == year
    assert scenario.title
    built = at_year(scenario)
    assert built.year is None
    assert built.digest != eastern.digest
    if year is None:
        assert (built.links, built.fleets) == (eastern.links, eastern.fleets)
    else:
        assert built.links != eastern.links


def test_lift_comes_first_in_lift_first() -> None:
    from flanksim.investment.timeline import plan_projects

    scenario, plain = load("lift-first"), load("hague-pledge")
    lift = plan_projects(scenario, scenario.spending, 2035).shares_by(2035)
    assert {"PR70", "PR77", "PR78", "PR79", "PR80", "PR81"} <= set(lift)
    assert not {"PR77", "PR80"} & set(plan_projects(plain, plain.spending, 2035).shares_by(2035))
