"""Laws that hold on any network, tried on random small ones."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flanksim import units
from flanksim.activities import Kind
from flanksim.engine.simulate import simulate_plan
from flanksim.measure.closure import closures
from flanksim.measure.critical import closing_unit, critical_path, waited_for
from flanksim.measure.ledger import ledger
from flanksim.movements import MovementLog
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.planning.steps import Travel
from flanksim.scenario import Scenario
from flanksim.scenario.rows import Window
from tests.conftest import BARE, tiny
from tests.laws.audit import rebuild

CHANCE = BARE.replace("chance: false", "chance: true")
#: Networks of each law: 50 by default, as many as ``FLANKSIM_LAW_EXAMPLES`` says (200 in ``.ci/run``).
COUNT = int(os.environ.get("FLANKSIM_LAW_EXAMPLES", "50"))
EXAMPLES = settings(max_examples=COUNT, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def networks(draw: st.DrawFn) -> str:
    """A random chain of rail, sea and road legs with facilities, lift and one to four units."""
    legs = draw(st.integers(1, 4))
    names = [f"n{i}" for i in range(legs + 1)]
    links, facilities = [], []
    sea = draw(st.integers(-1, legs - 1))
    for i in range(legs):
        mode = "sea" if i == sea else "rail"
        hours = draw(st.floats(0.5, 40))
        headway = draw(st.sampled_from([0, 0.25, 1.5, 6]))
        tracks = draw(st.integers(1, 2))
        links.append(
            f"  l{i}: {{from_node: n{i}, to_node: n{i + 1}, mode: {mode}, travel_hours: {hours:.3f}, "
            f"headway_hours: {headway}, tracks: {tracks}}}"
        )
    for name in names:
        facilities.append(
            f"  r-{name}: {{place: {name}, kind: rail_terminal, servers_typical: {draw(st.integers(1, 3))}, "
            f"handling_hours: {draw(st.sampled_from(['1', '{low: 1, typical: 2, high: 5}', '{exponential: 2}']))}}}"
        )
        yard = draw(st.sampled_from(["", ", storage_typical: 20", ", storage_typical: 60"]))
        facilities.append(
            f"  b-{name}: {{place: {name}, kind: berth, servers_typical: {draw(st.integers(1, 2))}{yard}}}"
        )
    units = []
    for number in range(draw(st.integers(1, 4))):
        units.append(
            f"  u{number}: {{home_node: n0, assembly_node: n{legs}, wheeled: {draw(st.integers(1, 90))}, "
            f"ready_day: {draw(st.integers(0, 3))}, priority: {draw(st.integers(1, 2))}}}"
        )
    sets, ships = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    success = draw(st.sampled_from([1.0, 0.9]))
    return f"""
parameters: {{vehicles_per_train: 10, close_share: 1, lane_m_per_vehicle: 1}}
question: {{horizon_days: 400}}
links:
{chr(10).join(links)}
facilities:
{chr(10).join(facilities)}
fleets:
  sets: {{kind: train, pool: sets, carries: wheeled, count_typical: {sets}, capacity: 10, home_node: n0}}
  ships: {{kind: ship, pool: ships, carries: wheeled, count_typical: {ships}, capacity: 25, capacity_unit: lane_m,
          home_node: n0, activation_typical: {success}}}
