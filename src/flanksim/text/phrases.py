"""What every answer says in the same words: closure and chance, how many runs a fact holds in, what a C-day counts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from flanksim.measure.replications import SAME, Difference
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, FEWEST_FOR_NINE_IN_TEN, Interval, Spread
from flanksim.scenario.naming import unit_name
from flanksim.scenario.schema import Scenario


def day(value: float, otherwise: str = "never") -> str:
    """A closure day as its label: ``C+103.7``."""
    return f"C{round(value, 1) + 0.0:+.1f}" if math.isfinite(value) else otherwise  # no "C-0.0"


def closed_on(found: Spread, horizon: str = "not closed") -> str:
    """Median and range: ``C+103.7 (9 runs in 10: day 87 to 127)``."""
    around = spread_words(found)
    return day(found.median, horizon) + (f" ({around})" if around else "")


def spread_words(found: Spread, digits: int = 0) -> str:
    """``9 runs in 10: day 87 to 127``; of fewer runs the first and the last; of one nothing."""
    low, high, which = spread_range(found)
    if math.isinf(low):
        return ""  # no run of the range was ever closed: the median says so already
    return f"{which}: day {_label(low, digits)} to {_label(high, digits)}" if which else ""


def spread_range(found: Spread) -> tuple[float, float, str]:
    """Low and high of the range that is shown, and which it is; of one run no range."""
    if found.runs < 2:
        return math.nan, math.nan, ""
    if found.runs < FEWEST_FOR_NINE_IN_TEN:
        return found.first, found.last, spread_head(found.runs)
    return found.p05, found.p95, spread_head(found.runs)


def spread_head(runs: int) -> str:
    """What the range over so many runs is; of one nothing."""
    if runs < 2:
        return ""
    return "9 runs in 10" if runs >= FEWEST_FOR_NINE_IN_TEN else f"all {runs} runs"


def _label(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else "never"


def last_units(units: Sequence[str], scenario: Scenario, shown: str) -> str:
    """Who completes the force, and in how many runs: ``home of the last unit: Canada in 30 of 30 runs; X in 5``.

    Parameters
    ----------
    units
        The unit with which the force was complete, by run; "" where it never was.
    shown
        That of the run that is shown; nothing is said where it has none.
    """
    if not shown:
        return ""
    runs = len(units)
    where = home(scenario, shown)
    together = sum(bool(unit) and home(scenario, unit) == where for unit in units)
    who = f"{unit_name(scenario.units[shown].name) or shown} in {units.count(shown)}"
    said = f"home of the last unit: {where} in {together} of {runs} runs; {who}"
    return said if where else f"last unit: {who} of {runs} runs"


def home(scenario: Scenario, unit: str) -> str:
    """The country from which a unit comes, by name where the tables have one."""
    row = scenario.nodes.get(scenario.units[unit].home_node)
    code = row.country if row is not None else ""
    return country_name(scenario, code)


def country_name(scenario: Scenario, code: str) -> str:
    """The name of a country where the tables have one, else its code."""
    economy = scenario.economies.get(code)
    return (economy.name if economy is not None else "") or code


# ---- differences --------------------------------------------------------------------------------


def signed(value: float, digits: int = 1) -> str:
    """A difference with its sign; what rounds to nothing has none.

    Examples
    --------
    >>> signed(-0.04), signed(1.25), signed(-3.0, 0)
    ('0.0', '+1.2', '-3')
    """
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text


def days_in_words(found: Difference) -> str:
    """``1.5 days sooner (95 %: -5.3 to +2.2), cannot tell apart``."""
    if found.verdict == SAME:
        return "the same in every run"
    if math.isnan(found.days.mean):
        return f"in no pair of runs did both close: {found.verdict}"
    way = "sooner" if found.days.mean < 0 else "later"
    size = signed(abs(found.days.mean)).removeprefix("+")
    said = "no difference to a tenth of a day" if size == "0.0" else f"{size} days {way}"
    return f"{said}{_around(found.days, found.pairs)}" + ("" if found.verdict == way else f", {found.verdict}")


def share_in_words(found: Difference, runs: int) -> str:
    """``10 points more in time (95 %: +8 to +12)``."""
    if found.share_verdict == SAME:
        return "the same share in time"
    size = signed(100 * abs(found.share.mean), 0).removeprefix("+")
    way = "more in time" if found.share.mean > 0 else "fewer in time"
    said = "no point more or fewer in time" if size == "0" else f"{size} point{'s' * (size != '1')} {way}"
    points = Interval(*(100 * value for value in (found.share.mean, found.share.low, found.share.high)))
    return f"{said}{_around(points, runs, 0)}" + ("" if found.share_verdict == way else f", {found.share_verdict}")


def delay_in_words(found: Difference, runs: int) -> str:
    """``mobility delay 1.2 days a soldier shorter (95 %: -1.5 to -0.9)``; nothing where nobody travels."""
    if math.isnan(found.delay.mean):
        return ""
    size = signed(abs(found.delay.mean)).removeprefix("+")
    if size == "0.0":
        return f"the same mobility delay{_around(found.delay, runs)}"
    way = "shorter" if found.delay.mean < 0 else "longer"
    return f"mobility delay {size} days a soldier {way}{_around(found.delay, runs)}"


def _around(found: Interval, pairs: int, digits: int = 1) -> str:
    if pairs < FEWEST_FOR_AN_INTERVAL or math.isnan(found.low) or found.low == found.high:
        return ""
    return f" (95 %: {signed(found.low, digits)} to {signed(found.high, digits)})"


def interval_words(row: Mapping[str, Any]) -> str:
    """The interval of the difference in days in a row of a comparison, in brackets; none of too few pairs."""
    if row["pairs"] < FEWEST_FOR_AN_INTERVAL or math.isnan(row["difference_days_low"]):
        return ""
    return f" ({signed(row['difference_days_low'])} to {signed(row['difference_days_high'])})"
