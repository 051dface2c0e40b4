"""What moves: every element of every unit that travels, with its load class, its places and its hours."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flanksim.modes import MODES
from flanksim.network.admissible import ELEMENTS, Element, LoadClass
from flanksim.network.lift import USUAL
from flanksim.network.network import Network
from flanksim.scenario.footprints import Piece, piece_of
from flanksim.scenario.rows import Unit, UnitType
from flanksim.scenario.schema import Scenario
from flanksim.units import available_hour


@dataclass(frozen=True, slots=True)
class Load:
    """One element of one unit.

    Attributes
    ----------
    unit_number
        Place of the unit in the order of movement.
    pieces
        Soldiers, vehicles or containers.
    home, target
        Places where it starts and where it assembles.
    release_h
        Hour from which it is ready to start; leave to cross borders is a matter of its way (`Option.leave_h`).
    piece
        What a mean piece takes of trains and aircraft.
    drawn
        Whether it is drawn from a stock, which takes its time.
    """

    unit_number: int
    unit_id: str
    unit: Unit
    element: Element
    pieces: float
    load_class: LoadClass
    home: str
    target: str
    release_h: float
    piece: Piece = USUAL
    drawn: bool = False

    @property
    def route(self) -> tuple[LoadClass, str, str]:
        """What loads with the same options have in common."""
        return self.load_class, self.target, self.home


def loads_of(network: Network) -> list[Load]:
    """Every element of every unit that moves, in order of movement."""
    scenario, found = network.scenario, []
    for number, (unit_id, unit) in enumerate(scenario.ordered_units.items()):
        if stays(scenario, unit):
            continue
        for element, pieces in quantities(scenario, unit).items():
            if pieces > 0:
                home, target = _home(unit, element), unit.assembly_node
                release_h = max(0.0, ready_hour(scenario, unit))
                kind = _load_class(scenario, unit, element)
                piece = piece_of(scenario, unit, element)
                drawn = element != "troops" and bool(unit.stock_node)
                found.append(Load(number, unit_id, unit, element, pieces, kind, home, target, release_h, piece, drawn))
    return found


def ready_hour(scenario: Scenario, unit: Unit) -> float:
    """Hour at which a unit is ready, counted from C-day: it begins to make ready with the warning."""
    return available_hour(unit.ready_day - scenario.question.warning_days)


def stays(scenario: Scenario, unit: Unit) -> bool:
    """Whether nothing of a unit moves."""
    return unit.in_place or scenario.question.clock == "ready"


def quantities(scenario: Scenario, unit: Unit) -> dict[Element, float]:
    """Troops, heavy vehicles, wheeled vehicles and containers of a unit, whole numbers."""
    kind = scenario.unit_types.get(unit.unit_type)
    scale = 1.0
    if kind is not None and kind.troops_typical > 0 and unit.troops > 0:
        scale = unit.troops / kind.troops_typical
    stated = (unit.heavy, unit.wheeled, unit.containers)
    typical = (kind.heavy_typical, kind.wheeled_typical, kind.containers_typical) if kind else (0.0, 0.0, 0.0)
    found: dict[Element, float] = {"troops": float(unit.troops)}
    for element, own, usual in zip(ELEMENTS[1:], stated, typical, strict=True):
        found[element] = float(own) if own is not None else float(math.floor(usual * scale + 0.5))
    return found


def _home(unit: Unit, element: Element) -> str:
    """Pre-positioned stocks: the vehicles start where they are stored, the troops from home."""
    return unit.home_node if element == "troops" else unit.stock_node or unit.home_node


def _load_class(scenario: Scenario, unit: Unit, element: Element) -> LoadClass:
    kind = scenario.unit_types.get(unit.unit_type)
    heaviest = unit.heaviest_mlc if unit.heaviest_mlc is not None else (kind.heaviest_mlc if kind else 0.0)
    if element == "heavy":
        axle, gauge = (kind.heaviest_axle_load_t, kind.loading_gauge) if kind else (0.0, "")
        lifted = heaviest + scenario.optional("transporter_mlc")
        return LoadClass(element, heaviest, lifted, axle, gauge, *_restrictions(unit, element, kind))
    light = scenario.optional("wheeled_mlc")
    mlc = scenario.optional("coach_mlc") if element == "troops" else min(heaviest, light)
    return LoadClass(element, mlc, mlc, 0.0, "", *_restrictions(unit, element, kind))


def _restrictions(unit: Unit, element: Element, kind: UnitType | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Modes that a unit may not use, and the places through which its vehicles and containers must go.

    Vehicles and containers fly where their type may, or the unit itself is told to.
    """
    flies = element == "troops" or "air" in unit.modes or (kind is not None and kind.airlift)
    barred = tuple(
        mode
        for mode in MODES
        if mode in unit.forbidden_modes or (unit.modes and mode not in unit.modes) or (mode == "air" and not flies)
    )
    if element == "troops" or not unit.route:
        return barred, ()
    return barred, (_home(unit, element), *unit.route, unit.assembly_node)
