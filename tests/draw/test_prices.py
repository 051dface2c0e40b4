"""The map of what one more takes off the bound: area is days, names are words, and where there is none it says so."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from flanksim import load
from flanksim.bounds.ladder import ladder
from flanksim.bounds.rungs import Gain, Ladder, Relief
from flanksim.metrics.prices import price_map
from flanksim.scenario import Scenario
from tests.draw.boxes import outside, overlaps, written

#: Of all kinds of place: links with and without direction, ports, borders, lift, and one overseas.
PRICES = (
    Gain("berth:P_BPT", "server", "servers", 2.0, "berth", 1.0, 3.1),
    Gain("L172", "gate", "trains_per_day", 20.0, "train path a day", 1.0, 0.6),
    Gain("L125:J_LEJ>J_COT", "gate", "trains_per_day", 50.0, "train path a day each way", 1.0, 1.25),
    Gain("berth:P_BRV", "server", "servers", 5.0, "berth", 1.0, 2.5),
    Gain("border_rail:L076", "server", "servers", 2.0, "lane for trains at the border", 1.0, 0.9),
    Gain("sealift_atlantic_rrf", "fleet", "groups", 10.0, "ship", 1.0, 0.7),
)


@pytest.fixture(scope="module")
def shipped(eastern: Scenario) -> Ladder:
    """Its volume bound is set by three ports together, a hair above free flow."""
    return ladder(eastern, groups=False)


@pytest.fixture(scope="module")
def found(shipped: Ladder) -> Ladder:
    return replace(shipped, prices=PRICES)


@pytest.mark.slow
def test_area_is_the_days_by_which_the_bound_falls(eastern: Scenario, found: Ladder) -> None:
    axes = price_map(eastern, found)
    marks = sorted(
        line.get_markersize() ** 2 for line in axes.lines if line.get_label() == "price"
    )  # on the map; lift and what lies overseas are in the table
    here = sorted(gain.days for gain in PRICES[1:5])
    assert len(marks) == len(here)
    assert [mark / marks[-1] for mark in marks] == pytest.approx([days / here[-1] for days in here])
    # Beaumont falls most, so the largest mark on the map is smaller than the largest allowed.
    assert max(marks) == pytest.approx((2 * 22.0) ** 2 * here[-1] / 3.1)


@pytest.mark.slow
def test_names_and_values_are_written_in_words(eastern: Scenario, found: Ladder) -> None:
    texts = [text for text, _ in written(price_map(eastern, found))]
    assert "Rail Suwalki-Mockava/Sestokai: 0.6 days" in texts
    assert "Berths of Bremerhaven: 2.5 days" in texts
    assert {"Berths of Beaumont TX", "3.1", "US Ready Reserve Force ro-ros", "0.7"} <= set(texts)
    assert not any(re.search(r"\b[A-Z]_[A-Z]{3}\b|\b[LRST]\d{3}\b|sealift_", text) for text in texts)
    assert any("the deadline is C+30" in text for text in texts)
    (units,) = [text for text in texts if text.startswith("one more: ")]
    assert "berth, lane for trains at the border, ship, train path a day" in units
    assert "days off the bound are not days off the arrival" in units


@pytest.mark.slow
def test_the_mark_stands_in_the_middle_of_its_link(eastern: Scenario, found: Ladder) -> None:
    from flanksim.draw.basemap import positions

    place = positions(eastern)
    axes = price_map(eastern, replace(found, prices=PRICES[1:2]))
    (mark,) = [line for line in axes.lines if line.get_label() == "price"]
    link = eastern.links["L172"]
    ends = (place[link.from_node], place[link.to_node])
    assert mark.get_xdata()[0] == pytest.approx((ends[0][0] + ends[1][0]) / 2)
    assert mark.get_ydata()[0] == pytest.approx((ends[0][1] + ends[1][1]) / 2)


def test_lift_alone_is_a_table() -> None:
    mini = load("corridor-mini", {"fleets": {"ro-ro": {"count_typical": 1}}})
    bound = ladder(mini, groups=False, ahead=2)
    assert [price.kind for price in bound.prices] == ["fleet"]
    texts = [text for text, _ in written(price_map(mini, bound))]
    assert f"{bound.prices[0].days:.1f}" in texts
    for relief in bound.reliefs:
        assert f"C+{relief.volume:.1f}" in texts


@pytest.mark.slow
def test_free_flow_is_said_where_nothing_has_a_price() -> None:
    south = load("plan-south")
    bound = ladder(south, groups=False)
    assert bound.binding[0] == "free_flow"
    assert not bound.prices
    texts = " ".join(text for text, _ in written(price_map(south, bound)))
    assert "no single capacity is worth half a day to this bound." in texts
    assert "Even if nobody waited for anybody" in texts
    unit = south.units[bound.binding[1]]
    assert unit.name.removesuffix(" (notional)") in texts


@pytest.mark.slow
def test_what_sets_the_bound_is_said_where_nothing_takes_half_a_day_off(eastern: Scenario, shipped: Ladder) -> None:
    """Three ports set it together, and no berth more takes half a day off: neither mark nor number."""
    ports = ("berth:P_BPT", "berth:P_POA", "berth:P_CRP")
    reliefs = (Relief(ports[0], "servers", 2.0, 38.9),)
    bound = replace(shipped, prices=(), untried=0, binding=("volume", ports[0]), together=ports, reliefs=reliefs)
    axes = price_map(eastern, bound)
    texts = " ".join(" ".join(text for text, _ in written(axes)).split())
    assert "no single capacity is worth half a day to this bound." in texts
    assert "set by berths of Beaumont TX, berths of Port Arthur TX and berths of Corpus Christi TX together" in texts
    assert not [line for line in axes.lines if line.get_label() == "price"]
    assert overlaps(axes) == []
    assert outside(axes) == []


@pytest.mark.slow
def test_no_texts_overlap(eastern: Scenario, found: Ladder, mini: Scenario) -> None:
    crowded = [
        Gain(f"berth:{key.place}", "server", "servers", 4.0, "berth", 1.0, 0.5 + 0.005 * number)
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
