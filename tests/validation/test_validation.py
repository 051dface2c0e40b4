"""Recorded moves beside simulated ones: what is measured, how the two are compared, and what comes out of it."""

from __future__ import annotations

import datetime
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import flanksim as fs
from flanksim import FlanksimError, loads
from flanksim.cli import app
from flanksim.engine.simulate import simulate_plan
from flanksim.network.worlds import triangle, world, worlds
from flanksim.planning.compile import compile_plan
from flanksim.scenario import Scenario
from flanksim.scenario.recorded import Observed
from flanksim.scenario.rows import Row
from flanksim.scenario.tables import TABLES
from flanksim.validation.case import Range, Result, middle, range_of, run_case, verdict
from flanksim.validation.metrics import measured
from flanksim.validation.suite import Validation, blocks, cases, validate
from flanksim.validation.yardsticks import section, yardsticks
from tests.conftest import BARE

#: Two ships of 100 lane-m and 25 vehicles of 10: loaded at two a hour, sailing 24 h; then by road for 4 h.
SEA = (
    BARE
    + """
parameters:
  {berth_pieces_per_hour: 2, port_working_hours_per_day: 24, handling_factor: 1, lane_m_per_vehicle: 10, close_share: 1,
   travel_factor_sea: 1, travel_factor_road: 1, port_exit_hours_per_serial: 0, march_unit_gap_minutes: 0}
nodes: {a: {kind: port}, b: {kind: port}, c: {}}
links:
  lane: {from_node: a, to_node: b, mode: sea, travel_hours: 24}
  road: {from_node: b, to_node: c, mode: road, length_km: 100, speed_typical_kmh: 25}
facilities:
  berth-a: {place: a, kind: berth, servers_typical: 1}
  berth-b: {place: b, kind: berth, servers_typical: 1}
fleets:
  ships: {kind: ship, pool: s, carries: [wheeled], count_typical: 3, capacity: 100, capacity_unit: lane_m, home_node: a}
units: {u: {home_node: a, assembly_node: c, wheeled: 20, ready_day: 1}}
recorded:
  {id: T1, title: a test, source: none, tag: A, confidence: L, observed: {metric: serials, by: sea, unit: ships, low: 2, high: 2}}
"""  # noqa: E501
)


def observed(metric: str, unit: str = "hours", **fields: Any) -> Observed:
    return Observed(metric=metric, unit=unit, low=1, high=2, **fields)  # type: ignore[arg-type]


def test_a_call_takes_time_whatever_the_ship_carries() -> None:
    """Six hours a call: 11 h at each berth in place of 5; ship 2 begins to load when ship 1 is done."""
    log = simulate_plan(
        compile_plan(
            loads(SEA.replace("{berth_pieces_per_hour: 2,", "{berth_pieces_per_hour: 2, berth_hours_per_call: 6,"))
        ),
        1,
    )
    assert measured(log, observed("loading", by="sea")) == pytest.approx(11)
    assert measured(log, observed("discharging", by="sea")) == pytest.approx(11)
    assert measured(log, observed("moving", by="sea")) == pytest.approx(22 + 24 + 11)


@pytest.mark.parametrize(
    ("metric", "fields", "hours"),
    [
        # Ship 1 loads 0 to 5 h after readiness, ship 2 5 to 10 h; each sails 24 h and discharges in 5 h.
        ("serials", {"by": "sea"}, 2),
        ("pieces_a_serial", {"by": "sea"}, 10),
        ("loading", {"by": "sea"}, 5),
        ("at_sea", {"by": "sea"}, 24),
        ("port_to_port", {"by": "sea"}, 29),
        ("discharging", {"by": "sea"}, 5),
        ("on_the_way", {"by": "sea"}, 34),
        ("outloading", {"by": "sea"}, 10),
        ("moving", {"by": "sea"}, 39),
        ("serials_a_day", {"by": "sea"}, 24 * 2 / 39),
        ("pieces_a_day", {"by": "sea"}, 24 * 20 / 39),
        ("arriving", {}, 43),
        ("closing", {}, 43),
        # Ten vehicles come off together at 34 and at 39 h; both columns leave at once.
        ("clearing", {"at": "b"}, 10),
        ("on_the_way", {"by": "road"}, 4),
        ("serials", {"by": "road", "at": "c"}, 2),
    ],
)
def test_what_is_measured_is_what_one_counts_by_hand(metric: str, fields: dict[str, Any], hours: float) -> None:
    log = simulate_plan(compile_plan(loads(SEA)), 1)
    assert measured(log, observed(metric, **fields)) == pytest.approx(hours, abs=0.05)


