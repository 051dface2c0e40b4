"""What the pieces of a unit take on a ship: gross deck, counted once.

The deck of a piece is its area over the share of a deck that can be filled, so that gaps, lashings, ramps and pillars
are in it; the capacity of a ship is its gross deck, and no other factor applies.
"""

from __future__ import annotations

from flanksim.scenario.rows import UnitType
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
