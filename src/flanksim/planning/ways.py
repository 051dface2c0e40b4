"""Among which ways a serial chooses when it starts: those of its load to where its lot goes that take it whole.

A lot's ship is fixed: it may go another way to the same quay, or from the quay where it was discharged. Who goes over
land goes over land.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from flanksim.planning.loads import Load
from flanksim.planning.lots import serial_size
from flanksim.planning.options import Option
from flanksim.planning.permissions import Permits
from flanksim.planning.plan import Way, Work
from flanksim.planning.programs import Programs
from flanksim.planning.workload import Workload

_NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class Stage:
    """A serial of a load on its way to a port or all the way over land, or onward from a port.

    Attributes
    ----------
    port
        Where it was discharged; empty if it comes from home.
    """

    load: Load
    pieces: float
    port: str
    onward: bool

    def program(self, way: Option, programs: Programs) -> int:
        """Number of its program over a way."""
        stock = self.load.home if self.load.drawn and not self.onward else ""
        return programs.stage(way, self.load.element, self.pieces, self.port, stock)

    def border_h(self, way: Option, programs: Programs) -> float:
        """Least hours from its start to the first border on a way."""
        if self.onward:
            return 0.0
        return way.border_h + (programs.physics.drawing()[0] if self.load.drawn else 0.0)


def alike(options: Sequence[Option], chosen: int, onward: bool) -> list[Option]:
    """What the chosen option and others of its load do in a stage, in order: over land, or to or from the same quay."""
    own = options[chosen]
    if own.sea is None:
        return [option for option in options if option.sea is None]
    lane, found = own.segments[own.sea], []
    for option in options:
        if option.sea is None:
            continue
        leg, (before, after) = option.segments[option.sea], option.parts
        if onward and leg.to_node == lane.to_node:
            found.append(after)
        if not onward and leg.from_node == lane.from_node:
            found.append(before)
    return [way for way in found if way.segments]


@dataclass(slots=True)
class Ways:
    """Ways of a plan, numbered when they are first asked for."""

    programs: Programs
    permits: Permits
    made: dict[Way, int] = field(default_factory=dict)

    def of(self, stage: Stage, own: Option, others: Iterable[Option]) -> tuple[int, ...]:
        """Numbers of the ways of a serial, in the order of its options; none if there is no other than its own."""
        fitting = [
            way
            for way in others
            if serial_size(way, stage.load.element, self.programs.physics, stage.load.piece) >= stage.pieces - _NOISE
        ]
        wanted = dict.fromkeys(self._way(stage, way) for way in fitting)
        if len(wanted) < 2 or self._way(stage, own) not in wanted:
            return ()
        return tuple(self.made.setdefault(way, len(self.made)) for way in wanted)

    def _way(self, stage: Stage, way: Option) -> Way:
        permits = () if stage.onward else self.permits.of(stage.load, way.states)
        return Way(stage.program(way, self.programs), permits, stage.border_h(way, self.programs))

    def work(self, others: Iterable[int], workload: Workload) -> tuple[Work, ...]:
        """Work of each program of the ways, and of `others`; nothing if there is no choice."""
        if not self.made:
            return ()
        used = {way.program for way in self.made} | set(others)
        return tuple(workload.work(number) if number in used else Work() for number in range(len(self.programs.made)))