def test_days_are_hours_over_24() -> None:
    log = simulate_plan(compile_plan(loads(SEA)), 1)
    hours, days = (measured(log, observed("at_sea", unit, by="sea")) for unit in ("hours", "days"))
    assert hours == 24 * days


def test_what_was_not_done_by_the_horizon_is_never() -> None:
    scenario = loads(SEA.replace("name: tiny", "name: tiny\nquestion: {horizon_days: 1.5, deadline_days: 1}"))
    log = simulate_plan(compile_plan(scenario), 1)
    assert math.isnan(measured(log, observed("arriving")))
    assert measured(log, observed("closing")) == math.inf
    assert range_of([math.nan, 1.0, math.nan]).median == math.inf


# ---- how they are compared -----------------------------------------------------------------------


def result(simulated: Range, low: float, high: float, role: str = "predicted", name: str = "T1") -> Result:
    text = SEA.replace("low: 2, high: 2", f"low: {low}, high: {high}").replace("id: T1", f"id: {name}, role: {role}")
    scenario = loads(text)
    assert scenario.recorded is not None
    return Result(scenario.name, scenario.digest, None, scenario.recorded, simulated, simulated)


def test_the_verdict_and_the_ratio_by_hand() -> None:
    seen = Observed(metric="closing", unit="days", low=4, high=9)
    assert middle(seen) == 6
    assert verdict(seen, Range(1, 4, 20)) == "inside"
    assert verdict(seen, Range(9, 12, 15)) == "overlaps"
    assert verdict(seen, Range(1, 2, 4)) == "overlaps"
    assert verdict(seen, Range(9.1, 12, 15)) == "miss"
    assert verdict(seen, Range(math.inf, math.inf, math.inf)) == "miss"
    assert result(Range(10, 12, 15), 4, 9).ratio == 2


def test_the_summary_counts_predicted_cases_alone() -> None:
    made = [
        result(Range(3, 3, 3), 4, 9),  # half
        result(Range(6, 6, 6), 4, 9),  # as recorded
        result(Range(20, 24, 30), 4, 9),  # four times
        result(Range(600, 600, 600), 4, 9, "calibrated"),
    ]
    summary = Validation(tuple(made), 2, 0.0).summary
    assert summary["predicted"] == 3
    assert summary["overlaps"] == 1
    assert summary["median_abs_log_ratio"] == pytest.approx(math.log(2))
    assert summary["worst_ratio"] == pytest.approx(4)


def test_a_case_that_is_never_done_is_off_without_end_in_words_and_null_in_json() -> None:
    never = Range(5, math.inf, math.inf)
    found = Validation((result(never, 4, 9), result(Range(6, 6, 6), 4, 9, name="T2")), 2, 0.0)
    told = found.as_json()
    assert told["cases"][0]["simulated"] == {"p05": 5.0, "median": None, "p95": None}
    assert told["cases"][0]["ratio"] is None
    assert told["summary"]["worst_ratio"] is None
    assert "NaN" not in json.dumps(told)
    assert "Infinity" not in json.dumps(told)
    assert blocks(found)


def test_quantiles_are_interpolated() -> None:
    assert range_of([float(number) for number in range(21)]) == Range(1.0, 10.0, 19.0)


# ---- worlds --------------------------------------------------------------------------------------


def test_a_triangular_quantile_by_hand() -> None:
    assert triangle(0, 2, 4, 0.125) == pytest.approx(1)  # F(x) = x^2 / 8 on the left
    assert triangle(1, 1, 3, 0.75) == pytest.approx(2)
    assert (triangle(1, 2, 5, 0.0), triangle(1, 2, 5, 1.0)) == (1, 5)


