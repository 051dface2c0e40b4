"""Checks across tables: what each row says of other rows must be true."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable

from flanksim.errors import Problem
from flanksim.scenario.check_forces import check_forces, check_permissions
from flanksim.scenario.check_projects import check_projects
from flanksim.scenario.check_rows import check_rows
from flanksim.scenario.facilities import unlike_rows
from flanksim.scenario.parameters import PARAMETERS, Known
from flanksim.scenario.plausible import implausible
from flanksim.scenario.rows import Parameter
from flanksim.scenario.saying import Say, Where
from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import close_to

#: More serials or assets than this are no question that a simulation answers in any useful time.
MOST_SERIALS = 400_000
MOST_ASSETS = 200_000


def check(scenario: Scenario, where: Where) -> list[Problem]:
    """Every problem of `scenario` that concerns more than one row.

    Parameters
    ----------
    where
        Gives file and line of a path: table, row and field.
    """
    say = Say(where)
    found = [
        *_references(scenario, say),
        *check_rows(scenario, say),
        *_parameters(scenario, say),
        *_numbers(scenario, say),
        *_forces(scenario, say),
        *_days(scenario, say),
        *check_projects(scenario, say),
        *check_permissions(scenario, say),
    ]
    if not any(problem.severity == "error" for problem in found):
        found += [*_sizes(scenario, say), *check_forces(scenario, say), *implausible(scenario, say)]
    return found


#: Tables and parts whose nodes are places that loads leave, pass and reach.
_PLACED = ("links", "facilities", "fleets", "units", "sustainment")


def _references(scenario: Scenario, say: Say) -> Iterable[Problem]:
    nodes, links = scenario.nodes, scenario.links
    for table, row_id, field, target, known in _pointers(scenario):
        if target in known:
            if target in nodes and nodes[target].kind == "chokepoint" and table in _PLACED:
                path = (table, row_id, field)
                message = f"'{target}' is of kind chokepoint, which limits a link and is no place on it"
                yield say("E220", path, message, "name another node, or give it another kind")
            continue
        what = {id(nodes): "node", id(links): "link", id(scenario.unit_types): "unit type"}.get(id(known), "place")
        code = {"node": "E201", "link": "E202", "unit type": "E203"}.get(what, "E204")
        named = next((key for key, node in nodes.items() if key in known and node.name.lower() == target.lower()), None)
        if named is not None:
            hint = f"'{target}' is the name of '{named}': write the id"
        else:
            hint = close_to(target, known, f"add it to the table of {what}s", cutoff=0.5)
        path = (table, row_id, field)
        yield say(code, path, f"unknown {what} '{target}'", hint)


def _pointers(scenario: Scenario) -> Iterable[tuple[str, str, str, str, dict[str, object]]]:
    nodes: dict[str, object] = scenario.nodes  # type: ignore[assignment]
    links: dict[str, object] = scenario.links  # type: ignore[assignment]
    types: dict[str, object] = scenario.unit_types  # type: ignore[assignment]
    places = {**nodes, **links}
    for key, row in scenario.links.items():
        yield "links", key, "from_node", row.from_node, nodes
        yield "links", key, "to_node", row.to_node, nodes
    for key, point in scenario.chokepoints.items():
        yield "chokepoints", key, "node_id", point.node_id, nodes
        yield "chokepoints", key, "link_id", point.link_id, links
    for key, facility in scenario.facilities.items():
        yield "facilities", key, "place", facility.place, places
    for key, fleet in scenario.fleets.items():
        yield "fleets", key, "home_node", fleet.home_node, nodes
    for key, project in scenario.projects.items():
        for link in project.links:
            yield "projects", key, "links", link, links
        for place in project.places:
            if not place.startswith("all"):  # all, all rail, all borders
                yield "projects", key, "places", place, places
    for region, depot in scenario.sustainment.supply_nodes.items():
        yield "sustainment", "supply_nodes", region, depot, nodes
    for key, unit in scenario.units.items():
        yield "units", key, "home_node", unit.home_node, nodes
        yield "units", key, "assembly_node", unit.assembly_node, nodes
        if unit.stock_node:
            yield "units", key, "stock_node", unit.stock_node, nodes
        for place in unit.route:
            yield "units", key, "route", place, nodes
        if unit.unit_type:
            yield "units", key, "unit_type", unit.unit_type, types


def _parameters(scenario: Scenario, say: Say) -> Iterable[Problem]:
    """Those that are needed are there, those that are there are known, in their unit and within their limits."""
    needed = [entry for entry in PARAMETERS.values() if entry.needed and _used(scenario, entry)]
    for name in (entry.name for entry in needed if entry.name not in scenario.parameters):
        close = difflib.get_close_matches(name, scenario.parameters.keys() - PARAMETERS.keys(), n=1)
        hint = f"'{close[0]}' looks like it" if close else "add a row; see the shipped parameters.csv"
        yield Problem("E205", say.where(("parameters",)), f"parameters.{name}", "missing parameter", hint)
    for name, row in scenario.parameters.items():
        path = ("parameters", name)
        entry = PARAMETERS.get(name)
        if entry is None:
            yield from _unread(name, row, say)
            continue
        if row.unit and row.unit != entry.unit:
            message = f"is stated in '{row.unit}', and read in {entry.unit}"
            yield Problem("E219", say.where(path, ("unit",)), ".".join(path), message, f"state it in {entry.unit}")
        for part in ("low", "typical", "high"):
            value = getattr(row, part)
            if value is not None and not entry.least <= value <= entry.most:
                message = f"{value:g} {entry.unit} is out of range"
                yield say("E106", (*path, part), message, f"give {entry.limits}")
                break


def _used(scenario: Scenario, entry: Known) -> bool:
    """Whether the scenario uses the mechanism that reads a parameter, now or after a project."""
    setting, _, value = entry.only_if.partition("=")
    if setting == "regime.permission":
        coming = (effect.typical for effect in scenario.effects.values() if effect.attribute == "permission")
        return value in (scenario.regime.permission, *coming)
    return not setting or scenario.mechanisms.sustainment


def _unread(name: str, row: Parameter, say: Say) -> Iterable[Problem]:
    """A name that no part of the model reads is misspelt, unless the scenario file says what it means."""
    close = close_to(name, PARAMETERS)
    if not close and row.source == "inline" and row.meaning:
        return
    hint = close or "take the row out; one that your own code reads belongs in the scenario file, with a meaning"
    path = ("parameters", name)
    yield say("E209", path, "no part of the model reads this parameter", hint)


def _days(scenario: Scenario, say: Say) -> Iterable[Problem]:
    """A run that ends before a deadline, or hardly after it, cannot say how late the force is."""
    question = scenario.question
    for field in ("deadline_days", "tier_1_deadline_days"):
        deadline = getattr(question, field)
        if question.horizon_days <= deadline + 1 and (field == "deadline_days" or _tier_1(scenario)):
            path = ("question", "horizon_days")
            yield say(
                "W403",
                path,
                f"a run of {question.horizon_days:g} days ends before {field} C+{deadline:g}, or within a day of it",
                "give a horizon some days after the deadline, so that what is late can be seen",
            )
            return


def _tier_1(scenario: Scenario) -> bool:
    return any(unit.tier == 1 for unit in scenario.travelling_units.values())


def _sizes(scenario: Scenario, say: Say) -> Iterable[Problem]:
    """What would be cut into more serials, or counted in more assets, than can be run."""
    value = scenario.value
    train = scenario.parameters.get("troops_per_train")
    sizes = {
        "troops": min(
            value("troops_per_flight"), value("troops_per_coach_serial"), train.typical if train else math.inf
        ),
        "heavy": min(scenario.optional("tanks_per_train"), value("vehicles_per_het_serial")),
        "wheeled": min(value("vehicles_per_train"), value("march_serial_vehicles")),
        "containers": min(value("containers_per_train"), value("march_serial_vehicles")),
    }
    serials = 0.0
    for unit in scenario.travelling_units.values():
        kind = scenario.unit_types.get(unit.unit_type)
        scale = unit.troops / kind.troops_typical if kind and kind.troops_typical > 0 and unit.troops > 0 else 1.0
        serials += unit.troops / sizes["troops"]
        for name in ("heavy", "wheeled", "containers"):
            stated = getattr(unit, name)
            own = stated if stated is not None else scale * getattr(kind, f"{name}_typical") if kind else 0.0
            serials += own / sizes[name]
        if scenario.mechanisms.sustainment:
            interval = value("sustainment_interval_days")
            tonnes = value("sustainment_tonnes_per_soldier_day") * interval * unit.troops
            boxes = max(1.0, tonnes / value("container_payload_tonnes") / sizes["containers"]) if tonnes else 0.0
            serials += boxes * scenario.question.horizon_days / interval
    if serials > MOST_SERIALS:
        message = f"the force would move in {serials:,.0f} serials; {MOST_SERIALS:,} are the most that a run takes"
        hint = "raise the sizes of trains and columns in parameters, or move fewer"
        yield say("E304", ("units",), message, hint)
    assets = sum(fleet.count_typical // fleet.group_size for fleet in scenario.fleets.values())
    if assets > MOST_ASSETS:
        message = f"the fleets make {assets:,.0f} groups; {MOST_ASSETS:,} are the most that a run takes"
        yield say("E304", ("fleets",), message, "lower count_typical, or raise group_size")


def _numbers(scenario: Scenario, say: Say) -> Iterable[Problem]:
    for key, link in scenario.links.items():
        if link.from_node == link.to_node:
            yield say("E206", ("links", key), "a link must join two places", "correct one of its ends")
        if link.travel_hours is None and link.length_km == 0:
            yield say(
                "E207",
                ("links", key),
                "has neither length_km nor travel_hours",
                "state the length in km, or the travel time in hours",
            )
    for one, two, names in unlike_rows(scenario):
        yield say(
            "E210",
            ("facilities", two),
            f"stands at the same place as '{one}' but differs from it in {', '.join(names)}",
            "rows of one kind at a place are added up: make them alike, or one row of both",
        )
    for key, fleet in scenario.fleets.items():
        if 0 < fleet.count_typical < fleet.group_size:
            yield say(
                "W402",
                ("fleets", key),
                f"{fleet.count_typical:g} assets do not make one group of {fleet.group_size:g}: this fleet never moves",
                "raise count_typical, or lower group_size",
            )
        groups = int(fleet.count_typical / fleet.group_size + 1e-9)
        if groups and not scenario.may_turn_up(fleet, groups):
            yield say(
                "W408",
                ("fleets", key, "activation_typical"),
                f"with a probability of {fleet.activation_typical:g} none of its assets ever turns up",
                "raise activation_typical or the count, or take the fleet out",
            )


def _forces(scenario: Scenario, say: Say) -> Iterable[Problem]:
    if not scenario.travelling_units:
        hint = "check forces.units, forces.regional_plans and forces.nations against the units"
        if not scenario.units:
            hint = "there are no units: add units.csv to the folder of tables, or rows under units"
        yield Problem("E301", say.where(("forces",)), "units", "no unit travels", hint)
    stated = scenario.troops_required
    present = sum(unit.troops for unit in scenario.travelling_units.values())
    if scenario.forces.count_in_place:
        present += sum(unit.troops for unit in scenario.in_place_units.values())
    if scenario.question.troops_required is not None and stated > present and scenario.travelling_units:
        yield say(
            "E302",
            ("question", "troops_required"),
            f"{stated:,} troops are required but the units sum to {present:,}",
            f"{stated - present:,} more are needed, or require fewer",
        )
    for key, unit in scenario.units.items():
        if unit.unit_type == "" and unit.troops == 0 and not (unit.wheeled or unit.heavy or unit.containers):
            yield say(
                "E303",
                ("units", key),
                "has neither troops nor vehicles",
                "state troops, wheeled, heavy or containers, or a unit_type",
            )
        if unit.required_day < unit.ready_day:
            message = f"is required on C+{unit.required_day:g} but ready only on C+{unit.ready_day:g}"
            yield say("W401", ("units", key), message, "make it ready sooner, or ask for it later")
