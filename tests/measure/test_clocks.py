"""Three clocks: exact on a line, equal to the area between curves, and deaf to how the force is cut into units."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flanksim as fs
from flanksim import loads
from flanksim.measure.clocks import UnitHours, by_nation, mobility_delay, share_day, troops_by, unit_hours, with_others
from flanksim.measure.closure import ALL, AskedForce, groups
from flanksim.scenario.rows import Unit
from flanksim.units import closure_day, deadline_hour

#: One battalion: ready at the start of C+2 (hour 48), two trains of 10 h an hour apart, received in 24 h.
LINE = """
flanksim: 1
name: clocks
routing: {strategy: shortest}
mechanisms: {chance: false, permissions: false, march_rest: false, civil_traffic: false, handling: false, lift: false}
question: {deadline_days: 3, milestone_days: [2, 3, 4]}
links:
  L1: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 10, headway_hours: 1}
  L2: {from_node: a, to_node: b, mode: road, travel_hours: 10.5}   # for coaches
units:
  U: {home_node: a, assembly_node: b, wheeled: 80, troops: 600, ready_day: 2, nation: DEU}
parameters: {close_share: 1, integration_days: 1, vehicles_per_train: 40, troops_per_train: 600}
"""


def force(*units: Unit) -> AskedForce:
    troops = sum(unit.troops for unit in units if not unit.in_place)
    return AskedForce(units, troops, 744.0, 744.0, 8784.0, False)


def unit(troops: int, nation: str = "", *, in_place: bool = False) -> Unit:
    return Unit(home_node="a", assembly_node="b", troops=troops, nation=nation, in_place=in_place)


def test_the_clocks_of_a_battalion_on_a_line() -> None:
    run = fs.simulate(loads(LINE))
    found = unit_hours(run.replay())
    assert found.ready == found.permitted == (48.0,)
    # two trains, the second an hour behind the first
    assert found.arrived[0] == pytest.approx(59.0, abs=1e-9)
    assert found.closed[0] == pytest.approx(83.0, abs=1e-9)
    table = run.clocks().set_index(["of", "group", "clock"])
    assert table.loc[("group", "all", "closed"), "mobility_delay_days"] == pytest.approx(35 / 24)
    # hour 59 is before the end of C+2 (hour 72); hour 83 before that of C+3
    assert table.loc[("group", "all", "arrived"), ["troops_by_2", "troops_by_3"]].tolist() == [600, 600]
    assert table.loc[("group", "all", "closed"), ["troops_by_2", "troops_by_3"]].tolist() == [0, 600]
    assert table.loc[("ally", "DEU", "closed"), "day_of_100"] == pytest.approx(closure_day(83.0))


def test_what_waits_for_leave_is_ready_and_not_permitted() -> None:
    text = (
        LINE.replace("permissions: false", "permissions: true")
        + """
