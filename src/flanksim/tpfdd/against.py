"""What is wrong with requirements against a scenario: places, types, nations, sums, dates that cannot be kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.free_flow import unit_hours
from flanksim.bounds.inputs import inputs_of
from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import at_year
from flanksim.network.network import Network
from flanksim.planning.compile import plan_on
from flanksim.scenario.naming import place
from flanksim.scenario.rows import Unit
from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import COUNTRIES, close_to
from flanksim.tpfdd.mapping import Places, pieces_of, unit_type_of
from flanksim.tpfdd.reading import Read
from flanksim.tpfdd.requirement import Requirement
from flanksim.tpfdd.rules import problem
from flanksim.units import available_hour, closure_day, deadline_hour, in_time

#: Names of what moves as a unit has them.
_ELEMENTS = ("troops", "heavy", "wheeled", "containers")


class _Way(NamedTuple):
    """What moves from where to where: requirements that share it are looked at once."""

    element: str
    home: str
    target: str
    nation: str
    mlc: float
    unit_type: str


def check_against(found: Read, scenario: Scenario) -> Iterator[Problem]:
    """Every problem of requirements with a scenario.

    E201 for unknown places, E203 types, E225 nations and plans, W604 for a sum of passengers that is not the required
    one, E305 for a requirement without a way, W422 for one that no schedule closes by its date.
    """
    good = []
    own = set(scenario.economies) | set(scenario.countries)
    placed = any(node.country for node in scenario.nodes.values())
    places = Places(scenario)
    hints: dict[str, str] = {}
    for entry in found.requirements:
        before = list(_words(entry, scenario, COUNTRIES | own if placed else frozenset()))
        for name, where in places.unknown(entry):
            if where not in hints:
                hints[where] = close_to(where, places.names, "add it to the nodes of the scenario", cutoff=0.5)
            before.append(problem(entry, "E201", name, f"{name}: unknown node '{where}'", hints[where]))
        yield from before
        if not before:
            good.append(entry)
    yield from _troops(found, scenario)
    yield from _in_time(good, Places(at_year(scenario)))


def _words(entry: Requirement, scenario: Scenario, countries: frozenset[str]) -> Iterator[Problem]:
    kind, nation, plan = entry.text("UNIT_TYPE"), entry.text("NATION"), entry.text("PLAN")
    if kind and kind not in scenario.unit_types:
        hint = close_to(kind, scenario.unit_types, "leave it empty and count items")
        yield problem(entry, "E203", "UNIT_TYPE", f"unknown unit type '{kind}'", hint)
    if countries and nation not in countries:
        hint = close_to(nation, sorted(countries), "write three letters of ISO 3166")
        yield problem(entry, "E225", "NATION", f"unknown nation '{nation}'", hint)
    if nation in scenario.forces.without:
        said = f"{nation} does not take part in {scenario.name} (forces.without)"
        yield problem(entry, "E225", "NATION", said, "take the row out, or let the nation take part")
    if plan and plan not in scenario.regional_plans:
        listed = ", ".join(scenario.regional_plans) or "none"
        hint = close_to(plan, scenario.regional_plans, f"plans of the scenario: {listed}")
        yield problem(entry, "E225", "PLAN", f"unknown plan '{plan}'", hint)


def _troops(found: Read, scenario: Scenario) -> Iterator[Problem]:
    """W604, unless rows were left out of the sum since they cannot be read."""
    wanted = scenario.question.troops_required
    have = sum(entry.troops for entry in found.requirements)
    if wanted is not None and have != wanted and not found.broken:
        said = f"{have:,} passengers in all, and {scenario.name} requires {wanted:,} troops"
        hint = "correct PAX_TOTAL, or question.troops_required; the import requires all that are in the file"
        yield Problem("W604", f"{found.name}:{found.header_line}", "tpfdd.PAX_TOTAL", said, hint)


def _in_time(rows: Sequence[Requirement], places: Places) -> Iterator[Problem]:
    """E305 and W422, by the bound of free flow: nothing queues, and the best of every chance comes true."""
    scenario = places.scenario
    if scenario.question.clock == "ready":
        return
    ways = {entry.key: list(_ways(entry, places)) for entry in rows}
    hours, stuck = _hours([way for own in ways.values() for way in own], scenario)
    for entry in rows:
        own = ways[entry.key]
        blocked = [way for way in own if way in stuck]
        for way in blocked:
            yield problem(entry, "E305", "ORIGIN", *stuck[way])
        if blocked or not own:
            continue
        start = available_hour(max(0, entry.day("RLD") or 0))
        moving = [hours[way] for way in own if way.element != "troops"]
        soldiers = [hours[way] for way in own if way.element == "troops"]
        # soldiers must all be there; of kit a part may be missing, so that the element that comes first counts
        end = start + max([*soldiers, *([min(moving)] if moving else [])])
        required = entry.day("RDD") or 0
        if not in_time(end, deadline_hour(required)):
            said = (
                f"cannot be closed before C+{closure_day(end):.2f} on any way, even if nothing queued, but is "
                f"required by C+{required}: from {place(scenario, own[0].home)} it takes {(end - start):,.0f} h"
            )
            yield problem(entry, "W422", "RDD", said, "make it ready sooner, start it nearer, or ask for it later")


def _ways(entry: Requirement, places: Places) -> Iterator[_Way]:
    home, target = (places.of(entry.text(name)) for name in ("ORIGIN", "DEST"))
    if home == target:
        return
    counts = {"troops": entry.troops} | pieces_of(entry, places.scenario)
    for element in _ELEMENTS:
        if counts[element] > 0:
            mlc = entry.number("MAX_MLC") if element == "heavy" else 0.0
            kind = unit_type_of(entry, places.scenario) if element != "troops" else ""
            yield _Way(element, home, target, entry.text("NATION"), mlc, kind)


def _hours(ways: Sequence[_Way], scenario: Scenario) -> tuple[dict[_Way, float], dict[_Way, tuple[str, str]]]:
    """Hours from ready to closed of each way when nothing queues; and ways that there are not, with what to do.

    Each is a unit of one piece on a copy of the scenario. Leave to cross borders is left out: it is asked for on a
    date of its own.
    """
    wanted = list(dict.fromkeys(ways))
    stuck: dict[_Way, tuple[str, str]] = {}
    while wanted:
        units = {f"way-{number}": _one_piece(way) for number, way in enumerate(wanted)}
        try:
            network = Network(_alone(scenario, units))
            plan = plan_on(network)
        except FlanksimError as error:
            gone = {
                wanted[int(found.path.removeprefix("units.way-"))]: (found.message, found.hint)
                for found in error.problems
                if found.code == "E305" and found.path.startswith("units.way-")
            }
            if not gone:
                raise
            stuck |= gone
            wanted = [way for way in wanted if way not in gone]
            continue
        bound = unit_hours(FlowNetwork(network, inputs_of(plan)))
        found_h = {unit.unit_id: hour for unit, hour in zip(plan.units, bound, strict=True)}
        return {way: found_h[key] for key, way in zip(units, wanted, strict=True)}, stuck
    return {}, stuck


def _one_piece(way: _Way) -> Unit:
    own = {way.element: 1} if way.element == "troops" else {way.element: 1, "troops": 0}
    rest = {name: 0 for name in _ELEMENTS if name not in own}
    return Unit(
        home_node=way.home,
        assembly_node=way.target,
        nation=way.nation,
        unit_type=way.unit_type,
        heaviest_mlc=way.mlc or None,
        required_day=3650,
        ready_early_days=0,
        ready_late_days=0,
        **own,
        **rest,
    )


def _alone(scenario: Scenario, units: Mapping[str, Unit]) -> Scenario:
    update = {
        "units": dict(units),
        "forces": scenario.forces.model_copy(
            update={"units": (), "nations": (), "regional_plans": (), "set": "", "without": ()}
        ),
        "question": scenario.question.model_copy(update={"troops_required": None, "warning_days": 0.0}),
        "routing": scenario.routing.model_copy(update={"strategy": "shortest"}),
        "mechanisms": scenario.mechanisms.model_copy(update={"sustainment": False, "permissions": False}),
        "parameters": scenario.parameters,
    }
    return scenario.model_copy(update=update)
