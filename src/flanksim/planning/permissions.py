"""Leave to cross borders: which states a way asks, how long each takes, and when a load may set out.

All states are asked at once, on the day of warning, and the slowest decides. A unit that has leave to come does not
wait for the rest in its barracks: it sets out so early that it can be at the first border on its way, if nothing holds
it up on its own territory, at the hour at which the last state has agreed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flanksim.modes import WAYS, mode_of
from flanksim.network.admissible import Element
from flanksim.network.physics import Physics
from flanksim.network.routes import Segment
from flanksim.planning.loads import Load
from flanksim.planning.plan import Permit
from flanksim.scenario.distributions import Distribution, triangular
from flanksim.scenario.schema import Scenario
from flanksim.units import hours

#: Families whose border lies at the end of a leg, a port or airfield; others are stopped before a leg that crosses.
ENDS_ABROAD = ("sea", "air", "waterway")


def lead(scenario: Scenario, state: str, element: Element) -> Distribution:
    """Days from request to leave of one state under the regime, for one unit.

    Under today's rules by state and load (`permissions`), where a row says so; else the regime's parameter.
    """
    regime = scenario.regime.permission
    if regime == "today":
        rows = [row for row in scenario.permissions.values() if state in row.countries]
        named = [row for row in rows if element in row.loads] or [row for row in rows if not row.loads]
        if named:
            return triangular(named[0].lead_low_days, named[0].lead_typical_days, named[0].lead_high_days)
    return triangular(*scenario.spread(f"permission_days_{regime}"))


def asked(scenario: Scenario) -> float:
    """Hour from which the days of leave count: that of the warning, later by the time to switch a scheme on."""
    regime = scenario.regime.permission
    return hours(scenario.optional(f"permission_activation_days_{regime}") - scenario.question.warning_days)


def states_of(segments: tuple[Segment, ...], physics: Physics) -> tuple[str, ...]:
    """States that a way enters, that of its end first; none where no leave is needed."""
    scenario, places = physics.scenario, physics.network.places
    if not segments or scenario.regime.permission == "none" or not scenario.mechanisms.permissions:
        return ()
    home = places[segments[0].from_node].country
    entered = [places[leg.to_node].country for segment in segments for leg in segment.legs]
    return tuple(dict.fromkeys(state for state in reversed(entered) if state != home))


def hours_to_border(segments: tuple[Segment, ...], physics: Physics) -> float:
    """Least hours from the start of a way to the first border on it; 0 where it crosses none."""
    places, chance = physics.network.places, physics.scenario.mechanisms.chance
    passed = 0.0
    for segment in segments:
        mode = mode_of(segment.layer)
        for leg in segment.legs:
            abroad = places[leg.to_node].country != places[segments[0].from_node].country
            if abroad and WAYS[mode].family not in ENDS_ABROAD:
                return passed
            running = (
                physics.running(physics.network.edge(leg.link_id, leg.forward), mode)
                if leg.link_id
                else physics.flight(leg.from_node, leg.to_node)
            )
            passed += 0.0 if running is None else running.hours * running.factor.lowest(chance=chance)
            if abroad:
                return passed
    return 0.0


@dataclass(slots=True)
class Permits:
    """Permits of a plan, numbered when they are first asked for.

    A state that is slow with a unit's trucks is slow with its tanks: both come from one random number.
    """

    scenario: Scenario
    made: dict[Permit, int] = field(default_factory=dict)
    _of: dict[tuple[str, Element, tuple[str, ...]], tuple[int, ...]] = field(default_factory=dict)

    def of(self, load: Load, states: tuple[str, ...]) -> tuple[int, ...]:
        """Numbers of the permits of a load, in the order of the states."""
        key = (load.unit_id, load.element, states)
        if key not in self._of:
            wanted = [
                Permit(f"{load.unit_id}|{state}", lead(self.scenario, state, load.element), asked(self.scenario))
                for state in states
            ]
            self._of[key] = tuple(self.made.setdefault(permit, len(self.made)) for permit in wanted)
        return self._of[key]
