"""Checks across tables: what each row says of other rows must be true."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

from flanksim.errors import Problem
from flanksim.scenario.check_projects import check_projects
from flanksim.scenario.facilities import unlike_rows
from flanksim.scenario.schema import Scenario

Where = Callable[[tuple[str, ...]], str]

#: Parameters that the model reads; a scenario without one of them cannot run.
NEEDED_PARAMETERS = (
    "close_share",
    "integration_days",
    "ramp_hours_per_train",
    "berth_pieces_per_hour",
    "gauge_change_hours_per_train",
    "border_hours_rail",
    "border_hours_road",
    "stand_hours_passenger_aircraft",
    "coach_boarding_hours",
    "het_load_hours",
    "port_exit_hours_per_serial",
    "flight_speed_kmh",
    "march_serial_vehicles",
    "heavy_vehicles_per_train",
    "vehicles_per_train",
    "containers_per_train",
    "vehicles_per_het_serial",
    "troops_per_coach_serial",
    "troops_per_flight",
    "lane_m_per_vehicle",
    "march_unit_vehicles",
    "march_unit_gap_minutes",
    "march_hours_per_day",
    "het_hours_per_day",
    "coach_hours_per_day",
    "handling_factor",
    "travel_factor_rail",
    "travel_factor_road",
    "travel_factor_sea",
    "travel_factor_air",
    "ready_delay_days",
)


#: Parameters that the model reads if they are there.
OPTIONAL_PARAMETERS = (
    "coach_mlc",
    "default_max_axle_load_t",
    "default_max_mlc_motorway",
    "default_max_mlc_road",
    "halt_minutes_per_2_hours",
    "heavy_self_drive_km",
    "lane_m_per_container",
    "lane_m_per_heavy_vehicle",
    "march_unit_extra_minutes",
    "permission_activation_days_six_hours",
    "port_working_hours_per_day",
    "reception_team_pieces",
    "route_berth_hours",
    "ship_sharing_days",
    "ship_top_up_share",
    "transporter_mlc",
    "troops_per_train",
    "wheeled_mlc",
    *(
        f"civil_share_{what}_{regime}"
        for what in ("rail", "road", "berth", "stand")
        for regime in ("peace", "crisis", "military_priority")
    ),
    *(f"default_speed_{mode}_kmh" for mode in ("rail", "road", "sea", "ferry")),
    *(f"{what}_{mode}" for what in ("failures_per_hour", "repair_hours") for mode in ("rail", "road", "sea", "air")),
    *(f"permission_days_{regime}" for regime in ("today", "three_days", "six_hours")),
)


#: Parameters that the model needs once troops that are closed are supplied.
SUSTAINMENT_PARAMETERS = (
    "sustainment_tonnes_per_soldier_day",
    "container_payload_tonnes",
    "sustainment_interval_days",
    "basic_load_days",
)


def check(scenario: Scenario, where: Where) -> list[Problem]:
    """Every problem of `scenario` that concerns more than one row."""
    return [
        *_references(scenario, where),
        *_numbers(scenario, where),
        *_forces(scenario, where),
        *check_projects(scenario, where),
    ]


def _references(scenario: Scenario, where: Where) -> Iterable[Problem]:
    nodes, links = scenario.nodes, scenario.links
    for table, row_id, field, target, known in _pointers(scenario):
        if target in known:
            continue
        what = {id(nodes): "node", id(links): "link", id(scenario.unit_types): "unit type"}.get(id(known), "place")
        code = {"node": "E201", "link": "E202", "unit type": "E203"}.get(what, "E204")
        close = difflib.get_close_matches(target, known, n=1, cutoff=0.5)
        named = next((key for key, node in nodes.items() if key in known and node.name.lower() == target.lower()), None)
        if named is not None:
            hint = f"'{target}' is the name of '{named}': write the id"
        else:
            hint = f"did you mean '{close[0]}'?" if close else f"add it to the table of {what}s"
        path = (table, row_id, field)
        yield Problem(code, where(path), ".".join(path), f"unknown {what} '{target}'", hint)


def _pointers(scenario: Scenario) -> Iterable[tuple[str, str, str, str, dict[str, object]]]:
    nodes: dict[str, object] = scenario.nodes  # type: ignore[assignment]
    links: dict[str, object] = scenario.links  # type: ignore[assignment]
    types: dict[str, object] = scenario.unit_types  # type: ignore[assignment]
    places = {**nodes, **links}
    for key, link in scenario.links.items():
        yield "links", key, "from_node", link.from_node, nodes
        yield "links", key, "to_node", link.to_node, nodes
    for key, point in scenario.chokepoints.items():
        yield "chokepoints", key, "node_id", point.node_id, nodes
        yield "chokepoints", key, "link_id", point.link_id, links
    for key, facility in scenario.facilities.items():
        yield "facilities", key, "place", facility.place, places
    for key, fleet in scenario.fleets.items():
        yield "fleets", key, "home_node", fleet.home_node, nodes
    for region, depot in scenario.sustainment.supply_nodes.items():
        yield "sustainment", "supply_nodes", region, depot, nodes
    for key, unit in scenario.units.items():
        yield "units", key, "home_node", unit.home_node, nodes
        yield "units", key, "assembly_node", unit.assembly_node, nodes
        if unit.stock_node:
            yield "units", key, "stock_node", unit.stock_node, nodes
        if unit.unit_type:
            yield "units", key, "unit_type", unit.unit_type, types


def _numbers(scenario: Scenario, where: Where) -> Iterable[Problem]:
    needed = NEEDED_PARAMETERS + (SUSTAINMENT_PARAMETERS if scenario.mechanisms.sustainment else ())
    for name in needed:
        if name not in scenario.parameters:
            close = difflib.get_close_matches(name, scenario.parameters, n=1)
            hint = f"'{close[0]}' looks like it" if close else "add a row; see the shipped parameters.csv"
            yield Problem("E205", where(("parameters",)), f"parameters.{name}", "missing parameter", hint)
    known = {*NEEDED_PARAMETERS, *OPTIONAL_PARAMETERS, *SUSTAINMENT_PARAMETERS}
    for name, row in scenario.parameters.items():
        if name not in known and row.source == "inline" and not row.meaning:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean '{close[0]}'?" if close else "give it a meaning if your own code reads it"
            path = ("parameters", name)
            yield Problem("E209", where(path), ".".join(path), "no part of the model reads this parameter", hint)
        if row.unit == "share" and not 0.0 <= row.typical <= 1.0:
            spot = ("parameters", name, "typical")
            yield Problem("E106", where(spot), ".".join(spot), f"{row.typical:g} is no share", "give 0 to 1")
    for key, link in scenario.links.items():
        if link.from_node == link.to_node:
            yield Problem(
                "E206", where(("links", key)), f"links.{key}", "a link must join two places", "correct one of its ends"
            )
        if link.travel_hours is None and link.length_km == 0:
            yield Problem(
                "E207",
                where(("links", key)),
                f"links.{key}",
                "has neither length_km nor travel_hours",
                "state the length in km, or the travel time in hours",
            )
        if link.length_km > 25_000:
            yield Problem(
                "E208",
                where(("links", key, "length_km")),
                f"links.{key}.length_km",
                f"{link.length_km:,.0f} km is longer than any way on Earth",
                "lengths are in km, not metres",
            )
    for one, two, names in unlike_rows(scenario):
        yield Problem(
            "E210",
            where(("facilities", two)),
            f"facilities.{two}",
            f"stands at the same place as '{one}' but differs from it in {', '.join(names)}",
            "rows of one kind at a place are added up: make them alike, or one row of both",
        )
    for key, fleet in scenario.fleets.items():
        if 0 < fleet.count_typical < fleet.group_size:
            yield Problem(
                "W402",
                where(("fleets", key)),
                f"fleets.{key}",
                f"{fleet.count_typical:g} assets do not make one group of {fleet.group_size:g}: this fleet never moves",
            )


def _forces(scenario: Scenario, where: Where) -> Iterable[Problem]:
    if not scenario.travelling_units:
        yield Problem(
            "E301",
            where(("forces",)),
            "units",
            "no unit travels",
            "check forces.regional_plans and forces.nations against the units",
        )
    stated = scenario.question.troops_required
    present = sum(unit.troops for unit in scenario.travelling_units.values())
    if scenario.forces.count_in_place:
        present += sum(unit.troops for unit in scenario.in_place_units.values())
    if stated is not None and stated > present:
        yield Problem(
            "E302",
            where(("question", "troops_required")),
            "question.troops_required",
            f"{stated:,} troops are required but the units sum to {present:,}",
            f"{stated - present:,} more are needed, or require fewer",
        )
    for key, unit in scenario.units.items():
        if unit.unit_type == "" and unit.troops == 0 and not (unit.wheeled or unit.heavy or unit.containers):
            yield Problem(
                "E303",
                where(("units", key)),
                f"units.{key}",
                "has neither troops nor vehicles",
                "state troops, wheeled, heavy or containers, or a unit_type",
            )
        if unit.required_day < unit.ready_day:
            yield Problem(
                "W401",
                where(("units", key)),
                f"units.{key}",
                f"is required on C+{unit.required_day:g} but ready only on C+{unit.ready_day:g}",
            )
