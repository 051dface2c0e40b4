"""Text to Scenario: YAML 1.2 and CSV in, one validated Scenario or every problem out."""

from __future__ import annotations

import csv
import difflib
import json
import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from flanksim.errors import FlanksimError, Problem
from flanksim.scenario import rows
from flanksim.scenario.arguments import as_path, wrong
from flanksim.scenario.check import check
from flanksim.scenario.naming import mark_overrides
from flanksim.scenario.schema import Scenario

TABLES: dict[str, tuple[type[BaseModel], str]] = {
    "parameters": (rows.Parameter, "name"),
    "nodes": (rows.Node, "node_id"),
    "links": (rows.Link, "link_id"),
    "chokepoints": (rows.Chokepoint, "chokepoint_id"),
    "facilities": (rows.Facility, "facility_id"),
    "fleets": (rows.Fleet, "fleet_id"),
    "unit_types": (rows.UnitType, "unit_type"),
    "units": (rows.Unit, "unit_id"),
    "economies": (rows.Economy, "iso3"),
    "projects": (rows.Project, "project_id"),
    "effects": (rows.Effect, "effect_id"),
    "outages": (rows.Outage, "outage_id"),
    "sources": (rows.Source, "source_id"),
}
_META = ("extends", "tables")

Origin = tuple[str, int]
Origins = dict[tuple[str, ...], Origin]


def shipped() -> Path:
    """Folder of the shipped scenarios, in an installed wheel or in a checkout."""
    inside = Path(__file__).parents[1] / "scenarios"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "scenarios"


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


def inspect(path: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None) -> tuple[Scenario, list[Problem]]:
    """A scenario as `load` reads it, and the warnings that do not keep it from running.

    Raises
    ------
    FlanksimError
        With every error found, as `load` does.
    """
    reader = _Reader()
    raw = reader.scenario(_find(as_path("path", path)))
    if overrides:
        reader.override(overrides)
        _merge(raw, dict(overrides))
        mark_overrides(raw, overrides)
    return _validate(raw, reader)


def loads(text: str, where: str = "<text>") -> Scenario:
    """Read a scenario from YAML text; ``tables`` and ``extends`` are looked up among the shipped ones."""
    if not isinstance(text, str):
        raise wrong("text", text, "give YAML as text; flanksim.load reads a file")
    reader = _Reader()
    raw = reader.parse(text, where, shipped())
    return _validate(raw, reader)[0]


