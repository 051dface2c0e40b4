"""Text to Scenario: YAML 1.2 and CSV in, one validated Scenario or every problem out."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from flanksim.errors import FlanksimError, Problem
from flanksim.scenario.arguments import as_path, wrong
from flanksim.scenario.check import check
from flanksim.scenario.fields import kind_of, shown
from flanksim.scenario.force_sets import Units, refuse_other, set_file
from flanksim.scenario.levers import without_removed
from flanksim.scenario.naming import mark_overrides
from flanksim.scenario.parameters import PARAMETERS
from flanksim.scenario.picking import keep_only, naming_absent, naming_removed
from flanksim.scenario.saying import Where
from flanksim.scenario.schema import AS_PYDANTIC, Scenario
from flanksim.scenario.tables import TABLES, read_table, tables_in
from flanksim.scenario.text import MOST_YAML_CHARACTERS, json_mapping, parsed, plain, read_text
from flanksim.scenario.wording import META, switched, translate
from flanksim.scenario.words import close_to

#: Lines are kept down to this depth: parts, rows, their fields, and the values in those.
_DEEPEST_LINE = 5
#: Where a value stands that was laid over the file by hand.
_SET = "--set"
#: A row whose value is put aside may lack it then, and goes whole in the next round.
_ROUNDS = 3

#: What a row names, whatever else is wrong with it.
_NO_SUCH_ROW = ("E201", "E202", "E203", "E204")

Origin = tuple[str, int]
Origins = dict[tuple[str, ...], Origin]


def shipped() -> Path:
    """Folder of the shipped scenarios, in an installed wheel or in a checkout."""
    inside = Path(__file__).parents[1] / "scenarios"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "scenarios"


def shipped_tables() -> list[str]:
    """Names of the shipped folders of tables."""
    return sorted({file.parent.name for file in shipped().glob("*/nodes.csv")})


def load(path: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Read, merge, validate and check a scenario file.

    Parameters
    ----------
    path
        A YAML file, or the name of a shipped scenario (``"eastern-flank"``).
    overrides
        Nested values that win over the file, in its own shape: ``{"regime": {"traffic": "peace"}}``.

    Returns
    -------
    Scenario
        Frozen and checked.

    Raises
    ------
    FlanksimError
        With every problem found, each with file, line and remedy.

    Examples
    --------
    >>> load("corridor-mini").name
    'corridor-mini'
    """
    return inspect(path, overrides)[0]


def inspect(
    path: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None, *, new_rows: bool = True
) -> tuple[Scenario, list[Problem]]:
    """A scenario as `load` reads it, and the warnings that do not keep it from running.

    Parameters
    ----------
    path, overrides
        As of `load`.
    new_rows
        Whether overrides may add rows to tables; if not, they change and take out rows that there are.

    Raises
    ------
    FlanksimError
        With every error found, as `load` does; E133 for a row that there is not.
    """
    return located(path, overrides, new_rows=new_rows)[:2]


def located(
    path: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None, *, new_rows: bool = True
) -> tuple[Scenario, list[Problem], Where]:
    """A scenario with its warnings, as `inspect` gives them, and what says file and line of a table, row and field."""
    reader = _Reader()
    raw = reader.scenario(_find(as_path("path", path)))
    if not isinstance(overrides, Mapping | None):
        raise wrong(
            "overrides", overrides, 'give nested values in the shape of a file: {"regime": {"traffic": "peace"}}'
        )
    if overrides:
        own = _nested_copy(overrides)
        _refuse_meta(own)
        _short_parameters(own)
        reader.override(own)
        reader.units.from_file(own)
        reader.note_removed(raw, own)
        known = {table: set(raw.get(table, ())) for table in TABLES if table in own}
        _merge(raw, own)
        mark_overrides(raw, overrides)
        if not new_rows:
            _refuse_new_rows(own, known | {"units": known.get("units", set()) | reader.units_of_set(raw)})
    return *_validate(raw, reader), reader.where


