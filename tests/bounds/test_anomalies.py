"""When more capacity makes the simulated answer worse: the bound does not follow, and the strategy matters."""

from __future__ import annotations

from pathlib import Path

import pytest

from flanksim.bounds.ladder import ladder
from flanksim.scenario import load
from flanksim.scenario.reading import shipped
from tests.conftest import TWO_LINES, closure_hour, tiny


def case(name: str) -> Path:
    return shipped() / "verification" / f"{name}.yaml"


def test_braess_more_roads_a_later_closure() -> None:
    """V20 in the engine, by heads: 101 with the road a-b, 53 without it and spread over the ways."""
    path = case("v20-braess")
    assert closure_hour(load(path)) == 101
    assert closure_hour(load(path, {"links": {"ab": None}, "routing": {"strategy": "spread"}})) == 53
    assert ladder(load(path)).day * 24 + 24 <= 53 + 1e-6
    assert closure_hour(load(path, {"routing": {"strategy": "planned"}})) == 53, "planned by flow: the trap is seen"


def test_graham_a_fourth_set_makes_the_last_load_later_but_not_the_bound() -> None:
    path = case("graham")
    more = {"fleets": {"sets": {"count_typical": 4}}}
    assert (closure_hour(load(path)), closure_hour(load(path, more))) == (14.5, 16.0)
    assert ladder(load(path, more)).day <= ladder(load(path)).day + 1e-9


def test_planned_shares_fill_two_lines_at_their_rates() -> None:
    """As V18, rates 1 and 1/2 an hour over 2 and 5 h: 31 trains are in when 22 take the first and 9 the second."""
    scenario = tiny(TWO_LINES)
    # quick: (n - 1) + 2 = 23 for n = 22; up: 2 (m - 1) + 5 = 21 for m = 9. One more by up instead: 22 and 23.
    assert closure_hour(scenario) == pytest.approx(23.0, abs=1.0)
