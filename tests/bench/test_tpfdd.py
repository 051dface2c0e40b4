"""How long 10,000 requirements take: ``python -m pytest tests/bench/test_tpfdd.py -s --override-ini addopts=``.

Synthetic rows on the places of eastern-flank; it prints, and asserts nothing about time.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path
from time import process_time

from flanksim import lint_requirements, load
from flanksim.errors import format_problems
from flanksim.scenario.schema import Scenario

ROWS = 10_000
HEADER = "ULN NATION PAX_TOTAL STONS WHEELED HEAVY CONTAINERS SQFT MAX_MLC ORIGIN DEST RLD RDD".split()


def rows(scenario: Scenario, *, wrong: bool) -> Iterator[list[object]]:
    """Requirements between homes and assembly areas of units; wrong: each with a number and a date that cannot be."""
    draw = random.Random(1)
    units = list(scenario.travelling_units.values())
    for number in range(ROWS):
        unit, heavy = draw.choice(units), draw.choice((0, 0, 4))
        ready = int(unit.ready_day)
        required = "later" if wrong else f"C{ready + draw.randint(0, 30):03d}"
        yield [
            f"{number:05d}X", unit.nation, draw.randint(5, 60), -1 if wrong else draw.randint(20, 200),
            draw.randint(2, 20), heavy, draw.randint(0, 9), draw.randint(300, 3000), 60 if heavy else 20,
            unit.home_node, unit.assembly_node, f"C+{ready}", required,
        ]  # fmt: skip


def test_ten_thousand_rows(tmp_path: Path) -> None:
    scenario = load("eastern-flank")
    for wrong in (False, True):
        path = tmp_path / f"moves-{wrong}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADER, *rows(scenario, wrong=wrong)])
        for against in (None, scenario):
            start = process_time()
            found = lint_requirements(path, against)
            checked = process_time()
            text = format_problems(found.problems)
            print(
                f"\n{ROWS:,} rows, {'each wrong' if wrong else 'as drawn'}, "
                f"{'alone' if against is None else 'against eastern-flank'}: {checked - start:.2f} s, "
                f"{len(found.problems):,} problems; {process_time() - checked:.2f} s to write {len(text):,} characters"
            )
            assert len(found.problems) >= (2 * ROWS if wrong else 0)
