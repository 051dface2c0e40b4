"""Figures say what they should: the deadline, the units, the names, and nothing outside the frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from flanksim.draw.bottlenecks import bottlenecks
from flanksim.draw.closure import closure_curve
from flanksim.draw.journey import journey
from flanksim.draw.map import link_flow, network_map, outlines, project
from flanksim.draw.queues import queue_heat_map
from flanksim.draw.style import save
from flanksim.scenario import Scenario
from flanksim.study.run import simulate


def test_closure_curve_shows_deadline_units_and_provenance(mini: Scenario, tmp_path: Path) -> None:
    runs = [simulate(mini, seed) for seed in (1, 2, 3)]
    axes = closure_curve(runs[0].plan, [run.outcome.closed_h for run in runs], title="Mini")
    texts = [text.get_text() for text in axes.texts]
    assert "C+30" in texts
    assert "overall" in texts
    assert "9,000 required" in texts
    assert axes.get_xlabel() == "days since C-day"
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


def test_map_draws_every_link_between_known_places(mini: Scenario) -> None:
    run = simulate(mini, 1)
    flow = link_flow(run.movements)
    assert sum(flow.values()) > 0
    axes = network_map(mini, flow)
    drawn = sum(
        len(collection.get_segments()) for collection in axes.collections if hasattr(collection, "get_segments")
    )
    used_sea = sum(1 for key, link in mini.links.items() if link.mode == "sea" and flow.get(key))
    assert drawn == sum(link.mode != "sea" for link in mini.links.values()) + used_sea


def test_projection_keeps_area() -> None:
    """A degree cell near the pole and one in the south: areas on the map are in the ratio of those on the sphere."""

    def area(lat: float) -> float:
        x, y = project(np.array([lat, lat, lat + 1, lat + 1]), np.array([20.0, 21.0, 21.0, 20.0]))
        return 0.5 * abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))))

    def sphere(lat: float) -> float:
        return float(6371.0**2 * np.radians(1) * (np.sin(np.radians(lat + 1)) - np.sin(np.radians(lat))))

    for lat in (40.0, 55.0, 70.0):
        assert np.isclose(area(lat), sphere(lat), rtol=2e-3)


def test_outlines_cover_europe() -> None:
    points = np.vstack(outlines())
    assert points[:, 0].min() < -9
    assert points[:, 1].max() > 70


def test_bottlenecks_journey_and_queues_say_what_they_show() -> None:
    run = simulate("corridor-mini", 1)
    one = bottlenecks({"lift": 3.0, "border": 1.0})
    assert [text.get_text() for text in one.get_yticklabels()] == ["border", "lift"]
    assert {text.get_text() for text in bottlenecks({"a": 2.0}, {"b": 1.0}).texts} >= {"before", "after", "2.0", "1.0"}
    assert one.get_xlabel() == "days on the critical path"
    unit = run.plan.units[0].unit_id
    strip = journey(run.plan, run.outcome, unit)
    # Strips are as long as the lives of their serials: they sum to serials x closure.
    drawn = sum(bar.get_width() for bar in strip.patches)
    serials = sum(entry.unit == 0 and entry.final for entry in run.plan.serials)
    shown = len({round(bar.get_y(), 6) for bar in strip.patches})
    assert drawn == pytest.approx(shown * run.outcome.closed_h[0] / 24, rel=1e-9)
    assert shown <= serials
    assert "C+30" in strip.get_xlabel()
    with pytest.raises(KeyError):
        journey(run.plan, run.outcome, "nobody")
    assert queue_heat_map(run.plan, run.outcome).get_xlabel().startswith("days after C-day")
