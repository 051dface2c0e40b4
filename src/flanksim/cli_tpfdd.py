"""Commands for TPFDD-like files of movement requirements: check one, make a scenario of it, write what became of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flanksim.cli_options import JsonOption
from flanksim.cli_support import answer, answer_or_json, guarded, say, status_line
from flanksim.tpfdd import WARNING

if TYPE_CHECKING:
    from flanksim.errors import Problem

FileArgument = Annotated[Path, typer.Argument(help="A CSV file of requirements.", show_default=False)]
CDayOption = Annotated[
    str | None,
    typer.Option("--c-day", help="When C-day is, for files with dates: 2027-03-01.", show_default=False),
]
ColumnsOption = Annotated[
    Path | None,
    typer.Option("--columns", help="YAML file with headers of your own: ULN: [Kennung].", show_default=False),
]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="TPFDD-like movement requirements: check a file, make a scenario of it, write what became of it. "
    "For synthetic data only.",
)


@app.command()
def lint(
    file: FileArgument,
    scenario: Annotated[
        str | None,
        typer.Option("--scenario", help="Scenario file or name on whose network they move.", show_default=False),
    ] = None,
    c_day: CDayOption = None,
    columns: ColumnsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find every problem in a file of requirements; exit 1 if there are errors."""
    from flanksim.tpfdd.lint import lint_requirements

    say(WARNING)
    with status_line("comparing with the network"):
        found = guarded(lambda: lint_requirements(file, scenario, c_day=c_day, columns=columns), None)
    if as_json:
        answer(json.dumps(found.as_json(), indent=1))
    else:
        _say_problems(found.problems)
        if not found.errors:
            rows = found.requirements
            troops, tonnes = sum(entry.troops for entry in rows), sum(entry.tonnes for entry in rows)
            answer(f"{found.file}: no errors in {len(rows):,} requirements, {troops:,} passengers, {tonnes:,.0f} t")
    if found.errors:
        raise typer.Exit(1)


@app.command("import")
def import_(
    file: FileArgument,
    target: Annotated[
        Path, typer.Argument(help="Scenario file to write: mine.yaml, with its units in mine/.", show_default=False)
    ],
    scenario: Annotated[
        str, typer.Option("--scenario", help="Scenario file or name on whose network they move.", show_default=False)
    ],
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Leave rows with errors out, instead of refusing the file.")
    ] = False,
    c_day: CDayOption = None,
    columns: ColumnsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a scenario of a file of requirements, each traced to its ULN; what could not be mapped is said."""
    from flanksim.tpfdd.importing import import_requirements

    say(WARNING)
    with status_line("comparing with the network"):
        made = guarded(
            lambda: import_requirements(file, scenario, target, c_day=c_day, columns=columns, leave_out=leave_out), None
        )
    if not as_json:
        _say_problems(made.problems)
    count = sum(len(unit.requirements) for unit in made.units)
    lines = [f"{target}: {count:,} requirements as {len(made.units):,} units; each names its ULNs in its note"]
    if made.left_out:
        lines.append(f"left out, with errors: {', '.join(made.left_out)}")
    lines.append(f"next: flanksim check {target}, flanksim run {target}, flanksim tpfdd export RESULTS FILE")
    answer_or_json(made.as_json, lambda: list(lines), as_json)


@app.command()
def export(
    results: Annotated[Path, typer.Argument(help="A results folder of flanksim run.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="CSV file to write.", show_default=False)],
    as_json: JsonOption = False,
) -> None:
    """Write the requirements of a run again, with the days on which each was ready, in and closed, and why."""
    from flanksim.tpfdd.exporting import export_requirements

    say(WARNING)
    with status_line("running the middling replication again"):
        found = guarded(lambda: export_requirements(results, file), None)
    closed = sum(bool(row.get("ACTUAL_CLOSED")) for row in found.rows)
    late = sum(float(row.get("ACTUAL_DAYS_LATE") or 0.0) > 0.0 for row in found.rows)
    own = "" if found.traced else "; the units came from no file of requirements, so that rows were made of them"
    said = f"{file}: {len(found.rows):,} requirements, {closed:,} closed, {late:,} of these late{own}"
    answer_or_json(found.as_json, lambda: [said], as_json)


def _say_problems(problems: tuple[Problem, ...]) -> None:
    """Problems on stderr, where there are any."""
    from flanksim.errors import format_problems

    if problems:
        say(f"{format_problems(problems)}\n")
