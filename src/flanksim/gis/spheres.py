"""Positions as points on a sphere, on which nothing happens at the antimeridian."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from flanksim.gis.geojson import Position
from flanksim.scenario.geometry import EARTH_KM, great_circle_km


def vectors(positions: Sequence[Position]) -> NDArray[np.float64]:
    """Unit vectors from the centre of the Earth, shape (positions, 3)."""
    lon, lat = np.radians(np.array(positions, dtype=np.float64).reshape(-1, 2)).T
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def chord(km: float) -> float:
    """Distance through the unit sphere of two points that lie so far apart on the Earth."""
    return 2.0 * math.sin(min(km / EARTH_KM, math.pi) / 2.0)


def apart_km(one: Position, other: Position) -> float:
    """Great-circle distance of two positions, km."""
    return great_circle_km(one[1], one[0], other[1], other[0])
