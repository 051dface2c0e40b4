"""Random numbers of the compiled twin: all of a run at once."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from flanksim.engine.compiled import fill_uniforms
from flanksim.engine.streams import breakdown_hours
from flanksim.planning.plan import Plan
from flanksim.scenario.distributions import Distribution

Floats = NDArray[np.float64]
#: Of numbers that are taken as they are drawn.
UNIFORM = Distribution("uniform", ())


class Streams:
    """Every number that a run may draw: where it stands among all of them, and how all of a seed are made at once.

    What is the same in every run comes first, then series after series, those of one distribution together, so that
    they are made in one go; each series has whole blocks of four. See `flanksim.engine.streams.Draws`.
    """

    def __init__(self, plan: Plan) -> None:
        self._chance = plan.chance
        self._sizes = dict(plan.element_sizes)
        self._known: dict[tuple[str, str, str, Distribution], int] = {}
        self._static: list[float] = []
        #: Of each series its distribution and its first place among the static numbers, -1 if it is drawn.
        self._of: list[tuple[Distribution, int]] = []
        self._suffix: dict[int, bytes] = {}
        self._count: list[int] = []

    def constant(self, distribution: Distribution) -> int:
        """Number of a series whose numbers are all the typical one."""
        return self._add(distribution, [distribution.typical])

    def one(self, purpose: str, thing: str, distribution: Distribution) -> int:
        """Number of the series with the single number of a thing."""
        if not self._chance:
            return self.constant(distribution)
        return self.series(purpose, thing, "", distribution, 1)

    def uniform(self, purpose: str, element: str, thing: str) -> int:
        """Number of the series with a single number in [0, 1); only with chance."""
        return self.series(purpose, element, thing, UNIFORM, 1)

    def series(self, purpose: str, element: str, thing: str, distribution: Distribution, count: int = 0) -> int:
        """Number of a series; its length is that of its element if it is not given."""
        key = (purpose, element, thing, distribution)
        if key not in self._known:
            count = count or self._sizes[element]
            if distribution.kind == "trace":
                self._known[key] = self._add(distribution, distribution.quantile(np.zeros(count)).tolist())
            elif not self._chance or distribution.kind == "constant":
                self._known[key] = self._add(distribution, [distribution.typical] * count)
            else:
                self._known[key] = number = len(self._of)
                self._of.append((distribution, -1))
                self._count.append(count)
                self._suffix[number] = f"{purpose}\x1f{element}\x1f{thing}".encode()
        return self._known[key]

    def _add(self, distribution: Distribution, values: list[float]) -> int:
        self._of.append((distribution, len(self._static)))
        self._count.append(len(values))
        self._static += values
        return len(self._of) - 1

    def settle(self) -> None:
        """All series are known: their places are settled."""
        drawn: dict[Distribution, list[int]] = {}
        for number, (distribution, static) in enumerate(self._of):
            if static < 0:
                drawn.setdefault(distribution, []).append(number)
        #: Place of each series among all numbers.
        self.places = np.array([max(0, static) for _, static in self._of], dtype=np.int64)
        self._suffixes: list[bytes] = []
        blocks: list[int] = []
        self._groups: list[tuple[Distribution, int, int, int]] = []
        first = end = len(self._static)
        for distribution, numbers in drawn.items():
            sizes = [-(-self._count[number] // 4) for number in numbers]
            begin, more = end, 0
            for number, size in zip(numbers, sizes, strict=True):
                self.places[number] = end
                end += 4 * size
            blocks += sizes
            self._suffixes += [self._suffix[number] for number in numbers]
            if distribution.kind == "breakdowns":  # a second number each, for the hours of repair
                more = end
                end += end - begin
                blocks += sizes
                self._suffixes += [self._suffix[number].replace(b"\x1f", b" repair\x1f", 1) for number in numbers]
            self._groups.append((distribution, begin, more or end, more))
        self._blocks = np.array(blocks, dtype=np.int64)
        self._first, self._end = first, end

    def values(self, seed: int) -> Floats:
        """All numbers of a seed."""
        found = np.empty(self._end + 1)
        found[: self._first] = self._static
        if not self._suffixes:
            return found
        keys = keys_of(seed, self._suffixes)
        fill_uniforms(keys, self._blocks, found[self._first :])
        for distribution, begin, end, more in self._groups:
            u = found[begin:end]
            if more:
                found[begin:end] = breakdown_hours(distribution, u, found[more : more + end - begin])
            elif distribution.kind != UNIFORM.kind:  # not `is`: plans are sent to other processes with what was found
                found[begin:end] = distribution.quantile(u)
        return found


def keys_of(seed: int, suffixes: Sequence[bytes]) -> NDArray[np.uint64]:
    """Keys of the generators, see `flanksim.engine.streams.uniforms`."""
    prefix = f"{seed}\x1f".encode()
    digests = b"".join([blake2b(prefix + suffix, digest_size=16).digest() for suffix in suffixes])
    return np.frombuffer(digests, dtype=np.uint64).reshape(-1, 2)
