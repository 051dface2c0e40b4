"""The page's map: names that stand free, and the strip of what comes from beyond the edges."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

import flanksim as fs
from flanksim.draw.basemap import frame_of, positions
from flanksim.report.context import Context
from flanksim.report.interactive_map import flow_map
from flanksim.report.map_words import names
from flanksim.report.sea_inset import lanes_beyond, sea_inset
from flanksim.scenario.map_frame import frame_round


@pytest.mark.parametrize("seed", range(5))
def test_names_never_stand_on_each_other_and_the_first_one_always_stands(seed: int) -> None:
    draw = random.Random(seed)
    places = [(draw.uniform(0, 900), draw.uniform(0, 900), "x" * draw.randint(3, 14)) for _ in range(60)]
    found = re.findall(
        r'<text x="(-?\d+)" y="(-?\d+)" font-size="40" class="(start|end)">(x+)<', str(names(places, 40, 12))
    )
    assert 4 < len(found) <= 12
    assert found[0][3] == places[0][2]
    boxes = []
    for x, y, side, name in found:
        wide = 0.58 * 40 * len(name)
        left = int(x) - (wide if side == "end" else 0)
        boxes.append((left, int(y) - 40, left + wide, int(y) + 4))
    for number, one in enumerate(boxes):
        for other in boxes[:number]:
            assert one[0] >= other[2] - 2 or other[0] >= one[2] - 2 or one[1] >= other[3] - 2 or other[1] >= one[3] - 2


def test_the_strip_has_the_lanes_that_leave_the_map_and_no_others() -> None:
    scenario = fs.load("eastern-flank")
    frame, at = frame_of(scenario), positions(scenario)
    across = next(k for k, row in scenario.links.items() if (row.from_node, row.to_node) == ("P_CRP", "P_BRV"))
    unused = next(k for k, row in scenario.links.items() if (row.from_node, row.to_node) == ("P_BPT", "P_NHA"))
    sea = [key for key, row in scenario.links.items() if row.mode == "sea"]
    inside = next(
        key
        for key in sea
        if all(frame.holds(at[e]) for e in (scenario.links[key].from_node, scenario.links[key].to_node))
    )
    rail = next(key for key, row in scenario.links.items() if row.mode == "rail")
    passed = {across: [[3, 100], [9, 400]], inside: [[1, 50]], rail: [[1, 900]]}
    lanes = lanes_beyond(scenario, passed)
    assert lanes == {across: ("P_CRP", "P_BRV")}
    assert unused not in lanes
    svg = str(sea_inset(scenario, passed, lanes, {across: 7.5}))
    (arc,) = re.findall(rf'<path id="i-{across}" class="m-sea" d="M(-?\d+) (-?\d+)Q\S+ \S+ (-?\d+) (-?\d+)"', svg)
    assert 'stroke-width="7.5"' in svg
    assert ">Corpus Christi TX</text>" in svg
    ends = [scenario.nodes[key] for key in ("P_CRP", "P_BRV")]
    lat, lon = (np.array([getattr(end, name) for end in ends], dtype=float) for name in ("lat", "lon"))
    east, north = frame_round(lat, lon).project(lat, lon)
    drawn = np.array(arc, dtype=float)
    slope = (drawn[3] - drawn[1]) / (drawn[2] - drawn[0])
    assert slope == pytest.approx(-(north[1] - north[0]) / (east[1] - east[0]), abs=0.01)
    assert drawn[0] < drawn[2], "America is on the left"


def test_without_lanes_beyond_the_edges_there_is_no_strip_and_the_slider_begins_at_the_deadline(
    context: Context,
) -> None:
    found = flow_map(context)
    assert found.inset == ""
    assert found.start == context.scenario.question.deadline_days