def loads(text: str, where: str = "<text>") -> Scenario:
    """Read a scenario from YAML text; ``tables`` and ``extends`` are looked up among the shipped ones.

    Parameters
    ----------
    text
        What a scenario file holds.
    where
        What problems name as the file.

    Returns
    -------
    Scenario
        Frozen and checked.

    Raises
    ------
    FlanksimError
        With every problem found, as `load`; E130 for what is no text.

    Examples
    --------
    >>> loads("{flanksim: 1, name: own, extends: corridor-mini}").name
    'own'
    """
    if not isinstance(text, str):
        raise wrong("text", text, "give YAML as text; flanksim.load reads a file")
    reader = _Reader(where)
    raw = reader.parse(text, where, shipped())
    return _validate(raw, reader)[0]


def from_values(values: Mapping[str, Any]) -> Scenario:
    """A scenario of nested Python values, in the shape of a scenario file; no file is needed.

    Parameters
    ----------
    values
        Parts and tables by name, rows by id, fields by name. A table may also be a pandas DataFrame whose index holds
        the ids of its rows; what is missing in it is not stated. ``extends`` and ``tables`` are looked up among the
        shipped ones; without them the parameters are the shipped ones that hold everywhere, and without ``nodes`` the
        ends of the links are the places.

    Returns
    -------
    Scenario
        Frozen and checked.

    Raises
    ------
    FlanksimError
        With every problem found, each with its place in the values and what to write; E130 for no mapping.

    Examples
    --------
    >>> corridor = from_values(
    ...     {
    ...         "name": "corridor",
    ...         "links": {"road": {"from_node": "A", "to_node": "B", "mode": "road", "length_km": 300}},
    ...         "units": {"brigade": {"troops": 4000, "wheeled": 900, "home_node": "A", "assembly_node": "B"}},
    ...     }
    ... )
    >>> list(corridor.nodes)
    ['A', 'B']
    """
    if not isinstance(values, Mapping):
        raise wrong("values", values, 'give nested values in the shape of a file: {"name": "mine", "links": {...}}')
    reader = _Reader("values")
    own = _nested_copy(_rows_of_frames(values))
    reader.override(own, name="values")
    raw = reader.laid(own, "values", shipped())
    return _validate(raw, reader)[0]


def _rows_of_frames(values: Mapping[str, Any]) -> dict[str, Any]:
    """DataFrames among the tables as rows by id, without their empty cells."""
    found = {str(name): table for name, table in values.items()}
    for name in found.keys() & set(TABLES):
        table: Any = found[name]
        if not hasattr(table, "iterrows"):
            continue
        twice = ", ".join(map(str, table.index[table.index.duplicated()].unique()))
        if twice:
            hint = "make the index of the DataFrame the ids of its rows, each once"
            raise FlanksimError(Problem("E111", "values", name, f"an id is used twice: {twice}", hint))
        found[name] = {key: row.dropna().to_dict() for key, row in table.iterrows()}
    return found


def _find(path: Path) -> Path:
    for candidate in (path, shipped() / path, shipped() / f"{path}.yaml"):
        if _is(Path.is_file, candidate):
            return candidate
    names = sorted(file.stem for file in shipped().glob("*.yaml"))
    beside = (
        {file.stem: str(file) for file in sorted(path.parent.glob("*.yaml"))} if _is(Path.is_dir, path.parent) else {}
    )
    close = difflib.get_close_matches(path.stem, {**dict.fromkeys(names), **beside}, n=1)
    hint = f"did you mean '{beside.get(close[0], close[0])}'?" if close else f"shipped scenarios: {', '.join(names)}"
    raise FlanksimError(Problem("E101", str(path), "", "no such scenario file", hint))


