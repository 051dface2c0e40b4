"""What each kind of study says, computed once more from its saved tables with pandas and SciPy's own intervals.

Nothing of flanksim computes here: closures, chances, intervals, shares and sums come from the rows alone.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import flanksim as fs
from flanksim import Scenario, loads
from flanksim.measure.ledger import ledger
from flanksim.measure.reach import PackageRuns
from flanksim.text import best_buys as best_buys_text
from flanksim.text import comparison, losses, reach, run, sweep
from tests.conftest import OPEN
from tests.investment.conftest import effect, project

REQUIRED, DEADLINE_H, RUNS = 400, 96.0, 8
TROOPS = {"u": 200, "v": 100, "w": 200}
#: Three units on two roads that take two vehicles an hour; a project doubles the first road, a rule does half of that.
ROADS = f"""
question: {{deadline_days: 3, troops_required: {REQUIRED}}}
spending: {{path: today, mobility_fraction: 0.1, max_project_share: 1, non_payers: []}}
economies:
  AAA: {{name: A, gdp_2025_bn_eur: 1000, infrastructure_share_2025_typical_pct: 1}}
nodes:
  a: {{kind: home, lat: 52, lon: 13}}
  b: {{kind: assembly, lat: 54, lon: 23}}
  c: {{kind: home, lat: 50, lon: 14}}
links:
  way: {{from_node: a, to_node: b, mode: road, length_km: 300, capacity_typical: 2, capacity_unit: vehicles_per_hour}}
  path: {{from_node: c, to_node: b, mode: road, length_km: 400, capacity_typical: 2, capacity_unit: vehicles_per_hour}}
parameters: {{close_share: 1, additional_share: 1}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: 90, troops: 200, regional_plan: one}}
  v: {{home_node: a, assembly_node: b, wheeled: 50, troops: 100, regional_plan: one}}
  w: {{home_node: c, assembly_node: b, wheeled: 80, troops: 200, regional_plan: two}}
"""
WIDER = "table: links, targets: way, attribute: capacity, operation: scale, typical: "


def roads() -> Scenario:
    """Three units on two roads, by chance."""
    rows = "projects:\n" + project("second", 1, 2)
    rows += "effects:\n" + effect("e1", "second", f"{WIDER}2") + effect("e2", "rule", f"{WIDER}1.5")
    rows += "levers:\n  rule: {name: Rule, kind: rules, cost_typical_bn_eur: 0}\n"
    rows += "  twice: {name: Twice, projects: [second]}\n"
    return loads(OPEN.replace("chance: false", "chance: true") + ROADS + rows)


# ---- the tables, and what follows from them -----------------------------------------------------


def runs_in(folder: Path) -> pd.DataFrame:
    """A row a run, by cell and seed: closure day, share and troops in time, days of delay and of a mean closing."""
    table = pd.read_parquet(folder / "runs.parquet")
    if "cell" in table:
        clocks = ["unit_ready_hour", "unit_closed_hour"]
        assert table[clocks[1]].map(len).eq(len(TROOPS)).all()
        table = table.assign(unit=[list(TROOPS)] * len(table))[["cell", "seed", "unit", *clocks]]
        units = table.explode(["unit", *clocks]).set_axis(["cell", "seed", "unit", "ready", "closed"], axis="columns")
    else:
        units = pd.read_parquet(folder / "units.parquet")
        hours = {name: 24 * (units[f"{name}_day"] + 1) for name in ("ready", "closed")}
        units = units[["seed", "unit"]].assign(cell="", **hours)
    units = units.astype({"ready": float, "closed": float}).assign(troops=units["unit"].map(TROOPS))
    return units.groupby(["cell", "seed"], sort=False)[["ready", "closed", "troops"]].apply(_run)


def _run(units: pd.DataFrame) -> pd.Series[float]:
    in_order = units.sort_values("closed")
    complete = in_order.loc[in_order["troops"].cumsum() >= REQUIRED, "closed"].iloc[0]
    there = min(REQUIRED, int(units.loc[units["closed"] <= DEADLINE_H, "troops"].sum()))
    delay = np.average(units["closed"] - units["ready"], weights=units["troops"]) / 24
    closing = np.average(units["closed"], weights=units["troops"]) / 24 - 1
    found = {"day": complete / 24 - 1, "share": there / REQUIRED, "troops": there, "delay": delay, "closing": closing}
    return pd.Series(found)


def interval(values: pd.Series[float], confidence: float = 0.95, most: float = math.inf) -> dict[str, float]:
    """Mean with Student's interval, that of what lies between 0 and `most` cut to it."""
    mean, error = values.mean(), values.sem()
    low, high = stats.t.interval(confidence, len(values) - 1, mean, error) if error > 0 else (mean, mean)
    if math.isfinite(most):
        low, high = max(0.0, low), min(most, high)
    return {"mean": mean, "low": low, "high": high}


