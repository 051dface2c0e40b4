"""The results folder: what stands in it, how it is written, found again, and refused.

One Parquet part a run, whole or not there at all. A study that was killed is opened again: what had ended is read
back, the rest is run. A part that is damaged, or of another study or format, counts as not there. The final tables are
written from the parts in the order of scenarios and runs and hold no clock times, so that they do not depend on how
often the study was interrupted. The manifest says ``complete`` once everything else is written, and in which format.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from flanksim.activities import Cause
from flanksim.engine.streams import seeds
from flanksim.errors import FlanksimError, Problem
from flanksim.measure.clocks import CLOCKS, UnitHours
from flanksim.measure.closure import Closure
from flanksim.measure.replications import Origin, Replication
from flanksim.network.edited import from_json
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.saving import alone_in, file_name, make_folder, remove_partial, saving, write_atomically
from flanksim.scenario.reading import load
from flanksim.scenario.schema import Scenario

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    import pyarrow as pa

Found = TypeVar("Found")

#: Of the folders that are written and read here; those of before it was counted have none.
FORMAT = 3
_AGAIN = "run the command that wrote it again"
#: Table with the runs of a run's other worlds.
WORLDS = "worlds.parquet"
#: File with the graph that was handed in, beside the scenario.
NETWORK = "network.json"
#: In the folder of a search, what it found beside its runs.
SEARCH = "search.json"
#: Scenario digest, then seed, to run.
Runs = dict[str, dict[int, Replication]]
#: Key in a part's metadata: the digest of the study to which it belongs, and the format.
_STUDY = b"study_digest"


# ---- files --------------------------------------------------------------------------------------


def write_text(path: Path, text: str) -> None:
    """Text, atomically."""

    def write(partial: Path) -> None:
        partial.write_text(text, encoding="utf-8")

    write_atomically(path, write)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """JSON, atomically, with stable order."""
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def write_table(path: Path, content: pa.Table | pd.DataFrame) -> None:
    """One Parquet file, atomically; its pages have checksums, so that damage is seen when it is read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = content if isinstance(content, pa.Table) else pa.Table.from_pandas(content, preserve_index=False)
    make_folder(path.parent)
    write_atomically(path, lambda partial: pq.write_table(table, partial, compression="zstd", write_page_checksum=True))


def read_json(path: Path) -> dict[str, Any]:
    """One JSON object; empty where the file is not there.

    Raises
    ------
    FlanksimError
        E506 if the file is no JSON object.
    """
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        said = "it is cut or damaged here" if isinstance(error, json.JSONDecodeError) else "it is not UTF-8 text"
        raise FlanksimError(Problem("E506", f"{path}:{line}", "", f"this is no whole JSON: {said}", _AGAIN)) from None
    if not isinstance(found, dict):
        raise FlanksimError(Problem("E506", str(path), "", "this is no mapping in JSON", _AGAIN))
    return found


def read_as(path: Path, make: Callable[[dict[str, Any]], Found], remedy: str) -> Found | None:
    """What a JSON file holds as an object; None where the file is not there.

    Parameters
    ----------
    make
        Makes the object of the content.
    remedy
        What to do about a file that somebody has changed.

    Raises
    ------
    FlanksimError
        E506 if the file is no JSON object, or not as flanksim writes it.
    """
    content = read_json(path)
    if not content:
        return None
    with as_written(path, remedy):
        return make(content)


@contextmanager
def as_written(path: Path, remedy: str) -> Iterator[None]:
    """E506 for what is not in a file, or of another kind than flanksim writes there."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        said = f"'{error.args[0]}' is missing" if isinstance(error, KeyError) else " ".join(str(error).split())[:120]
        raise FlanksimError(Problem("E506", str(path), "", f"not as flanksim writes it: {said}", remedy)) from None


def read_table(path: Path, columns: list[str] | None = None) -> pa.Table | None:
    """A saved table; None where the file is not there.

    Raises
    ------
    FlanksimError
        E506 if the file is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        return None
    try:
        return pq.read_table(path, columns=columns, partitioning=None, page_checksum_verification=True)
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        said = " ".join(str(error).split())[:120]
        hint = "run the command that wrote it again, or finish the study with --resume"
        raise FlanksimError(Problem("E506", str(path), "", f"no whole Parquet table: {said}", hint)) from None


