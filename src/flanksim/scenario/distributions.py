"""Durations and factors as distributions: typical, lowest and drawn values are readings of one object."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flanksim.scenario.rows import Duration, Exponential, Trace, Triangular


@dataclass(frozen=True, slots=True)
class Distribution:
    """``constant`` (a), ``triangular`` (a, b, c), ``exponential`` (mean a), ``trace`` (values) or ``breakdowns``.

    ``breakdowns`` (a, b) is the sum of a Poisson number (mean a) of exponential repair times (mean b).
    """

    kind: str
    values: tuple[float, ...]

    @property
    def typical(self) -> float:
        """The value used when chance is switched off."""
        if self.kind == "triangular":
            return self.values[1]
        if self.kind == "breakdowns":
            return self.values[0] * self.values[1]
        if self.kind == "trace":
            return sum(self.values) / len(self.values)
        return self.values[0]

    def lowest(self, *, chance: bool) -> float:
        """Smallest value that it can give in a replication (its typical value without chance).

        Examples
        --------
        >>> factor = Distribution("triangular", (0.8, 1.0, 1.6))
        >>> factor.lowest(chance=True), factor.lowest(chance=False)
        (0.8, 1.0)
        """
        if self.kind == "trace":
            return min(self.values)
        if not chance:
            return self.typical
        return 0.0 if self.kind in ("exponential", "breakdowns") else self.values[0]

    def quantile(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Inverse distribution function at `u` (0 to 1), of the same shape; for a trace, its values in order.

        Written out, since scipy's triangular quantile differs in the last digit in one draw of six.
        """
        if self.kind == "constant":
            return np.full(len(u), self.values[0])
        if self.kind == "exponential":
            return np.asarray(-self.values[0] * np.log1p(-u))
        if self.kind == "trace":
            return np.resize(np.asarray(self.values), len(u))
        low, mode, high = self.values
        cut = (mode - low) / (high - low)
        rising = low + np.sqrt(u * (high - low) * (mode - low))
        falling = high - np.sqrt((1.0 - u) * (high - low) * (high - mode))
        return np.where(u < cut, rising, falling)


#: Takes no time.
NONE = Distribution("constant", (0.0,))


def distribution_of(value: Duration) -> Distribution:
    """A scenario's duration as a distribution of hours."""
    if isinstance(value, Triangular):
        return Distribution("triangular", (value.low, value.typical, value.high))
    if isinstance(value, Exponential):
        return Distribution("exponential", (value.exponential,))
    if isinstance(value, Trace):
        return Distribution("trace", value.trace)
    return Distribution("constant", (float(value),))


def triangular(low: float | None, typical: float, high: float | None) -> Distribution:
    """Triangular between low and high, or a constant where there is no range.

    Parameters
    ----------
    low, typical, high
        Shortest, most likely and longest, h (or the factor); a missing end equals the typical value.
    """
    a, c = (typical if low is None else low), (typical if high is None else high)
    return Distribution("constant", (typical,)) if a == c else Distribution("triangular", (a, typical, c))
