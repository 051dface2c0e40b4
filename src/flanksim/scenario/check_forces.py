"""Checks of the force: footprints that add up, and dates that can be kept."""

from __future__ import annotations

from collections.abc import Iterator

from flanksim.errors import Problem
from flanksim.scenario.footprints import deck_of_pieces
from flanksim.scenario.saying import Say
from flanksim.scenario.schema import Scenario
from flanksim.units import available_hour, deadline_hour, hours

#: Deck that a type of unit states may differ by this share from the sum of its pieces.
MOST_UNLIKE = 0.2


def check_forces(scenario: Scenario, say: Say) -> Iterator[Problem]:
    """What types of units state of their deck, and units that are late before they move."""
    for key, kind in scenario.unit_types.items():
        pieces = deck_of_pieces(scenario, kind)
        stated = kind.lane_m_typical
        if stated > 0 and abs(pieces / stated - 1.0) > MOST_UNLIKE:
            path = ("unit_types", key, "lane_m_typical")
            yield say(
                "W420",
                path,
                f"{stated:,.0f} lane-metres are stated, but its pieces fill {pieces:,.0f}",
                "both are gross deck: correct the pieces, their deck (lane_m_per_vehicle), or what is stated",
            )
    yield from _tanks(scenario, say)
    yield from _late(scenario, say)


def _tanks(scenario: Scenario, say: Say) -> Iterator[Problem]:
    """Tanks are heavy vehicles: there are not more of them."""
    stated: dict[tuple[str, str], tuple[float, float | None]] = {
        ("unit_types", key): (kind.tanks_typical, kind.heavy_typical) for key, kind in scenario.unit_types.items()
    }
    for key, unit in scenario.units.items():
        if unit.tanks:
            stated["units", key] = (unit.tanks, unit.heavy)
    for (table, key), (tanks, heavy) in stated.items():
        if heavy is not None and tanks > heavy:
            path = (table, key, "tanks" if table == "units" else "tanks_typical")
            yield say(
                "E243",
                path,
                f"{tanks:g} tanks among {heavy:g} heavy vehicles",
                "heavy counts all tracked vehicles, tanks included",
            )


def check_permissions(scenario: Scenario, say: Say) -> Iterator[Problem]:
    """One lead time for each state and load."""
    known: dict[tuple[str, str], str] = {}
    for key, row in scenario.permissions.items():
        for state in row.countries:
            for element in row.loads or ("",):
                other = known.setdefault((state, element), key)
                if other == key:
                    continue
                path = ("permissions", key, "countries")
                yield say(
                    "E242",
                    path,
                    f"{state} has a row already, '{other}', for {element or 'whatever no other row names'}",
                    "take it out of one of them, or name loads",
                )


def _late(scenario: Scenario, say: Say) -> Iterator[Problem]:
    """Units that are closed after their date even if they stood at their assembly area from the start."""
    if scenario.question.clock == "ready" or not scenario.mechanisms.integration:
        return
    row = scenario.parameters.get("integration_days")
    if row is None:
        return
    for key, unit in scenario.travelling_units.items():
        ready = max(0.0, unit.ready_day - scenario.question.warning_days)
        if unit.stock_node and scenario.mechanisms.handling:
            ready += scenario.optional("stock_issue_days")  # and the draw itself, which goes on beside the move
        closed = available_hour(ready) + hours(row.typical)
        if ready <= unit.required_day and closed > deadline_hour(unit.required_day):
            yield Problem(
                "W421",
                say.where(("units", key), ("ready_day", "required_day")),
                f"units.{key}.ready_day",
                f"ready on C+{ready:g} and integrated in {row.typical:g} days, it misses "
                f"C+{unit.required_day:g} over no distance",
                "make it ready sooner, or ask for it later",
            )