def _find(path: Path) -> Path:
    for candidate in (path, shipped() / path, shipped() / f"{path}.yaml"):
        with suppress(OSError):  # a name that is too long for the system is the name of no file
            if candidate.is_file():
                return candidate
    names = sorted(file.stem for file in shipped().glob("*.yaml"))
    close = difflib.get_close_matches(path.stem, names, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"shipped scenarios: {', '.join(names)}"
    raise FlanksimError(Problem("E101", str(path), "", "no such scenario file", hint))


class _Reader:
    """Reads files and remembers on which line each value stood."""

    def __init__(self) -> None:
        self.origins: Origins = {}
        self.problems: list[Problem] = []
        self._chain: list[Path] = []
        self._unlined: list[tuple[str, str]] = []

    def scenario(self, path: Path) -> dict[str, Any]:
        """One YAML file with what it extends."""
        resolved = path.resolve()
        if resolved in self._chain:
            raise FlanksimError(
                Problem("E109", str(path), "extends", "a scenario cannot extend itself", "break the circle of extends")
            )
        self._chain.append(resolved)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FlanksimError(
                Problem("E101", str(path), "", f"cannot be read: {error}", "save it as UTF-8 text")
            ) from error
        return self.parse(text, path.name, path.parent)

    def parse(self, text: str, where: str, folder: Path) -> dict[str, Any]:
        """YAML text, the scenario that it extends and the tables that it names, merged."""
        own = self._yaml(text, where)
        raw: dict[str, Any] = {}
        if (base := own.pop("extends", None)) is not None:
            candidates = (folder / str(base), shipped() / str(base), shipped() / f"{base}.yaml")
            found = next((file for file in candidates if file.is_file()), None)
            if found is None:
                raise FlanksimError(
                    Problem(
                        "E101",
                        self._where(("extends",)),
                        "extends",
                        f"no such scenario file: {base}",
                        f"looked beside {where} and among the shipped scenarios",
                    )
                )
            saved, self.origins = self.origins, {}
            raw = self.scenario(found)
            self.origins.update(saved)
        tables = own.pop("tables", None)
        if tables is not None:
            _merge(raw, self._tables(str(tables), folder))
        elif not raw:
            raw = self._default_parameters()
            _infer_nodes(own)
        _short_parameters(own)
        _merge(raw, own)
        return raw

    def _yaml(self, text: str, where: str) -> dict[str, Any]:
        quick = _json(text) if len(self._chain) <= 1 else None
        if quick is not None and not any(name in quick for name in _META):
            self._unlined.append((text, where))
            return quick
        return self._slowly(text, where)

    def _slowly(self, text: str, where: str) -> dict[str, Any]:
        """Any YAML, with the line of each value."""
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError

        try:
            data = YAML(typ="rt").load(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = f"{where}:{mark.line + 1}" if mark else where
            raise FlanksimError(
                Problem("E102", line, "", f"not valid YAML: {error.problem}", "check indentation and quotes")
            ) from error
        if not isinstance(data, Mapping):
            raise FlanksimError(
                Problem("E102", where, "", "a scenario is a mapping of names to values", "see flanksim new")
            )
        self._remember(data, (), where)
        found: dict[str, Any] = _plain(data)
        return found

    def _remember(self, data: Any, path: tuple[str, ...], where: str) -> None:
        marks = getattr(data, "lc", None)
        if marks is None:
            return
        items = data.items() if isinstance(data, Mapping) else enumerate(data)
        for key, value in items:
            spot = marks.key(key) if isinstance(data, Mapping) else marks.item(key)
            self.origins[*path, str(key)] = (where, spot[0] + 1)
            self._remember(value, (*path, str(key)), where)

    def override(self, values: Mapping[str, Any], path: tuple[str, ...] = ()) -> None:
        """Values that win over the file have no line in it: a problem with one must not name the line it replaced."""
        for key, value in values.items():
            here = (*path, str(key))
            if not isinstance(value, Mapping) or here not in self.origins:
                self.origins[here] = ("--set", 0)
            if isinstance(value, Mapping):
                self.override(value, here)

    def _tables(self, name: str, folder: Path) -> dict[str, Any]:
        candidates = (folder / name, shipped() / name)
        directory = next((place for place in candidates if place.is_dir()), None)
        if directory is None:
            raise FlanksimError(
                Problem(
                    "E101",
                    self._where(("tables",)),
                    "tables",
                    f"no folder of tables '{name}'",
                    f"looked in {candidates[0].parent} and among the shipped tables",
                )
            )
        found: dict[str, Any] = {}
        for table in TABLES:
            path = directory / f"{table}.csv"
            if table == "effects" and not path.is_file() and not found.get("projects"):
                continue
            if not path.is_file():
                self.problems.append(
                    Problem(
                        "E101",
                        f"{name}/{table}.csv",
                        table,
                        "missing table",
                        "copy the file from the shipped tables: flanksim new",
                    )
                )
                continue
            found[table] = self._csv(path, table, f"{name}/{table}.csv")
        return found

    def _default_parameters(self) -> dict[str, Any]:
        path = shipped() / "europe" / "parameters.csv"
        return {"parameters": self._csv(path, "parameters", "europe/parameters.csv")}

    def _csv(self, path: Path, table: str, where: str) -> dict[str, dict[str, Any]]:
        key = TABLES[table][1]
        found: dict[str, dict[str, Any]] = {}
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if key not in (reader.fieldnames or ()):
                self.problems.append(Problem("E110", f"{where}:1", table, f"no column '{key}'", "see docs/tables.md"))
                return found
            for row in reader:
                identity = row.pop(key) or ""
                line = reader.line_num
                extra = row.pop(None, None)
                if extra or None in row.values():
                    self.problems.append(
                        Problem(
                            "E110",
                            f"{where}:{line}",
                            f"{table}.{identity}",
                            "this row has more or fewer cells than the header",
                            "put text that contains a comma in double quotes",
                        )
                    )
                    continue
                if not identity or identity in found:
                    self.problems.append(
                        Problem(
                            "E111",
                            f"{where}:{line}",
                            f"{table}.{identity}",
                            f"{key} '{identity}' is " + ("used twice" if identity else "empty"),
                            "ids are unique and not empty",
                        )
                    )
                    continue
                found[identity] = {name: cell for name, cell in row.items() if cell != ""}
                self.origins[table, identity] = (where, line)
        return found

    def _where(self, path: tuple[str, ...]) -> str:
        while self._unlined:  # somebody asks for a line, which the quick way did not note
            self._slowly(*self._unlined.pop())
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                file, line = self.origins[path[:length]]
                return f"{file}:{line}" if line else file
        return self._chain[0].name if self._chain else "<text>"


def _json(text: str) -> dict[str, Any] | None:
    """A mapping in JSON, which is YAML 1.2 too and how results folders hold their scenario: read in a blink.

    None if it is anything else, or names something twice, so that the YAML reader says what is wrong with it.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a name is used twice")
        return found

    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text, object_pairs_hook=once)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _plain(value: Any) -> Any:
    """Ruamel's containers as plain ones; its keys as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


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
    """In a tiny scenario without tables and nodes, the links name the places."""
    links = own.get("links")
    if "nodes" in own or not isinstance(links, dict):
        return
    names: dict[str, dict[str, Any]] = {}
    for link in links.values():
        if isinstance(link, dict):
            names |= {str(link[end]): {} for end in ("from_node", "to_node") if end in link}
    own["nodes"] = names


def _validate(raw: dict[str, Any], reader: _Reader) -> tuple[Scenario, list[Problem]]:
    problems = list(reader.problems)
    scenario: Scenario | None = None
    try:
        scenario = Scenario.model_validate(_interned(raw))
    except ValidationError as error:
        problems += _translate(error, reader)
        problems += _beyond(raw, error, reader)
    if scenario is not None and not problems:
        problems += check(scenario, reader._where)
    if scenario is None or any(problem.severity == "error" for problem in problems):
        raise FlanksimError(problems)
    return scenario, problems


def _beyond(raw: dict[str, Any], error: ValidationError, reader: _Reader) -> list[Problem]:
    """Problems across tables of what is left when the bad values are put aside, so that all come at once."""
    gone: set[str] = set()
    for item in error.errors(include_url=False):
        path = [str(part) for part in item["loc"]]
        here: Any = raw
        depth = min(len(path), 3 if item["type"] != "missing" else 2)
        for part in path[: depth - 1]:
            here = here.get(part) if isinstance(here, dict) else None
        if isinstance(here, dict):
            here.pop(path[depth - 1], None)
            gone.add(path[min(1, depth - 1)])
    try:
        rest = Scenario.model_validate(raw)
    except ValidationError:
        return []
    return [
        problem
        for problem in check(rest, reader._where)
        if problem.severity == "error"
        and not any(name in problem.path or f"'{name}'" in problem.message for name in gone)
    ]


def _interned(raw: dict[str, Any]) -> dict[str, Any]:
    return {sys.intern(key): value for key, value in raw.items()}


_CODES = {"extra_forbidden": "E103", "missing": "E104", "value_error": "E107"}
_RANGE = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
_DURATION = "a number of hours, {low, typical, high}, {exponential: mean} or {trace: [...]}"


def _translate(error: ValidationError, reader: _Reader) -> list[Problem]:
    """Pydantic's errors in flanksim's words, each once, with file and line."""
    seen: dict[tuple[str, ...], Problem] = {}
    for item in error.errors(include_url=False):
        full = tuple(str(part) for part in item["loc"])
        branch = next((i for i, part in enumerate(full) if part in _DURATION_BRANCHES), None)
        path = full[:branch] if branch is not None else full
        if path in seen:
            continue
        kind, value = item["type"], item.get("input")
        code = _CODES.get(kind, "E106" if kind in _RANGE else "E105")
        hint = ""
        if branch is not None:
            message, hint = f"{value!r} is not a duration", _DURATION
        elif kind == "extra_forbidden":
            message = f"unknown field '{path[-1]}'"
            close = difflib.get_close_matches(path[-1], _fields(path), n=1)
            hint = f"did you mean '{close[0]}'?" if close else "known fields: flanksim schema"
        elif kind == "missing":
            message, hint = f"'{path[-1]}' is missing", "state it, or see docs/tables.md"
        else:
            said = f"{item['msg'][0].lower()}{item['msg'][1:]}".removeprefix("value error, ")
            said += "" if kind == "value_error" else f", got {_short(value)}"
            message, hint = said.replace("input should be", "must be", 1), _remedy(kind, item.get("ctx", {}), value)
        seen[path] = Problem(code, reader._where(path), ".".join(path), message, hint)
    return list(seen.values())


def problems_of(error: ValidationError, where: str) -> list[Problem]:
    """Pydantic's errors on a scenario that Python has changed: `where` instead of a line."""
    return [replace(problem, where=where) for problem in _translate(error, _Reader())]


_LIMITS = {"ge": "{:g} or more", "gt": "more than {:g}", "le": "{:g} or less", "lt": "less than {:g}"}


def _remedy(kind: str, context: Mapping[str, Any], value: Any) -> str:
    """What to write instead of a value that was refused."""
    for name, text in _LIMITS.items():
        if name in context:
            return "give " + text.format(context[name])
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        close = difflib.get_close_matches(str(value), allowed, n=1)
        return f"did you mean '{close[0]}'?" if close else "give one of these"
    if kind.startswith(("float", "int")):
        return "write a number without its unit, such as 12"
    if kind.startswith("bool"):
        return "write true or false"
    if kind == "value_error":
        return "change one of the values, so that they agree"
    return "docs/tables.md says what may stand here"


_DURATION_BRANCHES = ("Exponential", "Triangular", "Trace", "constrained-float", "float")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _fields(path: tuple[str, ...]) -> list[str]:
    if len(path) == 1:
        return [*Scenario.model_fields, *_META]
    if path[0] in TABLES:
        return list(TABLES[path[0]][0].model_fields)
    field = Scenario.model_fields.get(path[0])
    part = field.annotation if field else None
    return list(part.model_fields) if isinstance(part, type) and issubclass(part, BaseModel) else []


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, `extends` and `tables` included."""
    found = Scenario.model_json_schema()
    found["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    found["title"] = "flanksim scenario"
    text = {"type": "string"}
    found["properties"] |= {
        "extends": text | {"description": "scenario file that this one is laid over"},
        "tables": text | {"description": "folder of CSV tables"},
    }
    return found
