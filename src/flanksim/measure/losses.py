"""Which loss costs most: assets taken out for some days, alone and in pairs, and what would cure it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from flanksim.activities import Kind
from flanksim.measure.alternatives import About, AlternativeRuns
from flanksim.measure.best_buys import SAME_PLAN, sureness
from flanksim.measure.replications import Difference
from flanksim.measure.statistics import Interval
from flanksim.movements import MovementLog
from flanksim.network.lost import Asset
from flanksim.units import available_hour, deadline_hour

#: Ways to cure a loss: a plan that was made with it known, a second one of what is lost, a project of the list.
REPLANNED, SECOND, PROJECT = "replanned", "second", "project"
_NOTHING = Interval(0.0, 0.0, 0.0)
#: Measures of a loss, and what of a `Difference` each is; positive is later, longer and more.
_MEASURES = {
    "closure_days_later": "days",
    "soldier_days_later": "closing",
    "delay_days_later": "delay",
    "in_time_share_change": "share",
}


def relied_on(log: MovementLog, from_day: float, to_day: float) -> dict[tuple[str, str], frozenset[int]]:
    """Units of a run that waited for something or used it, from the start of one C-day to the end of another.

    Returns
    -------
    dict
        By table (``links``, ``facilities``, ``fleets``) and id, of facilities their kind and place as
        ``berth:P_ANR``, to the numbers of the units in the plan.
    """
    since, until = available_hour(from_day), deadline_hour(to_day)
    plan, found = log.plan, dict[tuple[str, str], set[int]]()
    units = [
        {plan.serials[fed].unit for fed in serial.feeds} if serial.stage == 1 else {serial.unit}
        for serial in plan.serials
    ]
    end = np.where(np.isnan(log["ended"]), plan.horizon_h, log["ended"])
    during = (log["requested"] < until) & (end > since) & (log["serial"] >= 0) & (log.thing > 0)
    for row in np.flatnonzero(during & ~log.releasing).tolist():
        number = int(log.thing[row])
        listed = log.things.listed(number)
        if listed not in ("gates", "servers"):
            continue
        name = log.things.name(number)
        key = ("links", name.partition(":")[0]) if listed == "gates" else ("facilities", name)
        found.setdefault(key, set()).update(units[int(log["serial"][row])])
    for lift in log.lifts:
        freed = end[lift.freed] if lift.freed >= 0 else plan.horizon_h
        if log["kind"][lift.taken] == Kind.LIFT and log["requested"][lift.taken] < until and freed > since:
            own = units[int(log["serial"][lift.taken])]
            for asset in lift.assets:
                found.setdefault(("fleets", plan.pools[lift.pool].assets[asset].fleet), set()).update(own)
    return {key: frozenset(numbers) for key, numbers in found.items()}


@dataclass(frozen=True)
class Loss:
    """Assets that are lost together: one alone, or a pair.

    Attributes
    ----------
    assets
        What is lost.
    titles
        The same in words.
    troops
        Soldiers of the units that rely on any of them in the days of the loss, as long as nothing is lost.
    """

    assets: tuple[Asset, ...]
    titles: tuple[str, ...]
    troops: int

    @property
    def name(self) -> str:
        """Names of the assets; no two losses have the same."""
        return "+".join(asset.name for asset in self.assets)

    @property
    def title(self) -> str:
        """In words."""
        return " and ".join(self.titles)


@dataclass(frozen=True)
class Cure:
    """What may make up for a loss.

    Attributes
    ----------
    loss
        Name of the loss.
    kind
        `REPLANNED`, `SECOND` or `PROJECT`.
    key
        Id of the project; "" of the others.
    about
        What it is and costs.
    """

    loss: str
    kind: str
    key: str
    about: About

    @property
    def name(self) -> str:
        """No two cures, and no loss, have the same."""
        return f"{self.loss} with {self.kind} {self.key}".rstrip()


@dataclass(frozen=True)
class LossRuns(AlternativeRuns):
    """Losses with their runs, and cures with theirs; the first alternative is today's network with nothing lost.

    Attributes
    ----------
    losses
        Assets alone, then pairs. One that is no alternative has today's plan, and costs nothing by proof.
    cures
        What was tried against the dearest of them.
    from_day, to_day
        C-days at whose start and end the loss begins and ends.
    foreseen
        Whether the plan is made with the loss known, wherever that is better.
    pairs
        Pairs of runs of a loss that may matter; others have fewer.
    """

    losses: tuple[Loss, ...] = ()
    cures: tuple[Cure, ...] = ()
    from_day: float = 0.0
    to_day: float = 0.0
    foreseen: bool = False
    pairs: int = 0

    @property
    def claims(self) -> int:
        """Differences that are stated: of each loss that was run, and two of each cure."""
        return max(1, len(self.alternatives) - 1 + len(self.cures))

    @property
    def confidence(self) -> float:
        """Of each interval, so that all of one measure hold together at 95 % (Bonferroni)."""
        return 1.0 - 0.05 / self.claims

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """The others less the first, in their order; intervals hold together over all `claims`."""
        first, *others = self.alternatives
        return tuple(
            other.against(first, indifference_days=self.indifference_days, confidence=self.confidence)
            for other in others
        )

    @cached_property
    def _by_name(self) -> dict[str, Difference]:
        return {entry.name: found for entry, found in zip(self.alternatives[1:], self.differences, strict=True)}

    @cached_property
    def ranked(self) -> list[dict[str, Any]]:
        """A row an asset that is lost alone, the dearest first: what it costs, how sure, and what would cure it."""
        rows = [self._row(loss) for loss in self.losses if len(loss.assets) == 1]
        return sorted(rows, key=_dearest)

    @cached_property
    def pair_rows(self) -> list[dict[str, Any]]:
        """A row a pair, the dearest first; ``apart_soldier_days_later`` is what its two cost one without the other."""
        alone = {row["name"]: row["soldier_days_later"].mean for row in self.ranked}
        rows = [
            self._row(loss) | {"apart_soldier_days_later": sum(alone.get(asset.name, 0.0) for asset in loss.assets)}
            for loss in self.losses
            if len(loss.assets) == 2
        ]
        return sorted(rows, key=_dearest)

    @property
    def worst_pair(self) -> dict[str, Any] | None:
        """The dearest pair of those that were run; None if none was."""
        return self.pair_rows[0] if self.pair_rows else None

    def _row(self, loss: Loss) -> dict[str, Any]:
        found = self._by_name.get(loss.name)
        runs = len(self.at(loss.name).replications) if found is not None else 0
        return {
            "name": loss.name,
            "title": loss.title,
            "assets": [asset.key for asset in loss.assets],
            "kinds": [asset.kind for asset in loss.assets],
            "troops": loss.troops,
            **{name: _NOTHING if found is None else getattr(found, of) for name, of in _MEASURES.items()},
            "unclosed": 0 if found is None else self.unclosed(loss.name),
            "pairs": runs,
            "sure": SAME_PLAN if found is None else sureness(found),
            "costs": found is not None and costs(found),
            "cures": sorted(
                (self._cure(cure) for cure in self.cures if cure.loss == loss.name),
                key=lambda row: (-row["soldier_days_saved"].mean, row["name"]),
            ),
        }

    def _cure(self, cure: Cure) -> dict[str, Any]:
        """What a cure saves against the loss, and what is left of the loss with it."""
        saved = self.at(cure.name).against(
            self.at(cure.loss), indifference_days=self.indifference_days, confidence=self.confidence
        )
        left = self._by_name[cure.name]
        return {
            "name": cure.name,
            "kind": cure.kind,
            "key": cure.key,
            "title": cure.about.title,
            "cost_bn_eur": cure.about.cost_bn_eur,
            "closure_days_saved": _turned(saved.days),
            "soldier_days_saved": _turned(saved.closing),
            "soldier_days_left": left.closing,
            "helps": saved.closing_verdict == "sooner" or saved.verdict in ("sooner", "closes more often"),
            "cures": not costs(left),
            "sure": sureness(saved),
        }


def spare(row: dict[str, Any]) -> dict[str, Any] | None:
    """Of a row of `LossRuns.ranked` the second one or project that saves most; None where none surely helps."""
    return next((cure for cure in row["cures"] if cure["kind"] != REPLANNED and cure["helps"]), None)


def costs(found: Difference) -> bool:
    """Whether a loss surely makes the last day or the mean soldier later, or keeps the force from closing."""
    return found.closing_verdict == "later" or found.verdict in ("later", "closes less often")


def _turned(found: Interval) -> Interval:
    return Interval(0.0 - found.mean, 0.0 - found.high, 0.0 - found.low)


def _dearest(row: dict[str, Any]) -> tuple[bool, float, str]:
    return not row["costs"], -row["soldier_days_later"].mean, row["name"]
