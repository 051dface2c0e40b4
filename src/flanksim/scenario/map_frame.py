"""The part of the Earth that the maps of a scenario show, its projection, and where the places lie in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flanksim.scenario.geometry import EARTH_KM

if TYPE_CHECKING:
    from flanksim.scenario.schema import Scenario

Extent = tuple[float, float, float, float]

#: Room round the places of a scenario that states no frame: part of its width and height, and km at least.
ROOM, LEAST_ROOM_KM = 0.06, 60.0


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
    lat, lon = _coordinates(scenario)[1]
    return frame_round(lat, lon) if lat.size else Frame((0.0, 0.0), (-1000.0, 1000.0, -1000.0, 1000.0))


def frame_round(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> Frame:
    """The frame round points in degrees, with some room."""
    phi, lam = np.radians(lat), np.radians(lon)
    # the mean of the directions from the centre of the Earth, which the date line does not disturb
    x, y, z = np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)
    up = np.arctan2(z.mean(), np.hypot(x.mean(), y.mean()))
    centre = (round(float(np.degrees(up)), 1), round(float(np.degrees(np.arctan2(y.mean(), x.mean()))), 1))
    across, high = Frame(centre, (0.0, 0.0, 0.0, 0.0)).project(np.degrees(phi), np.degrees(lam))
    wide, tall = (max(LEAST_ROOM_KM, ROOM * float(np.ptp(values))) for values in (across, high))
    edges = (float(across.min()) - wide, float(across.max()) + wide, float(high.min()) - tall, float(high.max()) + tall)
    return Frame(centre, edges)


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
