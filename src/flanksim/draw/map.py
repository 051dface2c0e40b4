"""A map of the network on shipped outlines: width is what has passed, colour is the mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flanksim.draw.ground import frame_of, ground, positions
from flanksim.draw.style import INK, MODE_COLOURS, caption, new_axes
from flanksim.modes import LINK_MODES
from flanksim.scenario.schema import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def network_map(scenario: Scenario, flow: Mapping[str, float] | None = None, title: str = "") -> Axes:
    """Draw the network; with `flow` (what passed, by link id) the width of a link shows its use.

    Parameters
    ----------
    scenario
        The scenario.
    flow
        Serials by link id; without it all links are drawn alike.
    title
        Title; none if empty.

    Returns
    -------
    matplotlib.axes.Axes
        Kilometres east and north of the centre of the frame (`flanksim.draw.ground.frame_of`); what lies beyond it is
        left out.
    """
    from matplotlib.collections import LineCollection

    figure, axes = new_axes(8.6, 8.4)
    ground(axes, frame_of(scenario))
    place = positions(scenario)
    top = max(flow.values(), default=1.0) if flow else 1.0
    for mode in sorted(LINK_MODES, key=lambda name: LINK_MODES[name].shade):
        lines, widths, shades = [], [], []
        for key, link in sorted(scenario.links.items()):
            if link.mode != mode or link.from_node not in place or link.to_node not in place:
                continue
            used = 0.0 if flow is None else flow.get(key, 0.0)
            if flow is not None and used == 0 and not LINK_MODES[mode].borders:
                continue
            lines.append([place[link.from_node], place[link.to_node]])
            widths.append(0.5 if used == 0 else 0.6 + 5.0 * (used / top) ** 0.5)
            shades.append(0.22 if used == 0 and (flow is not None or mode == "sea") else 0.75)
        if lines:
            colour = MODE_COLOURS[mode]
            axes.add_collection(LineCollection(lines, colors=colour, linewidths=widths, alpha=shades, zorder=2))
    for key, node in sorted(scenario.nodes.items()):
        if node.kind == "assembly" and key in place:
            axes.plot(*place[key], marker="^", color=INK, markersize=5, zorder=4)
    _legend(axes, scenario, flow is not None)
    if title:
        axes.set_title(title, loc="left", fontsize=12, color=INK)
    measure = f"width: serials over the link, at most {top:,.0f}" if flow else "all links of the tables"
    caption(
        figure,
        f"{measure} · sea lanes drawn straight · outlines Natural Earth · scenario {scenario.name} {scenario.digest}",
    )
    return axes


def _legend(axes: Axes, scenario: Scenario, flow: bool) -> None:
    """Modes and assembly areas, named once in a corner that is sea."""
    from matplotlib.lines import Line2D

    there = {link.mode for link in scenario.links.values()}
    modes = [mode for mode in LINK_MODES if mode in there]
    handles = [Line2D([], [], color=MODE_COLOURS[mode], linewidth=2.5, label=mode) for mode in modes]
    handles.append(Line2D([], [], color=INK, marker="^", linestyle="", markersize=5, label="assembly area"))
    axes.legend(
        handles=handles,
        loc="upper left",
        frameon=False,
        fontsize=9,
        title="used by" if flow else None,
        alignment="left",
        labelcolor=INK,
    )
