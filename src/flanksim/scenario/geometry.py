"""Distances on the globe."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise

#: Radius of the sphere that stands for the Earth, km.
EARTH_KM = 6371.0
_LOCODE = re.compile(r"(\d{2})(\d{2})([NS])\s*(\d{3})(\d{2})([EW])")


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
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def along_km(line: Sequence[tuple[float, float]]) -> float:
    """Length in km of a line of longitudes and latitudes in degrees, each stretch on its great circle.

    Examples
    --------
    >>> round(along_km([(9.0, 50.0), (9.0, 51.0), (9.0, 52.0)]), 2)  # twice one degree of latitude
    222.39
    """
    return math.fsum(great_circle_km(lat, lon, up, on) for (lon, lat), (on, up) in pairwise(line))


def locode_degrees(text: str) -> tuple[float, float] | None:
    """Latitude and longitude, degrees, of coordinates as UN/LOCODE writes them: degrees and minutes; None for others.

    Examples
    --------
    >>> [round(degrees, 4) for degrees in locode_degrees("5120N 00424E")]
    [51.3333, 4.4]
    >>> [round(degrees, 4) for degrees in locode_degrees("1227S 13050E")]
    [-12.45, 130.8333]
    """
    match = _LOCODE.fullmatch(text.strip().upper())
    if match is None or int(match[2]) > 59 or int(match[5]) > 59:
        return None
    lat, lon = int(match[1]) + int(match[2]) / 60.0, int(match[4]) + int(match[5]) / 60.0
    if lat > 90.0 or lon > 180.0:
        return None
    return (lat if match[3] == "N" else -lat), (lon if match[6] == "E" else -lon)
