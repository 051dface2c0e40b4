"""Fill of sailings, counted by hand and from the loads themselves."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import pytest

import flanksim as fs
from flanksim.measure.sailings import sailings, together
from flanksim.network.lift import lift_pools
from flanksim.network.network import Network
from flanksim.network.physics import Physics
from flanksim.planning.compile import compile_plan
from flanksim.text.sailings import sailings_json, sailings_line

SHIPPED: dict[str, Any] = {"mechanisms": {"chance": False}}


def test_fill_is_the_deck_of_the_pieces_aboard() -> None:
    """Every ship-load's lane metres, added up over the serials that it releases or waits for."""
    scenario = fs.load("corridor-mini", SHIPPED)
    plan = compile_plan(scenario)
    physics = Physics(Network(scenario), lift_pools(Network(scenario)))
    metres: dict[int, float] = defaultdict(float)
    for serial in plan.serials:
        if serial.stage == 0 and serial.feeds:
            kind = scenario.units[plan.units[serial.unit].unit_id].unit_type
            metres[serial.feeds[0]] += serial.quantity * physics.lane_m(serial.kind, kind)
    ships = [serial for serial in plan.serials if serial.stage == 1]
    assert ships
    for ship in ships:
        assert ship.deck_m == pytest.approx(metres[ship.number])
    found = sailings(plan)
    assert sum(len(entry.fills) for entry in found) == len(ships)
    used = sum(fill * deck for entry in found for fill, deck in zip(entry.fills, entry.deck_m, strict=True))
    assert used == pytest.approx(sum(ship.deck_m for ship in ships))


def test_mean_fill_and_share_of_all_decks() -> None:
    """A big ship that is half full and a small one that is full: 75 % a ship, 60 % of the deck."""
    from flanksim.measure.sailings import Sailings

    both = together([Sailings("big", (0.5,), (400.0,)), Sailings("small", (1.0,), (100.0,))])
    assert both is not None
    assert math.isclose(both.mean_fill, 0.75)
    assert math.isclose(both.deck_used, 0.6)
    assert (both.below(0.5), both.below(0.6)) == (0, 1)


def test_told_in_a_line_and_in_json() -> None:
    plan = compile_plan(fs.load("corridor-mini", SHIPPED))
    told = sailings_json(plan)
    assert told is not None
    assert sailings_line(plan).startswith(f"Ships: {told['sailings']} sailings, {told['mean_fill']:.0%} of the deck")
    assert sum(pool["sailings"] for pool in told["pools"].values()) == told["sailings"]


def test_without_lift_no_ship_sails() -> None:
    plan = compile_plan(fs.load("corridor-mini", {"mechanisms": {"lift": False}}))
    assert sailings(plan) == ()
    assert (sailings_line(plan), sailings_json(plan)) == ("", None)


def test_table_and_figure() -> None:
    run = fs.simulate("corridor-mini", seed=1)
    assert run.sailings().columns.tolist() == ["pool", "deck_m", "sailings", "mean_fill", "least_fill"]
    assert run.sailings.plot().get_xlabel()
