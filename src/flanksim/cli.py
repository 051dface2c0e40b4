"""The command line: thin, answers on stdout, progress and problems on stderr.

Exit codes: 0 done, 1 input that cannot be run or a file that cannot be written, 2 wrong usage, 3 a requirement
that was not met or scenarios that differ, 130 interrupted with Ctrl-C, 143 ended by SIGTERM (129 by SIGHUP).
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from flanksim import cli_network, cli_scenarios, cli_tpfdd
from flanksim.cli_options import (
    GO_ON,
    CarryOverOption,
    DaskOption,
    EngineOption,
    JobsOption,
    JsonOption,
    MostOption,
    PageOption,
    PrecisionOption,
    ReplicationsOption,
    ResultsOption,
    ResumeOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    WorldRunsOption,
    WorldsOption,
)
from flanksim.cli_studies import (
    MOST_BOUNDS,
    best_buys,
    draw_comparison,
    draw_sweep,
    lose,
    portfolio,
    reach,
    robust,
    sensitivity,
)
from flanksim.cli_support import (
    OF_A_RUN,
    answer,
    answer_or_json,
    guarded,
    levels_of,
    limit_on,
    load_scenario,
    progress_bar,
    requirement_of,
    run_program,
    say,
    say_problems,
    status_line,
    write_pages,
    wrong_usage,
)

if TYPE_CHECKING:
    from flanksim.study.study import Study

T = TypeVar("T")


app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Open force-deployment simulator: on which day is the force closed, how sure is that, and why so late?",
)


for _command in (cli_scenarios.new, cli_scenarios.show, cli_scenarios.check, cli_scenarios.diff, cli_scenarios.schema):
    app.command()(_command)


@app.command()
def run(  # noqa: PLR0913 - one option of the command each
    scenario: ScenarioArgument,
    replications: Annotated[int | None, typer.Option("-n", "--replications", min=1, help="Number of runs.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Root of the random streams.")] = None,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    as_json: JsonOption = False,
    results: Annotated[Path, typer.Option(help="Root of the results folders.")] = Path("results"),
    resume: ResumeOption = None,
    movements: Annotated[
        str, typer.Option(help="Save the movement table of: first, all or none of the runs.")
    ] = "first",
    bounds: Annotated[bool, typer.Option("--bounds/--no-bounds", help="Also what no schedule beats.")] = True,
    require: Annotated[
        str | None, typer.Option(help='Exit with 3 unless this holds: "closure_day <= 30" or "p_on_time >= 0.9".')
    ] = None,
    worlds: WorldsOption = 0,
    world_runs: WorldRunsOption = None,
    engine: EngineOption = None,
    overrides: SetOption = None,
) -> None:
    """Run a scenario: the answer on one screen, its figures and a results folder."""
    from flanksim.study.study import run as run_study
    from flanksim.text.run import as_json as to_json
    from flanksim.text.run import blocks

    if movements not in ("first", "all", "none"):
        raise wrong_usage(f"'{movements}' is not known; use first, all or none", "--movements")
    requirement = None if require is None else requirement_of(require)
    entry = load_scenario(scenario, overrides)
    after = "what no schedule beats, tables and figures" if bounds else "tables and figures"
    with progress_bar(replications or entry.replications, after=after) as tick:
        study = guarded(
            lambda: run_study(
                entry,
                replications,
                seed,
                jobs=jobs,
                dask=dask,
                results=results,
                resume=resume,
                keep_movements=movements,
                progress=tick,
                bounds=bounds,
                also=_draw,
                engine=engine,
                worlds=worlds,
                world_runs=world_runs,
            ),
            resume or results,
            GO_ON,
        )
    answer_or_json(lambda: to_json(study), lambda: blocks(study), as_json)
    if requirement is not None and not requirement(study):
        say(f"required {require}: not met")
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
    carry_over: CarryOverOption = True,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    as_json: JsonOption = False,
    results: ResultsOption = Path("results"),
    resume: ResumeOption = None,
    page: PageOption = None,
    require: Annotated[
        str | None, typer.Option(help='Exit with 3 unless a point meets this: "closure_day <= 30".', show_default=False)
    ] = None,
    worlds: WorldsOption = 0,
    world_runs: WorldRunsOption = None,
    engine: EngineOption = None,
    overrides: SetOption = None,
) -> None:
    """Closure by spending and year: the surface, its figures and a results folder."""
    from flanksim.study.experiment import Replicate
    from flanksim.study.sweep import sweep as run_sweep
    from flanksim.text.sweep import as_json as to_json
    from flanksim.text.sweep import blocks, markdown

    requirement = None if require is None else limit_on(require, OF_A_RUN)
    levels, when = levels_of(spending, "--spending"), levels_of(years, "--years")
    if any(year != int(year) for year in when):
        raise wrong_usage(f"'{years}' are no whole years; use 2026,2030 or 2026:2035:2", "--years")
    fractions = None if mobility is None else levels_of(mobility, "--mobility")
    first = replications or 20
    entry = load_scenario(scenario, overrides)
    points = len(levels) * len(when) * len(fractions or [0.0])
    with progress_bar(points * first, "runs") as tick:
        found = guarded(
            lambda: run_sweep(
                entry,
                levels,
                [int(year) for year in when],
                fractions,
                seed=seed,
                precision=Replicate(first, most or 0, day_half_width=precision),
                jobs=jobs,
                dask=dask,
                results=results,
                resume=resume,
                progress=tick,
                carry_over=carry_over,
                also=draw_sweep,
                engine=engine,
                worlds=worlds,
                world_runs=world_runs,
            ),
            resume or results,
            GO_ON,
        )
    write_pages(page, {f"sweep of {entry.name}": partial(markdown, found)}, entry, surface=found.plot)
    answer_or_json(lambda: to_json(found), lambda: blocks(found), as_json)
    if requirement is not None and not any(
        requirement({"closure_day": found.closure_day(p).mean, "p_on_time": found.p_on_time(p).mean,
                     "on_time_share": found.on_time_share(p).mean}) and not found.unclosed(p)
        for p in found.points
    ):  # fmt: skip
        say(f"required {require}: met by no point")
        raise typer.Exit(3)


@app.command()
def compare(  # noqa: PLR0913 - one option of the command each
    scenarios: Annotated[list[str], typer.Argument(help="Scenario files or names; the first is the baseline.")],
    projects: Annotated[
        list[str] | None,
        typer.Option(
            "--projects", help="Projects or levers on the first scenario: PR03 or PR05+PR06; may be repeated."
        ),
    ] = None,
    every_project: Annotated[bool, typer.Option("--every-project", help="Each project alone, as a portfolio.")] = False,
    replications: ReplicationsOption = None,
    most: MostOption = None,
    precision: PrecisionOption = 0.02,
    carry_over: CarryOverOption = True,
    indifference: Annotated[float, typer.Option(min=0, help="A difference below so many days does not matter.")] = 0.5,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    as_json: JsonOption = False,
    results: ResultsOption = Path("results"),
    resume: ResumeOption = None,
    page: PageOption = None,
    bounds: Annotated[
        bool | None, typer.Option("--bounds/--no-bounds", help="Also what no schedule beats; default up to 8.")
    ] = None,
    require: Annotated[
        str | None,
        typer.Option(help='Exit with 3 unless every other meets this: "difference_days < 0".', show_default=False),
    ] = None,
    worlds: WorldsOption = 0,
    world_runs: WorldRunsOption = None,
    engine: EngineOption = None,
    overrides: SetOption = None,
) -> None:
    """Paired differences between scenarios or portfolios, and what can be told apart."""
    from flanksim.study.compare import compare as run_compare
    from flanksim.study.experiment import Replicate
    from flanksim.text.comparison import as_json as to_json
    from flanksim.text.comparison import blocks, markdown

    requirement = None if require is None else limit_on(require, (*OF_A_RUN, "difference_days", "difference_share"))
    entries = [load_scenario(name, overrides) for name in scenarios]
    portfolios = [tuple(part for part in text.split("+") if part) for text in projects or []]
    portfolios += [(key,) for key in sorted(entries[0].projects)] if every_project else []
    first = replications or 30
    with progress_bar((len(entries) + len(portfolios)) * first, "runs") as tick:
        found = guarded(
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
                carry_over=carry_over,
                bounds=len(entries) + len(portfolios) <= MOST_BOUNDS if bounds is None else bounds,
                also=draw_comparison,
                engine=engine,
                worlds=worlds,
                world_runs=world_runs,
            ),
            resume or results,
            GO_ON,
        )
    write_pages(page, {f"comparison of {entries[0].name}": partial(markdown, found)}, entries[0])
    answer_or_json(lambda: to_json(found), lambda: blocks(found), as_json)
    rows = [row for _, row in found.table().iloc[1:].iterrows()]
    if requirement is not None and not all(requirement(dict(row)) for row in rows):
        say(f"required {require}: not met by every alternative")
        raise typer.Exit(3)


app.command("best-buys")(best_buys)
app.add_typer(cli_network.app, name="network")
app.add_typer(cli_tpfdd.app, name="tpfdd")
app.command()(sensitivity)
app.command()(reach)
app.command()(robust)
app.command()(portfolio)
app.command()(lose)


@app.command()
def bound(  # noqa: PLR0913 - one option of the command each
    scenario: ScenarioArgument,
    time_expanded: Annotated[
        bool, typer.Option("--time-expanded", help="Also step by step, which takes longer.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, help="For the replication of this seed alone; without, for every one.")
    ] = None,
    ahead: Annotated[int, typer.Option(min=0, help="Bottlenecks to double, one after the other.")] = 3,
    screen: Annotated[bool, typer.Option("--screen", help="Also the bound with each project alone (minutes).")] = False,
    play: Annotated[
        bool, typer.Option("--play", help="Also one play without chance, and what an ideal order of sailings could do.")
    ] = False,
    jobs: JobsOption = None,
    as_json: JsonOption = False,
    results: ResultsOption = Path("results"),
    require: Annotated[
        str | None, typer.Option(help='Exit with 3 unless this holds: "closure_day <= 30".', show_default=False)
    ] = None,
    overrides: SetOption = None,
) -> None:
    """What no schedule can beat, on any admissible route, and what one more of a capacity takes off that."""
    from flanksim.bounds.ladder import ladder
    from flanksim.study import played, screening
    from flanksim.study.figures import save_bound
    from flanksim.terminal import render
    from flanksim.text.bound import blocks

    requirement = None if require is None else limit_on(require, ["closure_day"])
    entry = load_scenario(scenario, overrides)
    with status_line("bounds, step by step (this takes longer)" if time_expanded else "bounds"):
        found = guarded(lambda: ladder(entry, time_expanded=time_expanded, seed=seed, ahead=ahead), None)
    content, told = found.as_json(), blocks(found, entry)
    if play:
        with status_line("one play without chance"):
            one = guarded(lambda: played.play(entry, found if seed is None else None), None)
        content["played"] = one.as_json()
        told += ["", *played.blocks(one)]
    if screen:
        with progress_bar(len(entry.projects) + 1, "networks") as tick:
            today, rows = guarded(lambda: screening.screen_projects(entry, jobs=jobs, progress=tick), None)
        content["projects"] = screening.as_json(rows)
        content["screen"] = screening.reading(today, rows)
        told += ["", *screening.blocks(today, rows)]
    folder = guarded(lambda: save_bound(entry, found, content, render(told), results), None)
    answer_or_json(lambda: content | {"results": str(folder)}, lambda: [*told, "", f"  {folder}"], as_json)
    if requirement is not None and not requirement({"closure_day": found.day}):
        say(f"required {require}: no schedule can meet it")
        raise typer.Exit(3)


@app.command()
def report(
    results: Annotated[Path, typer.Argument(help="Folder of a run, sweep, compare or reach.", show_default=False)],
    explain: Annotated[
        bool, typer.Option("--explain", help="First try what one step more of the largest contributors would save.")
    ] = False,
    jobs: JobsOption = None,
) -> None:
    """Write report.html: the answer with its reasons, sources and limits on one page."""
    from flanksim.study.page import build

    if not explain:
        with status_line("running the middling replication again, drawing the page"):
            page = guarded(lambda: build(results), None)
        answer(str(page))
        return
    from flanksim.study.explain import TRIES

    with progress_bar(1 + TRIES, "explaining", "the page") as tick:
        page = guarded(lambda: build(results, explain=True, jobs=jobs, progress=tick), None)
    answer(str(page))


@app.command()
def explain(
    results: Annotated[Path, typer.Argument(help="A results folder of flanksim run.", show_default=False)],
    unit: Annotated[str | None, typer.Argument(help="Explain this unit instead of the whole force.")] = None,
    as_json: JsonOption = False,
    no_try: Annotated[bool, typer.Option("--no-try", help="Do not re-run anything to see what would help.")] = False,
    actions: Annotated[
        list[str] | None,
        typer.Option("--try", help="Try this project or lever instead, by id; may be repeated.", show_default=False),
    ] = None,
    replications: Annotated[int, typer.Option("-n", "--replications", min=1, help="Runs to replay.")] = 10,
    jobs: Annotated[int | None, typer.Option("-j", "--jobs", min=1, help="Processes; default one a core.")] = None,
) -> None:
    """Why so late, and what to try: critical paths, ledgers, fleets; steps, projects and levers, each alone.

    What was tried is kept in the folder, and no run of it is made twice. Saved in the results folder as explain.json
    and explain.txt, for one unit as explain-UNIT.json and .txt.
    """
    from flanksim.saving import SystemRefused
    from flanksim.study.explain import TRIES, save
    from flanksim.study.explain import explain as explained
    from flanksim.text.explanation import as_json as to_json
    from flanksim.text.explanation import blocks

    tries = 0 if no_try else TRIES
    with progress_bar(1 + tries, "explaining") as tick:
        found = guarded(
            lambda: explained(
                results, unit, runs=replications, tries=tries, actions=actions or None, jobs=jobs, progress=tick
            ),
            results,
            "the same command goes on with what was tried",
        )
    try:
        save(found, results)
    except SystemRefused as error:  # an archive that cannot be written to can still be explained
        say("not saved:")
        say_problems(error)
    answer_or_json(lambda: to_json(found), lambda: blocks(found), as_json)


@app.command()
def verify(
    case: Annotated[list[str] | None, typer.Argument(help="Cases to run, for example V24; all without.")] = None,
    jobs: JobsOption = None,
    engine: EngineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the engine against answers that it did not compute; exit 1 on a miss."""
    from flanksim.api import verify as verified
    from flanksim.verification.suite import CASES, blocks
    from flanksim.verification.suite import as_json as to_json

    wanted = {name.upper() for name in case or []}
    unknown = wanted - {entry.id for entry in CASES}
    if unknown:
        known = f"{CASES[0].id} to {CASES[-1].id}"
        raise wrong_usage(
            f"no such case: {', '.join(sorted(unknown))}; there are {known}, flanksim verify lists them", "case"
        )
    chosen = [entry.id for entry in CASES if not wanted or entry.id in wanted]
    with progress_bar(len(chosen), "cases") as tick:
        results = guarded(lambda: verified(chosen, jobs=jobs, progress=tick, engine=engine or "simpy"), None)
    answer_or_json(lambda: to_json(results), lambda: blocks(results, details=bool(wanted)), as_json)
    if any(result.status == "fail" for result in results):
        raise typer.Exit(1)


