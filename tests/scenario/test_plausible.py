"""What is allowed and hardly meant is warned of, and nothing that is shipped is."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

import pytest

import flanksim as fs
from flanksim import Problem, Scenario, load
from flanksim.bounds.ladder import ladder
from flanksim.bounds.late_units import late_units
from flanksim.planning.compile import compile_plan
from flanksim.scenario.plausible import GROUPS, LINKS, SERVERS
from flanksim.scenario.reading import inspect


def warnings(overrides: dict[str, Any]) -> list[Problem]:
    return [problem for problem in inspect("corridor-mini", overrides)[1] if problem.code == "W409"]


@pytest.mark.parametrize(
    ("table", "row", "field", "usual"),
    [("links", "rail-east", "capacity_typical", 165), ("links", "rail-port", "capacity_typical", 48),
     ("links", "s7", "capacity_typical", 300), ("facilities", "berth-GDN", "servers_typical", 2),
     ("fleets", "flats", "capacity", 65), ("fleets", "ro-ro", "capacity", 2800)],
)  # fmt: skip
def test_ten_times_the_usual_is_warned_of_and_nine_times_is_not(table: str, row: str, field: str, usual: float) -> None:
    (problem,) = warnings({table: {row: {field: 10 * usual}}})
    assert problem.path == f"{table}.{row}.{field}"
    assert "10 times what is usual of a" in problem.message
    assert warnings({table: {row: {field: 9 * usual}}}) == []


@pytest.mark.parametrize("name", ["eastern-flank", "corridor-mini"])
def test_nothing_that_is_shipped_is_implausible(name: str) -> None:
    assert [problem for problem in inspect(name)[1] if problem.code in ("W409", "W405", "W404")] == []


def test_the_usual_is_that_of_the_shipped_tables(eastern: Scenario) -> None:
    for mode, classes in LINKS.items():
        for size, usual in classes.items():
            found = [
                link.capacity_typical
                for link in eastern.links.values()
                if link.mode == mode and link.capacity_typical
                and (mode not in ("rail", "road") or size == (link.tracks if mode == "rail" else link.lanes))
            ]  # fmt: skip
            assert usual / 2 <= median(found) <= usual * 2, (mode, size)
    for kind, usual in SERVERS.items():
        rows = [row.servers_typical for row in eastern.facilities.values() if row.kind == kind and row.servers_typical]
        assert usual / 2 <= median(rows) <= usual * 2, kind
    for (kind, unit), usual in GROUPS.items():
        groups = [row.capacity for row in eastern.fleets.values() if (row.kind, row.capacity_unit) == (kind, unit)]
        assert usual / 2 <= median(groups) <= usual * 2, (kind, unit)


@pytest.mark.parametrize("unit", ["heavy-brigade", "light-brigade", "logistics"])
@pytest.mark.parametrize(("margin_days", "late"), [(-0.05, True), (0.05, False)])
def test_a_unit_that_cannot_make_its_date_on_any_way(mini: Scenario, unit: str, margin_days: float, late: bool) -> None:
    """By the bound of free flow, which is computed another way: over all units at once."""
    day = ladder(mini).units[unit]
    asked = load("corridor-mini", {"units": {unit: {"required_day": day + margin_days}}})
    found = list(late_units(asked, compile_plan(asked), lambda *_: "here"))
    assert [problem.path for problem in found] == ([f"units.{unit}.required_day"] if late else [])
    if late:
        assert f"before C+{day:.1f} on any way" in found[0].message


def test_what_only_waits_for_others_is_not_told_late(mini: Scenario) -> None:
    """One train for all makes the force late, but no unit by its distance."""
    few = {"flats": {"count_typical": 30}, "heavy-flats": {"count_typical": 30}, "transporters": {"count_typical": 10}}
    scenario = load("corridor-mini", {"fleets": few})
    assert fs.simulate(scenario, seed=1).closure_day > 30
    assert list(late_units(scenario, compile_plan(scenario), lambda *_: "here")) == []


def test_check_tells_it_in_python_too_and_only_once(tmp_path: Path) -> None:
    path = tmp_path / "soon.yaml"
    path.write_text("flanksim: 1\nname: soon\nextends: corridor-mini\nunits:\n  light-brigade: {required_day: 5}\n")
    found = [problem for problem in fs.check(path) if problem.path.startswith("units.light-brigade")]
    assert [(problem.code, problem.where) for problem in found] == [("W421", "soon.yaml:5")]  # 3 days of integration
    day = ladder(load(path)).units["light-brigade"] - 0.05
    path.write_text(path.read_text().replace("required_day: 5", f"required_day: {day}"))
    found = [problem for problem in fs.check(path) if problem.path.startswith("units.light-brigade")]
    assert [(problem.code, problem.where) for problem in found] == [("W422", "soon.yaml:5")]
