"""The ladder in words: tables of at most 100 columns that read well without colour."""

from __future__ import annotations

import math

from flanksim.bounds.gains import HALF_A_DAY
from flanksim.bounds.rungs import Bridges, Ladder, none
from flanksim.scenario.naming import element
from flanksim.scenario.schema import Scenario
from flanksim.terminal import Block, Entry, Span, Table, numbers, render, table, words

#: Names of what sets a bound together that are written out.
_NAMED = 3
_NAMES = {
    "free_flow": "free flow: nobody waits for anybody",
    "volume": "volume: all the work fits into its time",
    "whole_ships": "whole ships: they sail full or not, and come back",
    "time_expanded": "time-expanded: and every step in order",
}


def format_text(found: Ladder, scenario: Scenario) -> str:
    """The ladder, what sets it, and what one more of a capacity takes off it, as plain text."""
    return render(blocks(found, scenario))


def blocks(found: Ladder, scenario: Scenario) -> list[Block]:
    """The ladder, what sets it, and what one more of a capacity takes off it, for people."""
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
    if found.together:
        lines += [f"  Set by {set_by(found, scenario)}", ""]
    if found.groups:
        columns = [words("each as if it alone moved"), numbers("troops"), numbers("free flow"), numbers("volume")]
        rows = [[g.name or "without a plan", f"{g.troops:,}", _day(g.free_flow), _day(g.volume)] for g in found.groups]
        if any(group.whole_ships is not None for group in found.groups):
            columns.append(numbers("whole ships"))
            for row, group in zip(rows, found.groups, strict=True):
                row.append("" if group.whole_ships is None else _day(group.whole_ships))
        lines += [table(columns, rows), ""]
    lines += [*_prices(found, scenario), ""]
    if found.reliefs:
        columns = [words("doubled, one after the other"), numbers("from"), numbers("to"), numbers("volume\nbound then")]
        rows = [
            [element(scenario, r.element), f"{r.capacity:,.4g}", f"{2 * r.capacity:,.4g}", _day(r.volume)]
            for r in found.reliefs
        ]
        lines += [table(columns, rows), ""]
    if found.bridges is not None:
        lines += [*_bridges(found.bridges, scenario), ""]
    return [*lines, Span(f"  {found.seconds:.1f} s", "quiet")]


def set_by(found: Ladder, scenario: Scenario) -> str:
    """All that sets the highest bound together; of many the first three by name."""
    names = [element(scenario, name) for name in found.together or found.binding[1:]]
    if len(names) > _NAMED + 1:
        names = [*names[:_NAMED], f"{len(names) - _NAMED} others"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} together"


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
    """What load classes do to the bound: link by link where that is half a day or more, else in words."""
    single = [entry for entry in found.single if entry.days >= HALF_A_DAY]
    text = (
        "  With every road and bridge at the class of the heaviest load the volume bound is "
        f"{_day(found.all_lifted_day)}, lower by {found.days:.1f} days"
    )
    if not single:
        more = "; no single one takes half a day off it. In a simulation one may still bring the force in sooner."
        return [text + more]
    columns = [
        words("one road or bridge stronger"),
        numbers("MLC now"),
        numbers("MLC then"),
        numbers("volume bound\nfalls by days"),
    ]
    rows = [
        [element(scenario, entry.element), f"{entry.max_mlc:g}", f"{entry.needed_mlc:g}", f"{entry.days:.1f}"]
        for entry in single
    ]
    return [table(columns, rows), f"{text}."]


def _prices(found: Ladder, scenario: Scenario) -> list[Block]:
    """What takes half a day or more off the bound; in one line where nothing does."""
    if not math.isfinite(found.day):
        return ["  No single capacity can be priced: nothing closes the force at all"]
    if not found.prices:
        return [f"  {none(found.untried)}"]
    rows: list[list[Entry]] = [
        [gain.one_more, element(scenario, gain.element), f"{gain.capacity:,.4g}", f"{gain.days:.1f}"]
        for gain in found.prices
    ]
    return [
        table([words("one more", 20), words("at", 24), numbers("now"), numbers("bound falls\nby days")], rows),
        "  One capacity at a time, solved again with it. These are days off the bound, not off the arrival,",
        "  which flanksim explain tries in simulation.",
        *([f"  {found.untried} more that may take as much off it were not tried."] if found.untried else []),
    ]


def _day(value: float) -> str:
    return f"C{round(value, 1) + 0.0:+.1f}" if math.isfinite(value) else "never"
