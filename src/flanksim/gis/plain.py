"""The network as a graph of plain attributes, which any graph program reads, and that graph as a network again.

Text, numbers and True or False; nothing nested, no None, no infinity: an attribute that is not there has no value or
no limit. Lists are text with ``;``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

import networkx as nx

from flanksim.errors import FlanksimError, Problem
from flanksim.network.elements import CAPACITIES, Edge, Facility, Place
from flanksim.scenario.distributions import Distribution, distribution_of

#: What a run adds, and the network does not have: pieces that passed a link both ways, days that serials waited at a
#: place, troops closed there.
MEASURED = ("pieces_both_ways", "serial_days_waiting", "troops_closed")
#: Attributes that graph programs show, and that say nothing new.
_SHOWN = ("label", "link_id")
_HOURS, _LISTED = "_hours", "facilities"
#: Names of the numbers of a distribution by its kind; a trace is text.
_PARTS = {"constant": ("",), "triangular": ("_low", "_typical", "_high"), "exponential": ("_mean",)}
_WINDOWS = ("closed", "nights")
_DISTRIBUTIONS = ("travel", "handling")


def plain_graph(graph: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """A network, as `flanksim.graph` gives it, with plain attributes.

    An edge has the key ``LINK:FROM>TO``, as directions of links are called in movement tables, so that no two edges
    have one; its link is its attribute ``link_id``.

    Examples
    --------
    >>> from flanksim.study.run import graph
    >>> plain_graph(graph("corridor-mini")).edges["HAJ", "POZ", "rail-west:HAJ>POZ"]["length_km"]
    520.0
    """
    found: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=graph.name)
    for key, values in graph.nodes(data=True):
        held = values.get("facilities", {})
        plain = _flat({name: value for name, value in values.items() if name != "facilities"})
        plain["label"] = values.get("name") or key
        if held:
            plain[_LISTED] = ";".join(held)
        for kind, facility in held.items():
            plain |= _of_facility(kind, facility)
        found.add_node(key, **plain)
    for tail, head, key, values in graph.edges(keys=True, data=True):
        plain = {"link_id": key} | _flat({name: value for name, value in values.items() if name != "border"})
        if (border := values.get("border")) is not None:
            plain |= {"border": True} | _of_facility("border", border)
        found.add_edge(tail, head, key=f"{key}:{tail}>{head}", **plain)
    return found


def network_of(plain: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """The network of a graph that `plain_graph` gave, edited or not; what a run added is left out.

    Raises
    ------
    FlanksimError
        E308 for a value that cannot be read.
    """
    found: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=str(plain.graph.get("name", "")))
    for key, values in plain.nodes(data=True):
        rest = _without(values, (*MEASURED, *_SHOWN, _LISTED))
        where = f"nodes[{key!r}]"
        held = {kind: _facility(kind, rest, where) for kind in _words(values.get(_LISTED, ""))}
        found.add_node(str(key), **_filled(Place, _read(rest, where)) | {"facilities": held})
    for tail, head, key, values in plain.edges(keys=True, data=True):
        rest = _without(values, (*MEASURED, *_SHOWN, "border"))
        where = f"edges[{tail!r}, {head!r}, {key!r}]"
        border = _facility("border", rest, where) if values.get("border") else None
        own = _filled(Edge, _read(rest, where)) | {"border": border}
        for name in ("link_id", "from_node", "to_node", "capacity"):
            own.pop(name, None)
        if own.get("mode") in CAPACITIES:
            own.setdefault(CAPACITIES[own["mode"]], math.inf)
        found.add_edge(str(tail), str(head), key=str(values.get("link_id", key)), **own)
    return found


# ---- to plain values --------------------------------------------------------------------------------------------


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Attributes with nothing nested; those without value or limit are left out."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        called = prefix + name
        if name in _DISTRIBUTIONS:
            if value is not None:
                found |= _of_distribution(called, distribution_of(value) if isinstance(value, int | float) else value)
        elif name in _WINDOWS:
            if value:
                found[called + _HOURS] = ";".join(f"{_exact(start)}:{_exact(end)}" for start, end in value)
        elif name == "gauges":
            if value:
                found["gauges_mm"] = ";".join(map(str, value))
        elif isinstance(value, bool):
            found[called] = value
        elif isinstance(value, int | float):
            if math.isfinite(value):
                found[called] = float(value)
        elif value:
            found[called] = value
    return found


def _of_facility(kind: str, facility: Facility) -> dict[str, Any]:
    values = {entry.name: getattr(facility, entry.name) for entry in fields(Facility)}
    return _flat(values, f"{kind}_")


def _of_distribution(name: str, value: Distribution) -> dict[str, Any]:
    parts = _PARTS.get(value.kind)
    if parts is None:
        return {f"{name}_{value.kind}{_HOURS}": ";".join(map(_exact, value.values))}
    return {f"{name}{part}{_HOURS}": float(number) for part, number in zip(parts, value.values, strict=True)}


def _exact(value: float) -> str:
    return repr(float(value))


# ---- and back ---------------------------------------------------------------------------------------------------


def _read(values: dict[str, Any], where: str) -> dict[str, Any]:
    """Attributes of a place, link or facility from plain ones; takes what it reads out of `values`."""
    found: dict[str, Any] = {}
    for name in _DISTRIBUTIONS:
        if (read := _distribution(name, values, where)) is not None:
            found[name] = read
    for name in _WINDOWS:
        if (text := values.pop(name + _HOURS, None)) is not None:
            pairs = [pair.partition(":") for pair in _words(text)]
            found[name] = tuple((_number(a, name, where), _number(b, name, where)) for a, _, b in pairs)
    if (text := values.pop("gauges_mm", None)) is not None:
        found["gauges"] = tuple(int(_number(word, "gauges_mm", where)) for word in _words(text))
    return found | values


def _facility(kind: str, values: dict[str, Any], where: str) -> Facility:
    """The facility of a kind; takes what it reads out of `values`."""
    begin = f"{kind}_"
    own = {name.removeprefix(begin): values.pop(name) for name in list(values) if name.startswith(begin)}
    known = {entry.name for entry in fields(Facility)}
    read = _read(own, where)
    for name in read:
        if name not in known:
            raise _unusable(where, f"unknown attribute '{begin}{name}'", "a facility has " + ", ".join(sorted(known)))
    return Facility(**read)


def _distribution(name: str, values: dict[str, Any], where: str) -> Distribution | None:
    for kind, parts in _PARTS.items():
        names = [f"{name}{part}{_HOURS}" for part in parts]
        if any(called in values for called in names):
            numbers = tuple(_number(values.pop(called, None), called, where) for called in names)
            return Distribution(kind, numbers)
    for kind in ("trace", "breakdowns"):
        if (text := values.pop(called := f"{name}_{kind}{_HOURS}", None)) is not None:
            return Distribution(kind, tuple(_number(word, called, where) for word in _words(text)))
    return None


def _filled(kind: type[Place | Edge], values: dict[str, Any]) -> dict[str, Any]:
    """With what is not there as it is where there is no value or no limit."""
    empty: dict[str, Any] = {
        entry.name: entry.default for entry in fields(kind) if entry.default in (None, "", (), math.inf)
    }
    return empty | values


def _without(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _words(text: Any) -> list[str]:
    return [word for word in str(text).split(";") if word]


def _number(text: Any, name: str, where: str) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        raise _unusable(where, f"{name} is {text!r}", "write numbers, of lists with ; between them") from None


def _unusable(where: str, what: str, hint: str) -> FlanksimError:
    return FlanksimError(Problem("E308", "network", where, what, hint))