def test_worlds_draw_every_part_of_a_triple_once(mini: Scenario) -> None:
    rows = {"mine": {"low": 0.0, "typical": 1.0, "high": 2.0, "meaning": "a number of mine"}}
    text = f"{{flanksim: 1, name: own, extends: corridor-mini, parameters: {json.dumps(rows)}}}"
    values = sorted(entry.value("mine") for entry in worlds(loads(text), 8, 1))
    edges = [triangle(0, 1, 2, part / 8) for part in range(9)]
    assert all(low <= value <= high for low, value, high in zip(edges, values, edges[1:], strict=False))


def test_rows_of_a_class_share_a_draw_and_unused_rows_change_none() -> None:
    text = "{flanksim: 1, name: own, extends: corridor-mini, fleets: {%s}}"
    one = "heavy-flats: {count_low: 90, count_high: 270}, ro-ro: {count_low: 1, count_high: 5}"
    two = f"{one}, spare: {{kind: train, pool: spare, carries: heavy, count_low: 100, count_typical: 200, count_high: 300, capacity: 30, home_node: HAJ}}"  # noqa: E501
    first, second = (next(worlds(loads(text % rows), 5, 7)) for rows in (one, two))
    assert first.fleets["heavy-flats"] == second.fleets["heavy-flats"]
    assert first.fleets["ro-ro"] == second.fleets["ro-ro"]
    assert second.fleets["spare"].count_typical == pytest.approx(
        200 / 180 * second.fleets["heavy-flats"].count_typical, rel=0.12
    )


def test_the_middle_world_of_even_triples_is_the_scenario(mini: Scenario) -> None:
    found = world(mini, lambda _: 0.5)
    ships = {key for key, row in mini.fleets.items() if row.kind == "ship"}
    assert {key: found.fleets[key] for key in ships} == {key: mini.fleets[key] for key in ships}  # without low and high


def test_everything_with_a_low_and_a_high_value_is_drawn() -> None:
    """All but money, works and the repair of outages, which no recorded move has."""
    apart = {"economies", "projects", "levers", "effects", "outages"}
    uncertain = {name for name, (model, _) in TABLES.items() if any("typical" in field for field in model.model_fields)}
    high = world(fs.load("eastern-flank"), lambda _: 1.0)
    for name in uncertain - apart:
        rows = [row for row in getattr(high, name).values() if isinstance(row, Row)]
        for row in rows:
            for field in type(row).model_fields:
                top = getattr(row, field.replace("typical", "high"), None)
                if "typical" in field.split("_") and top is not None and name != "unit_types":
                    assert getattr(row, field) == pytest.approx(top), (name, field)


def test_trains_are_as_long_as_the_parameter_for_what_they_carry(mini: Scenario) -> None:
    found = world(mini, lambda name: 1.0 if name == "parameters heavy_vehicles_per_train typical" else 0.5)
    row, wide = mini.fleets["heavy-flats"], found.parameters["heavy_vehicles_per_train"]
    assert row.carries[0] == "heavy"
    assert wide.typical == mini.parameters["heavy_vehicles_per_train"].high
    assert found.fleets["heavy-flats"].capacity == pytest.approx(
        row.capacity * wide.typical / mini.value("heavy_vehicles_per_train")
    )


# ---- all of them ---------------------------------------------------------------------------------


