"""Offers and the best list of them: against enumeration, closed forms and known normal problems."""

from __future__ import annotations

import math
import random
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import norm

from flanksim.measure.best_lists import search
from flanksim.measure.offers import Menu, Offer, Purchase, shapley
from flanksim.measure.selection import Rival, chance_of_right_choice, further_pairs, rival
from flanksim.measure.statistics import Interval


def menu(cost: dict[str, float], needs: dict[str, str] | None = None, excluded: tuple[str, ...] = ()) -> Menu:
    """Offers of these costs, cheap ones first; some need another one, two exclude each other."""
    given = {key: frozenset({key, *((needs or {}).get(key, ""))} - {""}) for key in cost}
    offers = tuple(Offer(key, given[key]) for key in sorted(cost, key=lambda key: cost[key]))
    return Menu(
        offers, {key: (value,) * 3 for key, value in cost.items()}, frozenset({frozenset(excluded)} - {frozenset()})
    )


def drawn(seed: int, most: int = 8) -> tuple[Menu, random.Random]:
    draw = random.Random(seed)
    keys = "abcdefgh"[: draw.randint(4, most)]
    cost = {key: round(draw.uniform(0.5, 5), 2) for key in keys}
    needs = {keys[-1]: keys[0]} if draw.random() < 0.4 else {}
    return menu(cost, needs, tuple(keys[1:3]) if draw.random() < 0.3 else ()), draw


def test_what_several_need_is_paid_once_and_what_comes_with_it_is_named() -> None:
    found = menu({"a": 1.0, "b": 2.0, "c": 4.0}, {"b": "a", "c": "a"})
    assert found.purchase("b") == ("a", "b")
    assert found.price(found.purchase("bc")) == 7.0
    assert found.without(("a", "b", "c"), "a") == ()
    assert found.without(("a", "b", "c"), "c") == ("a", "b")


def test_a_lever_with_a_price_pays_for_the_projects_in_it() -> None:
    offers = (Offer("a", frozenset("a")), Offer("b", frozenset("b")), Offer("all", frozenset({"all", "a", "b"}), True))
    found = Menu(offers, {"a": (1, 1, 1), "b": (2, 2, 2), "all": (2.5, 2.5, 2.5)})
    assert found.purchase(["a", "all"]) == ("all",)
    assert found.price(("all",)) == 2.5
    assert found.purchases(2.5, 99) == [(), ("a",), ("b",), ("all",)]
    assert found.best({"a": 1.0, "b": 1.0, "all": 3.0}, {}, 3.0) == ("all",)


@pytest.mark.parametrize("seed", range(30))
def test_the_program_gives_what_enumeration_gives(seed: int) -> None:
    found, draw = drawn(seed)
    worth = {offer.key: draw.uniform(-1, 3) for offer in found.offers}
    keys = [offer.key for offer in found.offers]
    together = {pair: draw.uniform(-2, 2) for pair in combinations(keys, 2) if draw.random() < 0.4}

    def gain(bought: Purchase) -> float:
        pairs = sum(more for pair, more in together.items() if set(pair) <= set(bought))
        return sum(worth[key] for key in bought) + pairs

    for budget in (2.0, 5.0, 9.0):
        every = found.purchases(budget, 10**6)
        assert every is not None
        ordered = sorted(map(gain, every), reverse=True)
        best = found.best(worth, together, budget)
        assert best is not None
        assert gain(best) == pytest.approx(ordered[0], abs=1e-4)
        second = found.best(worth, together, budget, [best])
        if len(every) > 1:
            assert second is not None
            assert gain(second) == pytest.approx(ordered[1], abs=1e-4)


def test_every_purchase_is_found_and_no_other() -> None:
    for seed in range(20):
        found, _ = drawn(seed)
        keys = [offer.key for offer in found.offers]
        subsets = {found.purchase(chosen) for size in range(len(keys) + 1) for chosen in combinations(keys, size)}
        wanted = {bought for bought in subsets if found.within(bought, 6.0)}
        assert set(found.purchases(6.0, 10**6) or ()) == wanted
        assert found.purchases(6.0, len(wanted) - 1) is None


def _truth(draw: random.Random, keys: list[str]) -> dict[str, list[float]]:
    return {key: [3 * draw.random() if draw.random() < 0.6 else 0.0 for _ in range(4)] for key in keys}


