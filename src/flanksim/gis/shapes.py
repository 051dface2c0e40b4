"""What map files hold: points and lines with their properties, the place in the file, and what cannot be used."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flanksim.errors import FlanksimError, Problem
from flanksim.gis.geojson import Position

#: So many problems of one file are told; a file in metres has one a feature.
MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """One thing of a map file.

    Attributes
    ----------
    where, path
        File and line, and place inside the data, for messages.
    file
        Name of the file.
    ident
        Id by which it may be called where it states none of its own: ``w123`` of an OpenStreetMap way; or empty.
    line
        Positions along it; one of a point, none where it has no geometry.
    tags
        Its properties, empty ones left out.
    """

    where: str
    path: str
    file: str
    ident: str
    line: tuple[Position, ...]
    tags: Mapping[str, Any]

    @property
    def is_line(self) -> bool:
        """Whether it is a line."""
        return len(self.line) > 1


@dataclass(slots=True)
class Read:
    """What a file holds.

    Attributes
    ----------
    name
        Of the file.
    form
        ``GeoJSON``, ``OpenStreetMap`` or ``UN/LOCODE``.
    left_out
        How many things were left out, by why.
    """

    name: str
    form: str = "GeoJSON"
    shapes: list[Shape] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    #: Ids of OpenStreetMap nodes, by position.
    nodes: dict[Position, str] = field(default_factory=dict)

    def at(self, line: int | None) -> str:
        """File and line for messages."""
        return f"{self.name}:{line}" if line else self.name

    def say(self, code: str, line: int | None, path: str, message: str, hint: str) -> None:
        """Add a problem; with many, the file is given up.

        Raises
        ------
        FlanksimError
            The problems so far, if they are many.
        """
        self.problems.append(Problem(code, self.at(line), path, message, hint))
        if len(self.problems) >= MOST_TOLD:
            raise FlanksimError(self.problems)

    def add(
        self, line: int | None, path: str, ident: str, positions: Sequence[Position], tags: Mapping[Any, Any]
    ) -> None:
        """Add a thing; a line goes on past the antimeridian."""
        known = {str(name): value for name, value in tags.items() if value not in (None, "", [], {})}
        self.shapes.append(Shape(self.at(line), path, self.name, ident, tuple(positions), known))


def position_of(lon: Any, lat: Any) -> Position:
    """A position from two numbers.

    Raises
    ------
    ValueError
        What is wrong with them, in words.
    """
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in (lon, lat)):
        raise ValueError(f"[{lon!r}, {lat!r}] is no position")
    if not (math.isfinite(lon) and math.isfinite(lat)) or abs(lat) > 90.0 or abs(lon) > 180.0:
        raise ValueError(f"longitude {lon:g} and latitude {lat:g} are no place on the Earth")
    return (-180.0 if lon == 180.0 else float(lon)), float(lat)  # both are the antimeridian
