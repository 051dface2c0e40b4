"""Lines on a map as links between places: ends that nearly meet are joined, lines cut where they meet."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from flanksim.gis.corners import Beside, with_corners
from flanksim.gis.geojson import Position
from flanksim.gis.spheres import apart_km, chord, vectors
from flanksim.scenario.geometry import along_km

#: Vertices from which a place may take one; the nearer ones may be those of other places.
_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A line, before it is joined with others.

    Attributes
    ----------
    family
        Lines of one family meet where they have a position in common: a level crossing joins no road with a railway.
    positions
        Along it, in the direction in which it leads.
    alike
        What two pieces must have in common to be one link.
    one_way
        Whether it leads in that direction alone.
    """

    family: str
    positions: tuple[Position, ...]
    alike: Hashable = ()
    one_way: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line between two places: its number, how long it is, and the share of the line that it has."""

    line: int
    km: float
    share: float
    corners: int


@dataclass(slots=True)
class Chain:
    """Pieces one behind the other, which are one link between two vertices."""

    tail: int
    head: int
    pieces: list[Piece]

    @property
    def km(self) -> float:
        """Length along its pieces."""
        return float(sum(piece.km for piece in self.pieces))


@dataclass(slots=True)
class Joined:
    """What became of the lines.

    Attributes
    ----------
    chains
        The links, their ends as numbers of vertices.
    place
        Number of the place at a vertex, where there is one.
    at
        Position of each vertex.
    gaps_km
        How far ends lay apart that were joined.
    loops
        Pieces that end where they begin, which are left out.
    pruned
        Dead ends that were left out.
    alone
        Numbers of places that no line comes near.
    """

    chains: list[Chain] = field(default_factory=list)
    place: dict[int, int] = field(default_factory=dict)
    at: list[Position] = field(default_factory=list)
    gaps_km: list[float] = field(default_factory=list)
    loops: int = 0
    pruned: int = 0
    alone: list[int] = field(default_factory=list)


class _Sets:
    """Sets of numbers that are joined two by two; each is called by its least member."""

    def __init__(self, count: int) -> None:
        self._up = list(range(count))

    def find(self, number: int) -> int:
        """Name of the set of a number."""
        while self._up[number] != number:
            self._up[number] = self._up[self._up[number]]
            number = self._up[number]
        return number

    def join(self, one: int, other: int) -> None:
        """Make one set of two."""
        low, high = sorted((self.find(one), self.find(other)))
        self._up[high] = low


def join(
    lines: Sequence[Line],
    places: Sequence[Position | None],
    *,
    tolerance_km: float,
    reach_km: float,
    prune: bool = False,
) -> Joined:
    """Make links of lines.

    Parameters
    ----------
    lines
        The lines.
    places
        Where places lie that are known; None where that is not known.
    tolerance_km
        An end at which nothing else ends is joined with what is this near: another end, or a line of its family.
    reach_km
        A place lies on the nearest end or corner, this near, of every connected net of lines of a family.
    prune
        Whether to leave out dead ends that lead to no place.

    Returns
    -------
    Joined
        Links and their ends.
    """
    net = _Net(_with_corners(lines, places, tolerance_km, reach_km))
    found = Joined(at=net.at)
    _close_gaps(net, tolerance_km, found)
    _take_places(net, places, reach_km, found)
    chains = list(_pieces(net, found))
    _chain(net, found, _pruned(chains, found) if prune else chains)
    return found


def _with_corners(
    lines: Sequence[Line], places: Sequence[Position | None], tolerance_km: float, reach_km: float
) -> list[Line]:
    """Lines with corners where an end was drawn onto the middle of a stretch, and where a place lies beside one."""
    net = _Net(lines)
    used = net.used()
    things = [Beside(at, reach_km) for at in places if at is not None and reach_km > 0.0]
    if tolerance_km > 0.0:
        things += [
            Beside(net.at[corner], tolerance_km, number)
            for number, corner in net.ends()
            if used[lines[number].family, corner] == 1
        ]
    made = with_corners([line.positions for line in lines], [line.family for line in lines], things)
    return [replace(line, positions=positions) for line, positions in zip(lines, made, strict=True)]


class _Net:
    """Lines as numbers of vertices; a vertex is a position, and those that are joined."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        number: dict[Position, int] = {}
        self.corners = [[number.setdefault(at, len(number)) for at in line.positions] for line in lines]
        self.at = list(number)
        self.same = _Sets(len(self.at))

    def used(self) -> dict[tuple[str, int], int]:
        """How often lines of a family come to a vertex."""
        found: dict[tuple[str, int], int] = {}
        for line, corners in zip(self.lines, self.corners, strict=True):
            for corner in corners:
                key = (line.family, self.same.find(corner))
                found[key] = found.get(key, 0) + 1
        return found

    def ends(self) -> Iterator[tuple[int, int]]:
        """Line and vertex of every end."""
        for number, corners in enumerate(self.corners):
            yield number, corners[0]
            yield number, corners[-1]

    def directions(self) -> NDArray[np.float64]:
        """Unit vectors from the centre of the Earth to the vertices, which the antimeridian does not disturb."""
        return vectors(self.at)


