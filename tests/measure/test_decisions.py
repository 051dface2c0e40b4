"""Selection, computing budget, value of information and global sensitivity against enumeration and closed forms."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from flanksim.measure.global_sensitivity import morris_effects, morris_points, sobol_points, sobol_shares
from flanksim.measure.information import value_of_knowing, value_of_perfect_information
from flanksim.measure.selection import FIRST_ROWS, ocba, select_best


def test_the_best_of_clearly_different_alternatives_is_selected_at_once_and_of_noisy_ones_not() -> None:
    draws = np.random.default_rng(1)
    clear = draws.normal([30.0, 20.0, 40.0], 1.0, (60, 3))
    found = select_best(clear, 0.5)
    assert (found.best, found.left, found.rows) == (1, (1,), FIRST_ROWS)
    noisy = draws.normal([30.0, 30.0], 10.0, (60, 2))
    found = select_best(noisy, 0.5)
    assert found.best is None
    assert found.left == (0, 1)
    assert found.needed > found.rows == 60
    assert select_best(clear[: FIRST_ROWS - 1], 0.5).best is None


def test_rows_after_the_decision_do_not_change_it() -> None:
    draws = np.random.default_rng(2)
    rows = draws.normal([30.0, 29.0, 31.0], 1.0, (300, 3))
    found = select_best(rows, 0.5)
    assert found.best == 1
    assert found == select_best(rows[: found.rows], 0.5)
    assert select_best(rows[: found.rows - 1], 0.5).best is None


def test_what_runs_share_does_not_blur_the_choice() -> None:
    draws = np.random.default_rng(3)
    shared = draws.normal(0.0, 10.0, (30, 1))
    assert select_best(shared + draws.normal([30.0, 28.0], 0.1, (30, 2)), 0.5).best == 1
    apart = draws.normal([30.0, 28.0], 10.0, (30, 2))
    assert select_best(apart, 0.5).best is None


def test_with_less_confidence_more_selections_are_wrong_than_five_in_a_hundred() -> None:
    """The limit of V47 is one that a worse procedure does not keep."""
    draws = np.random.default_rng(18)
    studies = [draws.normal([30.5, 30.0, 30.5], 1.0, (300, 3)) for _ in range(1000)]
    wrong = [sum(select_best(rows, 0.5, confidence).best != 1 for rows in studies) for confidence in (0.95, 0.5)]
    assert wrong[0] <= 0.05 * len(studies) < wrong[1]


def test_budget_goes_where_ratios_of_the_paper_say() -> None:
    """Runs of two that are not best are as their squared ratios of deviation and gap; of the best by the root."""
    means, deviations = [5.0, 7.0, 8.0, 11.0], [1.0, 2.0, 1.5, 3.0]
    runs = ocba(means, deviations, 500)
    assert runs.sum() == pytest.approx(500)
    for i, j in product((1, 2, 3), repeat=2):
        ratio = (deviations[i] / (means[i] - 5)) ** 2 / (deviations[j] / (means[j] - 5)) ** 2
        assert runs[i] / runs[j] == pytest.approx(ratio)
    assert runs[0] == pytest.approx(math.sqrt(sum((runs[i] / deviations[i]) ** 2 for i in (1, 2, 3))))
    assert ocba([1.0, 1.0], [1.0, 1.0], 10, indifference=0.5).tolist() == pytest.approx([5.0, 5.0])
    assert ocba([1.0, 2.0], [0.0, 0.0], 10).tolist() == [5.0, 5.0]


def test_information_is_worth_what_enumeration_says() -> None:
    """Two numbers, known or not: the best choice for each value of what is known, by hand over all four cases."""
    cases = list(product((0, 1), repeat=2))
    days = np.array([[30 + 10 * x, 36 + 2 * y - 4 * x, 33 + 6 * y] for x, y in cases], dtype=float)
    unknowing = min(days.mean(axis=0))
    knows_all = float(np.mean([min(row) for row in days]))
    assert value_of_perfect_information(days) == pytest.approx(unknowing - knows_all)
    for column in (0, 1):
        parts = [days[[n for n, case in enumerate(cases) if case[column] == value]] for value in (0, 1)]
        knows_one = float(np.mean([min(part.mean(axis=0)) for part in parts]))
        known = value_of_knowing(days, [case[column] for case in cases], 2)
        assert known == pytest.approx(unknowing - knows_one)
        assert 0 <= known <= value_of_perfect_information(days)
    weights = [0.4, 0.3, 0.2, 0.1]
    by_hand = min(np.array(weights) @ days) - sum(w * min(row) for w, row in zip(weights, days, strict=True))
    assert value_of_perfect_information(days, weights) == pytest.approx(by_hand)


def test_of_a_sum_morris_gives_the_factors_and_sobol_their_squares() -> None:
    factors = np.array([1.0, -2.0, 0.0, 4.0])
    points = morris_points(4, 6, seed=3)
    effects = morris_effects(points, (points @ factors).tolist(), seed=3)
    assert [effect.mean for effect in effects] == pytest.approx(factors)
    assert [effect.size for effect in effects] == pytest.approx(abs(factors))
    assert [effect.spread for effect in effects] == pytest.approx([0.0] * 4)
    design = sobol_points(4, 2048, seed=3)
    variance, shares = sobol_shares((design @ factors).tolist(), 4, seed=3)
    assert variance == pytest.approx((factors**2).sum() / 12, rel=0.01)
    parts = factors**2 / (factors**2).sum()
    assert [share.first for share in shares] == pytest.approx(parts, abs=0.02)
    assert [share.total for share in shares] == pytest.approx(parts, abs=0.02)


def test_an_answer_that_never_moves_has_no_shares() -> None:
    variance, shares = sobol_shares([7.0] * len(sobol_points(2, 8, seed=1)), 2, seed=1)
    assert variance == 0.0
    assert {share.total for share in shares} == {0.0}
    points = morris_points(2, 4, seed=1)
    assert {effect.size for effect in morris_effects(points, [7.0] * len(points), seed=1)} == {0.0}