def test_where_more_helps_less_and_less_the_search_mostly_finds_the_best_with_few_questions() -> None:
    """Four needs, of each the root of what is bought for it: the true gain is no sum of gains alone."""
    missed = asked = possible = 0
    for seed in range(20):
        found, draw = drawn(seed)
        parts = _truth(draw, [offer.key for offer in found.offers])
        known: dict[Purchase, float] = {}

        def gain(bought: Purchase, parts: dict[str, list[float]] = parts) -> float:
            return sum(math.sqrt(sum(parts[key][need] for key in bought)) for need in range(4))

        def ask(lists: list[Purchase], known: dict[Purchase, float] = known) -> list[Interval]:
            assert not known.keys() & set(lists), "nothing is asked twice"
            known.update({bought: gain(bought) for bought in lists})
            return [Interval(*(known[bought],) * 3) for bought in lists]

        every = found.purchases(9.0, 10**6) or []
        result = search(found, [2.0, 5.0, 9.0], ask, min(30, len(every) - 1))  # type: ignore[arg-type]
        assert not result.whole
        for budget in (2.0, 5.0, 9.0):
            best = max(gain(bought) for bought in every if found.within(bought, budget))
            missed += gain(result.best(budget)) < best - 1e-9
        asked, possible = asked + len(known), possible + len(every)
    assert missed <= 0.03 * 60
    assert asked < 0.75 * possible


def test_where_few_lists_can_be_bought_all_are_asked() -> None:
    found = menu({"a": 1.0, "b": 2.0})
    result = search(found, [9.0], lambda lists: [Interval(0, 0, 0) for _ in lists], 4)
    assert result.whole
    assert set(result.gains) == {(), ("a",), ("b",), ("a", "b")}
    assert result.best(9.0) == (), "what gains nothing is not bought"


def test_shapley_by_orders_and_their_sum() -> None:
    """Gloves: one left, two right ones; a pair is worth 1 (Shapley 1953): 2/3, 1/6, 1/6."""
    found = shapley(("l", "r", "s"), lambda chosen: float("l" in chosen and len(chosen) > 1))
    assert found == pytest.approx({"l": 2 / 3, "r": 1 / 6, "s": 1 / 6})
    draw = random.Random(3)
    keys = tuple("abcde")
    value = {frozenset(c): draw.random() for size in range(1, 6) for c in combinations(keys, size)} | {frozenset(): 0.0}
    assert sum(shapley(keys, value.__getitem__).values()) == pytest.approx(value[frozenset(keys)])


def test_the_chance_of_a_right_choice_of_two_normals_is_the_closed_form() -> None:
    """Mean difference d with deviation s over n pairs: one less the normal tail beyond the indifference."""
    for better, indifference in ((-0.02, 0.0), (0.01, 0.03), (-0.01, 0.01)):
        one = Rival(better, 1.0, 10_000)
        wanted = norm.cdf((indifference - better) * 100)
        assert chance_of_right_choice([one], indifference) == pytest.approx(wanted, abs=1e-4)
    assert chance_of_right_choice([Rival(-1.0, 0.0, 2)], 0.0) == 1.0
    assert chance_of_right_choice([Rival(1.0, 0.0, 2)], 0.5) == 0.0


def test_who_stops_when_the_chance_suffices_chooses_rightly_as_often_as_that() -> None:
    """Three normals, the best better by what matters; runs share most of their chance."""
    generator = np.random.default_rng(5)
    right, rounds, count = 0, 0, 300
    for _ in range(count):
        shared = generator.normal(0, 3, (400, 1))
        draws = shared + generator.normal([0.3, 0.0, 0.0], 1.0, (400, 3))
        for runs in (20, 40, 80, 160, 320):
            seen = draws[:runs]
            best = int(seen.mean(axis=0).argmax())
            rivals = [rival(seen[:, n], seen[:, best]) for n in range(3) if n != best]
            if chance_of_right_choice(rivals, 0.15) >= 0.95 or runs == 320:
                right += best == 0
                rounds += runs
                break
    assert right >= (0.95 - 2 * math.sqrt(0.95 * 0.05 / count)) * count
    assert rounds < 320 * count, "it stops before all runs are made"


def test_further_pairs_go_where_it_is_hard_to_tell() -> None:
    hard, easy = Rival(-0.1, 1.0, 10), Rival(-0.4, 1.0, 10)
    assert further_pairs([hard, easy], 0.0, 170) == [160, 10]
    assert further_pairs([Rival(-1.0, 0.0, 10)], 0.0, 50) == [0]
