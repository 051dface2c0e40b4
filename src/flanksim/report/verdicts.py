"""The verdict of a run, sweep or comparison: one sentence, what it means, and the figures to remember."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from flanksim.measure.alternatives import AlternativeRuns
from flanksim.measure.closure import TIER_1
from flanksim.measure.replications import FEW, Difference
from flanksim.measure.sets_of_runs import ScenarioRuns
from flanksim.measure.statistics import Chance, Interval, Spread
from flanksim.measure.surface import Point, SurfaceRuns
from flanksim.report.bound import bound_reason
from flanksim.report.context import Context
from flanksim.text.phrases import days_in_words, share_in_words, spread_range, spread_words


@dataclass(frozen=True)
class Tile:
    """One figure with its label and a note."""

    value: str
    label: str
    note: str = ""


Verdict = tuple[str, list[Markup], list[Tile]]


def run_verdict(context: Context) -> Verdict:
    """The verdict of one scenario."""
    found, deadline = context.answered, context.scenario.question.deadline_days
    if found is None:
        return f"No runs were saved here; the deadline is {context.deadline}.", [], []
    chance, when, lost = found.p_on_time(), found.closure_spread(), found.unclosed()
    sure, runs = _sure(chance), chance.runs
    if math.isinf(when.median):
        horizon = context.scenario.question.horizon_days
        text = f"{sure} The force was not complete by C+{horizon:g} in {lost} of {runs} run{'s' * (runs != 1)}."
        return text, _certainty(context, chance), _tiles(context, found)
    late = when.median - deadline
    gap = f"{late:.0f} days too late" if late >= 1 else f"{-late:.0f} days early"
    if abs(late) < 1:
        gap = "within a day of the deadline"
    verdict = f"{sure} The force is complete on day {when.median:.0f}, {gap}."
    lines = _gap(context, when.median)
    if runs > 1:
        text = Markup("That is the median of {} runs; {}. Days count from the end of C-day, the day of the order.")
        lines.append(text.format(runs, _range(when)))
    else:
        lines.append(Markup("That is one run, which gives no margin of error. Days count from the end of C-day."))
    if lost:
        text = Markup("{} of the runs were never complete; they count as later than all others.")
        lines.append(text.format(lost))
    lines += _certainty(context, chance)
    return verdict, lines, _tiles(context, found)


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


def _gap(context: Context, day: float) -> list[Markup]:
    """The days above the deadline, split into what no schedule could save and the rest."""
    bound, deadline = context.bound_day, context.scenario.question.deadline_days
    if bound is None:
        return []
    what, rest = bound_reason(context.bound, context.scenario), day - bound
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


def _certainty(context: Context, chance: Chance) -> list[Markup]:
    if chance.proved_zero:
        text = Markup(
            "The chance of {} is <b>zero, and proved</b>: the earliest possible day lies beyond it, and no number of "
            "runs can change that."
        )
        return [text.format(context.deadline)]
    return [Markup("In time, by {}: <b>{}</b>.").format(context.deadline, chance.words())]


def _tiles(context: Context, found: ScenarioRuns) -> list[Tile]:
    when, deadline, troops = found.closure_spread(), context.deadline, found.plan.troops_required
    share = found.on_time_share().mean
    tiles = [
        Tile(f"C+{when.median:.0f}" if math.isfinite(when.median) else "never", "force complete (median)",
             spread_words(when) or "one run"),
        Tile(share_words(share), f"of the troops there by {deadline}",
             f"{share * troops:,.0f} of {troops:,}"),
        Tile(*chance_tile(found.p_on_time(), deadline)),
    ]  # fmt: skip
    if TIER_1 in found.parts:
        first = found.closure_spread(TIER_1)
        wanted = f"first {found.parts[TIER_1].troops:,}, wanted by C+{context.scenario.question.tier_1_deadline_days:g}"
        tiles.append(
            Tile(f"C+{first.median:.0f}" if math.isfinite(first.median) else "never", wanted, spread_words(first))
        )
    if context.bound_day is not None:
        tiles.append(Tile(f"C+{context.bound_day:.0f}", "earliest possible day", "no schedule is faster: arithmetic"))
    return tiles


def chance_tile(chance: Chance, deadline: str) -> tuple[str, str, str]:
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


def sweep_verdict(context: Context, found: SurfaceRuns) -> Verdict:
    """The verdict of a spending x year surface."""
    deadline, last = context.deadline, max(point.year for point in found.points)
    best = best_point(found)
    base = found.base(best)
    likely = [point for point in found.points if found.p_on_time(point).mean >= 0.5]
    chance, share = found.p_on_time(best), share_words(found.on_time_share(best).mean)
    tried = listed([f"{value:g}" for value in sorted({point.infrastructure_share for point in found.points})])
    if likely:
        first = min(likely, key=lambda point: (point.infrastructure_share, point.year))
        verdict = f"With {point_words(first)} the force is more likely than not complete by {deadline}."
    elif chance.mean > 0:
        verdict = f"Hardly. The best chance of {deadline} is {chance.mean:.2f}, with {point_words(best)}."
    else:
        verdict = f"No. With {tried} % of GDP the force is never complete by {deadline}, in any year to {last}."
    lines = [
        Markup("With <b>{}</b> {} of the troops are there by {}, and the last on {}.").format(
            point_words(best), share, deadline, last_day(found.closure_day(best))
        )
    ]
    before, when = share_words(found.on_time_share(base).mean), last_day(found.closure_day(base))
    if best.cell != base.cell:
        lines.append(Markup("With {} it is {}, and {}.").format(point_words(base), before, when))
    if found.best is None:
        lines.append(Markup("These are too few runs to tell which point does best."))
    elif best.cell == base.cell:
        lines.append(Markup("No point that costs more does surely better than that."))
    else:
        lines.append(Markup("{}").format(_against(found.difference(best), point_words(base))))
    # All four tiles are of one point.
    tiles = [
        Tile(share, f"of the troops there by {deadline}", f"{before} with {point_words(base)}"),
        Tile(last_day(found.closure_day(best)), "last day", f"{when} with {point_words(base)}"),
        Tile(*chance_tile(chance, deadline)),
        Tile(f"EUR {best.spent_bn_eur:,.1f} bn", f"for mobility with {point_words(best)}",
             f"{len(best.projects_done)} projects done"),
    ]  # fmt: skip
    return verdict, lines, tiles


def last_day(day: Interval) -> str:
    """A mean closure day in whole days."""
    return "never" if math.isnan(day.mean) else f"C+{day.mean:.0f}"


def _against(found: Difference, base: str) -> str:
    """What a point or an alternative is against the first, as the paired runs say it."""
    return (
        f"Against {base}, over {found.pairs} pairs of runs with the same random numbers: {days_in_words(found)}; "
        f"{share_in_words(found, found.pairs)}."
    )


def best_point(found: SurfaceRuns) -> Point:
    """The cheapest point of those that do as well as any (`SurfaceRuns.best`).

    Where the runs are too few to tell: the one with the best chance, and among equals with most troops in time in whole
    per cent, then the cheapest and the earliest.
    """
    if found.best is not None:
        return found.best

    def rank(point: Point) -> tuple[float, float, float, int]:
        share = round(100 * found.on_time_share(point).mean)
        return found.p_on_time(point).mean, share, -point.spent_bn_eur, -point.year

    return sorted(found.points, key=rank)[-1]


def point_words(point: Point) -> str:
    """A point of a sweep in words."""
    part = f"{100 * point.mobility_fraction:.0f} % of it for mobility"
    return f"{point.infrastructure_share:g} % of GDP by {point.year}, {part}"


def share_words(share: float) -> str:
    """A share of 0 to 1 in per cent."""
    return f"{100 * share:.0f} %"


def compare_verdict(context: Context, found: AlternativeRuns) -> Verdict:
    """The verdict of a comparison."""
    base, *others = found.alternatives
    chances = [found.chance(entry) for entry in found.alternatives]
    in_time = [entry.title for entry, chance in zip(found.alternatives, chances, strict=True) if chance.low > 0.5]
    differences = list(zip(others, found.differences, strict=True))
    sooner = [entry.title for entry, difference in differences if difference.verdict == "sooner"]
    deadline = context.deadline
    order = sorted(zip(found.alternatives, chances, strict=True), key=lambda pair: (pair[1].mean, -pair[0].cost_bn_eur))
    best, chance = order[-1]
    if in_time:
        verdict = f"Yes, with {listed(in_time)}: more likely than not complete by {deadline}."
    elif chance.mean > 0:
        verdict = f"Perhaps. The best chance of {deadline} is {chance.mean:.2f}, with {best.title}."
    elif sooner:
        who = "every alternative is" if len(sooner) == len(others) > 1 else f"{listed(sooner)} {_are(sooner)}"
        verdict = f"No, not by {deadline} in any run; but {who} sooner than {base.title}."
    else:
        few = any(difference.verdict == FEW for difference in found.differences)
        why = "these are too few runs to tell their last days apart" if few else "no last day is surely sooner"
        verdict = f"No. No alternative is complete by {deadline}, and {why}."
    if all(entry.proved_zero for entry in chances):
        verdict += " With none of them is it possible in this model: that is proved."
    text = Markup("<b>{}</b>: {}")
    lines = [text.format(entry.title, _against(difference, base.title)) for entry, difference in differences]
    tiles = [
        Tile(
            last_day(entry.closure_day()),
            entry.title,
            f"{share_words(entry.on_time_share().mean)} there by {deadline}",
        )
        for entry in found.alternatives[:4]
    ]
    return verdict, lines, tiles


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
