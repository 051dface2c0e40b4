"""All recorded moves: which there are, how they are run, what is said of them, and what is kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flanksim.errors import FlanksimError, Problem
from flanksim.scenario.arguments import as_list, as_whole
from flanksim.scenario.reading import load, shipped
from flanksim.scenario.text import parsed, read_text
from flanksim.scenario.words import close_to, listed
from flanksim.study.parallel import default_jobs, workers
from flanksim.study.store import new_folder, write_json, write_table, write_text
from flanksim.terminal import Block, Entry, Span, Style, numbers, render, table, words
from flanksim.validation.case import Result, run_case

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Runs of a case: with typical values, and as many in other worlds.
RUNS = 20
_TONES: dict[str, Style] = {"inside": "good", "overlaps": "unsure", "miss": "bad"}


def cases(folder: Path | None = None) -> dict[str, Path]:
    """Cases by id, in order of their ids.

    Parameters
    ----------
    folder
        Where their files are; None for the shipped ones.

    Raises
    ------
    FlanksimError
        E530 for a file without a record, or one with the id of another; E101 and E102 for what cannot be read.
    """
    found: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in sorted((folder or shipped() / "validation").glob("*.yaml")):
        try:
            name = _id_in(path)
        except FlanksimError as error:
            problems += error.problems
            continue
        if not name:
            hint = "add a recorded block with an id, or keep the file elsewhere"
            problems.append(Problem("E530", path.name, "recorded", "stands beside no record", hint))
        elif name in found:
            message = f"the id '{name}' is that of {found[name].name}"
            problems.append(Problem("E530", path.name, "recorded.id", message, "give it an id of its own"))
        else:
            found[name] = path
    if problems:
        raise FlanksimError(problems)
    return {name: found[name] for name in sorted(found, key=_order)}


def _id_in(path: Path) -> str:
    """Id of the record that a file states; empty if it states none."""
    content = parsed(read_text(path, path.name), path.name)
    recorded = content.get("recorded") if isinstance(content, Mapping) else None
    return str(recorded.get("id", "")) if isinstance(recorded, Mapping) else ""


def _order(name: str) -> tuple[str, int, str]:
    """R9 before R10."""
    head = name.rstrip("0123456789abcdefghijklmnopqrstuvwxyz-_")
    digits = "".join(letter for letter in name[len(head) :] if letter.isdigit())
    return head, int(digits or 0), name


@dataclass(frozen=True)
class Validation:
    """Recorded moves with what was simulated of them.

    Attributes
    ----------
    results
        One a case, in order of their ids.
    folder
        Where it is saved, None if it is not.
    """

    results: tuple[Result, ...]
    runs: int
    seconds: float
    folder: Path | None = None

    @cached_property
    def summary(self) -> dict[str, Any]:
        """How near the predicted cases come: those on which nothing was calibrated.

        ``overlaps`` counts the cases of which the two ranges meet; ``median_abs_log_ratio`` is the median of the
        absolute natural logarithm of the ratio; ``worst_ratio`` the largest factor by which one is off, either way.
        A case that was never done by its horizon is off by an endless factor, which JSON writes as null.
        """
        return _summary([result for result in self.results if result.recorded.role == "predicted"])

    @cached_property
    def independent(self) -> dict[str, Any]:
        """The same for those predicted cases from whose records no shipped number was derived."""
        predicted = [result for result in self.results if result.recorded.role == "predicted"]
        return _summary([result for result in predicted if not result.recorded.informs])

    def as_json(self) -> dict[str, Any]:
        """For machines: ``cases``, ``summary``, and ``independent``, the summary of those that informed no number."""
        return {
            "cases": [result.as_json() for result in self.results],
            "summary": self.summary,
            "independent": self.independent,
            "runs": self.runs,
            "results": None if self.folder is None else str(self.folder),
        }

    def plot(self) -> Axes:
        """Observed and simulated ranges side by side."""
        from flanksim.validation.figure import ranges

        return ranges(self.results, self.runs)


def _summary(results: Sequence[Result]) -> dict[str, Any]:
    logs = [abs(math.log(result.ratio)) for result in results]
    return {
        "predicted": len(results),
        "overlaps": sum(result.verdict != "miss" for result in results),
        "median_abs_log_ratio": _finite(median(logs)) if logs else None,
        "worst_ratio": _finite(math.exp(max(logs))) if logs else None,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def validate(
    ids: Iterable[str] | str = (),
    runs: int | None = None,
    *,
    jobs: int | None = None,
    results: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Validation:
    """Simulate recorded moves and put what happened beside it, as ``flanksim validate`` does.

    Parameters
    ----------
    ids
        Ids of cases, such as ``"R07"``, or files with a ``recorded`` block; all shipped cases without.
    runs
        Replications of each case with typical values, and as many in other worlds; 20 without.
    jobs
        Processes; one a core without.
    results
        Root of the results folders; nothing is saved without.
    progress
        Called with (done, wanted) after each case.

    Returns
    -------
    Validation
        ``results`` case by case, ``summary``, ``plot()`` and ``as_json()``.

    Raises
    ------
    FlanksimError
        E530 for a file without a record or an id that is used twice, E531 if nothing moves as a record says, E532 if
        there is no such case, E130 for an argument that cannot be used; and what `load` raises.

    Examples
    --------
    >>> import flanksim as fs
    >>> found = fs.validate(["R09"], runs=4)
    >>> found.results[0].recorded.id
    'R09'
    """
    count = RUNS if runs is None else as_whole("runs", runs, 2)
    start = perf_counter()
    chosen = _chosen([str(name) for name in as_list(ids)])
    found: list[Result] = []
    problems: list[Problem] = []
    with workers(min(jobs or default_jobs(), len(chosen))) as (executor, _):
        futures = [executor.submit(_run_file, path, count) for path in chosen]
        for number, future in enumerate(futures, 1):
            try:
                found.append(future.result())
            except FlanksimError as error:
                problems += error.problems
            if progress is not None:
                progress(number, len(chosen))
    if problems:
        raise FlanksimError(problems)
    done = Validation(tuple(found), count, perf_counter() - start)
    return done if results is None else _saved(done, results)


def _run_file(path: Path, runs: int) -> Result:
    return run_case(load(path), runs)


def _chosen(ids: Sequence[str]) -> list[Path]:
    known = cases()
    if not ids:
        return list(known.values())
    by_id = {name.lower(): path for name, path in known.items()}
    found: list[Path] = []
    for name in ids:
        path = by_id.get(name.lower()) or (Path(name) if Path(name).suffix in (".yaml", ".yml") else None)
        if path is None:
            hint = close_to(name, known, f"give a .yaml file, or one of {listed(known)}")
            raise FlanksimError(Problem("E532", name, "", "no such case", hint))
        found.append(path)
    return list(dict.fromkeys(found))


def _saved(done: Validation, root: Path) -> Validation:
    """The same, with its folder: validation.json, .txt, .csv, the figure and the page."""
    from flanksim.draw.style import save
    from flanksim.validation.page import page

    folder = new_folder(Path(root), "validation")
    kept = Validation(done.results, done.runs, done.seconds, folder)
    write_json(folder / "validation.json", kept.as_json())
    write_text(folder / "validation.txt", render(blocks(kept)) + "\n")
    write_text(folder / "validation.md", page(kept, "validation.png"))
    write_table(folder / "validation.parquet", frame(kept))
    save(kept.plot(), folder, "validation")
    manifest = {"kind": "validation", "runs": kept.runs, "seconds": round(kept.seconds, 3), "status": "complete"}
    write_json(folder / "manifest.json", manifest)
    return kept


def frame(found: Validation) -> Any:
    """A row a case as a table of pandas."""
    import pandas as pd

    rows = []
    for entry in found.as_json()["cases"]:
        parts = {f"{name}_{part}": entry[name][part] for name in ("observed", "simulated") for part in entry[name]}
        rows.append({key: value for key, value in entry.items() if not isinstance(value, dict)} | parts)
    return pd.DataFrame(rows)


def number(value: float) -> str:
    """A number with three digits; a dash for what never came.

    Examples
    --------
    >>> number(12.345), number(1234.5), number(float("inf"))
    ('12.3', '1234', 'never')
    """
    if not math.isfinite(value):
        return "never"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def spread(low: float, high: float) -> str:
    """A range in a cell."""
    return number(low) if number(low) == number(high) else f"{number(low)} to {number(high)}"


def blocks(found: Validation) -> list[Block]:
    """For people: a row a case, why it misses, and the summary."""
    columns = [
        words("case", 12), words("what", 22), words("", 5), numbers("observed"), numbers("simulated\n5 to 95 %"),
        numbers("median"), numbers("ratio"), words("", 8),
    ]  # fmt: skip
    rows: list[list[Entry]] = []
    for result in found.results:
        seen, made = result.recorded.observed, result.simulated
        rows.append([
            result.id + ("*" if result.recorded.role == "calibrated" else ""), result.recorded.title, seen.unit,
            spread(seen.low, seen.high), spread(made.p05, made.p95), number(made.median), number(result.ratio),
            Span(result.verdict, _TONES[result.verdict]),
        ])  # fmt: skip
    told: list[Block] = [table(columns, rows, indent=0)]
    if any(result.recorded.role == "calibrated" for result in found.results):
        told.append("* calibrated: numbers were set by it, and it does not count below")
    for result in found.results:
        if result.verdict == "miss" and result.recorded.why:
            told += ["", f"{result.id}: {result.recorded.why}"]
    dated = [result for result in found.results if result.recorded.milestones]
    for result in dated if len(found.results) <= 3 else ():
        told += ["", f"{result.id}, as recorded:"]
        c_day = result.c_day
        told += [
            f"  {entry.date}" + (f" (C+{(entry.date - c_day).days})" if c_day else "") + f"  {entry.what}"
            for entry in result.recorded.milestones
        ]
    told += ["", summary_line(found)]
    if found.folder is not None:
        told.append(f"  {found.folder}")
    return told


def summary_line(found: Validation) -> str:
    """The summary in one sentence."""
    summary = found.summary
    if not summary["predicted"]:
        return "no predicted case"
    middling, worst = summary["median_abs_log_ratio"], summary["worst_ratio"]
    typical = "without end" if middling is None else f"by a factor of {math.exp(middling):.2f} in the median"
    furthest = "one is never done" if worst is None else f"the furthest by {worst:.2f}"
    cases_of = f"{summary['overlaps']} of {summary['predicted']} predicted ranges meet what was observed"
    return f"{cases_of}; off {typical}, {furthest} ({found.runs} runs a case, {found.seconds:.0f} s)"
