"""The best buys that ship with the package, for the first screen of a page: made from the table of the docs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

#: The page that `flanksim best-buys eastern-flank --page` writes, and what it is made into.
PAGE, FILE = Path("docs/best-buys.md"), Path("scenarios/measured/eastern-flank.json")
_SURE = "soldiers sooner"
_INTERVAL = re.compile(r"([+-]?[\d.,]+)(?: \(([+-]?[\d.,]+) to ([+-]?[\d.,]+)\))?$")


def shipped() -> str:
    """The actions with which a soldier is surely closed sooner, in the order of the page; and how that was measured."""
    text = PAGE.read_text(encoding="utf-8")
    digest = re.search(r"Scenario digest `(\w+)`", text)
    tried = re.search(r"over all (\d+) that were run", text)
    if digest is None or tried is None:
        raise ValueError(f"{PAGE} does not say how it was measured")
    tables = [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()[2:]]
        for block in re.findall(r"^\|(?:.*\n\|)*.*\n", text, re.MULTILINE)
    ]
    actions = next(table for table in tables if len(table[0]) == 9)
    decides = next({row[0]: row[1] for row in table} for table in tables if len(table[0]) == 3)
    found = {
        "scenario": FILE.stem,
        "digest": digest[1],
        "tried": int(tried[1]),
        "actions": [_row(cells, decides) for cells in actions if _SURE in cells[8]],
    }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _row(cells: list[str], decides: dict[str, str]) -> dict[str, Any]:
    """One action by the names of `flanksim.measure.best_buys.ActionRuns.buys`."""
    title, frontier = cells[0].strip("*"), cells[0].startswith("**")
    named = re.fullmatch(r"(.*) \((PR\d+)\)", title)
    sure = cells[8].split(", ")
    return {
        "action": named[2] if named else "",
        "title": named[1] if named else title,
        "decides": "" if named else decides[title],
        **_interval("cost_bn_eur", cells[1]),
        "counts_from": int(cells[2]) if cells[2] else None,
        **_interval("days_sooner", cells[3]),
        **_interval("points", cells[4]),
        **_interval("soldier_days_sooner", cells[5]),
        "pairs": int(cells[7]),
        "verdict": "sooner" if "last day sooner" in sure else "",
        "closing_verdict": "sooner",
        "frontier": frontier,
    }


def _interval(name: str, text: str) -> dict[str, float | None]:
    found = _INTERVAL.match(text)
    if found is None:
        raise ValueError(f"{PAGE} has {text!r} for {name}")
    value, low, high = (None if part is None else float(part.replace(",", "")) for part in found.groups())
    return {name: value, f"{name}_low": low, f"{name}_high": high}
