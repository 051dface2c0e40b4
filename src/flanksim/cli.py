"""The command line: thin, answers on stdout, progress and problems on stderr.

Exit codes: 0 done, 1 input that cannot be run, 2 wrong usage, 3 a requirement that was not met,
130 interrupted.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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


ReplicationsOption = Annotated[int | None, typer.Option("-n", "--replications", min=2, help="Runs of each.")]
MostOption = Annotated[
    int | None,
    typer.Option("--most", min=2, help="Go on in rounds of -n runs up to this many, until --precision is met."),
]
PrecisionOption = Annotated[
    float, typer.Option("--precision", min=0.001, help="Half-width of the mean closure day, as a part of it.")
]
JobsOption = Annotated[int | None, typer.Option("-j", "--jobs", min=1, help="Processes; default one a core.")]
DaskOption = Annotated[
    str | None, typer.Option("--dask", help="Scheduler of a Dask cluster: tcp://host:port.", show_default=False)
]
ResultsOption = Annotated[Path, typer.Option(help="Root of the results folders.")]
ResumeOption = Annotated[
    Path | None, typer.Option("--resume", help="Folder of a study that was interrupted: finish it.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the table.")]
SeedOption = Annotated[int | None, typer.Option(min=0, help="Root of the random streams.")]


@app.command()
def run(  # noqa: PLR0913 - one option of the command each
    scenario: ScenarioArgument,
    replications: Annotated[int | None, typer.Option("-n", "--replications", min=1, help="Number of runs.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Root of the random streams.")] = None,
    jobs: Annotated[int | None, typer.Option("-j", "--jobs", min=1, help="Processes; default one a core.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the answer.")] = False,
    results: Annotated[Path, typer.Option(help="Root of the results folders.")] = Path("results"),
    resume: ResumeOption = None,
    movements: Annotated[
        str, typer.Option(help="Save the movement table of: first, all or none of the runs.")
    ] = "first",
    bounds: Annotated[bool, typer.Option("--bounds/--no-bounds", help="Also what no schedule beats.")] = True,
    require: Annotated[
        str | None, typer.Option(help='Exit with 3 unless this holds: "closure_day <= 30" or "p_on_time >= 0.9".')
    ] = None,
    overrides: SetOption = None,
) -> None:
    """Run a scenario: the ten-line answer, a closure curve and a results folder."""
    from flanksim.study.answer import answer
    from flanksim.study.answer import as_json as to_json
    from flanksim.study.results import write_json
    from flanksim.study.study import run_study

    if movements not in ("first", "all", "none"):
        raise typer.BadParameter("first, all or none", param_hint="--movements")
    requirement = None if require is None else _requirement(require)
    entry = _load(scenario, overrides)
    with _progress(replications or entry.replications) as tick:
        study = _guard(
            lambda: run_study(
                entry,
                replications,
                seed,
                jobs=jobs,
                results=results,
                resume=resume,
                keep_movements=movements,
                progress=tick,
                bounds=bounds,
            ),
            results,
        )
    _draw(study)
    if study.folder is not None:
        write_json(study.folder / "answer.json", to_json(study))
    if as_json:
        print(json.dumps(to_json(study), indent=1))
    else:
        print(answer(study))
    if requirement is not None and not requirement(study):
        print(f"required {require}: not met", file=sys.stderr)
        raise typer.Exit(3)


@app.command()
def sweep(  # noqa: PLR0913 - one option of the command each
    scenario: ScenarioArgument,
    spending: Annotated[str, typer.Option(help="Per cent of GDP: a list 0,1.5,2 or a range 0:2.5:0.5.")] = "0:2.5:0.5",
    years: Annotated[
        str, typer.Option(help="Years: a list or a range, such as 2026:2035:2.")
    ] = "2026,2028,2030,2032,2034,2035",
    mobility: Annotated[
        str | None, typer.Option(help="Parts of spending that reach mobility: 0.05,0.12,0.25.", show_default=False)
    ] = None,
    replications: ReplicationsOption = None,
    most: MostOption = None,
    precision: PrecisionOption = 0.02,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    as_json: JsonOption = False,
    results: ResultsOption = Path("results"),
    resume: ResumeOption = None,
    require: Annotated[
        str | None, typer.Option(help='Exit with 3 unless a point meets this: "closure_day <= 30".', show_default=False)
    ] = None,
    overrides: SetOption = None,
) -> None:
    """Closure by spending and year: the surface, its figures and a results folder."""
    from flanksim.draw.style import save
    from flanksim.study.campaign import Replicate
    from flanksim.study.sweep import as_json as to_json
    from flanksim.study.sweep import as_text
    from flanksim.study.sweep import sweep as run_sweep

    requirement = None if require is None else _limit(require)
    levels, when = _levels(spending, "--spending"), [int(year) for year in _levels(years, "--years")]
    fractions = None if mobility is None else _levels(mobility, "--mobility")
    first = replications or 20
    entry = _load(scenario, overrides)
    points = len(levels) * len(when) * len(fractions or [0.0])
    with _progress(points * first, "runs") as tick:
        found = _guard(
            lambda: run_sweep(
                entry,
                levels,
                when,
                fractions,
                seed=seed,
                precision=Replicate(first, most or 0, day_half_width=precision),
                jobs=jobs,
                dask=dask,
                results=results,
                resume=resume,
                progress=tick,
            ),
            resume or results,
            "continue with the same command and --resume and the folder",
        )
    if found.folder is not None:
        save(found.plot(), found.folder, "surface")
        save(found.plot_curve(), found.folder, "spending-curve")
        save(found.plot_timeline(), found.folder, "timeline")
    print(json.dumps(to_json(found), indent=1) if as_json else as_text(found))
    if requirement is not None and not any(
        requirement({"closure_day": found.closure_day(p).mean, "p_on_time": found.p_on_time(p).mean,
                     "on_time_share": found.on_time_share(p)}) and not found.unclosed(p)
        for p in found.points
    ):  # fmt: skip
        print(f"required {require}: met by no point", file=sys.stderr)
        raise typer.Exit(3)


@app.command()
def compare(  # noqa: PLR0913 - one option of the command each
    scenarios: Annotated[list[str], typer.Argument(help="Scenario files or names; the first is the yardstick.")],
    projects: Annotated[
        list[str] | None,
        typer.Option("--projects", help="A portfolio on the first scenario: PR01 or PR05+PR06; may be repeated."),
    ] = None,
    every_project: Annotated[bool, typer.Option("--every-project", help="Each project alone, as a portfolio.")] = False,
    replications: ReplicationsOption = None,
    most: MostOption = None,
    precision: PrecisionOption = 0.02,
    indifference: Annotated[float, typer.Option(min=0, help="A difference below so many days does not matter.")] = 0.5,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    as_json: JsonOption = False,
    results: ResultsOption = Path("results"),
    resume: ResumeOption = None,
    bounds: Annotated[
        bool | None, typer.Option("--bounds/--no-bounds", help="Also what no schedule beats; default up to 8.")
    ] = None,
    require: Annotated[
        str | None,
        typer.Option(help='Exit with 3 unless every other meets this: "difference_days < 0".', show_default=False),
    ] = None,
    overrides: SetOption = None,
) -> None:
    """Paired differences between scenarios or portfolios, and what can be told apart."""
    from flanksim.draw.style import save
    from flanksim.study.campaign import Replicate
    from flanksim.study.compare import as_json as to_json
    from flanksim.study.compare import as_text
    from flanksim.study.compare import compare as run_compare

    requirement = None if require is None else _limit(require)
    most_bounds = 8  # a bound takes some seconds; more alternatives get theirs with --bounds
    entries = [_load(name, overrides) for name in scenarios]
    portfolios = [tuple(part for part in text.split("+") if part) for text in projects or []]
    portfolios += [(key,) for key in sorted(entries[0].projects)] if every_project else []
    first = replications or 30
    with _progress((len(entries) + len(portfolios)) * first, "runs") as tick:
        found = _guard(
            lambda: run_compare(
                entries,
                portfolios,
                seed=seed,
                indifference_days=indifference,
                precision=Replicate(first, most or 0, day_half_width=precision),
                jobs=jobs,
                dask=dask,
                results=results,
                resume=resume,
                progress=tick,
                bounds=len(entries) + len(portfolios) <= most_bounds if bounds is None else bounds,
            ),
            resume or results,
            "continue with the same command and --resume and the folder",
        )
    if found.folder is not None:
        save(found.plot(), found.folder, "value")
    print(json.dumps(to_json(found), indent=1) if as_json else as_text(found))
    rows = [row for _, row in found.table().iloc[1:].iterrows()]
    if requirement is not None and not all(requirement(dict(row)) for row in rows):
        print(f"required {require}: not met by every alternative", file=sys.stderr)
        raise typer.Exit(3)


@app.command()
def bound(
    scenario: ScenarioArgument,
    time_expanded: Annotated[
        bool, typer.Option("--time-expanded", help="Also step by step, which takes longer.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, help="For the replication of this seed alone; without, for every one.")
    ] = None,
    ahead: Annotated[int, typer.Option(min=0, help="Bottlenecks to double, one after the other.")] = 3,
    screen: Annotated[bool, typer.Option("--screen", help="Also the bound with each project alone (minutes).")] = False,
    jobs: JobsOption = None,
    as_json: JsonOption = False,
    require: Annotated[
        str | None, typer.Option(help='Exit with 3 unless this holds: "closure_day <= 30".', show_default=False)
    ] = None,
    overrides: SetOption = None,
) -> None:
    """What no schedule can beat, on any admissible route, and the price of each capacity."""
    from flanksim.bounds.ladder import ladder
    from flanksim.bounds.telling import tell
    from flanksim.study import screen as screening

    requirement = None if require is None else _limit(require)
    entry = _load(scenario, overrides)
    found = _guard(lambda: ladder(entry, time_expanded=time_expanded, seed=seed, ahead=ahead), None)
    content, text = found.as_json(), tell(found)
    if screen:
        with _progress(len(entry.projects) + 1, "networks") as tick:
            today, rows = _guard(lambda: screening.screen(entry, jobs=jobs, progress=tick), None)
        content["projects"] = screening.as_json(rows)
        text += "\n\n" + screening.as_text(today, rows)
    print(json.dumps(content, indent=1) if as_json else text)
    if requirement is not None and not requirement({"closure_day": found.day}):
        print(f"required {require}: no schedule can meet it", file=sys.stderr)
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
def report(
    results: Annotated[Path, typer.Argument(help="Folder of a run, sweep or comparison.", show_default=False)],
    explain: Annotated[
        bool, typer.Option("--explain", help="First try what one step more of the largest contributors would save.")
    ] = False,
    jobs: JobsOption = None,
) -> None:
    """Write report.html: the answer with its reasons, sources and limits on one page."""
    from flanksim.report.build import build

    if not explain:
        print(_guard(lambda: build(results), None))
        return
    from flanksim.study.explain import TRIES

    with _progress(1 + TRIES, "explaining") as tick:
        page = _guard(lambda: build(results, explain=True, jobs=jobs, progress=tick), None)
    print(page)


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
def explain(
    results: Annotated[Path, typer.Argument(help="A results folder of flanksim run.", show_default=False)],
    unit: Annotated[str | None, typer.Argument(help="Explain this unit instead of the whole force.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")] = False,
    no_try: Annotated[bool, typer.Option("--no-try", help="Do not re-run anything to see what would help.")] = False,
    replications: Annotated[int, typer.Option("-n", "--replications", min=1, help="Runs to replay.")] = 10,
    jobs: Annotated[int | None, typer.Option("-j", "--jobs", min=1, help="Processes; default one a core.")] = None,
) -> None:
    """Why so late, and what to try: critical path, ledger, and single steps under common random numbers."""
    from flanksim.study.explain import TRIES, tell
    from flanksim.study.explain import as_json as to_json
    from flanksim.study.explain import explain as explained

    tries = 0 if no_try else TRIES
    with _progress(1 + tries, "explaining") as tick:
        found = _guard(lambda: explained(results, unit, runs=replications, tries=tries, jobs=jobs, progress=tick), None)
    print(json.dumps(to_json(found), indent=1) if as_json else tell(found))


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


def _levels(text: str, option: str) -> list[float]:
    """``0:2.5:0.5`` (end included) or ``0,1.5,2``."""
    found: list[float] = []
    with suppress(ValueError, ZeroDivisionError):
        if ":" in text:
            start, end, step = [*map(float, text.split(":")), 1.0][:3]
            found = [round(start + number * step, 9) for number in range(int((end - start) / step + 1e-9) + 1)]
        else:
            found = [float(part) for part in text.split(",") if part.strip()]
    if not found:
        raise typer.BadParameter(f"'{text}' is neither a list nor start:end:step", param_hint=option)
    return found


def _limit(text: str) -> Callable[[dict[str, float]], bool]:
    """A test on one number of a row, such as ``difference_days < 0``."""
    names = "closure_day|p_on_time|on_time_share|difference_days|difference_share"
    match = re.fullmatch(rf"\s*({names})\s*(<=|>=|<|>)\s*(-?[0-9.]+)\s*", text)
    if match is None:
        raise typer.BadParameter(f"'{text}' is not understood; use {names.replace('|', ', ')}", param_hint="--require")
    name, compare_, limit = match.group(1), _COMPARE[match.group(2)], float(match.group(3))
    return lambda row: name in row and compare_(row[name], limit)


def _guard(work: Callable[[], T], results: Path | None, remedy: str = "") -> T:
    """Run `work`; problems and interruptions end the program with their exit codes."""
    from flanksim.errors import FlanksimError

    try:
        return work()
    except FlanksimError as error:
        print(f"{error}\n", file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        where = "" if results is None else f"; the runs that had finished are in {results}"
        print(f"\ninterrupted{where}" + (f"; {remedy}" if remedy else ""), file=sys.stderr)
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
        TextColumn("{task.speed:.2f}/s" if what == "runs" else ""),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done, wanted: progress.update(task, completed=done, total=wanted)


def _draw(study: Study) -> None:
    from flanksim.draw.style import save

    if study.folder is not None:
        save(study.plot(), study.folder, "closure")


if __name__ == "__main__":
    main()
