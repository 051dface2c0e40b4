"""The ladder in words: tables of at most 100 columns that read well without colour."""

from __future__ import annotations

import math

from flanksim.bounds.bridges import Bridges
from flanksim.bounds.ladder import Ladder
from flanksim.bounds.volume import Price
from flanksim.scenario.naming import element, fleets_of
from flanksim.scenario.schema import Scenario
from flanksim.terminal import Block, Entry, Span, Table, numbers, render, table, words

_SHOWN = 12
_NAMES = {
    "free_flow": "free flow: nobody waits for anybody",
    "volume": "volume: all the work fits into its time",
    "time_expanded": "time-expanded: and every step in order",
}
_ATTRIBUTES = {
    "trains_per_day": "train path a day",
    "serials_per_day": "sailing or serial a day",
    "vehicles_per_hour": "100 vehicles an hour",
}
_SERVERS = {
    "berth": "berth",
    "rail_terminal": "rail ramp",
    "stand": "aircraft stand",
    "border_rail": "lane at the border",
    "border_road": "lane at the border",
    "gauge_change": "place to change gauge",
    "assembly": "reception team",
}
_GROUPS = {
    "train": "train set",
    "ship": "ship",
    "aircraft": "aircraft",
    "het": "group of heavy transporters",
    "coach": "group of coaches",
}


def tell(found: Ladder, scenario: Scenario) -> str:
    """The ladder, what binds, and the prices of capacity, as plain text."""
    return render(blocks(found, scenario))


def blocks(found: Ladder, scenario: Scenario) -> list[Block]:
    """The ladder, what binds, and the prices of capacity, for people."""
    who = "in any replication" if found.seed is None else f"in the replication of seed {found.seed}"
    lines: list[Block] = [
        Span(
            f"{found.scenario}: no schedule on any admissible route closes the force before {_day(found.day)} {who}",
            "strong",
        ),
        "",
        _rungs(found),
        "",
    ]
    if found.binding[1]:
        lines += [f"  Set by {element(scenario, found.binding[1])}", ""]
    if found.groups:
        columns = [words("each as if it alone moved"), numbers("troops"), numbers("free flow"), numbers("volume")]
        rows = [[g.name or "without a plan", f"{g.troops:,}", _day(g.free_flow), _day(g.volume)] for g in found.groups]
        lines += [table(columns, rows), ""]
    if found.prices:
        lines += [_prices(found, scenario), ""]
    if found.reliefs:
        columns = [words("doubled, one after the other"), numbers("from"), numbers("to"), numbers("volume\nbound then")]
        rows = [
            [element(scenario, r.element), f"{r.capacity:,.4g}", f"{2 * r.capacity:,.4g}", _day(r.volume)]
            for r in found.reliefs
        ]
        lines += [table(columns, rows), ""]
    if found.bridges is not None:
        lines += [*_bridges(found.bridges, scenario), ""]
    note = "; first-order prices: they hold for small changes of one capacity at a time" if found.prices else ""
    return [*lines, Span(f"  {found.seconds:.1f} s{note}", "quiet")]


def _rungs(found: Ladder) -> Table:
    """Every rung that was computed, the one that binds marked, and free flow on the plan's own routes."""
    rows: list[list[Entry]] = [
        [_NAMES[name], _day(value), Span("<- binds", "strong") if name == found.binding[0] else ""]
        for name, value in found.bounds.items()
        if value is not None
    ]
    rows.append(["free flow on the routes of the plan alone", _day(found.planned_free_flow), ""])
    return table([words(), numbers(), words()], rows)


def _bridges(found: Bridges, scenario: Scenario) -> list[Block]:
    """What load classes cost: in words where they cost nothing, else link by link."""
    if not found.single:
        text = (
            f"  With every road and bridge at the class of the heaviest load: volume {_day(found.all_lifted_day)}, "
            f"{found.days:.2f} days earlier; no single bridge is worth anything to this bound."
        )
        return [text]
    columns = [words("one road or bridge stronger"), numbers("MLC now"), numbers("MLC then"), numbers("days\nearlier")]
    rows = [
        [element(scenario, entry.element), f"{entry.max_mlc:g}", f"{entry.needed_mlc:g}", f"{entry.days:.3g}"]
        for entry in found.single
    ]
    return [
        table(columns, rows),
        f"  All of them, and every other, at the class of the heaviest load: {found.days:.3g} days earlier.",
    ]


def _prices(found: Ladder, scenario: Scenario) -> Table:
    rows = []
    for price in found.prices[:_SHOWN]:
        step = 100.0 if price.attribute == "vehicles_per_hour" else 1.0
        rows.append(
            [
                _one_more(price, scenario),
                element(scenario, price.element),
                f"{price.capacity:,.4g}",
                f"{price.days_per_unit * step:.3g}",
            ]
        )
    return table([words("one more", 20), words("at", 24), numbers("now"), numbers("days\nearlier")], rows)


def _one_more(price: Price, scenario: Scenario) -> str:
    """What one more unit of this capacity is."""
    if price.attribute == "servers":
        return _SERVERS.get(price.element.partition(":")[0], "server")
    if price.attribute == "groups":
        kinds = {fleet.kind for fleet in fleets_of(scenario, price.element).values()}
        return _GROUPS[kinds.pop()] if len(kinds) == 1 else "group of lift"
    return _ATTRIBUTES.get(price.attribute, price.attribute.replace("_", " "))


def _day(value: float) -> str:
    return f"C+{value:.1f}" if math.isfinite(value) else "never"
