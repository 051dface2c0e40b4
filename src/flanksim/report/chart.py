"""Troops by day as the page draws them itself: the same frame on the first screen and behind the sliders."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from flanksim.measure.clocks import Clock
from flanksim.measure.replications import ReplicationSet
from flanksim.measure.sets_of_runs import ScenarioRuns
from flanksim.report.context import Context
from flanksim.report.html import join
from flanksim.report.verdicts import best_point, point_words
from flanksim.text.clocks import told_clocks
from flanksim.text.phrases import spread_head, spread_range

#: The picture, in its own units.
WIDTH, HEIGHT, LEFT, RIGHT, ABOVE, BELOW = 720, 290, 78, 14, 28, 32
#: Corners of a line.
_CORNERS = 160
#: Alternatives that are drawn; more cannot be told apart.
_MOST = 5
#: Steps between days that are written below.
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Frame:
    """Days to the right from C-day to `last_day`, troops upwards to those that are required."""

    last_day: float
    troops: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, upper, right and lower edge of what is drawn."""
        return LEFT, ABOVE, WIDTH - RIGHT, HEIGHT - BELOW

    def x(self, day: float) -> float:
        """Where a day lies; one beyond the edge lies at it."""
        left, _, right, _ = self.box
        return left + (right - left) * min(max(day, 0.0), self.last_day) / self.last_day

    def y(self, troops: float) -> float:
        """Where so many troops lie."""
        _, upper, _, lower = self.box
        return lower - (lower - upper) * min(1.0, troops / max(1, self.troops))

    def path(self, days: Iterable[float], troops: Iterable[float]) -> str:
        """The corners of a line, as SVG has them."""
        return "M" + "L".join(
            f"{self.x(day):.1f} {self.y(value):.1f}" for day, value in zip(days, troops, strict=True)
        )  # fmt: skip

    def axes(self, deadline: float, bound_day: float | None = None) -> Markup:
        """Lines of troops and words of days, the deadline, and the earliest possible day if one is known."""
        left, _, right, lower = self.box
        parts = []
        for part in (0.0, 0.25, 0.5, 0.75, 1.0):
            text = Markup(
                '<line x1="{}" x2="{}" y1="{}" y2="{}" class="grid"/><text x="{}" y="{}" class="end">{}</text>'
            )
            y = self.y(part * self.troops)
            parts.append(text.format(left, right, f"{y:.1f}", f"{y:.1f}", left - 7, f"{y + 4:.1f}",
                                     f"{part * self.troops:,.0f}"))  # fmt: skip
        step = next((width for width in _STEPS if self.last_day / width <= 9), _STEPS[-1])
        for number, day in enumerate(range(0, math.floor(self.last_day) + 1, step)):
            kind = "mid minor" if number % 2 else "mid"
            text = Markup('<text x="{}" y="{}" class="{}">C+{}</text>')
            parts.append(text.format(f"{self.x(day):.1f}", lower + 20, kind, day))
        if bound_day is None or bound_day > self.last_day:
            return join([*parts, self._upright(deadline, "limit", "mid")])
        sides = ("end", "start") if bound_day <= deadline else ("start", "end")
        return join(
            [*parts, self._upright(bound_day, "unbeaten", sides[0]), self._upright(deadline, "limit", sides[1])]
        )

    def _upright(self, day: float, kind: str, side: str) -> Markup:
        _, upper, _, lower = self.box
        text = Markup(
            '<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" class="{3}"/>'
            '<text x="{0}" y="{4}" class="{5} of-{3}">C+{6}</text>'
        )
        return text.format(f"{self.x(day):.1f}", upper, lower, kind, upper - 8, side, f"{day:.0f}")


@dataclass(frozen=True)
class _Line:
    """One line: its name, its colour, and the troops of the runs by day, in the middle and between which ends."""

    name: str
    kind: str
    runs: ReplicationSet
    clock: Clock = "closed"
    band: bool = False


def first_chart(context: Context, finding: str) -> Markup:
    """The figure of the first screen: who is there by when, of a run, or of what a study compares.

    Parameters
    ----------
    finding
        What it shows, in words.
    """
    lines = _lines(context)
    if not lines:
        return Markup("")
    deadline = context.scenario.question.deadline_days
    frame = Frame(_last_day([line.runs for line in lines], deadline), context.scenario.troops_required)
    bound = context.bound_day
    days = np.linspace(0.0, frame.last_day, _CORNERS)
    drawn: list[Markup] = []
    keys: list[Markup] = []
    for line in lines:
        low, middle, high = line.runs.troops_through(days, clock=line.clock)
        if line.band and len(line.runs.replications) > 1:
            drawn.insert(0, _area(frame, days, low, high))
            keys.append(_key("band", spread_head(len(line.runs.replications))))
        drawn.append(Markup('<path class="{}" d="{}"/>').format(line.kind, frame.path(days, middle)))
        keys.append(_key(line.kind, line.name))
    if bound is not None and bound <= frame.last_day:
        keys.append(_key("unbeaten", "earliest possible day"))
    keys.append(_key("limit", "deadline"))
    svg = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="Troops by day. {}">{}{}</svg>')
    return Markup('<figure class="curve">{}<p class="keys">{}</p></figure>').format(
        svg.format(WIDTH, HEIGHT, finding, frame.axes(deadline, bound), join(drawn)), join(keys)
    )


def _lines(context: Context) -> list[_Line]:
    if context.surface is not None:
        best = best_point(context.surface)
        base = context.surface.base(best)
        lines = [_Line(point_words(best), "closed", context.surface.at(best), band=True)]
        if best.cell != base.cell:
            lines.append(_Line(point_words(base), "today", context.surface.at(base)))
        return lines
    if context.packages is not None:
        found = context.packages
        last = found.of(found.steps[-1]) if found.steps else None
        lines = [] if last is None else [_Line("with the last step", "closed", last, band=True)]
        return [*lines, _Line("today", "today", found.alternatives[0])]
    if context.alternatives is not None:
        entries = context.alternatives.alternatives[:_MOST]
        kinds = ["today", *(f"c{number}" for number in range(1, len(entries)))]
        return [_Line(entry.title, kind, entry) for entry, kind in zip(entries, kinds, strict=True)]
    if context.answered is not None:
        return _clocks(context.answered)
    return []


def _clocks(runs: ScenarioRuns) -> list[_Line]:
    """Ready, arrived and closed, as far as they differ."""
    names = {"ready": "ready to move", "permitted": "permitted to move", "arrived": "arrived", "closed": "closed"}
    told = [clock for clock in told_clocks(runs) if clock in ("ready", "arrived")]
    return [*(_Line(names[clock], clock, runs, clock) for clock in told),
            _Line(names["closed"], "closed", runs, band=True)]  # fmt: skip


def _last_day(sets: Sequence[ReplicationSet], deadline: float) -> float:
    """The right edge: where nine runs in ten of all sets are closed, and the deadline."""
    days = [1.15 * deadline, deadline + 1.0]
    for runs in sets:
        when = runs.closure_spread()
        days += [day for day in (when.median, spread_range(when)[1]) if math.isfinite(day)]
        if not math.isfinite(when.median):
            days.append(runs.force.horizon_h / 24.0 - 1.0)
    return 1.04 * max(days)


def _area(frame: Frame, days: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> Markup:
    around = frame.path([*days, *days[::-1]], [*low, *high[::-1]])
    return Markup('<path class="band" d="{}Z"/>').format(around)


def _key(kind: str, name: str) -> Markup:
    return Markup('<span><i class="k-{}"></i>{}</span>').format(kind, name)
