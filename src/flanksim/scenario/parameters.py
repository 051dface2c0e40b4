"""Every parameter that the model reads: unit, limits, default and meaning, said once.

`check`, the JSON Schema, ``docs/tables.md`` and whoever looks a parameter up read this table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from flanksim.modes import LINK_MODES


@dataclass(frozen=True, slots=True)
class Known:
    """One parameter of the model.

    Attributes
    ----------
    unit
        Unit in which it is stated, as in the column ``unit`` of ``parameters.csv``.
    least, most
        Limits, both allowed.
    default
        What stands where a scenario has no such row; None where it must have one. Infinite: no limit.
    meaning
        What it is, in a few words.
    like
        Name of the parameter whose value is the default, where that is no number.
    only_if
        Setting under which alone it must be stated: ``mechanisms.sustainment``, ``regime.permission=today``.
    of_tables
        Whether the shipped number holds over the shipped tables alone. A scenario that brings places of its own and no
        tables takes the default here, not that number.
    """

    name: str
    unit: str
    least: float
    most: float
    default: float | None
    meaning: str
    like: str = ""
    only_if: str = ""
    of_tables: bool = False

    @property
    def needed(self) -> bool:
        """Whether a scenario must state it, as far as it uses the mechanism that reads it."""
        return self.default is None and not self.like

    @property
    def limits(self) -> str:
        """In words: ``0 to 1``."""
        return f"{self.least:g} to {self.most:,.12g}"


_YEAR_HOURS, _YEAR_DAYS = 8760, 365
_MODES = ("rail", "road", "sea", "air", "waterway")
_REGIMES = ("peace", "crisis", "military_priority")


def _of_serials() -> Iterator[Known]:
    """Sizes and times of units and serials."""
    yield Known("close_share", "share", 0, 1, None, "share of a unit's vehicles that must have arrived")
    yield Known("integration_days", "days", 0, _YEAR_DAYS, None, "marry-up to readiness at the assembly area")
    yield Known(
        "reception_team_pieces", "pieces", 1, 1_000_000, 5000, "pieces that a reception team integrates at a time"
    )
    yield Known("stock_issue_days", "days", 0, _YEAR_DAYS, 0, "readiness at home to the first vehicle drawn from stock")
    yield Known("stock_pieces_per_day", "pieces/day", 1, 1_000_000, math.inf, "pieces that a stock issues in a day")
    yield Known("ready_delay_days", "days", 0, _YEAR_DAYS, None, "delay of a unit after its stated readiness")
    for name, meaning in (
        ("ramp_hours_per_train", "loading or unloading one train"),
        ("gauge_change_hours_per_train", "moving one train-load to wagons of the other gauge"),
        ("border_hours_rail", "one train at a border"),
        ("border_hours_road", "one march serial at a border"),
        ("stand_hours_passenger_aircraft", "ground time of an aircraft with soldiers"),
        ("coach_boarding_hours", "boarding or leaving coaches"),
        ("het_load_hours", "loading or unloading transporters"),
        ("port_exit_hours_per_serial", "forming up and clearing one march serial out of a port"),
    ):
        yield Known(name, "h", 0, _YEAR_HOURS, None, meaning)
    yield Known(
        "stand_hours_cargo_aircraft",
        "h",
        0,
        _YEAR_HOURS,
        None,
        "ground time of an aircraft with vehicles or containers",
        like="stand_hours_passenger_aircraft",
    )
    yield Known("tonnes_per_piece", "t", 0.01, 1000, 10, "piece of a unit whose type states no weight")
    yield Known("barge_terminal_hours", "h", 0, _YEAR_HOURS, 12, "loading or unloading one barge")
    yield Known("ferry_boarding_hours", "h", 0, _YEAR_HOURS, 0, "wait for a ferry, boarding and leaving it")
    yield Known("berth_pieces_per_hour", "pieces/h", 0.1, 10_000, None, "pieces worked by one ship at one berth")
    meaning = "at a berth for every ship, whatever it carries"
    yield Known("berth_hours_per_call", "h", 0, _YEAR_HOURS, 0, meaning, of_tables=True)
    yield Known("port_working_hours_per_day", "h/day", 0.1, 24, 24, "hours in which a berth works")
    yield Known("flight_speed_kmh", "km/h", 1, 3000, None, "block speed of an aircraft")
    for name, unit, meaning in (
        ("march_serial_vehicles", "vehicles", "vehicles of one march serial"),
        ("march_unit_vehicles", "vehicles", "vehicles of one march unit"),
        ("heavy_vehicles_per_train", "vehicles", "tracked vehicles other than tanks on one train"),
        ("vehicles_per_train", "vehicles", "wheeled vehicles and trailers on one train"),
        ("containers_per_train", "TEU", "containers on one train"),
        ("vehicles_per_het_serial", "vehicles", "vehicles of one transporter serial"),
        ("troops_per_coach_serial", "troops", "soldiers of one coach serial"),
        ("troops_per_flight", "troops", "soldiers on one flight"),
    ):
        yield Known(name, unit, 1, 100_000, None, meaning)
    yield Known("tanks_per_train", "vehicles", 1, 100_000, None, "tanks on one train", like="heavy_vehicles_per_train")
    yield Known("troops_per_train", "troops", 1, 100_000, 800, "soldiers on one passenger train")
    yield Known("march_unit_gap_minutes", "min", 0, 1440, None, "gap behind each march unit")
    yield Known("march_unit_extra_minutes", "min", 0, 1440, 0, "added to that gap")
    yield Known("halt_minutes_per_2_hours", "min", 0, 1440, 0, "halts of a column in two hours")
    for what in ("march", "het", "coach"):
        yield Known(f"{what}_hours_per_day", "h/day", 0.1, 24, None, "hours on the road a day")
    yield Known("shortest_flight_km", "km", 0, 25_000, 600, "shorter flights are not offered")
    yield Known("shortest_runway_m", "m", 0, 20_000, 1800, "airfields with a shorter runway are not used")
    yield Known("heavy_self_drive_km", "km", 0, 25_000, 60, "longest road link that tracked vehicles drive themselves")
    yield Known("wheeled_mlc", "MLC", 0, 1000, 30, "heaviest wheeled vehicle of a unit")
    yield Known("coach_mlc", "MLC", 0, 1000, 20, "a loaded coach")
    yield Known("transporter_mlc", "MLC", 0, 1000, 45, "what a transporter adds to the class of its load")
    meaning = "class of a bridge over that of a loaded transporter that still crosses"
    yield Known("caution_class_share", "share", 0, 1, 1, meaning)
    meaning = "transporters that cross such a bridge singly"
    yield Known("caution_vehicles_per_hour", "vehicles/h", 0.1, 10_000, 20, meaning)
    yield Known("lane_m_per_vehicle", "lane-m", 0.01, 1000, None, "ship deck of a wheeled vehicle")
    for what, meaning in (("heavy_vehicle", "a tracked vehicle"), ("container", "a 20-foot container")):
        yield Known(
            f"lane_m_per_{what}", "lane-m", 0.01, 1000, None, f"ship deck of {meaning}", like="lane_m_per_vehicle"
        )


def _of_the_network() -> Iterator[Known]:
    """Factors of chance, civil traffic, permissions, class defaults, breakdowns, supply and money."""
    yield Known("handling_factor", "factor", 0, 100, None, "spread of handling times about their typical value")
    for mode, meaning in zip(_MODES, ("trains", "columns", "ships", "flights", "barges"), strict=True):
        default = 1 if mode == "waterway" else None
        yield Known(f"travel_factor_{mode}", "factor", 0.01, 100, default, f"spread of running times of {meaning}")
    for what in ("rail", "road", "ferry", "waterway", "berth", "stand"):
        for regime in _REGIMES:
            words = regime.replace("_", " ")
            meaning = f"{what} capacity that civil traffic keeps under {words}"
            yield Known(f"civil_share_{what}_{regime}", "share", 0, 1, 0, meaning)
    for regime in _REGIMES:
        words = regime.replace("_", " ")
        for name, unit, meaning in (
            ("port_clearance_per_day", "pieces/day", "vehicles and containers that leave a port overland in a day"),
            ("march_vehicles_per_day", "vehicles/day", "vehicles that permits let march from one place in a day"),
        ):
            yield Known(f"{name}_{regime}", unit, 1, 1_000_000, math.inf, f"{meaning} under {words}", of_tables=True)
    for regime in ("today", "three_days", "six_hours"):
        words = regime.replace("_", " ")
        name, needs = f"permission_days_{regime}", f"regime.permission={regime}"
        yield Known(name, "days", 0, _YEAR_DAYS, None, f"lead time of permissions under: {words}", only_if=needs)
    for regime in ("today", "three_days", "six_hours"):
        words = regime.replace("_", " ")
        yield Known(f"permission_activation_days_{regime}", "days", 0, _YEAR_DAYS, 0, f"time to switch on: {words}")
    yield Known("default_max_mlc_motorway", "MLC", 1, 1000, math.inf, "bridges of a road of four lanes and more")
    yield Known("default_max_mlc_road", "MLC", 1, 1000, math.inf, "bridges of other roads")
    yield Known("default_max_axle_load_t", "t", 0.1, 100, math.inf, "railway without a value of its own")
    yield Known("default_gauge_mm", "mm", 100, 3000, 1435, "railway or train without a gauge of its own")
    for mode in LINK_MODES:
        yield Known(f"default_speed_{mode}_kmh", "km/h", 0.1, 500, 40, f"{mode} link without a speed of its own")
    for name, like, meaning in (
        ("motorway", "road", "road of four lanes and more without a speed of its own"),
        ("branch_line", "rail", "single track without wires (electrified: n), without a speed of its own"),
    ):
        yield Known(f"default_speed_{name}_kmh", "km/h", 0.1, 500, None, meaning, like=f"default_speed_{like}_kmh")
    for mode in _MODES:
        yield Known(f"failures_per_hour_{mode}", "1/h", 0, 10, 0, f"breakdowns of a {mode} serial an hour on the way")
    for mode in _MODES:
        yield Known(f"repair_hours_{mode}", "h", 0, _YEAR_HOURS, 0, f"mean repair of a {mode} breakdown")
    yield Known("ship_sharing_days", "days", 0, 3650, 3, "loads whose readiness differs by more do not share a ship")
    yield Known(
        "ship_least_fill", "share", 0, 1, 0.4, "no ship sails with less of its deck while loads for its coast wait"
    )
    yield Known(
        "ship_call_lead_days", "days", 0, 365, 0, "a ship is called so long before its load is expected on the quay"
    )
    yield Known(
        "way_margin_hours", "h", 0, _YEAR_HOURS, 24, "a serial leaves its planned way for one quicker by more than this"
    )
    yield Known("route_berth_hours", "h", 0, _YEAR_HOURS, 24, "wait and work at a berth as the choice of route sees it")
    for name, unit, least, most, meaning in (
        ("sustainment_tonnes_per_soldier_day", "t", 0.0, 10.0, "supply of closed troops"),
        ("container_payload_tonnes", "t", 0.1, 100.0, "supply in one container"),
        ("sustainment_interval_days", "days", 0.25, 3650.0, "between deliveries to one unit"),
        ("basic_load_days", "days", 0.0, 3650.0, "supply that a unit brings with it"),
    ):
        yield Known(name, unit, least, most, None, meaning, only_if="mechanisms.sustainment")
    yield Known("overrun_factor", "factor", 0.01, 100, 1, "final over announced cost of a project")
    yield Known("mobility_fraction", "share", 0, 1, 0.12, "part of the infrastructure line that reaches mobility")
    yield Known("additional_share", "share", 0, 1, 1, "part of that money which is new, not spent without the pledge")


#: Every parameter by name.
PARAMETERS: dict[str, Known] = {entry.name: entry for entry in (*_of_serials(), *_of_the_network())}


def default_of(name: str) -> float:
    """What stands where a scenario has no row for `name`; infinite where that means: no limit.

    Examples
    --------
    >>> default_of("troops_per_train")
    800
    """
    default = PARAMETERS[name].default
    if default is None:
        raise KeyError(f"{name} has no default: a scenario must state it")
    return default
