"""How full ships sail: sailings of a plan by pool of ships, with the share of the deck that each load fills."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from flanksim.planning.plan import Plan
from flanksim.planning.steps import Take


@dataclass(frozen=True, slots=True)
class Sailings:
    """Ship-loads of one pool, or of all.

    Attributes
    ----------
    pool
        Name of the pool; "" of all ships.
    fills
        Share of the deck that each load fills, in order of their serials.
    deck_m
        Lane metres of the deck of each of these sailings.
    """

    pool: str
    fills: tuple[float, ...]
    deck_m: tuple[float, ...]

    @property
    def mean_fill(self) -> float:
        """Mean share of the deck in use, each sailing counted once."""
        return fmean(self.fills)

    @property
    def deck_used(self) -> float:
        """Lane metres in use, as a share of those of all sailings: big ships weigh more."""
        used = sum(fill * deck for fill, deck in zip(self.fills, self.deck_m, strict=True))
        return used / sum(self.deck_m)

    def below(self, share: float) -> int:
        """Sailings with less than a share of the deck in use."""
        return sum(fill < share - 1e-9 for fill in self.fills)

    def as_json(self) -> dict[str, Any]:
        """Sailings, mean fill, share of all decks in use, and the emptiest."""
        return {
            "sailings": len(self.fills),
            "mean_fill": round(self.mean_fill, 6),
            "deck_used": round(self.deck_used, 6),
            "least_fill": round(min(self.fills), 6),
        }


def sailings(plan: Plan) -> tuple[Sailings, ...]:
    """Sailings of each pool of ships by name; none where lift is not counted, for a load then takes no ship.

    Parameters
    ----------
    plan
        Its ship-loads sail in every replication alike.
    """
    loads: dict[str, list[tuple[float, float]]] = {}
    for serial in plan.serials:
        if serial.stage != 1:
            continue
        for step in plan.programs[serial.program].steps:
            if isinstance(step, Take):
                pool = plan.pools[step.pool]
                deck = pool.assets[0].capacity  # ships of a pool are alike
                loads.setdefault(pool.name, []).append((serial.deck_m / deck, deck))
    return tuple(
        Sailings(name, tuple(fill for fill, _ in own), tuple(deck for _, deck in own))
        for name, own in sorted(loads.items())
    )


def together(pools: Iterable[Sailings]) -> Sailings | None:
    """All sailings as one; None if there are none."""
    fills: tuple[float, ...] = ()
    decks: tuple[float, ...] = ()
    for entry in pools:
        fills, decks = fills + entry.fills, decks + entry.deck_m
    return Sailings("", fills, decks) if fills else None
