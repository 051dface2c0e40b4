"""A map of the network on shipped outlines: width is what has passed, colour is the mode."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from flanksim.draw.style import COAST, INK, LAND, MODE_COLOURS, caption
from flanksim.scenario.schema import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Lambert azimuthal equal-area about this point (degrees), as in ETRS89-LAEA.
CENTRE = (52.0, 18.0)
EXTENT_KM = (-2350.0, 1950.0, -1950.0, 2350.0)


def project(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lambert azimuthal equal-area projection on a sphere; km east and north of `CENTRE`."""
    phi, lam = np.radians(lat), np.radians(lon - CENTRE[1])
    phi0 = np.radians(CENTRE[0])
    k = np.sqrt(2.0 / (1.0 + np.sin(phi0) * np.sin(phi) + np.cos(phi0) * np.cos(phi) * np.cos(lam)))
    x = 6371.0 * k * np.cos(phi) * np.sin(lam)
    y = 6371.0 * k * (np.cos(phi0) * np.sin(phi) - np.sin(phi0) * np.cos(phi) * np.cos(lam))
    return x, y


@cache
def outlines() -> list[NDArray[np.float64]]:
    """Rings of Europe's countries (Natural Earth 1:50m, public domain) as arrays of lon, lat."""
    path = Path(__file__).with_name("europe_50m.geojson")
    rings = []
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        geometry: dict[str, Any] = feature["geometry"]
        shapes = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        rings += [np.asarray(ring, dtype=float) for shape in shapes for ring in shape]
    return rings


def network_map(scenario: Scenario, flow: Mapping[str, float] | None = None, title: str = "") -> Axes:
    """Draw the network; with `flow` (serials by link id) the width of a link shows its use.

    Returns
    -------
    matplotlib.axes.Axes
        Kilometres east and north of 52 N 18 E; places outside Europe are left out.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import LineCollection, PolyCollection
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.6, 8.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    land = [np.column_stack(project(ring[:, 1], ring[:, 0])) for ring in outlines()]
    axes.add_collection(PolyCollection(land, facecolors=LAND, edgecolors=COAST, linewidths=0.5, zorder=0))
    place = {
        key: tuple(float(v[0]) for v in project(np.array([node.lat]), np.array([node.lon])))
        for key, node in scenario.nodes.items()
        if node.lat is not None and node.lon is not None
    }
    top = max(flow.values(), default=1.0) if flow else 1.0
    for mode in ("sea", "ferry", "road", "rail"):
        lines, widths, shades = [], [], []
        for key, link in sorted(scenario.links.items()):
            if link.mode != mode or link.from_node not in place or link.to_node not in place:
                continue
            used = 0.0 if flow is None else flow.get(key, 0.0)
            if flow is not None and used == 0 and mode in ("sea", "ferry"):
                continue
            lines.append([place[link.from_node], place[link.to_node]])
            widths.append(0.5 if used == 0 else 0.6 + 5.0 * (used / top) ** 0.5)
            shades.append(0.22 if used == 0 and (flow is not None or mode == "sea") else 0.75)
        if not lines:
            continue
        axes.add_collection(LineCollection(lines, colors=MODE_COLOURS[mode], linewidths=widths, alpha=shades, zorder=2))
    for key, node in sorted(scenario.nodes.items()):
        if node.kind == "assembly" and key in place:
            axes.plot(*place[key], marker="^", color=INK, markersize=5, zorder=4)
    _legend(axes, flow is not None)
    west, east, south, north = EXTENT_KM
    axes.set(xlim=(west, east), ylim=(south, north), aspect="equal", xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    if title:
        axes.set_title(title, loc="left", fontsize=12, color=INK)
    measure = f"width: serials over the link, at most {top:,.0f}" if flow else "all links of the tables"
    caption(
        figure,
        f"{measure} · sea lanes drawn straight · outlines Natural Earth · scenario {scenario.name} {scenario.digest}",
    )
    return axes


def _legend(axes: Axes, flow: bool) -> None:
    """Modes and assembly areas, named once in a corner that is sea."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=MODE_COLOURS[mode], linewidth=2.5, label=mode) for mode in ("rail", "road", "sea", "ferry")
    ]
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


def link_flow(run_movements: Any) -> dict[str, float]:
    """Serials that passed each link, both directions, from a run's movement table."""
    travel = run_movements[run_movements["kind"] == "travel"]
    links = travel["resource"].astype(str).str.split(":").str[0]
    counts = links[links != ""].value_counts()
    return {str(key): float(value) for key, value in counts.items()}
