"""Corners put into lines where something lies beside a stretch of them: an end that was drawn onto it, a place."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.spatial import cKDTree

from flanksim.gis.geojson import Position
from flanksim.gis.spheres import apart_km, chord, vectors
from flanksim.scenario.geometry import EARTH_KM

_DEGREE_KM = EARTH_KM * math.pi / 180.0


@dataclass(frozen=True, slots=True)
class Beside:
    """Something that may lie beside a line.

    Attributes
    ----------
    at
        Where it lies.
    km
        How near it must be.
    line
        Number of the line of which it is an end: of its family the nearest other line gets a corner. None for a place,
        for which each line that is near gets one.
    """

    at: Position
    km: float
    line: int | None = None


def with_corners(
    lines: Sequence[Sequence[Position]], families: Sequence[str], things: Sequence[Beside]
) -> list[tuple[Position, ...]]:
    """Lines with corners beside which things lie, where no corner of the stretch is as near as it must be.

    Between two positions a line is straight in degrees, as GeoJSON has it.

    Parameters
    ----------
    lines, families
        The lines, and the family of each.
    things
        What may lie beside them.
    """
    new: dict[tuple[int, int], list[tuple[float, Position]]] = {}
    for thing, near in zip(things, _near(lines, things), strict=True):
        feet: dict[int, tuple[float, int, float, Position]] = {}
        for line, stretch in near:
            if thing.line is None or (line != thing.line and families[line] == families[thing.line]):
                foot = _foot(thing, lines[line][stretch], lines[line][stretch + 1])
                if foot is not None:
                    found = (foot[0], stretch, *foot[1:])
                    feet[line] = min(feet.get(line, found), found)
        chosen = feet if thing.line is None else dict(sorted(feet.items(), key=lambda item: item[1])[:1])
        for line, (_, stretch, share, at) in chosen.items():
            new.setdefault((line, stretch), []).append((share, at))
    return [tuple(_filled(line, number, new)) for number, line in enumerate(lines)]


def _filled(
    line: Sequence[Position], number: int, new: dict[tuple[int, int], list[tuple[float, Position]]]
) -> Iterator[Position]:
    for stretch, at in enumerate(line):
        yield at
        yield from (corner for _, corner in sorted(new.get((number, stretch), ())))


def _near(lines: Sequence[Sequence[Position]], things: Sequence[Beside]) -> list[list[tuple[int, int]]]:
    """Of each thing the stretches whose middle is near enough for one of their length, as line and number."""
    found: list[list[tuple[int, int]]] = [[] for _ in things]
    by_length: dict[int, list[tuple[float, tuple[int, int], Position]]] = {}
    for number, line in enumerate(lines):
        for stretch, ((lon, lat), (on, up)) in enumerate(pairwise(line)):
            km = apart_km((lon, lat), (on, up))
            middle = (lon + _wrapped(on - lon) / 2.0, (lat + up) / 2.0)
            size = math.frexp(km)[1]  # its power of two
            by_length.setdefault(size, []).append((km, (number, stretch), middle))
    if not things:
        return found
    points = vectors([thing.at for thing in things])
    for rows in by_length.values():
        tree = cKDTree(vectors([middle for _, _, middle in rows]))
        # a line that is straight in degrees bends away from the great circle, by far less than its length
        longest = max(km for km, _, _ in rows)
        reach = np.array([chord(thing.km + longest) for thing in things])
        for mine, near in zip(found, tree.query_ball_point(points, reach), strict=True):
            mine += [rows[row][1] for row in near]
    return found


def _foot(thing: Beside, start: Position, end: Position) -> tuple[float, float, Position] | None:
    """Where a thing lies beside a stretch: km from it, share of the way along it, position on it.

    None if it lies beyond its ends, is too far, or is near one of them.
    """
    (lon, lat), narrow = thing.at, math.cos(math.radians(thing.at[1]))
    across, up = _wrapped(end[0] - start[0]) * narrow, end[1] - start[1]
    x, y = _wrapped(lon - start[0]) * narrow, lat - start[1]
    square = across * across + up * up
    share = (x * across + y * up) / square if square else -1.0
    if not 0.0 < share < 1.0 or min(apart_km(thing.at, start), apart_km(thing.at, end)) <= thing.km:
        return None
    km = math.hypot(x - share * across, y - share * up) * _DEGREE_KM
    if km > thing.km:
        return None
    at = (_wrapped(start[0] + share * _wrapped(end[0] - start[0])), start[1] + share * (end[1] - start[1]))
    return km, share, at


def _wrapped(degrees: float) -> float:
    """Degrees of longitude from -180 to below 180; those within are as they were, to the last digit.

    Examples
    --------
    >>> _wrapped(359.0), _wrapped(-181.0), _wrapped(180.0), _wrapped(0.1)
    (-1.0, 179.0, -180.0, 0.1)
    """
    return degrees if -180.0 <= degrees < 180.0 else (degrees + 180.0) % 360.0 - 180.0
