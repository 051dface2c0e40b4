"""The map by days shows what the movement table says, counted here a second time with pandas."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.text import Text

from flanksim.draw.basemap import positions
from flanksim.draw.label_placement import Label, place_labels, spread
from flanksim.draw.style import DEADLINE, MODE_COLOURS
from flanksim.measure.traffic import Traffic
from flanksim.metrics.flow_map import Scale, _scale, map_days, read_days
from flanksim.scenario import Scenario
from flanksim.study.run import Run, simulate
from tests.draw.boxes import outside, overlaps, written

DAYS = (5.0, 10.0, 20.0, 30.0)


@pytest.fixture(scope="module")
def mini_run(mini: Scenario) -> Run:
    return simulate(mini, 1)


@pytest.fixture(scope="module")
def run(eastern_run: Run) -> Run:
    return eastern_run


def quantities(run: Run) -> dict[str, float]:
    return {serial.name: serial.quantity for serial in run.plan.serials}


def windows(days: tuple[float, ...]) -> list[tuple[float, float]]:
    """Hours of each panel: C+n ends at hour 24 (n + 1)."""
    ends = [24.0 * (day + 1) for day in days]
    return list(zip([0.0, *ends[:-1]], ends, strict=True))


def passed(run: Run, since: float, until: float) -> dict[str, float]:
    table = run.movements
    loaded = table[(table["kind"] == "travel") & (table["started"] > since) & (table["started"] <= until)]
    link = loaded["resource"].astype(str).str.split(":").str[0]
    pieces = loaded["serial"].astype(str).map(quantities(run))
    return {key: value for key, value in pieces.groupby(link).sum().items() if key}


@pytest.mark.slow
def test_width_is_what_passed_a_day(run: Run) -> None:
    """Each link of each panel is as wide as the quantity that pandas counts on it, on the figure's one scale."""
    panels = read_days(Traffic(run.scenario, run.outcome), DAYS)
    scale = _scale(run.scenario, panels)
    axes = map_days(run.scenario, run.outcome, DAYS)
    place = positions(run.scenario)
    seen = 0
    for panel, (since, until) in zip(axes.figure.axes, windows(DAYS), strict=False):
        counted = passed(run, since, until)
        for mode in ("rail", "road"):
            drawn = [c for c in panel.collections if isinstance(c, LineCollection) and c.get_label() == f"flow-{mode}"]
            wanted: dict[tuple[float, ...], float] = {}
            for key, pieces in counted.items():
                link = run.scenario.links[key]
                ends = (*place[link.from_node], *place[link.to_node])
                west, east = panel.get_xlim()
                if link.mode == mode and all(west <= x <= east for x in ends[::2]):
                    wanted[ends] = wanted.get(ends, 0.0) + pieces
            got = {
                tuple(np.asarray(segment).ravel().tolist()): width
                for collection in drawn
                for segment, width in zip(collection.get_segments(), collection.get_linewidths(), strict=True)
            }
            for ends, pieces in wanted.items():
                per_day = pieces / ((until - since) / 24.0)
                assert got[ends] == pytest.approx(0.35 + 5.0 * (per_day / scale.flow) ** 0.5, rel=1e-9)
                seen += 1
            assert all(c.get_colors()[0][:3] == pytest.approx(_rgb(MODE_COLOURS[mode])) for c in drawn)
    assert seen > 500


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))


@pytest.mark.slow
def test_flights_carry_every_passenger(run: Run) -> None:
    table = run.movements
    flown = table[(table["kind"] == "travel") & (table["resource"] == "") & table["started"].notna()]
    expected = flown["serial"].astype(str).map(quantities(run)).sum()
    flights = Traffic(run.scenario, run.outcome).passed(0.0, np.inf)
    assert sum(value for key, value in flights.items() if key.startswith("air:")) == pytest.approx(expected)
    assert all(re.fullmatch(r"air:A_\w+>A_\w+", key) for key in flights if key.startswith("air"))


@pytest.mark.slow
@pytest.mark.parametrize("day", [15, 20, 30, 45])
def test_waiting_serials_are_those_that_asked_and_were_not_admitted(run: Run, day: int) -> None:
    hour = 24.0 * (day + 1)
    table = run.movements
    idle = ["empty_run", "outage", "ready", "permission", "rest", "breakdown", "closed_hours"]
    asked = table[(table["serial"] != "") & (table["resource"] != "") & ~table["kind"].isin(idle)]
    until = asked["started"].fillna(run.plan.horizon_h)
    there = asked[(asked["requested"] <= hour) & (until > hour) & (until > asked["requested"] + 1e-9)]
    counted = len(there)
    moving = there[~there["serial"].astype(str).str.contains(" supply ")]["serial"]
    assert not moving.duplicated().any()  # nobody waits for two things at once, so rows are serials
    waiting = Traffic(run.scenario, run.outcome).waiting(hour)
    assert sum(waiting.values()) == counted > 0
    # At a port or terminal the place stands in the resource's name: count those by it.
    at = there["resource"].astype(str)
    for place in ("P_BPT", "J_NUE"):
        here = there[at.str.endswith(f":{place}") | at.str.contains(f":{place}>")]["serial"].count()
        assert waiting.get(place, 0) >= here


