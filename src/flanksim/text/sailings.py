"""How full ships sail, in one line and as JSON."""

from __future__ import annotations

from typing import Any

from flanksim.measure.sailings import sailings, together
from flanksim.planning.plan import Plan


def sailings_line(plan: Plan) -> str:
    """Sailings and their fill; empty where no ship sails."""
    every = together(sailings(plan))
    if every is None:
        return ""
    count = len(every.fills)
    return (
        f"Ships: {count} sailing{'s' * (count > 1)}, {every.mean_fill:.0%} of the deck in use on average, "
        f"least {min(every.fills):.0%}"
    )


def sailings_json(plan: Plan) -> dict[str, Any] | None:
    """All sailings, with each pool of ships by name; None where no ship sails."""
    pools = sailings(plan)
    every = together(pools)
    if every is None:
        return None
    return every.as_json() | {"pools": {entry.pool: entry.as_json() for entry in pools}}
