"""The movement log reads its rows once: whose they are, what they used, who waited; and every cause has words."""

from __future__ import annotations

import numpy as np
import pytest

from flanksim.activities import ACTIVITIES, CAUSES, STATES, STEPS, Cause, Kind, State, Why
from flanksim.scenario import Scenario
from flanksim.study.run import Run, simulate


@pytest.fixture(scope="module")
def run(mini: Scenario) -> Run:
    return simulate(mini, 3)


def test_every_kind_state_and_cause_has_its_row() -> None:
    assert set(ACTIVITIES) == set(Kind)
    assert set(STATES) == set(State)
    assert set(CAUSES) == set(Why)
    happens = {row.word for row in ACTIVITIES.values()} | {row.step for row in STATES.values()}
    assert set(STEPS) - {"queue behind supply"} <= happens


@pytest.mark.parametrize("kind", Why)
def test_a_cause_is_read_back_from_its_text(kind: Why) -> None:
    for cause in (Cause(kind), Cause(kind, "berth:P_X"), Cause(kind, partner="USA-1 heavy")):
        assert Cause.of(str(cause)) == cause


def test_a_text_that_is_no_cause_is_refused() -> None:
    for text in ("", "liftoff", "bad weather"):
        with pytest.raises(ValueError, match="is no cause"):
            Cause.of(text)


def test_every_row_is_a_serials_own_or_a_way_back_or_of_an_asset_alone(run: Run) -> None:
    log = run.outcome
    alone = log["serial"] < 0
    assert (log.own.astype(int) + (log.back & ~alone) + alone == 1).all()
    chains = [log.chain(serial.number) for serial in run.plan.serials]
    assert (
        sorted(row for chain in chains for row in chain.tolist()) == np.flatnonzero(log.own & ~log.releasing).tolist()
    )
    for number, chain in enumerate(chains):
        assert (log["serial"][chain] == number).all()
        assert log["after"][chain[1:]].tolist() == chain[:-1].tolist()  # each follows the one before it


def test_a_thing_is_what_the_row_used(run: Run) -> None:
    log, plan = run.outcome, run.plan
    lists = {Kind.TRAVEL: plan.gates, Kind.EMPTY_RUN: plan.gates, Kind.LIFT: plan.pools, Kind.UNLOAD: plan.servers}
    for kind, entries in lists.items():
        rows = np.flatnonzero((log["kind"] == kind) & (log["resource"] >= 0))
        assert len(rows)
        names = [entries[number].name for number in log["resource"][rows].tolist()]
        assert [log.things.name(number) for number in log.thing[rows].tolist()] == names
        assert run.movements["resource"].iloc[rows].tolist() == names
    assert (log.thing[log["resource"] < 0] == 0).all()
    assert log.things.name(0) == ""


def test_a_ship_lands_its_batches_in_order(run: Run) -> None:
    log = run.outcome
    ships = [serial for serial in run.plan.serials if serial.stage == 1]
    assert ships
    for ship in ships:
        rows = log.landed[list(ship.feeds)]
        assert (rows >= 0).all()
        assert (np.diff(rows) > 0).all()
        assert (log["serial"][rows] == ship.number).all()
    others = [serial.number for serial in run.plan.serials if serial.stage != 2]
    assert (log.landed[others] == -1).all()


def test_waits_are_loads_that_asked_for_something(run: Run) -> None:
    log = run.outcome
    rows, begin, end = log.waits
    waited = (log["started"] > log["requested"] + 1e-9) & (log["serial"] >= 0) & (log["kind"] != Kind.EMPTY_RUN)
    assert rows.tolist() == np.flatnonzero(waited & (log["resource"] >= 0)).tolist()
    assert end - begin == pytest.approx(log["started"][rows] - log["requested"][rows])
