"""The bound on the page: days off it as solved again, and no advice drawn from them."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from flanksim.bounds.rungs import Gain
from flanksim.report.bound import bound_part, bound_reason
from flanksim.report.context import Context
from flanksim.report.interventions import try_section
from flanksim.report.summary import trials

GAIN = Gain("berth:MCH", "berth", "servers", 2.0, "berth", 1.0, 0.9)


def bound(context: Context, prices: tuple[Gain, ...] = (), together: tuple[str, ...] = ()) -> Context:
    assert context.runs is not None
    assert context.runs.bound is not None
    rungs: dict[str, float | None] = {"free_flow": 7.0, "volume": 8.0, "time_expanded": None}
    ladder = replace(
        context.runs.bound, bounds=rungs, binding=("volume", "berth:MCH"), prices=prices, together=together, untried=0
    )
    return replace(context, runs=replace(context.runs, bound=ladder))


def said(entry: Context) -> str:
    return " ".join(str(bound_part(entry)).split())


def test_one_more_is_told_with_its_unit_and_days_off_the_bound(context: Context) -> None:
    text = said(bound(context, (GAIN,)))
    for words in (">berth</td>", ">0.9</td>", "days by which the bound falls", "not a day off the arrival"):
        assert words in text
    assert "First-order" not in text


def test_under_half_a_day_there_is_one_line(context: Context) -> None:
    text = said(bound(context))
    assert "no single capacity is worth half a day to this bound" in text
    assert "days by which the bound falls" not in text


def test_no_advice_is_taken_from_a_bound(context: Context) -> None:
    """What to try names what was tried in simulation, with or without prices the same."""
    with_gain, without = bound(context, (GAIN,)), bound(context)
    for findings in (context.findings, None):
        pair = [replace(one, findings=findings) for one in (with_gain, without)]
        assert trials(pair[0]) == trials(pair[1])
        assert try_section(pair[0], Markup("")) == try_section(pair[1], Markup(""))
        assert not any("bound" in str(text) for text in trials(pair[0])[1])


def test_all_that_sets_the_bound_is_counted(context: Context) -> None:
    many, alone = bound(context, together=("berth:MCH", "berth:KLJ", "ships")), bound(context)
    assert bound_reason(many.bound, context.scenario).endswith("and 2 others")
    assert "other" not in bound_reason(alone.bound, context.scenario)
