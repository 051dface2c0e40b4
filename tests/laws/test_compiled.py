"""The compiled twin gives the very bytes of the reference: on random networks, for every mechanism, for every case.

Expected is what `simulate_plan` gives; equal are movements, closures, absentees, assignments of lift and the hours at
which ship-loads are complete. Networks are many where ``FLANKSIM_LAW_EXAMPLES`` says so (50).
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path
from random import Random
from types import ModuleType
from typing import NamedTuple, get_args

import numpy as np
import pytest

from flanksim import load
from flanksim.activities import Kind
from flanksim.engine import compiled, compiled_records
from flanksim.engine.resources import ULP_H
from flanksim.engine.simulate import simulate_plan
from flanksim.engine.streams import uniforms
from flanksim.movements import MovementLog
from flanksim.planning import driving
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.planning.steps import Step, every
from flanksim.scenario import loads
from flanksim.scenario.reading import shipped
from flanksim.scenario.schema import Mechanisms
from flanksim.units import HOURS_PER_DAY
from tests.laws.test_unchanged import SCARCE, Tables, deployment

needs_numba = pytest.mark.skipif(
    not compiled_records.COMPILED, reason="numba is not installed: pip install 'flanksim[fast]'"
)
EXAMPLES = int(os.environ.get("FLANKSIM_LAW_EXAMPLES", "50"))
MECHANISMS = tuple(Mechanisms.model_fields)
CASES = sorted((shipped() / "verification").glob("*.yaml"))
SHIPPED = sorted(path.stem for path in shipped().glob("*.yaml"))


def same(plan: Plan, seed: int) -> MovementLog:
    """Run by both engines; the reference's log."""
    from flanksim.engine.compiled_known import unknown
    from flanksim.engine.compiled_run import simulate_compiled

    assert not unknown(plan)
    reference, twin = simulate_plan(plan, seed), simulate_compiled(plan, seed)
    assert_equal(reference, twin)
    return reference


def assert_equal(reference: MovementLog, twin: MovementLog) -> None:
    for name in reference.columns:
        assert reference[name].dtype == twin[name].dtype
        np.testing.assert_array_equal(twin[name], reference[name], err_msg=name, strict=True)
    assert twin.digest() == reference.digest()
    np.testing.assert_array_equal(twin.closed_h, reference.closed_h)
    np.testing.assert_array_equal(twin.troops_h, reference.troops_h)
    assert twin.absent == reference.absent
    assert twin.lifts == reference.lifts
    assert twin.complete_h == reference.complete_h
    assert twin.programs == reference.programs


