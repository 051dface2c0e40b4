"""When ships are called: before what they are to carry stands on the quay, by so long as the plan says.

A ship-load that asks for its ship only once it is complete waits for the ship's empty run while it stands there. So it
calls earlier: its last part is expected at the hour at which it comes in the same plan played once without chance and
with ships that are not called. A load that is complete before its call calls then.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from flanksim.movements import MovementLog
from flanksim.planning.plan import Plan
from flanksim.planning.steps import Await

#: Plays a plan with a seed.
Player = Callable[[Plan, int], MovementLog]


def call_hours(plan: Plan, play: Player) -> dict[int, float]:
    """Hour at which each ship-load calls its ship, by its serial's number; played once, then kept with the plan.

    A load that did not come together by the horizon has none: it calls when it is complete.

    Parameters
    ----------
    plan
        Its ``call_lead_h`` is the lead; with none nobody calls.
    play
        How it is played.
    """
    if plan.call_lead_h <= 0.0:
        return {}
    ships = [serial.number for serial in plan.serials if serial.stage == 1 and _awaits(plan, serial.program)]
    if not ships:
        return {}
    if "call_hours" not in plan.found:
        lead = plan.call_lead_h  # who is complete a lead after the horizon, calls before it
        log = play(replace(plan, chance=False, call_lead_h=0.0, horizon_h=plan.horizon_h + lead), 0)
        plan.found["call_hours"] = {
            ship: max(0.0, hour - lead) for ship in ships if math.isfinite(hour := log.complete_h[ship])
        }
    found: dict[int, float] = plan.found["call_hours"]
    return found


def _awaits(plan: Plan, program: int) -> bool:
    return any(isinstance(step, Await) for step in plan.programs[program].steps)