def test_a_case_runs_and_says_what_it_found(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(SEA, encoding="utf-8")
    found = validate([str(path)], 3, jobs=1, results=tmp_path / "results")
    (only,) = found.as_json()["cases"]
    assert {key: only[key] for key in ("id", "unit", "verdict", "ratio", "role")} == {
        "id": "T1", "unit": "ships", "verdict": "inside", "ratio": 1.0, "role": "predicted",
    }  # fmt: skip
    assert only["observed"] == {"low": 2, "high": 2}
    assert set(only["simulated"]) == {"p05", "median", "p95"}
    assert found.folder is not None
    names = {entry.name for entry in found.folder.iterdir()}
    assert {"validation.json", "validation.txt", "validation.md", "validation.png", "validation.parquet"} <= names
    assert json.loads((found.folder / "validation.json").read_text())["summary"] == found.summary


def test_a_case_is_the_same_whatever_stands_beside_it(tmp_path: Path) -> None:
    one = run_case(loads(SEA), 2)
    two = run_case(loads(SEA.replace("id: T1", "id: T9")), 2)
    assert (one.simulated, one.chance) == (two.simulated, two.chance)


def test_the_command_prints_json_and_its_exit_code_can_be_trusted(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(SEA.replace("low: 2, high: 2", "low: 7, high: 8"), encoding="utf-8")
    tail = [str(path), "-n", "2", "-j", "1", "--results", str(tmp_path / "results")]
    done = CliRunner().invoke(app, ["validate", "--json", *tail])
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert set(told["summary"]) == {"predicted", "overlaps", "median_abs_log_ratio", "worst_ratio"}
    assert set(told["cases"][0]) >= {"id", "title", "unit", "observed", "simulated", "ratio", "role", "verdict", "why"}
    strict = CliRunner().invoke(app, ["validate", "--strict", "--page", str(tmp_path / "page.md"), *tail])
    assert strict.exit_code == 3
    assert "T1" in (tmp_path / "page.md").read_text(encoding="utf-8")
    assert (tmp_path / "figures" / "validation.png").is_file()


def test_a_record_that_cannot_be_measured_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FlanksimError, match="E531"):
        run_case(loads(SEA.replace("by: sea", "by: rail")), 2)
    with pytest.raises(FlanksimError, match="E530"):
        run_case(loads(SEA.split("recorded:")[0]), 2)
    with pytest.raises(FlanksimError, match="E532") as caught:
        validate("R100000", 2)
    assert caught.value.problems[0].hint
    with pytest.raises(FlanksimError, match="E107"):
        loads(SEA.replace("metric: serials", "metric: closing"))


@pytest.mark.slow
def test_the_shipped_cases_have_what_they_need() -> None:
    found = {name: fs.load(path) for name, path in cases().items()}
    records = [scenario.recorded for scenario in found.values() if scenario.recorded]
    assert len(records) >= 30
    assert [record.id for record in records if record.role == "calibrated"] == ["R01", "R24b"]
    assert all(record.weight >= 2 and record.source for record in records)
    europe = fs.load("eastern-flank").parameters
    assert {name for record in records for name in record.informs} <= set(europe)
    of = [(record.observed.metric, record.observed.by) for record in records]
    assert sum(by == "sea" for _, by in of) >= 8
    assert sum(metric in ("clearing", "outloading") for metric, _ in of) >= 4
    assert sum(by == "air" for _, by in of) >= 3
    assert sum(by == "road" for _, by in of) >= 4
    assert sum(by == "rail" for _, by in of) >= 4


def test_files_of_cases_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    for name, text in (("a", SEA), ("b", SEA), ("c", SEA.split("recorded:")[0])):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FlanksimError) as caught:
        cases(tmp_path)
    assert [(problem.code, problem.where) for problem in caught.value.problems] == [
        ("E530", "b.yaml"),
        ("E530", "c.yaml"),
    ]


def test_the_case_of_the_docs_is_one(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "cases.md").read_text(encoding="utf-8")
    first, *_, record = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "column.yaml"
    path.write_text(first + record, encoding="utf-8")
    (only,) = validate([str(path)], 2, jobs=1).results
    assert only.id == "R21"
    assert only.c_day == datetime.date(2017, 1, 9)
    assert 0 < only.simulated.median < 10


def test_yardsticks_stand_beside_the_answer() -> None:
    lines = section(fs.run("corridor-mini", 2, jobs=1))
    assert lines[2].startswith("`corridor-mini` (2 runs, medians): ")
    assert len([line for line in lines if line.startswith("| ")]) == 1 + len(yardsticks())
    assert all(row["tag"] in "LRDA" and row["source"] for row in yardsticks())


def test_cases_that_informed_a_number_are_told_apart() -> None:
    text = SEA.replace("id: T1", "id: T2, informs: [berth_pieces_per_hour]")
    made = [run_case(loads(entry), 2) for entry in (SEA, text)]
    found = Validation(tuple(made), 2, 0.0)
    assert (found.summary["predicted"], found.independent["predicted"]) == (2, 1)


def test_nothing_in_the_case_of_1990_is_of_europe() -> None:
    scenario = fs.load(cases()["R03"])
    assert set(scenario.nodes) == {"STEWART", "SAV", "DAM", "TAA"}
    assert set(scenario.fleets) == {"fss", "roro", "flats", "hets", "coaches", "aircraft"}
