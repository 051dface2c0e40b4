"""What is wrong with text that is no YAML, in words: the parser's own are about tokens and block ends."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

from flanksim.errors import Problem

#: Line (from 1), what is wrong, and what to write instead.
Fault = tuple[int | None, str, str]

_DATE = re.compile(r"\b(\d{4})-(\d\d?)-(\d\d?)\b")
#: A tag or an alias at the beginning of a value.
_TAG_OR_ALIAS = re.compile(r"(?:^|[\s\[{,])[!*]")
_NO_COLON = "write name: value, with a colon and a blank behind the name"


def problem_of(error: Exception, text: str, where: str) -> Problem:
    """The problem that the parser met in a text.

    Parameters
    ----------
    error
        What the parser raised.
    text
        What it read.
    where
        Name of the file for messages.
    """
    line, message, hint = _fault(error, text)
    return Problem("E102", where if line is None else f"{where}:{line}", "", message, hint)


def _fault(error: Exception, text: str) -> Fault:
    said = str(getattr(error, "problem", "") or getattr(error, "context", "") or error).partition("\n")[0]
    at = _line(error, "problem_mark") or _line(error, "context_mark")
    for pattern, tell in _KNOWN:
        if match := re.search(pattern, said):
            return tell(match, error, at, text.splitlines())
    if isinstance(error, ValueError) and (line := _impossible_date(text)):
        return line, "there is no such date", "write year-month-day, such as 2017-01-06, or put text in quotes"
    return at, f"not valid YAML: {said}", "check indentation, brackets and quotes, and put text in quotes"


def _line(error: Exception, name: str) -> int | None:
    mark = getattr(error, name, None)
    return None if mark is None else int(mark.line) + 1


def _tab_or_mark(match: re.Match[str], _: Exception, at: int | None, __: list[str]) -> Fault:
    if match[1] == "\\t":
        return at, "a tab stands where blanks belong", "indent with blanks, two for each step"
    return at, f"text cannot begin with {match[1]}", f"put the text in quotes: '{match[1]}...'"


def _twice(match: re.Match[str], _: Exception, at: int | None, __: list[str]) -> Fault:
    return at, f"the name '{match[1]}' is used twice in one place", "keep one of the two"


def _colon(_: re.Match[str], __: Exception, at: int | None, lines: list[str]) -> Fault:
    """A colon too many in this line, or none in the line before."""
    own = lines[at - 1] if at and at <= len(lines) else ""
    if own.count(": ") > 1 and not own.lstrip().startswith(("{", "[")):
        name, _colon, rest = own.strip().partition(": ")
        return at, "text with a colon in it needs quotes", f"write {name}: '{rest.strip()}'"
    above = (at or 1) - 1
    while above > 0 and (not lines[above - 1].strip() or lines[above - 1].lstrip().startswith("#")):
        above -= 1
    if above and ":" not in lines[above - 1]:
        return above, "no colon stands behind the name", _NO_COLON
    return at, "the indentation does not fit the line above", _ALIKE


_ALIKE = "begin lines that belong together with the same number of blanks"


def _indented(_: re.Match[str], __: Exception, at: int | None, ___: list[str]) -> Fault:
    return at, "the indentation does not fit the lines above", _ALIKE


def _behind(_: re.Match[str], __: Exception, at: int | None, ___: list[str]) -> Fault:
    return at, "text goes on behind a value that has ended", "put all of it in one pair of quotes"


def _bracket(match: re.Match[str], error: Exception, at: int | None, _: list[str]) -> Fault:
    opened = _line(error, "context_mark") or at
    kind = "{" if match[1] == "}" else "["
    hint = "write {name: value, name: value}" if kind == "{" else "write [value, value]"
    return opened, f"the bracket {kind} that opens here is not closed, or a comma is missing in it", hint


def _quote(_: re.Match[str], error: Exception, at: int | None, __: list[str]) -> Fault:
    hint = "close it; a quote within single quotes is written twice: 'it''s'"
    return _line(error, "context_mark") or at, "the quote that opens here is not closed", hint


def _unfinished(_: re.Match[str], error: Exception, at: int | None, __: list[str]) -> Fault:
    return _line(error, "context_mark") or at, "no colon stands behind the name", _NO_COLON


def _another(_: re.Match[str], __: Exception, at: int | None, ___: list[str]) -> Fault:
    return at, "another document begins here", "take the line --- out: a file holds one scenario"


def _alias(match: re.Match[str], _: Exception, at: int | None, __: list[str]) -> Fault:
    name = match[1]
    return at, f"*{name} repeats what no line above calls &{name}", f"write &{name} before the value to be repeated"


def _escape(_: re.Match[str], __: Exception, at: int | None, ___: list[str]) -> Fault:
    return at, "a backslash within double quotes begins a special character", "put the text in single quotes"


def _character(_: re.Match[str], error: Exception, __: int | None, lines: list[str]) -> Fault:
    position, text = int(getattr(error, "position", 0)), "\n".join(lines)
    number = getattr(error, "character", 0)
    code = ord(number) if isinstance(number, str) else int(number)
    return text.count("\n", 0, position) + 1, f"the character U+{code:04X} is no text", "take it out"


def _merge(_: re.Match[str], error: Exception, at: int | None, __: list[str]) -> Fault:
    return _line(error, "context_mark") or at, "what << takes over is no mapping", "write <<: *name of a mapping"


#: What the parser says, and what that means.
_KNOWN: tuple[tuple[str, Callable[[re.Match[str], Exception, int | None, list[str]], Fault]], ...] = (
    (r"found character '(.+)' that cannot start any token", _tab_or_mark),
    (r"found duplicate key \"?(.*?)\"? with value", _twice),
    (r"mapping values are not allowed here", _colon),
    (r"expected <block end>, but found '<(?:scalar|alias|anchor)>'", _behind),
    (r"expected <block end>|sequence entries are not allowed here", _indented),
    (r"expected ',' or '(.)'", _bracket),
    (r"found unexpected (?:end of stream|document separator)", _quote),
    (r"could not find expected ':'", _unfinished),
    (r"found another document", _another),
    (r"found undefined alias '?(\w[^']*)'?", _alias),
    (r"found unknown escape character", _escape),
    (r"special characters are not allowed", _character),
    (r"expected a mapping or list of mappings for merging", _merge),
)


def _impossible_date(text: str) -> int | None:
    """Line of a date that no calendar has."""
    for number, line in enumerate(text.splitlines(), 1):
        for year, month, day in _DATE.findall(line):
            try:
                datetime.date(int(year), int(month), int(day))
            except ValueError:
                return number
    return None


def misused(text: str) -> Fault | None:
    """The first tag (``!!int``), which no scenario needs, or alias within what it repeats, which the parser drops."""
    if not _TAG_OR_ALIAS.search(text):
        return None
    from ruamel.yaml import YAML
    from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

    events: Any = YAML().parse(text)
    around: list[str | None] = []
    for event in events:
        line = int(event.start_mark.line) + 1
        name = getattr(event, "anchor", None)
        if getattr(event, "tag", None) is not None:
            return line, "a value here has a tag (!), which scenarios have not", "take the tag out, or quote the text"
        if isinstance(event, AliasEvent) and name in around:
            return line, f"*{name} stands within what it repeats", "write what it should repeat"
        if isinstance(event, CollectionStartEvent):
            around.append(name)
        elif isinstance(event, CollectionEndEvent):
            around.pop()
    return None
