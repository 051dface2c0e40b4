"""Where a study's runs are kept while it goes on: one Parquet part a run, whole or not there at all.

A study that was killed is opened again with `Store.resume`: what had ended is read back, the rest is
run. The final tables are written from the parts in the order of cells and seeds and hold no clock
times, so that they do not depend on how often the study was interrupted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flanksim.errors import FlanksimError, Problem
from flanksim.measure.closure import Closure
from flanksim.study.batch import Replication
from flanksim.study.results import new_folder, no_results, write_json, write_table, write_text

if TYPE_CHECKING:
    import pyarrow as pa

Runs = dict[str, dict[int, Replication]]


@dataclass(frozen=True)
class Store:
    """A results folder with its parts."""

    folder: Path

    @classmethod
    def open(
        cls, results: Path | None, resume: Path | None, name: str, manifest: dict[str, Any], scenario: str
    ) -> Store | None:
        """The folder to be finished, else a new one below `results`, else none."""
        if resume is not None:
            return cls.resume(resume, manifest)
        return None if results is None else cls.create(results, name, manifest, scenario)

    @classmethod
    def create(cls, root: Path, name: str, manifest: dict[str, Any], scenario: str) -> Store:
        """Open a new folder below ``root/name`` with the resolved scenario and a manifest."""
        store = cls(new_folder(root, name))
        (store.folder / "parts").mkdir()
        write_text(store.folder / "scenario.yaml", scenario)
        write_json(store.folder / "manifest.json", manifest | {"status": "running"})
        return store

    @classmethod
    def resume(cls, folder: Path, manifest: dict[str, Any]) -> Store:
        """Open a folder that is there already.

        Raises
        ------
        FlanksimError
            E501 if it is no results folder, E502 if it holds another study.
        """
        path = folder / "manifest.json"
        if not path.is_file():
            raise FlanksimError(no_results("E501", folder, ["manifest.json"]))
        found = json.loads(path.read_text(encoding="utf-8"))
        for key in ("kind", "study_digest"):
            if found.get(key) != manifest.get(key):
                raise FlanksimError(
                    Problem(
                        "E502",
                        str(path),
                        key,
                        "the folder holds another study: "
                        + (
                            f"a {found.get(key)}, not a {manifest.get(key)}"
                            if key == "kind"
                            else "the scenario, its levels or its seed have changed"
                        ),
                        "start anew without --resume, or run the command with which it was begun",
                    )
                )
        (folder / "parts").mkdir(exist_ok=True)
        for partial in (folder / "parts").glob(".*.part"):
            partial.unlink()
        return cls(folder)

    def add(self, cell: str, entry: Replication) -> None:
        """Write one run, atomically."""
        write_table(self.folder / "parts" / f"{cell}-{entry.seed}.parquet", _table([(cell, entry)]))

    def read(self) -> Runs:
        """Every run that had ended, by cell and seed."""
        import pyarrow.parquet as pq

        found: Runs = {}
        for path in sorted((self.folder / "parts").glob("*.parquet")):
            for row in pq.read_table(path, partitioning=None).to_pylist():
                found.setdefault(row["cell"], {})[row["seed"]] = _replication(row)
        return found

    def interrupt(self) -> None:
        """Say in the manifest that the study stopped, and how many runs it has."""
        path = self.folder / "manifest.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        done = len(list((self.folder / "parts").glob("*.parquet")))
        write_json(path, manifest | {"status": "interrupted", "done": done})

    def finish(self, runs: Iterable[tuple[str, Replication]], manifest: dict[str, Any]) -> None:
        """Write the table of all runs and the last word of the manifest."""
        entries = list(runs)
        if entries:
            write_table(self.folder / "runs.parquet", _table(entries))
        write_json(self.folder / "manifest.json", manifest | {"status": "complete", "done": len(entries)})


def _table(entries: list[tuple[str, Replication]]) -> pa.Table:
    """Runs as rows: what is of one group or unit stands in lists."""
    import pyarrow as pa

    text, number, many = pa.string(), pa.float64(), pa.list_(pa.float64())
    columns: dict[str, tuple[pa.DataType, list[Any]]] = {
        "cell": (text, [cell for cell, _ in entries]),
        "seed": (pa.int64(), [entry.seed for _, entry in entries]),
        "closure_day": (number, [entry.closures["all"].day for _, entry in entries]),
        "on_time_share": (number, [entry.closures["all"].on_time_share for _, entry in entries]),
        "last_unit": (text, [entry.last_unit for _, entry in entries]),
        "movements": (pa.int64(), [entry.movements for _, entry in entries]),
        "assets_lost": (pa.int64(), [entry.assets_lost for _, entry in entries]),
        "digest": (text, [entry.digest for _, entry in entries]),
        "group": (pa.list_(text), [list(entry.closures) for _, entry in entries]),
        "group_troops": (pa.list_(pa.int64()), [[c.troops for c in entry.closures.values()] for _, entry in entries]),
        "group_closed_hour": (many, [[c.hour for c in entry.closures.values()] for _, entry in entries]),
        "group_on_time_share": (many, [[c.on_time_share for c in entry.closures.values()] for _, entry in entries]),
        "cause": (pa.list_(text), [list(entry.causes_h) for _, entry in entries]),
        "cause_hours": (many, [list(entry.causes_h.values()) for _, entry in entries]),
        "unit_closed_hour": (many, [list(entry.closed_h) for _, entry in entries]),
        "unit_troops_in_hour": (many, [list(entry.troops_h) for _, entry in entries]),
    }
    return pa.table({name: pa.array(values, type=kind) for name, (kind, values) in columns.items()})


def _replication(row: dict[str, Any]) -> Replication:
    groups = zip(row["group"], row["group_troops"], row["group_closed_hour"], row["group_on_time_share"], strict=True)
    return Replication(
        seed=row["seed"],
        closed_h=tuple(row["unit_closed_hour"]),
        troops_h=tuple(row["unit_troops_in_hour"]),
        closures={name: Closure(troops, hour, share) for name, troops, hour, share in groups},
        causes_h=dict(zip(row["cause"], row["cause_hours"], strict=True)),
        last_unit=row["last_unit"],
        movements=row["movements"],
        assets_lost=row["assets_lost"],
        digest=row["digest"],
        seconds=0.0,
    )
