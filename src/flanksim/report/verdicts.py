"""The verdict of a run, sweep or comparison: one sentence, what it means, and the figures to remember."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, Chance, Spread, t_interval
from flanksim.report.bound import bound_reason
from flanksim.report.material import Material
from flanksim.study.phrases import spread_range, spread_words
from flanksim.study.study import beyond

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
    base = points.sort_values(["infrastructure_share", "year"]).iloc[0]
    best = best_point(points)
    soonest = points.sort_values(["closure_day", "spent_bn_eur"]).iloc[0]
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
        Markup("Most troops are there by {} with <b>{}</b>: {}, and the last on C+{}. Without it ({}) it is {}, and "
               "C+{}.").format(
            deadline, point_words(best), share_words(best["on_time_share"]), f"{best['closure_day']:.0f}",
            point_words(base), share_words(base["on_time_share"]), f"{base['closure_day']:.0f}",
        )
    ]  # fmt: skip
    if (soonest["cell"], soonest["year"]) != (best["cell"], best["year"]) and soonest["closure_day"] < best[
        "closure_day"
    ]:
        text = Markup("The last day comes soonest with <b>{}</b>: C+{}, with {} there in time.")
        lines.append(
            text.format(point_words(soonest), f"{soonest['closure_day']:.0f}", share_words(soonest["on_time_share"]))
        )
    said = _sooner(*paired_days(material, str(base["cell"]), str(soonest["cell"])))
    if said:
        lines.append(Markup("{}").format(said))
    tiles = [
        Tile(share_words(best["on_time_share"]), f"of the troops there by {deadline}",
             f"{share_words(base['on_time_share'])} without"),
        Tile(f"C+{soonest['closure_day']:.0f}", "soonest last day", f"C+{base['closure_day']:.0f} without"),
        Tile(f"{best['p_on_time']:.2f}", f"best share of runs in time for {deadline}",
             f"95 %: {best['p_on_time_low']:.2f} to {best['p_on_time_high']:.2f}" if material.runs_made > 1 else ""),
        Tile(f"€ {best['spent_bn_eur']:,.0f} bn", f"for mobility with {point_words(best)}",
             f"{int(best['projects_done'])} projects done"),
    ]  # fmt: skip
    return verdict, lines, tiles


def best_point(points: pd.DataFrame) -> pd.Series:
    """The point with the best chance; among equals with most troops in time, then the earliest year."""
    return points.sort_values(["p_on_time", "on_time_share", "year"], ascending=[True, True, False]).iloc[-1]


def point_words(row: Mapping[str, Any] | pd.Series) -> str:
    """A point of a sweep in words."""
    return f"{row['infrastructure_share']:g} % of GDP by {int(row['year'])}"


def share_words(share: float) -> str:
    """A share of 0 to 1 in per cent."""
    return f"{100 * share:.0f} %"


def _sooner(saved: float, low: float, high: float, pairs: int) -> str:
    """Days saved between two networks, with what the pairs can tell."""
    if pairs == 0 or math.isnan(saved) or saved == 0:
        return ""
    way = "forward" if saved > 0 else "back"
    text = (
        f"Spending brings the last day {abs(saved):.1f} days {way} on average over {pairs} pairs of runs with the same "
        "random numbers"
    )
    if pairs < FEWEST_FOR_AN_INTERVAL:
        return f"{text}, too few to say how sure that is."
    told = "" if low > 0 or high < 0 else ", which cannot be told from no difference"
    return f"{text} (95 %: {low:+.1f} to {high:+.1f} days saved{told})."


def paired_days(material: Material, before: str, after: str) -> tuple[float, float, float, int]:
    """Days that the network `after` saves against `before`: mean, 95 % interval, pairs in which both closed."""
    if material.runs is None or "cell" not in material.runs:
        return math.nan, math.nan, math.nan, 0
    days = material.runs.pivot_table(index="seed", columns="cell", values="closure_day")
    if before not in days or after not in days:
        return math.nan, math.nan, math.nan, 0
    saved = (days[before] - days[after]).dropna()
    found = t_interval(saved.tolist())
    return found.mean, found.low, found.high, len(saved)


def compare_verdict(material: Material, table: pd.DataFrame) -> Verdict:
    """The verdict of a comparison."""
    base, others = table.iloc[0], table.iloc[1:]
    in_time = [str(row["alternative"]) for _, row in table.iterrows() if row["p_on_time_low"] > 0.5]
    sooner = [str(row["alternative"]) for _, row in others.iterrows() if row["verdict"] == "sooner"]
    deadline = material.deadline
    best = table.sort_values("p_on_time").iloc[-1]
    if in_time:
        verdict = f"Yes, with {listed(in_time)}: more likely than not complete by {deadline}."
    elif best["p_on_time"] > 0:
        verdict = f"Perhaps. The best chance of {deadline} is {best['p_on_time']:.2f}, with {best['alternative']}."
    elif sooner:
        who = "every alternative is" if len(sooner) == len(others) > 1 else f"{listed(sooner)} {_are(sooner)}"
        verdict = f"No, not by {deadline} in any run; but {who} sooner than {base['alternative']}."
    else:
        verdict = f"No. No alternative is complete by {deadline}, and these runs cannot tell their last days apart."
    if not best["p_on_time"] and all(beyond(float(day), material.plan.deadline_h) for day in table["bound_day"]):
        verdict += " With none of them is it possible in this model: that is proved."
    lines = [_difference(row, str(base["alternative"]), deadline) for _, row in others.iterrows()]
    tiles = [
        Tile(
            f"C+{row['closure_day']:.0f}" if not math.isnan(row["closure_day"]) else "never",
            str(row["alternative"]),
            f"{share_words(row['on_time_share'])} there by {deadline}",
        )
        for _, row in table.head(4).iterrows()
    ]
    return verdict, lines, tiles


def _difference(row: Any, base: str, deadline: str) -> Markup:
    pairs, days = int(row["pairs"]), float(row["difference_days"])
    share = float(row["difference_share"])
    more = f"{100 * abs(share):.0f} points {'more' if share >= 0 else 'fewer'} of the troops are there by {deadline}"
    if not (row["difference_share_low"] > 0 or row["difference_share_high"] < 0):
        more += ", which may be chance"
    if row["verdict"] == "identical":
        return Markup("<b>{}</b> is the same as {} in every run.").format(row["alternative"], base)
    if math.isnan(days):
        return Markup("<b>{}</b>: no pair of runs closed; {}.").format(row["alternative"], more)
    when = f"{abs(days):.1f} days {'sooner' if days < 0 else 'later'} than {base}"
    interval = f"95 %: {row['difference_days_low']:+.1f} to {row['difference_days_high']:+.1f} days, {pairs} pairs"
    told = "" if row["verdict"] in ("sooner", "later") else "; these runs cannot tell the two apart"
    return Markup("<b>{}</b> closes {} ({}{}); {}.").format(row["alternative"], when, interval, told, more)


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