def _close_gaps(net: _Net, tolerance_km: float, found: Joined) -> None:
    """Join each end at which nothing else of its family is with the nearest end or line within the tolerance."""
    if not net.at or tolerance_km <= 0.0:
        return
    used = net.used()
    tree, points = cKDTree(net.directions()), net.directions()
    ends = {corner for _, corner in net.ends()}
    families: dict[int, set[str]] = {}
    for line, corners in zip(net.lines, net.corners, strict=True):
        for corner in corners:
            families.setdefault(corner, set()).add(line.family)
    gaps: list[tuple[float, int, int]] = []
    for number, corner in net.ends():
        family = net.lines[number].family
        if used[family, corner] > 1:
            continue
        own = set(net.corners[number])
        near = tree.query_ball_point(points[corner], chord(tolerance_km))
        others = [entry for entry in near if entry not in own and (entry in ends or family in families[entry])]
        if others:
            gaps.append(min((apart_km(net.at[corner], net.at[entry]), corner, entry) for entry in others))
    for km, corner, entry in sorted(gaps):
        if net.same.find(corner) != net.same.find(entry):
            net.same.join(corner, entry)
            found.gaps_km.append(km)


def _take_places(net: _Net, places: Sequence[Position | None], reach_km: float, found: Joined) -> None:
    """Put each place on the nearest end, else corner, of each connected net of lines within reach."""
    known = [(number, at) for number, at in enumerate(places) if at is not None]
    if not net.at or not known:
        found.alone = [number for number, _ in known]
        return
    connected = {family: _Sets(len(net.at)) for family in {line.family for line in net.lines}}
    for line, corners in zip(net.lines, net.corners, strict=True):
        sets = connected[line.family]
        vertices = [net.same.find(corner) for corner in corners]
        for one, other in pairwise(vertices):
            sets.join(one, other)
    ends = {net.same.find(corner) for _, corner in net.ends()}
    families: dict[int, list[str]] = {}
    for family, vertex in net.used():
        families.setdefault(vertex, []).append(family)
    tree = cKDTree(net.directions())
    points = vectors([at for _, at in known])
    wanted: list[tuple[bool, float, int, int, tuple[str, int]]] = []
    for (number, at), point in zip(known, points, strict=True):
        choices: dict[tuple[str, int], set[tuple[bool, float, int]]] = {}
        for corner in tree.query_ball_point(point, chord(reach_km)):
            vertex = net.same.find(corner)
            for family in families[vertex]:
                choice = (vertex not in ends, apart_km(at, net.at[corner]), vertex)
                choices.setdefault((family, connected[family].find(vertex)), set()).add(choice)
        for key, some in choices.items():
            wanted += [(*choice, number, key) for choice in nsmallest(_CHOICES, some)]
    served: set[tuple[int, tuple[str, int]]] = set()
    for _, _, vertex, number, key in sorted(wanted):
        if (number, key) not in served and found.place.setdefault(vertex, number) == number:
            served.add((number, key))
    taken = set(found.place.values())
    found.alone = [number for number, _ in known if number not in taken]


