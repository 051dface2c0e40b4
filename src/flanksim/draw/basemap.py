"""The ground that maps are drawn on: land and coast, in the frame that `flanksim.scenario.map_frame` gives."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flanksim.draw.style import COAST, LAND
from flanksim.scenario.map_frame import Extent, Frame, frame_of, positions

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Extent", "Frame", "frame_of", "ground", "land", "outlines", "positions"]

#: Outlines with a corner farther away than this from the centre, degrees, lie on the other side of the Earth.
_FARTHEST = 140.0


@cache
def outlines() -> list[NDArray[np.float64]]:
    """Rings of the countries of the world (Natural Earth 1:50m, public domain) as arrays of lon, lat in degrees."""
    with np.load(Path(__file__).with_name("world_50m.npz")) as stored:
        points, corners = stored["centidegrees"] / 100.0, stored["corners"]
    return np.split(points, np.cumsum(corners)[:-1])


def ground(axes: Axes, frame: Frame, extent: Extent | None = None, width: float = 0.5) -> None:
    """Land and coast, without frame and ticks.

    Parameters
    ----------
    extent
        West, east, south and north edge, km from the centre of `frame`; its own if None.
    width
        Of the coast line, points.
    """
    from matplotlib.collections import PolyCollection

    edges = west, east, south, north = frame.extent if extent is None else extent
    finest = (east - west) / 400.0  # a hundredth of an inch of a panel that is four inches wide
    rings = land(frame, edges, round(finest, 1))
    axes.add_collection(PolyCollection(rings, facecolors=LAND, edgecolors=COAST, linewidths=width, zorder=0))
    axes.set(xlim=(west, east), ylim=(south, north), aspect="equal", xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)


@cache
def land(frame: Frame, extent: Extent, finest_km: float = 0.0) -> list[NDArray[np.float64]]:
    """Outlines that reach into `extent`.

    Parameters
    ----------
    frame
        Projection of the map.
    extent
        West, east, south and north edge, km from the centre of the frame.
    finest_km
        Corners nearer than this to the one before are left out, and islets.

    Returns
    -------
    list of numpy.ndarray
        Rings in km east and north of the centre, each of shape (corners, 2); what lies beyond the edges is laid on a
        line round them.
    """
    west, east, south, north = extent
    found = []
    for ring in _near_side(frame.centre):
        points = np.column_stack(frame.project(ring[:, 1], ring[:, 0]))
        low, high = points.min(axis=0), points.max(axis=0)
        beyond = high[0] <= west or low[0] >= east or high[1] <= south or low[1] >= north
        if beyond or (high - low).max() < 2.0 * finest_km:
            continue
        # what lies beyond is laid on a line round the frame, where its corners fall together
        room = 0.05 * max(east - west, north - south)
        points = np.clip(points, (west - room, south - room), (east + room, north + room))
        kept = [0]
        for number in range(1, len(points)):
            if np.hypot(*(points[number] - points[kept[-1]])) >= finest_km:
                kept.append(number)
        if len(kept) > 3:
            found.append(points[kept])
    return found


@cache
def _near_side(centre: tuple[float, float]) -> list[NDArray[np.float64]]:
    """Outlines without those that reach to the other side of the Earth, where the projection tears them apart."""
    phi0, lam0 = np.radians(centre)
    found = []
    for ring in outlines():
        lam, phi = np.radians(ring).transpose()
        cosine = np.sin(phi0) * np.sin(phi) + np.cos(phi0) * np.cos(phi) * np.cos(lam - lam0)
        if cosine.min() > np.cos(np.radians(_FARTHEST)):
            found.append(ring)
    return found
