"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flanksim.cli_support import engine_asked, problems_in_json

GO_ON = "continue with the same command and --resume and the folder"

ScenarioArgument = Annotated[
    str, typer.Argument(help="A scenario file, or the name of a shipped one.", show_default=False)
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a value: --set regime.traffic=peace. Wins over the file; may be repeated."),
]


ReplicationsOption = Annotated[int | None, typer.Option("-n", "--replications", min=2, help="Runs of each.")]
MostOption = Annotated[
    int | None,
    typer.Option("--most", min=2, help="Go on in rounds of -n runs up to this many, until --precision is met."),
]
PrecisionOption = Annotated[
    float, typer.Option("--precision", min=0.001, help="Half-width of the mean closure day, as a part of it.")
]
CarryOverOption = Annotated[
    bool,
    typer.Option("--carry-over/--plan-anew", help="Keep a plan of less unless a new one is clearly better."),
]
JobsOption = Annotated[int | None, typer.Option("-j", "--jobs", min=1, help="Processes; default one a core.")]
DaskOption = Annotated[
    str | None, typer.Option("--dask", help="Scheduler of a Dask cluster: tcp://host:port.", show_default=False)
]
ResultsOption = Annotated[Path, typer.Option(help="Root of the results folders.")]
ResumeOption = Annotated[
    Path | None, typer.Option("--resume", help="Folder of a study that was interrupted: finish it.", show_default=False)
]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON object instead of text, problems included.", callback=problems_in_json),
]
FirstOption = Annotated[
    int, typer.Option("--first", min=2, help="Pairs of each to begin with; all of -n only where it may matter.")
]
PageOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--page", help="Document whose table of this study is written anew; may be repeated.", show_default=False
    ),
]
SeedOption = Annotated[int | None, typer.Option(min=0, help="Root of the random streams.")]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine", help="simpy or compiled: the same answer; default compiled where it pays.", show_default=False,
        callback=engine_asked,
    ),
]  # fmt: skip
WorldsOption = Annotated[
    int,
    typer.Option("--worlds", min=0, help="Worlds in which every uncertain number is drawn anew, beside these runs."),
]
WorldRunsOption = Annotated[int | None, typer.Option("--world-runs", min=1, help="Runs of each world; 4 without.")]
