"""Parts of the page against independent counts: map, path, ledger, projects, symbols, figures."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import flanksim as fs
from flanksim import Scenario
from flanksim.activities import Cause
from flanksim.investment.schedule_table import built
from flanksim.measure.critical import Piece
from flanksim.report import labels
from flanksim.report.context import Context
from flanksim.report.figures import READINGS, inline
from flanksim.report.interactive_map import clock, closures_by_step, flows
from flanksim.report.projects import projects_section
from flanksim.report.summary import families, reasons
from flanksim.report.symbols import ENTITIES, drawing, sidc
from flanksim.report.uncertainty import grouped
from flanksim.report.verdicts import run_verdict
from flanksim.report.why_late import shares_of_time, steps
from flanksim.scenario.parameters import PARAMETERS
from flanksim.scenario.rows import Unit
from flanksim.study.one_at_a_time import changes
from flanksim.study.page import context_of
from flanksim.units import deadline_hour
from tests.conftest import tiny
from tests.investment.conftest import WORLD, effect, project


def test_the_map_counts_what_the_movement_table_has(context: Context) -> None:
    run = fs.simulate(context.scenario, context.outcome.seed)
    quantity = {n: serial.quantity for n, serial in enumerate(context.plan.serials)}
    raw = run.outcome
    assert clock(context)[0] == 1  # a position of the slider is a day
    passed, handled = flows(context.outcome, *clock(context))
    rows = zip(
        raw["kind"].tolist(), raw["serial"].tolist(), raw["resource"].tolist(), raw["started"].tolist(), strict=True
    )
    sums: dict[str, float] = {}
    early: dict[str, float] = {}
    for kind, serial, resource, started in rows:
        if kind == 4 and serial >= 0 and resource >= 0 and not math.isnan(started):
            link = context.plan.gates[resource].name.split(":")[0]
            sums[link] = sums.get(link, 0.0) + quantity[serial]
            if started < 10 * 24:
                early[link] = early.get(link, 0.0) + quantity[serial]
    assert sums
    assert {key: pairs[-1][1] for key, pairs in passed.items()} == {key: round(value) for key, value in sums.items()}
    at_nine = {key: max((total for day, total in pairs if day <= 9), default=0) for key, pairs in passed.items()}
    assert {key: value for key, value in at_nine.items() if value} == {
        key: round(value) for key, value in early.items()
    }
    # without supply no load is handled twice in the same way at one place, however many batches it takes
    once = {
        (serial, kind, context.plan.servers[resource].name)
        for kind, serial, resource, started in zip(
            raw["kind"].tolist(), raw["serial"].tolist(), raw["resource"].tolist(), raw["started"].tolist(), strict=True
        )
        if kind in (3, 5) and serial >= 0 and resource >= 0 and not math.isnan(started)
    }
    at: dict[str, float] = {}
    for serial, _, server in once:
        place = server.partition(":")[2]
        at[place] = at.get(place, 0.0) + quantity[serial]
    assert {key: pairs[-1][1] for key, pairs in handled.items()} == {key: round(value) for key, value in at.items()}
    assert set(handled) <= set(context.scenario.nodes)


def test_the_map_closes_the_troops_that_were_closed_in_time(context: Context) -> None:
    step_days, count = clock(context)
    closed, by_area = closures_by_step(context, step_days, count)
    plan = context.plan
    deadline = min(count - 1, math.ceil(plan.deadline_h / 24.0 / step_days) - 1)
    pairs = list(zip(plan.units, context.outcome.closed_h, strict=True))
    assert closed[deadline] == sum(unit.troops for unit, hour in pairs if hour <= plan.deadline_h)
    assert closed[-1] == sum(unit.troops for unit, hour in pairs if not math.isnan(hour))
    assert sum(pairs[-1][1] for pairs in by_area.values()) == closed[-1]
    for day, value in enumerate(closed):  # areas and the whole agree on every day
        assert value == sum(max((t for d, t in pairs if d <= day), default=0) for pairs in by_area.values())


def test_the_steps_of_the_story_cover_the_path(context: Context) -> None:
    found = steps(context)
    assert found[0].start == 0
    assert all(one.end == two.start for one, two in zip(found, found[1:], strict=False))
    hours = sorted(hour for hour in context.outcome.closed_h if not math.isnan(hour))
    assert found[-1].end == hours[-1]  # the small scenario asks for all its troops


def test_the_ledgers_days_are_the_mean_life(context: Context) -> None:
    alone = replace(context, findings=None)
    found, basis = shares_of_time(alone)
    assert basis == "in the run that is shown"
    final = [serial for serial in context.plan.serials if serial.final]
    closed = context.outcome.closed_h
    lives = sum(closed[serial.unit] for serial in final)
    assert sum(days for _, _, days in found) == pytest.approx(lives / len(final) / 24.0)
    assert sum(share for _, share, _ in found) == pytest.approx(1.0)
    # Explained, the page has the numbers of the explanation: serial-hours, the mean of its runs.
    told, basis = shares_of_time(context)
    assert basis == "mean of 3 runs"
    explained = json.loads((context.folder / "explain.json").read_text())
    hours = sum(entry["serial_hours"] for entry in explained["ledger"])
    assert sum(days for _, _, days in told) == pytest.approx(hours / len(final) / 24.0)


def test_families_keep_the_whole_path(context: Context) -> None:
    assert sum(share for _, share, _ in families(context)) == pytest.approx(sum(context.shares.values()))
    assert len(reasons(context)) == 3


#: Closure days of twelve runs: 5 % lie before 65, 95 % before 75, half before 70.
LATE = [65.0, 65.0, 67.0, 68.0, 69.0, 70.0, 70.0, 71.0, 72.0, 73.0, 75.0, 75.0]


@pytest.mark.parametrize(
    ("days", "bound", "first", "said"),
    [
        (LATE, 45.0, "No, that is impossible", "15 could be saved by no schedule"),
        ([70.0], 45.0, "No, that is impossible", "The other 25 are queues"),
        (LATE, 45.0, "No, that is impossible", "no number of runs can change that"),
        (LATE, 12.0, "No. The force is complete on day 70", "in none of 12 runs; at most 24 %"),
        (LATE, 12.0, "No.", "9 runs in 10: day <b>65 to 75</b>"),
        ([27.0, 33.0, 39.0], 12.0, "Probably not", "all 3 runs: day <b>27 to 39</b>"),
        ([day - 45.0 for day in LATE], 12.0, "Yes.", "in all of 12 runs; at least 76 %"),
        ([24, 24, 27, 28, 29, 29, 30, 31, 34, 34], 12.0, "Probably, but", "in 7 of 10 runs: 70 % (40 to 89 %)"),
        ([25.0], 12.0, "One run cannot tell.", "in the one run made"),
        ([70.0], 12.0, "One run cannot tell.", "not in the one run made"),
        ([math.nan] * 3, 12.0, "Probably not, but 3 runs", "was not complete by C+120 in 3 of 3 runs"),
    ],
)
def test_the_verdict_says_what_the_numbers_do(
    context: Context, days: list[float], bound: float, first: str, said: str
) -> None:
    study = context.answered
    assert study is not None
    assert study.bound is not None
    one = study.replications[0]
    closures = [replace(one.closures["all"], hour=deadline_hour(day)) for day in days]
    runs = tuple(replace(one, seed=n, closures=one.closures | {"all": found}) for n, found in enumerate(closures))
    ladder = replace(study.bound, bounds={"volume": bound}, binding=("volume", ""), together=())
    case = replace(context, runs=replace(study, replications=runs, bound=ladder))
    verdict, lines, _ = run_verdict(case)
    assert verdict.startswith(first)
    assert said in " ".join([verdict, *map(str, lines)])


def test_every_parameter_stands_in_one_group(eastern: Scenario) -> None:
    """Those of the shipped table, and all others that a scenario may state."""
    one = eastern.parameters["close_share"]
    whole = eastern.model_copy(update={"parameters": dict.fromkeys(PARAMETERS, one)})
    for scenario in (eastern, whole):
        names = [key for _, rows in grouped(scenario) for key, _ in rows]
        assert sorted(names) == sorted(scenario.parameters)
        assert "Other" not in [title for title, _ in grouped(scenario)]


def test_no_cause_of_the_shipped_data_is_told_by_its_id(eastern: Scenario) -> None:
    pools = {fleet.pool for fleet in eastern.fleets.values()}
    causes = [f"lift {name}" for name in pools] + [f"queue at {key}" for key in eastern.facilities]
    causes += [f"queue at {key}" for key in eastern.links] + [f"full yard berth:{key}" for key in ("P_BPT", "P_KLJ")]
    ids = {*eastern.nodes, *eastern.links, *eastern.facilities, *eastern.fleets, *pools}
    said = [labels.cause(Cause.of(name), eastern) for name in causes]
    bad = [text for text in said if ids & set(re.split(r"[ \-/]", text)) or "_" in text]
    assert not bad
    assert labels.cause(Cause.of("queue at berth:P_BPT"), eastern) == "queue at berths of Beaumont TX"
    assert labels.cause(Cause.of("lift sealift_atlantic_rrf"), eastern) == "waiting for US Ready Reserve Force ro-ros"


def test_a_step_names_its_fleet(eastern: Scenario) -> None:
    piece = Piece(Cause.of("lift sealift_atlantic_msp"), "empty run", 0.0, 1.0, -1)
    assert [change.what for change in changes(eastern, [piece])] == ["3 more ships: US-flag commercial ro-ros"]
    assert labels.plain("one more berth at Beaumont TX (US strategic seaport)") == "one more berth at Beaumont TX"


def test_every_mechanism_has_its_words(eastern: Scenario) -> None:
    assert set(labels.MECHANISMS) == {name for name, _ in eastern.mechanisms}


# ---- projects -----------------------------------------------------------------------------------


def test_what_is_built_by_a_year_follows_from_money_and_time() -> None:
    """One bn a year from 2026. a (1.5 bn, 1 year) gets 1 in 2026 and 0.5 in 2027, at its pace of 1.5 a year in a third
    of that year; b (40 bn) gets the rest, at once each January, and is not done in the window.
    """
    rest = "table: links, targets: line, attribute: capacity, operation: scale, typical: 2"
    effects = effect("e1", "a", rest) + effect("e2", "b", rest)
    scenario = tiny(f"{WORLD}projects:\n{project('a', 1.5, 1)}{project('b', 40, 2)}effects:\n{effects}")
    found = built(scenario, scenario.spending, 2028)
    rows = {row["id"]: row for row in found["projects"]}
    assert rows["a"]["done"] == pytest.approx(2027 + 1 / 3)
    assert rows["a"]["share"] == 1.0
    assert rows["a"]["effects"] == ["capacity of rail a-b: times 2"]
    assert rows["b"]["done"] is None
    assert rows["b"]["share"] == 0.0
    assert found["spent_bn_eur"] == pytest.approx(3.0)  # 2026, 2027 and 2028, of which b takes its part at once


def test_a_run_with_a_year_says_what_is_in_service(tmp_path: Path) -> None:
    effects = effect("e1", "a", "table: links, targets: line, attribute: capacity, operation: scale, typical: 2")
    scenario = tiny(f"{WORLD}year: 2028\nprojects:\n{project('a', 1.5, 1)}effects:\n{effects}")
    study = fs.run_study(scenario, 1, jobs=1, results=tmp_path)
    assert study.folder is not None
    text = str(projects_section(context_of(study.folder), "").body)  # type: ignore[arg-type]
    assert "network of 1 July 2028" in text
    assert "In service, in whole or in part, by 2028: 1 projects" in text
    assert "capacity of rail a-b: times 2" in text


# ---- symbols and figures ------------------------------------------------------------------------

#: Function and size in the letter code of the older standard, which names the same things differently.
LETTERS = {
    "armoured_brigade_us": "UCA---H", "heavy_brigade_eu": "UCIZ--H", "stryker_brigade_us": "UCIZ--H",
    "mech_brigade": "UCIZ--H", "light_brigade": "UCIL--H", "artillery_brigade": "UCF---H",
    "engineer_brigade": "UCE---H", "logistics_brigade": "USS---H", "fighter_squadron": "UCVF--F",
    "medical_support": "USM---H",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(LETTERS))
def test_a_symbol_is_the_one_that_the_letter_code_draws(kind: str) -> None:
    from milsymbol import Symbol

    function, size = LETTERS[kind][:6], LETTERS[kind][6]
    other = Symbol(f"SFG-{function}-{size}", size=40)
    assert other.is_valid()
    strokes = [set(re.findall(r' d="([^"]*)"', svg)) for svg in (drawing(sidc(kind, 2000))[1], other.as_svg())]
    assert strokes[0] == strokes[1]


def test_every_unit_type_of_the_tables_has_its_symbol(eastern: Scenario) -> None:
    assert set(eastern.unit_types) == set(ENTITIES)
    for kind in eastern.unit_types:
        assert drawing(sidc(kind, eastern.unit_types[kind].troops_typical))[1]


def test_a_symbol_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError, match="no APP-6 symbol"):
        drawing("1003100018999999" + "0000")


def test_a_figure_is_embedded_without_its_head_and_ids() -> None:
    text = (
        '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<metadata>x</metadata><style type="text/css">*{fill:red}</style><path id="a" d="M 1.23456 2.000001"/>'
        '<use xlink:href="#a"/><g clip-path="url(#a)"/></svg>'
    )
    found = inline(text, "map")
    assert found.count("map-a") == 3
    assert 'd="M 1.2 2"' in found
    assert not re.search(r"xml|http|metadata|\*\{", found)


@pytest.mark.parametrize("bad", ["<script>x</script>", '<image href="https://example.org/a.png"/>'])
def test_a_figure_that_asks_for_more_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="outside of itself"):
        inline(f"<svg >{bad}</svg>", "map")


def test_every_known_figure_says_how_to_read_it() -> None:
    names = "closure clocks bottlenecks map queues fleets journey surface spending-curve value timeline prices "
    names += "staircase grid"
    assert set(READINGS) == set(names.split())
    assert all(entry.how and entry.alt and entry.heading for entry in READINGS.values())


def test_a_unit_without_a_type_has_a_plain_frame_of_its_size() -> None:
    unit = Unit(troops=400, home_node="a", assembly_node="b")
    assert sidc(unit.unit_type, unit.troops)[8:10] == "16"  # battalion
    assert sidc("", 3000)[8:10] == "18"  # brigade


def test_the_data_of_the_map_cannot_end_its_element(context: Context) -> None:
    from flanksim.report.interactive_map import flow_map

    nodes = dict(context.scenario.nodes)
    key = next(key for key, node in nodes.items() if node.kind == "port")
    nodes[key] = nodes[key].model_copy(update={"name": "</script><b>"})
    case = replace(context, scenario=context.scenario.model_copy(update={"nodes": nodes}))
    data = str(flow_map(case).data)
    assert "</script>" not in data
    assert json.loads(data)["places"][key]["t"].startswith("</script><b>")
    assert np.isfinite(flow_map(case).steps)
