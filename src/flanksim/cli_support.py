"""What every command shares: reading its options, telling its answer, showing its progress, ending with its code."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import typer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from flanksim.errors import FlanksimError, Problem
    from flanksim.saving import SystemRefused
    from flanksim.scenario.schema import Scenario
    from flanksim.study.study import Study
    from flanksim.terminal import Block

T = TypeVar("T")


def load_scenario(scenario: str, overrides: list[str] | None) -> Scenario:
    """A scenario with what ``--set`` overrides."""
    return located(scenario, overrides)[0]


def located(scenario: str, overrides: list[str] | None) -> tuple[Scenario, list[Problem], Callable[..., str]]:
    """A scenario with what ``--set`` overrides, its warnings, and what says file and line of a row and field."""
    from flanksim.scenario import reading

    found = guarded(lambda: reading.located(scenario, nested(overrides or []), new_rows=False), None)
    _Asked.lines[found[0].name] = found[2]
    return found


def nested(pairs: list[str]) -> dict[str, Any]:
    """Pairs such as ``regime.traffic=peace`` as the mapping that they stand for.

    Raises
    ------
    FlanksimError
        E102 for a value that is no YAML, E105 for a name that is to hold a value and other names.
    """
    from flanksim.errors import FlanksimError, Problem
    from flanksim.scenario.text import parsed, plain

    found: dict[str, Any] = {}
    for pair in pairs:
        path, equals, text = pair.partition("=")
        names = path.split(".")
        if not equals or not all(names):
            raise wrong_usage(f"'{pair}' is not of the form name.name=value, such as regime.traffic=peace", "--set")
        value = plain(parsed(text, f"--set {pair}"))
        here, last = found, names[-1]
        for depth, name in enumerate(names[:-1], 1):
            here = here.setdefault(name, {})
            if not isinstance(here, dict):
                before = ".".join(names[:depth])
                message = f"'{before}' has a value already, so '{path}' cannot be set in it"
                raise FlanksimError(Problem("E105", "--set", path, message, "take one of the two away"))
        if isinstance(here.get(last), dict) and not isinstance(value, dict):
            message = f"'{path}' holds {', '.join(here[last])} already, so it cannot be one value"
            raise FlanksimError(Problem("E105", "--set", path, message, "take one of the two away"))
        if isinstance(here.get(last), dict) and isinstance(value, dict):
            here[last] |= value
        else:
            here[last] = value
    return found


def levels_of(text: str, option: str) -> list[float]:
    """``0:2.5:0.5`` (end included) or ``0,1.5,2``."""
    found: list[float] = []
    with suppress(ValueError, ZeroDivisionError):
        if ":" in text:
            start, end, step = [*map(float, text.split(":")), 1.0][:3]
            found = [round(start + number * step, 9) for number in range(int((end - start) / step + 1e-9) + 1)]
        else:
            found = [float(part) for part in text.split(",") if part.strip()]
    if not found:
        raise wrong_usage(f"'{text}' is neither a list such as 0,1.5,2 nor start:end:step such as 0:2.5:0.5", option)
    return found


def limit_on(text: str, names: Sequence[str]) -> Callable[[dict[str, float]], bool]:
    """A test on one number of a row, such as ``difference_days < 0``."""
    name, compare_, limit = requirement_parts(text, names)
    return lambda row: name in row and compare_(row[name], limit)


def requirement_parts(text: str, names: Sequence[str]) -> tuple[str, Callable[[float, float], bool], float]:
    """Name, comparison and number of a requirement."""
    match = re.fullmatch(rf"\s*({'|'.join(names)})\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d*)?)\s*", text)
    if match is None:
        known = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
        raise wrong_usage(f"'{text}' is not understood; use {known} with <=, >=, < or > and a number", "--require")
    return match.group(1), _COMPARE[match.group(2)], float(match.group(3))


def surely(row: Mapping[str, Any]) -> dict[str, float]:
    """Of a row with intervals, the end that is nearer to nothing: what is surely reached."""
    found = {}
    for name in row:
        low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
        if isinstance(low, float) and isinstance(high, float) and low <= high:
            found[name] = low if low > 0 else high if high < 0 else 0.0
    return found


def write_pages(
    pages: Sequence[Path] | None,
    texts: Mapping[str, Callable[[int | None], str]],
    scenario: Scenario,
    **figures: Callable[[], Axes],
) -> None:
    """Write what a study found into the documents that have a place for it, and figures into ``figures`` beside them.

    Each text ends with the digest of the `scenario`. Problems end the program.
    """
    from flanksim.documents import with_digest, write_blocks

    blocks = {what: with_digest(text, scenario.digest) for what, text in texts.items()}
    for page in pages or ():
        guarded(lambda page=page: write_blocks(page, blocks), None)  # type: ignore[misc]
        for name, draw in figures.items():
            from flanksim.draw.style import save
            from flanksim.saving import make_folder

            folder = make_folder(page.parent / "figures")
            guarded(lambda folder=folder, draw=draw, name=name: save(draw(), folder, name), None)  # type: ignore[misc]


def wrong_usage(message: str, option: str) -> typer.BadParameter:
    """Wrong usage, in lines that fit."""
    import textwrap

    from flanksim.terminal import WIDTH

    before = " " * len(f"Error: Invalid value for {option}: ")
    lines = textwrap.wrap(message, WIDTH, initial_indent=before, subsequent_indent="  ", break_on_hyphens=False)
    return typer.BadParameter("\n".join(lines).lstrip(), param_hint=option)


def engine_asked(value: str | None) -> str | None:
    """Refuse an engine that there is not; that the other one runs is said in one line. A callback of the option."""
    import warnings

    from flanksim.engine.choice import ENGINES, EngineWarning

    if value is not None and value not in ENGINES:
        raise wrong_usage(f"'{value}' is not known; use {' or '.join(ENGINES)}", "--engine")
    shown = warnings.showwarning

    def show_warning(message: Warning | str, category: type[Warning], *place: Any) -> None:
        if category is EngineWarning:
            say(str(message))
        else:
            shown(message, category, *place)

    warnings.showwarning = show_warning  # type: ignore[assignment]
    return value


def answer_or_json(content: Callable[[], Any], blocks: Callable[[], list[Block]], as_json: bool) -> None:
    """The answer on stdout: one JSON object, or text for people."""
    if as_json:
        answer(json.dumps(content(), indent=1))
    else:
        show(blocks())


def show(blocks: Iterable[Block]) -> None:
    """Blocks on stdout."""
    from flanksim.terminal import text_for

    answer(text_for(blocks, sys.stdout))


def answer(text: str) -> None:
    """Text on stdout, all of it.

    Raises
    ------
    SystemRefused
        E507 if it cannot be written.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # an old code page without ± must not lose a long run's answer
    try:
        print(text, flush=True)
    except OSError as error:
        raise _no_stdout(error) from None