class _Reader:
    """Reads files and remembers on which line each value stood."""

    def __init__(self, name: str = "") -> None:
        #: What problems name where it is no file that is read.
        self.name = name
        self.origins: Origins = {}
        self.problems: list[Problem] = []
        #: Where a row was taken out, by table and id.
        self.removed: dict[tuple[str, str], str] = {}
        #: Files that a folder of tables lacks, by table.
        self.absent: dict[str, str] = {}
        self._chain: list[Path] = []
        self._unlined: list[tuple[str, str]] = []
        self.units = Units()

    def scenario(self, path: Path) -> dict[str, Any]:
        """One YAML file with what it extends."""
        resolved = path.resolve()
        self._chain.append(resolved)
        return self.parse(read_text(path, str(path)), path.name, path.parent)

    def parse(self, text: str, where: str, folder: Path) -> dict[str, Any]:
        """YAML text, the scenario that it extends and the tables that it names, merged."""
        return self.laid(self._yaml(text, where), where, folder)

    def laid(self, own: dict[str, Any], where: str, folder: Path) -> dict[str, Any]:
        """What a file or a caller states, laid over the scenario that it extends and the tables that it names."""
        raw: dict[str, Any] = {}
        if (base := own.pop("extends", None)) is not None:
            found = self._extended(base, folder, where)
            saved, self.origins = self.origins, {}
            raw = self.scenario(found)
            self.origins.update(saved)
        tables = own.pop("tables", None)
        if tables is not None:
            read = self._tables(tables, folder)
            self.units.from_tables(_nested_copy(read.get("units", {})))
            _merge(raw, read)
        if base is None and "parameters" not in raw:
            needed = {name for name, entry in PARAMETERS.items() if entry.needed and not entry.only_if}
            stated = own.get("parameters")
            # What states every needed parameter stands alone: a saved scenario is read as it was, whatever its theatre.
            if not (isinstance(stated, Mapping) and needed <= set(stated)):
                raw |= self._default_parameters(raw.get("sources"))
        if (only := own.pop("only", None)) is not None:
            self.problems += keep_only(raw, only, self.where)
            self.units.keep(raw.get("units", {}))
        _short_parameters(own)
        self.units.from_file(own)
        self.note_removed(raw, own)
        _merge(raw, own)
        if base is None:
            _infer_nodes(raw)
        return raw

    def _extended(self, base: Any, folder: Path, where: str) -> Path:
        """File of the scenario over which this one is laid."""

        def refuse(code: str, message: str, hint: str) -> FlanksimError:
            return FlanksimError(Problem(code, self.where(("extends",)), "extends", message, hint))

        if not isinstance(base, str):
            message = f"{shown(base)} is {kind_of(base)}, not the name of a scenario"
            raise refuse("E105", message, "name one scenario; that one may extend the next")
        candidates = (folder / base, shipped() / base, shipped() / f"{base}.yaml")
        found = next((file for file in candidates if _is(Path.is_file, file)), None)
        if found is None:
            names = {file.stem: file.stem for file in shipped().glob("*.yaml")}
            beside = ""
            if folder != shipped():  # else there is no file, but text or values
                names |= {file.name: file.name for file in folder.glob("*.yaml") if file.name != where}
                beside = f"a file beside {where}, or "
            hint = close_to(base, names, f"name {beside}a shipped scenario: {', '.join(sorted(names))}")
            raise refuse("E101", f"no such scenario file: {base}", hint)
        if found.resolve() in self._chain:
            message = "a scenario cannot extend itself" if len(self._chain) == 1 else f"{base} extends this file itself"
            raise refuse("E109", message, "let one of them extend another scenario, or none")
        return found

    def note_removed(self, raw: Mapping[str, Any], own: Mapping[str, Any]) -> None:
        """Remember which rows of `raw` the rows of `own` take out, and where; a row that comes back is there again."""
        for table in TABLES:
            rows = own.get(table)
            for key, row in rows.items() if isinstance(rows, Mapping) else ():
                if row is not None:
                    self.removed.pop((table, key), None)
                elif key in raw.get(table, {}):
                    self.removed[table, key] = self.where((table, key))

    def _set_of_forces(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """What the set of forces that the scenario names states; nothing if it names none."""
        named = raw.get("forces")
        name = named.get("set") if isinstance(named, Mapping) else None
        if not isinstance(name, str) or not name or self.units.sets is None:
            return {}
        path, known = set_file(self.units.sets, name, self.where(("forces", "set"))), dict(self.origins)
        own = self._slowly(read_text(path, str(path)), f"{path.parent.name}/{path.name}")
        lines = {part: self.where((part,)) for part in own}
        self.origins.update(known)  # a file that states a value itself has the last word, and the line
        refuse_other(own, lines)
        return own

    def units_of_set(self, raw: Mapping[str, Any]) -> set[str]:
        """Ids of the units of the set of forces that the scenario names."""
        return set(self._set_of_forces(raw).get("units") or ())

    def choose_forces(self, raw: dict[str, Any]) -> None:
        """The set of forces that the scenario names, under what its files say of units themselves."""
        own = self._set_of_forces(raw)
        if not own:
            return
        raw["units"] = self.units.with_set(own.get("units", {}), _merge)
        forces = _nested_copy(own.get("forces", {}))
        _merge(forces, raw["forces"])
        raw["forces"] = forces

    def _yaml(self, text: str, where: str) -> dict[str, Any]:
        quick = json_mapping(text) if len(self._chain) <= 1 else None
        if quick is not None and not any(name in quick for name in META):
            if len(text) <= MOST_YAML_CHARACTERS:
                self._unlined.append((text, where))
            return quick
        return self._slowly(text, where)

    def _slowly(self, text: str, where: str) -> dict[str, Any]:
        """Any YAML, with the line of each value."""
        data = parsed(text, where)
        if not isinstance(data, Mapping):
            what = "nothing stands in this file" if data is None else f"this is {kind_of(data)}, and no scenario"
            hint = "write name: value lines, as flanksim new shows"
            raise FlanksimError(Problem("E102", where, "", what, hint))
        self._remember(data, (), where)
        found: dict[str, Any] = plain(data)
        return found

    def _remember(self, data: Any, path: tuple[str, ...], where: str) -> None:
        marks = getattr(data, "lc", None)
        if marks is None or len(path) > _DEEPEST_LINE:
            return
        items = data.items() if isinstance(data, Mapping) else enumerate(data)
        for key, value in items:
            try:
                line = (marks.key(key) if isinstance(data, Mapping) else marks.item(key))[0]
            except (KeyError, TypeError):  # merged in from elsewhere (<<), or tagged: it has no line of its own here
                continue
            self.origins[*path, str(key)] = (where, line + 1)
            self._remember(value, (*path, str(key)), where)

    def override(self, values: Mapping[str, Any], path: tuple[str, ...] = (), name: str = _SET) -> None:
        """Values that win over the file have no line in it: a problem with one must not name the line it replaced."""
        for key, value in values.items():
            here = (*path, str(key))
            if not isinstance(value, Mapping) or here not in self.origins:
                self.origins[here] = (name, 0)
            if isinstance(value, Mapping):
                self.override(value, here, name)

    def _tables(self, name: Any, folder: Path) -> dict[str, Any]:
        if not isinstance(name, str):
            message = f"{shown(name)} is {kind_of(name)}, not the name of a folder"
            raise FlanksimError(
                Problem("E105", self.where(("tables",)), "tables", message, "name one folder of tables")
            )
        candidates = (folder / name, shipped() / name)
        directory = next((place for place in candidates if _is(Path.is_dir, place)), None)
        self.units.sets = None if directory is None else directory / "forces"
        if directory is None:
            raise FlanksimError(
                Problem(
                    "E101",
                    self.where(("tables",)),
                    "tables",
                    f"no folder of tables '{name}'",
                    f"make such a folder beside this file, or name a shipped one: {', '.join(shipped_tables())}",
                )
            )
        files, problems = tables_in(directory, name)
        self.problems += problems
        self.absent = {table: f"{name}/{table}.csv" for table in TABLES if table not in files}
        return {table: self._csv(path, table, f"{name}/{table}.csv") for table, path in files.items()}

    def _default_parameters(self, sources: dict[str, Any] | None) -> dict[str, Any]:
        """Those of the shipped tables that hold elsewhere too; with where they come from, if the tables say that."""
        rows = self._csv(shipped() / "europe" / "parameters.csv", "parameters", "europe/parameters.csv")
        known = {key: PARAMETERS.get(key) for key in rows}
        rows = {key: row for key, row in rows.items() if not ((entry := known[key]) and entry.of_tables)}
        if not sources:
            return {"parameters": rows}
        named = {row.get("source") for row in rows.values()}
        theirs = self._csv(shipped() / "europe" / "sources.csv", "sources", "europe/sources.csv")
        return {"parameters": rows, "sources": {key: row for key, row in theirs.items() if key in named} | sources}

    def _csv(self, path: Path, table: str, where: str) -> dict[str, dict[str, Any]]:
        found = read_table(path, table, where)
        self.problems += found.problems
        self.origins.update({(table, identity): (where, line) for identity, line in found.lines.items()})
        return found.rows

    def where(self, path: tuple[str, ...], fields: Sequence[str] = ()) -> str:
        """File and line of a value; of the `fields` of a row that of the one which was laid over the others last."""
        while self._unlined:  # somebody asks for a line, which the quick way did not note
            known, self.origins = self.origins, {}
            self._slowly(*self._unlined.pop())
            self.origins.update(known)
        own = [self.origins[*path, field] for field in fields if (*path, field) in self.origins]
        last = [
            _SET,
            self.name,
            *(file.name for file in self._chain),
        ]  # the file that was asked for comes before what it extends
        own.sort(key=lambda origin: last.index(origin[0]) if origin[0] in last else len(last))
        for origin in (*own[:1], *(self.origins.get(path[:length]) for length in range(len(path), 0, -1))):
            if origin is not None:
                file, line = origin
                return f"{file}:{line}" if line else file
        return self.name or self._chain[0].name


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    """Whether there is such a file or folder; a name that no file system takes is none."""
    try:
        return kind(path)
    except (OSError, ValueError):
        return False


def _nested_copy(values: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key): _nested_copy(item) if isinstance(item, Mapping) else item for key, item in values.items()}