units:
{chr(10).join(units)}
"""


def run(text: str, seed: int) -> tuple[Plan, MovementLog]:
    plan = compile_plan(tiny(text, CHANCE))
    return plan, simulate_plan(plan, seed)


@EXAMPLES
@given(networks(), st.integers(0, 2**31))
def test_laws_of_every_run(text: str, seed: int) -> None:
    plan, outcome = run(text, seed)
    _conserved(plan, outcome)
    _in_time_order(plan, outcome)
    _no_capacity_exceeded(plan, outcome)
    _served_in_order(plan, outcome)
    _critical_path_sums(plan, outcome)
    _table_rebuilds_the_answer(plan, outcome)
    # I2: the states of every serial sum to its life.
    assert ledger(outcome).largest_error <= 1e-9


def _table_rebuilds_the_answer(plan: Plan, outcome: MovementLog) -> None:
    """I16: the movement table alone gives the closure of every unit."""
    closed, troops = rebuild(outcome)
    np.testing.assert_array_equal(closed, outcome.closed_h)
    np.testing.assert_array_equal(troops, outcome.troops_h)


def _conserved(plan: Plan, outcome: MovementLog) -> None:
    """I1: every vehicle of a closed unit has come in, and none twice."""
    for number, unit in enumerate(plan.units):
        first = sum(s.quantity for s in plan.serials if s.unit == number and s.final)
        assert first == unit.vehicles
    table = outcome
    for serial in plan.serials:
        rows = np.flatnonzero((table["serial"] == serial.number) & (table["kind"] != Kind.EMPTY_RUN))
        travelled = (table["kind"][rows] == Kind.TRAVEL).sum()
        wanted = sum(isinstance(step, Travel) for step in plan.programs[serial.program].steps)
        assert travelled <= wanted
        if serial.final and not math.isnan(outcome.closed_h[serial.unit]):
            assert travelled == wanted


def _in_time_order(plan: Plan, outcome: MovementLog) -> None:
    """I4: requested <= started <= cleared, started <= ended; nothing before readiness."""
    table = outcome
    for early, late in (("requested", "started"), ("started", "cleared"), ("started", "ended")):
        gap = table[late] - table[early]
        assert np.nanmin(gap, initial=0.0) >= -1e-9
    for serial in plan.serials:
        rows = (table["serial"] == serial.number) & (table["kind"] == Kind.TRAVEL)
        if rows.any():
            assert table["started"][rows].min() >= plan.units[serial.unit].ready_h - 1e-9


def _no_capacity_exceeded(plan: Plan, outcome: MovementLog) -> None:
    """I3: replay of the table never shows a gate, server, store or asset used beyond its capacity."""
    table = outcome
    kinds = table["kind"]
    moving = np.isin(kinds, (Kind.TRAVEL, Kind.EMPTY_RUN)) & (table["resource"] >= 0) & ~np.isnan(table["started"])
    for gate in np.unique(table["resource"][moving]):
        rows = np.flatnonzero(moving & (table["resource"] == gate))
        rows = rows[np.argsort(table["started"][rows], kind="stable")]
        assert (table["started"][rows][1:] >= table["cleared"][rows][:-1] - 1e-9).all()
    handled = np.isin(kinds, (Kind.LOAD, Kind.UNLOAD)) & (table["resource"] >= 0) & ~np.isnan(table["started"])
    for number in np.unique(table["resource"][handled]):
        rows = np.flatnonzero(handled & (table["resource"] == number))
        starts, ends = table["started"][rows], np.nan_to_num(table["cleared"][rows], nan=math.inf)
        for start in starts:
            assert ((starts <= start) & (ends > start + 1e-9)).sum() <= plan.servers[number].servers


def _served_in_order(plan: Plan, outcome: MovementLog) -> None:
    """At each gate nobody is admitted while another of a higher priority, or an earlier equal, has waited longer."""
    table = outcome
    priority = np.array([plan.serials[s].priority for s in table["serial"]])
    moving = (table["kind"] == Kind.TRAVEL) & (table["resource"] >= 0) & ~np.isnan(table["started"])
    for gate in np.unique(table["resource"][moving]):
        rows = np.flatnonzero(moving & (table["resource"] == gate))
        for row in rows:
            passed_over = (
                (table["requested"][rows] < table["started"][row] - 1e-9)
                & (table["started"][rows] > table["started"][row] + 1e-9)
                & (
                    (priority[rows] < priority[row])
                    | ((priority[rows] == priority[row]) & (table["requested"][rows] < table["requested"][row] - 1e-9))
                )
            )
            assert not passed_over.any()


def _critical_path_sums(plan: Plan, outcome: MovementLog) -> None:
    """Of every closed unit: its own serials alone, no gap, the sum. Of the force: what it waited for sums too."""
    for number, hour in enumerate(outcome.closed_h):
        if math.isnan(hour):
            continue
        own = {serial.number for serial in plan.serials if serial.unit == number}
        own |= {ship.number for ship in plan.serials if ship.stage == 1 and own & set(ship.feeds)}
        path = critical_path(outcome, number)
        assert {piece.serial for piece in path} <= own
        assert all(a.end == b.start for a, b in zip(path, path[1:], strict=False))
        assert math.fsum(piece.hours for piece in path) == pytest.approx(hour, abs=1e-9)
    unit = closing_unit(outcome)
    if unit is None:
        assert math.isnan(closures(plan, outcome.closed_h)["all"].hour)
        return
    pieces = waited_for(outcome, unit)
    assert pieces[0].start == 0.0
    assert all(a.end == b.start for a, b in zip(pieces, pieces[1:], strict=False))
    assert sum(piece.hours for piece in pieces) == pytest.approx(outcome.closed_h[unit], abs=1e-9)


@EXAMPLES
@given(networks(), st.integers(0, 1000))
def test_same_plan_and_seed_same_bytes(text: str, seed: int) -> None:
    plan, outcome = run(text, seed)
    again, same = run(text, seed)
    assert plan.digest == again.digest
    assert outcome.digest() == same.digest()


@EXAMPLES
@given(networks(), st.randoms())
def test_order_of_rows_does_not_matter(text: str, random: object) -> None:
    """I7: rows in another order give the same movements."""
    scenario = tiny(text, CHANCE)
    shuffled = {}
    for name in ("nodes", "links", "facilities", "fleets", "units"):
        items = list(getattr(scenario, name).items())
        random.shuffle(items)  # type: ignore[attr-defined]
        shuffled[name] = dict(items)
    other = scenario.model_copy(update=shuffled)
    one, two = (simulate_plan(compile_plan(Scenario.model_validate(s.model_dump())), 3) for s in (scenario, other))
    assert one.digest() == two.digest()


@pytest.mark.slow
@EXAMPLES
@given(networks())
def test_unrelated_unit_leaves_the_draws_of_others_alone(text: str) -> None:
    """I9: another unit on another line changes nothing for those that were there."""
    more = text.replace("links:\n", "links:\n  other: {from_node: x, to_node: y, mode: road, travel_hours: 3}\n")
    more += "\n  zz-other: {home_node: x, assembly_node: y, wheeled: 40}\n"
    one, two = run(text, 5)[1], run(more, 5)[1]
    assert one.closed_h == two.closed_h[: len(one.closed_h)] or sorted(one.closed_h) == sorted(
        hour for hour, unit in zip(two.closed_h, run(more, 5)[0].units, strict=True) if unit.unit_id != "zz-other"
    )


SCRIPT = """
import sys, json
from flanksim.engine.streams import seeds
from flanksim.study.experiment import replicate
from flanksim.study.parallel import over_seeds
from flanksim.planning.compile import compile_plan
from flanksim import load
if __name__ == "__main__":
    plan = compile_plan(load("corridor-mini"))
    found = {r.seed: r.digest for r in over_seeds(replicate, plan, seeds(7, 3), jobs=int(sys.argv[1]))}
    print(json.dumps([plan.digest, found]))
