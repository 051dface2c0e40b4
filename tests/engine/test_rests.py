"""Rests follow from the hours that a crew has driven, wherever links and segments begin and end."""

from __future__ import annotations

import pytest

from flanksim.planning.driving import Crew
from tests.conftest import BARE, closure_hour, tiny

#: 50 km/h without halts, ten hours a day at the wheel; one serial, so that nothing queues.
RESTING = BARE.replace("march_rest: false", "march_rest: true")
PARAMETERS = (
    "{close_share: 1, travel_factor_road: 1, halt_minutes_per_2_hours: 0, march_hours_per_day: 10,"
    " het_hours_per_day: 10, vehicles_per_train: 99, march_serial_vehicles: 99, ramp_hours_per_train: 0,"
    " het_load_hours: 0}"
)


def march(kilometres: list[float]) -> float:
    """Hours of one serial over a road cut into links of these lengths."""
    links = "\n".join(
        f"  l{n}: {{from_node: n{n}, to_node: n{n + 1}, mode: road, length_km: {km}, speed_typical_kmh: 50}}"
        for n, km in enumerate(kilometres)
    )
    return closure_hour(
        tiny(
            f"parameters: {PARAMETERS}\nlinks:\n{links}\n"
            f"units:\n  u: {{home_node: n0, assembly_node: n{len(kilometres)}, wheeled: 5}}\n",
            RESTING,
        )
    )


@pytest.mark.parametrize(
    ("km", "want"),
    [(400, 8.0), (500, 10.0), (600, 12.0 + 14.0), (1000, 20.0 + 14.0), (1050, 21.0 + 28.0)],
)
def test_where_links_begin_makes_no_difference(km: float, want: float) -> None:
    for cut in ([km], [km - 1, 1], [1, km - 1], [km / 2, km / 2], [km / 7] * 7, [km / 3, 0.001, km * 2 / 3 - 0.001]):
        assert march(cut) == pytest.approx(want, abs=1e-4), cut
    if km > 500:
        assert march([500, km - 500]) == pytest.approx(want)


@pytest.mark.parametrize(("train_h", "rests"), [(1.0, 1), (13.9, 1), (14.0, 0), (30.0, 0)])
def test_a_crew_remembers_its_hours_over_a_ride_shorter_than_its_rest(train_h: float, rests: int) -> None:
    for links in (1, 2):
        rail = "\n".join(
            f"  r{n}: {{from_node: {'b' if n == 0 else 'm'}, to_node: {'c' if n == links - 1 else 'm'}, mode: rail,"
            f" tracks: 2, travel_hours: {train_h / links}}}"
            for n in range(links)
        )
        hour = closure_hour(
            tiny(
                f"""
parameters: {PARAMETERS}
links:
  one: {{from_node: a, to_node: b, mode: road, length_km: 300, speed_typical_kmh: 50}}
{rail}
  two: {{from_node: c, to_node: d, mode: road, length_km: 300, speed_typical_kmh: 50}}
facilities:
  b: {{place: b, kind: rail_terminal}}
  c: {{place: c, kind: rail_terminal}}
fleets:
  sets: {{kind: train, pool: sets, carries: wheeled, count_typical: 1, capacity: 99, home_node: b}}
units:
  u: {{home_node: a, assembly_node: d, wheeled: 5}}
""",
                RESTING,
            )
        )
        assert hour == pytest.approx(6 + train_h + 6 + rests * 14)


def test_crews_of_transporters_rest_on_their_way_back() -> None:
    # 300 km there is 6 h, back is 6 h with a rest of 14 h: the second load of ten leaves at 26 h and is there at 32 h.
    hour = closure_hour(
        tiny(
            f"""
parameters: {{{PARAMETERS[1:-1]}, vehicles_per_het_serial: 10, heavy_self_drive_km: 1}}
links:
  one: {{from_node: a, to_node: b, mode: road, length_km: 300, speed_typical_kmh: 50}}
fleets:
  het: {{kind: het, pool: het, carries: heavy, count_typical: 10, group_size: 10, capacity: 10, home_node: a}}
units:
  u: {{home_node: a, assembly_node: b, heavy: 20}}
""",
            RESTING,
        )
    )
    assert hour == pytest.approx(32.0)


def test_rest_is_due_only_before_driving_on() -> None:
    crew = Crew()
    assert crew.rest_within(10.0, 10.0) == 0.0
    assert crew.rest_before(0.0, 10.0) == 0.0
    assert crew.rest_before(0.5, 10.0) == 14.0
    assert crew.rest_within(0.5, 10.0) == 0.0
