"""The map behind the sliders: who is there by the deadline at each assembly area, and where the last day waits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from flanksim.draw.basemap import frame_of
from flanksim.measure.closure import Group
from flanksim.measure.replications import ReplicationSet
from flanksim.report import labels
from flanksim.report.html import join
from flanksim.report.interactive_map import box_of, places, units_per_km
from flanksim.scenario.naming import places_of
from flanksim.scenario.schema import Scenario

#: Places where a point waits that are drawn, and the days below which none is.
_MOST, _LEAST_DAYS = 10, 0.2
#: Radius of the largest circle, in units of the map.
_LARGEST = 95.0


@dataclass(frozen=True)
class PointMap:
    """Assembly areas of a scenario and the places where its force waits; nothing is drawn without positions."""

    scenario: Scenario

    @cached_property
    def _at(self) -> dict[str, tuple[float, float]]:
        return places(self.scenario)

    @cached_property
    def _members(self) -> dict[str, tuple[int, ...]]:
        """Numbers of the units that travel, by their assembly area; those with most troops first."""
        found: dict[str, list[int]] = {}
        for number, unit in enumerate(self.scenario.ordered_units.values()):
            if not unit.in_place:
                found.setdefault(unit.assembly_node, []).append(number)
        return {area: tuple(found[area]) for area in sorted(found, key=lambda area: (-self._troops(found[area]), area))}

    def _troops(self, numbers: list[int] | tuple[int, ...]) -> int:
        units = tuple(self.scenario.ordered_units.values())
        return sum(units[number].troops for number in numbers)

    @cached_property
    def areas(self) -> list[tuple[str, int]]:
        """Name and troops of each assembly area."""
        return [(labels.place(area, self.scenario), self._troops(own)) for area, own in self._members.items()]

    def there(self, runs: ReplicationSet) -> list[int]:
        """Troops that are closed at each area by the deadline, in the mean."""
        hour = runs.force.deadline_h
        groups = [Group(own, self._troops(own), hour) for own in self._members.values()]
        return [round(runs.troops_by(hour, group).mean) for group in groups]

    def waits(self, runs: ReplicationSet) -> dict[str, float]:
        """Days of the critical path that are spent at a place or on the way to it, by place; the largest first.

        Those of a link or border are shared by its ends; waits for lift have no place.
        """
        days: dict[str, float] = {}
        for cause, part in runs.cause_days(lambda cause: cause.thing).items():
            ends = places_of(cause, self.scenario) if cause else ()
            for end in ends:
                days[end] = days.get(end, 0.0) + part.mean / len(ends)
        known = {place: value for place, value in days.items() if value >= _LEAST_DAYS and place in self._at}
        return dict(sorted(known.items(), key=lambda item: (-item[1], item[0]))[:_MOST])

    def spot(self, place: str) -> tuple[int, int, str]:
        """Where a place lies on the map, and its name."""
        east, north = self._at[place]
        return round(east), round(-north), labels.place(place, self.scenario)

    @property
    def svg(self) -> Markup:
        """Land and a ring for each assembly area, as large as its troops; the script fills it with those there."""
        drawn = []
        most = max((troops for _, troops in self.areas), default=0)
        for number, (area, (name, troops)) in enumerate(zip(self._members, self.areas, strict=True)):
            if area not in self._at:
                continue
            x, y, _ = self.spot(area)
            radius = _LARGEST * math.sqrt(troops / most) if most else 0.0
            text = Markup(
                '<circle class="wanted" cx="{0}" cy="{1}" r="{2}"><title>{3}</title></circle>'
                '<circle class="there" id="x-area-{4}" data-r="{2}" cx="{0}" cy="{1}" r="0"/>'
            )
            drawn.append(text.format(x, y, f"{radius:.0f}", name, number))
        if not drawn:
            return Markup("")
        frame = frame_of(self.scenario)
        unit = units_per_km(frame)
        box = box_of(*(edge * unit for edge in frame.extent))
        text = Markup(
            '<svg class="ground" viewBox="{}" role="img" aria-label="Map of this point: troops there at each assembly '
            'area by the deadline, and places where the last day waits"><use href="#land"/><g id="x-waits"></g>{}</svg>'
        )
        return text.format(box, join(drawn))
