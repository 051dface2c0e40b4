"""What every purse was given and left, and why: no money lapses without the answer saying so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flanksim.investment.purses import FUND, PurseYear


def by_purse(purses: Sequence[PurseYear], year: int) -> list[dict[str, Any]]:
    """One row a purse, to the end of `year`; those that nobody ever filled are left out.

    Parameters
    ----------
    purses
        Every purse in every year (`Timeline.purses`).

    Returns
    -------
    list
        ``payer``, ``line`` (infrastructure, core or fund), EUR bn ``given_bn_eur`` = ``paid_bn_eur`` +
        ``kept_bn_eur`` (for later years) + ``lapsed_bn_eur``, and ``reason``: that of the years in which most was
        left. What lapsed most comes first.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    left: dict[tuple[str, str], dict[str, float]] = {}
    for purse in purses:
        if purse.year > year:
            continue
        key = (purse.payer, purse.line)
        row = rows.setdefault(
            key,
            {
                "payer": purse.payer,
                "line": purse.line,
                "given_bn_eur": 0.0,
                "paid_bn_eur": 0.0,
                "kept_bn_eur": 0.0,
                "lapsed_bn_eur": 0.0,
                "reason": "",
            },
        )
        row["given_bn_eur"] += purse.given
        row["paid_bn_eur"] += purse.paid
        row["kept_bn_eur"] = purse.kept
        row["lapsed_bn_eur"] += purse.lapsed
        if purse.reason:
            reasons = left.setdefault(key, {})
            reasons[purse.reason] = reasons.get(purse.reason, 0.0) + (purse.lapsed or purse.kept)
    for key, reasons in left.items():
        if rows[key]["lapsed_bn_eur"] + rows[key]["kept_bn_eur"] > 0.0:
            rows[key]["reason"] = max(reasons, key=lambda name: (reasons[name], name))
    found = [row for row in rows.values() if row["given_bn_eur"] > 0.0]
    return sorted(found, key=lambda row: (row["line"] == FUND, -row["lapsed_bn_eur"], row["payer"], row["line"]))
