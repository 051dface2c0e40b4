"""Worlds: a scenario whose uncertain numbers are drawn between their low and high values.

Rows of one class share a draw, since what is wrong with one of them is mostly wrong with all: the berths of all ports,
the speeds of all roads. Each parameter is a class of its own. Draws are a Latin hypercube: of each class every
n-th part of its distribution is drawn once in n worlds. The draw of a class depends on its name alone, so that a row
which nothing uses changes no world.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
from pydantic import BaseModel

from flanksim.scenario.rows import Row
from flanksim.scenario.schema import Scenario

#: Tables whose rows have low and high values, with the field that tells their classes apart.
_CLASSES = {"parameters": "", "links": "mode", "facilities": "kind", "fleets": "kind", "unit_types": ""}


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
        yield world(scenario, lambda name, number=number: _share(name, number, count, seed))  # type: ignore[misc]


def world(scenario: Scenario, share: Callable[[str], float]) -> Scenario:
    """The scenario with every typical value at the given share (0 to 1) of its triangular distribution.

    Parameters
    ----------
    scenario
        With low and high values.
    share
        Of a class by its name, such as ``links rail speed_kmh`` or ``parameters close_share``.
    """
    changed: dict[str, Any] = {}
    for table, by in _CLASSES.items():
        rows: Mapping[str, Row] = getattr(scenario, table)
        changed[table] = {key: _drawn(table, key, row, by, share) for key, row in rows.items()}
    return scenario.model_copy(update=changed)


def _drawn(table: str, key: str, row: Row, by: str, share: Callable[[str], float]) -> Row:
    update: dict[str, float] = {}
    for low_name, name, high_name in _triples(type(row)):
        values = [getattr(row, part) for part in (low_name, name, high_name)]
        typical = values[1]
        if typical is None or values[0] is values[2] is None:
            continue
        low, high = (typical if value is None else value for value in (values[0], values[2]))
        if low < high:
            kind = getattr(row, by) if by else (key if table == "parameters" else "")
            update[name] = triangle(low, typical, high, share(f"{table} {kind} {name}"))
    return row.model_copy(update=update) if update else row


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


def _share(name: str, number: int, count: int, seed: int) -> float:
    return float(_shares(name, count, seed)[number])


@cache
def _shares(name: str, count: int, seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A number of each n-th part of 0 to 1, in an order of chance."""
    key = int.from_bytes(blake2b(f"{seed} {name}".encode(), digest_size=8).digest(), "little")
    draws = np.random.Generator(np.random.Philox(key))
    return (draws.permutation(count) + draws.random(count)) / count
