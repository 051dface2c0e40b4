"""The whole suite: run it, tell it, and say with one number whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from flanksim.verify import decisions, physics, queues
from flanksim.verify.case import Case, Result

CASES: tuple[Case, ...] = tuple(sorted((*queues.CASES, *physics.CASES, *decisions.CASES), key=lambda case: case.id))


def run_suite(only: Callable[[Case], bool] = lambda _: True) -> Iterator[Result]:
    """Results of the cases that `only` lets through, as they come."""
    for case in CASES:
        if only(case):
            yield run_case(case)


def run_case(case: Case) -> Result:
    """One case. A case without a module is ``not yet``, never passed."""
    if case.run is None:
        return Result(case.id, case.title, (), "not yet", 0.0)
    start = perf_counter()
    checks = tuple(case.run())
    holds = bool(checks) and all(check.holds for check in checks)
    return Result(case.id, case.title, checks, "pass" if holds else "fail", perf_counter() - start)


def as_json(results: list[Result]) -> dict[str, Any]:
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
