"""One case: a scenario with its record, what was simulated of it, and how near it comes."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from flanksim.engine.simulate import simulate_plan
from flanksim.engine.streams import seeds
from flanksim.errors import FlanksimError, Problem
from flanksim.network.worlds import worlds
from flanksim.planning.compile import compile_plan
from flanksim.scenario.recorded import Observed, Recorded
from flanksim.scenario.schema import Scenario
from flanksim.validation.metrics import chosen, measured

Verdict = Literal["inside", "overlaps", "miss"]


@dataclass(frozen=True, slots=True)
class Range:
    """5 %, 50 % and 95 % of simulated numbers; inf for what did not happen by the horizon."""

    p05: float
    median: float
    p95: float

    def as_json(self) -> dict[str, float | None]:
        """Its numbers; null for one that was not reached."""
        return {
            name: value if math.isfinite(value := float(getattr(self, name))) else None
            for name in ("p05", "median", "p95")
        }


@dataclass(frozen=True, slots=True)
class Result:
    """A recorded move with what was simulated of it.

    Attributes
    ----------
    scenario, digest, c_day
        Name and hash of the scenario, and the date of its C-day.
    simulated
        Over chance and ignorance together: each run in another world.
    chance
        Over chance alone, with the typical values of the tables.
    """

    scenario: str
    digest: str
    c_day: datetime.date | None
    recorded: Recorded
    simulated: Range
    chance: Range

    @property
    def id(self) -> str:
        """Id of the case."""
        return self.recorded.id

    @property
    def ratio(self) -> float:
        """Simulated median over the geometric middle of the observed range; inf if it did not come about."""
        return self.simulated.median / middle(self.recorded.observed)

    @property
    def verdict(self) -> Verdict:
        """How the two ranges lie to each other."""
        return verdict(self.recorded.observed, self.simulated)

    def as_json(self) -> dict[str, Any]:
        """The case for machines."""
        recorded, observed = self.recorded, self.recorded.observed
        return {
            "id": recorded.id,
            "title": recorded.title,
            "unit": observed.unit,
            "metric": observed.metric,
            "observed": {"low": observed.low, "high": observed.high},
            "simulated": self.simulated.as_json(),
            "chance": self.chance.as_json(),
            "ratio": self.ratio if math.isfinite(self.ratio) else None,
            "role": recorded.role,
            "weight": recorded.weight,
            "informs": list(recorded.informs),
            "verdict": self.verdict,
            "why": recorded.why,
            "source": recorded.source,
            "scenario": self.scenario,
            "digest": self.digest,
        }


def middle(observed: Observed) -> float:
    """Geometric middle of the observed range."""
    return math.sqrt(observed.low * observed.high)


def verdict(observed: Observed, simulated: Range) -> Verdict:
    """``inside``: the median lies in the observed range; ``overlaps``: the ranges do; ``miss``: neither.

    Examples
    --------
    >>> seen = Observed(metric="serials", unit="ships", low=2, high=3)
    >>> [verdict(seen, Range(*values)) for values in [(1, 2.5, 9), (1, 1.5, 2), (4, 5, 6)]]
    ['inside', 'overlaps', 'miss']
    """
    if observed.low <= simulated.median <= observed.high:
        return "inside"
    return "overlaps" if simulated.p05 <= observed.high and simulated.p95 >= observed.low else "miss"


def run_case(scenario: Scenario, runs: int, seed: int | None = None) -> Result:
    """Simulate a case: so often with the typical values, and as often in as many worlds.

    Parameters
    ----------
    scenario
        With a ``recorded`` block.
    runs
        Replications of each kind.
    seed
        Root of the draws; None for that of the scenario.

    Raises
    ------
    FlanksimError
        E530 without a record; E531 if nothing moves as the record says.
    """
    recorded = scenario.recorded
    if recorded is None:
        hint = "add a recorded block: docs/cases.md walks through one"
        raise FlanksimError(Problem("E530", scenario.name, "recorded", "this scenario stands beside no record", hint))
    root = scenario.seed if seed is None else seed
    numbers = seeds(root, runs)
    plan = compile_plan(scenario)
    _something_moves(scenario, plan, recorded.observed)
    alone = [measured(simulate_plan(plan, number), recorded.observed) for number in numbers]
    both = [
        measured(simulate_plan(compile_plan(entry), number), recorded.observed)
        for entry, number in zip(worlds(scenario, runs, root), numbers, strict=True)
    ]
    about = (scenario.name, scenario.digest, scenario.question.c_day)
    return Result(*about, recorded, range_of(both), range_of(alone))


def _something_moves(scenario: Scenario, plan: Any, observed: Observed) -> None:
    if observed.metric == "closing" or chosen(plan, observed):
        return
    how = f" by {observed.by}" if observed.by else ""
    where = f" from or to {observed.at}" if observed.at else ""
    message = f"nothing moves{how}{where}, so that {observed.metric} cannot be measured"
    hint = "correct by and at, or give the unit that way with modes and route"
    raise FlanksimError(Problem("E531", scenario.name, "recorded.observed", message, hint))


def range_of(values: Sequence[float]) -> Range:
    """Quantiles of simulated numbers, interpolated; what never happened counts as endless.

    Examples
    --------
    >>> range_of([1.0, 2.0, 3.0])
    Range(p05=1.1, median=2.0, p95=2.9)
    """
    known = np.sort(np.array([math.inf if math.isnan(value) else value for value in values]))
    found = []
    for share in (0.05, 0.5, 0.95):
        place = share * (len(known) - 1)
        low, high = known[math.floor(place)], known[math.ceil(place)]
        found.append(float(low) if low == high else float(low + (place % 1) * (high - low)))
    return Range(*(round(value, 12) for value in found))
