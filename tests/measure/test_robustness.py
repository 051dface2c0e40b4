"""Regret, what is enough, what is worth knowing and where it fails: against hand enumeration and drawn boxes."""

from __future__ import annotations

import numpy as np
import pytest

from flanksim.measure.discovery import MOST, discover
from flanksim.measure.robustness import least_regret, most_often_enough, regrets, worth_knowing

#: Three worlds, three alternatives: the first best in the mean, the second never far off, the third often enough.
DAYS = [[20.0, 26.0, 29.0], [30.0, 31.0, 29.0], [45.0, 39.0, 42.0]]


def test_regrets_and_choices_are_those_of_hand_enumeration() -> None:
    by_hand = [[0, 6, 9], [1, 2, 0], [6, 0, 3]]
    assert regrets(DAYS).tolist() == by_hand
    assert [max(column) for column in zip(*by_hand, strict=True)] == [6, 6, 9]
    means = [sum(column) / 3 for column in zip(*DAYS, strict=True)]
    assert means == pytest.approx([95 / 3, 32, 100 / 3])
    assert least_regret(DAYS) == 0, "of two with a worst regret of 6 the one with the better mean"
    assert least_regret([[20, 25, 29], *DAYS[1:]]) == 1
    enough = [[day <= 30 for day in row] for row in DAYS]
    assert [sum(column) for column in zip(*enough, strict=True)] == [2, 1, 2]
    assert most_often_enough(enough, DAYS) == 0
    assert most_often_enough([[day <= 29 for day in row] for row in DAYS], DAYS) == 2


def test_the_number_on_which_the_choice_hangs_is_worth_knowing_and_no_other() -> None:
    """A is 8 days better where the number is low, 8 worse where it is high: known, it saves 4 days in the mean."""
    draws = np.random.default_rng(1)
    numbers = {f"n{column}": draws.permutation(40) / 40 for column in range(30)}
    high = numbers["n7"] >= 0.5
    days = np.column_stack([np.where(high, 48.0, 32.0), np.full(40, 40.0)]) + draws.normal(0, 1, (40, 1))
    found = worth_knowing(days, {name: values.tolist() for name, values in numbers.items()}, 4)
    assert found[0].name == "n7"
    assert found[0].worth == pytest.approx(4.0, abs=1.0)
    assert found[0].worth > found[0].by_chance > found[1].worth


def test_a_drawn_box_is_found_again_and_nothing_else() -> None:
    draws = np.random.default_rng(2)
    points = draws.random((400, 40))
    fails = (points[:, 3] < 0.4) & (points[:, 17] > 0.55)
    box = discover(points, fails)
    assert box is not None
    assert sorted(box.limits) == [3, 17]
    assert box.limits[3] == pytest.approx((0.0, 0.4), abs=0.03)
    assert box.limits[17] == pytest.approx((0.55, 1.0), abs=0.03)
    assert box.density >= 0.95
    assert box.coverage >= 0.95
    assert max(box.accident.values()) < 1e-6


def test_it_is_found_among_other_failures_too() -> None:
    draws = np.random.default_rng(3)
    points = draws.random((300, 60))
    fails = ((points[:, 5] > 0.6) & (points[:, 6] > 0.5)) | (draws.random(300) < 0.05)
    box = discover(points, fails)
    assert box is not None
    assert set(box.limits) == {5, 6}
    assert box.density > 0.85
    assert box.coverage > 0.7
    assert box.failed_inside == round(box.density * box.inside)


def test_of_failures_that_hang_on_nothing_nothing_is_said() -> None:
    draws, said = np.random.default_rng(4), 0
    for _ in range(30):
        said += discover(draws.random((40, 30)), draws.random(40) < 0.5) is not None
    assert said <= 5  # of 30 searches one or two are to be expected at most, and more than five in one of 300


def test_a_box_has_few_numbers_and_all_or_no_failures_have_none() -> None:
    draws = np.random.default_rng(5)
    points = draws.random((500, 6))
    box = discover(points, (points[:, :5] > 0.3).all(axis=1))
    assert box is not None
    assert len(box.limits) <= MOST
    assert discover(points, np.zeros(500, dtype=bool)) is None
    assert discover(points, np.ones(500, dtype=bool)) is None
