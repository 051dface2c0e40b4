"""Worlds: a scenario whose uncertain numbers are drawn between their low and high values.

Rows of one class share a draw, since what is wrong with one of them is mostly wrong with all: the berths of all ports,
the speeds of all roads. Each parameter is a class of its own. Draws are a Latin hypercube: of each class every
n-th part of its distribution is drawn once in n worlds. The draw of a class depends on its name alone, so that a row
which nothing uses changes no world.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
from pydantic import BaseModel

from flanksim.network.lift import PER_TRAIN
from flanksim.scenario.project_rows import Unknown
from flanksim.scenario.rows import Fleet, Row
from flanksim.scenario.schema import Scenario

#: Tables whose rows have low and high values, with the field that tells their classes apart.
_CLASSES = {
    "parameters": "", "links": "mode", "chokepoints": "attribute", "facilities": "kind", "fleets": "kind",
    "unit_types": "", "permissions": "",
}  # fmt: skip

#: In the names of classes that decide what may pass at all.
_WAYS = ("_mlc", "axle_load", "draught", "caution_class_share", "heavy_self_drive")


@dataclass(frozen=True, slots=True)
class World:
    """What a scenario's tables might also say: which part of its distribution each number takes.

    Attributes
    ----------
    number, count, seed
        The world of this number, from 0, of so many that are drawn with this seed.
    shares
        Instead of draws the share, 0 to 1, of some classes by name, such as ``links rail speed_typical_kmh``; the other
        numbers stay as they are.
    same_ways
        Whether numbers that decide what may pass at all stay as they are too: classes of bridges and vehicles, axle
        loads, draughts. For worlds in which a unit would have no way; such a world keeps its digest.
    """

    number: int = 0
    count: int = 1
    seed: int = 0
    shares: tuple[tuple[str, float], ...] | None = None
    same_ways: bool = False

    def share(self, name: str) -> float | None:
        """Share of a class; None where its numbers stay as they are."""
        if self.same_ways and any(part in name for part in _WAYS):
            return None
        if self.shares is None:
            return float(_shares(name, self.count, self.seed)[self.number])
        return dict(self.shares).get(name)

    def digest(self, of: str) -> str:
        """Digest of the world of a scenario with this digest: of what it follows from, which is sooner said."""
        if self.shares is None:
            label = f"{of} world {self.number} of {self.count}, seed {self.seed}"
        else:
            label = f"{of} at {sorted(self.shares)}"
        return blake2b(label.encode(), digest_size=8).hexdigest()

    def of(self, scenario: Scenario) -> Scenario:
        """The scenario in this world: another typical value, between low and high, of the numbers that have these."""
        found = _with(scenario, _spreads(scenario), self.share)
        found.__dict__["digest"] = self.digest(scenario.digest)
        return found


def worlds(scenario: Scenario, count: int, seed: int) -> Iterator[Scenario]:
    """The scenario as its tables might also be, `count` times.

    Parameters
    ----------
    scenario
        With typical values, and low and high ones where there are any.
    count
        Number of worlds.
    seed
        Root of the draws.

    Yields
    ------
    Scenario
        With another typical value, between low and high, of every number that has these.
    """
    for number in range(count):
        yield World(number, count, seed).of(scenario)


def world(scenario: Scenario, share: Callable[[str], float]) -> Scenario:
    """The scenario with every typical value at the given share (0 to 1) of its triangular distribution.

    Parameters
    ----------
    scenario
        With low and high values.
    share
        Of a class by its name, such as ``links rail speed_kmh`` or ``parameters close_share``.
    """
    return _with(scenario, _spreads(scenario), share)


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A class of numbers that are drawn together, or one number: where it stands.

    Attributes
    ----------
    name
        Such as ``links rail speed_typical_kmh`` or ``parameters close_share typical``.
    table, field
        Where it stands.
    rows
        Ids of its rows.
    low, typical, high
        Of each of these rows.
    """

    name: str
    table: str
    field: str
    rows: tuple[str, ...]
    low: tuple[float, ...]
    typical: tuple[float, ...]
    high: tuple[float, ...]


def uncertain(scenario: Scenario) -> list[Uncertain]:
    """Every number with a range, those of one class as one, in the order of the tables."""
    found: dict[str, list[tuple[str, str, _Spread]]] = {}
    for table, of_rows in _spreads(scenario).items():
        for key, entries in of_rows.items():
            for entry in entries:
                if entry.kind.startswith(f"{table} "):  # what follows another table's number is not its own
                    found.setdefault(entry.kind, []).append((table, key, entry))
    return [
        Uncertain(
            name,
            entries[0][0],
            entries[0][2].field,
            tuple(key for _, key, _ in entries),
            *(tuple(getattr(entry, part) for _, _, entry in entries) for part in ("low", "typical", "high")),
        )
        for name, entries in found.items()
    ]


def at_end(scenario: Scenario, name: str, *, high: bool) -> Scenario:
    """The scenario with every number of a class at its high or low value, and the others as they are."""
    changed: dict[str, Any] = {}
    for table, of_rows in _spreads(scenario).items():
        for key, entries in of_rows.items():
            values = {entry.field: entry.high if high else entry.low for entry in entries if entry.kind == name}
            if values:
                rows = changed.setdefault(table, dict(getattr(scenario, table)))
                rows[key] = rows[key].model_copy(update=values)
    return scenario.with_tables(changed)


