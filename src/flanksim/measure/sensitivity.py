"""Which unknown number moves the answer: each at its low and its high value, alone against today."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flanksim.measure.alternatives import AlternativeRuns
from flanksim.measure.best_buys import sureness, turned
from flanksim.network.worlds import triangle

#: The two ends of a range.
ENDS = ("low", "high")


@dataclass(frozen=True)
class Number:
    """One uncertain number, or all numbers of one kind.

    Attributes
    ----------
    name, title
        For the command, and for people.
    values
        In words: ``3 / 5 / 10 h``, or the factors in the middle of the rows.
    rows
        How many rows of the tables have it.
    evidence
        Rows by how they were found (looked up, derived, recalled, assumed, unknowable), the most first.
    sources
        Keys of the sources that most rows name.
    ends
        Of `ENDS`; the first alone for what is turned over, such as a mechanism.
    """

    name: str
    title: str
    values: str
    rows: int
    evidence: tuple[tuple[str, int], ...]
    sources: tuple[str, ...]
    ends: tuple[str, ...] = ENDS


@dataclass(frozen=True, slots=True)
class Extent:
    """Between which values a number is drawn: as it is, or as factors of the typical values of its rows.

    Attributes
    ----------
    low, typical, high
        In its unit; factors have a typical one of 1.
    unit
        "" for factors and for numbers without any.
    """

    low: float
    typical: float
    high: float
    unit: str = ""

    @property
    def factors(self) -> bool:
        """Whether it is told in factors."""
        return self.typical == 1.0 and not self.unit

    def at(self, share: float) -> float:
        """Its value at a share, 0 to 1, of its distribution."""
        return triangle(self.low, self.typical, self.high, share)


@dataclass(frozen=True)
class NumberRuns(AlternativeRuns):
    """Numbers at their ends with their runs; the first alternative is today's network.

    Attributes
    ----------
    numbers
        All that were asked about. An end that is no alternative has today's plan, and changes nothing by proof.
    pairs
        Pairs of runs of those that may matter; the others have fewer.
    """

    numbers: tuple[Number, ...] = ()
    pairs: int = 0

    @cached_property
    def effects(self) -> list[dict[str, Any]]:
        """A row a number: what each end does to the last day, the points in time and the mean soldier, most first.

        Differences are later, more and longer where they are positive. Of an end that has today's plan all are 0.
        """
        by_name = {row["alternative"]: (row, found) for row, found in zip(self.rows[1:], self.differences, strict=True)}
        rows = []
        for number in self.numbers:
            row: dict[str, Any] = {
                "number": number.name,
                "title": number.title,
                "values": number.values,
                "rows": number.rows,
                "evidence": ", ".join(
                    f"{word} {count}" if number.rows > 1 else word for word, count in number.evidence
                ),
                "sources": ", ".join(number.sources),
                "ends": "/".join(number.ends),
            }
            for end in number.ends:
                pair = by_name.get(f"{number.name} {end}")
                for name, column, factor in (
                    ("days", "difference_days", 1.0), ("points", "difference_share", 100.0),
                    ("soldier", "difference_closing_days", 1.0), ("delay", "difference_delay_days", 1.0),
                ):  # fmt: skip
                    nothing = dict.fromkeys((f"{end}_{name}", f"{end}_{name}_low", f"{end}_{name}_high"), 0.0)
                    row |= nothing if pair is None else turned(pair[0], f"{end}_{name}", column, factor)
                row[f"{end}_pairs"] = 0 if pair is None else pair[0]["runs"]
                row[f"{end}_sure"] = "today's plan" if pair is None else sureness(pair[1])
            row["most_soldier"] = max(abs(_known(row[f"{end}_soldier"])) for end in number.ends)
            row["most_days"] = max(abs(_known(row[f"{end}_days"])) for end in number.ends)
            rows.append(row)
        return sorted(rows, key=lambda row: (-row["most_soldier"], -row["most_days"], row["number"]))


def _known(value: float) -> float:
    return 0.0 if math.isnan(value) else value
