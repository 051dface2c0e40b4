"""How large serials, lots and ship-loads are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flanksim.network.admissible import Element
from flanksim.network.routes import Segment
from flanksim.planning.loads import Load, Option
from flanksim.planning.resources import group_capacity
from flanksim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes under one scenario's parameters and fleets."""

    scenario: Scenario

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
            return self.serial_size(before, element)
        pool = option.pools[sea]
        if not pool:
            return math.inf
        return max(1.0, math.floor(self.ship_lane_m(pool) / self.lane_m(element)))

    def ship_lane_m(self, pool: str) -> float:
        """Lane metres of one ship of a pool."""
        fleet = next(fleet for _, fleet in sorted(self.scenario.fleets.items()) if fleet.pool == pool)
        return group_capacity(fleet)

    def lane_m(self, element: Element) -> float:
        """Lane metres of one piece of an element."""
        name = {"heavy": "lane_m_per_heavy_vehicle", "cargo": "lane_m_per_container"}.get(element, "lane_m_per_vehicle")
        return self.scenario.optional(name)

    def serial_size(self, segments: tuple[Segment, ...], element: Element) -> float:
        """Size of a serial over segments without a sea leg: that of the train or aircraft, else of the column."""
        value = self.scenario.value
        sizes = []
        for segment in segments:
            mode = segment.layer.partition(":")[0]
            if mode == "rail":
                name = {"heavy": "heavy_vehicles_per_train", "cargo": "containers_per_train"}.get(
                    element, "vehicles_per_train"
                )
                sizes.append(self.scenario.optional("troops_per_train") if element == "troops" else value(name))
            elif mode == "air":
                sizes.append(value("troops_per_flight"))
        if sizes:
            return min(sizes)
        column = {"troops": "troops_per_coach_serial", "heavy": "vehicles_per_het_serial"}
        return value(column.get(element, "march_serial_vehicles"))
