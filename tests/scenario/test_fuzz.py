"""Whatever stands in a file, the result is a scenario that runs, or a FlanksimError: no traceback, no endless run.

The counts are small by default. ``FLANKSIM_FUZZ_SCENARIOS=10000 FLANKSIM_FUZZ_TABLES=2000 pytest -n 0
tests/scenario/test_fuzz.py`` runs many; ``FLANKSIM_FUZZ_FIRST`` is the number of the first. Each mutation is made
by its number alone, which stands in the message of a failure.
"""

from __future__ import annotations

import copy
import json
import os
import random
import resource
import shutil
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from flanksim import FlanksimError, Scenario, load, loads, simulate
from flanksim.planning.compile import compile_plan
from flanksim.scenario import shipped
from flanksim.scenario.describing import json_schema
from flanksim.scenario.parameters import PARAMETERS
from flanksim.scenario.tables import TABLES
from flanksim.scenario.text import parsed, plain

SCENARIOS = int(os.environ.get("FLANKSIM_FUZZ_SCENARIOS", "120"))
TABLE_FILES = int(os.environ.get("FLANKSIM_FUZZ_TABLES", "10"))
FIRST = int(os.environ.get("FLANKSIM_FUZZ_FIRST", "0"))
MOST_SECONDS = 10.0
MOST_KIB = 1_000_000
#: A run of more serials than this is not small.
SMALL = 3_000

BASES = [
    "corridor-mini",
    *(
        f"verification/{name}"
        for name in ("detour", "v09-priority", "v12-tandem", "v23-single-track", "v24-sealift", "v25-rail-sets",
                     "v31-opening-hours", "v37-outage", "sustainment")
    ),
]  # fmt: skip
NASTY: list[Any] = [
    None, True, False, 0, -0.0, 1, -1, 2, 0.5, 24, 1e-300, 1e-9, 1e9, 1e308, float("nan"), float("inf"), -float("inf"),
    10**25, "", " ", "x", "yes", "0", "-1", "nan", "1e999", "../../x", "a/b", "\x00", "é" * 300, "x" * 100_000,
    [], {}, [1], ["x"], [[]], {"x": 1}, {"low": 3, "typical": 2, "high": 1}, {"low": 2, "typical": 2, "high": 2},
    {"low": 0, "typical": 1, "high": 2}, {"exponential": 0}, {"exponential": 1}, {"trace": []}, {"trace": [0, 5]},
    [{"from_hour": 0, "to_hour": 870_000}], [{"from_hour": 5, "to_hour": 5}], "rail", "sea", "DEU", "heavy;wheeled",
]  # fmt: skip


LETTERS = ["[", "{", "}", ":", "&a ", "*a", "!x ", "\t", "\x07", "'", '"', "- ", "<<: ", "\n"]


class TooLong(BaseException):
    """No library catches it."""


@contextmanager
def limited(name: str) -> Iterator[None]:
    """At most ten seconds of work and a gigabyte more than before; every other exception than flanksim's is a fault."""

    def stop(*_: object) -> None:
        raise TooLong

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    old = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    except FlanksimError:
        pass
    except BaseException:
        pytest.fail(f"{name}: {traceback.format_exc()[-1500:]}", pytrace=False)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KIB, name


def contents(base: str) -> dict[str, Any]:
    text = (shipped() / f"{base}.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = plain(parsed(text, base))
    return found


def spots(values: Any) -> list[tuple[Any, Any]]:
    """Every container of a scenario with each of its keys."""
    found = []
    for key in list(values) if isinstance(values, dict) else range(len(values)):
        found.append((values, key))
        if isinstance(values[key], dict | list):
            found += spots(values[key])
    return found


def misspelt(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word) + 1)
    return chance.choice([word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], word.upper(), word[::-1]])


def mutate_values(values: dict[str, Any], chance: random.Random) -> None:
    """One change of the content: a value, a key, a row."""
    here, key = chance.choice(spots(values))
    kind = chance.randrange(6)
    known = [row for table in values.values() if isinstance(table, dict) for row in table]
    if kind <= 1:
        here[key] = chance.choice(NASTY)
    elif kind == 2:
        here.pop(key)
    elif kind == 3 and isinstance(here, dict):
        here[misspelt(str(key), chance)] = here[key] if chance.random() < 0.5 else here.pop(key)
    elif kind == 4:
        here[key] = chance.choice(known) if known else "x"
    elif isinstance(here[key], int | float) and not isinstance(here[key], bool):
        here[key] *= chance.choice([-1, 0, 0.01, 1e3, 1e6])
    else:
        other, name = chance.choice(spots(values))
        here[key] = copy.deepcopy(other[name])


@cache
def fields_of_parts() -> dict[str, dict[str, Any]]:
    """What each part and each row of a table may hold, as the JSON Schema says it."""
    schema = json_schema()
    found = {}
    for name, entry in schema["properties"].items():
        inner = entry.get("additionalProperties")
        reference = entry.get("$ref") or (inner.get("$ref") if isinstance(inner, dict) else None)
        if reference:
            found[name] = schema["$defs"][reference.rpartition("/")[2]]["properties"]
    return found


def edges(schema: Any) -> list[Any]:
    """The values at the limits of what is allowed."""
    if isinstance(schema, list):
        return [value for entry in schema for value in edges(entry)]
    if not isinstance(schema, dict):
        return []
    own = [schema[key] for key in ("minimum", "maximum", "const") if key in schema] + list(schema.get("enum", ()))
    own += [True, False] if schema.get("type") == "boolean" else []
    return own + [value for key in ("anyOf", "oneOf", "items") for value in edges(schema.get(key))]


