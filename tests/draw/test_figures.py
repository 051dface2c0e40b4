"""Figures say what they should: the deadline, the units, the names, and nothing outside the frame."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.path import Path as MatplotlibPath

from flanksim.activities import CAUSES, STATES, State, Why
from flanksim.draw.basemap import Frame, frame_of, land, outlines, positions
from flanksim.draw.style import BASELINE, save
from flanksim.measure.critical import by_cause
from flanksim.metrics.closure import closure_curve
from flanksim.metrics.cost_effectiveness import cost_effectiveness
from flanksim.metrics.critical_path import bottlenecks
from flanksim.metrics.journey import COLOURS, journey
from flanksim.metrics.queues import queue_heat_map
from flanksim.metrics.spending_curve import spending_curve
from flanksim.metrics.surface import surface
from flanksim.scenario import Scenario
from flanksim.scenario.naming import element, lift, readable
from flanksim.study.run import Run, simulate
from tests.draw.boxes import outside, overlaps, written


def test_closure_curve_shows_deadline_units_and_provenance(mini: Scenario, tmp_path: Path) -> None:
    runs = [simulate(mini, seed) for seed in (1, 2, 3)]
    axes = closure_curve(runs[0].plan, [run.outcome.closed_h for run in runs], title="Mini")
    texts = [text.get_text() for text in axes.texts]
    assert "C+30" in texts
    assert "overall" in texts
    assert "9,000 required" in texts
    assert axes.get_xlabel() == "days after C-day"
    assert axes.get_ylabel() == "troops in closed units, thousands"
    assert mini.digest in axes.figure.get_supxlabel()
    png, svg = save(axes, tmp_path, "closure")
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "<svg" in svg.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["closure.png", "closure.svg"]


def test_the_curve_ends_at_the_troops_that_closed(mini: Scenario) -> None:
    run = simulate(mini, 1)
    axes = closure_curve(run.plan, [run.outcome.closed_h])
    line = axes.lines[0].get_ydata()
    assert np.isclose(line[-1], 9.0)
    assert line[0] == 0.0
    assert (np.diff(line) >= 0).all()


def test_projection_keeps_area() -> None:
    """A degree cell near the pole and one in the south: areas on the map are in the ratio of those on the sphere."""
    frame = Frame((52.0, 18.0), (-1.0, 1.0, -1.0, 1.0))

    def area(lat: float) -> float:
        x, y = frame.project(np.array([lat, lat, lat + 1, lat + 1]), np.array([20.0, 21.0, 21.0, 20.0]))
        return 0.5 * abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))))

    def sphere(lat: float) -> float:
        return float(6371.0**2 * np.radians(1) * (np.sin(np.radians(lat + 1)) - np.sin(np.radians(lat))))

    for lat in (40.0, 55.0, 70.0):
        assert np.isclose(area(lat), sphere(lat), rtol=2e-3)


def test_outlines_cover_the_world() -> None:
    points = np.vstack(outlines())
    assert points.min(axis=0) == pytest.approx([-180, -90])
    assert points.max(axis=0) == pytest.approx([180, 83.6])


@pytest.mark.parametrize(
    ("name", "lat", "lon", "ashore"),
    [("Kansas", 38.5, -98.0, True), ("Poland", 52.0, 19.0, True), ("Queensland", -22.0, 144.0, True),
     ("Viti Levu", -17.8, 178.0, True), ("Gulf of Alaska", 55.0, -145.0, False), ("Coral Sea", -17.0, 152.0, False)],
)  # fmt: skip
def test_the_land_lies_where_it_is(name: str, lat: float, lon: float, ashore: bool) -> None:
    """A frame about a point, on any side of the Earth and the date line: the point lies within an outline, or not."""
    frame = Frame((lat, lon), (-800.0, 800.0, -800.0, 800.0))
    inside = [MatplotlibPath(ring).contains_point((0.0, 0.0)) for ring in land(frame, frame.extent, 1.0)]
    assert any(inside) is ashore, name


def test_a_scenario_without_a_frame_has_one_round_its_places() -> None:
    places = {"nodes": {"a": {"lat": -18.0, "lon": 178.5}, "b": {"lat": -13.5, "lon": -172.5}}}
    scenario = Scenario(name="dateline", **places)  # type: ignore[arg-type]
    frame = frame_of(scenario)
    assert frame.centre[0] == pytest.approx(-15.8, abs=0.2)
    assert abs(frame.centre[1]) > 176
    assert all(frame.holds(point) for point in positions(scenario).values())
    west, east, south, north = frame.extent
    assert 1000 < east - west < 1400
    assert 500 < north - south < 800


def test_bottlenecks_before_and_after() -> None:
    one = bottlenecks({"lift": 3.0, "border": 1.0}, deadline_days=2)
    assert [text.get_text() for text in one.get_yticklabels()] == ["border", "lift"]
    assert {text.get_text() for text in one.texts} >= {"4 days together", "C+2 allows 3"}
    assert one.get_xlabel() == "days on the critical path"
    # What only the change brings stands where its size puts it, and bars are as long as they say.
    two = bottlenecks({"a": 2.0, "c": 1.0}, {"b": 5.0}, names=("today", "tomorrow"))
    assert [text.get_text() for text in two.get_yticklabels()] == ["c", "a", "b"]
    assert {text.get_text() for text in two.texts} >= {"today: 3 days", "tomorrow: 5 days", "2.0", "5.0"}
    grey = [bar.get_width() for bar in two.patches if bar.get_facecolor()[:3] == pytest.approx(_rgb(BASELINE))]
    assert sorted(grey) == [0.0, 1.0, 2.0]


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))


def test_a_journey_is_as_long_as_the_life_of_its_serials() -> None:
    run = simulate("corridor-mini", 1)
    strip = journey(run.outcome, run.plan.units[0].unit_id)
    boxes = [path.get_extents() for collection in strip.collections for path in collection.get_paths()]
    drawn = sum(box.width for box in boxes)
    serials = sum(entry.unit == 0 and entry.final for entry in run.plan.serials)
    shown = len({round(box.y0, 6) for box in boxes})
    assert drawn == pytest.approx(shown * run.outcome.closed_h[0] / 24, rel=1e-9)
    assert 0 < shown <= serials + 2  # the unit's own path, and what it waited for
    assert "C+30" in strip.get_xlabel()
    with pytest.raises(KeyError):
        journey(run.outcome, "nobody")


@pytest.mark.slow
def test_the_heat_map_counts_who_waits_at_noon(eastern_run: Run) -> None:
    run = eastern_run
    words = partial(element, run.scenario)
    axes = queue_heat_map(run.outcome, 20, words)
    names = [label.get_text() for label in axes.get_yticklabels()]
    grid = np.nan_to_num(np.asarray(axes.images[0].get_array().filled(0.0)))
    table = run.movements
    at_server = ("load", "unload", "berth", "border", "gauge_change", "service", "integration")
    server = next(entry.name for entry in run.plan.servers if words(entry.name) in names)
    pool = next(entry.name for entry in run.plan.pools if f"lift: {lift(run.scenario, entry.name)}" in names)
    link = next(key for key in run.scenario.links if words(key) in names)
    for name, kind, resource in (
        (words(server), at_server, server),
        (f"lift: {lift(run.scenario, pool)}", ("lift",), pool),
        (words(link), ("travel",), link),
    ):
        mine = table[(table["resource"] == resource) & table["kind"].isin(kind) & (table["serial"] != "")]
        until = mine["started"].fillna(run.plan.horizon_h)
        row = grid[names.index(name)]
        for day in range(len(row)):
            noon = 24.0 * day + 12.0
            assert row[day] == ((mine["requested"] <= noon) & (until > noon)).sum(), (name, day)
        assert row.max() > 0


def figures(run: Run) -> dict[str, Axes]:
    """One of each figure of a run, with tables of the shape that studies give for the others."""
    causes = {readable(cause, run.scenario): hours / 24 for cause, hours in by_cause(run.critical_path()).items()}
    spans = {name: (days * 0.8, days * 1.3) for name, days in causes.items()}
    units = [run.plan.units[0].unit_id, run.plan.units[-1].unit_id]
    return {
        "closure": closure_curve(run.plan, [run.outcome.closed_h], title="Closure", seed=1),
        "bottlenecks": bottlenecks(causes, deadline_days=30, spans=spans),
        "before and after": bottlenecks(
            causes, {name: days / 2 + 1 for name, days in causes.items()}, deadline_days=30
        ),
        "queues": queue_heat_map(run.outcome, 20, partial(element, run.scenario)),
        **{f"journey {unit}": journey(run.outcome, unit) for unit in units},
        "surface": surface(SURFACE, 30.0, "Surface", "note"),
        "curve": spending_curve(SURFACE, 30.0, "Curve", "note"),
        "value": cost_effectiveness(VALUE, "note", 30.0),
    }


SURFACE = pd.DataFrame(
    [
        {
            "infrastructure_share": share,
            "year": year,
            "mobility_fraction": fraction,
            "closure_day": 100.0 - 10 * share * fraction,
            "closure_day_low": 95.0,
            "closure_day_high": 105.0 + share,
            "on_time_share": 0.4,
        }
        for share in (0.0, 1.5, 2.0)
        for year in (2026, 2030, 2035)
        for fraction in (0.05, 0.12, 0.25)
    ]
)
VALUE = pd.DataFrame(
    [
        {"alternative": "today", "verdict": "baseline", "closure_day": 110.0, "cost_bn_eur": 0.0},
        *(
            {
                "alternative": f"alternative number {number}",
                "verdict": "sooner",
                "closure_day": 100.0,
                "cost_bn_eur": 3.0 + number % 3,
                "difference_days": -1.0 - 0.05 * number,
                "difference_days_low": -2.0,
                "difference_days_high": 0.5 - 0.2 * number,
            }
            for number in range(9)
        ),
    ]
)


@pytest.mark.parametrize("name", ["eastern", "mini"])
def test_no_figure_writes_over_itself_or_off_the_page(name: str, eastern_run: Run) -> None:
    for title, axes in figures(eastern_run if name == "eastern" else simulate("corridor-mini", 1)).items():
        assert overlaps(axes) == [], title
        assert outside(axes) == [], title


def test_every_figure_shows_the_deadline(eastern_run: Run) -> None:
    for title, axes in figures(eastern_run).items():
        lines = [line for panel in axes.figure.axes for line in panel.lines if line.get_label() == "deadline"]
        said = [text for text, _ in written(axes) if "C+30" in text]
        assert said, title
        if title.split()[0] in ("closure", "queues", "journey"):
            (line,) = lines
            assert set(line.get_xdata()) == {30.0}, title
        if title == "curve":
            assert set(lines[0].get_ydata()) == {30.0}


@pytest.mark.slow
def test_no_figure_writes_codes(eastern_run: Run) -> None:
    code = re.compile(r"\b[A-Z]_[A-Z]{3,4}\b|\b[LRST]\d{3}\b|sealift_|rail_heavy|_")
    for title, axes in figures(eastern_run).items():
        assert [text for text, _ in written(axes) if code.search(text)] == [], title


def test_value_says_how_many_days_the_deadline_needs() -> None:
    (said,) = [text.get_text() for text in cost_effectiveness(VALUE, "", 30.0).texts if "C+30" in text.get_text()]
    assert said == "C+30 needs 80 days saved"
    near = VALUE.assign(closure_day=31.0)
    axes = cost_effectiveness(near, "", 30.0)
    (line,) = [line for line in axes.lines if line.get_label() == "deadline"]
    assert set(line.get_ydata()) == {1.0}


def test_an_svg_is_short_and_keeps_its_picture(eastern_run: Run, tmp_path: Path) -> None:
    _, svg = save(closure_curve(eastern_run.plan, [eastern_run.outcome.closed_h]), tmp_path, "closure")
    text = svg.read_text()
    assert not re.search(r' d="[^"]*\.\d{3}', text)
    assert len(re.findall(r"\bid=\"([^\"]*)\"", text)) == len(set(re.findall(r"\bid=\"([^\"]*)\"", text)))


def test_the_rows_above_a_journey_are_the_units_own_path_and_what_it_waited_for() -> None:
    """Each from C-day to the closure; the own path in the states of the last arrival, the other in colours for all."""
    run = simulate("corridor-mini", 1)
    unit = run.plan.units[0].unit_id
    strip = journey(run.outcome, unit)
    assert [label.get_text() for label in strip.get_yticklabels()] == ["what it waited for", "its own path"]
    rows: dict[float, float] = {}
    for collection in strip.collections:
        for box in (path.get_extents() for path in collection.get_paths()):
            rows[round(box.y0 + 0.43, 6)] = rows.get(round(box.y0 + 0.43, 6), 0.0) + box.width
    for place in strip.get_yticks():
        assert rows[place] == pytest.approx(run.outcome.closed_h[0] / 24, rel=1e-9)
    own = by_cause(run.critical_path(unit))
    # What is drawn alike is added up: a load that waits for the rest of its ship waits for lift too.
    alike = CAUSES[Why.LIFT].drawn
    lift = sum(hours for cause, hours in own.items() if CAUSES[cause.kind].drawn == alike)
    orange = next(collection for collection in strip.collections if collection.get_label() == "waiting for lift")
    top = max(strip.get_yticks())
    drawn = sum(p.get_extents().width for p in orange.get_paths() if abs(p.get_extents().y0 + 0.43 - top) < 1e-6)
    assert drawn * 24 == pytest.approx(lift, abs=1e-6)
    # Whatever time is blamed on has a colour, and so has every state but that of goods that were passed on.
    assert {CAUSES[kind].drawn for kind in Why if kind is not Why.PASSED_ON} == set(COLOURS)
    assert {CAUSES[STATES[state].cause].drawn for state in State if state is not State.PASSED_ON} == set(COLOURS)
