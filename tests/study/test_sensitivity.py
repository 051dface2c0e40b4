"""Sensitivity: known effects, both ends, what the plan does not use, and what the numbers rest on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import flanksim as fs
from flanksim import FlanksimError, Scenario, load
from flanksim.network.worlds import at_end, uncertain, world
from flanksim.study.sensitivity import numbers_of, reopened, sensitivity
from flanksim.study.store import open_folder
from flanksim.terminal import render
from flanksim.text.sensitivity import as_json, blocks, evidence, markdown
from tests.conftest import closure_hour, tiny

#: Ten vehicles march one after the other; the road is driven at 20 to 50 km/h, another one by nobody.
WORLD = """
links:
  way: {from_node: a, to_node: b, mode: road, length_km: 200, speed_low_kmh: 20, speed_typical_kmh: 40,
        speed_high_kmh: 50, lanes: 2}
parameters: {travel_factor_road: 1}
units:
  u: {home_node: a, assembly_node: b, wheeled: 10, ready_day: 2}
unknowns:
  ready: {name: Readiness, table: units, attribute: ready_day, low: 0.5, high: 3}
"""
SPEED, READY = "links road speed_typical_kmh", "unknowns ready"


def hours(scenario: Scenario, *names: str) -> dict[str, tuple[float, float]]:
    """Hours later at the low and at the high value of each number."""
    found = sensitivity(scenario, names or None, 2, first=2, jobs=1)
    return {row["number"]: (24 * row["low_days"], 24 * row["high_days"]) for row in found.effects}


def test_speed_and_readiness_do_what_arithmetic_says() -> None:
    """200 km at 20, 40 and 50 km/h: 10, 5 and 4 hours. Ready on day 1, 2 and 6."""
    found = hours(tiny(WORLD), SPEED, READY)
    assert found[SPEED] == pytest.approx((5, -1))
    assert found[READY] == pytest.approx((-24, 96))


def test_readiness_of_units_is_as_early_and_as_late_as_their_rows_say() -> None:
    scenario = tiny(WORLD.replace("ready_day: 2}", "ready_day: 2, ready_early_days: 0.5, ready_late_days: 3}"))
    (row,) = sensitivity(scenario, ["units ready_day"], 2, first=2, jobs=1).effects
    assert (row["low_days"], row["high_days"]) == pytest.approx((-0.5, 3))
    assert (row["low_soldier"], row["high_soldier"]) == pytest.approx((-0.5, 3))
    assert (row["low_delay"], row["high_delay"]) == pytest.approx((0, 0))  # who starts later waits no longer


def test_it_is_a_second_computation_of_two_runs() -> None:
    scenario = tiny(WORLD)
    ends = [closure_hour(at_end(scenario, SPEED, high=high)) - closure_hour(scenario) for high in (False, True)]
    assert hours(scenario, SPEED)[SPEED] == pytest.approx(ends)


def test_an_end_is_the_world_with_that_share_alone() -> None:
    mini = load("corridor-mini")
    names = {entry.name for entry in uncertain(mini)}
    for name in sorted(names)[:8]:
        ends = at_end(mini, name, high=True)
        entry = next(entry for entry in uncertain(mini) if entry.name == name)
        drawn = world(mini, lambda _: 1.0)
        for key in entry.rows:
            assert getattr(getattr(ends, entry.table)[key], entry.field) == pytest.approx(
                getattr(getattr(drawn, entry.table)[key], entry.field)
            )


def test_what_the_plan_does_not_use_changes_nothing_by_proof_and_order_does_not_matter() -> None:
    scenario = tiny(WORLD)
    other = "  ship: {from_node: b, to_node: c, mode: sea, length_km: 9, speed_low_kmh: 1, speed_typical_kmh: 2, speed_high_kmh: 3}\n"  # noqa: E501
    more = tiny(WORLD.replace("parameters:", f"{other}parameters:"))
    found = sensitivity(more, ["links sea speed_typical_kmh", SPEED], 2, first=2, jobs=1)
    row = next(row for row in found.effects if row["number"].startswith("links sea"))
    assert (row["low_pairs"], row["high_pairs"], row["most_soldier"]) == (0, 0, 0)
    assert row["low_sure"] == "today's plan"
    assert hours(more, SPEED, READY) == hours(scenario, READY, SPEED)


def test_rows_of_one_kind_are_one_number_with_their_evidence() -> None:
    eastern = load("eastern-flank")
    names = ["fleets ship count_typical", "levers in_place_counted"]
    numbers = {number.name: number for number in numbers_of(eastern, names)}
    every = [row for row in eastern.fleets.values() if row.kind == "ship"]
    ships = [row for row in every if (row.count_low or 0) < (row.count_high or 0)]
    found = numbers["fleets ship count_typical"]
    assert found.rows == len(ships) == sum(count for _, count in found.evidence)
    assert dict(found.evidence).get("looked up", 0) == sum(row.basis == "looked_up" for row in ships)
    assert set(found.sources) <= {row.source for row in ships}


def test_a_scenario_of_its_own_numbers_is_saved_opened_and_told(tmp_path: Path) -> None:
    made = sensitivity(tiny(WORLD), [SPEED, READY], 2, first=2, jobs=1, results=tmp_path)
    assert made.folder is not None
    again = reopened(open_folder(made.folder))
    assert again.effects == made.effects
    assert fs.open(made.folder) == made
    json.dumps(as_json(made), allow_nan=False)
    assert "Readiness" in render(blocks(made))
    assert markdown(made, 1).count("\n| ") == 2
    assert evidence(made).count("\n| ") == len(made.numbers)


def test_unknown_numbers_are_refused() -> None:
    with pytest.raises(FlanksimError) as caught:
        sensitivity(tiny(WORLD), ["links road sped_typical_kmh"], 2, jobs=1)
    assert caught.value.problems[0].code == "E523"
    assert SPEED in caught.value.problems[0].hint
