"""What one more of a capacity takes off a bound: solved again with it, not read off a price.

A price says how steeply the bound falls, not how far: a berth may be priced at two days where the next limit lies two
tenths of a day below. So prices only say which capacities to look at: the bound falls less and less steeply as a
capacity grows, so it falls by no more than the price. With each that is priced at half a day or more the bound is
solved once more, with one more of it (`flanksim.network.one_more`), and the lower of price and fall is kept.

These are days off a *bound*. They say nothing of the day on which the force arrives: a capacity that takes days off the
bound may take none off the arrival, and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flanksim.bounds.rungs import Gain
from flanksim.bounds.volume import Price
from flanksim.network.one_more import OneMore, one_more
from flanksim.scenario.schema import Scenario

#: What takes less than this off the bound is not listed, days.
HALF_A_DAY = 0.5


def gains(
    scenario: Scenario,
    prices: Iterable[Price],
    distance: float,
    falls: Callable[[Scenario, float], float],
    most: int | None = None,
) -> tuple[tuple[Gain, ...], int]:
    """Capacities of which one more takes half a day or more off the bound; what is alike to a tenth stands by name.

    Parameters
    ----------
    distance
        Days from the bound down to free flow, which no capacity changes.
    falls
        Days by which the bound falls in a changed scenario, which are no more than the second argument.
    most
        So many capacities are solved at the most, the dearest ones.

    Returns
    -------
    tuple
        What was found, and how many capacities that may be worth as much were left out.
    """
    if distance < HALF_A_DAY:
        return (), 0
    steps: dict[str, tuple[OneMore, list[Price]]] = {}
    for price in prices:
        more = one_more(scenario, price.element)
        if more is not None:  # both directions of a link are widened in one step
            steps.setdefault(str(more), (more, []))[1].append(price)
    worth = [(sum(p.days_per_unit for p in priced) * more.step, more, priced) for more, priced in steps.values()]
    worth = [entry for entry in worth if entry[0] >= HALF_A_DAY]
    worth.sort(key=lambda entry: (-entry[0], entry[2][0].element))
    found = []
    for price_days, more, priced in worth[:most]:
        at_most = min(price_days, distance)
        days = min(at_most, falls(more.apply(scenario), at_most))
        if days >= HALF_A_DAY:
            first = priced[0]
            name = first.element if len(priced) == 1 else first.element.partition(":")[0]
            found.append(Gain(name, first.kind, first.attribute, first.capacity, more.what, more.step, days))
    found.sort(key=lambda gain: (-round(gain.days, 1), gain.element))
    return tuple(found), len(worth) - len(worth[:most])