"""


@pytest.mark.slow
def test_same_bytes_in_one_process_or_two_whatever_the_hash_seed(tmp_path) -> None:  # type: ignore[no-untyped-def]
    script = tmp_path / "digest.py"
    script.write_text(SCRIPT)
    answers = []
    for jobs, hash_seed in (("1", "0"), ("2", "1234")):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, str(script), jobs], env=environment, capture_output=True, text=True, check=True
        )
        plan, found = json.loads(done.stdout)
        answers.append((plan, dict(sorted(found.items()))))
    assert answers[0] == answers[1]
    assert len(set(answers[0][1].values())) == 3, "different seeds must give different runs"


def _closures(scenario: Scenario) -> list[float]:
    return list(simulate_plan(compile_plan(scenario), 1).closed_h)


def _plain(text: str) -> Scenario:
    """Deterministic, with one number for each handling time."""
    return tiny(text.replace("{low: 1, typical: 2, high: 5}", "2").replace("{exponential: 2}", "2"), BARE)


@EXAMPLES
@given(networks())
def test_i12_closing_what_nobody_uses_changes_nothing(text: str) -> None:
    scenario = _plain(text)
    dead = scenario.links["l0"].model_copy(
        update={"from_node": "n0", "to_node": "nowhere", "closures": (Window(from_hour=0, to_hour=9999),)}
    )
    node = scenario.nodes["n0"]
    other = scenario.model_copy(
        update={"links": {**scenario.links, "zz": dead}, "nodes": {**scenario.nodes, "nowhere": node}}
    )
    assert _closures(other) == pytest.approx(_closures(scenario), rel=1e-12, nan_ok=True)


@EXAMPLES
@given(networks())
def test_i15_a_mirrored_network_gives_a_mirrored_answer(text: str) -> None:
    """Every link turned round: the same movements against the direction in which links are written."""
    scenario = _plain(text)
    turned = {
        key: row.model_copy(update={"from_node": row.to_node, "to_node": row.from_node})
        for key, row in scenario.links.items()
    }
    mirrored = _closures(scenario.model_copy(update={"links": turned}))
    assert mirrored == pytest.approx(_closures(scenario), rel=1e-12, nan_ok=True)


@EXAMPLES
@given(st.integers(1, 30), st.integers(1, 4), st.integers(1, 4))
def test_i11_more_capacity_never_hurts_on_a_single_chain(trains: int, few: int, more: int) -> None:
    """One line, one ramp at either end, first come first served: more sets or ramps never close later."""

    def closure(sets: int) -> float:
        return _closures(
            tiny(
                f"""
