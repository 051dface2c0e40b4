"""Which engine makes the runs of a study: asked for or where it pays, and what is said where it cannot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import flanksim as fs
from flanksim import FlanksimError, load
from flanksim.engine import choice, compiled
from flanksim.engine.choice import EngineWarning, engine_for, make_ready
from flanksim.engine.simulate import simulate_plan
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario.distributions import Distribution
from flanksim.scenario.reading import shipped

needs_numba = pytest.mark.skipif(not compiled.COMPILED, reason="numba is not installed: pip install 'flanksim[fast]'")


@pytest.fixture
def plan() -> Plan:
    return compile_plan(load("corridor-mini"))


def test_without_numba_simpy_runs_and_the_twin_cannot_be_asked_for(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_installed", lambda: False)
    assert engine_for(plan, None, 10**9) == "simpy"
    assert engine_for(plan, "simpy") == "simpy"
    with pytest.raises(FlanksimError, match=r"(?s)E515.*flanksim\[fast\]"):
        engine_for(plan, "compiled")
    with pytest.raises(FlanksimError, match="E515"):
        fs.verify("V24", engine="compiled")
    assert choice.simulator("compiled")(plan, 1).digest() == simulate_plan(plan, 1).digest(), "a worker without numba"


def test_an_engine_that_there_is_not_is_refused() -> None:
    later = load("corridor-mini", {"question": {"deadline_days": 40}})
    for work in (
        lambda: fs.run("corridor-mini", 2, engine="fast"),
        lambda: fs.simulate("corridor-mini", 1, engine="fast"),
        lambda: fs.sweep("corridor-mini", 0, 2026, engine="fast"),
        lambda: fs.compare(["corridor-mini", later], engine="fast"),
        lambda: fs.verify("V24", engine="fast"),
    ):
        with pytest.raises(FlanksimError, match=r"(?s)E130.*compiled"):
            work()


@needs_numba
def test_the_twin_is_taken_unasked_where_it_pays(plan: Plan) -> None:
    enough = choice.PAYS_FROM // plan.moving_serials + 1
    assert engine_for(plan, None, enough) == "compiled"
    assert engine_for(plan, None, enough - 1) == "simpy"
    assert engine_for(plan, None, 1) == "simpy"
    assert engine_for(plan, "simpy", enough) == "simpy"
    assert engine_for(plan, "compiled", 1) == "compiled"


@needs_numba
def test_a_plan_that_the_twin_does_not_know_is_left_to_simpy_and_that_is_said(plan: Plan) -> None:
    odd = replace(plan, distributions=(*plan.distributions, Distribution("lognormal", (1.0, 2.0))))
    with pytest.warns(EngineWarning, match="does not know distributions lognormal; SimPy runs it"):
        assert engine_for(odd, "compiled") == "simpy"
    assert choice.simulator("compiled")(odd, 3).digest() == simulate_plan(plan, 3).digest()


@needs_numba
def test_a_twin_that_does_not_compile_is_replaced_and_that_is_said(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(compiled, "prepare", fail)
    choice._not_compiled.cache_clear()
    try:
        with pytest.warns(EngineWarning, match="no locator available"):
            assert engine_for(plan, "compiled") == "simpy"
        with pytest.warns(EngineWarning, match="SimPy runs it"):
            assert make_ready("compiled") == "simpy"
        assert choice.simulator("compiled")(plan, 3).digest() == simulate_plan(plan, 3).digest()
    finally:
        choice._not_compiled.cache_clear()


@needs_numba
def test_a_run_that_the_twin_breaks_off_is_told_by_the_reference() -> None:
    """More deliveries than draws: the plan is wrong, and the reference says so."""
    late = {"parameters": {"sustainment_interval_days": 0.5}, "units": {"u2": {"ready_day": 9}}}
    plan = compile_plan(load(shipped() / "verification" / "sustainment.yaml", late))
    short = replace(plan, element_sizes=tuple((key, 1) for key, _ in plan.element_sizes))
    with pytest.raises(IndexError):
        simulate_plan(short, 1)
    with pytest.raises(IndexError):
        choice.simulator("compiled")(short, 1)


@needs_numba
def test_a_study_is_the_same_by_either_engine(tmp_path: Path) -> None:
    one, two = (fs.run("corridor-mini", 3, jobs=1, results=tmp_path, engine=engine) for engine in choice.ENGINES)
    assert one == two
    for name in ("runs.parquet", "units.parquet"):
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes()
    run = fs.simulate("corridor-mini", one.replications[0].seed, engine="compiled")
    assert run.outcome.digest() == one.replications[0].digest
