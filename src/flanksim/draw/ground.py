"""The ground that maps are drawn on: projection, shipped outlines, places."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from flanksim.draw.style import COAST, LAND
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


def positions(scenario: Scenario) -> dict[str, tuple[float, float]]:
    """Kilometres east and north of `CENTRE` of every place that has coordinates."""
    nodes = [(key, node) for key, node in scenario.nodes.items() if node.lat is not None and node.lon is not None]
    lat, lon = (np.array([getattr(node, name) for _, node in nodes], dtype=float) for name in ("lat", "lon"))
    x, y = project(lat, lon)
    return {key: (float(a), float(b)) for (key, _), a, b in zip(nodes, x, y, strict=True)}


def ground(axes: Axes, extent_km: tuple[float, float, float, float] = EXTENT_KM, width: float = 0.5) -> None:
    """Land and coast, without frame and ticks, cut to `extent_km` (west, east, south, north)."""
    from matplotlib.collections import PolyCollection

    west, east, south, north = extent_km
    finest = (east - west) / 400.0  # a hundredth of an inch of a panel that is four inches wide
    rings = [
        ring
        for ring in land(round(finest, 1))
        if ring[:, 0].max() > west and ring[:, 0].min() < east and ring[:, 1].max() > south and ring[:, 1].min() < north
    ]
    axes.add_collection(PolyCollection(rings, facecolors=LAND, edgecolors=COAST, linewidths=width, zorder=0))
    axes.set(xlim=(west, east), ylim=(south, north), aspect="equal", xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)


@cache
def land(finest_km: float = 0.0) -> list[NDArray[np.float64]]:
    """Outlines in kilometres, without corners that are nearer than `finest_km` to the one before, and islets."""
    found = []
    for ring in outlines():
        points = np.column_stack(project(ring[:, 1], ring[:, 0]))
        if np.ptp(points, axis=0).max() < 2.0 * finest_km:
            continue
        kept = [0]
        for number in range(1, len(points)):
            if np.hypot(*(points[number] - points[kept[-1]])) >= finest_km:
                kept.append(number)
        if len(kept) > 3:
            found.append(points[kept])
    return found
