"""What helps most for the money: actions, each alone against today, in order of the days that they save a soldier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flanksim.measure.alternatives import About, AlternativeRuns
from flanksim.measure.replications import FEW, SAME, UNSURE, Difference
from flanksim.scenario.project_rows import Lever

#: Why an action was not run.
SAME_PLAN, NOT_MODELLED, BUILT = "the plan of today", "not modelled", "there already"


@dataclass(frozen=True)
class Untried:
    """An action without runs of its own.

    Attributes
    ----------
    name, kind, about
        As of an action that was run.
    why
        `SAME_PLAN`: its runs are today's, so that it changes nothing by proof; `NOT_MODELLED`; `BUILT`.
    """

    name: str
    kind: str
    about: About
    why: str


@dataclass(frozen=True)
class ActionRuns(AlternativeRuns):
    """Actions with their runs, each alone; the first alternative is today's network.

    Attributes
    ----------
    kinds
        What each alternative but the first is: the kind of a lever, or of a project.
    levers
        Rows of those that are levers, by name; the others are projects.
    untried
        Actions without runs of their own.
    pairs
        Pairs of runs of those that may matter; the others have fewer.
    """

    kinds: tuple[str, ...] = ()
    levers: Mapping[str, Lever] = field(default_factory=dict)
    untried: tuple[Untried, ...] = ()
    pairs: int = 0

    @cached_property
    def buys(self) -> list[dict[str, Any]]:
        """A row an action: what it costs and saves, how sure that is, and whether nothing cheaper saves as much.

        Days and points are positive where the action helps. Those with which a soldier is surely closed sooner, in the
        mean, come first, the most days first: that is the mobility delay saved where units are ready as before.
        """
        rows = [
            {
                "action": row["alternative"],
                "title": row["title"],
                "kind": kind,
                "lever": row["alternative"] in self.levers,
                "decides": lever.decides if (lever := self.levers.get(row["alternative"])) else "",
                "political": lever.political if lever else "",
                "cost_bn_eur": row["cost_bn_eur"],
                "cost_low_bn_eur": row["cost_low_bn_eur"],
                "cost_high_bn_eur": row["cost_high_bn_eur"],
                "counts_from": row["stands_by"],
                **turned(row, "days_sooner", "difference_days", -1.0),
                **turned(row, "points", "difference_share", 100.0),
                **turned(row, "soldier_days_sooner", "difference_closing_days", -1.0),
                **turned(row, "delay_days_saved", "difference_delay_days", -1.0),
                "pairs": difference_pairs(found, row["runs"]),
                "sure": sureness(found),
                "verdict": row["verdict"],
                "share_verdict": row["share_verdict"],
                "closing_verdict": row["closing_verdict"],
                "delay_verdict": row["delay_verdict"],
            }
            for row, kind, found in zip(self.rows[1:], self.kinds, self.differences, strict=True)
        ]
        rows.sort(key=lambda row: (row["closing_verdict"] != "sooner", -row["soldier_days_sooner"], row["action"]))
        best = -1.0
        for row in sorted(rows, key=lambda row: (row["cost_bn_eur"], -row["soldier_days_sooner"])):
            row["frontier"] = row["closing_verdict"] == "sooner" and row["soldier_days_sooner"] > best
            best = row["soldier_days_sooner"] if row["frontier"] else best
        return rows


def difference_pairs(found: Difference, runs: int) -> int:
    """Pairs of runs: those in which both closed, else all."""
    return found.pairs or runs


def sureness(found: Difference) -> str:
    """What is sure of a difference, in a few words; else why nothing is."""
    good = (("last day sooner", "sooner"), ("closes more often", "closes more often"))
    named = [said for said, word in good if found.verdict == word]
    named += ["more in time"] * (found.share_verdict == "more in time")
    named += ["soldiers sooner"] * (found.closing_verdict == "sooner")
    bad = [("last day later", found.verdict == "later"), ("closes less often", found.verdict == "closes less often")]
    bad += [
        ("fewer in time", found.share_verdict == "fewer in time"),
        ("longer delay", found.delay_verdict == "longer"),
        ("soldiers later", found.closing_verdict == "later" and found.delay_verdict != "longer"),
    ]
    named += [said for said, holds in bad if holds]
    if named:
        return ", ".join(named)
    verdicts = (found.verdict, found.share_verdict, found.closing_verdict)
    if all(word == SAME for word in verdicts):
        return "the same in every run"
    return FEW if FEW in verdicts else UNSURE


def turned(row: dict[str, Any], name: str, column: str, factor: float) -> dict[str, float]:
    """An interval of a row under another name and scale; low stays the lower end."""
    ends = sorted((factor * row[f"{column}_low"], factor * row[f"{column}_high"]))
    return {name: factor * row[column], f"{name}_low": ends[0], f"{name}_high": ends[1]}
