"""Why so late, and what to try: a saved study replayed, its paths read, steps, projects and levers tried."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import TypeVar

import numpy as np

from flanksim.activities import Cause
from flanksim.engine.choice import engine_for
from flanksim.errors import FlanksimError, Problem
from flanksim.measure.closure import ALL, LAST, closures, plan_name
from flanksim.measure.critical import Piece, by_cause
from flanksim.measure.explanation import Errors, Explanation, Fleet, Group, Meanwhile, Part, ReplayedRun, Trial
from flanksim.measure.fleets import in_use, there
from flanksim.measure.replications import Replication
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, Interval, path_shares, spread, t_interval
from flanksim.network.graph import with_changes
from flanksim.planning.plan import Plan
from flanksim.saving import file_name
from flanksim.scenario.arguments import as_jobs, as_list, as_path, as_whole
from flanksim.scenario.schema import Scenario
from flanksim.study.candidates import Chosen, choose
from flanksim.study.experiment import Progress
from flanksim.study.named_actions import named_actions
from flanksim.study.one_at_a_time import Change, changes
from flanksim.study.parallel import over_seeds
from flanksim.study.replay import closed_hour, read
from flanksim.study.store import Saved, open_folder, read_table, write_json, write_text
from flanksim.study.tried import Tried, key_of
from flanksim.text.explanation import as_json, format_text
from flanksim.units import HOURS_PER_DAY, closure_day

T = TypeVar("T")

#: Replications that are replayed, and steps that are tried and as many projects and levers, unless asked otherwise.
RUNS, TRIES = 10, 5


def explain(
    folder: str | Path,
    unit: str | None = None,
    *,
    runs: int = RUNS,
    tries: int = TRIES,
    actions: Sequence[str] | str | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Explain a saved study: its first `runs` replications are replayed with their own seeds.

    What is tried is kept in the folder, as ``explain-tried.json``: no run of it is made twice.

    Parameters
    ----------
    unit
        Identifier of a unit; the force as a whole without.
    tries
        Contributors that are relaxed by a quarter of what there is, and as many projects and levers that change what
        the path hangs on, each re-run alone with the same seeds; 0 for none.
    actions
        Projects and levers to be tried instead, by id.

    Raises
    ------
    FlanksimError
        E120 if there are no results, E121 if there is no such unit, E122 if nothing closed, E216 if there is no such
        project or lever, E505 if they are not of a run.
    """
    folder, runs, tries = as_path("folder", folder), as_whole("runs", runs, 1), as_whole("tries", tries, 0)
    jobs, wanted = as_jobs(jobs), None if actions is None else [str(key) for key in as_list(actions)]
    saved = open_folder(folder)
    saved.only(("run",), "explained")
    scenario = saved.scenario
    if wanted:
        named_actions(scenario, lambda _: 0.0, 0, wanted)  # refused before anything is run
    base = choose(scenario, (), scenario.seed, saved.network)
    plan = base.plan
    if unit is not None:
        _known(unit, plan, folder)
    every = saved.seeds()
    replayed = over_seeds(read, plan, every[:runs], unit, engine_for(plan, None, runs, tell=False), jobs=jobs)
    _same_history(folder, replayed)
    closed = _closed(folder, replayed)
    runs_made = _runs_made(saved, every, replayed)
    if runs_made and unit is None:
        paths = tuple(entry.causes_h for entry in runs_made if entry.causes_h)
    else:
        paths = tuple(by_cause(list(entry.pieces)) for entry in closed)
    candidates = _told(_candidates(scenario, closed, paths, tries, wanted), progress)
    tried = [_tried(saved, base, candidate, replayed, unit, jobs) for candidate in candidates]
    return Explanation(
        scenario=scenario,
        unit=unit,
        runs_replayed=len(replayed),
        days=tuple(_days(plan, runs_made, unit))
        if runs_made
        else tuple(closure_day(e.closure_hours) for e in replayed),
        paths=paths,
        last_units=tuple(entry.last_unit for entry in runs_made) or tuple(entry.unit for entry in replayed),
        replayed=tuple(replayed),
        unclosed=len(replayed) - len(closed),
        closure_hours=_interval([entry.closure_hours for entry in closed]),
        path=tuple(_parts([_by_element(entry.pieces) for entry in closed])),
        waited=tuple(_causes([entry.waited_hours for entry in closed])),
        lift=tuple(_meanwhile([entry.lift_hours for entry in closed])),
        ledger=tuple(_causes([entry.ledger_hours for entry in replayed])),
        ledger_lift=tuple(_meanwhile([_nowhere(entry.ledger_lift_hours) for entry in replayed])),
        lateness=tuple(_causes([entry.lateness_hours for entry in replayed])),
        groups=tuple(_groups(plan, replayed, runs_made)),
        fleets=tuple(_fleets(plan, replayed)),
        tries=tuple(sorted(tried, key=lambda entry: (-entry.days_saved.mean, entry.change))),
        errors=reduce(Errors.larger, (entry.errors for entry in replayed)),
    )


