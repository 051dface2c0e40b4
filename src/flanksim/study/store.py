"""Where a study's runs are kept while it goes on: one Parquet part a run, whole or not there at all.

A study that was killed is opened again: what had ended is read back, the rest is run. A part that is damaged, or
of another study, counts as not there. The final tables are written from the parts in the order of cells and runs
and hold no clock times, so that they do not depend on how often the study was interrupted. The manifest says
``complete`` once everything else is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flanksim.errors import FlanksimError, Problem
from flanksim.measure.closure import Closure
from flanksim.saving import alone_in, make_folder, remove_partial
from flanksim.study.batch import Replication
from flanksim.study.results import new_folder, no_results, read_json, write_json, write_table, write_text

if TYPE_CHECKING:
    import pyarrow as pa

Runs = dict[str, dict[int, Replication]]
#: Key in a part's metadata: the digest of the study to which it belongs.
_STUDY = b"study_digest"


@dataclass(frozen=True)
class Store:
    """A results folder with its parts; `study` is the digest that says which parts are its own."""

    folder: Path
    study: str

    @classmethod
    @contextmanager
    def open(
        cls, results: Path | None, resume: Path | None, name: str, manifest: dict[str, Any], scenario: str
    ) -> Iterator[Store | None]:
        """The folder to be finished, else a new one below `results`, else none; nobody else works in it meanwhile.

        Raises
        ------
        FlanksimError
            E501 if the folder to be finished is no results folder, E502 if it holds another study, E507 if the
            system does not let it be written, E508 if another process is at work in it.
        """
        if resume is None and results is None:
            yield None
            return
        if resume is not None and not (resume / "manifest.json").is_file():
            raise FlanksimError(no_results("E501", resume, ["manifest.json"]))
        folder = resume if resume is not None else new_folder(results or Path(), name)
        with alone_in(folder):
            if resume is not None:
                _same_study(folder / "manifest.json", manifest)
                remove_partial(folder)
            store = cls(folder, str(manifest["study_digest"]))
            make_folder(folder / "parts")
            write_text(folder / "scenario.yaml", scenario)
            write_json(folder / "manifest.json", manifest | {"status": "running"})
            yield store

    def add(self, cell: str, entry: Replication) -> None:
        """Write one run, atomically."""
        table = _table([(cell, entry)]).replace_schema_metadata({_STUDY: self.study.encode()})
        write_table(self.folder / "parts" / f"{cell}-{entry.seed}.parquet", table)

    def read(self) -> Runs:
        """Every run of this study that had ended, by cell and seed; damaged parts are removed."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        found: Runs = {}
        for path in sorted((self.folder / "parts").glob("*.parquet")):
            try:
                table = pq.read_table(path, partitioning=None, page_checksum_verification=True)
                if (table.schema.metadata or {}).get(_STUDY) != self.study.encode():
                    continue
                for row in table.to_pylist():
                    found.setdefault(row["cell"], {})[row["seed"]] = _replication(row)
            except (pa.ArrowException, OSError, KeyError, ValueError, TypeError):
                with suppress(OSError):
                    path.unlink()
        return found

    def interrupt(self, save: Callable[[], int] | None = None) -> None:
        """Say in the manifest that the study stopped, and how many runs it has, as far as that can be written.

        Parameters
        ----------
        save
            Writes the tables of the runs that there are, and gives their number.
        """
        remove_partial(self.folder)
        with suppress(FlanksimError):
            path = self.folder / "manifest.json"
            done = len(list((self.folder / "parts").glob("*.parquet"))) if save is None else save()
            write_json(path, read_json(path) | {"status": "interrupted", "done": done})

    def finish(self, runs: Iterable[tuple[str, Replication]]) -> int:
        """Write the table of all runs; their number."""
        entries = list(runs)
        if entries:
            write_table(self.folder / "runs.parquet", _table(entries))
        return len(entries)

    def complete(self, manifest: dict[str, Any]) -> None:
        """The last word: everything else is written."""
        write_json(self.folder / "manifest.json", manifest | {"status": "complete"})


@contextmanager
def kept_if_stopped(store: Store | None, save: Callable[[], int] | None = None) -> Iterator[None]:
    """What ends in an error or an interruption says so in its manifest, after `save` has written its tables."""
    try:
        yield
    except BaseException:
        if store is not None:
            store.interrupt(save)
        raise


def whole_table(path: Path | None) -> bool:
    """Whether a Parquet file is there and was written to its end; true where none is wanted."""
    if path is None:
        return True
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.read_metadata(path)
    except (pa.ArrowException, OSError, ValueError):
        return False
    return True


def _same_study(path: Path, manifest: dict[str, Any]) -> None:
    """A folder is finished by the study that began it; where its manifest is damaged, its parts say whose they are."""
    try:
        found = read_json(path)
    except FlanksimError:
        return
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