def _refuse_meta(own: Mapping[str, Any]) -> None:
    for name in META:
        if name in own:
            hint = f"write a scenario file of two lines: {name}: {own[name]}, and name: mine"
            raise FlanksimError(Problem("E103", _SET, name, f"'{name}' can only be stated in a file", hint))


def _refuse_new_rows(own: Mapping[str, Any], known: Mapping[str, set[str]]) -> None:
    """A row that is not there is misspelt, and would otherwise change nothing unsaid."""
    problems = []
    for table in TABLES:
        rows = own.get(table)
        there = known.get(table, set()) | (PARAMETERS.keys() if table == "parameters" else set())
        for key in rows if isinstance(rows, Mapping) else ():
            if key not in there:
                hint = close_to(key, there, f"a new row belongs in a scenario file: {table}: {{{key}: {{...}}}}")
                problems.append(Problem("E133", _SET, f"{table}.{key}", f"no row '{key}' in {table}", hint))
    if problems:
        raise FlanksimError(problems)


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    """Lay `over` on `base`; mappings merge, all else replaces, and null removes a row."""
    for key, value in over.items():
        if value is None and key in base:
            del base[key]
        elif isinstance(value, Mapping) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = dict(value) if isinstance(value, Mapping) else value


def _short_parameters(own: dict[str, Any]) -> None:
    """``name: 3`` is short for ``name: {low: 3, typical: 3, high: 3}``."""
    parameters = own.get("parameters")
    if isinstance(parameters, dict):
        for name, value in parameters.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                parameters[name] = {"low": value, "typical": value, "high": value}


