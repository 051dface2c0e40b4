"""Text to plain values: YAML 1.2, JSON where a file is that, and what is wrong with text that is neither."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from flanksim.errors import FlanksimError, Problem
from flanksim.scenario.broken_yaml import misused, problem_of

#: Beyond these a file is no scenario: a tenth of each would do for the largest that is shipped.
MOST_BYTES = 64_000_000
MOST_YAML_CHARACTERS = 4_000_000
MOST_VALUES = 2_000_000
DEEPEST = 60


def read_text(path: Path, where: str, remedy: str = "save it as UTF-8 text") -> str:
    """Contents of a file in UTF-8, with or without its mark.

    Parameters
    ----------
    path
        The file.
    where
        Its name for messages.
    remedy
        What to do if it is written in another encoding.

    Raises
    ------
    FlanksimError
        E101 if it cannot be read, is too large, or is written in another encoding.
    """

    def refuse(what: str, hint: str, line: int | None = None) -> FlanksimError:
        return FlanksimError(Problem("E101", where if line is None else f"{where}:{line}", "", what, hint))

    try:
        if path.stat().st_size > MOST_BYTES:
            raise refuse(f"is larger than {MOST_BYTES // 1_000_000} MB", "this is no scenario and no table of one")
        content = path.read_bytes()
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror or error}", "check the file and its permissions") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise refuse("is UTF-16 text, not UTF-8", remedy) from error
        said = f"a character here is not UTF-8 text (byte {content[error.start]:#04x})"
        raise refuse(said, remedy, line) from error


@lru_cache(maxsize=8)
def parsed(text: str, where: str) -> Any:
    """Any YAML as ruamel's containers, which know the line of each value; nobody may change them: they are kept.

    Raises
    ------
    FlanksimError
        E102 if it is no YAML, or nested, repeated by aliases or long beyond what any scenario needs.
    """
    from ruamel.yaml import YAML

    def refuse(line: int | None, what: str, hint: str) -> FlanksimError:
        return FlanksimError(Problem("E102", where if line is None else f"{where}:{line}", "", what, hint))

    if len(text) > MOST_YAML_CHARACTERS:
        raise refuse(None, f"has more than {MOST_YAML_CHARACTERS:,} characters", "keep large tables in CSV files")
    if (line := _too_deep(text)) is not None:
        raise refuse(line, f"is nested more than {DEEPEST} deep", "check the brackets from this line on")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor that is used again is YAML
            data = YAML(typ="rt").load(text)
            fault = misused(text)
    except RecursionError as error:
        raise refuse(None, f"is nested more than {DEEPEST} deep", "check the brackets and the indentation") from error
    except Exception as error:  # the parser lets other errors of Python through: a date of month 13, a bad tag
        raise FlanksimError(problem_of(error, text, where)) from error
    if fault is not None:
        raise refuse(*fault)
    if _values(data, {}, 0) > MOST_VALUES:
        raise refuse(
            None, f"stands for more than {MOST_VALUES:,} values", "its aliases (*) repeat one another: write less"
        )
    return data


def plain(value: Any) -> Any:
    """Ruamel's containers and numbers as plain ones; its keys as text."""
    from ruamel.yaml.scalarbool import ScalarBoolean

    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return bool(value) if isinstance(value, ScalarBoolean) else value


def json_mapping(text: str) -> dict[str, Any] | None:
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
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _too_deep(text: str) -> int | None:
    """Line on which brackets, counted without regard to quotes, or indentation are nested too deep; None if never."""
    if text.count("[") + text.count("{") > DEEPEST:
        depth = 0
        for number, line in enumerate(text.splitlines(), 1):
            for character in line:
                depth += (character in "[{") - (character in "]}")
                if depth > DEEPEST:
                    return number
            depth = max(depth, 0)
    return None


def _values(data: Any, known: dict[int, int], depth: int) -> int:
    """Values for which `data` stands, each alias counted as what it repeats; endless ones count as too many."""
    if not isinstance(data, Mapping | list):
        return 1
    if depth > DEEPEST:
        return MOST_VALUES + 1
    if id(data) not in known:
        known[id(data)] = MOST_VALUES + 1  # stands here while it is counted: an alias to what contains it has no end
        parts = data.values() if isinstance(data, Mapping) else data
        known[id(data)] = min(MOST_VALUES + 1, 1 + sum(_values(part, known, depth + 1) for part in parts))
    return known[id(data)]
