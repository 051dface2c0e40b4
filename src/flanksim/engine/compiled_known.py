"""What the compiled twin knows of a plan: the kinds of its steps, the fields of its parts; all else is SimPy's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, fields
from typing import Any

from flanksim.planning import plan as planned
from flanksim.planning.plan import Plan
from flanksim.planning.steps import Await, Detour, Discharge, Drop, Free, Pause, Serve, Stay, Take, Travel, every
from flanksim.scenario.distributions import Distribution

#: What the twin mirrors: any other field must have its default, or SimPy serves the plan.
KNOWN_FIELDS: dict[type, str] = {
    Plan: "scenario scenario_digest horizon_h deadline_h tier_1_deadline_h troops_required count_in_place chance gates "
    "servers stores pools distributions programs serials units ready_delay element_sizes call_lead_h permits outages "
    "workshops supplies ways work way_margin_h",
    planned.Gate: "name mode opposing_clearance_h closed",
    planned.Server: "name kind servers closed",
    planned.Store: "name capacity",
    planned.Asset: "fleet index place available_h activation capacity speed_kmh hours_per_day workshop away",
    planned.Workshop: "name mean_life_h repair fitters",
    planned.Supply: "unit rounds first_h interval_h",
    planned.Pool: "name kind assets places position_km",
    planned.OutageGroup: "name gates servers rate_per_hour repair",
    planned.Slot: "purpose thing distribution",
    planned.Program: "steps slots from_node to_node",
    planned.Serial: "number name unit kind element index quantity stage priority program waits_for feeds final home "
    "permits border_h deck_m ways",
    planned.Way: "program permits border_h",
    planned.Work: "thing work_h reached_h total_h",
    planned.Permit: "name days asked_h",
    planned.UnitPlan: "unit_id name nation unit_type regional_plan tier troops vehicles vehicles_needed assembly "
    "ready_h required_h priority in_place closing_serial interval ready_delay",
    Distribution: "kind values",
}
KNOWN_STEPS: dict[type, tuple[str, ...]] = {
    Travel: ("gate", "forward", "occupied_h", "hours", "draw", "tail_h", "drive_limit_h"),
    Serve: ("server", "kind", "draw", "scale", "frees", "fills"),
    Take: ("pool", "pieces", "place"),
    Await: (),
    Drop: ("way_back",),
    Free: ("store",),
    Stay: ("kind", "draw", "scale"),
    Pause: ("kind", "draw"),
    Discharge: ("server", "draw", "hours_per_piece", "store"),
    Detour: ("gate", "server", "skip", "own_h", "around_h", "steps"),
}
KNOWN_DISTRIBUTIONS = ("constant", "triangular", "exponential", "trace", "breakdowns")


def unknown(plan: Plan) -> str:
    """What keeps the twin from serving a plan, in words; "" if nothing does."""
    kinds = {type(step): step for program in plan.programs for step in every(program.steps)}
    for kind, step in kinds.items():
        if step._fields != KNOWN_STEPS.get(kind):
            return f"steps {kind.__name__}"
    round_ = [
        other for program in plan.programs for step in program.steps if isinstance(step, Detour) for other in step.steps
    ]
    if any(other.gate < 0 if isinstance(other, Travel) else not isinstance(other, Serve) for other in round_):
        return "steps of a Detour"
    if found := {entry.kind for entry in plan.distributions} - set(KNOWN_DISTRIBUTIONS):
        return f"distributions {', '.join(sorted(found))}"
    slots = [slot for program in plan.programs for slot in program.slots]
    assets = [asset for pool in plan.pools for asset in pool.assets]
    lists = (
        ([plan], Plan), (plan.gates, planned.Gate), (plan.servers, planned.Server), (plan.stores, planned.Store),
        (plan.pools, planned.Pool), (assets, planned.Asset), (plan.distributions, Distribution), (slots, planned.Slot),
        (plan.programs, planned.Program), (plan.serials, planned.Serial), (plan.units, planned.UnitPlan),
        (plan.permits, planned.Permit), (plan.outages, planned.OutageGroup), (plan.workshops, planned.Workshop),
        (plan.supplies, planned.Supply), (plan.ways, planned.Way), (plan.work, planned.Work),
    )  # fmt: skip
    return next(filter(None, (_unknown_field(entries, known) for entries, known in lists)), "")


def _unknown_field(entries: Sequence[Any], known: type) -> str:
    """A field of these entries that the twin does not know and that is not at its default."""
    for kind in {type(entry) for entry in entries}:
        for column in fields(kind):
            if column.name in KNOWN_FIELDS[known].split():
                continue
            default = column.default if column.default_factory is MISSING else column.default_factory()
            if any(getattr(entry, column.name) != default for entry in entries if type(entry) is kind):
                return f"{column.name} of {kind.__name__}"
    return ""