def _closed(folder: Path, replayed: Sequence[ReplayedRun]) -> list[ReplayedRun]:
    """Those that closed; E122 if none did."""
    closed = [entry for entry in replayed if not math.isnan(entry.closure_hours)]
    if not closed:
        hint = "raise question.horizon_days, or ask about a unit that does close"
        raise FlanksimError(Problem("E122", str(folder), "", "not closed by the horizon in any replication", hint))
    return closed


def _told(candidates: Sequence[T], progress: Progress | None) -> Iterator[T]:
    """What is tried, one after the other; the replays before count as one step."""
    for number, candidate in enumerate(candidates, 1):
        if progress is not None:
            progress(number, 1 + len(candidates))
        yield candidate
    if progress is not None:
        progress(1 + len(candidates), 1 + len(candidates))


def _known(unit: str, plan: Plan, folder: Path) -> None:
    """E121 for a unit that the plan does not have."""
    names = [entry.unit_id for entry in plan.units]
    if unit in names:
        return
    import difflib

    close = difflib.get_close_matches(str(unit), names, n=3)
    listed = ", ".join(names[:8]) + (f" and {len(names) - 8} more: see units.parquet" if len(names) > 8 else "")
    hint = f"did you mean {' or '.join(close)}?" if close else f"its units are {listed}"
    raise FlanksimError(Problem("E121", str(folder), "UNIT", f"no unit '{unit}' in {plan.scenario}", hint))


def save(found: Explanation, folder: Path) -> list[Path]:
    """Write the explanation as JSON and as text, each whole or not at all: ``explain`` or ``explain-<unit>``."""
    unit = "" if found.unit is None else "-" + file_name(found.unit)
    paths = [folder / f"explain{unit}.{kind}" for kind in ("json", "txt")]
    write_json(paths[0], as_json(found))
    write_text(paths[1], format_text(found) + "\n")
    return paths


def _tried(
    saved: Saved,
    base: Chosen,
    step: tuple[Change, float],
    replayed: Sequence[ReplayedRun],
    unit: str | None,
    jobs: int | None,
) -> Trial:
    """What one step saves under the same seeds, over the replications that close with it and without.

    Its plan is that of the base unless a new one is clearly better: a step more is not planned worse.
    """
    (change, share), scenario, graph = step, saved.scenario, saved.network
    changed, tried = change.apply(scenario), Tried.of(saved.folder)
    key = key_of(base.plan.digest, changed.digest, unit or "")
    again = tried.hours(key)
    if missing := [entry.seed for entry in replayed if entry.seed not in again]:
        graph = None if graph is None else with_changes(graph, scenario, changed)
        plan = choose(changed, [base.carried(scenario.digest)], scenario.seed, graph)
        engine = engine_for(plan.plan, None, len(missing), tell=False)
        made = over_seeds(closed_hour, plan.plan, missing, unit, engine, jobs=jobs)
        again |= dict(zip(missing, made, strict=True))
        tried.add(key, change.what, plan.origin.words("the runs explained"), again)
    gained = [
        (before.closure_hours - again[before.seed]) / HOURS_PER_DAY
        for before in replayed
        if not math.isnan(before.closure_hours + again[before.seed])
    ]
    return Trial(change.what, share, _interval(gained), tried.plan(key), change.kind, change.key)


def _interval(values: Sequence[float]) -> Interval:
    """Mean with its interval; without one where the runs are too few to give it."""
    found = t_interval(values)
    return found if len(values) >= FEWEST_FOR_AN_INTERVAL else Interval(found.mean, math.nan, math.nan)


def _by_element(pieces: Sequence[Piece]) -> dict[tuple[str, Cause], float]:
    total: dict[tuple[str, Cause], float] = defaultdict(float)
    for piece in pieces:
        total[piece.at, piece.cause] += piece.hours
    return total


def _parts(found: Sequence[dict[tuple[str, Cause], float]]) -> list[Part]:
    """Mean and interval of each contributor; one that a replication does not have counts 0 there."""
    keys = sorted({key for entry in found for key in entry})
    parts = [Part(*key, _interval([entry.get(key, 0.0) for entry in found])) for key in keys]
    return sorted(parts, key=lambda part: (-part.hours.mean, part.cause, part.element))


def _causes(found: Sequence[dict[Cause, float]]) -> list[Part]:
    return _parts([{("", cause): hours for cause, hours in entry.items()} for entry in found])


def _nowhere(found: dict[tuple[Cause, str], float]) -> dict[tuple[Cause, str, str], float]:
    return {(*key, ""): hours for key, hours in found.items()}


def _meanwhile(found: Sequence[dict[tuple[Cause, str, str], float]]) -> list[Meanwhile]:
    """Mean and interval of each use of the lift that was waited for, as in `_parts`."""
    keys = sorted({key for entry in found for key in entry})
    parts = [Meanwhile(*key, _interval([entry.get(key, 0.0) for entry in found])) for key in keys]
    return sorted(parts, key=lambda part: (-part.hours.mean, part.cause, part.doing, part.at))


