"""Requirements out again: as they were, with the day on which each was ready, in and closed, and why it was late."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from flanksim.measure.critical import by_cause, critical_path
from flanksim.measure.statistics import summed
from flanksim.planning.loads import quantities
from flanksim.scenario.arguments import as_path
from flanksim.scenario.naming import readable
from flanksim.scenario.rows import Unit
from flanksim.scenario.schema import Scenario
from flanksim.study.store import open_folder, write_text
from flanksim.study.study import Study, reopened
from flanksim.tpfdd import WARNING
from flanksim.tpfdd.fields import ACTUAL, FIELDS
from flanksim.tpfdd.lint import target_of
from flanksim.tpfdd.requirement import Requirement, remembered
from flanksim.units import HOURS_PER_DAY, closure_day, days, deadline_hour

#: Columns that are added, with what they hold.
ACTUALS: dict[str, str] = {
    ACTUAL + "READY": "C-day at which its unit was ready, counted as RLD is: C+3.0 is the start of that day",
    ACTUAL + "ARRIVED": "C-day at which soldiers and kit of its unit were in, counted as RDD is: C+10.0 is its end",
    ACTUAL + "CLOSED": "C-day at which its unit was closed, counted as RDD is; empty: not by the horizon",
    ACTUAL + "DAYS_LATE": "days after the end of its RDD; negative: early; empty: not closed by the horizon",
    ACTUAL + "CAUSES": "what its unit's time went on, in days, largest first; together the days from the start of "
    "C-day to its closure",
    ACTUAL + "CLOSED_MEDIAN": "C-day at which its unit was closed in the middling one of all runs",
    ACTUAL + "CLOSED_RUNS": "runs in which its unit was closed",
    ACTUAL + "RUNS": "runs in all",
    ACTUAL + "SEED": "seed of the run that the dates and causes are of: the middling one",
    ACTUAL + "UNIT": "id of its unit in the scenario",
}
_CAUSES = 5


@dataclass(frozen=True)
class Exported:
    """Requirements with what became of them.

    Attributes
    ----------
    rows
        Cells by header, a row a requirement.
    headers
        Every header: fields in the order of `FIELDS`, tags, what was added.
    path
        File that was written; None if none was asked for.
    traced
        Requirements that were read from the remarks of units; the others were made of units.
    """

    rows: tuple[Mapping[str, str], ...]
    headers: tuple[str, ...]
    path: Path | None
    traced: int

    def text(self) -> str:
        """The rows as CSV, with the warning above."""
        out = io.StringIO()
        out.write(f"# {WARNING}\n")
        writer = csv.DictWriter(out, self.headers, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return out.getvalue()

    def as_json(self) -> dict[str, Any]:
        """The rows for programs."""
        return {
            "warning": WARNING,
            "file": None if self.path is None else str(self.path),
            "traced": self.traced,
            "requirements": [dict(row) for row in self.rows],
        }


def export_requirements(folder: str | os.PathLike[str], target: str | os.PathLike[str] | None = None) -> Exported:
    """Write the requirements of a run with actual dates and causes. For synthetic data only.

    Units that came from requirements give these again, one row each, as they were; other units give a row of their own
    (two where their kit is stored elsewhere), with the mass of their type.

    Parameters
    ----------
    folder
        A results folder of `flanksim.run`.
    target
        CSV file to write; None to write none.

    Returns
    -------
    Exported
        The rows, as they are written.

    Raises
    ------
    FlanksimError
        E120 if there are no results, E505 if they are not of a run, E112 if the file is there, E507 if it cannot be
        written, and what `flanksim.open` raises.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from flanksim.study.study import run
    >>> study = run("corridor-mini", 1, jobs=1, results=mkdtemp())
    >>> [row["ULN"] for row in export_requirements(study.folder).rows]
    ['heavy-brigade', 'light-brigade', 'logistics']
    """
    goal = None if target is None else target_of(target)
    saved = open_folder(as_path("folder", folder))
    saved.only(("run",), "exported")
    study = reopened(saved)
    rows, traced = [], 0
    headers: dict[str, None] = {}
    for unit_id, (actual, unit) in _actuals(study).items():
        own = remembered(unit.note)
        traced += len(own)
        for entry in own or made_of(unit_id, unit, study.scenario):
            cells = entry.cells()
            headers |= dict.fromkeys(cells)
            late = {} if "hour" not in actual else _late(entry, actual["hour"])
            rows.append(cells | {name: text for name, text in actual.items() if name != "hour"} | late)
    order = [name for name in FIELDS if name in headers] + [name for name in headers if name not in FIELDS]
    found = Exported(tuple(rows), (*order, *ACTUALS), goal, traced)
    if goal is not None:
        write_text(goal, found.text())
    return found


def _actuals(study: Study) -> dict[str, tuple[dict[str, Any], Unit]]:
    """What became of each unit, in the order of the scenario; ``hour`` is that of its closure, if it was closed."""
    log, shown = study.replay(), study.shown
    clocks = shown.clocks
    runs = {"RUNS": str(len(study.replications)), "SEED": str(shown.seed)}
    found: dict[str, tuple[dict[str, Any], Unit]] = {}
    for number, planned in enumerate(study.plan.units):
        ends = [entry.closed_h[number] for entry in study.replications]
        middle = median([math.inf if math.isnan(hour) else hour for hour in ends])
        cells = {
            "READY": _day(days(clocks.ready[number])),
            "ARRIVED": _day(closure_day(clocks.arrived[number])),
            "CLOSED": _day(closure_day(clocks.closed[number])),
            "CLOSED_MEDIAN": _day(closure_day(middle)),
            "CLOSED_RUNS": str(sum(not math.isnan(hour) for hour in ends)),
            "UNIT": planned.unit_id,
            **runs,
        }
        if not math.isnan(clocks.closed[number]):
            parts = by_cause(critical_path(log, number))
            words = summed((readable(cause, study.scenario), hours) for cause, hours in parts.items())
            cells["CAUSES"] = _causes(words)
        actual: dict[str, Any] = {ACTUAL + name: text for name, text in cells.items()}
        if not math.isnan(clocks.closed[number]):
            actual["hour"] = clocks.closed[number]
        found[planned.unit_id] = (actual, study.scenario.units[planned.unit_id])
    rest = {key: ({ACTUAL + "UNIT": key}, unit) for key, unit in study.scenario.units.items() if key not in found}
    every = found | rest
    return {key: every[key] for key in study.scenario.units}


def _causes(words: Mapping[str, float]) -> str:
    """``waiting for lift (ro-ro ships) 10.3; integration 3.6; 2 others 0.4``, days."""
    ordered = list(words.items())
    shown = ordered if len(ordered) <= _CAUSES + 1 else ordered[:_CAUSES]
    said = [f"{name} {hours / HOURS_PER_DAY:.1f}" for name, hours in shown]
    if rest := ordered[len(shown) :]:
        said.append(f"{len(rest)} others {math.fsum(hours for _, hours in rest) / HOURS_PER_DAY:.1f}")
    return "; ".join(said)


def _late(entry: Requirement, hour: float) -> dict[str, str]:
    required = entry.day("RDD")
    if required is None:
        return {}
    return {ACTUAL + "DAYS_LATE": f"{days(hour - deadline_hour(required)) + 0.0:.2f}"}


def _day(value: float) -> str:
    return f"C{value + 0.0:+.2f}" if math.isfinite(value) else ""


def made_of(unit_id: str, unit: Unit, scenario: Scenario) -> Iterator[Requirement]:
    """Requirements of a unit that came from none: soldiers and kit, two rows where they start apart.

    Dates are whole: it is ready on the first day at whose start it is, and required by the last day whose end it meets.
    """
    kind = scenario.unit_types.get(unit.unit_type)
    own = quantities(scenario, unit)
    items = {"WHEELED": int(own["wheeled"]), "HEAVY": int(own["heavy"]), "CONTAINERS": int(own["cargo"])}
    tonnes = sum(items.values()) * scenario.optional("tonnes_per_piece")
    if kind is not None and kind.tonnes_typical > 0:
        scale = unit.troops / kind.troops_typical if kind.troops_typical > 0 and unit.troops > 0 else 1.0
        tonnes = kind.tonnes_typical * scale
    shared: dict[str, Any] = {
        "UNIT_NAME": unit.name or unit_id,
        "NATION": unit.nation,
        "PLAN": unit.regional_plan,
        "DEST": unit.assembly_node,
        "RLD": math.ceil(unit.ready_day),
        "RDD": math.floor(unit.required_day),
        "PRIORITY": unit.priority,
    }
    shared = {name: value for name, value in shared.items() if value != ""}
    kit: dict[str, Any] = {"T": round(tonnes, 3), **{name: count for name, count in items.items() if count}}
    if unit.unit_type:
        kit["UNIT_TYPE"] = unit.unit_type
    if unit.heaviest_mlc is not None:
        kit["MAX_MLC"] = unit.heaviest_mlc
    if unit.stock_node and unit.stock_node != unit.home_node:
        yield Requirement(unit_id, _row(unit_id, unit.home_node, unit.troops, {"T": 0.0}, shared))
        other = _row(f"{unit_id}-kit", unit.stock_node, 0, kit, shared)
        yield Requirement(f"{unit_id}-kit", other | {"MARRY_UP_ID": unit_id})
    else:
        yield Requirement(unit_id, _row(unit_id, unit.home_node, unit.troops, kit, shared))


def _row(key: str, origin: str, troops: int, kit: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    return {"ULN": key, "PAX_TOTAL": troops, "ORIGIN": origin, **kit, **shared}
