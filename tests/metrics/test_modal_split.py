"""Which way things moved: pieces times kilometres, counted by hand."""

from __future__ import annotations

import pytest
from matplotlib.axes import Axes

import flanksim as fs
from flanksim.scenario.geometry import great_circle_km
from tests.conftest import tiny

MIXED = """
nodes: {a: {lat: 0, lon: 0}, b: {lat: 0, lon: 3}, c: {lat: 0, lon: 20}}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, length_km: 300, speed_typical_kmh: 50, headway_hours: 0}
  road: {from_node: b, to_node: c, mode: road, length_km: 100, speed_typical_kmh: 50, headway_hours: 0}
units:
  u: {home_node: a, assembly_node: c, wheeled: 80}
"""


def test_pieces_times_kilometres_by_mode() -> None:
    table = fs.simulate(tiny(MIXED)).modal_split().set_index("mode")
    assert table.loc["rail", "piece_km"] == pytest.approx(80 * 300)
    assert table.loc["road", "piece_km"] == pytest.approx(80 * 100)
    assert table.loc["rail", "share"] == pytest.approx(0.75)


def test_soldiers_are_counted_apart_and_flights_by_the_great_circle() -> None:
    run = fs.simulate("corridor-mini", seed=1)
    table = run.modal_split()
    assert table.groupby("load")["share"].sum().tolist() == pytest.approx([1.0, 1.0])
    air = table[table["mode"] == "air"]
    assert set(air["load"]) == {"soldiers"}
    nodes, flights = run.scenario.nodes, run.movements[run.movements["element"] == "troops"]
    flown = flights[(flights["kind"] == "travel") & (flights["resource"] == "")]
    a, b = nodes["MCH"], nodes["WAW"]
    assert air["moves"].item() == len(flown)
    assert air["piece_km"].item() == pytest.approx(3500 * great_circle_km(a.lat, a.lon, b.lat, b.lon))


def test_a_run_and_a_study_draw_it() -> None:
    assert isinstance(fs.simulate("corridor-mini", seed=1).modal_split.plot(), Axes)
    study = fs.run("corridor-mini", 2, jobs=1)
    assert isinstance(study.modal_split.plot(), Axes)
    assert len(study.modal_split()) > 0
