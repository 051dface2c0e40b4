"""Commands for maps and graphs: write the network of a scenario or a run, make a scenario of a map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flanksim.cli_options import JsonOption, SetOption
from flanksim.cli_support import answer_or_json, guarded, load_scenario, say, status_line, wrong_usage

if TYPE_CHECKING:
    from flanksim.gis.importing import ImportedNetwork

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Networks for GIS and graph programs: write that of a scenario or a run, make one of a map.",
)


@app.command()
def export(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO|RESULTS",
            help="A scenario file, the name of a shipped one, or a results folder of flanksim run.",
            show_default=False,
        ),
    ],
    form: Annotated[str, typer.Option("--format", help="geojson, node-link or graphml.")] = "geojson",
    folder: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Folder for the files; default <scenario>-network, or in RESULTS.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    overrides: SetOption = None,
) -> None:  # fmt: skip
    """Write a network for GIS and graph programs; of a results folder also flows by day and queues."""
    from flanksim.gis.exporting import FORMS, export_network

    if form not in FORMS:
        raise wrong_usage(f"'{form}' is not known; use {', '.join(list(FORMS)[:-1])} or {list(FORMS)[-1]}", "--format")
    of_run = Path(source).is_dir()
    if of_run and overrides:
        raise wrong_usage("a results folder has the network that was run", "--set")
    entry = source if of_run else load_scenario(source, overrides)
    with status_line("running the middling replication again" if of_run else "writing"):
        made = guarded(lambda: export_network(entry, folder, form=form), None)
    lines = [f"{path}: {_counted(made.counts[name], _HELD.get(name, name))}" for name, path in made.files.items()]
    if form == "geojson":
        parent = next(iter(made.files.values())).parent
        lines.append(f"next: open them in QGIS; docs/gis.md makes one GeoPackage of {parent}")
    answer_or_json(made.as_json, lambda: list(lines), as_json)


@app.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="GeoJSON, OpenStreetMap XML, Overpass JSON, or UN/LOCODE tables as CSV.", show_default=False
        ),
    ],
    folder: Annotated[
        Path,
        typer.Option("-o", "--output", help="Folder for the tables; <folder>.yaml reads them.", show_default=False),
    ],
    tolerance_km: Annotated[float, typer.Option(min=0, max=100, help="Ends of lines this near are joined.")] = 0.05,
    reach_km: Annotated[float, typer.Option(min=0, max=100, help="A place lies on lines this near.")] = 2.0,
    prune: Annotated[bool, typer.Option("--prune", help="Leave out dead ends that lead to no place.")] = False,
    class_capacities: Annotated[
        bool, typer.Option("--class-capacities", help="Assume the capacity of its class for a link that states none.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a scenario of maps: places of points, links of lines, each row with its source; what is missing is said."""
    from flanksim.errors import format_problems
    from flanksim.gis.importing import import_network

    with status_line("joining lines"):
        made = guarded(
            lambda: import_network(
                files, folder, tolerance_km=tolerance_km, reach_km=reach_km, prune=prune,
                class_capacities=class_capacities,
            ),
            None,
        )  # fmt: skip
    if not as_json and (told := (*made.problems, *made.remaining)):
        say(f"{format_problems(told)}\n")
    answer_or_json(made.as_json, lambda: list(_imported(made)), as_json)


def _imported(made: ImportedNetwork) -> Iterator[str]:
    modes = ", ".join(f"{mode} {count:,}" for mode, count in made.modes.items())
    one_way = f"; {made.one_way:,} lead one way" if made.one_way else ""
    counts = {table: len(rows) for table, rows in made.tables.items()}
    sizes = f"{_counted(counts['nodes'], 'places')}, {_counted(counts['links'], 'links')}"
    yield f"{made.path}: {sizes} ({modes or 'none'}){one_way}"
    rest = [_counted(counts[table], table) for table in ("facilities", "chokepoints") if counts[table]]
    if rest:
        yield f"as they were: {', '.join(rest)}"
    lengths = ", ".join(f"{count:,} {what}" for what, count in made.lengths.items())
    joined = f"; {made.joined_ends:,} ends joined that did not meet" if made.joined_ends else ""
    yield f"lengths: {lengths or 'none'}{joined}"
    for file, why in made.left_out.items():
        if why:
            yield f"left out of {file}: {'; '.join(f'{count:,} {what}' for what, count in why.items())}"
    folder = made.path.with_suffix("")
    yield f"next: put units.csv, fleets.csv and facilities.csv into {folder}, then flanksim check {made.path}"


def _counted(count: int, what: str) -> str:
    """``1 link``, ``2,010 links``."""
    head, comma, tail = what.partition(",")
    return f"{count:,} {_ONE.get(head, head) if count == 1 else head}{comma}{tail}"


_HELD = {"network": "edges, one in each direction of a link", "flows": "flows, a link and day each",
         "queues": "queues, a place and day each"}  # fmt: skip
_ONE = {"places": "place", "links": "link", "facilities": "facility", "chokepoints": "chokepoint", "edges": "edge",
        "flows": "flow", "queues": "queue"}  # fmt: skip
