"""How large serials, lots and ship-loads are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flanksim.network.admissible import Element
from flanksim.network.lift import Lift, flight_load, train_load
from flanksim.network.routes import Segment
from flanksim.planning.loads import Load, Option
from flanksim.scenario.schema import Scenario

_COLUMNS = {"troops": "troops_per_coach_serial", "heavy": "vehicles_per_het_serial"}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes under one scenario's parameters and lift."""

    scenario: Scenario
    lift: dict[str, Lift]

    def lot_of(self, load: Load, option: Option) -> float:
        """Size of a lot of a load on an option, at most all of it."""
        return min(self._lot(option, load.element), max(load.quantity, 1.0))

    def nominal(self, option: Option, load: Load) -> float:
        """Size for which the queues of a small load are estimated: that of a full lot where there is one."""
        lot = self._lot(option, load.element)
        return lot if math.isfinite(lot) else load.quantity

    def _lot(self, option: Option, element: Element) -> float:
        sea, before, _ = option.parts
        if sea is None:
            return self.serial_size(before, option.pools, element)
        pool = option.pools[sea]
        if not pool:
            return math.inf
        return max(1.0, math.floor(self.ship_lane_m(pool) / self.lane_m(element)))

    def ship_lane_m(self, pool: str) -> float:
        """Lane metres of one ship of a pool."""
        return self.lift[pool].capacity

    def lane_m(self, element: Element) -> float:
        """Lane metres of one piece of an element."""
        name = {"heavy": "lane_m_per_heavy_vehicle", "cargo": "lane_m_per_container"}.get(element, "lane_m_per_vehicle")
        return self.scenario.optional(name)

    def serial_size(self, segments: tuple[Segment, ...], pools: tuple[str, ...], element: Element) -> float:
        """Size of a serial over segments without a sea leg.

        That of the train or aircraft, else of the column; and no more than transporters or coaches of the pool can be
        relied on to carry together: a larger load travels in several trips.
        """
        sizes = []
        limits = [self.scenario.value(_COLUMNS.get(element, "march_serial_vehicles"))]
        for segment, pool in zip(segments, pools, strict=True):
            mode = segment.layer.partition(":")[0]
            lift = self.lift.get(pool)
            if mode == "rail":
                sizes.append(train_load(self.scenario, lift, element))
            elif mode == "air":
                sizes.append(flight_load(self.scenario, lift))
            elif lift is not None and self.scenario.mechanisms.lift:
                limits.append(max(1.0, math.floor(lift.sure_capacity + 1e-9)))
        return min([*sizes, *limits[1:]] if sizes else limits)
