"""The physics of a movement, said once: running, occupancy, handling, borders, rests and sizes.

Times are distributions. The planner's programs draw from them, routes are weighed by their typical values and bounds
take their lowest: three readings of one object, so that no mechanism can be forgotten in one of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, ParamSpec, TypeVar

from flanksim.modes import WAYS
from flanksim.network.admissible import LoadClass, with_caution
from flanksim.network.elements import Edge, Facility
from flanksim.network.lift import DEFAULT_SPEED_KMH, USUAL, Lift, flight_load, queue_pools, train_load
from flanksim.network.network import Network
from flanksim.scenario.distributions import NONE, Distribution, triangular
from flanksim.scenario.footprints import Piece, deck_of_piece, piece_of
from flanksim.scenario.geometry import great_circle_km
from flanksim.scenario.rows import Fleet
from flanksim.units import HOURS_PER_DAY, MINUTES_PER_HOUR

#: Parameter with the handling time of a serial at a kind of facility that is no terminal.
_HANDLING = {
    "gauge_change": "gauge_change_hours_per_train",
    "border_rail": "border_hours_rail",
    "border_road": "border_hours_road",
    "port_exit": "port_exit_hours_per_serial",
} | {way.terminal: way.handling for way in WAYS.values() if way.terminal and way.handling}
_COLUMNS = {"troops": "troops_per_coach_serial", "heavy": "vehicles_per_het_serial"}
#: Ways on which a serial holds the entrance of a link for a headway, whatever its size.
_BY_HEADWAY = {name for name, way in WAYS.items() if way.by_headway}
#: Soldiers in one coach.
_SEATS = 50.0


@dataclass(frozen=True, slots=True)
class Running:
    """Hours of a serial's head on one edge: `hours` times a factor that chance gives to `thing`."""

    hours: float
    factor: Distribution
    thing: str

    @property
    def typical(self) -> float:
        """Typical hours."""
        return self.hours * self.factor.typical


_P = ParamSpec("_P")
_T = TypeVar("_T")


