"""The command line: thin, answers on stdout, progress and problems on stderr.

Exit codes: 0 done, 1 input that cannot be run, 2 wrong usage, 3 a requirement that was not met,
130 interrupted.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from flanksim.scenario.schema import Scenario
    from flanksim.study.study import Study

T = TypeVar("T")

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Open force-deployment simulator: on which day is the force closed, how sure is that, and why so late?",
)

ScenarioArgument = Annotated[
    str, typer.Argument(help="A scenario file, or the name of a shipped one.", show_default=False)
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a value: --set regime.traffic=peace. Wins over the file; may be repeated."),
]


@app.command()
def run(
    scenario: ScenarioArgument,
    replications: Annotated[int | None, typer.Option("-n", "--replications", min=1, help="Number of runs.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Root of the random streams.")] = None,
    jobs: Annotated[int | None, typer.Option("-j", "--jobs", min=1, help="Processes; default one a core.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the answer.")] = False,
    results: Annotated[Path, typer.Option(help="Root of the results folders.")] = Path("results"),
    movements: Annotated[
        str, typer.Option(help="Save the movement table of: first, all or none of the runs.")
    ] = "first",
    require: Annotated[
        str | None, typer.Option(help='Exit with 3 unless this holds: "closure_day <= 30" or "p_on_time >= 0.9".')
    ] = None,
    overrides: SetOption = None,
) -> None:
    """Run a scenario: the ten-line answer, a closure curve and a results folder."""
    from flanksim.study.answer import answer
    from flanksim.study.answer import as_json as to_json
    from flanksim.study.study import run_study

    if movements not in ("first", "all", "none"):
        raise typer.BadParameter("first, all or none", param_hint="--movements")
    requirement = None if require is None else _requirement(require)
    entry = _load(scenario, overrides)
    with _progress(replications or entry.replications) as tick:
        study = _guard(
            lambda: run_study(
                entry, replications, seed, jobs=jobs, results=results, keep_movements=movements, progress=tick
            ),
            results,
        )
    _draw(study)
    if as_json:
        print(json.dumps(to_json(study), indent=1))
    else:
        print(answer(study))
    if requirement is not None and not requirement(study):
        print(f"required {require}: not met", file=sys.stderr)
        raise typer.Exit(3)


@app.command()
def check(scenario: ScenarioArgument, overrides: SetOption = None) -> None:
    """Find every problem in a scenario, routes included, without running it."""
    from flanksim.planning.compile import compile_plan

    entry = _load(scenario, overrides)
    plan = _guard(lambda: compile_plan(entry), None)
    print(
        f"{entry.name}: no errors\n  {len(plan.units)} units, {plan.troops_required:,} troops required, "
        f"{plan.moving_serials:,} serials on {len(plan.gates):,} gates, {len(plan.servers)} facilities, "
        f"{sum(len(pool.assets) for pool in plan.pools):,} lift groups in {len(plan.pools)} pools"
    )


@app.command()
def new(
    path: Annotated[Path, typer.Argument(help="File to write, for example my.yaml.", show_default=False)],
    source: Annotated[str, typer.Option("--from", help="Shipped scenario to start from.")] = "eastern-flank",
) -> None:
    """Copy a shipped scenario and its tables, ready to be changed."""
    from flanksim.study.copying import copy_scenario

    written = _guard(lambda: copy_scenario(source, path), None)
    print("\n".join(str(entry) for entry in written))
    print(f"next: flanksim run {path}")


@app.command()
def verify(
    case: Annotated[list[str] | None, typer.Argument(help="Cases to run, for example V24; all without.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the table.")] = False,
) -> None:
    """Check the engine against answers that it did not compute; exit 1 on a miss."""
    from flanksim.verify.suite import CASES, run_case
    from flanksim.verify.suite import as_json as to_json

    wanted = {name.upper() for name in case or []}
    unknown = wanted - {entry.id for entry in CASES}
    if unknown:
        raise typer.BadParameter(f"no such case: {', '.join(sorted(unknown))}")
    chosen = [entry for entry in CASES if not wanted or entry.id in wanted]
    results = []
    with _progress(len(chosen), "cases") as tick:
        for entry in chosen:
            results.append(run_case(entry))
            tick(len(results), len(chosen))
    if as_json:
        print(json.dumps(to_json(results), indent=1))
    else:
        for result in results:
            print(f"{result.id}  {result.status:<8} {result.title}")
            for check in result.checks if wanted or result.status == "fail" else ():
                sign = "" if check.holds else "  <- outside" if check.precise else "  <- not precise enough"
                print(
                    f"       {check.what}: {check.got:.9g}, expected {check.expected:.9g} ± {check.tolerance:.2g}{sign}"
                )
        counts = {status: sum(result.status == status for result in results) for status in ("pass", "fail", "not yet")}
        seconds = sum(result.seconds for result in results)
        print(f"{counts['pass']} pass, {counts['fail']} fail, {counts['not yet']} not yet; {seconds:.0f} s")
    if any(result.status == "fail" for result in results):
        raise typer.Exit(1)


@app.command()
def bound(
    scenario: ScenarioArgument,
    time_expanded: Annotated[
        bool, typer.Option("--time-expanded", help="Also solve the time-expanded program (minutes).")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, help="For the replication of this seed alone; without, for every one.")
    ] = None,
    ahead: Annotated[int, typer.Option(min=0, help="Bottlenecks to double, one after the other.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the table.")] = False,
    overrides: SetOption = None,
) -> None:
    """What no schedule can beat, on any admissible route, and the price of each capacity."""
    from flanksim.bounds.ladder import ladder
    from flanksim.bounds.telling import tell

    entry = _load(scenario, overrides)
    found = _guard(lambda: ladder(entry, time_expanded=time_expanded, seed=seed, ahead=ahead), None)
    print(json.dumps(found.as_json(), indent=1) if as_json else tell(found))


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from flanksim.scenario.reading import json_schema

    print(json.dumps(json_schema(), indent=1))


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        from importlib.metadata import version as installed

        print(installed("flanksim"))
        raise typer.Exit(0)


def main() -> None:
    """Entry point."""
    app(prog_name="flanksim")


# ---- helpers ------------------------------------------------------------------------------------


def _load(scenario: str, overrides: list[str] | None) -> Scenario:
    from flanksim.scenario.reading import load

    return _guard(lambda: load(scenario, _nested(overrides or [])), None)


def _nested(pairs: list[str]) -> dict[str, Any]:
    from ruamel.yaml import YAML

    found: dict[str, Any] = {}
    for pair in pairs:
        path, equals, text = pair.partition("=")
        if not equals or not path:
            raise typer.BadParameter(f"'{pair}' is not of the form name.name=value", param_hint="--set")
        here = found
        *parents, last = path.split(".")
        for name in parents:
            here = here.setdefault(name, {})
        value = YAML(typ="safe").load(text)
        shorthand = parents[:1] == ["parameters"] and len(parents) == 1 and isinstance(value, int | float)
        here[last] = {"low": value, "typical": value, "high": value} if shorthand else value
    return found


def _guard(work: Callable[[], T], results: Path | None) -> T:
    """Run `work`; problems and interruptions end the program with their exit codes."""
    from flanksim.errors import FlanksimError

    try:
        return work()
    except FlanksimError as error:
        print(f"{error}\n", file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        where = "" if results is None else f"; the runs that had finished are in {results}"
        print(f"\ninterrupted{where}", file=sys.stderr)
        raise typer.Exit(130) from None


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}


def _requirement(text: str) -> Callable[[Study], bool]:
    """A test such as ``closure_day <= 30``; a closure that never came meets no upper limit."""
    match = re.fullmatch(r"\s*(closure_day|p_on_time|on_time_share)\s*(<=|>=|<|>)\s*([0-9.]+)\s*", text)
    if match is None:
        raise typer.BadParameter(
            f"'{text}' is not understood; use closure_day, p_on_time or on_time_share with <=, >=, < or > and a number",
            param_hint="--require",
        )
    metric, compare, limit = match.group(1), _COMPARE[match.group(2)], float(match.group(3))

    def holds(study: Study) -> bool:
        if metric == "closure_day" and study.unclosed():
            return False
        return compare(getattr(study, metric)().mean, limit)

    return holds


@contextmanager
def _progress(total: int, what: str = "replications") -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr with rate and time left; silent where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done, _: progress.update(task, completed=done)


def _draw(study: Study) -> None:
    from flanksim.draw.style import save

    if study.folder is not None:
        save(study.plot(), study.folder, "closure")
