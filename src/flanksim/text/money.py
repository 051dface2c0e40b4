"""Whose money bought what by the year that is asked for, and what was left, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flanksim.investment.purses import FUND

#: Payers named for each reason, those that left most first.
_NAMED = 6
#: What is less is not told, EUR bn.
_LEAST = 0.05


def money_json(built: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What spending did by its year; None where a scenario asks for none.

    ``spent_bn_eur`` is paid beside ``standing_bn_eur``, which flows whatever is spent; ``purses`` says of each payer
    and line what it was given, paid, kept and lost, and why (`flanksim.investment.unspent.by_purse`).
    """
    if built is None:
        return None
    names = ("year", "spent_bn_eur", "standing_bn_eur", "in_service", "listed", "purses")
    return {name: built[name] for name in names if name in built}


def money_blocks(built: Mapping[str, Any] | None) -> list[str]:
    """A line on what was paid, and one for every reason for which money was left."""
    if built is None or "purses" not in built:
        return []
    own = [row for row in built["purses"] if row["line"] != FUND]
    given, year = sum(row["given_bn_eur"] for row in own), built["year"]
    paid = sum(row["paid_bn_eur"] for row in own)
    anyway = built["standing_bn_eur"]
    lines = [
        f"Money to {year}: countries have EUR {given:,.1f} bn and pay {paid:,.1f}; EUR {anyway:,.1f} bn flow anyway;",
        f"  {built['in_service']} of {built['listed']} projects are in service, in whole or in part",
    ]
    for what, rows in (("not spent by countries", own), ("not spent by funds", _funds(built))):
        lost = sum(row["lapsed_bn_eur"] for row in rows)
        if lost >= _LEAST:
            lines.append(f"  EUR {lost:,.1f} bn {what}:")
            lines += [f"    {text}" for text in _by_reason(rows)]
    return lines


def _funds(built: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Grants; what a standing budget does not need is nobody's loss."""
    standing = set(built.get("standing", ()))
    return [row for row in built["purses"] if row["line"] == FUND and row["payer"] not in standing]


def _by_reason(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    reasons: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["lapsed_bn_eur"] > 0.0:
            reasons.setdefault(row["reason"], []).append(row)
    told = sorted(reasons.items(), key=lambda item: (-_lost(item[1]), item[0]))
    return [f"{_lost(lost):,.1f}: {reason} ({_names(lost)})" for reason, lost in told if _lost(lost) >= _LEAST]


def _lost(rows: Sequence[Mapping[str, Any]]) -> float:
    return float(sum(row["lapsed_bn_eur"] for row in rows))


def _names(rows: Sequence[Mapping[str, Any]]) -> str:
    by_payer: dict[str, float] = {}
    for row in rows:
        by_payer[row["payer"]] = by_payer.get(row["payer"], 0.0) + row["lapsed_bn_eur"]
    order = sorted(by_payer, key=lambda name: (-by_payer[name], name))
    more = f" and {len(order) - _NAMED} more" if len(order) > _NAMED else ""
    return " ".join(order[:_NAMED]) + more