def world(random: Random, *, chance: bool = True, ties: bool = False, tiny: bool = False) -> Tables:
    """A deployment over the sea and by rail, road and air with everything that the engine knows.

    Parameters
    ----------
    ties
        Whole hours, units alike: much happens at the same time.
    tiny
        Storage for a vehicle or two, one server everywhere.
    """
    tables = deployment(random, random.choice(SCARCE), chance=chance)
    tables["mechanisms"] = {
        "chance": chance, "civil_traffic": False, "breakdowns": True, "outages": True, "sustainment": True,
    }  # fmt: skip
    tables["question"] = {"horizon_days": random.choice([8, 30, 90])}
    tables["routing"] = {"strategy": random.choice(["shortest", "spread", "planned", "adaptive"])}
    tables["sustainment"] = {"supply_nodes": {"DEU": "q"}}
    tables["regime"] = {"permission": "three_days"}
    tables["parameters"] |= {
        "close_share": random.choice([0.8, 1]),
        "ready_delay_days": random.choice([0, 1]),
        "failures_per_hour_rail": 0.02,
        "failures_per_hour_road": 0.02,
        "port_clearance_per_day_crisis": 80,
        "march_vehicles_per_day_crisis": 90,
        "repair_hours_rail": 4,
        "repair_hours_road": 3,
        "sustainment_interval_days": random.choice([0.5, 2]),
        "basic_load_days": random.choice([0, 1]),
        "ship_call_lead_days": random.choice([0, 2, 8]),
        "troops_per_flight": 60,
        "way_margin_hours": random.choice([0, 5]),
    }
    random_shut = [
        {"from_hour": 40 * n + random.randint(0, 20), "to_hour": 40 * n + 39} for n in range(random.randint(0, 6))
    ]
    for name, position in {"a": {"lat": 50, "lon": 8}, "b": {"lat": 54, "lon": 22}, "g": {"country": "POL"}}.items():
        tables["nodes"][name] = tables["nodes"].get(name, {}) | position
    tables["nodes"]["q"]["kind"] = "port"
    rail = {"mode": "rail", "length_km": random.randint(50, 300), "speed_typical_kmh": 40}
    road = {"mode": "road", "speed_typical_kmh": 40, "max_mlc": 70}
    tables["links"]["road-qm"]["closures"] = random_shut
    tables["links"] |= {
        "rail-qg": {"from_node": "q", "to_node": "g", "tracks": random.randint(1, 2), **rail},
        "rail-gb": {"from_node": "g", "to_node": "b", "gauge_mm": 1520, "tracks": 1, "headway_hours": 2,
                    "opposing_clearance_hours": random.choice([0, 0.5]), **rail},
        "round-qm": {"from_node": "q", "to_node": "m", "length_km": random.randint(900, 1200), **road},
        "lane-2": {"from_node": "p", "to_node": "q", "mode": "sea", "length_km": random.randint(1000, 4000)},
    }  # fmt: skip
    tables["facilities"]["border"]["divert_when_full"] = random.choice([True, False])
    if random.random() < 0.5:
        tables["facilities"]["border"]["storage_typical"] = 30
    tables["facilities"] |= {
        "ramp-q": {"place": "q", "kind": "rail_terminal", "servers_typical": 2},
        "ramp-b": {"place": "b", "kind": "rail_terminal", "servers_typical": 1, "opens_hour": 6, "closes_hour": 18},
        "change": {"place": "g", "kind": "gauge_change", "servers_typical": 1, "handling_hours": 3},
        "stand-a": {"place": "a", "kind": "stand", "servers_typical": 2, "handling_hours": {"exponential": 2}},
        "stand-b": {"place": "b", "kind": "stand", "servers_typical": 1},
    }  # fmt: skip
    failing = {"days_between_failures": random.choice([1, 5]), "repair_hours": {"exponential": 10}}
    tables["fleets"]["sets"] |= failing | {"fitters": 1}
    tables["fleets"]["coaches"] |= {"days_between_failures": 3, "repair_hours": 5, "hours_per_day": 12}
    tables["fleets"]["ships"] |= {"available_typical_day": random.choice([0, 3])}
    train = {"kind": "train", "capacity": 10, "count_typical": 2, "carries": "wheeled;heavy;cargo"}
    tables["fleets"] |= {
        "east": {**train, "pool": "east", "home_node": "q", **failing},
        "wide": {**train, "pool": "wide", "home_node": "g", "gauge_mm": 1520, "available_typical_day": 2},
        "ro-ro": {**tables["fleets"]["ships"], "count_typical": 2, "capacity": 35, "activation_typical": 0.5},
        "het": {"kind": "het", "pool": "het", "carries": "heavy", "count_typical": 6, "group_size": 2, "capacity": 2,
                "home_node": "q", "days_between_failures": 2, "repair_hours": {"low": 2, "typical": 4, "high": 9}},
        "coaches-q": {"kind": "coach", "pool": "coaches-q", "carries": "troops", "count_typical": 10, "group_size": 5,
                      "capacity": 50, "capacity_unit": "troops", "home_node": "q"},
        "air": {"kind": "aircraft", "pool": "air", "carries": "troops", "count_typical": 3, "capacity": 60,
                "capacity_unit": "troops", "home_node": "a", "speed_kmh": 700, "hours_per_day": 9},
    }  # fmt: skip
    for name in ("sets", "ships", "coaches", "het"):
        if random.random() < 0.5:
            begin = random.choice([0, 24, 30, 100])
            tables["fleets"][name]["closures"] = [
                {"from_hour": begin, "to_hour": begin + random.choice([7, 48, 150])}
            ]  # never all of the run
    for cargo in ("sets", "ships", "ro-ro"):
        tables["fleets"][cargo]["carries"] = "wheeled;heavy;cargo"
    tables["outages"] = {
        "strike": {"applies_to": "rail", "scope": "country", "rate_per_year": 40, "repair_typical_hours": 12},
        "slide": {"applies_to": "road", "scope": "link", "rate_per_year": 60, "repair_low_hours": 2,
                  "repair_typical_hours": 20, "repair_high_hours": 90},
        "storm": {"applies_to": "port", "scope": "link", "rate_per_year": 50, "repair_typical_hours": 15},
    }  # fmt: skip
    for unit in tables["units"].values():
        unit |= {"heavy": random.randint(0, 9), "containers": random.randint(0, 30), "nation": "DEU"}
        match random.randint(0, 5):
            case 0:
                unit["release_interval_hours"] = {"exponential": 2}
            case 1:
                unit["release_interval_hours"] = random.choice([0, 1, {"trace": [3, 0, 1]}])
            case 2:
                unit["stock_node"] = "q"
    if random.random() < 0.6:  # no railway beyond the port
        del tables["links"]["rail-qg"], tables["links"]["rail-gb"]
        del tables["facilities"]["change"], tables["fleets"]["wide"]
    if ties:
        _in_whole_hours(tables)
    if tiny:
        for row in tables["facilities"].values():
            row["servers_typical"] = 1
            if row["kind"] in ("berth", "border_road"):
                row["storage_typical"] = random.choice([1, 2, 12])
    return tables