parameters: {{vehicles_per_train: 1, close_share: 1}}
links:
  line: {{from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 10, headway_hours: 0.5}}
facilities:
  ra: {{place: a, kind: rail_terminal, servers_typical: {sets}, handling_hours: 4}}
  rb: {{place: b, kind: rail_terminal, servers_typical: {sets}, handling_hours: 3}}
fleets:
  sets: {{kind: train, pool: sets, carries: wheeled, count_typical: {sets}, capacity: 1, home_node: a}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: {trains}}}
""",
                BARE,
            )
        )[0]

    assert closure(few + more) <= closure(few) + 1e-9


@EXAMPLES
@given(st.floats(0, 3000), st.floats(0, 3000))
def test_i14_days_and_hours_round_trip(day: float, hour: float) -> None:
    assert units.closure_day(units.deadline_hour(day)) == pytest.approx(day, abs=1e-9)
    assert units.days(units.hours(hour)) == pytest.approx(hour)


@EXAMPLES
@given(networks(), st.integers(0, 1000), st.floats(0.05, 1.0))
def test_i13_a_horizon_cuts_the_table_and_drops_nothing(text: str, seed: int, share: float) -> None:
    """What had been asked for by the horizon is there, with nulls for what had not happened; the rest is the same."""
    plan, whole = run(text, seed)
    horizon = share * max([hour for hour in whole.closed_h if not math.isnan(hour)], default=plan.horizon_h) + 1e-3
    cut = simulate_plan(replace(plan, horizon_h=horizon), seed)
    rows = len(cut)
    asked = whole["requested"]
    assert rows == (asked < horizon).sum(), "every request before the horizon has its row"
    for name in ("serial", "kind", "resource", "requested"):
        np.testing.assert_array_equal(cut[name], whole[name][:rows])
    after = whole["after"][:rows].copy()
    # A ship that was called forward follows what made its load complete, once that has come.
    ships = [serial.number for serial in plan.serials if serial.stage == 1]
    called = (whole["kind"][:rows] == Kind.LIFT) & np.isin(whole["serial"][:rows], ships) & (after >= 0)
    after[called & ~(whole["ended"][after] < horizon)] = -1
    np.testing.assert_array_equal(cut["after"], after)
    for name in ("started", "ended"):
        full = whole[name][:rows].copy()
        full[full >= horizon] = np.nan
        seen = cut[name].copy()
        seen[seen >= horizon] = np.nan  # a service knows when it will begin
        np.testing.assert_array_equal(seen, full)
    late = [number for number, hour in enumerate(whole.closed_h) if math.isnan(hour) or hour >= horizon]
    assert all(math.isnan(cut.closed_h[number]) for number in late)
    assert math.isnan(closures(plan, cut.closed_h)["all"].hour) == bool(late)


def _scaled_times(scenario: Scenario, factor: float) -> Scenario:
    """Every time in the scenario `factor` times as long, every rate as much slower."""

    def longer(row: object, *names: str) -> object:
        update = {name: factor * value for name in names if isinstance(value := getattr(row, name), int | float)}
        return row.model_copy(update=update)  # type: ignore[attr-defined]

    slower = {"berth_pieces_per_hour": 1 / factor}
    times = ("hours", "days", "minutes", "interval")
    parameters = {
        key: row.model_copy(
            update={
                name: getattr(row, name) * slower.get(key, factor if any(word in key for word in times) else 1.0)
                for name in ("low", "typical", "high")
                if getattr(row, name) is not None
            }
        )
        for key, row in scenario.parameters.items()
        if not key.endswith("per_day")
    }
    kept = {key: row for key, row in scenario.parameters.items() if key.endswith("per_day")}
    question = scenario.question.model_copy(update={"horizon_days": scenario.question.horizon_days * factor})
    return scenario.model_copy(
        update={
            "question": question,
            "parameters": {**kept, **parameters},
            "links": {key: longer(row, "travel_hours", "headway_hours") for key, row in scenario.links.items()},
            "facilities": {key: longer(row, "handling_hours") for key, row in scenario.facilities.items()},
            "units": {key: longer(row, "ready_day") for key, row in scenario.units.items()},
            "fleets": {key: row.model_copy(update={"speed_kmh": 40 / factor}) for key, row in scenario.fleets.items()},
        }
    )


@EXAMPLES
@given(networks(), st.sampled_from([0.5, 2.0, 4.0]))
def test_i8_times_scale(text: str, factor: float) -> None:
    """All times twice as long: closure twice as late. Powers of two, so that no rounding decides a tie."""
    scenario = _plain(text)
    scaled = _closures(_scaled_times(scenario, factor))
    assert scaled == pytest.approx([hour * factor for hour in _closures(scenario)], rel=1e-9, nan_ok=True)


@pytest.mark.slow
@EXAMPLES
@given(networks(), st.integers(2, 5))
def test_i8_loads_and_capacities_scale(text: str, factor: int) -> None:
    """Loads, train and ship sizes, yards and the pace of the berths all `factor` times: the same closure.

    Loads are whole trains and ships whole trains too: eleven vehicles make six and five, but 22 make 11 and 11.
    """
    whole = re.sub(r"wheeled: (\d+),", lambda found: f"wheeled: {10 * int(found[1])},", text)
    scenario = _plain(whole.replace("capacity: 25", "capacity: 20"))

    def larger(rows: dict[str, object], *names: str) -> dict[str, object]:
        return {
            key: row.model_copy(  # type: ignore[attr-defined]
                update={name: factor * value for name in names if (value := getattr(row, name)) is not None}
            )
            for key, row in rows.items()
        }

    sizes = ("vehicles_per_train", "containers_per_train", "heavy_vehicles_per_train", "berth_pieces_per_hour")
    parameters = {**scenario.parameters, **larger({key: scenario.parameters[key] for key in sizes}, "typical", "high")}
    parameters = {key: row.model_copy(update={"low": None}) for key, row in parameters.items()}
    scaled = scenario.model_copy(
        update={
            "parameters": parameters,
            "facilities": larger(scenario.facilities, "storage_typical"),
            "fleets": larger(scenario.fleets, "capacity"),
            "units": larger(scenario.units, "wheeled"),
        }
    )
    assert _closures(scaled) == pytest.approx(_closures(scenario), rel=1e-9, nan_ok=True)
