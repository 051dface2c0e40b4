"""What the pieces of a unit take on a ship, a train and an aircraft.

On a ship: gross deck, counted once. The deck of a piece is its area over the share of a deck that can be filled, so
that gaps, lashings, ramps and pillars are in it; the capacity of a ship is its gross deck, and no other factor applies.
On a train: a tank takes a wagon, on which more than one of the lighter tracked vehicles stands. On an aircraft: tonnes.
"""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Piece:
    """What a mean piece of a load takes.

    Attributes
    ----------
    wagons
        Part of a train, in that of a heavy vehicle which is no tank (of other loads: of a usual one).
    tonnes
        Weight on an aircraft; 0 for soldiers, who are counted.
    """

    wagons: float = 1.0
    tonnes: float = 0.0


def piece_of(scenario: Scenario, unit: Unit, element: str) -> Piece:
    """The mean piece of an element of a unit.

    Parameters
    ----------
    scenario
        The scenario.
    unit
        The unit: its tanks fill a train sooner than its other heavy vehicles.
    element
        What moves: ``troops``, ``heavy``, ``wheeled`` or ``cargo``.
    """
    if element == "troops":
        return Piece()
    kind = scenario.unit_types.get(unit.unit_type)
    return Piece(_wagons(scenario, unit, kind) if element == "heavy" else 1.0, _tonnes(scenario, kind))


def _wagons(scenario: Scenario, unit: Unit, kind: UnitType | None) -> float:
    share = kind.tanks_typical / kind.heavy_typical if kind and kind.heavy_typical > 0 else 0.0
    if unit.tanks is not None:
        scale = unit.troops / kind.troops_typical if kind and kind.troops_typical > 0 and unit.troops > 0 else 1.0
        heavy = unit.heavy if unit.heavy is not None else kind.heavy_typical * scale if kind else 0.0
        share = unit.tanks / heavy if heavy > 0 else 0.0
    tank = scenario.optional("heavy_vehicles_per_train") / scenario.optional("tanks_per_train")
    return 1.0 + min(share, 1.0) * (tank - 1.0)


def _tonnes(scenario: Scenario, kind: UnitType | None) -> float:
    """Weight of a type over its pieces, whatever they are: it is loaded mixed."""
    pieces = kind.wheeled_typical + kind.heavy_typical + kind.containers_typical if kind else 0.0
    if kind is None or pieces <= 0 or kind.tonnes_typical <= 0:
        return scenario.optional("tonnes_per_piece")
    return kind.tonnes_typical / pieces