def _asked_often(method: Callable[_P, _T]) -> Callable[_P, _T]:
    """Keep what a method of physics has said, by what it was asked: bounds ask for it on every arc."""

    @wraps(method)
    def asked(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        physics: Any = args[0]
        key = (method, args[1:], *kwargs.items())
        if key not in physics.said:
            physics.said[key] = method(*args, **kwargs)
        return physics.said[key]  # type: ignore[no-any-return]

    return asked


class Physics:
    """Times and sizes under one scenario's parameters, mechanisms and lift.

    Modes are those of layers: ``march``, ``het``, ``coach``, ``rail``, ``sea`` and ``air``.
    """

    def __init__(self, network: Network, lift: dict[str, Lift]) -> None:
        self.network, self.lift = network, lift
        self.scenario = network.scenario
        self._runnings: dict[tuple[str, bool, str, str], Running] = {}  # asked for on every leg of every program
        self.said: dict[tuple[object, ...], object] = {}  # of `_asked_often`

    # ---- on the way ---------------------------------------------------------------------------

    def running(self, edge: Edge, mode: str, pool: str = "") -> Running:
        """Running time of a serial's head from end to end, its short halts included and its rests not.

        Parameters
        ----------
        edge
            The link in one direction.
        mode
            Way of moving, a row of `flanksim.modes.WAYS`.
        pool
            Ships that carry it, which may be slower than the lane allows; empty for as fast as that.
        """
        key = (edge.link_id, edge.forward, mode, pool if mode == "sea" else "")
        if key not in self._runnings:
            self._runnings[key] = self._running(edge, mode, key[3])
        return self._runnings[key]

    def _running(self, edge: Edge, mode: str, pool: str) -> Running:
        if edge.travel is not None:
            return Running(1.0, edge.travel, edge.link_id)
        family = WAYS[mode].family
        hours = edge.travel_hours
        if (own := self._own_speed(pool)) is not None and own < edge.speed_kmh:
            hours = edge.length_km / own
        if edge.mode == "road" and self.scenario.mechanisms.march_rest:
            hours *= 1.0 + self.scenario.optional("halt_minutes_per_2_hours") / 120.0
        return Running(hours, self._factor(family), family)

    @_asked_often
    def flight(self, start: str, end: str, pool: str = "") -> Running | None:
        """Flying time between two places; None where a position is not known.

        Parameters
        ----------
        start, end
            The places, by id.
        pool
            Aircraft, which may be slower than ``flight_speed_kmh``; empty for as fast as that.
        """
        km = self._km(start, end)
        if km is None:
            return None
        speed, own = self.scenario.value("flight_speed_kmh"), self._own_speed(pool)
        return Running(km / (speed if own is None else min(speed, own)), self._factor("air"), "air")

    @_asked_often
    def _km(self, start: str, end: str) -> float | None:
        """Great circle between two places; None where a position is not known."""
        a, b = self.network.places[start], self.network.places[end]
        if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
            return None
        return great_circle_km(a.lat, a.lon, b.lat, b.lon)

    def _own_speed(self, pool: str) -> float | None:
        """Speed of the ships or aircraft of a pool, which all have the same; None where they state none."""
        lift = self.lift.get(pool)
        return None if lift is None else lift.fleets[0][1].speed_kmh

    def in_range(self, fleet: Fleet, start: str, end: str) -> bool:
        """Whether an aircraft flies from one place to the other without landing; True where a position is not known."""
        km = self._km(start, end)
        return fleet.range_km is None or km is None or km <= fleet.range_km

    def _factor(self, family: str) -> Distribution:
        return triangular(*self.scenario.spread(f"travel_factor_{family}"))

    def positioning_hours(self, pool: str, start: str, end: str) -> float:
        """Hours of an empty run between two places off the network, of the fastest asset of a pool.

        Parameters
        ----------
        pool
            Name of the pool of lift.
        start, end
            The places, by id.
        """
        lift = self.lift[pool]
        speed = max(fleet.speed_kmh or DEFAULT_SPEED_KMH for _, fleet in lift.fleets)
        return lift.positioning_km(self.network, start, end, speed) / speed

    def driving_limit(self, edge: Edge, mode: str) -> float:
        """Hours that a crew may drive a day: 0 where it is carried, 24 where stated hours include all rest."""
        name = WAYS[mode].driving
        if edge.mode != "road" or not name:
            return 0.0
        if edge.travel is not None or not self.scenario.mechanisms.march_rest:
            return HOURS_PER_DAY
        return min(HOURS_PER_DAY, self.scenario.value(name))

    def failures(self, mode: str) -> tuple[str, float, float]:
        """Family of a way of moving, its failures an hour, and the mean hours of a repair; 0 without the mechanism."""
        family = WAYS[mode].family
        if not self.scenario.mechanisms.breakdowns:
            return family, 0.0, 0.0
        optional = self.scenario.optional
        return family, optional(f"failures_per_hour_{family}"), optional(f"repair_hours_{family}")

    # ---- at the entrance of a link ------------------------------------------------------------

    def by_headway(self, edge: Edge, mode: str) -> bool:
        """Whether a serial holds the entrance for a headway, whatever its size; else vehicle after vehicle."""
        return mode in _BY_HEADWAY or edge.headway_hours is not None

    @staticmethod
    def grows(mode: str) -> bool:
        """Whether a larger serial may hold an entrance for longer."""
        return mode not in _BY_HEADWAY

    def headway_hours(self, edge: Edge) -> float:
        """Hours for which one train (or one ferry sailing) holds the entrance."""
        if edge.headway_hours is not None:
            return edge.headway_hours
        if not math.isfinite(edge.capacity):
            return 0.0
        per_gate = edge.capacity if edge.shared else edge.capacity / 2.0
        return HOURS_PER_DAY / per_gate if per_gate > 0 else math.inf

    def occupancy(self, edge: Edge, mode: str, pieces: float, load: LoadClass | None = None) -> tuple[float, float]:
        """Hours for which a serial holds the entrance, and by which its tail follows its head.

        Parameters
        ----------
        edge
            The link in one direction.
        mode
            Way of moving, a row of `flanksim.modes.WAYS`.
        pieces
            Vehicles, containers or soldiers of the serial.
        load
            Load class, for transporters that cross a bridge singly; None for empty ones.

        Returns
        -------
        tuple of float
            Hours of the entrance, and hours between head and tail; 0 without the mechanism of gates.
        """
        if not self.scenario.mechanisms.gates:
            return 0.0, 0.0
        if self.by_headway(edge, mode):
            return self.headway_hours(edge), 0.0
        vehicles = self.vehicles(mode, pieces)
        stream = vehicles / edge.capacity if math.isfinite(edge.capacity) else 0.0
        if load is not None and mode == "het" and with_caution(self.scenario, edge, load):
            stream = max(stream, vehicles / self.scenario.optional("caution_vehicles_per_hour"))
        gap, unit = self._march_gap
        gaps = math.ceil(vehicles / unit) * gap if stream else 0.0
        return stream + gaps, stream + gaps

    def occupancy_of_piece(self, edge: Edge, mode: str, element: str) -> tuple[float, float]:
        """Least hours of the entrance for one piece of a column, and for the largest serial.

        Parameters
        ----------
        edge
            The link in one direction.
        mode
            Way of moving, a row of `flanksim.modes.WAYS`.
        element
            What moves: ``troops``, ``heavy``, ``wheeled`` or ``cargo``.
        """
        if not math.isfinite(edge.capacity):
            return 0.0, 0.0
        if edge.capacity <= 0:
            return math.inf, math.inf
        each = 1.0 / _SEATS if mode == "coach" else 1.0
        column = max(1.0, math.ceil(self.largest(mode, element) * each))
        gap, unit = self._march_gap
        slack = column / edge.capacity + math.ceil(column / unit) * gap
        return each * (1.0 / edge.capacity + gap / unit), slack

    def share_of_stream(self, edge: Edge) -> float:
        """Share of a column's work at the entrance that shrinks as the capacity grows; the rest is gaps."""
        gap, unit = self._march_gap
        each = 1.0 / edge.capacity
        return each / (each + gap / unit)

    @cached_property
    def _march_gap(self) -> tuple[float, float]:
        """Hours between two march units, and vehicles of one."""
        minutes = self.scenario.value("march_unit_gap_minutes") + self.scenario.optional("march_unit_extra_minutes")
        return minutes / MINUTES_PER_HOUR, self.scenario.value("march_unit_vehicles")

    @staticmethod
    def vehicles(mode: str, pieces: float) -> float:
        """Vehicles on the road for so many pieces."""
        return max(1.0, math.ceil(pieces / _SEATS)) if mode == "coach" else pieces

    # ---- at a facility ------------------------------------------------------------------------

    def facility(self, kind: str, place: str) -> Facility | None:
        """A facility that handles serials; None where there is none, or handling takes no time."""
        return self.network.facilities.get((kind, place)) if self.scenario.mechanisms.handling else None

    def handling(self, kind: str, facility: Facility | None, element: str = "troops") -> Distribution:
        """Hours of one serial at a facility of this kind: its own, else those of the kind, in the air of the load."""
        if facility is not None and facility.handling is not None:
            return facility.handling
        name = _HANDLING.get(kind)
        if kind == WAYS["air"].terminal and element != "troops":
            name = "stand_hours_cargo_aircraft"
        return triangular(*self.scenario.spread(name)) if name else NONE

    def paces(self, mode: str, place: str, element: str) -> list[tuple[str, float]]:
        """What lets only so much leave a place overland in a day under the regime, and the hours that a piece takes up.

        A port is cleared as fast as its clearance is ordered and manned, by all modes together; from any place so many
        vehicles may march in a day as permits allow. Soldiers, who fly or go by coach, are not held.

        Parameters
        ----------
        mode
            Way of moving, a row of `flanksim.modes.WAYS`.
        place
            Where it leaves, by id.
        element
            What moves: ``troops``, ``heavy``, ``wheeled`` or ``cargo``.
        """
        if element == "troops" or mode in ("sea", "air"):
            return []
        mechanisms, regime = self.scenario.mechanisms, self.scenario.regime.traffic
        cleared = mechanisms.handling and self.network.places[place].kind == "port"
        marches = mechanisms.gates and mode == "march"
        daily = {
            "clearance": self.scenario.optional(f"port_clearance_per_day_{regime}") if cleared else math.inf,
            "road_permits": self.scenario.optional(f"march_vehicles_per_day_{regime}") if marches else math.inf,
        }
        return [(kind, HOURS_PER_DAY / pieces) for kind, pieces in daily.items() if math.isfinite(pieces)]

    def drawing(self) -> tuple[float, float]:
        """Hours from readiness to the first piece drawn from a stock: crews fly in; and hours of its site a piece."""
        if not self.scenario.mechanisms.handling:
            return 0.0, 0.0
        days, pieces = self.scenario.optional("stock_issue_days"), self.scenario.optional("stock_pieces_per_day")
        return days * HOURS_PER_DAY, HOURS_PER_DAY / pieces

    def boarding(self, mode: str) -> Distribution | None:
        """Hours of loading or unloading at the road side; None where a terminal does it or nothing is to be done."""
        way = WAYS[mode]
        if way.terminal or not way.handling or not self.scenario.mechanisms.handling:
            return None
        return triangular(*self.scenario.spread(way.handling))

    def berth_hours_per_piece(self) -> tuple[float, Distribution]:
        """Hours at a berth per vehicle or container, breaks between shifts included, and the factor of chance."""
        share = self.scenario.optional("port_working_hours_per_day") / HOURS_PER_DAY
        factor = triangular(*self.scenario.spread("handling_factor"))
        return 1.0 / (self.scenario.value("berth_pieces_per_hour") * share), factor

    def berth_hours(self, pieces: float) -> float:
        """Hours at a berth of a ship with so many vehicles and containers, before the factor of chance.

        What a call takes whatever the ship carries (mooring, ramps, papers, lashing), and the work on each piece.
        """
        return self.scenario.optional("berth_hours_per_call") + pieces * self.berth_hours_per_piece()[0]

    def fits(self, fleet: Fleet, lanes: Sequence[Edge], ends: Sequence[str]) -> bool:
        """Whether a ship's draught suits lanes and berths, and an aircraft's runway both ends.

        Parameters
        ----------
        fleet
            Ships or aircraft.
        lanes
            Sea links on the way.
        ends
            Ports or airfields at which it loads and unloads, by id.
        """
        facilities = self.network.facilities
        if fleet.draught_m is not None:
            depths = [lane.max_draught_m for lane in lanes]
            berths = [facilities.get(("berth", end)) for end in ends]
            depths += [berth.max_draught_m for berth in berths if berth is not None and berth.max_draught_m is not None]
            if fleet.draught_m > min(depths, default=math.inf):
                return False
        if fleet.min_runway_m is not None:
            stands = [facilities.get(("stand", end)) for end in ends]
            runways = [stand.runway_m for stand in stands if stand is not None and stand.runway_m is not None]
            return all(runway >= fleet.min_runway_m for runway in runways)
        return True

    # ---- sizes --------------------------------------------------------------------------------

    def lane_m(self, element: str, unit_type: str) -> float:
        """Gross lane metres of one piece of an element on a ship.

        Parameters
        ----------
        element
            What moves: ``heavy``, ``wheeled`` or ``cargo``.
        unit_type
            Type of the unit whose piece it is; empty where it has none.
        """
        return deck_of_piece(self.scenario, element, self.scenario.unit_types.get(unit_type))

    def least_lane_m(self, element: str) -> float:
        """The same for the smallest piece of any unit that travels."""
        types = {unit.unit_type for unit in self.scenario.travelling_units.values()} or {""}
        return min(self.lane_m(element, name) for name in types)

    def column(self, element: str) -> float:
        """Pieces of a column on the road."""
        return self.scenario.value(_COLUMNS.get(element, "march_serial_vehicles"))

    @_asked_often
    def carried_as_one(self, mode: str, element: str, pool: str, piece: Piece = USUAL) -> float | None:
        """Pieces on one train or aircraft; None where the load is no such thing.

        Parameters
        ----------
        mode
            Way of moving, a row of `flanksim.modes.WAYS`.
        element
            What moves: ``troops``, ``heavy``, ``wheeled`` or ``cargo``.
        pool
            Name of the pool of lift.
        piece
            What one piece takes (`piece_of`).
        """
        return self._on_one(mode, self.lift.get(pool), element, piece) if WAYS[mode].load == "one asset" else None

    def _on_one(self, mode: str, lift: Lift | None, element: str, piece: Piece) -> float:
        """Pieces on one asset that takes a whole serial; without counted lift on the largest aircraft that there is."""
        if mode != "air":
            return train_load(self.scenario, lift, element, piece)
        if lift is not None or element == "troops":
            return flight_load(self.scenario, lift, piece)
        return max((flight_load(self.scenario, other, piece) for other in self.aircraft(element)), default=1.0)

    def aircraft(self, element: str) -> list[Lift]:
        """Pools of aircraft that carry an element."""
        return [lift for lift in self.lift.values() if lift.kind == "aircraft" and element in lift.carries]

    @cached_property
    def _least_pieces(self) -> dict[str, Piece]:
        """The smallest piece of any unit, by element."""
        found = {}
        for element in ("troops", "heavy", "wheeled", "cargo"):
            pieces = [piece_of(self.scenario, unit, element) for unit in self.scenario.travelling_units.values()]
            wagons, tonnes = (
                min((getattr(piece, name) for piece in pieces), default=0) for name in ("wagons", "tonnes")
            )
            found[element] = Piece(wagons or 1.0, tonnes)
        return found

    def _largest_on_one(self, mode: str, lift: Lift | None, element: str) -> float:
        """Pieces on one asset at best, whoever they belong to."""
        return self._on_one(mode, lift, element, self._least_pieces[element])

    @_asked_often
    def carried_together(self, mode: str, pool: str) -> float:
        """Pieces that transporters or coaches of a pool are relied on to carry together; infinite without such lift."""
        lift = self.lift.get(pool)
        if WAYS[mode].load == "one asset" or lift is None or not self.scenario.mechanisms.lift:
            return math.inf
        return max(1.0, math.floor(lift.sure_capacity + 1e-9))

    @_asked_often
    def largest(self, mode: str, element: str) -> float:
        """Pieces of the largest serial that any way of loading can put on this mode."""
        if WAYS[mode].queue == "pool":
            pools = queue_pools(self.lift, self.scenario, mode, element).values()
            return max(1.0, *(self._largest_on_one(mode, lift, element) for lift in pools or [None]))
        flight = 0.0
        if element == "troops" and "troops_per_flight" in self.scenario.parameters:
            aircraft = [lift for lift in self.lift.values() if lift.kind == "aircraft"]
            flight = max(flight_load(self.scenario, lift) for lift in [None, *aircraft])
        if element != "troops":
            flight = max((self._largest_on_one("air", lift, element) for lift in self.aircraft(element)), default=0.0)
        if mode == "air":
            return max(1.0, flight)
        carried = [self.largest(name, element) for name, way in WAYS.items() if way.queue == "pool"]
        return max(1.0, math.ceil(max(self.column(element), flight, *carried)))

    @_asked_often
    def load_share(self, mode: str, element: str, pool: str) -> float:
        """Share of one load of lift that one piece takes; transporters and coaches are counted in pieces.

        Parameters
        ----------
        mode
            Way of moving, a row of `flanksim.modes.WAYS`.
        element
            What moves: ``troops``, ``heavy``, ``wheeled`` or ``cargo``.
        pool
            Name of the pool of lift; empty where there is none.
        """
        if mode == "sea":
            return 1.0 if not pool else min(1.0, self.least_lane_m(element) / self.lift[pool].capacity)
        if WAYS[mode].load == "group":
            return 1.0
        lift = self.lift.get(pool)
        return 1.0 / (self.largest(mode, element) if lift is None else self._largest_on_one(mode, lift, element))
