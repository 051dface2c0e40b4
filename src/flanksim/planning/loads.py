"""What moves, and on which ways it may."""

from __future__ import annotations

from dataclasses import dataclass

from flanksim.network.admissible import Element, LoadClass
from flanksim.network.routes import Segment
from flanksim.scenario.rows import Unit


@dataclass(slots=True)
class Load:
    """One element of one unit: what moves, from where, from when.

    ``permission_h`` is the hour of the permission that it waits for, 0 if its way crosses no border.
    """

    unit_number: int
    unit_id: str
    unit: Unit
    element: Element
    quantity: float
    load: LoadClass
    home: str
    release: float
    permission_h: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """An itinerary with a pool of lift for each segment."""

    segments: tuple[Segment, ...]
    pools: tuple[str, ...]

    @property
    def parts(self) -> tuple[int | None, tuple[Segment, ...], tuple[Segment, ...]]:
        """Position of the sea leg, and the segments before and after it."""
        seas = [number for number, segment in enumerate(self.segments) if segment.layer.startswith("sea")]
        if not seas:
            return None, self.segments, ()
        return seas[0], self.segments[: seas[0]], self.segments[seas[0] + 1 :]

    @property
    def sea_legs(self) -> int:
        """Number of sea legs."""
        return sum(segment.layer.startswith("sea") for segment in self.segments)
