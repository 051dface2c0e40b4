"""The ground that maps are drawn on: the part of the Earth that they show, its projection, outlines, places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flanksim.draw.style import COAST, LAND
from flanksim.scenario.geometry import EARTH_KM
from flanksim.scenario.schema import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Extent = tuple[float, float, float, float]

#: Room round the places of a scenario that states no frame: part of its width and height, and km at least.
ROOM, LEAST_ROOM_KM = 0.06, 60.0
#: Outlines with a corner farther away than this from the centre, degrees, lie on the other side of the Earth.
_FARTHEST = 140.0


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the Earth that maps show.

    Attributes
    ----------
    centre
        Latitude and longitude, degrees, of the point about which the Lambert azimuthal equal-area projection is true.
    extent
        West, east, south and north edge, km from the centre.
    """

    centre: tuple[float, float]
    extent: Extent

    def project(
        self, lat: NDArray[np.float64], lon: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Km east and north of the centre, of points in degrees; on a sphere."""
        phi, lam = np.radians(lat), np.radians(lon - self.centre[1])
        phi0 = np.radians(self.centre[0])
        k = np.sqrt(2.0 / (1.0 + np.sin(phi0) * np.sin(phi) + np.cos(phi0) * np.cos(phi) * np.cos(lam)))
        x = EARTH_KM * k * np.cos(phi) * np.sin(lam)
        y = EARTH_KM * k * (np.cos(phi0) * np.sin(phi) - np.sin(phi0) * np.cos(phi) * np.cos(lam))
        return x, y

    def holds(self, point: tuple[float, float]) -> bool:
        """Whether a point, km east and north of the centre, lies within the edges."""
        west, east, south, north = self.extent
        return west <= point[0] <= east and south <= point[1] <= north

    def shaped(self, ratio: float) -> Extent:
        """Edges moved apart, so that width over height is `ratio`."""
        west, east, south, north = self.extent
        wider = max(0.0, ratio * (north - south) - (east - west)) / 2.0
        higher = max(0.0, (east - west) / ratio - (north - south)) / 2.0
        return west - wider, east + wider, south - higher, north + higher


def frame_of(scenario: Scenario) -> Frame:
    """The frame that the scenario states under `map`, else one round all its places."""
    stated = scenario.map
    if stated is not None:
        edges = (stated.west_km, stated.east_km, stated.south_km, stated.north_km)
        return Frame((stated.centre_lat, stated.centre_lon), edges)
    lat, lon = np.radians(_coordinates(scenario)[1])
    if not lat.size:
        return Frame((0.0, 0.0), (-1000.0, 1000.0, -1000.0, 1000.0))
    # the mean of the directions from the centre of the Earth, which the date line does not disturb
    x, y, z = np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)
    up = np.arctan2(z.mean(), np.hypot(x.mean(), y.mean()))
    centre = (round(float(np.degrees(up)), 1), round(float(np.degrees(np.arctan2(y.mean(), x.mean()))), 1))
    across, high = Frame(centre, (0.0, 0.0, 0.0, 0.0)).project(np.degrees(lat), np.degrees(lon))
    wide, tall = (max(LEAST_ROOM_KM, ROOM * float(np.ptp(values))) for values in (across, high))
    edges = (float(across.min()) - wide, float(across.max()) + wide, float(high.min()) - tall, float(high.max()) + tall)
    return Frame(centre, edges)


@cache
def outlines() -> list[NDArray[np.float64]]:
    """Rings of the countries of the world (Natural Earth 1:50m, public domain) as arrays of lon, lat in degrees."""
    with np.load(Path(__file__).with_name("world_50m.npz")) as stored:
        points, corners = stored["centidegrees"] / 100.0, stored["corners"]
    return np.split(points, np.cumsum(corners)[:-1])


def positions(scenario: Scenario) -> dict[str, tuple[float, float]]:
    """Kilometres east and north of the centre of the map, of every place that has coordinates."""
    keys, degrees = _coordinates(scenario)
    x, y = frame_of(scenario).project(*degrees)
    return {key: (float(a), float(b)) for key, a, b in zip(keys, x, y, strict=True)}


def _coordinates(scenario: Scenario) -> tuple[list[str], NDArray[np.float64]]:
    """Places that have coordinates; their latitudes and longitudes in degrees, shape (2, places)."""
    known = [(key, node.lat, node.lon) for key, node in scenario.nodes.items() if None not in (node.lat, node.lon)]
    degrees = np.array([place[1:] for place in known], dtype=float).reshape(-1, 2).transpose()
    return [key for key, *_ in known], degrees


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
