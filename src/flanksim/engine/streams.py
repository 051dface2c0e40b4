"""Keyed random streams: what a thing draws depends on its own name and on nothing else.

Each number is keyed by (root seed, purpose, element, thing) and by the serial's index within its
element. Building a bridge, adding a unit or permuting rows therefore changes only the draws of
what it touches, which is what makes paired comparisons sharp. The generator is numpy's Philox, a
counter-based generator made for keyed use (Salmon and others, 2011).
"""

from __future__ import annotations

import math
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from flanksim.planning.plan import Asset, Permit, Plan
from flanksim.scenario.distributions import Distribution
from flanksim.units import HOURS_PER_DAY


def uniforms(seed: int, purpose: str, element: str, thing: str, count: int) -> NDArray[np.float64]:
    """`count` uniform numbers in [0, 1) for the key.

    Examples
    --------
    >>> a = uniforms(7, "handling", "unit-1|heavy", "berth:BRV", 3)
    >>> b = uniforms(7, "handling", "unit-1|heavy", "berth:BRV", 5)
    >>> bool((a == b[:3]).all())
    True
    """
    text = f"{seed}\x1f{purpose}\x1f{element}\x1f{thing}".encode()
    key = np.frombuffer(blake2b(text, digest_size=16).digest(), dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key)).random(count)


def turns_up(asset: Asset, seed: int, *, chance: bool) -> bool:
    """Whether an asset turns up in a replication.

    Keyed by its fleet and its number in it, so that no other fleet of the pool moves the draw. Without chance the
    typical share turns up, spread evenly over the fleet.
    """
    if asset.activation >= 1.0:
        return True
    if chance:
        return bool(uniforms(seed, "activation", asset.fleet, str(asset.index), 1)[0] < asset.activation)
    so_far = math.floor(asset.index * asset.activation + 0.5)
    return math.floor((asset.index + 1) * asset.activation + 0.5) > so_far


def breakdown_hours(entry: Distribution, u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hours of all repairs on a way, from a number for how many failures there are and one for how long they take."""
    from scipy.special import gammaincinv, pdtr

    mean, repair = entry.values
    failures = np.searchsorted(pdtr(np.arange(64), mean), u, side="right").astype(float)
    return np.where(failures > 0, repair * gammaincinv(np.maximum(failures, 1.0), v), 0.0)


class Draws:
    """All random numbers of one replication, drawn ahead.

    ``values[offset[serial] + slot]`` is the factor (or hours) of one slot of a serial's program.
    """

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan, self.seed = plan, seed
        self._sizes = dict(plan.element_sizes)
        self._cache: dict[tuple[str, str, str, int], list[float]] = {}
        self.offset: list[int] = []
        self.values: list[float] = []
        for serial in plan.serials:
            self.offset.append(len(self.values))
            self.values += self.factors(serial.program, serial.element, serial.index)

    def factors(self, program: int, element: str, index: int) -> list[float]:
        """Factors (or hours) of the slots of a program for one serial of an element."""
        return [
            self.series(slot.purpose, element, slot.thing, slot.distribution)[index]
            for slot in self.plan.programs[program].slots
        ]

    def _sample(self, entry: Distribution, purpose: str, element: str, thing: str, count: int) -> list[float]:
        u = uniforms(self.seed, purpose, element, thing, count)
        if entry.kind != "breakdowns":
            return [float(value) for value in entry.quantile(u)]
        v = uniforms(self.seed, purpose + " repair", element, thing, count)
        return [float(value) for value in breakdown_hours(entry, u, v)]

    def series(self, purpose: str, element: str, thing: str, distribution: int, most: int = 0) -> list[float]:
        """Numbers of every serial of `element` for one purpose and thing; at least `most` of them."""
        key = (purpose, element, thing, distribution)
        if key not in self._cache:
            entry = self.plan.distributions[distribution]
            count = max(most, self._sizes[element])
            if self.plan.chance and entry.kind not in ("constant", "trace"):
                self._cache[key] = self._sample(entry, purpose, element, thing, count)
            elif entry.kind == "trace":
                self._cache[key] = entry.quantile(np.zeros(count)).tolist()
            else:
                self._cache[key] = [entry.typical] * count
        return self._cache[key]

    def one(self, purpose: str, thing: str, distribution: Distribution) -> float:
        """A single number for a thing."""
        if not self.plan.chance:
            return distribution.typical
        return float(distribution.quantile(uniforms(self.seed, purpose, thing, "", 1))[0])

    def permit_hour(self, permit: Permit) -> float:
        """Hour at which a state gives leave."""
        return permit.asked_h + HOURS_PER_DAY * self.one("permission", permit.name, permit.days)


#: Seeds of replications have so many bits: no two of a study are equal, and a spreadsheet, which keeps 15 digits,
#: and JSON give them back whole.
SEED_BITS = 49


def seeds(root: int, count: int) -> list[int]:
    """Seeds of the first `count` replications of a study whose seed is `root`; a replication is repeated by its own.

    They are numpy's `SeedSequence.spawn`: studies with neighbouring seeds share no run. The first seeds stay the
    same whatever the count.

    Examples
    --------
    >>> seeds(2026, 3)[:2] == seeds(2026, 2)
    True
    >>> set(seeds(2026, 100)) & set(seeds(2027, 100))
    set()
    """
    children = np.random.SeedSequence(root).spawn(count)
    return [int(child.generate_state(1, np.uint64)[0]) >> (64 - SEED_BITS) for child in children]


def planning_seeds(root: int, count: int) -> list[int]:
    """Seeds of the first `count` plays by which plans of a study with this seed are chosen.

    They lie beyond the seeds of all replications of all studies, so that no plan is chosen by the runs that judge it.

    Examples
    --------
    >>> set(planning_seeds(2026, 100)) & set(seeds(2026, 100))
    set()
    """
    return [(1 << SEED_BITS) + seed for seed in seeds(root, count)]
