"""The reporting checklist and the glossary, from the words of the report."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from docs.making import answer
from flanksim.report.checklists import TERMS, stress
from flanksim.scenario.reading import load
from flanksim.scenario.tables import TABLES

#: Where more is said of an item, by its number.
_MORE = {
    "1.1": "[from a question to a recommendation](recommendation.md)",
    "1.2": "[conventions](conventions.md#what-the-numbers-of-an-answer-are)",
    "1.3": "[for whoever must give an answer](how-to/analyst.md)",
    "2.1": "[picture](architecture.md)",
    "2.2": "[what the model does](model.md)",
    "2.3": "[the scenario file](scenario.md#mechanisms)",
    "2.4": "[decision 8](decisions/0008-planned-by-flow.md), [bounds](bounds.md)",
    "2.5": "[the tables](tables.md)",
    "3.1": "[what the tables rest on](data.md)",
    "3.2": "[what the tables rest on](data.md)",
    "3.3": "[parameters](tables.md#parameterscsv)",
    "3.4": "[what the model cannot know](recommendation.md#what-the-model-cannot-know)",
    "4.1": "[the notional order of battle](forces-rule.md)",
    "4.2": "[conventions](conventions.md)",
    "4.3": "[statistics](statistics.md)",
    "5.1": "`constraints.txt`",
    "5.2": "[statistics](statistics.md#differences)",
    "5.3": "[decision 15](decisions/0015-compiled-twin.md)",
    "5.4": "[README](../README.md)",
    "6.1": "[contributing](../CONTRIBUTING.md)",
}
#: Words of the docs that the report does not need.
_WORDS = (
    ("alternative", "a scenario or package that is compared with the first one"),
    ("arrived", "a unit whose troops and kit are at its assembly area, not yet joined up"),
    ("common random numbers", "the same chance for every alternative, so that what differs is the alternative"),
    ("digest", "a short hash; equal digests mean that nothing that could change an answer differs"),
    ("element", "the troops, heavy vehicles, wheeled vehicles or containers of a unit"),
    ("gate", "the entrance of a link or facility, where one waits"),
    ("horizon", "the day at whose end a run stops, closed or not"),
    ("lever", "something that can be decided: a rule, a warning, stocks, ships, concrete"),
    ("mobility delay", "mean days per soldier between ready and closed"),
    ("package", "several levers together"),
    ("permitted", "a unit that is ready and has leave to cross the borders on its way"),
    ("ready", "a unit that stands loaded in barracks and could start"),
    ("regional plan", "the part of the force that goes to one region: north, centre, south"),
    ("regime", "what civil traffic keeps, and how long leave to cross borders takes"),
    ("replication", "see run"),
    ("strategy", "the rule by which loads are given ways: shortest, spread, planned, adaptive"),
    ("typical", "the value that a run takes where nothing is drawn; low and high are its ends"),
)


def stress_sheet(_: int | None = None) -> str:
    """The twenty items for the shipped main scenario."""
    scenario, made = load(answer.SCENARIO), answer.saved()
    pins = dict(
        line.split("==") for line in Path("constraints.txt").read_text(encoding="utf-8").split() if "==" in line
    )
    manifest: dict[str, Any] = {
        "python": "3.11 or newer",
        "versions": {name: pins[name] for name in ("simpy", "networkx", "numpy", "scipy", "pandas", "pyarrow")},
        "seed": made["seed"],
        "jobs": 2,
    }
    about: Any = SimpleNamespace(
        kind="run",
        scenario=scenario,
        plan=SimpleNamespace(troops_required=scenario.question.troops_required),
        deadline=f"C+{scenario.question.deadline_days:g}",
        runs_made=made["replications"],
        manifest=manifest,
    )
    lines = ["| item | here | more |", "|---|---|---|"]
    for name, said in stress(about):
        lines.append(f"| {name} | {said} | {_MORE[str(name).split()[0]]} |")
    return "\n".join(lines) + "\n"


def glossary() -> str:
    """The page of words: those of the report, and those that only the docs use."""
    head = (
        "# Glossary\n\nOne word for one thing, in terminal, page, tables and docs. Columns: [what is in a results "
        "folder](reference/results.md); fields: [the tables](tables.md).\n\n| word | meaning |\n|---|---|\n"
    )
    words = sorted({**dict(_WORDS), **dict(TERMS)}.items(), key=lambda entry: entry[0].lower())
    return head + "".join(f"| {word} | {meaning} |\n" for word, meaning in words)


def scenarios(_: int | None = None) -> str:
    """The shipped scenarios by name, with their titles."""
    titles = {}
    for path in sorted(Path("scenarios").glob("*.yaml")):
        found = re.search(r"^title: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        titles[path.stem] = "" if found is None else found[1].strip("\"'")
    return "| name | what |\n|---|---|\n" + "".join(f"| `{name}` | {title} |\n" for name, title in titles.items())


def sources() -> str:
    """The page of sources of the shipped tables, with the tables that rest on each."""
    scenario = load(answer.SCENARIO)
    used: dict[str, list[str]] = {}
    for table in TABLES:
        for row in getattr(scenario, table).values():
            for key in str(getattr(row, "source", "")).split(";"):
                if key and table not in used.setdefault(key.strip(), []):
                    used[key.strip()].append(table)
    head = (
        "# Sources of the shipped tables\n\nEvery row of a table names one under `source`; "
        "[what the tables rest on](../data.md) counts how well the rows are known. Citations are as short as they were "
        "noted: a name of a site and a year is what is left of a page that was read.\n\n"
        "| key | source | used in |\n|---|---|---|\n"
    )
    lines = []
    for key, row in sorted(scenario.sources.items(), key=lambda entry: entry[0].lower()):
        said = " ".join(part for part in (row.citation, row.url, f"({row.note})" if row.note else "") if part)
        plain = said.replace("|", r"\|").replace("<", "&lt;").replace("*", r"\*").replace("_", r"\_")
        lines.append(
            f"| `{key}` | {plain} | {', '.join(used.get(key, ['no row of these tables'])).replace('_', ' ')} |\n"
        )
    return head + "".join(lines)