def _in_whole_hours(tables: Tables) -> None:
    for row in tables["links"].values():
        row["length_km"] = 40 * (1 + round(row["length_km"] / 200))
        row["speed_typical_kmh"] = 40
        row["headway_hours"] = 1
    for row in tables["facilities"].values():
        if row["kind"] not in ("port_exit", "assembly"):
            row["handling_hours"] = 1
    for unit in tables["units"].values():
        unit |= {"ready_day": 0, "priority": 1, "wheeled": 30}


def planned(tables: Tables) -> Plan:
    return compile_plan(loads(json.dumps(tables)))


def test_the_networks_use_all_that_the_engine_knows() -> None:
    """Every kind of movement but one that no engine writes, and every kind of step."""
    kinds: set[int] = set()
    steps: set[type] = set()
    changed = 0
    for seed in range(12):
        plan = planned(world(Random(seed), tiny=seed % 5 == 4))
        log = simulate_plan(plan, seed)
        kinds |= set(log["kind"].tolist())
        changed += sum(program != serial.program for program, serial in zip(log.programs, plan.serials, strict=True))
        steps |= {type(step) for program in plan.programs for step in every(program.steps)}
    assert set(Kind) - kinds == {Kind.CLOSED_HOURS}
    assert steps == set(get_args(Step))
    assert changed > 0, "nobody chose another way than its own"


@needs_numba
@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_random_networks_with_all_mechanisms(seed: int) -> None:
    random = Random(seed)
    plan = planned(world(random, tiny=seed % 5 == 4))
    same(plan, seed)
    same(replace(plan, horizon_h=random.uniform(50.0, 300.0)), seed + 1)