def _infer_nodes(own: dict[str, Any]) -> None:
    """In a tiny scenario without nodes, the links name the places."""
    links = own.get("links")
    if "nodes" in own or not isinstance(links, dict):
        return
    names: dict[str, dict[str, Any]] = {}
    for link in links.values():
        if isinstance(link, dict):
            names |= {str(link[end]): {} for end in ("from_node", "to_node") if end in link}
    own["nodes"] = names


def _validate(raw: dict[str, Any], reader: _Reader) -> tuple[Scenario, list[Problem]]:
    reader.choose_forces(raw)
    without_removed(raw, reader.removed)
    problems = list(reader.problems) + switched(raw, reader.where)
    scenario: Scenario | None = None
    try:
        scenario = Scenario.model_validate(_interned(raw), context=AS_PYDANTIC)
    except ValidationError as error:
        told = translate(error, raw, reader.where)
        problems += told
        if not reader.problems:
            problems += _beyond(raw, error, reader, told)
    if scenario is not None and not problems:
        absent = {table: file for table, file in reader.absent.items() if not raw.get(table)}
        problems += naming_absent(naming_removed(check(scenario, reader.where), reader.removed), absent)
    if scenario is None or any(problem.severity == "error" for problem in problems):
        raise FlanksimError(problems)
    return scenario, problems