def chance(days: pd.Series[float]) -> dict[str, float]:
    """Share of the runs in time with Wilson's interval."""
    hits = int((24 * (days + 1) <= DEADLINE_H).sum())
    around = stats.binomtest(hits, len(days)).proportion_ci(0.95, "wilson")
    return {"mean": hits / len(days), "low": around.low, "high": around.high}


def of_runs(runs: pd.DataFrame) -> dict[str, Any]:
    """What is said of the runs of one network."""
    return {
        "closure_day": interval(runs["day"]),
        "p_on_time": chance(runs["day"]),
        "mobility_delay_days": interval(runs["delay"]),
        "troops_by_deadline": interval(runs["troops"], most=REQUIRED),
        "on_time_share": runs["share"].mean(),
    }


def of_pairs(runs: pd.DataFrame, base: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """What is said of a difference between two networks, over runs with the same seed."""
    both = runs.merge(base, left_index=True, right_index=True, suffixes=("", "_of_base"))
    assert len(both) > 1
    names = {"days": "day", "share": "share", "delay_days": "delay", "troops": "troops", "closing_days": "closing"}
    return {
        f"difference_{name}": interval(both[column] - both[f"{column}_of_base"], confidence)
        for name, column in names.items()
    } | {"pairs": len(both)}


def is_said(said: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Each number of the answer is the one expected, to the six decimals that it has."""
    for name, value in expected.items():
        assert said[name] == pytest.approx(value, abs=2e-6), name


# ---- the studies --------------------------------------------------------------------------------


def test_a_run(tmp_path: Path) -> None:
    study = fs.run(roads(), RUNS, jobs=1, results=tmp_path)
    said, runs = run.as_json(study), runs_in(Path(str(study.folder)))
    expected = of_runs(runs)
    assert 0 < expected["p_on_time"]["mean"] < 1, "else nothing is seen"
    assert 0 < expected["on_time_share"] < 1
    share = interval(runs["share"], most=1)
    is_said(said, {name: expected[name] for name in ("closure_day", "p_on_time")} | {"on_time_share": share})
    ends = {"median": 0.5, "p05": 0.05, "p95": 0.95, "first": 0.0, "last": 1.0}
    is_said(said, {f"closure_day_{name}": runs["day"].quantile(part) for name, part in ends.items()})


def test_parts_of_the_critical_path_sum_to_the_closure_and_to_one(tmp_path: Path) -> None:
    study = fs.run(roads(), RUNS, jobs=1, results=tmp_path)
    folder = Path(str(study.folder))
    parts = pd.concat([pd.read_parquet(path) for path in sorted((folder / "parts").glob("*.parquet"))])
    hours = parts[["seed", "cause", "cause_hours"]].explode(["cause", "cause_hours"]).astype({"cause_hours": float})
    closed = 24 * (runs_in(folder).droplevel("cell")["day"] + 1)
    assert hours.groupby("seed")["cause_hours"].sum().to_dict() == pytest.approx(closed.to_dict())
    shares = hours.groupby("cause")["cause_hours"].sum() / hours["cause_hours"].sum()
    assert {str(cause): share for cause, share in study.causes().items()} == pytest.approx(shares.to_dict())
    days = {name: part.mean for name, part in study.cause_days().items()}
    assert sum(days.values()) - 1 == pytest.approx(study.closure_day().mean)


def test_the_ledger_sums_to_what_the_movements_hold(tmp_path: Path) -> None:
    study = fs.run(roads(), 2, jobs=1, results=tmp_path, keep_movements="all")
    closed = pd.read_parquet(Path(str(study.folder)) / "units.parquet").set_index(["seed", "unit"])["closed_day"]
    for seed in closed.index.unique("seed"):
        moves = pd.read_parquet(Path(str(study.folder)) / "movements" / f"run-{seed}.parquet")
        ready = moves[moves["kind"] == "ready"].set_index("unit")["ended"]
        loads_ = moves[moves["kind"] == "travel"]
        ends = loads_["unit"].map(24 * (closed[seed] + 1))
        assert len(loads_) == loads_["serial"].nunique() > len(TROOPS)
        states = {
            "not ready": loads_["unit"].map(ready).sum(),
            "queue": (loads_["started"] - loads_["requested"]).sum(),
            "moving": (loads_["ended"] - loads_["started"]).sum(),
            "marry-up": (ends - loads_["ended"]).sum(),
        }
        found = ledger(study.replay(int(seed)))
        assert {name: hours for (name,), hours in found.totals("state").items()} == pytest.approx(states)
        assert sum(found.totals("unit").values()) == pytest.approx(ends.sum())
        late = (ends - DEADLINE_H).clip(lower=0).sum()
        assert sum(found.lateness("state").values()) == pytest.approx(late)


def test_a_sweep(tmp_path: Path) -> None:
    found = fs.sweep(roads(), [0, 1], [2026, 2030], replications=RUNS, jobs=1, results=tmp_path)
    runs, said = runs_in(Path(str(found.folder))), sweep.as_json(found)["cells"]
    points = pd.read_parquet(Path(str(found.folder)) / "points.parquet")
    assert len(points) == len(said) == 4
    assert points["cell"].nunique() == 2
    for cell, (_, row) in zip(said, points.iterrows(), strict=True):
        same = points[points["year"] == row["year"]]
        base = same.loc[same["infrastructure_share"].idxmin(), "cell"]
        is_said(cell, of_runs(runs.loc[row["cell"]]) | of_pairs(runs.loc[row["cell"]], runs.loc[base], 0.95))
        assert (cell["infrastructure_share"], cell["year"]) == (row["infrastructure_share"], row["year"])


def test_a_comparison(tmp_path: Path) -> None:
    found = fs.compare([roads()], [["second"], ["rule"]], RUNS, jobs=1, results=tmp_path)
    runs, said = runs_in(Path(str(found.folder))), comparison.as_json(found)["alternatives"]
    cells = [entry.cell for entry in found.alternatives]
    assert runs.index.unique("cell").tolist() == cells
    is_said(said[0], of_runs(runs.loc[cells[0]]))
    for row, cell in zip(said[1:], cells[1:], strict=True):
        is_said(row, of_runs(runs.loc[cell]) | of_pairs(runs.loc[cell], runs.loc[cells[0]], 1 - 0.05 / 2))


def test_best_buys(tmp_path: Path) -> None:
    found = fs.best_buys(roads(), replications=RUNS, first=4, jobs=1, results=tmp_path)
    runs, said = runs_in(Path(str(found.folder))), best_buys_text.as_json(found)
    today, *others = found.alternatives
    base = runs.loc[today.cell]
    share = interval(base["share"], most=1)
    is_said(
        said["today"], {**{k: of_runs(base)[k] for k in ("closure_day", "mobility_delay_days")}, "on_time_share": share}
    )
    rows = {row["action"]: row for row in said["actions"]}
    assert set(rows) == {"second", "rule", "twice"}
    turned = {
        "days_sooner": ("difference_days", -1), "points": ("difference_share", 100),
        "soldier_days_sooner": ("difference_closing_days", -1), "delay_days_saved": ("difference_delay_days", -1),
    }  # fmt: skip
    for entry in others:
        pairs = of_pairs(runs.loc[entry.cell], base, 1 - 0.05 / len(others))
        for name, (column, factor) in turned.items():
            low, high = sorted(factor * pairs[column][end] for end in ("low", "high"))
            expected = {name: factor * pairs[column]["mean"], f"{name}_low": low, f"{name}_high": high}
            is_said(rows[entry.name], expected)
        assert rows[entry.name]["pairs"] == pairs["pairs"]
    order = [row["soldier_days_sooner"] for row in said["actions"]]
    assert order == sorted(order, reverse=True)


def test_a_reach(tmp_path: Path) -> None:
    found = fs.reach(roads(), probability=0.7, replications=RUNS, first=4, jobs=1, results=tmp_path)
    runs, said = runs_in(Path(str(found.folder))), reach.as_json(found)
    families = list(said["families"].values())
    every = [tuple(filter(None, keys)) for keys in itertools.product(*(["", *keys] for keys in families))]
    hits = {keys: _in_time(runs, found, keys) for keys in every}
    reached = {keys for keys, number in hits.items() if number >= math.ceil(0.7 * RUNS)}
    smallest = {keys for keys in reached if not any(set(other) < set(keys) for other in reached)}
    assert {tuple(row["levers"]) for row in said["packages"]} == smallest
    assert () not in smallest
    assert smallest
    for row in said["packages"]:
        own = of_runs(runs.loc[_cell(found, tuple(row["levers"]))])
        is_said(row, {name: own[name] for name in ("closure_day", "p_on_time")})
    keys: tuple[str, ...] = ()
    for step in said["steps"]:
        keys = tuple(key for key in ("rule", "twice") if key in (*keys, step["lever"]))
        own = runs.loc[_cell(found, keys)]
        expected = {name: of_runs(own)[name] for name in ("closure_day", "p_on_time")}
        is_said(step, expected | {"share_on_time": interval(own["share"], most=1)})
    assert said["steps"][-1]["lever"]


def _cell(found: PackageRuns, keys: tuple[str, ...]) -> str:
    entry = found.of(found.families.package(keys))
    assert entry is not None
    return entry.cell


def _in_time(runs: pd.DataFrame, found: PackageRuns, keys: tuple[str, ...]) -> int:
    """Runs in time of a package; of one that was not run, because more than it failed or less than it reached, none."""
    if found.of(found.families.package(keys)) is None:
        return 0
    own = runs.loc[_cell(found, keys)]
    return round(chance(own["day"])["mean"] * len(own)) if len(own) == RUNS else 0


def test_losses_pairs_and_what_makes_up_for_them(tmp_path: Path) -> None:
    """Every difference of the answer, over all of which the intervals hold together."""
    study = fs.lose(roads(), ["way", "path"], 0, 1, RUNS, first=RUNS, top=2, projects=1, jobs=1, results=tmp_path)
    folder = Path(str(study.folder))
    said, runs = losses.as_json(study), runs_in(folder)
    told = json.loads((folder / "losses.json").read_text(encoding="utf-8"))
    names = ["today", *("+".join(names) for names, _ in told["losses"])]
    names += [f"{loss} with {kind} {key}".rstrip() for loss, kind, key in told["cures"]]
    of = {name: runs.loc[cell] for name, cell in zip(names, runs.index.unique("cell"), strict=True)}
    confidence = 1 - 0.05 / (len(names) - 1 + len(told["cures"]))
    columns = {"closure_days_later": "days", "soldier_days_later": "closing_days", "delay_days_later": "delay_days",
               "in_time_share_change": "share"}  # fmt: skip
    found = {f"{row['kind']}:{row['asset']}": row for row in said["losses"]}
    found["link:way+link:path"] = said["worst_pair"]
    assert set(found) | {"today"} == {name for name in names if " with " not in name}
    for name, row in found.items():
        expected = of_pairs(of[name], of["today"], confidence)
        is_said(row, {column: expected[f"difference_{of_}"] for column, of_ in columns.items()})
        for cure in row.get("cures", ()):
            cured = of[f"{name} with {cure['kind']} {cure['key']}".rstrip()]
            saved = of_pairs(of[name], cured, confidence)
            left = of_pairs(cured, of["today"], confidence)
            is_said(cure, {
                "closure_days_saved": saved["difference_days"], "soldier_days_saved": saved["difference_closing_days"],
                "soldier_days_left": left["difference_closing_days"],
            })  # fmt: skip
    assert {cure["kind"] for row in said["losses"] for cure in row["cures"]} == {"replanned", "second", "project"}
    apart = sum(row["soldier_days_later"]["mean"] for row in said["losses"])
    assert said["worst_pair"]["apart_soldier_days_later"] == pytest.approx(apart, abs=1e-5)
