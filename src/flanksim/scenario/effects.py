"""What projects do to the tables: typed effects, resolved to fields and combined in a fixed order.

All effects on one attribute of one row are combined so that the order in which projects are built
does not matter: first `set`, then `scale`, then `add`.

* `set`: of several, the one furthest from today's value counts. A regime is never made worse.
* `scale`: factors multiply. `add`: amounts sum.
* Low, typical and high are changed each by its own number; then low is at most, and high at least, the typical
  value. An empty low or high stays empty under `scale` and `add`.

A share below 1 (a programme paid in part) is worked place by place: of the targets of an effect on links,
chokepoints, facilities, units and regimes the first share is done, since half a bridge carries no tank. Fleets,
permissions, outages and parameters change evenly, by that share of the way from the old value to the new one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from flanksim.errors import FlanksimError, Problem
from flanksim.scenario.parameters import PARAMETERS
from flanksim.scenario.project_rows import Effect
from flanksim.scenario.rows import Chokepoint
from flanksim.scenario.wording import told

if TYPE_CHECKING:
    from flanksim.scenario.schema import Scenario

#: Attributes of three columns each: name to columns.
TRIPLES: dict[str, dict[str, tuple[str, str, str]]] = {
    "links": {
        "capacity": ("capacity_low", "capacity_typical", "capacity_high"),
        "speed_kmh": ("speed_low_kmh", "speed_typical_kmh", "speed_high_kmh"),
    },
    "facilities": {
        "servers": ("servers_low", "servers_typical", "servers_high"),
        "handling": ("handling_low_hours", "handling_typical_hours", "handling_high_hours"),
        "storage": ("storage_low", "storage_typical", "storage_high"),
    },
    "fleets": {
        "count": ("count_low", "count_typical", "count_high"),
        "available_day": ("available_low_day", "available_typical_day", "available_high_day"),
        "activation": ("activation_low", "activation_typical", "activation_high"),
    },
    "units": {},
    "permissions": {"lead": ("lead_low_days", "lead_typical_days", "lead_high_days")},
    "outages": {"repair": ("repair_low_hours", "repair_typical_hours", "repair_high_hours")},
    "parameters": {"value": ("low", "typical", "high")},
    "chokepoints": {},
    "regime": {},
}

#: Attributes of one column that an effect may change.
SINGLES: dict[str, tuple[str, ...]] = {
    "links": (
        "max_mlc",
        "max_axle_load_t",
        "max_draught_m",
        "tracks",
        "lanes",
        "gauge_mm",
        "loading_gauge",
        "length_km",
        "travel_hours",
        "headway_hours",
        "opposing_clearance_hours",
    ),
    "facilities": ("runway_m", "max_draught_m", "opens_hour", "closes_hour", "handling_hours"),
    "fleets": ("capacity", "speed_kmh", "draught_m", "min_runway_m", "hours_per_day"),
    "units": ("ready_day", "stock_node"),
    "permissions": (),
    "outages": ("rate_per_year",),
    "parameters": (),
    "chokepoints": (),
    "regime": ("permission", "traffic"),
}

#: Attributes that hold text.
TEXTS = frozenset({"gauge_mm", "loading_gauge", "stock_node", "permission", "traffic"})

#: Regimes from slow to fast.
RANKS = {
    "permission": ("today", "three_days", "six_hours", "none"),
    "traffic": ("peace", "crisis", "military_priority"),
}
_WHOLE = frozenset({"tracks", "lanes"})


def attributes(table: str) -> tuple[str, ...]:
    """Names that an effect on `table` may give as its attribute."""
    return (*TRIPLES[table], *SINGLES[table])


def fields(effect: Effect, row: Any) -> tuple[str, ...]:
    """Columns of `row` that `effect` changes: one, or low, typical and high; none if it has no such attribute."""
    if isinstance(row, Chokepoint):
        return ("low", "typical", "high") if effect.attribute == row.attribute else ()
    if effect.attribute in TRIPLES[effect.table]:
        return TRIPLES[effect.table][effect.attribute]
    return (effect.attribute,) if effect.attribute in SINGLES[effect.table] else ()


def target(scenario: Scenario, table: str, row_id: str) -> Any:
    """The row of that id, the regime for the word ``regime``, or None.

    Parameters
    ----------
    scenario
        Where the row is looked for.
    table
        Table of the effect, or ``regime``.
    row_id
        One of the targets of the effect.
    """
    if table == "regime":
        return scenario.regime if row_id == "regime" else None
    return getattr(scenario, table).get(row_id)


def changed_rows(scenario: Scenario, shares: Mapping[str, float]) -> dict[tuple[str, str], Any]:
    """Rows that differ once `shares` of the projects are done.

    Parameters
    ----------
    shares
        Project id to the share of it that is in service, 0 to 1.

    Returns
    -------
    dict
        ``(table, id)`` to the new row; the regime stands under ``("regime", "regime")``. Rows that come out as
        they were are left out.

    Raises
    ------
    FlanksimError
        E211 or E212 for an effect on a row or attribute that is not there.
    """
    gathered: dict[tuple[str, str], dict[tuple[str, ...], list[tuple[Effect, float]]]] = {}
    for effect, share, row_id in _reached(scenario, shares):
        row = target(scenario, effect.table, row_id)
        columns = () if row is None else fields(effect, row)
        if not columns:
            raise FlanksimError(_missing(scenario, effect, row_id, row))
        gathered.setdefault((effect.table, row_id), {}).setdefault(columns, []).append((effect, share))
    found = {}
    for (table, row_id), by_columns in gathered.items():
        row = target(scenario, table, row_id)
        update: dict[str, Any] = {}
        for columns, effects in by_columns.items():
            update |= _combined(row, columns, effects)
        new = _checked(row, update, table, row_id, [effect for chosen in by_columns.values() for effect, _ in chosen])
        if new != row:
            found[table, row_id] = new
    return found


def _missing(scenario: Scenario, effect: Effect, row_id: str, row: Any) -> Problem:
    """A project that is to be built where there is nothing, so that its money would buy nothing."""
    what = f"no row '{row_id}' in {effect.table}" if row is None else f"'{row_id}' has no '{effect.attribute}'"
    hint = "add the row, with capacity 0 if it is not built yet, or leave the project out"
    return Problem("E211" if row is None else "E212", scenario.name, f"projects.{effect.project_id}", what, hint)


def _checked(row: Any, update: dict[str, Any], table: str, row_id: str, effects: list[Effect]) -> Any:
    """The row with its new values.

    Raises
    ------
    FlanksimError
        E212 where a value is one that the row cannot have, whoever states it.
    """
    projects = ", ".join(dict.fromkeys(effect.project_id for effect in effects))
    path, wrong, limits = f"projects.{projects}", "", "correct the effects of these projects"
    try:
        new = type(row).model_validate({**dict(row), **update})
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        place = (table, row_id, *map(str, item["loc"]))
        said, hint = told(item, place if table != "regime" else ("regime", *place[2:]))
        wrong, limits = ": ".join([*place[2:], said]), f"{limits}: {hint}"
    else:
        known = PARAMETERS.get(row_id) if table == "parameters" else None
        if known is None or known.least <= new.typical <= known.most:
            return new
        wrong, limits = f"{new.typical:g} {known.unit} is out of range", f"give {known.limits}"
    raise FlanksimError(
        Problem("E212", f"{table}.{row_id}", path, f"gives {table}.{row_id} a wrong value: {wrong}", limits)
    )


def _reached(scenario: Scenario, shares: Mapping[str, float]) -> Iterator[tuple[Effect, float, str]]:
    for _, effect in sorted(scenario.effects.items()):
        share = min(1.0, shares.get(effect.project_id, 0.0))
        if share <= 0.0:
            continue
        even = effect.table in ("fleets", "permissions", "outages", "parameters")
        count = len(effect.targets) if even else math.floor(share * len(effect.targets) + 1e-9)
        for row_id in effect.targets[:count]:
            yield effect, share if even else 1.0, row_id


def _combined(row: Any, columns: tuple[str, ...], effects: Iterable[tuple[Effect, float]]) -> dict[str, Any]:
    """New values of `columns` of one row."""
    listed = list(effects)
    if listed[0][0].attribute in TEXTS:
        return {columns[0]: _text(row, columns[0], [effect for effect, _ in listed])}
    place = 1 if len(columns) == 3 else 0  # of the typical value
    values: list[float | None] = [getattr(row, name) for name in columns]
    base = values[place]
    sets = [entry for entry in listed if entry[0].operation == "set"]
    if sets:
        strongest, share = max(sets, key=lambda entry: entry[1] * abs(float(entry[0].typical) - (base or 0.0)))
        values = [
            p if v is None else v + share * (p - v)
            for v, p in zip(values, _parts(strongest, len(columns)), strict=True)
        ]
    for effect, share in listed:
        parts = _parts(effect, len(columns))
        if effect.operation == "scale":
            values = [v if v is None else v * (1.0 + share * (p - 1.0)) for v, p in zip(values, parts, strict=True)]
    for effect, share in listed:
        parts = _parts(effect, len(columns))
        if effect.operation == "add":
            values = [v if v is None else v + share * p for v, p in zip(values, parts, strict=True)]
    typical = values[place]
    if place == 1 and typical is not None:
        low, high = values[0], values[2]
        values = [None if low is None else min(low, typical), typical, None if high is None else max(high, typical)]
    if columns[0] in _WHOLE:
        return {columns[0]: None if values[0] is None else math.floor(values[0] + 1e-9)}
    return dict(zip(columns, values, strict=True))


def _parts(effect: Effect, count: int) -> tuple[float, ...]:
    typical = float(effect.typical)
    if count == 1:
        return (typical,)
    return (
        typical if effect.low is None else effect.low,
        typical,
        typical if effect.high is None else effect.high,
    )


def _text(row: Any, column: str, effects: list[Effect]) -> Any:
    """Text that stands in `column` after the effects: the best regime, else the last by effect id."""
    if column in RANKS:
        ranks = RANKS[column]
        return max([getattr(row, column), *(str(effect.typical) for effect in effects)], key=ranks.index)
    value = effects[-1].typical
    return int(value) if isinstance(value, float) else value
