"""The ladder in words: a table of at most 100 columns that reads well without colour."""

from __future__ import annotations

import math

from flanksim.bounds.ladder import Ladder

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
    "servers": "server (berth, ramp, stand, lane)",
    "groups": "train set, ship, aircraft or group",
}


def tell(found: Ladder) -> str:
    """The ladder, what binds, and the prices of capacity."""
    who = "in any replication" if found.seed is None else f"in the replication of seed {found.seed}"
    lines = [
        f"{found.scenario}: no schedule on any admissible route closes the force before {_day(found.day)} {who}",
        "",
    ]
    for name, value in found.bounds.items():
        if value is not None:
            mark = "  <- binds" if name == found.binding[0] else ""
            lines.append(f"  {_NAMES[name]:<44} {_day(value):>9}{mark}")
    lines.append(f"  {'free flow on the routes of the plan alone':<44} {_day(found.planned_free_flow):>9}")
    lines += ["", f"  set by {found.binding[1]}" if found.binding[1] else "", ""]
    lines.append(f"  {'group, as if it alone moved':<32} {'troops':>9} {'free flow':>10} {'volume':>9}")
    for group in found.groups:
        lines.append(f"  {group.name:<32} {group.troops:>9,} {_day(group.free_flow):>10} {_day(group.volume):>9}")
    if found.prices:
        lines += ["", f"  {'one more of':<34} {'at':<36} {'now':>8} {'days earlier':>13}"]
        for price in found.prices[:_SHOWN]:
            step = 100.0 if price.attribute == "vehicles_per_hour" else 1.0
            what = _ATTRIBUTES.get(price.attribute, price.attribute)
            lines.append(
                f"  {what:<34} {price.element:<36.36} {price.capacity:>8.4g} {price.days_per_unit * step:>13.3g}"
            )
    if found.reliefs:
        lines += ["", "  doubled one after the other, and the volume bound then"]
        for relief in found.reliefs:
            lines.append(f"    {relief.element:<40.40} {relief.capacity:>8.4g} {_day(relief.volume):>10}")
    lines += ["", f"  {found.seconds:.1f} s; first-order prices: they hold for small changes of one capacity at a time"]
    return "\n".join(line.rstrip() for line in lines)


def _day(value: float) -> str:
    return f"C+{value:.1f}" if math.isfinite(value) else "never"
