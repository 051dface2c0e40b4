"""What money can buy: offers that include what they need, what several cost together, and the best of them for a sum.

An offer gives things: a project and its prerequisites, or a lever and its projects. Several offers give every thing
once, and it is paid once. What is bought is written as all offers whose things are given, so that one network has one
name; a lever with a price of its own pays for the projects in it, and these are not named beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import numpy as np

from flanksim.linear_program import Entry, matrix_of, minimise

#: What is bought: keys of offers, in the order of the menu.
Purchase = tuple[str, ...]
Triple = tuple[float, float, float]
#: Of what is spent, so much of the largest gain decides between lists that gain the same: the cheaper one.
_FOR_THE_CHEAPER = 1e-6
#: Money is compared to so many EUR bn.
_EXACT_BN_EUR = 1e-9


@dataclass(frozen=True)
class Offer:
    """One thing that can be bought.

    Attributes
    ----------
    gives
        Ids of the project or lever itself, and of all projects that come with it.
    own_price
        It has a price of its own, which includes all that it gives.
    family
        Of offers of one family at most one is bought; empty: of none.
    touches
        What it changes; offers that change the same may stand for each other.
    """

    key: str
    gives: frozenset[str]
    own_price: bool = False
    family: str = ""
    touches: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Menu:
    """What there is to buy.

    Attributes
    ----------
    offers
        In an order that breaks ties.
    cost_bn_eur
        Of each thing that is paid: low, typical and high.
    exclusions
        Pairs of things that are not built beside each other.
    """

    offers: tuple[Offer, ...]
    cost_bn_eur: Mapping[str, Triple]
    exclusions: frozenset[frozenset[str]] = frozenset()
    _prices: dict[Purchase, Triple] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def by_key(self) -> dict[str, Offer]:
        """Offers by key."""
        return {offer.key: offer for offer in self.offers}

    def given(self, keys: Iterable[str]) -> frozenset[str]:
        """All things that offers give together."""
        return frozenset().union(*(self.by_key[key].gives for key in keys))

    def purchase(self, keys: Iterable[str]) -> Purchase:
        """These offers and all others that come with them."""
        chosen = set(keys)
        given = self.given(chosen)
        packages = [self.by_key[key].gives for key in chosen if self.by_key[key].own_price]

        def named(offer: Offer) -> bool:
            paid_within = any(offer.gives < package for package in packages)
            return offer.gives <= given and not paid_within

        return tuple(offer.key for offer in self.offers if named(offer))

    def without(self, bought: Purchase, key: str) -> Purchase:
        """What is bought without one offer and without what needs it."""
        gone = self.by_key[key].gives
        return self.purchase(other for other in bought if not gone <= self.by_key[other].gives)

    def cost(self, bought: Purchase) -> Triple:
        """Low, typical and high cost, EUR bn; what several offers give is paid once."""
        if bought not in self._prices:
            own = [key for key in bought if self.by_key[key].own_price]
            paid = [*own, *sorted(self.given(bought) - self.given(own))]
            rows = [self.cost_bn_eur[thing] for thing in paid if thing in self.cost_bn_eur]
            low, typical, high = (math.fsum(row[n] for row in rows) for n in range(3))
            self._prices[bought] = (low, typical, high)
        return self._prices[bought]

    def price(self, bought: Purchase) -> float:
        """Typical cost, EUR bn."""
        return self.cost(bought)[1]

    def otherwise(self, one: Purchase, other: Purchase) -> float:
        """Part of the money of two lists together that only one of them spends, 0 to 1."""
        both = self.price(self.purchase(key for key in one if key in other))
        spent = self.price(one) + self.price(other) - both
        return 1.0 - both / spent if spent > 0 else float(one != other)

    def within(self, bought: Purchase, budget_bn_eur: float) -> bool:
        """Whether it can be bought together, and the money suffices."""
        return self.price(bought) <= budget_bn_eur + _EXACT_BN_EUR and not self.clashes(bought)

    def clashes(self, keys: Collection[str]) -> bool:
        """Whether two of these offers exclude each other."""
        given = self.given(keys)
        families = [family for key in keys if (family := self.by_key[key].family)]
        return len(families) > len(set(families)) or any(pair <= given for pair in self.exclusions)

    def purchases(self, budget_bn_eur: float, most: int) -> list[Purchase] | None:
        """Everything that can be bought for a sum, nothing included; None if that is more than `most`."""
        found: dict[Purchase, None] = {(): None}
        open_: list[Purchase] = [()]
        while open_:
            bought = open_.pop()
            for offer in self.offers:
                more = self.purchase((*bought, offer.key))
                if more in found or not self.within(more, budget_bn_eur):
                    continue
                found[more] = None
                if len(found) > most:
                    return None
                open_.append(more)
        return list(found)

    @cached_property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """For each offer the others that come with it and are named beside it."""
        return {
            offer.key: tuple(key for key in self.purchase([offer.key]) if key != offer.key) for offer in self.offers
        }

    @cached_property
    def _apart(self) -> tuple[tuple[str, str], ...]:
        """Pairs of offers that are not bought together, or of which one has the other within its price."""
        found = []
        for one, other in combinations(self.offers, 2):
            inside = (one.own_price and other.gives < one.gives) or (other.own_price and one.gives < other.gives)
            if inside or self.clashes((one.key, other.key)):
                found.append((one.key, other.key))
        return tuple(found)

    def best(
        self,
        worth: Mapping[str, float],
        together: Mapping[tuple[str, str], float],
        budget_bn_eur: float,
        taken: Collection[Purchase] = (),
    ) -> Purchase | None:
        """What gains most for a sum, where gains add up but for pairs: exact, a mixed-integer program.

        Parameters
        ----------
        worth
            What each offer gains beside those that come with it; offers without a number are left out, unless others
            need them.
        together
            What a pair gains beyond the sum of both; below zero for substitutes.
        budget_bn_eur
            Typical costs sum to no more.
        taken
            These are not given back again.

        Returns
        -------
        tuple or None
            Of equals the cheaper; None if nothing is left, or the solver gave up.
        """
        offers = [offer for offer in self.offers if self._offered(offer, worth, budget_bn_eur)]
        if not offers:
            return None if () in taken else ()
        program = _Program([offer.key for offer in offers])
        known = set(program.column)
        things = sorted({thing for offer in offers for thing in self._paid(offer)})
        at = {thing: program.variable(0.0) for thing in things}
        for offer in offers:
            for thing in self._paid(offer):
                program.row([(program.column[offer.key], 1.0), (at[thing], -1.0)], 0.0)
            for key in self.needs[offer.key]:
                program.row([(program.column[offer.key], 1.0), (program.column[key], -1.0)], 0.0)
        program.row([(at[thing], self.cost_bn_eur[thing][1]) for thing in things], budget_bn_eur)
        for pair in self._apart:
            if known.issuperset(pair):
                program.row([(program.column[key], 1.0) for key in pair], 1.0)
        for pair, more in together.items():
            if more and known.issuperset(pair):
                program.both(pair, more)
        for bought in taken:
            signs = [(program.column[key], 1.0 if key in bought else -1.0) for key in program.column]
            if known.issuperset(bought):
                program.row(signs, len(bought) - 1.0)
        top = max((abs(worth.get(key, 0.0)) for key in known), default=0.0) or 1.0
        whole = math.fsum(self.cost_bn_eur[thing][1] for thing in things) or 1.0
        for key in known:
            program.gain[program.column[key]] += worth.get(key, 0.0)
        for thing in things:
            program.gain[at[thing]] -= _FOR_THE_CHEAPER * top * self.cost_bn_eur[thing][1] / whole
        chosen = program.solved()
        found = None if chosen is None else self.purchase(chosen)
        return found if found is not None and self.within(found, budget_bn_eur) else None

    def _offered(self, offer: Offer, worth: Mapping[str, float], budget_bn_eur: float) -> bool:
        alone = self.purchase([offer.key])
        wanted = offer.key in worth or any(offer.key in self.needs[key] for key in worth)
        return wanted and self.within(alone, budget_bn_eur)

    def _paid(self, offer: Offer) -> list[str]:
        """Things that must be paid for an offer."""
        named = [offer.key] if offer.own_price else sorted(offer.gives)
        return [thing for thing in named if thing in self.cost_bn_eur]


class _Program:
    """A mixed-integer program that is put together row by row."""

    def __init__(self, keys: list[str]) -> None:
        self.column = {key: place for place, key in enumerate(keys)}
        self.gain = [0.0] * len(keys)
        self._entries: list[Entry] = []
        self._limits: list[float] = []

    def variable(self, gain: float) -> int:
        """A further variable, 0 or 1; its column."""
        self.gain.append(gain)
        return len(self.gain) - 1

    def row(self, terms: Iterable[tuple[int, float]], limit: float) -> None:
        """Terms that sum to no more than a limit."""
        self._entries += [(len(self._limits), column, factor) for column, factor in terms]
        self._limits.append(limit)

    def both(self, pair: tuple[str, str], gain: float) -> None:
        """A gain, or a loss, if both of a pair are bought."""
        one, other = (self.column[key] for key in pair)
        new = self.variable(gain)
        if gain > 0:
            self.row([(new, 1.0), (one, -1.0)], 0.0)
            self.row([(new, 1.0), (other, -1.0)], 0.0)
        else:
            self.row([(one, 1.0), (other, 1.0), (new, -1.0)], 1.0)

    def solved(self) -> list[str] | None:
        """Keys of what is bought."""
        matrix = matrix_of(self._entries, len(self._limits), len(self.gain))
        found = minimise(
            -np.array(self.gain),
            [(0.0, 1.0)] * len(self.gain),
            at_most=(matrix, np.array(self._limits)),
            whole=np.ones(len(self.gain), dtype=bool),
        )
        if found.status != "optimal":
            return None
        return [key for key, column in self.column.items() if found.x[column] > 0.5]


def shapley(keys: Purchase, value: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Shapley's value of each of several: its gain beside the others, in the mean over all orders; they sum to all.

    Parameters
    ----------
    value
        What some of them gain together.

    Examples
    --------
    >>> shapley(("a", "b"), lambda chosen: {0: 0.0, 1: 1.0, 2: 4.0}[len(chosen)])
    {'a': 2.0, 'b': 2.0}
    """
    count = len(keys)
    found = {}
    for key in keys:
        others = [other for other in keys if other != key]
        parts = []
        for size in range(count):
            weight = 1.0 / (count * math.comb(count - 1, size))
            for chosen in combinations(others, size):
                beside = frozenset(chosen)
                parts.append(weight * (value(beside | {key}) - value(beside)))
        found[key] = math.fsum(parts)
    return found
