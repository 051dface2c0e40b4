"""Conversions of units: the only place that knows 24 and 60.

The simulation's clock is a float of hours since C-day 00:00. Days appear only at the edges, and
the two conventions below are worth 24 hours if they are mixed up.
"""

from __future__ import annotations

HOURS_PER_DAY = 24.0
#: Said once in every answer: a path is as long as the days from the start of C-day, one more than its label.
C_DAY = "C-day itself, a day that C+ does not count"
MINUTES_PER_HOUR = 60.0
DAYS_PER_YEAR = 365.0
#: Two hours this close are one instant: sums of floats differ in the last digits.
SAME_HOUR = 1e-6
KM_PER_NAUTICAL_MILE = 1.852
TONNES_PER_SHORT_TON = 0.90718474
SQUARE_METRES_PER_SQUARE_FOOT = 0.09290304


def available_hour(day: float) -> float:
    """Hour at which something available on C+`day` can first be used: the *start* of that day.

    Examples
    --------
    >>> available_hour(2)
    48.0
    """
    return day * HOURS_PER_DAY


def deadline_hour(day: float) -> float:
    """Hour by which a C+`day` deadline must be met: the *end* of that day.

    Examples
    --------
    >>> deadline_hour(30)
    744.0
    """
    return (day + 1.0) * HOURS_PER_DAY


def horizon_hour(day: float) -> float:
    """Hour at which a run of `day` days ends: the *end* of C+`day`, as for a deadline, so that both count alike.

    Examples
    --------
    >>> horizon_hour(30) == deadline_hour(30)
    True
    """
    return deadline_hour(day)


def in_time(hour: float, deadline_h: float) -> bool:
    """Whether an event at `hour` meets a deadline: one that is met exactly is met, whatever sums of floats say.

    Examples
    --------
    >>> in_time(0.1 + 0.2, 0.3), in_time(744.1, 744.0), in_time(float("nan"), 744.0)
    (True, False, False)
    """
    return hour <= deadline_h + SAME_HOUR


def closure_day(hour: float) -> float:
    """Day label, with fraction, of an event at `hour`, on the scale on which deadlines are labels.

    An event exactly at the deadline of C+30 (hour 744) has closure day 30.

    Examples
    --------
    >>> closure_day(deadline_hour(30))
    30.0
    """
    return hour / HOURS_PER_DAY - 1.0


def days(hours: float) -> float:
    """Length of time in days."""
    return hours / HOURS_PER_DAY


def hours(days_: float) -> float:
    """Length of time in hours."""
    return days_ * HOURS_PER_DAY