def say(text: str) -> None:
    """Text on stderr, as far as anybody can be told."""
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def complain(error: FlanksimError) -> int:
    """Problems where the command tells them, see `say_problems`; with ``--json`` as one object on stdout; exit code."""
    from flanksim.errors import FlanksimError, problems_as_json
    from flanksim.saving import SystemRefused
    from flanksim.scenario.saying import placed

    if not isinstance(error, SystemRefused):
        for name, where in _Asked.lines.items():
            error = FlanksimError(placed(error.problems, name, where))
    if _Asked.json:
        answer(json.dumps(problems_as_json(error.problems), indent=1))
    else:
        say_problems(error)
    return 1


def say_problems(error: FlanksimError) -> None:
    """Problems on stderr, what the system refused in one line each."""
    from flanksim.saving import SystemRefused

    if isinstance(error, SystemRefused):
        for problem in error.problems:
            say(f"{problem.code}  {problem.where}  {problem.message}; {problem.hint}")
    else:
        say(f"{error}\n")


def guarded(work: Callable[[], T], results: Path | None, remedy: str = "") -> T:
    """Run `work`; problems and interruptions end the program with their exit codes."""
    from flanksim.errors import FlanksimError

    try:
        return work()
    except FlanksimError as error:
        raise typer.Exit(complain(error)) from None
    except KeyboardInterrupt as error:
        where = "" if results is None else f"; the runs that had finished are in {results}"
        say(f"\n{_how(error)}{where}" + (f"; {remedy}" if remedy else ""))
        raise typer.Exit(_code(error)) from None