def _beyond(raw: dict[str, Any], error: ValidationError, reader: _Reader, told: list[Problem]) -> list[Problem]:
    """Problems across tables of what is left when the bad values are put aside, so that all come at once."""
    if any(len(item["loc"]) == 1 for item in error.errors(include_url=False)):
        return []  # without a whole table or part, everything that names a row of it would be told too
    gone: set[str] = set()
    fewer, rest = False, None  # units were put aside, or numbers of them, so that the rest may be too few
    for _ in range(_ROUNDS):
        for item in error.errors(include_url=False):
            path = [str(part) for part in item["loc"]]
            whole = item["type"] == "missing" or len(path) <= 2
            depth = min(len(path), 2 if whole or any(problem.path == ".".join(path[:2]) for problem in told) else 3)
            here: Any = raw
            for part in path[: depth - 1]:
                here = here.get(part) if isinstance(here, dict) else None
            if isinstance(here, dict):
                fewer |= path[0] == "units"
                here.pop(path[depth - 1], None)
                gone.add(path[min(1, depth - 1)])
        try:
            rest = Scenario.model_validate(raw, context=AS_PYDANTIC)
            break
        except ValidationError as left:
            error = left
    if rest is None:
        return []
    paths = {problem.path for problem in told}

    def follows(problem: Problem) -> bool:
        """Whether a problem comes of what was put aside."""
        if problem.severity != "error" or problem.path in paths or (fewer and problem.code in ("E301", "E302")):
            return True
        if any(f"'{name}'" in problem.message for name in gone):
            return True
        if problem.code == "E213" and any(path.startswith("effects.") for path in paths):
            return True  # its effect is the one that was put aside
        return problem.code not in _NO_SUCH_ROW and any(name in problem.path.split(".") for name in gone)

    return [problem for problem in check(rest, reader.where) if not follows(problem)]


def _interned(raw: dict[str, Any]) -> dict[str, Any]:
    return {sys.intern(key): value for key, value in raw.items()}


def problems_of(error: ValidationError, raw: Mapping[str, Any], where: str) -> list[Problem]:
    """Pydantic's errors on `raw`, the data of a scenario that Python has changed: `where` instead of a line.

    Parameters
    ----------
    error
        What pydantic found.
    raw
        Data of a scenario that Python has changed.
    where
        What stands in the place of file and line.
    """
    return translate(error, raw, lambda *_: where)
