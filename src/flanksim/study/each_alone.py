"""Many changes, each alone against today: few pairs of runs first, and all of them for what may matter.

All share the random numbers of today's runs, which are made once. Today's plan is kept where a change leaves it as it
is, unless a new one is clearly better. A change whose plan is today's to the last number has the same runs: its
difference is zero by proof and is not run at all. The others get a few pairs; those in which
they move anything by a part of what matters get the rest, and keep the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flanksim.measure.closure import force_of
from flanksim.measure.replications import (
    INDIFFERENT_DELAY_DAYS,
    INDIFFERENT_SHARE,
    Replication,
    ReplicationSet,
)
from flanksim.scenario.arguments import as_number, as_replications
from flanksim.scenario.schema import Scenario
from flanksim.study.candidates import Chosen, choose
from flanksim.study.experiment import DesignPoint, Progress, Replicate, StudyOptions, run_points
from flanksim.study.store import Store

#: Pairs with which every change begins.
FIRST_PAIRS = 4
#: A change gets all pairs if its first ones move a measure by this part of what matters.
_PART = 0.5


@dataclass(frozen=True)
class AllPairsIfItMatters(Replicate):
    """A few runs of every point, and `most` of one that may matter against today's.

    Attributes
    ----------
    today
        Today's runs, with the same seeds; without any every point gets `most`.
    indifference_days
        A smaller difference of the closure day does not matter.
    """

    today: ReplicationSet | None = field(default=None, repr=False)
    indifference_days: float = 0.5

    def more(self, done: ReplicationSet) -> int:
        """Further runs that a point needs, given those that it has."""
        count = len(done.replications)
        if count < self.first:
            return self.first - count
        if count >= self.most or (self.today is not None and not self.matters(self.today, done)):
            return 0
        return self.most - count

    def matters(self, today: ReplicationSet, done: ReplicationSet) -> bool:
        """Whether the mean of any measure moves by a part of what matters, or a run closes that did not, or not."""
        found = done.against(today, indifference_days=self.indifference_days)
        limits = (
            (found.days.mean, self.indifference_days),
            (found.share.mean, INDIFFERENT_SHARE),
            (found.closing.mean, INDIFFERENT_DELAY_DAYS),
        )
        return found.pairs < len(done.replications) or any(abs(value) >= _PART * most for value, most in limits)


def as_pairs(replications: Any, first: Any, indifference_days: Any) -> AllPairsIfItMatters:
    """The rule of a study with these arguments, see `flanksim.best_buys`; what cannot be used is refused."""
    most = as_replications(replications, 0)
    fewest = min(as_replications(first, 0), most)
    return AllPairsIfItMatters(fewest, most, indifference_days=as_number("indifference_days", indifference_days, 0))


@dataclass(frozen=True)
class EachAlone:
    """What was found.

    Attributes
    ----------
    today
        Today's runs, all of them.
    runs
        Those of each change, by key of its design point.
        One whose plan is today's has none: they would be today's too.
    """

    today: tuple[Replication, ...]
    runs: dict[str, tuple[Replication, ...]]


def run_each_alone(
    today: Scenario,
    changed: Sequence[Scenario],
    rule: AllPairsIfItMatters,
    *,
    carry_over: bool = True,
    keep_plan: bool = False,
    plan: Chosen | None = None,
    own: tuple[Replication, ...] | None = None,
    store: Store | None = None,
    options: StudyOptions,
) -> EachAlone:
    """Run today's network and each changed one, as far as the rule asks.

    Parameters
    ----------
    today
        The scenario to compare with.
    changed
        The scenarios with one change each.
    rule
        How many runs; its `today` is filled in here.
    carry_over
        Keep today's plan for a change unless its own is clearly better.
    keep_plan
        Keep it even then.
    plan, own
        Today's plan and runs where they were made already.

    Raises
    ------
    FlanksimError, KeyboardInterrupt
        As `run_points`.
    """
    base = DesignPoint(today)
    changes = {entry.digest: entry for entry in changed if entry.digest != base.key}
    if own is None:
        count = _Counting(options.progress, rule.most, rule.first * len(changes))
        alone, options = count.options(options, 0), count.options(options, rule.most)
        own = run_points([base], today.seed, Replicate(rule.most), store=store, options=alone)[base.key]
    if plan is None:
        plan = choose(today, (), today.seed, engine=options.engine)
    poorer = (plan.carried(base.key),) if carry_over else ()
    others = [
        DesignPoint(entry, poorer=poorer, known_plan=plan.plan.content, keep_plan=keep_plan)
        for entry in changes.values()
    ]
    judged = replace(rule, today=ReplicationSet(force_of(today), own))
    runs = run_points(others, today.seed, judged, store=store, options=options)
    return EachAlone(own, {key: made for key, made in runs.items() if made and key != base.key})


@dataclass(frozen=True)
class _Counting:
    """Progress of two rounds of runs told as one."""

    progress: Progress | None
    today: int
    others: int

    def options(self, given: StudyOptions, before: int) -> StudyOptions:
        """The options of a round before which so many runs were made."""
        if self.progress is None:
            return given
        told = self.progress

        def tick(done: int, wanted: int) -> None:
            told(before + done, self.today + (wanted if before else self.others))

        return replace(given, progress=tick)
