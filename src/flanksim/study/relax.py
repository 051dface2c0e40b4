"""What to try: each contributor to the critical path, relaxed by one step, as a changed scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flanksim.measure.critical import Piece
from flanksim.scenario.naming import fleets_of, lift
from flanksim.scenario.schema import Scenario

_FASTER = {"today": "three_days", "three_days": "six_hours", "six_hours": "none"}
#: Vehicles of yard that count as one step.
YARD_STEP = 100.0


@dataclass(frozen=True)
class Change:
    """One step more of one thing.

    Attributes
    ----------
    what
        In words: ``one more berth in Klaipeda``.
    touches
        Whether a piece of the critical path is about this thing; their hours are its path share.
    apply
        The changed scenario.
    """

    what: str
    touches: Callable[[Piece], bool]
    apply: Callable[[Scenario], Scenario]


def changes(scenario: Scenario, pieces: Iterable[Piece]) -> list[Change]:
    """The steps that the pieces of critical paths suggest, each once."""
    found: dict[str, Change] = {}
    for piece in pieces:
        for change in (_lift(scenario, piece), _queue(scenario, piece), _rule(scenario, piece)):
            if change is not None:
                found.setdefault(change.what, change)
    return list(found.values())


def _with_row(scenario: Scenario, table: str, key: str, **values: Any) -> Scenario:
    rows = dict(getattr(scenario, table))
    rows[key] = rows[key].model_copy(update=values)
    return scenario.model_copy(update={table: rows})


def _lift(scenario: Scenario, piece: Piece) -> Change | None:
    pool = piece.cause.removeprefix("lift ")
    fleets = fleets_of(scenario, pool)
    if pool == piece.cause or not fleets:
        return None
    key, fleet = max(fleets.items(), key=lambda item: (item[1].count_typical, item[0]))
    more = fleet.count_typical + fleet.group_size
    kind = {"train": "wagon set", "het": "column of heavy transporters", "coach": "column of coaches"}.get(
        fleet.kind, fleet.kind
    )
    return Change(
        f"one more {kind}: {lift(scenario, pool)}",
        lambda other: other.cause == piece.cause,
        lambda entry: _with_row(entry, "fleets", key, count_typical=more, count_high=_up(fleet.count_high, more)),
    )


def _queue(scenario: Scenario, piece: Piece) -> Change | None:
    """Of a queue: one path a day, lane or server more; of a full yard: 100 vehicles more."""
    if piece.what not in ("queue", "full yard") and not piece.cause.startswith(("queue at ", "full yard ")):
        return None
    at = piece.at or piece.cause.removeprefix("queue at ").removeprefix("full yard ")
    link_id = at.split(":")[0]
    if link_id in scenario.links:
        return _link(scenario, link_id)
    kind, _, place = at.partition(":")
    key = next((k for k, row in sorted(scenario.facilities.items()) if (row.kind, row.place) == (kind, place)), None)
    if key is None:
        return None
    row = scenario.facilities[key]
    where = scenario.nodes[place].name if place in scenario.nodes else place
    where = where or place
    if (piece.what == "full yard" or piece.cause.startswith("full yard")) and row.storage_typical is not None:
        room = row.storage_typical + YARD_STEP
        return Change(
            f"{YARD_STEP:.0f} vehicles more in the yard of {where}",
            lambda other: other.at == at and other.what == "full yard",
            lambda entry: _with_row(
                entry, "facilities", key, storage_typical=room, storage_high=_up(row.storage_high, room)
            ),
        )
    if row.servers_typical is None:
        return None
    more = row.servers_typical + 1
    word = {"berth": "berth", "rail_terminal": "ramp", "stand": "stand", "assembly": "reception team"}.get(kind, "lane")
    return Change(
        f"one more {word}{'' if word == kind else ' (' + kind.replace('_', ' ') + ')'} at {where}",
        lambda other: other.at == at and (other.what == "queue" or other.cause == f"queue at {at}"),
        lambda entry: _with_row(
            entry, "facilities", key, servers_typical=more, servers_high=_up(row.servers_high, more)
        ),
    )


def _link(scenario: Scenario, link_id: str) -> Change | None:
    link = scenario.links[link_id]
    ends = [scenario.nodes[end].name if end in scenario.nodes else end for end in (link.from_node, link.to_node)]
    name = f"{ends[0] or link.from_node} - {ends[1] or link.to_node} ({link_id})"
    values: dict[str, float | None]
    if link.headway_hours is not None:
        headway = 24.0 / (24.0 / link.headway_hours + 1.0) if link.headway_hours > 0 else 0.0
        what, values = f"one more entry a day on {link.mode} {name}", {"headway_hours": headway}
    elif link.capacity_typical is None:
        return None
    elif link.mode == "rail":
        more = link.capacity_typical + 1
        what = f"one more train path a day on rail {name}"
        values = {"capacity_typical": more, "capacity_high": _up(link.capacity_high, more)}
    else:
        lanes = link.lanes or 2
        more = link.capacity_typical * (lanes + 1) / lanes
        what = f"one more lane on {link.mode} {name}"
        values = {"capacity_typical": more, "capacity_high": _up(link.capacity_high, more), "lanes": lanes + 1}
    return Change(
        what,
        lambda other: other.cause.startswith("queue at ") and other.cause[9:].split(":")[0] == link_id,
        lambda entry: _with_row(entry, "links", link_id, **values),
    )


def _rule(scenario: Scenario, piece: Piece) -> Change | None:
    """Of papers and readiness: one regime faster, one day sooner; of borders and integration a step shorter."""
    if piece.cause == "permission" and scenario.regime.permission in _FASTER:
        regime = _FASTER[scenario.regime.permission]
        return Change(
            f"permissions one regime faster ({scenario.regime.permission} to {regime})".replace("_", " "),
            lambda other: other.cause == "permission",
            lambda entry: entry.model_copy(update={"regime": entry.regime.model_copy(update={"permission": regime})}),
        )
    if piece.cause == "not ready":
        return Change(
            "every unit ready one day sooner",
            lambda other: other.cause == "not ready",
            lambda entry: entry.model_copy(
                update={
                    "units": {
                        key: unit.model_copy(update={"ready_day": max(0.0, unit.ready_day - 1)})
                        for key, unit in entry.units.items()
                    }
                }
            ),
        )
    if piece.cause == "integration" and "integration_days" in scenario.parameters:
        row = scenario.parameters["integration_days"]
        less = {
            name: max(0.0, value - 1)
            for name in ("low", "typical", "high")
            if (value := getattr(row, name)) is not None
        }
        return Change(
            "integration one day shorter",
            lambda other: other.cause == "integration",
            lambda entry: _with_row(entry, "parameters", "integration_days", **less),
        )
    return None


def _up(high: float | None, value: float) -> float | None:
    return None if high is None else max(high, value)
