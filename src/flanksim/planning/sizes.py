"""How large serials, lots and ship-loads are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flanksim.modes import mode_of
from flanksim.network.admissible import Element
from flanksim.network.physics import Physics
from flanksim.network.routes import Segment
from flanksim.planning.loads import Load, Option


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes under one scenario's parameters and lift."""

    physics: Physics

    def lot_of(self, load: Load, option: Option) -> float:
        """Size of a lot of a load on an option, at most all of it."""
        return min(self._lot(option, load), max(load.quantity, 1.0))

    def nominal(self, option: Option, load: Load) -> float:
        """Size for which the queues of a small load are estimated: that of a full lot where there is one."""
        lot = self._lot(option, load)
        return lot if math.isfinite(lot) else load.quantity

    def _lot(self, option: Option, load: Load) -> float:
        sea, before, _ = option.parts
        if sea is None:
            return self.serial_size(before, option.pools, load.element)
        pool = option.pools[sea]
        if not pool:
            return math.inf
        return max(1.0, math.floor(self.ship_lane_m(pool) / self.lane_m(load)))

    def lane_m(self, load: Load) -> float:
        """Lane metres of one piece of a load."""
        return self.physics.lane_m(load.element, load.unit.unit_type)

    def ship_lane_m(self, pool: str) -> float:
        """Lane metres of one ship of a pool."""
        return self.physics.lift[pool].capacity

    def serial_size(self, segments: tuple[Segment, ...], pools: tuple[str, ...], element: Element) -> float:
        """Size of a serial over segments without a sea leg.

        That of the train or aircraft, else of the column; and no more than transporters or coaches of the pool can be
        relied on to carry together: a larger load travels in several trips.
        """
        legs = [(mode_of(segment.layer), pool) for segment, pool in zip(segments, pools, strict=True)]
        loads = [self.physics.carried_as_one(mode, element, pool) for mode, pool in legs]
        sizes = [size for size in loads if size is not None] or [self.physics.column(element)]
        return min([*sizes, *(self.physics.carried_together(mode, pool) for mode, pool in legs)])
