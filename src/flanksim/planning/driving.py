"""Driving and rest of one crew: said once, for the engine, for estimates of queues and for bounds."""

from __future__ import annotations

from flanksim.units import HOURS_PER_DAY

#: Hours of driving this close to the limit are the limit: sums over many short links differ in the last digits.
_TOLERANCE_H = 1e-6


class Crew:
    """Hours that a crew has driven since it last had its full rest.

    After `limit_h` hours at the wheel a crew rests for the remainder of 24 h, and only if it has to drive on. Where
    links begin and end makes no difference: hours are added up over all of them. A ride (on a train, a ship, a ferry)
    at least as long as the rest is a rest; its hours are added to ``ridden_h``.
    """

    __slots__ = ("_driven_h", "ridden_h")

    def __init__(self) -> None:
        self._driven_h = 0.0
        self.ridden_h = 0.0

    def rest_before(self, hours: float, limit_h: float) -> float:
        """Hours of rest that are due before another `hours` on a way with this limit; a ride is noted."""
        if limit_h <= 0.0:
            self.ridden_h += hours
            return 0.0
        rest = HOURS_PER_DAY - limit_h
        if self.ridden_h >= rest - _TOLERANCE_H:
            self._driven_h = 0.0
        self.ridden_h = 0.0
        if hours <= _TOLERANCE_H or self._driven_h < limit_h - _TOLERANCE_H:
            return 0.0
        self._driven_h = 0.0
        return rest

    def rest_within(self, hours: float, limit_h: float) -> float:
        """Hours of rest taken on the way while `hours` are driven; none at the end, where nobody drives on."""
        if limit_h <= 0.0 or limit_h >= HOURS_PER_DAY:
            return 0.0
        rests = 0
        self._driven_h += hours
        while self._driven_h > limit_h + _TOLERANCE_H:
            self._driven_h -= limit_h
            rests += 1
        return rests * (HOURS_PER_DAY - limit_h)
