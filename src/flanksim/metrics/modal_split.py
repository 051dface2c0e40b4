"""Which way things moved: pieces and soldiers by way of moving, and the distance over which each carried them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from flanksim.draw.style import GRID, INK, MODE_COLOURS, MUTED, caption, provenance, sheet
from flanksim.measure.traffic import passing
from flanksim.metrics.metric import Metric, OneRun
from flanksim.modes import LINK_MODES
from flanksim.movements import MovementLog
from flanksim.scenario.geometry import great_circle_km
from flanksim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: What is counted apart: soldiers, and everything that is loaded.
LOADS = ("vehicles and containers", "soldiers")


class Row(NamedTuple):
    """One mode and load: loaded passages of links, pieces x km, and its share of that of the load, 0 to 1."""

    mode: str
    load: str
    moves: int
    piece_km: float
    share: float


def _rows(scenario: Scenario, log: MovementLog) -> list[Row]:
    """A row for each mode that carried a load, by load."""
    rows, names = passing(log)
    serials = [log.plan.serials[number] for number in log["serial"][rows].tolist()]
    total: dict[tuple[str, str], list[float]] = {}
    about = {name: _about(scenario, name) for name in np.unique(names).tolist()}
    for name, serial in zip(names.tolist(), serials, strict=True):
        mode, km = about[name]
        entry = total.setdefault((mode, LOADS[int(serial.kind == "troops")]), [0.0, 0.0])
        entry[0] += 1
        entry[1] += serial.quantity * km
    of_load = {load: sum(entry[1] for (_, other), entry in total.items() if other == load) for load in LOADS}
    return [
        Row(mode, load, int(moves), piece_km, piece_km / of_load[load] if of_load[load] else 0.0)
        for load in LOADS
        for mode in (*LINK_MODES, "air")
        if (mode, load) in total
        for moves, piece_km in [total[mode, load]]
    ]


def _about(scenario: Scenario, name: str) -> tuple[str, float]:
    """Mode and length in km of a link, or of a flight ``air:FROM>TO``."""
    if name in scenario.links:
        return scenario.links[name].mode, scenario.links[name].length_km
    start, _, end = name.removeprefix("air:").partition(">")
    a, b = scenario.nodes.get(start), scenario.nodes.get(end)
    if a is None or b is None or a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return "air", 0.0
    return "air", great_circle_km(a.lat, a.lon, b.lat, b.lon)


def _draw(log: MovementLog, rows: list[Row]) -> Axes:
    """One bar for each mode and load, its share of the distance written behind it; all of a load is 100 %."""
    loads = [load for load in LOADS if any(row.load == load for row in rows)]
    figure = sheet(7.6, 1.1 + 0.3 * (len(rows) + 1.6 * len(loads)))
    axes = figure.add_axes((0.1, 0.2, 0.88, 0.68))
    at, ticks = 0.0, dict[float, str]()
    for load in loads:
        axes.text(0.0, at, load, fontsize=9.5, fontweight="bold", color=INK, va="center")
        unit = "soldier-km" if load == LOADS[1] else "piece-km"
        for row in sorted((row for row in rows if row.load == load), key=lambda row: -row.share):
            at += 1.0
            ticks[at] = row.mode
            axes.barh(at, 100.0 * row.share, height=0.62, color=MODE_COLOURS[row.mode])
            text = f"{100.0 * row.share:.1f} %  ({row.piece_km / 1e6:,.1f} million {unit})"
            axes.text(100.0 * row.share + 0.8, at, text, fontsize=8.5, color=MUTED, va="center")
        at += 1.6
    axes.set_yticks(list(ticks), list(ticks.values()), fontsize=9, color=INK)
    axes.set(xlim=(0, 138), ylim=(at - 0.6, -0.9), xticks=range(0, 101, 20))
    axes.set_xlabel("share of the distance, %", fontsize=9, color=INK, x=50 / 138)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in ("top", "right", "left"):
        axes.spines[spine].set_visible(False)
    axes.tick_params(length=0)
    figure.text(0.012, 0.965, "Which way things moved", fontsize=12, color=INK, va="top")
    caption(figure, provenance(log.plan, seed=log.seed))
    return axes


def table(of: OneRun, seed: int | None = None) -> pd.DataFrame:
    """A row for each mode and load: passages, pieces x km, and its share of that of the load."""
    import pandas as pd

    return pd.DataFrame(_rows(of.scenario, of.replay(seed)), columns=Row._fields)


def draw(of: OneRun, seed: int | None = None) -> Axes:
    """The bars of `table`."""
    log = of.replay(seed)
    return _draw(log, _rows(of.scenario, log))


MODAL_SPLIT = Metric("modal-split", "how far each mode carried vehicles, containers and soldiers", table, draw)
