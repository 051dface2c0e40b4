"""Why so late, and what to try: a saved study replayed, its critical paths read, single steps tried."""

from __future__ import annotations

import json
import math
import multiprocessing
import pickle
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flanksim.engine.simulate import simulate_plan
from flanksim.errors import FlanksimError, Problem
from flanksim.measure.closure import closures
from flanksim.measure.critical import Piece, closing_unit, critical_path
from flanksim.measure.ledger import ledger
from flanksim.measure.statistics import Interval, t_interval
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario.reading import load
from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import readable
from flanksim.study.batch import default_jobs, seeds
from flanksim.study.relax import Change, changes
from flanksim.units import HOURS_PER_DAY, closure_day

#: Replications that are replayed, and steps that are tried, unless asked otherwise.
RUNS, TRIES = 10, 5

Tick = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one replication says: closure, pieces of its critical path, serial-hours by cause."""

    seed: int
    closure_hours: float
    unit: str
    pieces: tuple[Piece, ...]
    ledger_hours: dict[str, float]
    digest: str


@dataclass(frozen=True, slots=True)
class Part:
    """One contributor, with its mean over the replications and 95 % interval."""

    element: str
    cause: str
    hours: Interval


@dataclass(frozen=True, slots=True)
class Try:
    """One step more of something: its share of the critical path, and the days that it really saves."""

    change: str
    path_share: float
    days_saved: Interval


@dataclass(frozen=True)
class Explanation:
    """Why the force, or one unit, is closed so late.

    Attributes
    ----------
    closure_hours
        Mean over the replications that closed; the parts of `path` sum to it.
    """

    scenario: Scenario
    unit: str | None
    readings: tuple[Reading, ...]
    unclosed: int
    closure_hours: Interval
    path: tuple[Part, ...]
    ledger: tuple[Part, ...]
    tries: tuple[Try, ...]


def open_results(folder: Path) -> tuple[Scenario, dict[str, Any]]:
    """Resolved scenario and manifest of a results folder.

    Raises
    ------
    FlanksimError
        E120 if the folder holds no study.
    """
    files = [folder / "manifest.json", folder / "scenario.yaml"]
    missing = [path.name for path in files if not path.is_file()]
    if missing:
        hint = "give a folder that flanksim run has written, such as results/<scenario>/<stamp>"
        raise FlanksimError(Problem("E120", str(folder), "", f"no results here: {' and '.join(missing)} missing", hint))
    return load(str(files[1])), json.loads(files[0].read_text(encoding="utf-8"))


def explain(
    folder: Path,
    unit: str | None = None,
    *,
    runs: int = RUNS,
    tries: int = TRIES,
    jobs: int | None = None,
    progress: Tick | None = None,
) -> Explanation:
    """Explain a saved study: its first `runs` replications are replayed with their own seeds.

    Parameters
    ----------
    unit
        Identifier of a unit; the force as a whole without.
    tries
        Contributors that are relaxed by one step and re-run with the same seeds; 0 for none.

    Raises
    ------
    FlanksimError
        E120 if there are no results, E121 if there is no such unit, E122 if nothing closed.
    """
    scenario, manifest = open_results(folder)
    plan = compile_plan(scenario)
    if unit is not None and all(entry.unit_id != unit for entry in plan.units):
        import difflib

        close = difflib.get_close_matches(unit, [entry.unit_id for entry in plan.units], n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else "units.parquet in the folder lists them"
        raise FlanksimError(Problem("E121", str(folder), "UNIT", f"no unit '{unit}' in {scenario.name}", hint))
    wanted = seeds(int(manifest["seed"]), max(1, min(runs, int(manifest["replications"]))))
    steps = 1 + tries
    readings = _read(plan, wanted, unit, jobs)
    _same_history(folder, readings)
    if progress is not None:
        progress(1, steps)
    closed = [entry for entry in readings if not math.isnan(entry.closure_hours)]
    if not closed:
        hint = "raise question.horizon_days, or ask about a unit that does close"
        raise FlanksimError(Problem("E122", str(folder), "", "not closed by the horizon in any replication", hint))
    tried = []
    for number, (change, share) in enumerate(_candidates(scenario, closed)[:tries]):
        again = _read(compile_plan(change.apply(scenario)), wanted, unit, jobs)
        saved = [
            (before.closure_hours - after.closure_hours) / HOURS_PER_DAY
            for before, after in zip(readings, again, strict=True)
            if not math.isnan(before.closure_hours + after.closure_hours)
        ]
        tried.append(Try(change.what, share, t_interval(saved)))
        if progress is not None:
            progress(2 + number, steps)
    tried.sort(key=lambda entry: (-entry.days_saved.mean, entry.change))
    return Explanation(
        scenario,
        unit,
        tuple(readings),
        len(readings) - len(closed),
        t_interval([entry.closure_hours for entry in closed]),
        tuple(_parts([_by_element(entry.pieces) for entry in closed])),
        tuple(_parts([{("", key): value for key, value in entry.ledger_hours.items()} for entry in readings])),
        tuple(tried),
    )


def _by_element(pieces: Sequence[Piece]) -> dict[tuple[str, str], float]:
    total: dict[tuple[str, str], float] = defaultdict(float)
    for piece in pieces:
        total[piece.at, piece.cause] += piece.hours
    return total


def _parts(found: Sequence[dict[tuple[str, str], float]]) -> list[Part]:
    """Mean and interval of each contributor; one that a replication does not have counts 0 there."""
    keys = sorted({key for entry in found for key in entry})
    parts = [Part(*key, t_interval([entry.get(key, 0.0) for entry in found])) for key in keys]
    return sorted(parts, key=lambda part: (-part.hours.mean, part.cause, part.element))


def _candidates(scenario: Scenario, closed: Sequence[Reading]) -> list[tuple[Change, float]]:
    """Steps in order of the share of the critical paths that they touch."""
    pieces = [piece for entry in closed for piece in entry.pieces]
    whole = sum(piece.hours for piece in pieces)
    shares = [
        (change, sum(piece.hours for piece in pieces if change.touches(piece)) / whole)
        for change in changes(scenario, pieces)
    ]
    return sorted(shares, key=lambda item: (-item[1], item[0].what))


def _same_history(folder: Path, readings: Sequence[Reading]) -> None:
    """A replay must be the history that was saved; another version of flanksim may give another."""
    import pandas as pd

    path = folder / "runs.parquet"
    if not path.is_file():
        return
    saved = pd.read_parquet(path, columns=["seed", "digest"]).set_index("seed")["digest"].to_dict()
    other = [str(entry.seed) for entry in readings if saved.get(entry.seed, entry.digest) != entry.digest]
    if other:
        raise FlanksimError(
            Problem(
                "E123",
                str(path),
                f"seed {', '.join(other)}",
                "replaying gives another history than the one saved here: the results are of another version",
                f"run it again: flanksim run {folder / 'scenario.yaml'}",
            )
        )


# ---- replaying ------------------------------------------------------------------------------------

_PLAN: Plan | None = None


def _start_worker(pickled: bytes) -> None:
    global _PLAN  # noqa: PLW0603 - a worker receives its plan once, not with every task
    _PLAN = pickle.loads(pickled)  # noqa: S301 - our own bytes, from the parent process


def _task(seed: int, unit: str | None) -> Reading:
    if _PLAN is None:
        raise RuntimeError("worker without a plan")
    return read(_PLAN, seed, unit)


def read(plan: Plan, seed: int, unit: str | None = None) -> Reading:
    """Replay one replication and read its critical path and ledger."""
    outcome = simulate_plan(plan, seed)
    number = closing_unit(plan, outcome)
    hour = closures(plan, outcome.closed_h)["all"].hour
    if unit is not None:
        number = next(n for n, entry in enumerate(plan.units) if entry.unit_id == unit)
        hour = outcome.closed_h[number]
    pieces = () if number is None or math.isnan(hour) else tuple(critical_path(plan, outcome, number))
    sums = ledger(plan, outcome).totals("cause", unit=unit)
    return Reading(
        seed,
        hour,
        "" if number is None else plan.units[number].unit_id,
        pieces,
        {name[0]: value for name, value in sums.items()},
        outcome.movements.digest(),
    )


@contextmanager
def _pool(plan: Plan, count: int) -> Iterator[ProcessPoolExecutor]:
    executor = ProcessPoolExecutor(
        count,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(pickle.dumps(plan),),
    )
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _read(plan: Plan, wanted: Sequence[int], unit: str | None, jobs: int | None) -> list[Reading]:
    count = min(jobs or default_jobs(), len(wanted))
    if count <= 1:
        return [read(plan, seed, unit) for seed in wanted]
    with _pool(plan, count) as executor:
        return list(executor.map(_task, wanted, [unit] * len(wanted)))


# ---- telling --------------------------------------------------------------------------------------


def tell(found: Explanation, most: int = 10) -> str:
    """The explanation in sentences, largest first."""
    scenario, count = found.scenario, len(found.readings)
    day = Interval(*(closure_day(hour) for hour in _values(found.closure_hours)))
    who = f"{scenario.title or scenario.name}" if found.unit is None else f"Unit {found.unit}"
    lines = [
        f"{who} is closed on C+{day.mean:.1f} (95 % {day.low:.1f} to {day.high:.1f}; {count} replications"
        + (f", {found.unclosed} of them not closed and left out" if found.unclosed else "")
        + ").",
    ]
    if found.unit is None:
        units = sorted({entry.unit for entry in found.readings if entry.unit})
        lines.append(f"The unit that completes the force is {' or '.join(units)}.")
    whole = found.closure_hours.mean
    lines += ["", f"Where its {whole / HOURS_PER_DAY:.1f} days went (critical path; the parts sum to them):"]
    sums: dict[str, list[Interval]] = defaultdict(list)
    for part in found.path:
        sums[readable(part.cause, scenario)].append(part.hours)
    grouped = sorted(((name, sum(i.mean for i in parts)) for name, parts in sums.items()), key=lambda item: -item[1])
    spread = _spread(found, lambda cause: readable(cause, scenario))
    for name, hours in grouped[:most]:
        low, high = max(0.0, spread[name].low), spread[name].high  # hours cannot be negative
        lines.append(
            f"  {hours / HOURS_PER_DAY:6.1f} days ({hours / whole:4.0%}; {low / HOURS_PER_DAY:.1f} to "
            f"{high / HOURS_PER_DAY:.1f})  {name}"
        )
    rest = sum(hours for _, hours in grouped[most:])
    if rest > 0:
        lines.append(f"  {rest / HOURS_PER_DAY:6.1f} days ({rest / whole:4.0%})  {len(grouped) - most} smaller causes")
    lines += ["", "What all serials together spent their time on:"]
    spent: dict[str, float] = defaultdict(float)
    for part in found.ledger:  # with whom, is for the table; here the sum over all partners
        spent[readable(part.cause.partition(" with ")[0], scenario)] += part.hours.mean
    total = sum(spent.values())
    ranked = sorted(spent.items(), key=lambda item: (-item[1], item[0]))[:6]
    lines += [f"  {hours / total:4.0%}  {name}" for name, hours in ranked]
    if found.tries:
        lines += ["", "What to try, one step each, the same random numbers:"]
        lines += [_tried(entry) for entry in found.tries]
        lines.append(
            "A share of the critical path is not the value of one step more: behind the first thing that binds\n"
            "stands the next, and a step may be small beside the need. Decide by days saved, not by share."
        )
    return "\n".join(lines)


def _spread(found: Explanation, name: Callable[[str], str]) -> dict[str, Interval]:
    sums: list[dict[str, float]] = []
    for entry in found.readings:
        if entry.pieces:
            total: dict[str, float] = defaultdict(float)
            for piece in entry.pieces:
                total[name(piece.cause)] += piece.hours
            sums.append(total)
    return {key: t_interval([entry.get(key, 0.0) for entry in sums]) for key in {k for entry in sums for k in entry}}


def _tried(entry: Try) -> str:
    saved = entry.days_saved
    sure = " (cannot be told from nothing)" if saved.low <= 0 <= saved.high else ""
    if saved.low == saved.high == saved.mean == 0:
        sure = " (changes nothing)"
    return (
        f"  {entry.change}: {saved.mean:+.2f} days saved (95 % {saved.low:+.2f} to {saved.high:+.2f}){sure}; "
        f"{entry.path_share:.0%} of the path"
    )


def _values(interval: Interval) -> tuple[float, float, float]:
    return interval.mean, interval.low, interval.high


def as_json(found: Explanation) -> dict[str, Any]:
    """The explanation for machines; hours are means over the replications that closed."""
    return {
        "scenario": found.scenario.name,
        "scenario_digest": found.scenario.digest,
        "unit": found.unit,
        "replications": len(found.readings),
        "unclosed": found.unclosed,
        "closure_hours": found.closure_hours.mean,
        "closure_interval_hours": _interval(found.closure_hours),
        "sum_hours": math.fsum(part.hours.mean for part in found.path),
        "critical_path": [
            {"element": part.element, "cause": part.cause, "hours": part.hours.mean, "interval": _interval(part.hours)}
            for part in found.path
        ],
        "ledger": [
            {"cause": part.cause, "serial_hours": part.hours.mean, "interval": _interval(part.hours)}
            for part in found.ledger
        ],
        "try": [
            {"change": entry.change, "path_share": entry.path_share, "days_saved": _interval(entry.days_saved)}
            for entry in found.tries
        ],
    }


def _interval(value: Interval) -> dict[str, float | None]:
    return {name: None if math.isnan(x) else x for name, x in zip(("mean", "low", "high"), _values(value), strict=True)}