@needs_numba
@pytest.mark.parametrize("seed", range(EXAMPLES // 5))
def test_random_networks_in_whole_hours_and_without_chance(seed: int) -> None:
    same(planned(world(Random(seed), chance=False, ties=True, tiny=seed % 3 == 2)), 1)


@needs_numba
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_each_mechanism_alone_and_all_but_it(mechanism: str) -> None:
    tables = world(Random(MECHANISMS.index(mechanism)))
    for alone in (True, False):
        tables["mechanisms"] = {name: (name == mechanism) == alone for name in MECHANISMS}
        if mechanism != "admissibility":
            tables["mechanisms"]["admissibility"] = True
        same(planned(tables), 3)
        tables["mechanisms"]["chance"] = True
        same(planned(tables), 4)


@needs_numba
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_verification_cases(case: Path) -> None:
    plan = compile_plan(load(case))
    for seed in range(3):
        same(plan, seed)


@needs_numba
@pytest.mark.parametrize("strategy", ["shortest", "spread", "planned", "adaptive"])
def test_every_strategy(strategy: str) -> None:
    same(compile_plan(load("corridor-mini", {"routing": {"strategy": strategy}})), 1)


@needs_numba
def test_a_plan_that_was_run_here_runs_the_same_elsewhere() -> None:
    """Studies send plans to other processes, with the tables that were laid when the plan was judged."""
    plan = compile_plan(load("corridor-mini"))
    here = same(plan, 1)
    sent = pickle.loads(pickle.dumps(plan))  # noqa: S301 - our own bytes
    assert sent.found.keys() == plan.found.keys()
    assert_equal(here, same(sent, 1))


@needs_numba
@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios(name: str) -> None:
    plan = compile_plan(load(name))
    for seed in range(2):
        same(plan, seed)


@pytest.fixture
def uncompiled(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The twin's text as plain Python: its modules imported anew, without numba."""
    importlib.import_module("flanksim.engine.compiled_run")
    for name in [name for name in sys.modules if name.startswith("flanksim.engine.compiled")]:
        monkeypatch.delitem(sys.modules, name)
        monkeypatch.delattr(name)
    monkeypatch.setitem(sys.modules, "numba", None)
    found = importlib.import_module("flanksim.engine.compiled_run")
    assert not sys.modules["flanksim.engine.compiled_records"].COMPILED  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("seed", range(6))
def test_the_text_says_the_same_uncompiled(uncompiled: ModuleType, seed: int) -> None:
    """An error of the text shows here, one of the compilation alone does not."""
    plan = planned(world(Random(seed), chance=seed % 3 > 0, ties=seed % 3 == 0, tiny=seed == 5))
    assert_equal(simulate_plan(plan, seed), uncompiled.simulate_compiled(plan, seed))


def test_numbers_that_the_twin_writes_out_are_those_of_the_model() -> None:
    for kind in Kind:
        assert getattr(compiled_records, kind.name, kind) == kind
    assert compiled_records.ULP_H == ULP_H
    assert compiled_records.DAY_H == HOURS_PER_DAY
    assert driving._TOLERANCE_H == compiled_records.DRIVING_TOLERANCE_H


@needs_numba
def test_uniform_numbers_are_those_of_numpy() -> None:
    from flanksim.engine.compiled_streams import keys_of

    things = [("handling", "u1|heavy", "berth:BRV"), ("ready", "u1", ""), ("life", "sets", "12")]
    values = np.zeros(4 * (1 + 5 + 9))
    keys = keys_of(7, ["\x1f".join(thing).encode() for thing in things])
    compiled.fill_uniforms(keys, np.array([1, 5, 9]), values)
    for thing, end, count in zip(things, (4, 24, 60), (4, 20, 36), strict=True):
        np.testing.assert_array_equal(values[end - count : end], uniforms(7, *thing, count))


class Teleport(NamedTuple):
    """A step that no engine knows."""

    place: int


@dataclass(frozen=True)
class Richer(Plan):
    """A plan with a field that the twin does not know."""

    tides: float = 0.0


def test_a_plan_with_what_the_twin_does_not_know_is_refused() -> None:
    from flanksim.engine.compiled_known import unknown

    plan = compile_plan(load("corridor-mini"))
    assert unknown(plan) == ""
    program = replace(plan.programs[0], steps=(Teleport(1), *plan.programs[0].steps))  # type: ignore[arg-type]
    assert "Teleport" in unknown(replace(plan, programs=(program, *plan.programs[1:])))
    values = {field.name: getattr(plan, field.name) for field in fields(plan)}
    assert unknown(Richer(**values)) == ""
    assert "tides of Richer" in unknown(Richer(**values, tides=1.0))