class Ended(KeyboardInterrupt):
    """Another program asks this one to end, by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _how(error: KeyboardInterrupt) -> str:
    return f"ended by {signal.Signals(error.number).name}" if isinstance(error, Ended) else "interrupted"


def _code(error: KeyboardInterrupt) -> int:
    return 128 + (error.number if isinstance(error, Ended) else signal.SIGINT)


def run_program(command: Callable[[], Any]) -> int:
    """Run the whole command line; the exit code. Whatever the system refuses is said in one line."""
    from flanksim.errors import FlanksimError
    from flanksim.saving import refused

    ended: list[Ended] = []
    _end_at_signals(ended)
    try:
        _open_streams()
        found = command()
        _flush()
    except FlanksimError as error:
        return complain(error)
    except KeyboardInterrupt as error:
        say(_how(error))
        return _code(error)
    except OSError as error:
        of_a_file = error.filename is not None
        return complain(refused(error, error.filename, "cannot be used") if of_a_file else _no_stdout(error))
    except Exception as error:
        if not hasattr(error, "exit_code"):  # of typer: wrong usage, which it shows itself
            raise
        if hasattr(error, "show"):
            error.show()
        return int(error.exit_code)
    if ended:
        return _code(ended[0])
    return found if isinstance(found, int) else 0


def _end_at_signals(ended: list[Ended]) -> None:
    """SIGTERM, and the end of the terminal, interrupt as Ctrl-C does: workers end, and what is finished is kept."""

    def end(number: int, _: object) -> None:
        ended.append(Ended(number))
        raise ended[-1]

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP, and that stays
            signal.signal(number, end)


def _flush() -> None:
    """Everything on stdout now, while it can still be said that it cannot be written."""
    try:
        sys.stdout.flush()
    except OSError as error:
        raise _no_stdout(error) from None


def _open_streams() -> None:
    """Refuse to work for an stdout that is closed. What is closed is opened on nothing: no file takes its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - until the program ends
    if sys.stdout is None:
        raise _no_stdout(OSError(errno.EBADF, os.strerror(errno.EBADF)))


def _no_stdout(error: OSError) -> SystemRefused:
    """The problem with stdout, on which nothing more is written: Python would try again when it ends."""
    from flanksim.saving import SystemRefused, refused

    _Asked.json = False  # problems are told on stderr from here on
    with suppress(OSError, AttributeError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    problem = refused(error, "standard output").problems[0]
    hint = "what was saved is in the results folder; send the answer to a file on a disk with room: > answer.txt"
    return SystemRefused(replace(problem, hint=hint))


class _Asked:
    """What the command that runs was asked for."""

    json = False
    #: What says file and line of a row, by the name of the scenario in which it stands.
    lines: ClassVar[dict[str, Callable[..., str]]] = {}


def problems_in_json(value: bool) -> bool:
    """Note whether the command has ``--json``: a callback of that option."""
    _Asked.json = value
    return value


OF_A_RUN = ("closure_day", "p_on_time", "on_time_share")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}


def requirement_of(text: str) -> Callable[[Study], bool]:
    """A test such as ``closure_day <= 30``; a closure that never came meets no upper limit."""
    metric, compare, limit = requirement_parts(text, OF_A_RUN)

    def holds(study: Study) -> bool:
        if metric == "closure_day" and study.unclosed():
            return False
        return compare(getattr(study, metric)().mean, limit)

    return holds


@contextmanager
def progress_bar(
    total: int, what: str = "replications", after: str = "tables and figures"
) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr with rate and time left, and what comes `after`; silent where nobody looks."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn("line"),
        TextColumn("{task.description}"),
        BarColumn(30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=total, rate="")

        def tick(done: int, wanted: int) -> None:
            progress.update(task, completed=done, total=wanted, description=what if done < wanted else after)
            speed = next(entry.speed for entry in progress.tasks if entry.id == task)
            progress.update(task, rate=f"{speed:.2f}/s" if speed else "")

        yield tick


@contextmanager
def status_line(what: str) -> Iterator[None]:
    """A line on stderr that says what goes on where no steps can be counted; silent where nobody looks."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what, spinner="line"):
        yield
