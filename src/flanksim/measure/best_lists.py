"""The best list for each of several budgets, found with few questions.

Each offer is asked alone, and the best few in pairs. On these gains the best list for a sum is exact: a mixed-integer
program in which gains add up, but for the pairs. It is a proposal: what is asked together gains more or less. So
each proposal is asked, then what one offer less and one more of the best list gain, and the program proposes again on
those gains, until nothing better is found. Offers that gain nothing alone may gain together: where an estimate says
what binds next, one after the other is bought on top of the best list, whether each step gains or not. Where few lists
can be bought at all, every one of them is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from flanksim.measure.offers import Menu, Purchase
from flanksim.measure.statistics import Interval

#: Says of each of several lists what it gains against nothing bought.
Ask = Callable[[Sequence[Purchase]], Sequence[Interval]]
#: What each offer may gain beside a list, by an estimate in whatever unit; none where nothing is known.
Guess = Callable[[Purchase], Mapping[str, float]]
#: So many of the best offers are asked in pairs.
PAIRED = 6
#: So many offers are bought one after the other by what the estimate says binds next, from so many beginnings.
_STEPS, _CHAINS = 3, 2
#: Proposals of the program on the gains of offers alone and in pairs; rounds of one less and one more.
_PROPOSALS, _ROUNDS = 2, 6
#: Of a long list so many are asked one less and one more in a round, and with another that changes the same.
_ONE_LESS, _ONE_MORE, _ALIKE = 8, 6, 4


@dataclass
class Asked:
    """What was asked, and what it gains.

    Attributes
    ----------
    menu
        What there is.
    gains
        Of each list that was asked.
    whole
        Every list that the largest budget can buy was asked.
    """

    menu: Menu
    gains: dict[Purchase, Interval] = field(default_factory=dict)
    whole: bool = False

    def best(self, budget_bn_eur: float) -> Purchase:
        """The list that gains most for a sum, of equals the cheaper one; of several as cheap the shorter."""
        bought = (bought for bought in self.gains if self.menu.within(bought, budget_bn_eur))
        return min(bought, key=self.rank, default=())

    def rank(self, bought: Purchase) -> tuple[float, float, int]:
        """The best first."""
        return -self.gains[bought].mean, self.menu.price(bought), len(bought)

    def idle(self, bought: Purchase) -> bool:
        """Whether a list gains no more than one of those without one offer that were asked."""
        return any(
            less != bought and less in self.gains and self.gains[less].mean >= self.gains[bought].mean - 1e-9
            for less in (self.menu.without(bought, key) for key in bought)
        )

    def beside(self, key: str, near: Purchase) -> float | None:
        """What an offer gains beside others, by the two lists asked that are most like `near`; None if there are none.

        A gain alone that runs cannot tell from none counts as none.
        """
        best: tuple[int, float] | None = None
        for bought, gain in self.gains.items():
            if key not in bought:
                continue
            less = self.menu.without(bought, key)
            if key in less or less not in self.gains:
                continue
            unlike = len(set(less) ^ set(near) - {key})
            if best is None or unlike < best[0]:
                best = (unlike, gain.mean - self.gains[less].mean if less or not gain.low <= 0 else 0.0)
        return None if best is None else best[1]

    def together(self) -> dict[tuple[str, str], float]:
        """For pairs that were asked, what they gain beyond the sum of both alone."""
        found = {}
        for bought in self.gains:
            if len(bought) == 2 and not self.menu.needs[bought[0]] and not self.menu.needs[bought[1]]:
                parts = [self.gains.get((key,)) for key in bought]
                if None not in parts:
                    alone = sum(part.mean for part in parts if part is not None)
                    found[bought[0], bought[1]] = self.gains[bought].mean - alone
        return found


def search(
    menu: Menu,
    budgets_bn_eur: Sequence[float],
    ask: Ask,
    most: int,
    settled: Callable[[Purchase], object] = lambda _: None,
    guess: Guess = lambda _: {},
) -> Asked:
    """Ask lists until nothing better is found for any budget, or so many were asked.

    Parameters
    ----------
    menu
        What there is.
    budgets_bn_eur
        Sums, rising.
    ask
        What lists gain.
    most
        So many lists are asked at the most, beside the offers alone.
    settled
        Called with the best list of each budget when nothing better was found.
    guess
        What each offer may gain beside a list.
    """
    asked = Asked(menu)

    def put(lists: Iterable[Purchase]) -> None:
        new = list(dict.fromkeys(bought for bought in lists if bought not in asked.gains))
        asked.gains.update(zip(new, ask(new) if new else (), strict=True))

    top = budgets_bn_eur[-1]
    put([()])
    every = menu.purchases(top, most)
    if every is not None:
        put(sorted(every, key=lambda bought: (len(bought), menu.price(bought))))
        asked.whole = True
        return asked
    alone = [menu.purchase([offer.key]) for offer in menu.offers]
    put([bought for bought in alone if menu.within(bought, top)])
    singles = len(asked.gains)
    put(_pairs(asked, budgets_bn_eur, PAIRED)[: most // 3])
    for place, budget in enumerate(budgets_bn_eur):
        left = most - (len(asked.gains) - singles)
        _improve(asked, budget, put, max(0, left // (len(budgets_bn_eur) - place)), guess)
        settled(asked.best(budget))
    return asked


def _pairs(asked: Asked, budgets_bn_eur: Sequence[float], count: int) -> list[Purchase]:
    """Pairs of the offers that gain most, and of those that gain most for a euro."""
    menu = asked.menu
    gains = {
        key: gain for offer in menu.offers if (gain := asked.beside(key := offer.key, ())) is not None and gain > 0
    }
    by_gain = sorted(gains, key=lambda key: -gains[key])[: (count + 1) // 2]
    by_euro = sorted(gains, key=lambda key: -gains[key] / max(1e-6, menu.price(menu.purchase([key]))))
    chosen = [*by_gain, *(key for key in by_euro if key not in by_gain)][:count]
    return [
        bought for pair in combinations(chosen, 2) if menu.within(bought := menu.purchase(pair), budgets_bn_eur[-1])
    ]


def _improve(asked: Asked, budget: float, put: Callable[[Iterable[Purchase]], None], most: int, guess: Guess) -> None:
    """Look for a better list for one budget with so many questions at the most."""
    menu, begun = asked.menu, len(asked.gains)

    def some(lists: Iterable[Purchase]) -> None:
        left = most - (len(asked.gains) - begun)
        new = [bought for bought in dict.fromkeys(lists) if bought not in asked.gains and menu.within(bought, budget)]
        put(new[: max(0, left)])

    base = _worth(asked, ())
    together = asked.together()
    proposals: list[Purchase] = []
    while len(proposals) < _PROPOSALS:
        new = menu.best(base, together, budget, proposals)
        if new is None:
            break
        proposals.append(new)
    some(proposals)
    for _ in range(_ROUNDS):
        before = asked.best(budget)
        for first in range(_CHAINS):
            for bought in _steps(menu, before, budget, guess, first):
                some([bought])
        worth = _worth(asked, before)
        some(_one_less(menu, before, worth))
        some(_one_more(menu, before, worth, budget))
        worth = _worth(asked, before)
        again = menu.best(worth, {}, budget)
        some([] if again is None else [again])
        some(_swaps(menu, before, worth, budget))
        if asked.best(budget) == before:
            return


def _worth(asked: Asked, near: Purchase) -> dict[str, float]:
    """What each offer gains beside others like `near`, where that is something, or it is bought there."""
    found = {offer.key: asked.beside(offer.key, near) for offer in asked.menu.offers}
    return {key: gain for key, gain in found.items() if gain is not None and (gain > 0 or key in near)}


def _one_less(menu: Menu, bought: Purchase, worth: Mapping[str, float]) -> list[Purchase]:
    """The list without each of those that seem to gain least."""
    order = sorted(bought, key=lambda key: worth.get(key, 0.0))[:_ONE_LESS]
    return [menu.without(bought, key) for key in order]


def _one_more(menu: Menu, bought: Purchase, worth: Mapping[str, float], budget: float) -> list[Purchase]:
    """The list with each of those that seem to gain most and that the rest of the money pays."""
    order = sorted((key for key in worth if key not in bought), key=lambda key: -worth[key])
    more = (menu.purchase((*bought, key)) for key in order if not menu.clashes((*bought, key)))
    return [new for new in more if menu.within(new, budget)][:_ONE_MORE]


def _steps(menu: Menu, bought: Purchase, budget: float, guess: Guess, first: int) -> Iterator[Purchase]:
    """The list with what binds next, then with what binds then, as long as the money suffices.

    Parameters
    ----------
    first
        Place, among what binds next, of the offer with which it begins.
    """
    for step in range(_STEPS):
        guessed = guess(bought)
        order = sorted((offer.key for offer in menu.offers), key=lambda key: -guessed.get(key, 0.0))
        likely = [key for key in order if guessed.get(key, 0.0) > 0.0 and key not in bought]
        more = [menu.purchase((*bought, key)) for key in likely if not menu.clashes((*bought, key))]
        found = [new for new in more if menu.within(new, budget)][0 if step else first :]
        if not found:
            return
        bought = found[0]
        yield bought


def _swaps(menu: Menu, bought: Purchase, worth: Mapping[str, float], budget: float) -> list[Purchase]:
    """One for another, those first that promise most; and for others that change the same, the cheapest first."""
    found: list[tuple[float, Purchase]] = []
    alike: list[Purchase] = []
    for gone in bought:
        rest, own = menu.without(bought, gone), menu.by_key[gone].touches
        for offer in menu.offers:
            key, same = offer.key, bool(own & offer.touches)
            if key in bought or not (same or key in worth) or menu.clashes((*rest, key)):
                continue
            new = menu.purchase((*rest, key))
            if new == bought or not menu.within(new, budget):
                continue
            if same:
                alike.append(new)
            if key in worth:
                found.append((worth[key] - worth.get(gone, 0.0), new))
    return [*alike[:_ALIKE], *(new for _, new in sorted(found, key=lambda entry: -entry[0])[:_ONE_MORE])]