regime: {permission: today}
nodes: {a: {country: DEU}, b: {country: POL}}
"""
    )
    text = text.replace("parameters: {", "parameters: {permission_days_today: 5, ")
    found = unit_hours(fs.simulate(loads(text)).replay())
    assert (found.ready, found.permitted) == ((48.0,), (120.0,))


HOURS = st.floats(0.0, 5000.0) | st.just(math.nan)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 5000), st.floats(0, 700), st.floats(0, 4000) | st.none()), min_size=1, max_size=6)
)
def test_the_delay_is_the_area_between_the_curves(rows: list[tuple[int, float, float | None]]) -> None:
    """Integrated step by step over the hours at which a curve jumps, without a look at single units."""
    known = force(*(unit(troops) for troops, _, _ in rows))
    ready = tuple(hour for _, hour, _ in rows)
    closed = tuple(math.nan if late is None else hour + late for _, hour, late in rows)
    ends = np.array([known.horizon_h if math.isnan(hour) else hour for hour in closed])
    troops, jumps = np.array([t for t, _, _ in rows]), np.unique([*ready, *ends])
    area = 0.0
    for start, stop in zip(jumps, jumps[1:], strict=False):
        gap = troops[np.array(ready) <= start].sum() - troops[ends <= start].sum()
        area += gap * (stop - start) / 24
    found = mobility_delay(known, UnitHours(ready, ready, closed, closed), groups(known)[ALL])
    assert found == pytest.approx(area / troops.sum(), rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 900), st.lists(st.tuples(st.integers(2, 900), HOURS), min_size=1, max_size=5), st.randoms())
def test_cutting_reordering_and_adding_what_does_not_travel_change_nothing(cut, rows, random) -> None:  # type: ignore[no-untyped-def]
    def numbers(units: list[tuple[Unit, float]]) -> list[float]:
        known = force(*(entry for entry, _ in units))
        hours = tuple(hour for _, hour in units)
        ready = tuple(0.0 for _ in units)
        part = groups(known)[ALL]
        if any(entry.in_place for entry, _ in units):  # what stands in place counts for no one here
            part = replace(part, units=tuple(n for n in part.units if not known.units[n].in_place))
        return [
            mobility_delay(known, UnitHours(ready, ready, hours, hours), part),
            *(troops_by(known, hours, part, hour) for hour in (100.0, 1000.0)),
            *(share_day(known, hours, part, share) for share in (0.5, 0.8, 0.95, 1.0)),
        ]

    plain = [(unit(troops), hour) for troops, hour in rows]
    first = min(cut, rows[0][0] - 1)
    halves = [(unit(first), rows[0][1]), (unit(rows[0][0] - first), rows[0][1]), *plain[1:]]
    shuffled = random.sample(plain, len(plain))
    more = [*plain, (unit(5000, in_place=True), 0.0)]
    want = numbers(plain)
    for other in (halves, shuffled, more):
        assert numbers(other) == pytest.approx(want, rel=1e-12, nan_ok=True)


def test_troops_in_place_bring_the_required_number_forward() -> None:
    known = force(unit(600), unit(400))
    hours, others = (100.0, 900.0), [unit(400, in_place=True)]
    assert with_others(known, hours, groups(known)[ALL], others, 744.0) == (closure_day(100.0), 1.0)
    assert with_others(known, hours, groups(known)[ALL], [], 744.0) == (closure_day(900.0), 0.6)


def test_allies_are_told_apart_and_those_in_place_are_not_among_them() -> None:
    known = force(unit(600, "DEU"), unit(400, "POL"), unit(50, "LTU", in_place=True), unit(10))
    assert {name: group.troops for name, group in by_nation(known).items()} == {"DEU": 600, "POL": 400}


def test_a_study_says_the_clocks_keeps_them_and_bounds_them(tmp_path) -> None:  # type: ignore[no-untyped-def]
    study = fs.run(loads(LINE), 2, results=tmp_path, bounds=True, jobs=1)
    assert study.mobility_delay().mean == pytest.approx(35 / 24)
    assert study.troops_by(deadline_hour(3), clock="arrived").mean == 600
    # in free flow the second train need not wait an hour, the coaches come last: 48 + 10.5 + 24 h
    assert study.bound is not None
    assert study.bound.units["U"] == pytest.approx(closure_day(82.5))
    assert (study.ceiling(82.5), study.ceiling(82.4)) == (600, 0)
    again = fs.open(study.folder)
    assert again.replications[0].clocks == study.replications[0].clocks
    assert again.ceiling(82.5) == 600
    assert again.clocks().equals(study.clocks())


def test_a_difference_is_one_of_the_delay_and_of_the_troops_in_time_too() -> None:
    slow = fs.run(loads(LINE), 2, jobs=1)
    quick = fs.run(loads(LINE.replace("hours: 10", "hours: 5").replace("days: 3", "days: 2")), 2, jobs=1)
    found = quick.against(slow)
    assert found.delay.mean == pytest.approx(-5 / 24)
    assert found.troops.mean == -600  # the deadline of the other is a day earlier
