"""The network of a scenario on a map: links by mode, places, home stations and assembly areas of what moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flanksim.draw.basemap import frame_of, ground, positions
from flanksim.draw.label_placement import Label, place_labels
from flanksim.draw.style import DEADLINE, INK, MODE_COLOURS, MUTED, new_axes, settled
from flanksim.modes import LINK_MODES
from flanksim.scenario.naming import place
from flanksim.scenario.schema import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Places that are named; of more only the assembly areas are.
_MOST_NAMES = 25
_LIES = ("lie beyond it or have", "lies beyond it or has")


def network_map(scenario: Scenario) -> Axes:
    """Draw the links and places of a scenario; places without coordinates are left out, and said to be.

    Parameters
    ----------
    scenario
        The scenario.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, on a figure of their own.
    """
    from matplotlib.collections import LineCollection

    frame = frame_of(scenario)
    west, east, south, north = frame.extent
    figure, axes = new_axes(9.0, min(11.0, max(4.0, 9.0 * (north - south) / (east - west))))
    ground(axes, frame)
    at = {key: point for key, point in positions(scenario).items() if frame.holds(point)}
    for mode in sorted(LINK_MODES, key=lambda mode: LINK_MODES[mode].shade):
        ways = sorted(
            {(at[link.from_node], at[link.to_node]) for link in scenario.links.values()
             if link.mode == mode and link.from_node in at and link.to_node in at}
        )  # fmt: skip
        if ways:
            lines = LineCollection(
                [list(way) for way in ways], colors=MODE_COLOURS[mode], linewidths=0.9, alpha=LINK_MODES[mode].shade,
                zorder=1, label=mode,
            )  # fmt: skip
            axes.add_collection(lines)
    units = scenario.travelling_units.values()
    homes = {unit.stock_node or unit.home_node for unit in units} & at.keys()
    areas = {unit.assembly_node for unit in units} & at.keys()
    for keys, marker, size, colour, label in (
        (at.keys() - homes - areas, ".", 6, MUTED, "place"),
        (homes, "o", 22, INK, "home or stock of a unit"),
        (areas, "s", 30, DEADLINE, "assembly area"),
    ):
        if keys:
            across, up = zip(*(at[key] for key in sorted(keys)), strict=True)
            axes.scatter(across, up, s=size, marker=marker, color=colour, zorder=9, label=label)
    absent = len(scenario.nodes) - len(at)
    beyond = f"; {absent} of {len(scenario.nodes)} places {_LIES[absent == 1]} no position" if absent else ""
    axes.set_title(f"{scenario.title or scenario.name}: the network{beyond}", fontsize=10, loc="left", color=INK)
    figure.legend(loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    settled(figure)
    named = [*sorted(areas), *(sorted(at.keys() - areas) if len(at) <= _MOST_NAMES else ())]
    place_labels(axes, [Label(place(scenario, key), *at[key], radius=3.0) for key in named])
    return axes