def test_circles_are_the_queues(mini_run: Run) -> None:
    ground = Traffic(mini_run.scenario, mini_run.outcome)
    axes = map_days(mini_run.scenario, mini_run.outcome, DAYS)
    panels = read_days(ground, DAYS)
    largest = max(count for panel in panels for count in panel.waiting.values())
    for panel, day in zip(axes.figure.axes, DAYS, strict=False):
        waiting = ground.waiting(24.0 * (day + 1))
        circles = sorted(line.get_markersize() / 2 for line in panel.lines if line.get_label() == "queue")
        assert circles == pytest.approx(sorted(17.0 * (count / largest) ** 0.5 for count in waiting.values()))
    assert any(ground.waiting(24.0 * (day + 1)) for day in DAYS)


@pytest.mark.slow
def test_closed_troops_are_those_of_the_units_table(run: Run) -> None:
    units = run.units
    axes = map_days(run.scenario, run.outcome, DAYS)
    for panel, day in zip(axes.figure.axes, DAYS, strict=False):
        closed = units[units["closed_day"] <= day].groupby("assembly")["troops"].sum()
        marks = {line.get_label() for line in panel.lines if str(line.get_label()).startswith("closed-")}
        assert marks == {f"closed-{place}" for place in closed.index}
        said = next(text.get_text() for text in panel.texts if "troops closed" in text.get_text())
        assert said == f"{closed.sum():,} of 300,000 troops closed"
    assert units[units["closed_day"] <= 30]["troops"].sum() > 50_000


def test_the_deadline_has_a_frame_and_a_name(mini_run: Run) -> None:
    axes = map_days(mini_run.scenario, mini_run.outcome, (10, 30, 40))
    framed = [any(spine.get_visible() for spine in panel.spines.values()) for panel in axes.figure.axes[:3]]
    assert framed == [False, True, False]
    (named,) = [text for panel in axes.figure.axes for text in panel.texts if "deadline" in text.get_text()]
    assert named.get_text() == "C+30 · the deadline"
    assert named.get_color() == DEADLINE


@pytest.mark.slow
def test_a_day_without_movement_says_what_is_waited_for(run: Run) -> None:
    table = run.movements
    hour = 24.0
    now = table[(table["requested"] <= hour) & (table["ended"] > hour)]
    units = now.groupby("kind", observed=True)["unit"].nunique()
    axes = map_days(run.scenario, run.outcome, (0.0, 10.0, 20.0, 30.0))
    said = " ".join(text.get_text() for text in axes.figure.axes[0].texts)
    assert f"{units['ready']} units are not ready" in said
    if "permission" in units:
        assert f"{units['permission']} wait for permission" in said


@pytest.mark.slow
def test_no_texts_overlap_or_leave_the_page(run: Run, mini_run: Run) -> None:
    for entry in (run, mini_run):
        for days in (DAYS, (15.0, 25.0, 30.0, 60.0)):
            axes = map_days(entry.scenario, entry.outcome, days)
            assert overlaps(axes) == []
            assert outside(axes) == []


@pytest.mark.slow
def test_no_codes_are_written(run: Run) -> None:
    axes = map_days(run.scenario, run.outcome, (15.0, 30.0))
    for text, _ in written(axes):
        assert not re.search(
            r"\b(?:[A-Z]_[A-Z]{3}|[LRST]\d{3})\b|:", text.replace("flank:", "").replace("network:", "")
        )


def test_the_table_holds_the_same_numbers(mini_run: Run) -> None:
    table = mini_run.map(days=DAYS)
    assert isinstance(table, pd.DataFrame)
    for day, (since, until) in zip(DAYS, windows(DAYS), strict=True):
        rows = table[(table["day"] == day) & (table["what"] == "pieces_per_day")].set_index("where")["value"]
        for link, pieces in passed(mini_run, since, until).items():
            assert rows[link] == pytest.approx(pieces / ((until - since) / 24.0))


def test_a_crowd_of_labels_is_thinned_and_never_overlaps(mini_run: Run) -> None:
    axes = map_days(mini_run.scenario, mini_run.outcome, (30,))
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    for text in list(axes.texts):
        text.remove()
    middle = ((west + east) / 2, (south + north) / 2)
    crowd = [Label(f"Place {n}", middle[0] + n, middle[1] + n, 4.0) for n in range(80)]
    kept = place_labels(axes, crowd, size=9)
    assert 3 <= len(kept) < 80
    assert crowd[0] in kept
    assert overlaps(axes) == []
    assert sum(isinstance(text, Text) and text.get_text().startswith("Place") for text in axes.texts) == len(kept)


def test_spread_keeps_order_gap_and_mean() -> None:
    wanted = [3.0, 1.0, 1.1, 1.2, 9.0]
    found = spread(wanted, 1.0)
    order = np.argsort(wanted, kind="stable")
    placed = np.array(found)[order]
    assert (np.diff(placed) >= 1.0 - 1e-9).all()
    assert found[4] == 9.0
    assert np.mean(found[:4]) == pytest.approx(np.mean(wanted[:4]))  # those pushed apart keep their centre


def test_areas_compare() -> None:
    scale = Scale(flow=1000.0, waiting=50.0, closed=10_000.0)
    assert (scale.wait_radius(40) / scale.wait_radius(10)) ** 2 == pytest.approx(4.0)
    assert (scale.closed_side(9000) / scale.closed_side(1000)) ** 2 == pytest.approx(9.0)