def _groups(plan: Plan, replayed: Sequence[ReplayedRun], runs_made: Sequence[Replication]) -> list[Group]:
    """Regional plans by name, then the last unit; those that no replication closed are left out."""
    keys = {key for entry in replayed for key in entry.groups}
    found = []
    for key in sorted(keys, key=lambda key: (key == LAST, key)):
        paths = [entry.groups[key] for entry in replayed if key in entry.groups]
        units = sorted(Counter(path.unit for path in paths).items(), key=lambda item: (-item[1], item[0]))
        hours = _interval([path.hours for path in paths])
        days_replayed = [
            closure_day(entry.groups[key].hours) if key in entry.groups else math.nan for entry in replayed
        ]
        days = [_group_day(plan, entry, key) for entry in runs_made] or days_replayed
        name = plan_name(key)
        found.append(
            Group(
                key if name is None else name,
                tuple(units),
                len(paths),
                hours,
                tuple(_causes([path.causes for path in paths])),
                key,
                spread(days),
            )
        )
    return found


def _group_day(plan: Plan, entry: Replication, key: str) -> float:
    """Closure day of a group in one run; of the last unit nan unless every unit was closed."""
    if key == LAST:
        return math.nan if any(map(math.isnan, entry.closed_h)) else closure_day(max(entry.closed_h))
    return closures(plan, entry.closed_h)[key].day


def _days(plan: Plan, runs_made: Sequence[Replication], unit: str | None) -> list[float]:
    """Closure day of the force, or of one unit, in each run that is there."""
    if unit is None:
        return [entry.closures[ALL].day for entry in runs_made]
    number = next(n for n, entry in enumerate(plan.units) if entry.unit_id == unit)
    return [closure_day(entry.closed_h[number]) for entry in runs_made]


def _runs_made(saved: Saved, every: Sequence[int], replayed: Sequence[ReplayedRun]) -> list[Replication]:
    """All runs of the folder in their order; none where one of its parts is gone, or of another history."""
    found = saved.parts()
    if any(entry.seed not in found or found[entry.seed].digest != entry.digest for entry in replayed):
        return []
    return [found[seed] for seed in every] if all(seed in found for seed in every) else []


def _fleets(plan: Plan, replayed: Sequence[ReplayedRun]) -> list[Fleet]:
    """Shares of each pool's time, averaged over the replications; busiest first."""
    found = []
    for pool in plan.pools:
        hours = [np.array(entry.fleet_hours[pool.name]) for entry in replayed if pool.name in entry.fleet_hours]
        hours = [entry for entry in hours if entry.sum() > 0]
        if not hours:
            continue
        shares = np.array([entry / entry.sum() for entry in hours])
        there_shares = np.mean([there(entry) for entry in hours], axis=0)
        busy = _interval([in_use(entry) for entry in hours])
        intervals = tuple(_interval(column) for column in shares.T.tolist())
        found.append(Fleet(pool.name, pool.kind, len(pool.assets), intervals, tuple(there_shares.tolist()), busy))
    return sorted(found, key=lambda fleet: (-fleet.in_use.mean, fleet.pool))


def _candidates(
    scenario: Scenario,
    closed: Sequence[ReplayedRun],
    paths: Sequence[dict[Cause, float]],
    tries: int,
    wanted: Sequence[str] | None,
) -> list[tuple[Change, float]]:
    """What is tried: steps, and projects and levers, of each the first by the share of the critical paths they touch.

    The share of a cause is that over all runs, as everywhere; the pieces of the runs that were replayed say what part
    of it a step touches.
    """
    pieces = [piece for entry in closed for piece in entry.pieces]
    hours = by_cause(pieces)
    weight = {cause: share / hours[cause] for cause, share in path_shares(paths).items() if hours.get(cause)}

    def share(touches: Callable[[Piece, str], bool]) -> float:
        own = ((entry.unit, piece) for entry in closed for piece in entry.pieces)
        return math.fsum(weight.get(piece.cause, 0.0) * piece.hours for unit, piece in own if touches(piece, unit))

    if wanted is not None:
        return named_actions(scenario, share, len(wanted), wanted)
    if not tries:
        return []

    def of_step(change: Change) -> float:
        return share(lambda piece, _: change.touches(piece))

    steps = [(change, of_step(change)) for change in changes(scenario, pieces)]
    return sorted(steps, key=lambda item: (-item[1], item[0].what))[:tries] + named_actions(scenario, share, tries)


def _same_history(folder: Path, replayed: Sequence[ReplayedRun]) -> None:
    """A replay must be the history that was saved; another version of flanksim may give another."""
    path = folder / "runs.parquet"
    made = read_table(path, ["seed", "digest"])
    if made is None:
        return
    saved = dict(zip(made["seed"].to_pylist(), made["digest"].to_pylist(), strict=True))
    other = [str(entry.seed) for entry in replayed if saved.get(entry.seed, entry.digest) != entry.digest]
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
