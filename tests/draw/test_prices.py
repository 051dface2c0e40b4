"""The map of prices: area is what a tenth more saves, names are words, and free flow is said where it binds."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from flanksim import load
from flanksim.bounds.ladder import Ladder, ladder
from flanksim.bounds.volume import Price
from flanksim.draw.prices import days_saved, price_map
from flanksim.scenario import Scenario
from tests.draw.boxes import outside, overlaps, written

#: Prices of all kinds of place: links with and without direction, ports, borders, lift, and one overseas.
PRICES = (
    Price("berth:P_BPT", "server", "servers", 2.0, 15.7),
    Price("L172", "gate", "trains_per_day", 20.0, 0.3),
    Price("L125:J_LEJ>J_COT", "gate", "trains_per_day", 50.0, 0.05),
    Price("berth:P_BRV", "server", "servers", 5.0, 0.5),
    Price("border_rail:L076", "server", "servers", 2.0, 0.9),
    Price("sealift_atlantic_rrf", "fleet", "groups", 10.0, 0.2),
)


@pytest.fixture(scope="module")
def found(eastern: Scenario) -> Ladder:
    return replace(ladder(eastern, groups=False), prices=PRICES)


def test_area_is_the_days_that_a_tenth_more_saves(eastern: Scenario, found: Ladder) -> None:
    axes = price_map(eastern, found)
    marks = sorted(
        line.get_markersize() ** 2 for line in axes.lines if line.get_label() == "price"
    )  # on the map; lift and what lies overseas are in the table
    here = sorted(p.days_per_unit * p.capacity * 0.1 for p in PRICES[1:5])
    assert len(marks) == len(here)
    assert [mark / marks[-1] for mark in marks] == pytest.approx([days / here[-1] for days in here])
    # Beaumont is the dearest, so the largest mark on the map is smaller than the largest allowed.
    assert max(marks) == pytest.approx((2 * 22.0) ** 2 * here[-1] / (15.7 * 2 * 0.1))


def test_names_and_values_are_written_in_words(eastern: Scenario, found: Ladder) -> None:
    texts = [text for text, _ in written(price_map(eastern, found))]
    assert "Rail Suwalki-Mockava/Sestokai: 0.6 days" in texts
    assert "Berths of Bremerhaven: 0.25 days" in texts
    assert {"Berths of Beaumont TX", "3.1", "US Ready Reserve Force ro-ros", "0.2"} <= set(texts)
    assert not any(re.search(r"\b[A-Z]_[A-Z]{3}\b|\b[LRST]\d{3}\b|sealift_", text) for text in texts)
    assert any("the deadline is C+30" in text for text in texts)


def test_the_mark_stands_in_the_middle_of_its_link(eastern: Scenario, found: Ladder) -> None:
    from flanksim.draw.ground import positions

    place = positions(eastern)
    axes = price_map(eastern, replace(found, prices=PRICES[1:2]))
    (mark,) = [line for line in axes.lines if line.get_label() == "price"]
    link = eastern.links["L172"]
    ends = (place[link.from_node], place[link.to_node])
    assert mark.get_xdata()[0] == pytest.approx((ends[0][0] + ends[1][0]) / 2)
    assert mark.get_ydata()[0] == pytest.approx((ends[0][1] + ends[1][1]) / 2)


def test_lift_alone_is_a_table(mini: Scenario) -> None:
    bound = ladder(mini, groups=False, ahead=2)
    assert [price.kind for price in bound.prices] == ["fleet"]
    texts = [text for text, _ in written(price_map(mini, bound))]
    assert f"{days_saved(bound.prices[0]):.2g}" in texts
    for relief in bound.reliefs:
        assert f"C+{relief.volume:.1f}" in texts


def test_free_flow_is_said_where_nothing_has_a_price() -> None:
    south = load("plan-south")
    bound = ladder(south, groups=False)
    assert bound.binding[0] == "free_flow"
    assert not bound.prices
    texts = " ".join(text for text, _ in written(price_map(south, bound)))
    assert "No capacity has a price here: free flow binds." in texts
    unit = south.units[bound.binding[1]]
    assert unit.name.removesuffix(" (notional)") in texts


def test_no_texts_overlap(eastern: Scenario, found: Ladder, mini: Scenario) -> None:
    crowded = [
        Price(f"berth:{key.place}", "server", "servers", 4.0, 0.1 + 0.001 * number)
        for number, (_, key) in enumerate(sorted(eastern.facilities.items()))
        if key.kind == "berth"
    ]
    assert len(crowded) > 50
    for prices in (PRICES, tuple(crowded), (*PRICES, *crowded)):
        axes = price_map(eastern, replace(found, prices=prices))
        assert overlaps(axes) == []
        assert outside(axes) == []
    axes = price_map(mini, ladder(mini, groups=False, ahead=3))
    assert overlaps(axes) == []
