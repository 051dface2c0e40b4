"""Commands for scenario files: write one, show it, check it, say what differs between two, print the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from flanksim.cli_options import JsonOption, ScenarioArgument, SetOption
from flanksim.cli_support import (
    answer,
    answer_or_json,
    guarded,
    load_scenario,
    located,
    say,
    status_line,
)


def new(
    path: Annotated[Path, typer.Argument(help="File to write, for example my.yaml.", show_default=False)],
    source: Annotated[
        str, typer.Option("--from", help="Shipped scenario to copy, or a file of yours to lay this one over.")
    ] = "eastern-flank",
    empty: Annotated[
        bool, typer.Option("--empty", help="A small theatre of your own instead: six places, two units, tables.")
    ] = False,
) -> None:
    """Write a scenario file to be changed: a copy with its tables, a file over another, or a theatre of your own."""
    from flanksim.scenario.template import new_scenario

    written, shared = guarded(lambda: new_scenario(path, source, empty=empty), None)
    lines = [*map(str, written), *(f"{item} (was there, and is used too)" for item in shared)]
    answer("\n".join([*lines, f"next: change it, then flanksim check {path} and flanksim run {path}"]))


def show(
    scenario: ScenarioArgument,
    what: Annotated[
        str | None,
        typer.Argument(
            help="A table, or the id of a row or the name of a place: rows that concern it.", show_default=False
        ),
    ] = None,
    map_folder: Annotated[
        Path | None,
        typer.Option("--map", help="Also draw the network, as map.png and map.svg here.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
    overrides: SetOption = None,
) -> None:
    """What a scenario contains: question, forces by nation and date, network, lift, projects, assumptions, tables."""
    from flanksim.text import rows
    from flanksim.text.show import blocks, content

    entry, _, where = located(scenario, overrides)
    drawn: list[Path] = []
    if map_folder is not None:
        from flanksim.draw.network import network_map
        from flanksim.draw.style import save
        from flanksim.saving import make_folder

        drawn = guarded(lambda: save(network_map(entry), make_folder(map_folder), "map"), None)
    if what is not None:
        found = guarded(lambda: rows.rows_of(entry, what), None)
        answer_or_json(lambda: {"scenario": entry.name, "rows": found}, lambda: rows.blocks(found, where), as_json)
        return
    answer_or_json(
        lambda: content(entry) | {"map": [str(path) for path in drawn]},
        lambda: [*blocks(entry), *map(str, drawn)],
        as_json,
    )


def check(
    scenario: ScenarioArgument,
    sources: Annotated[bool, typer.Option("--sources", help="Also what the numbers rest on, table by table.")] = False,
    as_json: JsonOption = False,
    overrides: SetOption = None,
) -> None:
    """Find every problem in a scenario, routes included, without running it."""
    from flanksim.bounds.late_units import late_units
    from flanksim.errors import format_problems, problems_as_json
    from flanksim.planning.compile import compile_plan
    from flanksim.planning.rounding import rounded_servers, rounding_warnings
    from flanksim.scenario import evidence
    from flanksim.scenario.saying import placed
    from flanksim.text.check import blocks

    entry, warnings, where = located(scenario, overrides)
    with status_line("looking for routes"):
        plan = guarded(lambda: compile_plan(entry), None)
        warnings += late_units(entry, plan, where, warnings)
    warnings += placed(rounding_warnings(entry), entry.name, where)
    if warnings and not as_json:
        say(f"{format_problems(warnings)}\n")
    answer_or_json(
        lambda: {"scenario": entry.name, "digest": entry.digest} | problems_as_json(warnings),
        lambda: blocks(entry, plan) + rounded_servers(entry) + (["", *evidence.blocks(entry)] if sources else []),
        as_json,
    )


def diff(
    first: ScenarioArgument,
    second: Annotated[str, typer.Argument(help="The other scenario file or name.", show_default=False)],
    as_json: JsonOption = False,
    overrides: SetOption = None,
) -> None:
    """What differs between two scenarios, in words and by row; exit 3 if anything does.

    Both are compared as they are run: with what they extend, their tables and --set, which holds for the second alone.
    """
    from flanksim.scenario.difference import differences
    from flanksim.text.difference import as_json as to_json
    from flanksim.text.difference import blocks

    one, other = load_scenario(first, None), load_scenario(second, overrides)
    answer_or_json(lambda: to_json(one, other), lambda: blocks(one, other), as_json)
    if differences(one, other):
        raise typer.Exit(3)


def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from flanksim.scenario.describing import json_schema

    answer(json.dumps(json_schema(), indent=1))
