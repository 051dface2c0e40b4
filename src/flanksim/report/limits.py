"""Limits of the answer, each with how it could flip the conclusion, in the answer's own numbers where it has any."""

from __future__ import annotations

import math

import networkx as nx

from flanksim.activities import CAUSES, Cause, Why
from flanksim.measure.statistics import FEWEST_FOR_NINE_IN_TEN
from flanksim.report import labels
from flanksim.report.context import Context
from flanksim.report.html import Section, join, paragraph, table
from flanksim.text.phrases import spread_words


def limits_section(context: Context) -> Section:
    """The table of limits."""
    intro = (
        "No model is right. What matters is whether a limit could turn the conclusion round: that is said for each, "
        "and with the numbers of this answer where it has any."
    )
    return Section(
        "limits",
        "Limits, and how each could flip the conclusion",
        "Limits",
        join([paragraph(intro), table(["limit", "how it could flip the conclusion"], limits(context))]),
    )


def limits(context: Context) -> list[list[object]]:
    """Each limit with its effect."""
    return [
        _data(context),
        _force(context),
        _lift(context),
        _plan(context),
        _chance(context),
        _permissions(context),
        _outages(context),
        [
            "Supply does not starve",
            (
                "A unit whose supply is late does not suffer in the model. Closure says nothing of how long a closed "
                "force can stay; if it must also be kept, more trains and ships are needed than the answer shows."
            ),
        ],
        [
            "No enemy",
            (
                "By intention: no attack and no deliberate disruption. The days hold for an undisturbed deployment and "
                "are therefore the favourable end; a yes would have to be doubted, a no would stay a no."
            ),
        ],
        [
            "Nothing to check it against",
            (
                "No public record of 300,000 troops in 30 days exists. Pieces of the size of a corridor are checked, "
                "the whole cannot be: differences between alternatives are worth more than the day itself."
            ),
        ],
    ]


def _data(context: Context) -> list[object]:
    scenario = context.scenario
    rows = [*scenario.links.values(), *scenario.facilities.values(), *scenario.fleets.values()]
    weak = sum(row.basis in ("recalled", "assumed") for row in rows) / max(1, len(rows))
    largest, carried = next(iter(labels.shares_in_words(context.shares, context.scenario).items()), ("", 0.0))
    effect = "The true bottleneck may be another one."
    if largest:
        effect += (
            f" Here {largest} carries {100 * carried:.0f} % of the critical "
            "path: if that number is wrong, so is the last day. If another one is wrong, it matters only where it "
            "grows beyond this."
        )
    classes = sum(row.source == "class_default" for row in rows) / max(1, len(rows))
    said = f", {100 * classes:.0f} % are the default of their class" if classes else ""
    return [f"{100 * weak:.0f} % of the capacities are recalled or assumed{said}", effect]


def _force(context: Context) -> list[object]:
    units = context.scenario.travelling_units.values()
    land = nx.Graph((row.from_node, row.to_node) for row in context.scenario.links.values() if row.mode != "sea")
    land.add_nodes_from(context.scenario.nodes)
    troops = sum(unit.troops for unit in units)
    far = sum(unit.troops for unit in units if not nx.has_path(land, unit.home_node, unit.assembly_node))
    share = f"{100 * far / troops:.0f} % of the troops start overseas, with no way by land" if troops else ""
    effect = (
        f"{share}. Fewer of them would bring the last day forward, more would push it back."
        if far
        else "Other homes mean other ways: units from farther away or of more heavy vehicles would close later."
    )
    return ["The order of battle, its homes and its readiness are notional", effect]


def _lift(context: Context) -> list[object]:
    lift = sum(share for name, share in context.shares.items() if CAUSES[name.kind].family == "lift")
    sea = sum(
        share
        for name, share in context.shares.items()
        if (name.kind is Why.LIFT and name.thing.startswith("sealift")) or name == Cause(Why.MOVING, "sea")
    )
    effect = (
        f"Waiting for lift is {100 * lift:.0f} % of the critical path here"
        + (f", ships and voyages {100 * sea:.0f} %" if sea else "")
        + ". A fleet that is larger, readier or nearer moves the last day; one that fails to turn up moves it the "
        "other way."
    )
    return ["How many ships, wagons and aircraft there are, and how many turn up", effect]


def _plan(context: Context) -> list[object]:
    when, bound = context.closure, context.bound_day
    deadline = context.scenario.question.deadline_days
    effect = "A better plan than the rule would close the force sooner; by how much is not known without a bound."
    if when is not None and math.isfinite(when.median) and bound is not None:
        gap = when.median - bound
        if bound > deadline:
            effect = (
                f"At most {gap:.0f} of the days can be won by planning: no plan closes the force before C+{bound:.1f}, "
                f"which is after C+{deadline:g}. This limit cannot turn the no into a yes."
            )
        else:
            effect = (
                f"Up to {gap:.0f} days might be won by planning: the bound is C+{bound:.1f}, within C+{deadline:g}. A "
                "better plan could turn a no into a yes; the bound does not rule it out."
            )
    return ["The choice of ways and orders is a rule, not an optimum", effect]


def _chance(context: Context) -> list[object]:
    runs, when = context.runs_made, context.closure
    effect = f"{runs} run{'s stand' if runs != 1 else ' stands'} behind each figure."
    if when is not None and runs >= FEWEST_FOR_NINE_IN_TEN:
        deadline = context.scenario.question.deadline_days
        inside = when.p05 <= deadline <= when.p95
        effect += f" {spread_words(when)}; the deadline is " + (
            "inside: chance alone decides." if inside else "outside: chance alone does not flip the conclusion."
        )
    else:
        effect += " That is too few for a margin of error: differences of some days may be chance."
    return ["Chance, and the number of runs", effect]


def _permissions(context: Context) -> list[object]:
    share = sum(value for name, value in context.shares.items() if CAUSES[name.kind].family == "ready")
    effect = (
        "One slow state on the way of many would delay them all; one fast corridor could carry them. Here late starts "
        f"(readiness and permission) are {100 * share:.0f} % of the critical path."
    )
    return ["Permissions have one lead time for all states", effect]


def _outages(context: Context) -> list[object]:
    if context.scenario.mechanisms.outages:
        return [
            "Outages are civil and generic",
            (
                "Strikes, storms and accidents are drawn from rough rates. A single long closure of a port on the "
                "critical path would cost more than the mean shows."
            ),
        ]
    return [
        "Outages are switched off",
        (
            "With strikes, storms and accidents closure is later and less certain. A no stays a no; a close yes could "
            "become a no."
        ),
    ]
