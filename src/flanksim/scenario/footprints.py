"""What the pieces of a unit take on a ship and on a train.

On a ship: gross deck, counted once. The deck of a piece is its area over the share of a deck that can be filled, so
that gaps, lashings, ramps and pillars are in it; the capacity of a ship is its gross deck, and no other factor applies.
On a train: a tank takes a wagon, on which more than one of the lighter tracked vehicles stands.
"""

from __future__ import annotations

from flanksim.scenario.rows import Unit, UnitType
from flanksim.scenario.schema import Scenario

_DECKS = {"heavy": "lane_m_per_heavy_vehicle", "cargo": "lane_m_per_container"}


def deck_of_piece(scenario: Scenario, element: str, kind: UnitType | None = None) -> float:
    """Gross lane metres of one piece of an element on a ship, by its unit's type where that states its own.

    Parameters
    ----------
    scenario
        The scenario.
    element
        What moves: ``heavy``, ``wheeled`` or ``cargo``.
    kind
        Type of the unit; None where it has none.
    """
    if element == "wheeled" and kind is not None and kind.lane_m_per_vehicle_typical is not None:
        return kind.lane_m_per_vehicle_typical
    return scenario.optional(_DECKS.get(element, "lane_m_per_vehicle"))


def deck_of_pieces(scenario: Scenario, kind: UnitType) -> float:
    """Gross lane metres that all pieces of a type of unit fill, at its typical strength."""
    pieces = {"heavy": kind.heavy_typical, "wheeled": kind.wheeled_typical, "cargo": kind.containers_typical}
    return sum(count * deck_of_piece(scenario, element, kind) for element, count in pieces.items())


def wagons_of_piece(scenario: Scenario, unit: Unit, element: str) -> float:
    """Part of a train that a mean piece of a unit takes, in that of a heavy vehicle which is no tank.

    Parameters
    ----------
    scenario
        The scenario.
    unit
        The unit, whose tanks fill a train sooner than its other heavy vehicles.
    element
        What moves: only ``heavy`` has tanks in it.

    Returns
    -------
    float
        1 where it has no tanks.
    """
    if element != "heavy":
        return 1.0
    kind = scenario.unit_types.get(unit.unit_type)
    share = kind.tanks_typical / kind.heavy_typical if kind and kind.heavy_typical > 0 else 0.0
    if unit.tanks is not None:
        scale = unit.troops / kind.troops_typical if kind and kind.troops_typical > 0 and unit.troops > 0 else 1.0
        heavy = unit.heavy if unit.heavy is not None else kind.heavy_typical * scale if kind else 0.0
        share = unit.tanks / heavy if heavy > 0 else 0.0
    tank = scenario.optional("heavy_vehicles_per_train") / scenario.optional("tanks_per_train")
    return 1.0 + min(share, 1.0) * (tank - 1.0)
