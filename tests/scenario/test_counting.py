"""Counts in the docs: they are current, and a second count finds the same."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from flanksim import load
from flanksim.scenario import counting

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "scenarios" / "europe"


def rows(table: str) -> list[dict[str, str]]:
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def cells(text: str, first: str) -> list[str]:
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_counts_in_the_docs_are_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for path, text in counting.documents().items():
        assert path.read_text(encoding="utf-8") == text, "run: python -m flanksim.scenario.counting"
        assert "<!-- counts of eastern-flank -->\n| table |" in text


@pytest.mark.parametrize("table", ["nodes", "links", "chokepoints", "facilities", "fleets"])
def test_rows_and_shares_are_those_of_the_file(table: str) -> None:
    own = rows(table)
    found = cells(counting.counts(load("eastern-flank")), table)
    assert found[1] == f"{len(own):,}"
    bases = [row["basis"] for row in own]
    trust = [row["confidence"] for row in own]
    expected = [bases.count(basis) for basis in ("looked_up", "derived", "recalled", "assumed")]
    assert found[2:6] == [f"{count / len(own):.0%}" for count in expected]
    assert found[7:] == [f"{trust.count(level) / len(own):.0%}" for level in "HML"]


def test_kilometres_by_mode_are_those_of_the_file() -> None:
    text = counting.counts(load("eastern-flank"))
    for mode in ("rail", "road", "sea", "ferry", "waterway"):
        own = [row for row in rows("links") if row["mode"] == mode]
        shut = [row for row in own if row["capacity_typical"] and float(row["capacity_typical"]) == 0]
        expected = [f"{len(own):,}", f"{sum(float(row['length_km']) for row in own):,.0f}", f"{len(shut):,}"]
        assert cells(text, mode)[1:4] == expected


def test_a_column_that_nothing_reads_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load("eastern-flank")
    assert counting.unread_columns(scenario) == []
    words = counting._words()  # the words before one of them is taken away
    monkeypatch.setattr(counting, "_words", lambda: words - {"max_mlc", "servers_typical"})
    found = counting.unread_columns(scenario)
    assert {"links.max_mlc", "facilities.servers_low", "facilities.servers_high"} <= set(found)
