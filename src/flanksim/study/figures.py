"""The figures of a results folder: of all replications, and of the first one looked at closely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flanksim.bounds.rungs import Ladder
from flanksim.draw.style import save
from flanksim.investment.apply import at_year
from flanksim.metrics.critical_path import path_days
from flanksim.metrics.prices import price_map
from flanksim.scenario.naming import folder_name
from flanksim.scenario.schema import Scenario
from flanksim.study.run import Run
from flanksim.study.store import manifest_of, new_folder, resolved, write_json, write_text

#: Names that `save_figures` knows, in the order of a page.
NAMES = ("bottlenecks", "map", "queues", "fleets", "journey")


def save_figures(folder: Path, run: Run, names: Sequence[str] = NAMES) -> list[Path]:
    """Draw figures of one replication into a results folder, as PNG and SVG.

    Parameters
    ----------
    folder
        Where ``<name>.png`` and ``<name>.svg`` are written, each whole or not at all.
    names
        Which of `NAMES`. ``journey`` is that of the unit that completes the force, ``bottlenecks`` of this
        replication alone: where `flanksim run` has drawn it over all, leave it out.

    Returns
    -------
    list of Path
        Files that were written. Nothing is drawn of the path or the journey where no unit was closed, and no
        map where no place has coordinates.

    Raises
    ------
    KeyError
        For a name that is not in `NAMES`.
    """
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise KeyError(f"no figure {', '.join(unknown)}; there are {', '.join(NAMES)}")
    nodes, log = run.scenario.nodes.values(), run.outcome
    shown = {
        "queues": True,
        "fleets": bool(run.plan.pools),
        "map": any(node.lat is not None and node.lon is not None for node in nodes),
        "journey": any(hour == hour for hour in log.closed_h),  # noqa: PLR0124 - not nan
        "bottlenecks": bool(path_days(run.scenario, log)),
    }
    return [path for name in names if shown[name] for path in save(getattr(run, name).plot(), folder, name)]


def save_bound(scenario: Scenario, found: Ladder, content: Mapping[str, Any], text: str, results: Path) -> Path:
    """A new folder ``<results>/<scenario>-bound/<stamp>`` with what `flanksim bound` found.

    Parameters
    ----------
    content, text
        For machines (``bound.json``) and for people (``bound.txt``).

    Returns
    -------
    Path
        The folder, which also holds the manifest, the resolved scenario and the map of prices.
    """
    entry = at_year(scenario)
    folder = new_folder(results, folder_name(entry, "bound"))
    write_text(folder / "scenario.yaml", resolved(entry))
    write_json(folder / "bound.json", dict(content))
    write_text(folder / "bound.txt", text + "\n")
    save(price_map(entry, found), folder, "prices")
    seed = entry.seed if found.seed is None else found.seed
    every = {"every_replication": found.seed is None, "seconds": round(found.seconds, 3), "status": "complete"}
    write_json(folder / "manifest.json", manifest_of(entry, "bound", seed) | every)
    return folder