def _pieces(net: _Net, found: Joined) -> Iterator[Chain]:
    """Lines cut where others of their family meet them, and at places."""
    used = net.used()
    ends = {(net.lines[number].family, net.same.find(corner)) for number, corner in net.ends()}
    for number, (line, corners) in enumerate(zip(net.lines, net.corners, strict=True)):
        vertices = [net.same.find(corner) for corner in corners]
        whole = along_km(line.positions)
        last = len(vertices) - 1
        cuts = [
            place
            for place, vertex in enumerate(vertices)
            if place in (0, last)
            or used[line.family, vertex] > 1
            or (line.family, vertex) in ends
            or vertex in found.place
        ]
        for first, after in pairwise(cuts):
            km = along_km(line.positions[first : after + 1])
            tail, head = vertices[first], vertices[after]
            if _node(found, tail) == _node(found, head):
                found.loops += 1
            else:
                share = km / whole if whole else 1.0
                yield Chain(tail, head, [Piece(number, km, share, after - first + 1)])


def _node(found: Joined, vertex: int) -> tuple[bool, int]:
    """What stands at a vertex: a place, which several vertices may share, or the vertex itself."""
    return (True, found.place[vertex]) if vertex in found.place else (False, vertex)


def _pruned(chains: list[Chain], found: Joined) -> list[Chain]:
    """Without what leads to no place: dead ends, and what becomes one without them."""
    kept = chains
    while True:
        degree: dict[tuple[bool, int], int] = {}
        for chain in kept:
            for vertex in (chain.tail, chain.head):
                node = _node(found, vertex)
                degree[node] = degree.get(node, 0) + 1
        dead = {node for node, count in degree.items() if count == 1 and not node[0]}
        left = [chain for chain in kept if not dead & {_node(found, chain.tail), _node(found, chain.head)}]
        if len(left) == len(kept):
            found.pruned = len(chains) - len(kept)
            return kept
        kept = left


def _chain(net: _Net, found: Joined, chains: list[Chain]) -> None:
    """Make one link of two that meet where nothing else is, and that are alike."""
    at: dict[int, list[int]] = {}
    for number, chain in enumerate(chains):
        for vertex in (chain.tail, chain.head):
            at.setdefault(vertex, []).append(number)
    gone: set[int] = set()
    for vertex, meeting in at.items():
        if vertex in found.place or len(meeting) != 2 or meeting[0] == meeting[1]:
            continue
        one, other = (chains[number] for number in meeting)
        made = _one_of(one, other, vertex, lambda chain: net.lines[chain.pieces[0].line])
        if made is None or _node(found, made.tail) == _node(found, made.head):
            continue
        keep, drop = meeting
        chains[keep] = made
        gone.add(drop)
        far = made.head if made.tail in (one.tail, one.head) else made.tail
        for end in {made.tail, made.head, far}:
            at[end] = [keep if number == drop else number for number in at[end]]
    found.chains = [chain for number, chain in enumerate(chains) if number not in gone]


def _one_of(one: Chain, other: Chain, vertex: int, line_of: Callable[[Chain], Line]) -> Chain | None:
    """Two links that meet at a vertex as one; None where they are not alike, or lead against each other."""
    a, b = line_of(one), line_of(other)
    if (a.family, a.alike, a.one_way) != (b.family, b.alike, b.one_way):
        return None
    if a.one_way:
        first, second = (one, other) if one.head == vertex else (other, one)
        if first.head != vertex or second.tail != vertex:
            return None
        return Chain(first.tail, second.head, first.pieces + second.pieces)
    first = one if one.head == vertex else Chain(one.head, one.tail, one.pieces[::-1])
    second = other if other.tail == vertex else Chain(other.head, other.tail, other.pieces[::-1])
    return Chain(first.tail, second.head, first.pieces + second.pieces)