@app.command()
def validate(
    cases: Annotated[
        list[str] | None, typer.Argument(help="Ids of recorded moves, such as R07, or files; all without.")
    ] = None,
    replications: Annotated[
        int | None, typer.Option("-n", "--replications", min=2, help="Runs of each, and as many in other worlds.")
    ] = None,
    jobs: JobsOption = None,
    as_json: JsonOption = False,
    results: ResultsOption = Path("results"),
    page: Annotated[
        Path | None, typer.Option("--page", help="Also write the page of the docs here.", show_default=False)
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 if a predicted case misses.")] = False,
) -> None:
    """Recorded moves: what happened, what is simulated, and how near that comes."""
    from flanksim.validation.page import write_page
    from flanksim.validation.suite import blocks
    from flanksim.validation.suite import validate as run_cases

    with progress_bar(len(cases or []), "cases", after="table and figure") as tick:
        found = guarded(
            lambda: run_cases(cases or [], replications, jobs=jobs, results=results, progress=tick), results
        )
    if page is not None:
        guarded(lambda: write_page(found, page), None)
    answer_or_json(found.as_json, lambda: blocks(found), as_json)
    missed = [result.id for result in found.results if result.verdict == "miss" and result.recorded.role == "predicted"]
    if strict and missed:
        say(f"missed: {', '.join(missed)}")
        raise typer.Exit(3)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        from importlib.metadata import version as installed

        answer(installed("flanksim"))
        raise typer.Exit(0)


def main() -> None:
    """Entry point."""
    sys.exit(run_program(lambda: app(prog_name="flanksim", standalone_mode=False)))


def _draw(study: Study) -> None:
    """What belongs into the folder of a run besides its tables."""
    from flanksim.draw.style import save
    from flanksim.study.store import write_json
    from flanksim.text.run import as_json

    if study.folder is not None:
        save(study.plot(), study.folder, "closure")
        save(study.clocks.plot(), study.folder, "clocks")
        if study.causes():
            save(study.bottlenecks.plot(), study.folder, "bottlenecks")
        write_json(study.folder / "answer.json", as_json(study))


if __name__ == "__main__":
    main()
