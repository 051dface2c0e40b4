"""The whole suite: its cases, how one is run, and what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from flanksim.terminal import Block, Entry, Span, Style, numbers, table, words
from flanksim.verification import decisions, flows, physics, queues
from flanksim.verification.case import Case, Check, Result
from flanksim.verification.runner import Runner

CASES: tuple[Case, ...] = tuple(
    sorted((*queues.CASES, *flows.CASES, *physics.CASES, *decisions.CASES), key=lambda case: case.id)
)


def run_case(case: Case, runner: Runner | None = None) -> Result:
    """One case, by default with plans as they are. A case without a module is ``not yet``, never passed."""
    if case.run is None:
        return Result(case.id, case.title, (), "not yet", 0.0)
    start = perf_counter()
    checks = tuple(case.run(runner or Runner()))
    holds = bool(checks) and all(check.holds for check in checks)
    return Result(case.id, case.title, checks, "pass" if holds else "fail", perf_counter() - start)


def run_by_id(name: str, engine: str = "simpy") -> Result:
    """The case of an id with plans as they are: a task for a worker, which gets no functions sent."""
    return run_case(next(case for case in CASES if case.id == name), Runner(engine=engine))


def as_json(results: Sequence[Result]) -> dict[str, Any]:
    """The suite for machines: ``{"cases": [{id, title, expected, got, tolerance, status}]}``."""
    return {
        "cases": [
            {
                "id": result.id,
                "title": result.title,
                "expected": {check.what: check.expected for check in result.checks},
                "got": {check.what: check.got for check in result.checks},
                "tolerance": {check.what: check.tolerance for check in result.checks},
                "status": result.status,
                "seconds": round(result.seconds, 3),
            }
            for result in results
        ]
    }


_TONES: dict[str, Style] = {"pass": "good", "fail": "bad", "not yet": "quiet"}


def blocks(results: Sequence[Result], *, details: bool) -> list[Block]:
    """The suite for people: a row a case; the numbers of those that failed, with `details` of all."""
    shown = [result for result in results if result.checks and (details or result.status == "fail")]
    columns = [words("case", 4), words("", 7), words("what", 20)]
    rows: list[list[Entry]] = [
        [result.id, Span(result.status, _TONES[result.status]), result.title] for result in results
    ]
    lines: list[Block] = [table(columns, rows, indent=0)]
    heads = [words("", 24), numbers("got"), numbers("expected"), numbers("within ±"), words("")]
    for result in shown:
        lines += ["", f"{result.id}: {result.title}", table(heads, [_told(check) for check in result.checks])]
    counts = {status: sum(result.status == status for result in results) for status in ("pass", "fail", "not yet")}
    seconds = sum(result.seconds for result in results)
    return [*lines, "", f"{counts['pass']} pass, {counts['fail']} fail, {counts['not yet']} not yet; {seconds:.0f} s"]


def _told(check: Check) -> list[str]:
    sign = "" if check.holds else "<- outside" if check.precise else "<- not precise enough"
    return [check.what, f"{check.got:.9g}", f"{check.expected:.9g}", f"{check.tolerance:.2g}", sign]
