"""Critical paths: no gaps, no overlaps, and the sum is the closure; partners and empty returns by name."""

from __future__ import annotations

import math

import pytest

from flanksim.measure.closure import ALL, LAST, TIER_1, completed_by, plan_key
from flanksim.measure.critical import critical_path
from flanksim.movements import MovementLog
from flanksim.planning.plan import Plan
from flanksim.scenario.reading import load, shipped
from flanksim.study.run import Run, simulate
from tests.conftest import tiny


def largest_error(plan: Plan, outcome: MovementLog) -> float:
    worst = 0.0
    for unit, closed in enumerate(outcome.closed_h):
        pieces = critical_path(outcome, unit)
        worst = max(worst, abs(math.fsum(piece.hours for piece in pieces) - closed))
        worst = max([worst, *(abs(a.end - b.start) for a, b in zip(pieces, pieces[1:], strict=False))])
    return worst


@pytest.mark.slow
@pytest.mark.parametrize("name", ["eastern_run", "outages_run"])
def test_every_units_path_sums_to_its_closure(name: str, request: pytest.FixtureRequest) -> None:
    run: Run = request.getfixturevalue(name)
    assert largest_error(run.plan, run.outcome) <= 1e-9
    units = completed_by(run.plan, run.outcome.closed_h)
    plans = {plan_key(each): each for each in ("north", "centre", "south")}
    assert set(units) == {ALL, LAST, TIER_1, *plans}
    assert run.outcome.closed_h[units[LAST]] == max(run.outcome.closed_h)
    for unit in units.values():
        assert critical_path(run.outcome, unit)[-1].end == run.outcome.closed_h[unit]
    for key, plan_name in plans.items():
        assert run.plan.units[units[key]].regional_plan == plan_name


def test_empty_returns_are_named_with_their_fleet() -> None:
    """V25 with one set: 20 round trips; 19 empty runs of 10 h stand on the path of the last load."""
    one_set = {"fleets": {"sets": {"count_typical": 1}}}
    run = simulate(load(shipped() / "verification" / "v25-rail-sets.yaml", one_set), 1)
    pieces = run.critical_path()
    assert math.fsum(piece.hours for piece in pieces) == pytest.approx(550.0, abs=1e-9)
    empty = [piece for piece in pieces if piece.what == "empty run"]
    assert sum(piece.hours for piece in empty) == pytest.approx(190.0, abs=1e-9)
    assert {str(piece.cause) for piece in empty} == {"lift sets"}
    assert {piece.at for piece in empty} == {"line:b>a"}


def test_a_marry_up_goes_on_in_the_partner() -> None:
    """Troops are there after 2 h and wait for lorries that need 9 h: the path is the lorries', not the troops'."""
    run = simulate(
        tiny("""
parameters: {close_share: 1}
links:
  near: {from_node: a, to_node: b, mode: road, travel_hours: 2, headway_hours: 0}
  far: {from_node: c, to_node: b, mode: road, travel_hours: 9, headway_hours: 0}
units:
  u: {home_node: a, stock_node: c, assembly_node: b, wheeled: 1, troops: 10}
"""),
        1,
    )
    (piece,) = critical_path(run.outcome, 0)
    assert (piece.at, piece.hours) == ("far:c>b", 9.0)
    assert run.plan.serials[piece.serial].kind == "wheeled"
