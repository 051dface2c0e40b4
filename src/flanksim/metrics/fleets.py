"""What the fleets do with their time: small multiples of stacked areas, the busiest pools first."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from flanksim.activities import Use
from flanksim.draw.style import DEADLINE, GRID, INK, MUTED, ON_DARK, ON_LIGHT, caption, new_axes, shortened
from flanksim.measure.fleets import NOT_THERE, fleets
from flanksim.measure.stretches import Floats
from flanksim.metrics.metric import Metric, OneRun
from flanksim.scenario.naming import lift
from flanksim.units import HOURS_PER_DAY, closure_day

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flanksim.measure.fleets import FleetLedger
    from flanksim.movements import MovementLog
    from flanksim.planning.plan import Plan

#: Uses drawn as one area, from the bottom up: the word, colours of area and word.
FAMILIES: tuple[tuple[str, str, str, tuple[Use, ...]], ...] = (
    ("moving loaded", "#0070b0", ON_DARK, (Use.MOVING_LOADED,)),
    ("loading, handling", "#56b4e9", ON_LIGHT, (Use.LOADING, Use.HANDLING)),
    ("waiting", "#e69f00", ON_LIGHT, (Use.WAITING_LOADED, Use.WAITING_EMPTY)),
    ("running empty", "#009e73", ON_DARK, (Use.COMING, Use.EMPTY_RUN)),
    ("rest, repair", "#8a6d3b", ON_DARK, (Use.REST, Use.BROKEN)),
    ("idle", "#d9dee3", ON_LIGHT, (Use.IDLE,)),
    ("not there", "#f6f7f8", ON_LIGHT, NOT_THERE),
)
#: Height of a written word, and width of a letter in a panel of one column, as shares of the panel.
WORD_HEIGHT, LETTER_WIDTH = 0.1, 0.0075


def fleet_use(
    log: MovementLog,
    most: int = 8,
    until_h: float | None = None,
    words: Callable[[str], str] = str,
) -> Axes:
    """Share of each pool's assets in each use, day by day; one panel a pool, the busiest first.

    Parameters
    ----------
    most
        Panels drawn. Busy is a pool by the share of the hours in which its assets are there that they
        spend on a task; pools without a task are left out.
    until_h
        End of the window (hours); without it the closure of the required troops.
    words
        Name of a pool for people.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel; days after C-day across, per cent of the assets up.
    """
    plan = log.plan
    found = fleets(log, until_h)
    busy = {pool: share for pool, share in found.in_use().items() if share > 0}
    shown = list(busy)[: max(1, most)]
    columns = 2 if len(shown) > 1 else 1
    rows = max(1, -(-len(shown) // columns))
    figure, axes = new_axes(9.6, 1.5 + 1.72 * rows)
    axes.remove()
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    panels: list[Axes] = list(grid.ravel())
    daily = found.daily()
    edges = np.minimum(np.arange(math.ceil(found.until_h / HOURS_PER_DAY) + 1) * HOURS_PER_DAY, found.until_h)
    days = edges / HOURS_PER_DAY - 1.0
    deadline = closure_day(plan.deadline_h)
    end = max(float(days[-1]), deadline + 0.5)
    letter = LETTER_WIDTH * columns * (end + 1.0)
    for panel, pool in zip(panels, shown, strict=False):
        _areas(panel, days, daily[pool], letter, deadline)
        panel.axvline(deadline, color=DEADLINE, linewidth=1.3, linestyle=(0, (4, 3)))
        panel.set_title(_heading(plan, found, pool, busy[pool], words(pool)), loc="left", fontsize=9, color=INK, pad=4)
    for panel in panels:
        _quiet(panel)
    for panel in panels[len(shown) :]:
        panel.set_visible(False)
    first = panels[0]
    first.set_xlim(-1.0, end)
    first.set_ylim(0, 1)
    first.set_yticks([0, 0.5, 1.0], ["0", "50", "100 %"])
    for panel in panels[max(0, len(shown) - columns) : len(shown)]:
        panel.set_xlabel(f"days after C-day (dashed: C+{deadline:g})", fontsize=9)
        panel.tick_params(labelbottom=True)
    _key(figure, f"What the fleets do{'' if shown else ': no lift is used'}")
    left = len(busy) - len(shown)
    less = f"{left} less busy pools are left out · " if left > 0 else ""
    caption(
        figure,
        f"{less}in use: of the time that its assets are there, to C+{closure_day(found.until_h):.1f} · "
        f"one replication, seed {log.seed} · {plan.scenario} {plan.scenario_digest}",
    )
    return first


def _areas(panel: Axes, days: Floats, shares: Floats, letter: float, deadline: float) -> None:
    """Steps of a day, stacked; each has its name in it where the word finds room and does not cross the deadline."""
    below = np.zeros(len(shares))
    for word, colour, ink, members in FAMILIES:
        top = below + shares[:, list(members)].sum(axis=1)
        panel.fill_between(days, _closed(below), _closed(top), step="post", color=colour, linewidth=0)
        spot = _room(below, top, days, letter * len(word), deadline)
        if spot is not None:
            panel.text(*spot, word, color=ink, fontsize=7.5, ha="center", va="center")
        below = top


def _closed(values: Floats) -> Floats:
    """With the last value twice, for the right edge of the last step."""
    return np.append(values, values[-1:]) if len(values) else np.zeros(1)


def _room(below: Floats, top: Floats, days: Floats, width: float, deadline: float) -> tuple[float, float] | None:
    """Middle of the highest box of `width` days that fits between two stepped lines; None if none is high enough."""
    best, height = None, WORD_HEIGHT
    for first in range(len(top)):
        last = int(np.searchsorted(days, days[first] + width))
        if last >= len(days):
            break
        if days[first] - 0.5 < deadline < days[last] + 0.5:
            continue
        low, high = float(below[first:last].max()), float(top[first:last].min())
        if high - low > height:
            best, height = (float(days[first] + days[last]) / 2, (low + high) / 2), high - low
    return best


def _heading(plan: Plan, found: FleetLedger, pool: str, busy: float, name: str) -> str:
    entry = next(entry for entry in plan.pools if entry.name == pool)
    word = {"ship": "ships", "aircraft": "aircraft", "train": "train sets"}.get(entry.kind, f"{entry.kind} groups")
    count = len(entry.assets)
    lost = round(float(found.shares()[pool][Use.ABSENT]) * count)
    turned_up = f"{count - lost} of {count} {word}" if lost else f"{count} {word}"
    return f"{shortened(name.replace('_', ' '), 34)}: {turned_up}, {busy:.0%} in use"


def _quiet(panel: Axes) -> None:
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        panel.spines[side].set_color(MUTED)
    panel.tick_params(colors=INK, labelsize=8)


def _key(figure: Figure, title: str) -> None:
    """Title and key of colours above the panels; the words in the areas stand only where there is room."""
    from matplotlib.patches import Patch

    key = figure.legend(
        handles=[Patch(facecolor=colour, edgecolor=GRID, label=word) for word, colour, _, _ in FAMILIES],
        loc="outside upper left", ncols=len(FAMILIES), frameon=False, fontsize=8.5, labelcolor=INK,
        title=title, title_fontsize=12, alignment="left",
        handlelength=1.0, handleheight=1.0, columnspacing=1.4, borderpad=0.1,
    )  # fmt: skip
    key.get_title().set_color(INK)


def table(of: OneRun, seed: int | None = None) -> pd.DataFrame:
    """Hours of each pool of lift by state."""
    return fleets(of.replay(seed)).table()


def draw(of: OneRun, seed: int | None = None) -> Axes:
    """What the busiest pools do, day by day."""
    return fleet_use(of.replay(seed), words=partial(lift, of.scenario))


FLEETS = Metric("fleets", "hours of lift by state", table, draw)
