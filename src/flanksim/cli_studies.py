"""Commands that try many changes, each alone."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flanksim.cli_options import (
    GO_ON,
    CarryOverOption,
    DaskOption,
    EngineOption,
    FirstOption,
    JobsOption,
    JsonOption,
    PageOption,
    ReplicationsOption,
    ResultsOption,
    ResumeOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    WorldRunsOption,
    WorldsOption,
)
from flanksim.cli_support import (
    answer_or_json,
    guarded,
    levels_of,
    limit_on,
    load_scenario,
    progress_bar,
    say,
    surely,
    write_pages,
    wrong_usage,
)

if TYPE_CHECKING:
    from flanksim.scenario.schema import Scenario
    from flanksim.study.compare import Comparison
    from flanksim.study.lose import Losses
    from flanksim.study.portfolio import Portfolio
    from flanksim.study.sensitivity import Sensitivity
    from flanksim.study.sweep import Sweep

#: A bound takes some seconds, a figure too: more alternatives get their bounds with --bounds, and no bars.
MOST_BOUNDS = 8
#: What a requirement may ask of a loss, and of an action.
_COSTS = ("closure_days_later", "soldier_days_later", "delay_days_later")
_SAVED = ("days_sooner", "points", "soldier_days_sooner", "delay_days_saved")


def best_buys(  # noqa: PLR0913 - one option of the command each
    scenario: ScenarioArgument,
    actions: Annotated[
        list[str] | None,
        typer.Option("--action", help="A project or lever to try, by id; may be repeated. All without."),
    ] = None,
    replications: ReplicationsOption = None,
    first: FirstOption = 4,
    indifference: Annotated[float, typer.Option(min=0, help="A difference below so many days does not matter.")] = 0.5,
    carry_over: CarryOverOption = True,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    engine: EngineOption = None,
    as_json: JsonOption = False,
    results: ResultsOption = Path("results"),
    resume: ResumeOption = None,
    page: PageOption = None,
    require: Annotated[
        str | None,
        typer.Option(help='Exit with 3 unless an action surely does this: "days_sooner >= 5".', show_default=False),
    ] = None,
    overrides: SetOption = None,
) -> None:
    """What helps most for the money: each project and each lever alone against today, paired."""
    from flanksim.study.best_buys import best_buys as run_best_buys
    from flanksim.text.best_buys import as_json as to_json
    from flanksim.text.best_buys import blocks, markdown

    requirement = None if require is None else limit_on(require, _SAVED)
    entry = load_scenario(scenario, overrides)
    with progress_bar(replications or 30, "plans, then runs") as tick:
        found = guarded(
            lambda: run_best_buys(
                entry,
                actions,
                replications or 30,
                first=first,
                seed=seed,
                indifference_days=indifference,
                carry_over=carry_over,
                jobs=jobs,
                dask=dask,
                engine=engine,
                results=results,
                resume=resume,
                progress=tick,
            ),
            resume or results,
            GO_ON,
        )
    write_pages(page, {f"best-buys of {entry.name}": lambda most: markdown(found, most)}, entry)
    answer_or_json(lambda: to_json(found), lambda: blocks(found), as_json)
    if requirement is not None and not any(requirement(surely(row)) for row in found.buys):
        say(f"required {require}: surely done by no action")
        raise typer.Exit(3)


def sensitivity(  # noqa: PLR0913 - one option of the command each
    scenario: ScenarioArgument,
    names: Annotated[
        list[str] | None,
        typer.Option("--number", help="An uncertain number to try, by name; may be repeated. All without."),
    ] = None,
    mechanisms: Annotated[
        bool, typer.Option("--mechanisms", help="Instead of numbers each mechanism that is on, turned off.")
    ] = False,
    method: Annotated[
        str | None,
        typer.Option(help="All numbers together instead of each alone: morris, or sobol.", show_default=False),
    ] = None,
    base: Annotated[
        int | None,
        typer.Option(min=2, help="Trajectories of morris (10), points of a sample of sobol (64).", show_default=False),
    ] = None,
    replications: ReplicationsOption = None,
    first: FirstOption = 4,
    indifference: Annotated[float, typer.Option(min=0, help="A difference below so many days does not matter.")] = 0.5,
    carry_over: CarryOverOption = True,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    engine: EngineOption = None,
    as_json: JsonOption = False,
    results: ResultsOption = Path("results"),
    resume: ResumeOption = None,
    page: PageOption = None,
    overrides: SetOption = None,
) -> None:
    """Which unknown moves the answer: each number at its low and high value, paired with today."""
    from flanksim.study.sensitivity import mechanisms_on
    from flanksim.study.sensitivity import sensitivity as run_sensitivity
    from flanksim.text import sensitivity as text

    if mechanisms and names:
        raise wrong_usage("mechanisms are tried instead of numbers: leave --number out", "--mechanisms")
    if method is not None and mechanisms:
        raise wrong_usage("mechanisms are turned off one at a time: leave --method out", "--mechanisms")
    if base is not None and method is None:
        raise wrong_usage("it belongs to --method morris or sobol", "--base")
    entry = load_scenario(scenario, overrides)
    if method is not None:
        options = {
            "seed": seed, "jobs": jobs, "dask": dask, "engine": engine, "results": results, "resume": resume,
        }  # fmt: skip
        _all_together(entry, method, names, base, replications or 4, as_json, options)
        return
    with progress_bar(replications or 30, "plans, then runs") as tick:
        found = guarded(
            lambda: run_sensitivity(
                entry,
                mechanisms_on(entry) if mechanisms else names,
                replications or 30,
                first=first,
                seed=seed,
                indifference_days=indifference,
                carry_over=carry_over,
                jobs=jobs,
                dask=dask,
                engine=engine,
                results=results,
                resume=resume,
                progress=tick,
                also=draw_sensitivity,
            ),
            resume or results,
            GO_ON,
        )
    parts = {"mechanisms": text.mechanisms} if mechanisms else {"sensitivity": text.markdown, "evidence": text.evidence}
    write_pages(page, {f"{name} of {entry.name}": partial(part, found) for name, part in parts.items()}, entry)
    answer_or_json(lambda: text.as_json(found), lambda: text.blocks(found), as_json)


def _all_together(
    entry: Scenario,
    method: str,
    names: list[str] | None,
    base: int | None,
    count: int,
    as_json: bool,
    options: dict[str, Any],
) -> None:
    """The command with ``--method``."""
    from flanksim.measure.global_runs import METHODS
    from flanksim.study.global_sensitivity import global_sensitivity
    from flanksim.text import global_sensitivity as text

    if method not in METHODS:
        raise wrong_usage(f"'{method}' is not known; use {' or '.join(METHODS)}", "--method")
    with progress_bar(count, "runs") as tick:
        found = guarded(
            lambda: global_sensitivity(entry, method, names, base, count, progress=tick, **options),
            options["resume"] or options["results"],
            GO_ON,
        )
    answer_or_json(lambda: text.as_json(found), lambda: text.blocks(found), as_json)


def draw_sensitivity(found: Sensitivity) -> None:
    """The figure of a sensitivity study."""
    if found.folder is not None:
        found.tornado.save(found.folder)


def draw_sweep(found: Sweep) -> None:
    """Figures of a sweep."""
    from flanksim.draw.style import save

    if found.folder is not None:
        save(found.plot(), found.folder, "surface")
        save(found.plot_curve(), found.folder, "spending-curve")
        save(found.plot_timeline(), found.folder, "timeline")


def draw_comparison(found: Comparison) -> None:
    """Figures of a comparison."""
    from flanksim.draw.style import save

    if found.folder is None:
        return
    save(found.plot(), found.folder, "value")
    for number, other in enumerate(found.alternatives[1:] if len(found.alternatives) <= MOST_BOUNDS else ()):
        name = "bottlenecks" if number == 0 else f"bottlenecks-{number + 1}"
        save(found.bottlenecks.plot(other.name), found.folder, name)


def reach(  # noqa: PLR0913 - one option of the command each
    scenario: ScenarioArgument,
    by: Annotated[
        float | None, typer.Option(min=0, help="C-day by whose end; the scenario's own without.", show_default=False)
    ] = None,
    probability: Annotated[float, typer.Option(min=0.01, max=1, help="In which part of the runs.")] = 0.9,
    troops: Annotated[
        str | None, typer.Option(help="How many: 240000, or 80% of those asked for.", show_default=False)
    ] = None,
    levers: Annotated[
        list[str] | None,
        typer.Option("--lever", help="A lever to choose from, by id; may be repeated. All without."),
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="EUR bn for which the nearest miss is told.", show_default=False)
    ] = None,
    replications: ReplicationsOption = None,
    first: Annotated[int, typer.Option(min=2, help="Runs of a round; who cannot reach any more is left.")] = 4,
    most: Annotated[int, typer.Option(min=1, help="Packages that are run at most in the search.")] = 200,
    worlds: WorldsOption = 0,
    world_runs: WorldRunsOption = None,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    engine: EngineOption = None,
    as_json: JsonOption = False,
    results: ResultsOption = Path("results"),
    resume: ResumeOption = None,
    page: PageOption = None,
    require: Annotated[
        str | None, typer.Option(help='Exit with 3 unless this holds: "packages >= 1".', show_default=False)
    ] = None,
    overrides: SetOption = None,
) -> None:
    """What would it take: the smallest packages of levers with which the force is closed in time."""
    from flanksim.study.reach import draw_packages
    from flanksim.study.reach import reach as run_reach
    from flanksim.text import reach as text

    requirement = None if require is None else limit_on(require, ("packages",))
    entry = load_scenario(scenario, overrides)
    with progress_bar(replications or 30, "packages: plans, then runs") as tick:
        found = guarded(
            lambda: run_reach(
                entry,
                by,
                probability,
                troops=troops,
                levers=levers,
                replications=replications or 30,
                first=first,
                most=most,
                seed=seed,
                jobs=jobs,
                dask=dask,
                engine=engine,
                results=results,
                resume=resume,
                progress=tick,
                worlds=worlds,
                world_runs=world_runs,
                also=draw_packages,
            ),
            resume or results,
            GO_ON,
        )
    texts = {f"reach of {entry.name}": lambda _: text.markdown(found)}
    write_pages(page, texts, entry, staircase=found.steps_drawn.plot, grid=found.grid.plot)
    answer_or_json(lambda: text.as_json(found, budget), lambda: text.blocks(found, budget), as_json)
    if requirement is not None and not requirement({"packages": float(len(found.smallest))}):
        say(f"required {require}: {len(found.smallest)} packages found")
        raise typer.Exit(3)


def draw_portfolio(found: Portfolio) -> None:
    """Figures of the best lists."""
    if found.folder is not None:
        for figure in (found.frontier, found.ladder_of_projects, found.map_of_projects):
            figure.save(found.folder)


def portfolio(  # noqa: PLR0913 - one option of the command each
    scenario: ScenarioArgument,
    budget: Annotated[str, typer.Option(help="EUR bn beyond today: 1,5,25 or 0:20:5.")] = "1,2,5,10,25,50,100",
    objective: Annotated[
        str, typer.Option("--for", help="delay (a soldier closed sooner), in-time or last-day.")
    ] = "delay",
    year: Annotated[
        int | None, typer.Option(help="Only what can be in service by 1 July of it.", show_default=False)
    ] = None,
    actions: Annotated[
        list[str] | None,
        typer.Option("--action", help="A project or lever to choose from, by id; may be repeated. All without."),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--given", help="A lever that is pulled whatever is bought, by id; may be repeated."),
    ] = None,
    replications: ReplicationsOption = None,
    first: Annotated[int, typer.Option(min=2, help="Runs of lists that are looked at; of finalists -n.")] = 10,
    most: Annotated[int, typer.Option(min=1, help="Lists that are run at most in the search.")] = 240,
    indifference: Annotated[
        float | None,
        typer.Option(min=0, help="A smaller gain does not matter, days or points.", show_default=False),
    ] = None,
    shapley: Annotated[bool, typer.Option("--shapley", help="Split the gain of the last list by its parts.")] = False,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    engine: EngineOption = None,
    as_json: JsonOption = False,
    results: ResultsOption = Path("results"),
    resume: ResumeOption = None,
    page: PageOption = None,
    require: Annotated[
        str | None,
        typer.Option(help='Exit with 3 unless a list surely does this: "gain >= 3".', show_default=False),
    ] = None,
    overrides: SetOption = None,
) -> None:
    """The best list of projects for each budget, and who pays for it."""
    from flanksim.study.portfolio import portfolio as run_portfolio
    from flanksim.text import portfolio as text

    requirement = None if require is None else limit_on(require, ("gain",))
    budgets = levels_of(budget, "--budget")
    entry = load_scenario(scenario, overrides)
    with progress_bar(replications or 30, "lists: plans, then runs") as tick:

        def study() -> Portfolio:
            return run_portfolio(
                entry, budgets, objective=objective, year=year, actions=actions, given=given,
                replications=replications or 30, first=first, most=most, indifference=indifference, shapley=shapley,
                seed=seed, jobs=jobs, dask=dask, engine=engine, results=results, resume=resume, progress=tick,
                also=draw_portfolio,
            )  # fmt: skip

        found = guarded(study, resume or results, GO_ON)
    texts = {f"portfolio of {entry.name}": lambda _: text.markdown(found)}
    write_pages(page, texts, entry, portfolio=found.frontier.plot, portfolio_map=found.map_of_projects.plot)
    answer_or_json(lambda: text.as_json(found), lambda: text.blocks(found), as_json)
    if requirement is not None and not any(requirement({"gain": row["gain"].low}) for row in found.rows):
        say(f"required {require}: surely done by no list")
        raise typer.Exit(3)


def robust(  # noqa: PLR0913 - one option of the command each
    scenarios: Annotated[list[str], typer.Argument(help="Scenario files or names; the first is the baseline.")],
    projects: Annotated[
        list[str] | None,
        typer.Option(
            "--projects", help="Projects or levers on the first scenario: PR03 or warning_14+ships; may be repeated."
        ),
    ] = None,
    worlds: Annotated[int, typer.Option("--worlds", min=2, help="Worlds, the same for all alternatives.")] = 30,
    world_runs: WorldRunsOption = None,
    measure: Annotated[
        str, typer.Option(help="Judge by: soldier, a soldier's day in the mean; last-day; or late, troops not in time.")
    ] = "soldier",
    enough: Annotated[
        float, typer.Option(min=0.001, max=1, help="Part of the troops in time below which an alternative fails.")
    ] = 0.9,
    replications: ReplicationsOption = None,
    carry_over: CarryOverOption = True,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    engine: EngineOption = None,
    as_json: JsonOption = False,
    results: ResultsOption = Path("results"),
    resume: ResumeOption = None,
    overrides: SetOption = None,
) -> None:
    """Which alternative is good whatever the world: regret, where it fails, what is worth finding out first."""
    from flanksim.measure.robust import MEASURES
    from flanksim.study.robust import robust as run_robust
    from flanksim.text import robust as text

    if measure not in MEASURES:
        raise wrong_usage(f"'{measure}' is not known; use {', '.join(MEASURES)}", "--measure")
    entries = [load_scenario(name, overrides) for name in scenarios]
    with progress_bar((len(entries) + len(projects or [])) * (replications or 10), "runs") as tick:
        found = guarded(
            lambda: run_robust(
                entries,
                projects or (),
                worlds,
                world_runs,
                measure=measure,
                enough=enough,
                replications=replications or 10,
                seed=seed,
                jobs=jobs,
                dask=dask,
                results=results,
                resume=resume,
                progress=tick,
                carry_over=carry_over,
                engine=engine,
            ),
            resume or results,
            GO_ON,
        )
    answer_or_json(lambda: text.as_json(found), lambda: text.blocks(found), as_json)


def draw_losses(found: Losses) -> None:
    """The map of losses."""
    if found.folder is not None:
        found.map.save(found.folder)


def lose(  # noqa: PLR0913 - one option of the command each
    scenario: ScenarioArgument,
    assets: Annotated[
        list[str] | None,
        typer.Option("--asset", help="What is lost, by id or port:ID; may be repeated. Those most relied on without."),
    ] = None,
    from_day: Annotated[float, typer.Option(min=0, help="C-day from whose start it is lost.")] = 5.0,
    to_day: Annotated[float, typer.Option(min=0, help="C-day to whose end it is lost.")] = 14.0,
    each: Annotated[int, typer.Option(min=1, help="Of each kind, links by mode, lift by sort, if none is named.")] = 2,
    top: Annotated[int, typer.Option(min=0, help="Dearest losses that are lost in pairs, and tried to be cured.")] = 3,
    projects: Annotated[int, typer.Option(min=0, help="Projects that are tried against each of these.")] = 2,
    foreseen: Annotated[bool, typer.Option("--foreseen", help="Plan with the loss known if that is better.")] = False,
    replications: ReplicationsOption = None,
    first: FirstOption = 4,
    indifference: Annotated[float, typer.Option(min=0, help="A difference below so many days does not matter.")] = 0.5,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    dask: DaskOption = None,
    engine: EngineOption = None,
    as_json: JsonOption = False,
    results: ResultsOption = Path("results"),
    resume: ResumeOption = None,
    page: PageOption = None,
    require: Annotated[
        str | None,
        typer.Option(help='Exit with 3 if a loss surely costs more: "soldier_days_later <= 2".', show_default=False),
    ] = None,
    overrides: SetOption = None,
) -> None:
    """What if something is lost: ports, bridges, links, fleets out for some days, and what would cure it."""
    from flanksim.study.lose import lose as run_lose
    from flanksim.text import losses as text

    requirement = None if require is None else limit_on(require, _COSTS)
    entry = load_scenario(scenario, overrides)
    with progress_bar(replications or 30, "losses: plans, then runs") as tick:

        def study() -> Losses:
            return run_lose(
                entry, assets, from_day, to_day, replications or 30, each=each, top=top, projects=projects,
                foreseen=foreseen, first=first, seed=seed, indifference_days=indifference, jobs=jobs, dask=dask,
                engine=engine, results=results, resume=resume, progress=tick, also=draw_losses,
            )  # fmt: skip

        found = guarded(study, resume or results, GO_ON)
    texts = {f"lose of {entry.name}": lambda most: text.markdown(found, most)}
    write_pages(page, texts, entry, losses=found.map.plot)
    answer_or_json(lambda: text.as_json(found), lambda: text.blocks(found), as_json)
    broken = [row["title"] for row in found.ranked if requirement and not requirement(text.surely_costs(row))]
    if broken:
        say(f"required {require}: not so if this is lost: {', '.join(broken)}")
        raise typer.Exit(3)
