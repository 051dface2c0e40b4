"""Which unknowns move the answer when all of them vary together: Morris' screening, then Sobol's shares of variance."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import at_year
from flanksim.measure.closure import force_of
from flanksim.measure.global_runs import METHODS, GlobalRuns
from flanksim.measure.global_sensitivity import Shares, morris_points, sobol_points
from flanksim.measure.replications import Replication, ReplicationSet
from flanksim.measure.sensitivity import Extent, Number
from flanksim.network.worlds import World
from flanksim.scenario.arguments import as_list, as_replications, as_scenario, as_seed, as_whole, one_of, wrong
from flanksim.scenario.naming import folder_name
from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import close_to
from flanksim.study.experiment import DesignPoint, Progress, Replicate, StudyOptions, run_points
from flanksim.study.sensitivity import drawn_numbers
from flanksim.study.store import (
    Saved,
    Store,
    as_written,
    kept_if_stopped,
    manifest_of,
    read_frame,
    resolved,
    write_table,
)

if TYPE_CHECKING:
    import pandas as pd

#: Trajectories of Morris' design, and points of each of the two samples of Sobol's, if nobody says how many.
BASE = {"morris": 10, "sobol": 64}
#: File with the design.
DESIGN = "design.parquet"


@dataclass(frozen=True)
class GlobalSensitivity(GlobalRuns):
    """Unknowns varied together, with what each does; attributes as of `flanksim.measure.global_runs.GlobalRuns`.

    ``table()`` has a row a number and measure.
    """

    def table(self) -> pd.DataFrame:
        """One row a number and measure, in the order of what the numbers do to a soldier."""
        import pandas as pd

        return pd.DataFrame(self.effects)

    def __repr__(self) -> str:
        """Summary in one line."""
        first = self.effects[0]["number"]
        return (
            f"GlobalSensitivity({self.scenario.name!r}, {self.method}: {len(self.numbers)} numbers, most by {first!r})"
        )


def global_sensitivity(  # noqa: PLR0913 - keywords of one study
    scenario: Scenario | str | Path,
    method: str = "morris",
    numbers: Sequence[str] | str | None = None,
    base: int | None = None,
    replications: int = 4,
    *,
    seed: int | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    results: str | Path | None = None,
    resume: str | Path | None = None,
    progress: Progress | None = None,
    also: Callable[[GlobalSensitivity], object] | None = None,
    engine: str | None = None,
) -> GlobalSensitivity:
    """Vary the uncertain numbers together and say which of them move the answer.

    Parameters
    ----------
    scenario
        A Scenario, or its file or name; of one that asks for a year, today is that year.
    method
        ``morris``: few points, for many numbers; ``sobol``: shares of the variance, for few.
    numbers
        Names as in `flanksim.sensitivity`; all that worlds draw if not given.
    base
        Trajectories of Morris (10), each of one point more than there are numbers; or points of each of the two samples
        of Sobol (64, a power of two), which makes as many for each number and two more.
    replications
        Runs of each point, all with the same random numbers.
    seed, jobs, dask, results, resume, progress, also, engine
        As of `flanksim.run`.

    Returns
    -------
    GlobalSensitivity
        ``table()``, ``effects``, ``values(measure)``.

    Raises
    ------
    FlanksimError
        E130 for an argument that cannot be used, E523 for an unknown number, or a scenario without any.

    Examples
    --------
    >>> names = ["parameters integration_days typical", "parameters close_share typical"]
    >>> found = global_sensitivity("corridor-mini", "morris", names, base=2, replications=1, jobs=1)
    >>> len(found.points)
    6
    """
    entry, how = as_scenario(scenario), one_of("method", method, METHODS)
    today = at_year(entry).model_copy(update={"seed": as_seed(seed, entry.seed)})
    chosen = _chosen(today, None if numbers is None else [str(key) for key in as_list(numbers)])
    count = as_whole("base", BASE[how] if base is None else base, 2)
    if how == "sobol" and count & (count - 1):
        raise wrong("base", count, "give a power of two, such as 64")
    design = (morris_points if how == "morris" else sobol_points)(len(chosen), count, today.seed)
    options = StudyOptions(jobs, dask, results, resume, progress, also, engine)  # type: ignore[arg-type] # paths of text
    return _run(entry, today, how, chosen, design, as_replications(replications, 0), options)


def _chosen(today: Scenario, wanted: Sequence[str] | None) -> dict[Number, Extent]:
    """The numbers to be varied, in the order of the tables.

    Raises
    ------
    FlanksimError
        E523 for an unknown one, or where there is none.
    """
    known = drawn_numbers(today)
    names = [number.name for number in known]
    unknown = next((key for key in wanted or () if key not in names), None)
    if unknown is not None or not known or wanted == []:
        said = "no number has a low and a high value" if unknown is None else f"no number '{unknown}' that worlds draw"
        hint = close_to(unknown or "", names, "state low and high values in the tables")
        raise FlanksimError(Problem("E523", today.name, "numbers", said, hint))
    return {number: extent for number, extent in known.items() if wanted is None or number.name in wanted}


def _run(
    entry: Scenario,
    today: Scenario,
    method: str,
    numbers: Mapping[Number, Extent],
    design: Shares,
    count: int,
    options: StudyOptions,
) -> GlobalSensitivity:
    started = perf_counter()
    names = [number.name for number in numbers]
    points = [DesignPoint(today, world=world) for world in _worlds(names, design)]
    text = json.dumps([today.digest, [point.key for point in points], today.seed, count])
    manifest = manifest_of(today, "global-sensitivity", today.seed) | {
        "study_digest": blake2b(text.encode(), digest_size=8).hexdigest(),
        "method": method,
        "numbers": names,
        "points": len(points),
        "replications": count,
    }
    name = folder_name(entry, f"sensitivity-{method}")
    with (
        Store.open(options.results, options.resume, name, manifest, resolved(today)) as store,
        kept_if_stopped(store),
    ):
        runs = run_points(points, today.seed, Replicate(count), store=store, options=options)
        found = replace(
            _found(today, method, numbers, design, runs),
            seconds=perf_counter() - started,
            folder=None if store is None else store.folder,
        )
        if store is not None:
            write_table(store.folder / "effects.parquet", found.table())
            write_table(store.folder / DESIGN, _long(names, design))
            store.finish(runs)
            if options.also is not None:
                options.also(found)
            done = sum(map(len, runs.values()))
            store.complete(manifest | {"done": done, "seconds": round(found.seconds, 3)})
    return found


def _worlds(names: Sequence[str], design: Shares) -> list[World]:
    """The world of each point: with these shares, the other numbers as they are."""
    return [World(shares=tuple(zip(names, map(float, row), strict=True))) for row in design]


def _found(
    today: Scenario,
    method: str,
    numbers: Mapping[Number, Extent],
    design: Shares,
    runs: Mapping[str, tuple[Replication, ...]],
) -> GlobalSensitivity:
    force = force_of(today)
    worlds = _worlds([number.name for number in numbers], design)
    points = tuple(ReplicationSet(force, runs[world.digest(today.digest)]) for world in worlds)
    return GlobalSensitivity(today, method, numbers, design, points)


def _long(names: Sequence[str], design: Shares) -> pd.DataFrame:
    import pandas as pd

    rows: list[dict[str, Any]] = [
        {"point": place, "number": name, "share": float(share)}
        for place, row in enumerate(design)
        for name, share in zip(names, row, strict=True)
    ]
    return pd.DataFrame(rows)


def reopened(saved: Saved) -> GlobalSensitivity:
    """The study that was saved in a folder: it answers everything that it answered then.

    Raises
    ------
    FlanksimError
        E506 if one of its files is gone or damaged; what `Saved.runs` raises.
    """
    runs, frame, today = saved.runs(), read_frame(saved.folder / DESIGN), saved.scenario
    if frame is None:
        hint = "finish the study with --resume: what is gone is made again"
        raise FlanksimError(Problem("E506", str(saved.folder / DESIGN), "", "the table is gone", hint))
    numbers = _chosen(today, list(saved.manifest["numbers"]))
    with as_written(saved.folder / DESIGN, "finish the study with --resume"):
        design = np.array(frame["share"], dtype=float).reshape(-1, len(numbers))
        found = _found(today, str(saved.manifest["method"]), numbers, design, runs)
    return replace(found, seconds=saved.manifest.get("seconds", 0.0), folder=saved.folder)
