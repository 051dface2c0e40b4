"""Packages of levers: which are smallest among those that reach what is asked, found with few questions.

A package takes one level of each family, or none. The search begins with all levels at their highest and takes away.
What fails is taken to fail with less too, and what reaches to reach with more: that is where few questions come from.
It is a guess, as runs of a simulation are not monotone, so it never decides on what is given back: of each package
found, every package one step below was asked itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

#: Level of each family, 0 for none of it.
Package = tuple[int, ...]
#: Searches that go on side by side; fixed, so that what is asked does not depend on the number of processes.
_SIDE_BY_SIDE = 4


@dataclass(frozen=True)
class Families:
    """Levers by family, the levels of each from weak to strong.

    Attributes
    ----------
    names
        Of the families, in their order.
    levels
        Ids of the levers of each.
    """

    names: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]

    @property
    def top(self) -> Package:
        """Every family at its highest level."""
        return tuple(map(len, self.levels))

    def levers(self, package: Package) -> tuple[str, ...]:
        """Ids of the levers of a package."""
        return tuple(levels[level - 1] for levels, level in zip(self.levels, package, strict=True) if level)

    def package(self, levers: Sequence[str]) -> Package:
        """The package of these levers, none of them of one family."""
        return tuple(
            next((number for number, key in enumerate(levels, 1) if key in levers), 0) for levels in self.levels
        )

    def all(self) -> list[Package]:
        """Every package there is."""
        return list(product(*(range(len(levels) + 1) for levels in self.levels)))


def no_more(one: Package, other: Package) -> bool:
    """Whether a package has no family at a higher level than another."""
    return all(mine <= theirs for mine, theirs in zip(one, other, strict=True))


def one_step_below(package: Package) -> list[Package]:
    """Packages with one family one level lower."""
    return [_with(package, family, level - 1) for family, level in enumerate(package) if level]


def _with(package: Package, family: int, level: int) -> Package:
    return (*package[:family], level, *package[family + 1 :])


@dataclass(frozen=True)
class Found:
    """What a search has found.

    Attributes
    ----------
    smallest
        Packages that reach, of which no package one step below does; in the order in which they were found.
    asked
        Every package that was asked, and whether it reaches.
    whole
        Whether no package is left of which it is neither known nor guessed.
    """

    smallest: tuple[Package, ...]
    asked: Mapping[Package, bool]
    whole: bool


def search(
    families: Families,
    ask: Callable[[Sequence[Package]], Sequence[bool]],
    order: Sequence[int],
    most: int,
) -> Found:
    """Find all smallest packages that reach.

    Parameters
    ----------
    families
        What there is.
    ask
        Says of each of several packages whether it reaches.
    order
        Families, those first that are to be done without if possible.
    most
        So many packages are asked at most, but for the last round.
    """
    asked: dict[Package, bool] = {}
    smallest: dict[Package, None] = {}
    everything = sorted(families.all(), key=lambda package: (-sum(package), package))

    def put(packages: Sequence[Package]) -> None:
        new = list(dict.fromkeys(package for package in packages if package not in asked))
        asked.update(zip(new, ask(new), strict=True))

    top = families.top
    put([top, *one_step_below(top)])
    running: list[_Walk] = []
    begun = 0
    while len(asked) < most:
        for start in _open(everything, asked, smallest, [walk.at for walk in running]):
            if len(running) == _SIDE_BY_SIDE:
                break
            turned = begun % max(1, len(order))
            running.append(_Walk(start, [*order[turned:], *order[:turned]], asked))
            begun += 1
        if not running:
            return Found(tuple(smallest), asked, True)
        put([walk.wants for walk in running if walk.wants is not None])
        for walk in running:
            walk.go_on()
        smallest |= dict.fromkeys(walk.at for walk in running if walk.wants is None and asked[walk.at])
        running = [walk for walk in running if walk.wants is not None]
    return Found(tuple(smallest), asked, False)


def _open(
    everything: Sequence[Package], asked: Mapping[Package, bool], smallest: Mapping[Package, None], busy: list[Package]
) -> Iterator[Package]:
    """Largest packages of which nothing is guessed; those above one that is being made smaller wait for it."""
    failed = [package for package, reaches in asked.items() if not reaches]
    for package in everything:
        known = asked.get(package)
        if known is False or any(no_more(small, package) for small in smallest):
            continue
        if known is None and any(no_more(package, larger) for larger in failed):
            continue
        if not any(no_more(package, other) or no_more(other, package) for other in busy):
            busy.append(package)
            yield package


class _Walk:
    """One package on its way down: what it is, and what it must know next."""

    def __init__(self, start: Package, order: Sequence[int], asked: Mapping[Package, bool]) -> None:
        self.at, self._order, self._asked = start, order, asked
        self._steps = self._down()
        self.wants: Package | None = next(self._steps, None)

    def go_on(self) -> None:
        """What it wanted is known."""
        self.wants = next(self._steps, None)

    def _down(self) -> Iterator[Package]:
        """Packages that must be asked, one after the other."""
        if self.at not in self._asked:
            yield self.at
        if not self._asked[self.at]:
            return
        for family in self._order:
            for level in range(self.at[family]):
                lower = _with(self.at, family, level)
                if lower not in self._asked:
                    if any(no_more(lower, other) for other, reaches in self._asked.items() if not reaches):
                        continue
                    yield lower
                if self._asked[lower]:
                    self.at = lower
                    break
        while True:  # what was guessed is asked
            for lower in one_step_below(self.at):
                if lower not in self._asked:
                    yield lower
                if self._asked[lower]:
                    self.at = lower
                    break
            else:
                return
