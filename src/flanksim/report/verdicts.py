"""The verdict of a run, sweep or comparison: one sentence, what it means, and the figures to remember."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from flanksim.measure.replications import Difference
from flanksim.measure.statistics import Chance, Interval, Spread
from flanksim.report.bound import bound_reason
from flanksim.report.material import Material
from flanksim.text.phrases import days_in_words, share_in_words, spread_range, spread_words

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Tile:
    """One figure with its label and a note."""

    value: str
    label: str
    note: str = ""


Verdict = tuple[str, list[Markup], list[Tile]]


def run_verdict(material: Material) -> Verdict:
    """The verdict of one scenario."""
    answer, deadline = material.answer, material.scenario.question.deadline_days
    chance, when = material.chance, material.closure
    if not answer or chance is None or when is None:
        hour = material.plan.deadline_h
        return f"The runs were saved without an answer; the deadline is hour {hour:g}.", [], []
    sure, runs = _sure(chance), chance.runs
    if math.isinf(when.median):
        horizon = material.scenario.question.horizon_days
        lost = int(answer["unclosed"])
        text = f"{sure} The force was not complete by C+{horizon:g} in {lost} of {runs} run{'s' * (runs != 1)}."
        return text, _certainty(material, chance), _tiles(material, when, chance)
    late = when.median - deadline
    gap = f"{late:.0f} days too late" if late >= 1 else f"{-late:.0f} days early"
    if abs(late) < 1:
        gap = "within a day of the deadline"
    verdict = f"{sure} The force is complete on day {when.median:.0f}, {gap}."
    lines = []
    if runs > 1:
        text = Markup("That is the median of {} runs; {}. Days count from the end of C-day, the day of the order.")
        lines.append(text.format(runs, _range(when)))
    else:
        lines.append(Markup("That is one run, which gives no margin of error. Days count from the end of C-day."))
    if answer.get("unclosed"):
        text = Markup("{} of the runs were never complete; they count as later than all others.")
        lines.append(text.format(answer["unclosed"]))
    lines += _gap(material, when.median) + _certainty(material, chance)
    return verdict, lines, _tiles(material, when, chance)


def _range(when: Spread) -> Markup:
    """``9 runs in 10: day 87 to 127``, in bold."""
    low, high, which = spread_range(when)
    ends = [f"{value:.0f}" if math.isfinite(value) else "never" for value in (low, high)]
    return Markup("{}: day <b>{} to {}</b>").format(which, *ends)


def _sure(chance: Chance) -> str:
    """Yes or no, as far as the runs tell; where the bound lies beyond the deadline no run is needed for a no."""
    if chance.proved_zero:
        return "No, that is impossible in this model."
    if chance.verdict is None:
        return "One run cannot tell."
    if chance.verdict in ("yes", "no"):
        return "Yes." if chance.verdict == "yes" else "No."
    hope = "Probably" if chance.mean > 0.5 else "Probably not" if chance.mean < 0.5 else "Perhaps"
    return f"{hope}, but {chance.runs} runs cannot tell for sure."


def _gap(material: Material, day: float) -> list[Markup]:
    """The days above the deadline, split into what no schedule could save and the rest."""
    bound, deadline = material.bound_day, material.scenario.question.deadline_days
    if bound is None:
        return []
    what, rest = bound_reason(material), day - bound
    if bound > deadline:
        text = Markup(
            "Of the {} days it is late, {} could be saved by no schedule, however clever: nothing closes this force "
            "before <b>C+{}</b>, because of {}. The other {} are queues, chance and the order of loads."
        )
        return [text.format(f"{day - deadline:.0f}", f"{bound - deadline:.0f}", f"{bound:.0f}", what, f"{rest:.0f}")]
    text = Markup(
        "No schedule closes this force before <b>C+{}</b>, because of {}. The {} days between that and the result are "
        "queues, chance and the order of loads."
    )
    return [text.format(f"{bound:.0f}", what, f"{rest:.0f}")]


def _certainty(material: Material, chance: Chance) -> list[Markup]:
    if chance.proved_zero:
        text = Markup(
            "The chance of {} is <b>zero, and proved</b>: the earliest possible day lies beyond it, and no number of "
            "runs can change that."
        )
        return [text.format(material.deadline)]
    return [Markup("In time, by {}: <b>{}</b>.").format(material.deadline, chance.words())]


def _tiles(material: Material, when: Spread, chance: Chance) -> list[Tile]:
    answer, deadline = material.answer, material.deadline
    share = answer["on_time_share"]["mean"]
    tiles = [
        Tile(f"C+{when.median:.0f}" if math.isfinite(when.median) else "never", "force complete (median)",
             spread_words(when) or "one run"),
        Tile(share_words(share), f"of the troops there by {deadline}",
             f"{share * answer['troops_required']:,.0f} of {answer['troops_required']:,}"),
        Tile(*_chance_tile(chance, deadline)),
    ]  # fmt: skip
    if material.bound_day is not None:
        tiles.append(Tile(f"C+{material.bound_day:.0f}", "earliest possible day", "no schedule is faster: arithmetic"))
    return tiles


def _chance_tile(chance: Chance, deadline: str) -> tuple[str, str, str]:
    """The chance of the deadline: value, label and note; none of one run."""
    if chance.proved_zero:
        return "none", f"chance of {deadline}", "proved: the earliest possible day is later"
    if chance.verdict is None:
        return ("yes" if chance.hits else "no"), f"complete by {deadline}", "one run, which gives no chance"
    return (
        f"{chance.hits} of {chance.runs}",
        f"runs in time for {deadline}",
        chance.words().partition("; ")[2]
        or (f"{100 * chance.mean:.0f} % ({100 * chance.low:.0f} to {100 * chance.high:.0f} %)"),
    )


def sweep_verdict(material: Material, points: pd.DataFrame) -> Verdict:
    """The verdict of a spending x year surface."""
    deadline, last = material.deadline, int(points["year"].max())
    best = best_point(points)
    base = _first_level(points, best)
    likely = points[points["p_on_time"] >= 0.5].sort_values(["infrastructure_share", "year"])
    tried = listed([f"{value:g}" for value in sorted(set(points["infrastructure_share"]))])
    if len(likely):
        first = likely.iloc[0]
        verdict = f"With {point_words(first)} the force is more likely than not complete by {deadline}."
    elif best["p_on_time"] > 0:
        verdict = f"Hardly. The best chance of {deadline} is {best['p_on_time']:.2f}, with {point_words(best)}."
    else:
        verdict = f"No. With {tried} % of GDP the force is never complete by {deadline}, in any year to {last}."
    lines = [
        Markup("With <b>{}</b> {} of the troops are there by {}, and the last on {}.").format(
            point_words(best), share_words(best["on_time_share"]), deadline, _last_day(best)
        )
    ]
    if best["cell"] != base["cell"]:
        said = Markup("With {} it is {}, and {}.")
        lines.append(said.format(point_words(base), share_words(base["on_time_share"]), _last_day(base)))
    if not points["best"].any():
        lines.append(Markup("These are too few runs to tell which point does best."))
    elif best["cell"] == base["cell"]:
        lines.append(Markup("No point that costs more does surely better than that."))
    else:
        lines.append(Markup("{}").format(_against(best, point_words(base))))
    # All four tiles are of one point.
    tiles = [
        Tile(share_words(best["on_time_share"]), f"of the troops there by {deadline}",
             f"{share_words(base['on_time_share'])} with {point_words(base)}"),
        Tile(_last_day(best), "last day", f"{_last_day(base)} with {point_words(base)}"),
        Tile(*_chance_tile(Chance(int(best["runs_on_time"]), int(best["runs"])), deadline)),
        Tile(f"EUR {best['spent_bn_eur']:,.1f} bn", f"for mobility with {point_words(best)}",
             f"{int(best['projects_done'])} projects done"),
    ]  # fmt: skip
    return verdict, lines, tiles


def _last_day(row: pd.Series) -> str:
    return "never" if math.isnan(row["closure_day"]) else f"C+{row['closure_day']:.0f}"


def _first_level(points: pd.DataFrame, point: pd.Series) -> pd.Series:
    """The lowest level of spending in the year of a point, with which its paired differences are taken."""
    same = points[(points["year"] == point["year"]) & (points["mobility_fraction"] == point["mobility_fraction"])]
    found: pd.Series = same.sort_values("infrastructure_share").iloc[0]
    return found


def _against(row: pd.Series, base: str) -> str:
    """What a point is against the lowest level, as the paired runs say it."""
    found = Difference(
        Interval(row["difference_days"], row["difference_days_low"], row["difference_days_high"]),
        Interval(row["difference_share"], row["difference_share_low"], row["difference_share_high"]),
        int(row["pairs"]), math.nan, str(row["verdict"]), str(row["share_verdict"]),
    )  # fmt: skip
    return (
        f"Against {base}, over {found.pairs} pairs of runs with the same random numbers: {days_in_words(found)}; "
        f"{share_in_words(found, found.pairs)}."
    )


def best_point(points: pd.DataFrame) -> pd.Series:
    """The cheapest point of those that do as well as any (`Sweep.best`).

    Where the runs are too few to tell: the one with the best chance, and among equals with most troops in time in whole
    per cent, then the cheapest and the earliest.
    """
    if points["best"].any():
        points = points[points["best"]]
    points = points.assign(shown=(100 * points["on_time_share"]).round())
    return points.sort_values(
        ["p_on_time", "shown", "spent_bn_eur", "year"], ascending=[True, True, False, False]
    ).iloc[-1]


def point_words(row: Mapping[str, Any] | pd.Series) -> str:
    """A point of a sweep in words."""
    of_it = f", {100 * row['mobility_fraction']:.0f} % of it for mobility" if "mobility_fraction" in row else ""
    return f"{row['infrastructure_share']:g} % of GDP by {int(row['year'])}{of_it}"


def share_words(share: float) -> str:
    """A share of 0 to 1 in per cent."""
    return f"{100 * share:.0f} %"


def compare_verdict(material: Material, table: pd.DataFrame) -> Verdict:
    """The verdict of a comparison."""
    base, others = table.iloc[0], table.iloc[1:]
    in_time = [str(row["alternative"]) for _, row in table.iterrows() if row["p_on_time_low"] > 0.5]
    sooner = [str(row["alternative"]) for _, row in others.iterrows() if row["verdict"] == "sooner"]
    deadline = material.deadline
    best = table.sort_values(["p_on_time", "cost_bn_eur"], ascending=[True, False], kind="stable").iloc[-1]
    if in_time:
        verdict = f"Yes, with {listed(in_time)}: more likely than not complete by {deadline}."
    elif best["p_on_time"] > 0:
        verdict = f"Perhaps. The best chance of {deadline} is {best['p_on_time']:.2f}, with {best['alternative']}."
    elif sooner:
        who = "every alternative is" if len(sooner) == len(others) > 1 else f"{listed(sooner)} {_are(sooner)}"
        verdict = f"No, not by {deadline} in any run; but {who} sooner than {base['alternative']}."
    else:
        few = "too few runs to tell" in set(others["verdict"])
        why = "these are too few runs to tell their last days apart" if few else "no last day is surely sooner"
        verdict = f"No. No alternative is complete by {deadline}, and {why}."
    if table["proved_zero"].all():
        verdict += " With none of them is it possible in this model: that is proved."
    lines = [_difference(row, str(base["alternative"])) for _, row in others.iterrows()]
    tiles = [
        Tile(
            f"C+{row['closure_day']:.0f}" if not math.isnan(row["closure_day"]) else "never",
            str(row["alternative"]),
            f"{share_words(row['on_time_share'])} there by {deadline}",
        )
        for _, row in table.head(4).iterrows()
    ]
    return verdict, lines, tiles


def _difference(row: Any, base: str) -> Markup:
    """One alternative against the first, as the paired runs say it."""
    return Markup("<b>{}</b>: {}").format(row["alternative"], _against(row, base))


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
