"""`docs/reference/results.md`: what is in a results folder, with every column of its tables."""

from __future__ import annotations

from collections.abc import Sequence

from flanksim.study.saved_columns import TABLES, SavedColumn

_HEAD = """# What is in a results folder

Every study saves itself: `results/NAME/TIME/`. Nothing in it needs flanksim to be read; tables are Parquet, which
pandas, R and DuckDB open. `flanksim.open(FOLDER)` gives the study back, and `--resume FOLDER` finishes one that was
interrupted. Made from the code by `python -m docs.making`.

| file | of | holds |
|---|---|---|
| `manifest.json` | every study | kind, command, seed, status, digests, versions of the packages |
| `scenario.yaml` | every study | the resolved scenario with all its tables; it loads again to the same digest |
| `parts/` | every study | one small table a run, as it ends: what `--resume` goes on from |
| `answer.json` | `run` | what `--json` prints |
| `bound.json` | `run`, `bound` | days before which no schedule closes the force |
| `explain.json`, `explain.txt` | `explain` | why so late, and what steps, projects and levers save |
| `explain-tried.json` | `explain` | closure hours by seed of all that was tried, so that none of it is run again |
| `projects.json` | `run` of a year | what spending has built |
| `network.json` | studies of an edited network | the graph that was handed in |
| `search.json` | `reach`, `portfolio` | what the search has excluded and run |
| `losses.json` | `lose` | what was lost, in pairs too, and what was tried to make up for it |
| `report.html` | `report` | the page |
| `*.png`, `*.svg` | most | figures |

In the tables, days are C-day labels: C+30.0 is the end of the thirtieth day after C-day. Shares and chances are 0 to 1.
An empty cell is a number that is not known, such as the closure of what never closed. A name with `_low` and `_high` is
three columns: a mean and its interval of 95 %.
"""


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(
        f"\n## {name} of {command}\n\nOne row {row}.\n\n{_table(columns)}"
        for (command, name), (row, columns) in TABLES.items()
    )


def _table(columns: Sequence[SavedColumn]) -> str:
    lines = ["| column | unit | meaning |", "|---|---|---|"]
    for entry in columns:
        names = f"`{entry.name}`, `_low`, `_high`" if entry.interval else f"`{entry.name}`"
        lines.append(f"| {names} | {entry.unit} | {entry.meaning.replace('*', chr(92) + '*')} |")
    return "\n".join(lines) + "\n"
