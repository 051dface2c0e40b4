"""What is wrong with requirements among themselves: partners, dates, sums, kit that moves twice, what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from flanksim.errors import Problem
from flanksim.scenario.words import close_to
from flanksim.tpfdd.fields import AIR_FIT, ITEMS
from flanksim.tpfdd.reading import Read
from flanksim.tpfdd.requirement import Requirement
from flanksim.tpfdd.values import written_day
from flanksim.units import TONNES_PER_SHORT_TON

#: Parts may differ from their sum by this share: they are rounded.
_ROUNDED = 0.005
#: What the order of dates means, by the later one.
_MEANS = {
    "ALD": "it is at its POE before it leaves its origin",
    "EAD": "it arrives at its POD before it can be loaded",
    "LAD": "it is to arrive at its POD before it may",
    "RDD": "it is required at its destination before it must be at its POD",
}


def problem(entry: Requirement, code: str, name: str, message: str, hint: str) -> Problem:
    """A problem with a field of a requirement."""
    return Problem(code, entry.where, f"tpfdd.{entry.key}.{name}", message, hint)


def check_rules(found: Read) -> Iterator[Problem]:
    """Every problem of requirements that needs no scenario."""
    rows = found.requirements
    known = {entry.key: entry for entry in rows}
    for entry in rows:
        yield from _partners(entry, known, found.broken)
        yield from _dates(entry)
        yield from _sums(entry)
    yield from _circles(rows, known)
    yield from _twice(rows)
    yield from _missing(found)


def _partners(entry: Requirement, known: Mapping[str, Requirement], broken: set[str]) -> Iterator[Problem]:
    """E601 for who is to join what is not there, or itself."""
    for name, other in entry.partners:
        if other == entry.key:
            yield problem(entry, "E601", name, f"{name} is its own ULN", "name the other one, or leave it empty")
        elif other not in known and other not in broken:
            hint = close_to(other, known, f"add it, or leave {name} empty", cutoff=0.75)
            yield problem(entry, "E601", name, f"{name} '{other}' is not in the file", hint)
    frn = entry.text("FRN")
    if frn and "ULN" in entry.values and not entry.key.startswith(frn):
        said = f"FRN '{frn}' does not begin ULN '{entry.key}'"
        yield problem(entry, "E601", "FRN", said, f"write {entry.key[:5]}, or correct the ULN")


def _circles(rows: Sequence[Requirement], known: Mapping[str, Requirement]) -> Iterator[Problem]:
    """E601 for each circle of parents, told once; a marry-up names the other side from both, and is none."""
    done: set[str] = set()
    for entry in rows:
        path: list[str] = []
        key = entry.key
        while key in known and key not in done and key not in path:
            path.append(key)
            key = known[key].text("PARENT_ULN")
        if key in path and len(path) - path.index(key) > 1:
            circle = path[path.index(key) :]
            said = f"parents in a circle: {' in '.join([*circle, key])}"
            yield problem(known[key], "E601", "PARENT_ULN", said, "leave PARENT_ULN of the topmost empty")
        done.update(path)


def _dates(entry: Requirement) -> Iterator[Problem]:
    """E602 for dates that do not follow one another; W605 where CRD stands in for RDD, W608 before C-day."""
    for (one, first), (other, second) in pairwise(entry.dates):
        if first > second:
            said = f"{one} {written_day(first)} is after {other} {written_day(second)}"
            means = _MEANS[other] if (one, other) != ("RLD", "RDD") else "it is required before it is ready"
            yield problem(entry, "E602", other, f"{said}: {means}", f"correct {one} or {other}")
    if "RDD" not in entry.values:
        yield problem(entry, "W605", "RDD", f"no RDD: CRD {written_day(entry.day('RDD') or 0)} is taken", "state RDD")
    late = entry.day("RDD")
    if late is not None and late < 0:
        yield problem(
            entry, "E602", "RDD", f"required on {written_day(late)}, before C-day", "ask for it on C+0 or later"
        )
    ready = entry.day("RLD")
    if ready is not None and ready < 0:
        said = f"ready on {written_day(ready)}: nothing moves before C-day, so it counts as C+0"
        yield problem(entry, "W608", "RLD", said, "leave it so, or let the scenario begin earlier")


def _sums(entry: Requirement) -> Iterator[Problem]:
    """E603 for parts that do not sum to their whole."""
    if entry.number("PAX_REQ_TRANS") > entry.troops:
        said = f"{entry.number('PAX_REQ_TRANS'):,.0f} passengers need transport, of {entry.troops:,} in all"
        yield problem(entry, "E603", "PAX_REQ_TRANS", said, "PAX_REQ_TRANS is a part of PAX_TOTAL")
    if entry.split:
        whole, parts = entry.short_tons, math.fsum(entry.split)
        if abs(parts - whole) > max(0.05, _ROUNDED * whole):
            named = " + ".join(name for name in AIR_FIT if name in entry.values)
            said = f"{named} are {parts:,.1f} short tons, the mass is {whole:,.1f}"
            yield problem(entry, "E603", "STONS", said, "correct one of them; what no aircraft takes is NAT_STONS")
    if {"STONS", "T"} <= set(entry.values):
        tonnes, same = entry.number("T"), entry.number("STONS") * TONNES_PER_SHORT_TON
        if abs(same - tonnes) > max(0.05, _ROUNDED * tonnes):
            said = f"STONS {entry.number('STONS'):,.1f} are {same:,.1f} t, and T says {tonnes:,.1f}"
            yield problem(entry, "E603", "T", said, "keep one of them")
    if entry.number("TANKS") > entry.number("HEAVY") and "HEAVY" in entry.values:
        said = f"{entry.number('TANKS'):g} tanks among {entry.number('HEAVY'):g} heavy vehicles"
        yield problem(entry, "E603", "TANKS", said, "HEAVY counts all tracked vehicles, tanks included")


def _twice(rows: Sequence[Requirement]) -> Iterator[Problem]:
    """W601 for kit of one unit that leaves one place twice: same unit, origin, mass and items under two ULNs."""
    first: dict[tuple[object, ...], Requirement] = {}
    for entry in rows:
        whose = entry.text("UIC") or entry.text("UNIT_NAME")
        if not whose or not entry.tonnes:
            continue
        items = tuple(entry.number(name) for name in ITEMS)
        kit = (whose, entry.text("NATION"), entry.text("ORIGIN"), round(entry.tonnes, 3), items)
        other = first.setdefault(kit, entry)
        if other is not entry:
            there = f"{entry.tonnes:,.1f} t from {entry.text('ORIGIN')} in {other.key} ({other.where})"
            said = f"the kit of {whose} moves twice: {there} too"
            yield problem(entry, "W601", "STONS", said, "take one of them out, or tell them apart")


def _missing(found: Read) -> Iterator[Problem]:
    """W602 mass without items, W603 kit without area or load class: a column that is not there is told once."""
    rows = [entry for entry in found.requirements if entry.tonnes > 0]
    for code, names, lacking, said, hint in (
        ("W602", (*ITEMS, "UNIT_TYPE", "UTC"), _no_items, "mass without items",
         "count WHEELED, HEAVY and CONTAINERS, or name a UNIT_TYPE; else pieces are guessed from the mass"),
        ("W603", ("SQFT",), lambda entry: "SQFT" not in entry.values, "kit without deck area",
         "state SQFT; the deck that ships need is counted by pieces"),
        ("W603", ("MAX_MLC",), _no_class, "heavy vehicles without a load class",
         "state MAX_MLC; without it any bridge bears them"),
    ):  # fmt: skip
        some = [entry for entry in rows if lacking(entry)]
        if some and len(some) > 1 and not set(names) & set(found.columns):
            where = f"{found.name}:{found.header_line}"
            which = f"no column {' or '.join(names[:3])}: {said} in all {len(some):,} rows that need it"
            yield Problem(code, where, f"tpfdd.{names[0]}", which, hint)
        else:
            yield from (problem(entry, code, names[0], f"{said}: {_mass(entry)}", hint) for entry in some)


def _no_items(entry: Requirement) -> bool:
    return not entry.counted and not ({"UNIT_TYPE", "UTC"} & set(entry.values))


def _no_class(entry: Requirement) -> bool:
    heavy = entry.number("HEAVY") > 0 or (not entry.counted and bool(entry.values.get("TRACKED")))
    return heavy and "MAX_MLC" not in entry.values and "UNIT_TYPE" not in entry.values


def _mass(entry: Requirement) -> str:
    return f"{entry.tonnes:,.1f} t"
