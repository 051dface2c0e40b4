"""Distances on the globe."""

from __future__ import annotations

import math


def great_circle_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in km on a sphere of radius 6,371 km (haversine formula).

    Parameters
    ----------
    lat1, lon1, lat2, lon2
        The two points, degrees; north and east positive.

    Examples
    --------
    >>> round(great_circle_km(0.0, 0.0, 0.0, 180.0))  # half round the globe
    20015
    """
    a, b = math.radians(lat1), math.radians(lat2)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(min(1.0, half)))