@dataclass(frozen=True, slots=True)
class _Spread:
    """A number of a row that may be another one: its field, the class that shares its draw, and its limits."""

    field: str
    kind: str
    low: float
    typical: float
    high: float


def _with(
    scenario: Scenario, spreads: Mapping[str, Mapping[str, list[_Spread]]], share: Callable[[str], float | None]
) -> Scenario:
    changed: dict[str, Any] = {}
    for table, of_rows in spreads.items():
        rows = dict(getattr(scenario, table))
        for key, found in of_rows.items():
            shares = ((entry, share(entry.kind)) for entry in found)
            drawn = {
                entry.field: triangle(entry.low, entry.typical, entry.high, part)
                for entry, part in shares
                if part is not None
            }
            if drawn:
                rows[key] = rows[key].model_copy(update=drawn)
        changed[table] = rows
    return scenario.with_tables(changed)


def _spreads(scenario: Scenario) -> dict[str, dict[str, list[_Spread]]]:
    """What is not known for sure, by table and row."""
    found: dict[str, dict[str, list[_Spread]]] = {}
    for table, by in _CLASSES.items():
        rows: Mapping[str, Row] = getattr(scenario, table)
        for key, row in rows.items():
            own = list(_of_row(table, key, row, by))
            if isinstance(row, Fleet):
                own += _train_length(scenario, row)
            if own:
                found.setdefault(table, {})[key] = own
    for key, unknown in scenario.unknowns.items():
        for name in rows_of(scenario, unknown):
            entry = _scaled(
                unknown, f"unknowns {key}", getattr(getattr(scenario, unknown.table)[name], unknown.attribute)
            )
            found.setdefault(unknown.table, {}).setdefault(name, []).append(entry)
    return found


def rows_of(scenario: Scenario, unknown: Unknown) -> list[str]:
    """Rows that a row of `unknowns` is about: those of its kind that have the number."""
    rows: Mapping[str, Row] = getattr(scenario, unknown.table)
    return [
        name
        for name, row in rows.items()
        if (not unknown.kind or getattr(row, "kind", "") == unknown.kind) and getattr(row, unknown.attribute)
    ]


def _scaled(unknown: Unknown, kind: str, value: float) -> _Spread:
    """A number without a range of its own, times the factors of a row of `unknowns`; no day has over 24 hours."""
    most = 24.0 if unknown.attribute == "hours_per_day" else math.inf
    low, high = (min(most, factor * value) for factor in (unknown.low, unknown.high))
    return _Spread(unknown.attribute, kind, min(low, value), value, max(high, value))


def _train_length(scenario: Scenario, fleet: Fleet) -> Iterator[_Spread]:
    """What a train carries is as uncertain as the parameter for what it carries first, and drawn with that."""
    name = PER_TRAIN[fleet.carries[0]] if fleet.kind == "train" and fleet.carries else ""
    low, typical, high = scenario.spread(name) if name in scenario.parameters else (1.0, 1.0, 1.0)
    if low < high:
        share = fleet.capacity / typical
        yield _Spread("capacity", f"parameters {name} typical", low * share, typical * share, high * share)


def _of_row(table: str, key: str, row: Row, by: str) -> Iterator[_Spread]:
    for low_name, name, high_name in _triples(type(row)):
        stated_low, typical, stated_high = (getattr(row, part) for part in (low_name, name, high_name))
        if typical is None or stated_low is stated_high is None:
            continue
        low, high = (typical if value is None else value for value in (stated_low, stated_high))
        if low < high:
            kind = getattr(row, by) if by else (key if table == "parameters" else "")
            yield _Spread(name, f"{table} {kind} {name}", low, typical, high)


@cache
def _triples(model: type[BaseModel]) -> tuple[tuple[str, str, str], ...]:
    """Names of low, typical and high of each quantity of a row."""
    names = [name for name in model.model_fields if "typical" in name.split("_")]
    found = [(name.replace("typical", "low"), name, name.replace("typical", "high")) for name in names]
    return tuple(entry for entry in found if entry[0] in model.model_fields and entry[2] in model.model_fields)


def triangle(low: float, typical: float, high: float, share: float) -> float:
    """Value below which this share of a triangular distribution lies.

    Examples
    --------
    >>> triangle(0, 1, 2, 0.5), triangle(0, 0, 1, 0.75)
    (1.0, 0.5)
    """
    width, left = high - low, typical - low
    if share * width <= left:
        return low + math.sqrt(share * width * left)
    return high - math.sqrt((1.0 - share) * width * (high - typical))


@cache
def _shares(name: str, count: int, seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A number of each n-th part of 0 to 1, in an order of chance."""
    key = int.from_bytes(blake2b(f"{seed} {name}".encode(), digest_size=8).digest(), "little")
    draws = np.random.Generator(np.random.Philox(key))
    return (draws.permutation(count) + draws.random(count)) / count