def read_frame(path: Path) -> pd.DataFrame | None:
    """A saved table as a DataFrame, as `read_table`."""
    found = read_table(path)
    return None if found is None else found.to_pandas()


# ---- folders ------------------------------------------------------------------------------------


def new_folder(root: Path, scenario: str, now: datetime | None = None) -> Path:
    """A fresh folder ``root/<scenario>/<stamp>``; the stamp is UTC to the second, then numbered.

    Raises
    ------
    FlanksimError
        E507 if it cannot be made.
    """
    stamp = (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H%M%S")
    above = make_folder(root / file_name(scenario))
    number = 0
    while True:
        folder = above / (stamp if number == 0 else f"{stamp}-{number}")
        number += 1
        with saving(folder):
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder


def no_results(code: str, folder: Path, missing: Sequence[str]) -> Problem:
    """A folder without results: what is missing, and the newest results below it if there are any."""
    below = [path.parent for pattern in ("*", "*/*") for path in folder.glob(f"{pattern}/manifest.json")]
    newest = max(below, key=lambda path: (path.name, str(path)), default=None)
    if newest is not None:
        hint = f"the newest results below it are in {newest}"
    else:
        hint = "give a folder that flanksim has written, such as results/<scenario>/<stamp>"
    what = f"no results here: {' and '.join(missing)} missing" if folder.is_dir() else "there is no such folder"
    return Problem(code, str(folder), "", what, hint)


def resolved(scenario: Scenario) -> str:
    """The whole scenario, tables included, as text that `load` reads (JSON is YAML 1.2)."""
    content = scenario.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(content, indent=1, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # halves of a character, which UTF-8 does not know
        text = json.dumps(content, indent=1)
    return text + "\n"


def manifest_of(scenario: Scenario, kind: str, seed: int) -> dict[str, Any]:
    """What every results folder says of itself."""
    packages = ("flanksim", "simpy", "networkx", "numpy", "scipy", "pydantic")
    return {
        "format": FORMAT,
        "kind": kind,
        "scenario": scenario.name,
        "scenario_digest": scenario.digest,
        "title": scenario.title or scenario.name,
        "overrides": list(scenario.overrides),
        "seed": seed,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in packages},
    }


@dataclass(frozen=True)
class Saved:
    """A results folder of this format that was opened.

    Attributes
    ----------
    manifest
        What it says of itself.
    scenario
        Of a run and of the first alternative of a comparison the network that was run; of a sweep the one asked about.
    """

    folder: Path
    manifest: dict[str, Any]
    scenario: Scenario

    @cached_property
    def network(self) -> nx.MultiDiGraph[str] | None:
        """The graph that was handed in; None where the network is that of the scenario's tables."""
        content = read_json(self.folder / NETWORK)
        return from_json(content) if content else None

    def plan(self) -> Plan:
        """The plan that was run, made again."""
        return compile_plan(self.scenario, self.network)

    @property
    def kind(self) -> str:
        """Name of the command that saved it: ``run``, ``sweep``, ``best-buys``, ``bound`` and so on."""
        return str(self.manifest.get("kind", "run"))

    def seeds(self) -> list[int]:
        """Seeds of the runs in their order: those that were made, else those that were wanted."""
        made = read_table(self.folder / "runs.parquet", ["seed"])
        if made is not None and len(made):
            return list(dict.fromkeys(made["seed"].to_pylist()))
        return seeds(self.scenario.seed, int(self.manifest.get("replications", 1)))

    def known_runs(self) -> dict[str, tuple[Replication, ...]]:
        """The runs that the tables hold in their order, by digest of their scenario, as far as they are there.

        Raises
        ------
        FlanksimError
            E506 if the table of runs is damaged.
        """
        table = read_table(self.folder / "runs.parquet")
        if table is None:
            return {}
        if "cell" not in table.column_names:
            parts = self.parts()
            found = [parts[seed] for seed in self.seeds() if seed in parts]
            return {self.scenario.digest: tuple(found)} if found else {}
        return _by_cell(table)

    def world_runs(self) -> dict[str, tuple[Replication, ...]]:
        """The runs of a run's other worlds, by key of their design point; none where there are none.

        Raises
        ------
        FlanksimError
            E506 if their table is damaged.
        """
        table = read_table(self.folder / WORLDS)
        return {} if table is None else _by_cell(table)

    def runs(self) -> dict[str, tuple[Replication, ...]]:
        """All runs of a study that was finished, as `known_runs`.

        Raises
        ------
        FlanksimError
            E506 if the table of runs or a part is gone or damaged, E514 if the study was not finished.
        """
        status = self.manifest.get("status")
        if status != "complete":
            hint = f"finish it: the same command with --resume {self.folder}, or resume= in Python"
            raise FlanksimError(Problem("E514", str(self.folder), "", f"this study is not finished: {status}", hint))
        found, wanted = self.known_runs(), self.manifest.get("done")
        made = sum(map(len, found.values()))
        if made != wanted:
            hint = "finish the study with --resume: what is gone is made again"
            raise FlanksimError(Problem("E506", str(self.folder), "", f"{made} of its {wanted} runs are there", hint))
        return found

    def parts(self) -> dict[int, Replication]:
        """Runs of the scenario of the folder whose part is there, whole and of this study, by seed."""
        store = Store(self.folder, str(self.manifest.get("study_digest", "")))
        return store.read().get(self.scenario.digest, {})

    def only(self, kinds: Sequence[str], what: str) -> None:
        """E505 unless it is a folder of one of these kinds."""
        if self.kind not in kinds:
            hint = "run one of its scenarios with flanksim run and explain that; flanksim report needs no --explain"
            if what != "explained":
                hint = f"give a folder of flanksim {', '.join(kinds[:-1])} or {kinds[-1]}"
            said = f"only a {' or '.join(kinds)} can be {what}, and this is a {self.kind}"
            raise FlanksimError(Problem("E505", str(self.folder / "manifest.json"), "kind", said, hint))


def open_folder(folder: Path, code: str = "E120") -> Saved:
    """Open a results folder.

    Parameters
    ----------
    code
        Of the problem if there are no results in it.

    Raises
    ------
    FlanksimError
        `code` if the folder holds no results, E506 if its manifest is damaged, E509 if it is of another format.
    """
    files = [folder / "manifest.json", folder / "scenario.yaml"]
    missing = [path.name for path in files if not path.is_file()]
    if missing:
        raise FlanksimError(no_results(code, folder, missing))
    manifest = read_json(files[0])
    this_format(folder, manifest)
    return Saved(folder, manifest, load(files[1]))


def this_format(folder: Path, manifest: Mapping[str, Any]) -> None:
    """E509 for a folder that another version of flanksim has saved in another format."""
    found = manifest.get("format", 1)
    if found == FORMAT:
        return
    later = isinstance(found, int) and found > FORMAT
    kind = manifest.get("kind", "run")
    said = f"saved by {'a later' if later else 'an earlier'} version of flanksim: format {found}, this one has {FORMAT}"
    hint = f"make it again: flanksim {kind} {folder / 'scenario.yaml'}, with the options that it was made with"
    if kind == "compare":
        hint = "make it again: flanksim compare with the scenarios and options that it was made with"
    raise FlanksimError(Problem("E509", str(folder / "manifest.json"), "format", said, hint))


# ---- runs as they end ---------------------------------------------------------------------------


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
                _same_study(folder, manifest)
                remove_partial(folder)
            store = cls(folder, str(manifest["study_digest"]))
            make_folder(folder / "parts")
            write_text(folder / "scenario.yaml", scenario)
            write_json(folder / "manifest.json", manifest | {"status": "running"})
            yield store

    @property
    def _mark(self) -> bytes:
        return f"{self.study} {FORMAT}".encode()

    def add(self, cell: str, entry: Replication) -> None:
        """Write one run, atomically."""
        table = _table([(cell, entry)]).replace_schema_metadata({_STUDY: self._mark})
        write_table(self.folder / "parts" / f"{cell}-{entry.seed}.parquet", table)

    def read(self, *, mend: bool = False, cells: Collection[str] | None = None) -> Runs:
        """Every run of this study that had ended, by cell and seed, without damaged parts.

        Parameters
        ----------
        mend
            Remove them.
        cells
            Those of these cells alone; of all without.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        found: Runs = {}
        for path in sorted((self.folder / "parts").glob("*.parquet")):
            if cells is not None and path.name.partition("-")[0] not in cells:
                continue
            try:
                table = pq.read_table(path, partitioning=None, page_checksum_verification=True)
                if (table.schema.metadata or {}).get(_STUDY) != self._mark:
                    continue
                for row in table.to_pylist():
                    found.setdefault(row["cell"], {})[row["seed"]] = _replication(row)
            except (pa.ArrowException, OSError, KeyError, ValueError, TypeError):
                if mend:
                    with suppress(OSError):
                        path.unlink()
        return found

    def interrupt(self, save: Callable[[Runs], int] | None = None) -> None:
        """Say in the manifest that the study stopped, and how many runs it has, as far as that can be written.

        Parameters
        ----------
        save
            Writes the tables of the runs that have ended, and gives their number.
        """
        remove_partial(self.folder)
        with suppress(FlanksimError):
            path = self.folder / "manifest.json"
            done = len(list((self.folder / "parts").glob("*.parquet"))) if save is None else save(self.read())
            write_json(path, read_json(path) | {"status": "interrupted", "done": done})

    def finish(self, runs: Mapping[str, Sequence[Replication]], name: str = "runs.parquet") -> None:
        """Write the table of all runs, in the order of scenarios and runs."""
        entries = [(cell, entry) for cell, found in runs.items() for entry in found]
        if entries:
            write_table(self.folder / name, _table(entries))

    def complete(self, manifest: dict[str, Any]) -> None:
        """The last word: everything else is written."""
        write_json(self.folder / "manifest.json", manifest | {"status": "complete"})


@contextmanager
def kept_if_stopped(store: Store | None, save: Callable[[Runs], int] | None = None) -> Iterator[None]:
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


def _same_study(folder: Path, manifest: dict[str, Any]) -> None:
    """A folder is finished by the study that began it; where its manifest is damaged, its parts say whose they are."""
    path = folder / "manifest.json"
    try:
        found = read_json(path)
    except FlanksimError:
        return
    this_format(folder, found)
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
        "plan_cell": (text, [entry.origin.cell for _, entry in entries]),
        "plan_loads_anew": (pa.int64(), [entry.origin.loads_anew for _, entry in entries]),
        "plan_same_ways": (pa.bool_(), [entry.origin.same_ways for _, entry in entries]),
        "group": (pa.list_(text), [list(entry.closures) for _, entry in entries]),
        "group_troops": (pa.list_(pa.int64()), [[c.troops for c in entry.closures.values()] for _, entry in entries]),
        "group_closed_hour": (many, [[c.hour for c in entry.closures.values()] for _, entry in entries]),
        "group_on_time_share": (many, [[c.on_time_share for c in entry.closures.values()] for _, entry in entries]),
        "cause": (pa.list_(text), [[str(cause) for cause in entry.causes_h] for _, entry in entries]),
        "cause_hours": (many, [list(entry.causes_h.values()) for _, entry in entries]),
        **{
            f"unit_{clock}_hour": (many, [list(getattr(entry.clocks, clock)) for _, entry in entries])
            for clock in CLOCKS
        },
        "unit_troops_in_hour": (many, [list(entry.troops_h) for _, entry in entries]),
    }
    return pa.table({name: pa.array(values, type=kind) for name, (kind, values) in columns.items()})


def _by_cell(table: pa.Table) -> dict[str, tuple[Replication, ...]]:
    found: dict[str, list[Replication]] = {}
    for row in table.to_pylist():
        found.setdefault(row["cell"], []).append(_replication(row))
    return {cell: tuple(runs) for cell, runs in found.items()}


def _replication(row: dict[str, Any]) -> Replication:
    groups = zip(row["group"], row["group_troops"], row["group_closed_hour"], row["group_on_time_share"], strict=True)
    return Replication(
        seed=row["seed"],
        clocks=UnitHours(*(tuple(row[f"unit_{clock}_hour"]) for clock in CLOCKS)),
        troops_h=tuple(row["unit_troops_in_hour"]),
        closures={name: Closure(troops, hour, share) for name, troops, hour, share in groups},
        causes_h=dict(zip(map(Cause.of, row["cause"]), row["cause_hours"], strict=True)),
        last_unit=row["last_unit"],
        movements=row["movements"],
        assets_lost=row["assets_lost"],
        digest=row["digest"],
        # Folders of before plans were carried over do not say it: theirs were all made anew.
        origin=Origin(row.get("plan_cell", ""), row.get("plan_loads_anew", 0), row.get("plan_same_ways", False)),
    )