def add_fields(values: dict[str, Any], chance: random.Random) -> None:
    """A field that the model knows, with any value: what the file does not state is tried too."""
    parts = fields_of_parts()
    part = chance.choice(sorted(parts))
    if part == "parameters":
        known = PARAMETERS[chance.choice(sorted(PARAMETERS))]
        value = chance.choice([known.least, known.most, chance.uniform(known.least, known.most), chance.choice(NASTY)])
        values.setdefault("parameters", {})[known.name] = value
        return
    field = chance.choice(sorted(parts[part]))
    allowed = edges(parts[part][field])
    value = chance.choice(allowed) if allowed and chance.random() < 0.8 else chance.choice(NASTY)
    rows = values.setdefault(part, {})
    if part in TABLES and isinstance(rows, dict):
        rows = rows.setdefault(chance.choice([*rows] or ["new"]), {})
    if isinstance(rows, dict):
        rows[field] = value


def mutate_text(text: str, chance: random.Random) -> str:
    """One change of the letters."""
    start = chance.randrange(len(text))
    end = min(len(text), start + chance.choice([1, 3, 40]))
    lines = text.splitlines(keepends=True)
    number = chance.randrange(len(lines))
    return chance.choice(
        [
            text[:start] + text[end:],
            text[:start] + chance.choice(LETTERS) + text[start:],
            text[:end] + text[start:],
            "".join(lines[:number] + lines[number + 1 :]),
            "".join(lines[: number + 1] + lines[number:]),
            text[:start],
        ]
    )  # fmt: skip


def mutated_scenario(number: int) -> str:
    chance = random.Random(number)
    values = contents(chance.choice(BASES[:1] * 5 + BASES))
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        (add_fields if chance.random() < 0.6 else mutate_values)(values, chance)
    text = json.dumps(values, indent=1).replace("NaN", ".nan").replace("Infinity", ".inf")
    if chance.random() < 0.15:
        text = mutate_text((shipped() / f"{chance.choice(BASES)}.yaml").read_text(encoding="utf-8"), chance)
    return text


def play(text: str) -> str:
    scenario = loads(text)
    plan = compile_plan(scenario)
    if len(plan.serials) > SMALL or sum(len(pool.assets) for pool in plan.pools) > 10 * SMALL:
        return "large"
    simulate(scenario, seed=1)
    return "run"


def test_a_mutated_scenario_runs_or_is_refused() -> None:
    ends: dict[str, int] = {}
    for number in range(FIRST, FIRST + SCENARIOS):
        end = "refused"
        with limited(f"scenario {number}"):
            end = play(mutated_scenario(number))
        ends[end] = ends.get(end, 0) + 1
    print(ends)
    if SCENARIOS >= 100:  # neither is so rare that nothing is tried
        assert min(ends["run"], ends["refused"]) >= SCENARIOS / 10, ends


# ---- tables --------------------------------------------------------------------------------------------


def mutate_cells(rows: list[list[str]], chance: random.Random) -> list[list[str]]:
    number = chance.randrange(len(rows))
    column = chance.randrange(len(rows[0]))
    kind = chance.randrange(8)
    cell = str(chance.choice([entry for entry in NASTY if not isinstance(entry, dict | list)]))
    if kind <= 2:
        number = max(1, number)
        if column < len(rows[number]):
            rows[number][column] = cell if kind else misspelt(rows[number][column], chance)
    elif kind == 3:
        rows[0][column] = chance.choice([misspelt(rows[0][column], chance), rows[0][0], "", cell])
    elif kind == 4:
        for row in rows:
            del row[column : column + 1]
    elif kind == 5:
        rows[number] = rows[number] + ["x"] if chance.random() < 0.5 else rows[number][:-1]
    elif kind == 6:
        rows.insert(number, rows[chance.randrange(len(rows))])
    else:
        for row in rows[1:]:
            if column < len(row) and chance.random() < 0.5:
                row[column] = cell
    return rows


def mutate_bytes(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    text = content.decode("utf-8")
    return chance.choice(
        [
            lambda: content[:start],
            lambda: content[:start] + bytes(chance.randrange(256) for _ in range(3)) + content[start:],
            lambda: content[:start] + b'"' + content[start:],
            lambda: content[:start] + b"x" * 200_000 + content[start:],
            lambda: text.encode("utf-16"),
            lambda: text.replace("a", "\u00e4").encode("cp1252", "replace"),
            lambda: text.replace(",", chance.choice(";\t|")).encode(),
            lambda: text.replace("\n", "\r").encode(),
            lambda: b"",
        ]
    )()


def mutated_table(number: int) -> tuple[str, bytes]:
    import csv
    import io

    chance = random.Random(number)
    path = chance.choice(sorted((shipped() / "europe").glob("*.csv")))
    content = path.read_bytes()
    if chance.random() < 0.3:
        return path.name, mutate_bytes(content, chance)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"))))
    for _ in range(chance.choice([1, 1, 2])):
        rows = mutate_cells(rows, chance)
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return path.name, stream.getvalue().encode("utf-8", "surrogatepass")


def test_a_mutated_table_is_read_or_refused(tmp_path: Path) -> None:
    shutil.copytree(shipped() / "europe", tmp_path / "europe")
    text = (shipped() / "eastern-flank.yaml").read_text(encoding="utf-8")
    (tmp_path / "eastern-flank.yaml").write_text(text, encoding="utf-8")
    read: Callable[[], Scenario] = lambda: load(tmp_path / "eastern-flank.yaml")  # noqa: E731
    for number in range(FIRST, FIRST + TABLE_FILES):
        name, content = mutated_table(number)
        (tmp_path / "europe" / name).write_bytes(content)
        with limited(f"table {number} ({name})"):
            read()
        shutil.copyfile(shipped() / "europe" / name, tmp_path / "europe" / name)
