"""What a stronger bridge is worth to the bound, on ways whose hours are known."""

from __future__ import annotations

import pytest

from flanksim.bounds.ladder import ladder
from flanksim.text.bound import format_text
from tests.conftest import OPEN, tiny

TEXT = """
parameters: {{close_share: 1, march_serial_vehicles: 10, heavy_self_drive_km: 1000}}
links:
  near: {{from_node: a, to_node: b, mode: road, travel_hours: 10, max_mlc: {near}, length_km: 100}}
  far: {{from_node: a, to_node: b, mode: road, travel_hours: 34, max_mlc: 130, length_km: 300}}
units:
  u: {{home_node: a, assembly_node: b, heavy: 10, heaviest_mlc: 80}}
"""


def found(near: float) -> tuple[object, str]:
    scenario = tiny(TEXT.format(near=near), OPEN)
    bounds = ladder(scenario, ahead=1)
    return bounds, format_text(bounds, scenario)


def test_the_one_bridge_in_the_way_is_worth_the_detour() -> None:
    """By the far road 34 h, by the near one 10 h: a day and nothing else is what its bridge costs."""
    bounds, text = found(60)
    bridges = bounds.bridges  # type: ignore[attr-defined]
    assert bridges.days == pytest.approx(1.0)
    (single,) = bridges.single
    assert (single.element, single.max_mlc, single.days) == ("near", 60.0, pytest.approx(1.0))
    assert single.needed_mlc >= 80
    assert "one road or bridge stronger" in text


def test_where_the_way_is_open_no_bridge_moves_the_bound() -> None:
    bounds, text = found(130)
    assert bounds.bridges.days == 0.0  # type: ignore[attr-defined]
    assert bounds.bridges.single == ()  # type: ignore[attr-defined]
    said = " ".join(text.split())
    assert "no single one takes half a day off it" in said
    assert "may still bring the force in sooner" in said


def test_bridges_that_take_less_than_half_a_day_off_are_not_listed() -> None:
    """By the far road 14 h, by the near one 10 h: four hours are in the JSON, and no line of advice."""
    scenario = tiny(TEXT.format(near=60).replace("travel_hours: 34", "travel_hours: 14"), OPEN)
    bounds = ladder(scenario, ahead=1)
    assert bounds.bridges is not None
    assert [entry.days for entry in bounds.bridges.single] == [pytest.approx(4 / 24)]
    assert "one road or bridge stronger" not in format_text(bounds, scenario)
