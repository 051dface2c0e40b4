"""The bound on the page: days off it as solved again, and no advice drawn from them."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from flanksim.report.bound import bound_part, bound_reason
from flanksim.report.context import Context
from flanksim.report.interventions import try_section
from flanksim.report.summary import trials

GAIN = {
    "element": "berth:MCH", "attribute": "servers", "capacity": 2.0, "one_more": "berth", "step": 1.0, "days": 0.9,
    "days_per_unit": 0.9,
}  # fmt: skip


def bound(context: Context, prices: list[dict[str, object]], **more: object) -> Context:
    content = {"bounds": {"free_flow": 7.0, "volume": 8.0}, "binding": {"bound": "volume", "element": "berth:MCH"}}
    return replace(context, bound=content | {"prices": prices} | more)


def said(entry: Context) -> str:
    return " ".join(str(bound_part(entry)).split())


def test_one_more_is_told_with_its_unit_and_days_off_the_bound(context: Context) -> None:
    text = said(bound(context, [GAIN], prices_are="days", prices_untried=0))
    for words in (">berth</td>", ">0.9</td>", "days by which the bound falls", "not a day off the arrival"):
        assert words in text
    assert "First-order" not in text


def test_under_half_a_day_there_is_one_line(context: Context) -> None:
    text = said(bound(context, [], prices_are="days", prices_untried=0))
    assert "no single capacity is worth half a day to this bound" in text
    assert "days by which the bound falls" not in text


def test_no_advice_is_taken_from_a_bound(context: Context) -> None:
    """What to try names what was tried in simulation, with or without prices the same."""
    with_gain = bound(context, [GAIN], prices_are="days", prices_untried=0)
    without = bound(context, [], prices_are="days", prices_untried=0)
    for entry in (context.explained, {}):
        pair = [replace(one, explained=entry) for one in (with_gain, without)]
        assert trials(pair[0]) == trials(pair[1])
        assert try_section(pair[0], Markup("")) == try_section(pair[1], Markup(""))
        assert not any("bound" in str(text) for text in trials(pair[0]))


def test_all_that_sets_the_bound_is_counted(context: Context) -> None:
    many = bound(context, [])
    binding = {"bound": "volume", "element": "berth:MCH", "elements": ["berth:MCH", "berth:KLJ", "ships"]}
    reason = bound_reason(replace(many, bound={**many.bound, "binding": binding}))
    assert reason.endswith("and 2 others")
    assert "other" not in bound_reason(many)
