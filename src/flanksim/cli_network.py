"""Commands for maps and graphs: write the network of a scenario or a run, make a scenario of a map."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flanksim.cli_options import JsonOption, SetOption
from flanksim.cli_support import answer_or_json, guarded, load_scenario, status_line, wrong_usage

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
    lines = [f"{path}: {made.counts[name]:,} {_HELD.get(name, name)}" for name, path in made.files.items()]
    if form == "geojson":
        parent = next(iter(made.files.values())).parent
        lines.append(f"next: open them in QGIS; docs/gis.md makes one GeoPackage of {parent}")
    answer_or_json(made.as_json, lambda: list(lines), as_json)


_HELD = {"network": "edges, one in each direction of a link", "flows": "flows, a link and day each",
         "queues": "places and days with a queue or closed troops"}  # fmt: skip
