"""What a verification case is, and how its answers are judged."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy.special import stdtrit

from flanksim.verification.runner import Runner

Status = Literal["pass", "fail", "not yet"]

#: Deterministic answers must agree to this.
EXACT = 1e-9
#: Tail probability of the acceptance interval of a stochastic case, each side.
TAIL = 0.9995


@dataclass(frozen=True, slots=True)
class Check:
    """One number: what it is, what it should be, what came out, and how far apart they may be."""

    what: str
    expected: float
    got: float
    tolerance: float
    precise: bool = True

    @property
    def holds(self) -> bool:
        """Within tolerance, and measured precisely enough for that to mean something."""
        return self.precise and abs(self.got - self.expected) <= self.tolerance


@dataclass(frozen=True, slots=True)
class Case:
    """A verification case; ``run`` gives its checks, None says that its module does not exist yet."""

    id: str
    title: str
    run: Callable[[Runner], list[Check]] | None


@dataclass(frozen=True, slots=True)
class Result:
    """A case with what came out."""

    id: str
    title: str
    checks: tuple[Check, ...]
    status: Status
    seconds: float


def exact(what: str, expected: float, got: float, tolerance: float = EXACT) -> Check:
    """A deterministic check."""
    return Check(what, float(expected), float(got), tolerance)


def batches(
    what: str, expected: float, values: Sequence[float], half_width_share: float, of: float | None = None
) -> Check:
    """A stochastic check on independent batches.

    Accepts if ``|mean - expected| <= t(0.9995, R-1) s / sqrt(R)`` *and* that half-width is at most
    `half_width_share` of the expected value, or of `of`: an imprecise measurement does not pass.
    """
    data = np.asarray(values, dtype=float)
    half = float(stdtrit(len(data) - 1, TAIL)) * float(data.std(ddof=1)) / math.sqrt(len(data))
    return Check(
        what, float(expected), float(data.mean()), half, half <= half_width_share * abs(expected if of is None else of)
    )


@cache
def published() -> dict[str, dict[str, Any]]:
    """Inputs and expected values by case id, as published; none of them was computed by flanksim."""
    path = Path(__file__).with_name("cases.json")
    return {case["id"]: case for case in json.loads(path.read_text(encoding="utf-8"))}


@cache
def stakes() -> dict[str, str]:
    """By case id a sentence: what would go wrong with an answer if the case failed."""
    found: dict[str, str] = json.loads(Path(__file__).with_name("stakes.json").read_text(encoding="utf-8"))
    return found


def expected(case: str) -> Any:
    """Expected values of a case."""
    return published()[case]["expected"]
