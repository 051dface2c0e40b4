"""What if something is lost: assets taken out for some days, alone and in pairs, and what would cure it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flanksim.engine.choice import engine_for, simulator
from flanksim.engine.streams import seeds
from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import apply_projects, at_year
from flanksim.measure.alternatives import About, Alternative
from flanksim.measure.losses import PROJECT, REPLANNED, SECOND, Cure, Loss, LossRuns, relied_on
from flanksim.measure.replications import INDIFFERENT_DELAY_DAYS, Replication
from flanksim.metrics.losses import LOSS_MAP
from flanksim.movements import MovementLog
from flanksim.network.lost import KINDS, Asset, assets, doubled, title
from flanksim.network.lost import lose as take_out
from flanksim.scenario.arguments import (
    as_flag,
    as_list,
    as_number,
    as_scenario,
    as_seed,
    as_whole,
    wrong,
)
from flanksim.scenario.naming import folder_name
from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import close_to
from flanksim.study.alternatives import alternative, built_by_its_year, portfolio
from flanksim.study.candidates import Carried, Chosen, choose
from flanksim.study.each_alone import FIRST_PAIRS, AllPairsIfItMatters, as_pairs, run_each_alone
from flanksim.study.experiment import DesignPoint, Progress, Replicate, StudyOptions, next_round, run_points
from flanksim.study.store import (
    Saved,
    Store,
    kept_if_stopped,
    manifest_of,
    read_json,
    resolved,
    write_json,
    write_table,
)
from flanksim.study.worth import days_lost, worth

if TYPE_CHECKING:
    import pandas as pd

#: What of a study is saved beside its runs: what was lost, and what was tried against it.
LOST = "losses.json"
#: Runs whose critical paths say which projects may help.
_GUESSED_RUNS = 2
#: A project is tried if it may save so many days of a soldier more than with nothing lost.
_MATTERS = INDIFFERENT_DELAY_DAYS / 10


@dataclass(frozen=True)
class Losses(LossRuns):
    """Losses, the dearest first; attributes as of `flanksim.measure.losses.LossRuns`.

    ``table()`` has a row a loss, ``worst_pair`` the dearest pair, ``map`` is a metric with a figure.
    """

    map = LOSS_MAP

    def table(self) -> pd.DataFrame:
        """One row a loss, alone and in pairs: what it costs with intervals that hold together, how sure."""
        import pandas as pd

        flat = []
        for row in [*self.ranked, *self.pair_rows]:
            line: dict[str, Any] = {"loss": row["name"], "title": row["title"], "troops": row["troops"]}
            for name in ("closure_days_later", "soldier_days_later", "delay_days_later", "in_time_share_change"):
                line |= {name: row[name].mean, f"{name}_low": row[name].low, f"{name}_high": row[name].high}
            flat.append(line | {"unclosed": row["unclosed"], "pairs": row["pairs"], "sure": row["sure"]})
        return pd.DataFrame(flat)

    def __repr__(self) -> str:
        """Summary in one line."""
        dear = sum(row["costs"] for row in self.ranked)
        return f"Losses({self.scenario.name!r}: {dear} of {len(self.ranked)} surely cost days)"


@dataclass(frozen=True)
class Question:
    """What is asked, see `flanksim.lose`; arguments that cannot be used are refused."""

    entry: Scenario
    wanted: Sequence[str] | None
    from_day: float
    to_day: float
    each: int
    top: int
    projects: int
    foreseen: bool

    def __post_init__(self) -> None:
        """What was given, as what it stands for."""
        first, last = (as_number(name, getattr(self, name), 0) for name in ("from_day", "to_day"))
        if last < first:
            raise wrong("to_day", self.to_day, f"give a C-day that is not before from_day, {first:g}")
        if last >= self.entry.question.horizon_days:
            hint = f"give a C-day before the horizon, C+{self.entry.question.horizon_days:g}"
            raise wrong("to_day", self.to_day, hint)
        wanted = None if self.wanted is None else tuple(str(key) for key in as_list(self.wanted))
        for name, value in (("from_day", first), ("to_day", last), ("wanted", wanted)):
            object.__setattr__(self, name, value)
        for name, least in (("each", 1), ("top", 0), ("projects", 0)):
            object.__setattr__(self, name, as_whole(name, getattr(self, name), least))
        object.__setattr__(self, "foreseen", as_flag("foreseen", self.foreseen))


def lose(  # noqa: PLR0913 - keywords of one study
    scenario: Scenario | str | Path,
    assets: Sequence[str] | str | None = None,
    from_day: float = 5.0,
    to_day: float = 14.0,
    replications: int = 30,
    *,
    each: int = 2,
    top: int = 3,
    projects: int = 2,
    foreseen: bool = False,
    first: int = FIRST_PAIRS,
    seed: int | None = None,
    indifference_days: float = 0.5,
    jobs: int | None = None,
    dask: str | None = None,
    results: str | Path | None = None,
    resume: str | Path | None = None,
    progress: Progress | None = None,
    also: Callable[[Losses], object] | None = None,
    engine: str | None = None,
) -> Losses:
    """Take out ports, airports, bridges, links and fleets for some days, with the random numbers of today's runs.

    Parameters
    ----------
    scenario
        A Scenario, or its file or name; of one that asks for a year, today is that year.
    assets
        Ids of nodes, links and fleets, or kind and id as ``port:P_ANR``; of each kind those on which most soldiers rely
        in these days, but for sea lanes, if not given.
    from_day, to_day
        C-days from the start of the one to the end of the other.
    replications
        Pairs of runs of every loss that may matter.
    each
        How many assets of each kind, links by mode and lift by sort, are tried where none are named.
    top
        How many of the dearest losses are taken out in pairs too, with each other and with what most soldiers turn to
        when it is lost, and are tried to be cured.
    projects
        How many projects of the list are tried against each of them, those that seem to be worth most.
    foreseen
        Make each plan with the loss known, wherever that is clearly better; without, the plan is today's.
    first
        Pairs with which each begins; those that move no measure by half of what matters get no more.
    seed
        Of the study; that of the scenario if not given.
    indifference_days
        A difference of the closure day that is smaller does not matter.
    jobs, dask, results, resume, progress, also, engine
        As of `flanksim.compare`.

    Returns
    -------
    Losses
        ``table()``, ``ranked``, ``worst_pair``, ``map.plot()``; intervals of one measure hold together at 95 % over all
        differences that are stated (Bonferroni).

    Raises
    ------
    FlanksimError
        E130 for an argument that cannot be used, E216 for an unknown asset, E520 where nothing is used in these days.

    Examples
    --------
    >>> found = lose("corridor-mini", ["rail-west"], 1, 2, 2, top=0, jobs=1)
    >>> [row["title"] for row in found.ranked]
    ['rail Hannover-Poznan']
    """
    entry = as_scenario(scenario)
    entry = entry.model_copy(update={"seed": as_seed(seed, entry.seed)})
    asked = Question(entry, assets, from_day, to_day, each, top, projects, foreseen)
    rule = as_pairs(replications, first, indifference_days)
    options = StudyOptions(jobs, dask, results, resume, progress, also, engine)  # type: ignore[arg-type] # paths of text
    return _lose(asked, rule, options)


# ---- what is lost --------------------------------------------------------------------------------


def wanted_assets(scenario: Scenario, wanted: Iterable[str]) -> list[Asset]:
    """Assets by id or by kind and id, in the order in which they were named.

    Raises
    ------
    FlanksimError
        E216 for one that there is not.
    """
    known, found = assets(scenario), dict[str, Asset]()
    for key in wanted:
        own = [asset for asset in known.values() if key in (asset.name, asset.key)]
        if not own:
            hint = close_to(key, [*known, *(asset.key for asset in known.values())], "")
            hint = hint or "a node with a berth, a stand or a bridge, a link or a fleet of the tables"
            raise FlanksimError(Problem("E216", scenario.name, "assets", f"nothing to lose is called '{key}'", hint))
        found |= {asset.name: asset for asset in own}
    return list(found.values())


def most_relied_on(scenario: Scenario, relied: Mapping[Asset, int], each: int) -> list[Asset]:
    """Of each kind, links by mode and lift by sort, the assets on which most soldiers rely.

    A link that goes with a bridge among them is left out, and so are sea lanes: nobody hardens or doubles the sea.
    """
    groups: dict[tuple[int, str], list[Asset]] = {}
    for asset, troops in relied.items():
        sort: str = scenario.links[asset.key].mode if asset.kind == "link" else ""
        sort = scenario.fleets[asset.key].kind if asset.kind == "fleet" else sort
        if troops > 0 and sort != "sea":
            groups.setdefault((KINDS.index(asset.kind), sort), []).append(asset)
    chosen: list[Asset] = []
    for _, group in sorted(groups.items()):
        own = [asset for asset in group if not any(asset.things <= other.things for other in chosen)]
        chosen += sorted(own, key=lambda asset: (-relied[asset], asset.key))[:each]
    return chosen


def _relying(scenario: Scenario, log: MovementLog, asked: Question) -> dict[Asset, int]:
    """For each asset the soldiers of the units that rely on it in these days; a unit without any counts as one."""
    used, units = relied_on(log, asked.from_day, asked.to_day), log.plan.units

    def of(asset: Asset) -> int:
        keys = set()
        for table, ids in asset.rows:
            for key in ids:
                row = scenario.facilities.get(key) if table == "facilities" else None
                keys.add((table, key if row is None else f"{row.kind}:{row.place}"))
        numbers = frozenset[int]().union(*(used.get(key, frozenset()) for key in keys))
        return sum(max(1, units[number].troops) for number in numbers)

    return {asset: of(asset) for asset in assets(scenario).values()}


# ---- the study -----------------------------------------------------------------------------------


@dataclass(eq=False)
class _Study:
    """Losses and cures of a question: their networks and their runs."""

    asked: Question
    rule: AllPairsIfItMatters
    losses: list[Loss] = field(default_factory=list)
    cures: list[Cure] = field(default_factory=list)
    runs: dict[str, tuple[Replication, ...]] = field(default_factory=dict)
    _points: dict[str, DesignPoint] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.entry = self.asked.entry
        self.today = at_year(self.entry)
        self.known = assets(self.today)
        self._built = built_by_its_year(self.entry)

    def loss(self, names: Sequence[str], troops: int) -> Loss:
        """A loss of these assets."""
        own = tuple(self.known[name] for name in names)
        return Loss(own, tuple(title(self.today, asset) for asset in own), troops)

    def named(self, name: str) -> Loss:
        """The loss of this name."""
        return next(loss for loss in self.losses if loss.name == name)

    def cure(self, loss: str, kind: str, key: str) -> Cure:
        """A cure of a loss."""
        if kind == PROJECT:
            return Cure(loss, kind, key, portfolio(self.entry, [key]))
        said = {REPLANNED: "a plan made with the loss known", SECOND: "a second one beside it"}[kind]
        return Cure(loss, kind, key, About(said))

    def _out(self, network: Scenario, lost: Sequence[Asset]) -> Scenario:
        return take_out(network, lost, self.asked.from_day, self.asked.to_day)

    def point(self, what: Loss | Cure) -> DesignPoint:
        """The design point of a loss or a cure, without plans of other points."""
        if what.name not in self._points:
            self._points[what.name] = self._point(what)
        return self._points[what.name]

    def _point(self, what: Loss | Cure) -> DesignPoint:
        if isinstance(what, Loss):
            return DesignPoint(self._out(self.today, what.assets), keep_plan=not self.asked.foreseen)
        lost = self.named(what.loss).assets
        network = self.today
        if what.kind == SECOND:
            network = doubled(network, lost[0])
        elif what.kind == PROJECT:
            made = apply_projects(self.entry, what.about.projects, self._built)
            network = made.model_copy(update={"seed": self.entry.seed})
        return DesignPoint(self._out(network, lost))

    def found(self, rule: AllPairsIfItMatters) -> Losses:
        """What the runs say so far."""
        every: list[Alternative] = [alternative("today", self.today, self.runs[self.today.digest], About(self._title))]
        both: list[Loss | Cure] = [*self.losses, *self.cures]
        for what in both:
            point = self.point(what)
            if point.key in self.runs:
                about = About(what.title) if isinstance(what, Loss) else what.about
                runs = self.runs[point.key]
                every.append(alternative(what.name, point.scenario, runs, about, cell=point.key))
        named = {entry.name for entry in every}
        return Losses(
            tuple(every),
            rule.indifference_days,
            year=self.entry.year,
            losses=tuple(self.losses),
            cures=tuple(cure for cure in self.cures if cure.name in named and cure.loss in named),
            from_day=self.asked.from_day,
            to_day=self.asked.to_day,
            foreseen=self.asked.foreseen,
            pairs=rule.most,
        )

    @property
    def _title(self) -> str:
        return self.today.title or self.today.name


def _lose(asked: Question, rule: AllPairsIfItMatters, options: StudyOptions) -> Losses:
    started = perf_counter()
    entry = asked.entry
    made = _Study(asked, rule)
    plan = choose(made.today, (), entry.seed, engine=options.engine)
    log = simulator(engine_for(plan.plan, options.engine, 1, tell=False))(plan.plan, seeds(entry.seed, 1)[0])
    relied = _relying(made.today, log, asked)
    lost = most_relied_on(made.today, relied, asked.each)
    if asked.wanted is not None:
        lost = wanted_assets(made.today, asked.wanted)
    if not lost:
        said = f"nobody relies on anything from C+{asked.from_day:g} to C+{asked.to_day:g}"
        hint = "choose days in which the force moves, or name assets"
        raise FlanksimError(Problem("E520", entry.name, "from_day", said, hint))
    made.losses = [made.loss([asset.name], relied[asset]) for asset in lost]
    manifest = _manifest(asked, rule, [asset.name for asset in lost])
    with (
        Store.open(options.results, options.resume, folder_name(entry, "lose"), manifest, resolved(entry)) as store,
        kept_if_stopped(store),
    ):
        runner = _Runner(made, plan, store, options)
        runner.run(made.losses, rule)
        dear = [row["name"] for row in made.found(rule).ranked if row["costs"]][: asked.top]
        new = runner.pairs(dear, relied, rule)
        every = AllPairsIfItMatters(rule.most, rule.most, indifference_days=rule.indifference_days)
        runner.run(new, every)
        made.cures = [cure for name in dear for cure in runner.cures(name)]
        runner.run_cures()
        found = replace(
            made.found(rule), seconds=perf_counter() - started, folder=None if store is None else store.folder
        )
        if store is not None:
            write_table(store.folder / "losses.parquet", found.table())
            kept = {
                "losses": [[[asset.name for asset in loss.assets], loss.troops] for loss in made.losses],
                "cures": [[cure.loss, cure.kind, cure.key] for cure in made.cures],
            }
            write_json(store.folder / LOST, kept)
            store.finish(made.runs)
            if options.also is not None:
                options.also(found)
            done = sum(map(len, made.runs.values()))
            store.complete(manifest | {"done": done, "seconds": round(found.seconds, 3)})
    return found


@dataclass(eq=False)
class _Runner:
    """Runs of losses and cures, round after round, with today's made once."""

    made: _Study
    plan: Chosen
    store: Store | None
    options: StudyOptions
    done: int = 0
    logs: dict[str, list[MovementLog]] = field(default_factory=dict)
    replanned: dict[str, Carried] = field(default_factory=dict)

    def run(self, losses: Sequence[Loss], rule: AllPairsIfItMatters) -> None:
        """Runs of some losses against today's."""
        points = [self.made.point(entry) for entry in losses]
        if not points:
            return
        today = self.made.today
        alone = run_each_alone(
            today,
            [point.scenario for point in points],
            rule,
            keep_plan=points[0].keep_plan,
            plan=self.plan,
            own=self.made.runs.get(today.digest),
            store=self.store,
            options=next_round(self),
        )
        self.made.runs |= {today.digest: alone.today, **alone.runs}

    def run_cures(self) -> None:
        """Runs of all cures: each keeps today's plan, or the best one for the loss alone, unless its own is better."""
        points = []
        for cure in self.made.cures:
            known = [self.plan.carried(self.made.today.digest)]
            if cure.kind != REPLANNED:
                known.append(self._replanned(cure.loss))
            points.append(replace(self.made.point(cure), poorer=tuple(known)))
        if points:
            rule = Replicate(self.made.rule.most)
            seed = self.made.entry.seed
            self.made.runs |= run_points(points, seed, rule, store=self.store, options=next_round(self))

    def _replanned(self, name: str) -> Carried:
        """The plan of a loss that is known."""
        if name not in self.replanned:
            network, today = self.made.point(self.made.named(name)).scenario, self.plan.carried(self.made.today.digest)
            chosen = choose(network, [today], self.made.entry.seed, engine=self.options.engine)
            self.replanned[name] = chosen.carried(network.digest)
        return self.replanned[name]

    def cures(self, name: str) -> list[Cure]:
        """What is tried against a loss: to know of it, a second one, and the projects that seem to be worth most."""
        kinds = [SECOND] if self.made.asked.foreseen else [REPLANNED, SECOND]
        found = [self.made.cure(name, kind, "") for kind in kinds]
        return found + [self.made.cure(name, PROJECT, key) for key in self._projects(name)]

    def pairs(self, dear: Sequence[str], relied: Mapping[Asset, int], rule: AllPairsIfItMatters) -> list[Loss]:
        """Pairs of the dearest losses, and of each with its `partner`, which is run alone too."""
        made = self.made
        pairs = {frozenset((one, two)): (one, two) for place, one in enumerate(dear) for two in dear[place + 1 :]}
        alone = {loss.name for loss in made.losses}
        beside: dict[str, Loss] = {}
        for name in dear:
            if (partner := self.partner(name, relied)) is not None:
                pairs.setdefault(frozenset((name, partner.name)), (name, partner.name))
                if partner.name not in alone:
                    beside.setdefault(partner.name, made.loss([partner.name], relied[partner]))
        made.losses += beside.values()
        self.run(list(beside.values()), rule)
        apart = [pair for pair in pairs.values() if not made.known[pair[0]].things & made.known[pair[1]].things]
        found = [made.loss(pair, sum(relied[made.known[name]] for name in pair)) for pair in apart]
        made.losses += found
        return found

    def partner(self, name: str, today: Mapping[Asset, int]) -> Asset | None:
        """What more soldiers rely on once this is lost than did before, most of all; None if nothing is."""
        made = self.made
        now = _relying(made.today, self._logs(name)[0], made.asked)
        more = {
            asset: troops - today[asset] for asset, troops in now.items() if not asset.things & made.known[name].things
        }
        found = most_relied_on(made.today, more, 1)
        return max(found, key=lambda asset: (more[asset], asset.name), default=None)

    def _logs(self, name: str) -> list[MovementLog]:
        """Some runs looked at closely: of a loss, or of today's network for an empty name."""
        if name not in self.logs:
            seed, plan = self.made.entry.seed, self.plan.plan
            if name:
                point, today = self.made.point(self.made.named(name)), self.plan.carried(self.made.today.digest)
                plan = choose(point.scenario, [today], seed, keep=point.keep_plan, engine=self.options.engine).plan
            play = simulator(engine_for(plan, self.options.engine, _GUESSED_RUNS, tell=False))
            self.logs[name] = [play(plan, number) for number in seeds(seed, _GUESSED_RUNS)]
        return self.logs[name]

    def _projects(self, name: str) -> list[str]:
        """Projects by the days that they may save because of the loss: more than they would save with nothing lost."""
        made, entry = self.made, self.made.entry
        built = built_by_its_year(entry)
        open_ones = [
            key
            for key, row in entry.projects.items()
            if not (row.not_modelled or built.get(key, 0.0) >= 1.0 or built.keys() & set(row.exclusions))
        ]
        if not (open_ones and made.asked.projects):
            return []
        before, after = days_lost(self._logs("")), days_lost(self._logs(name))
        more = {key: worth(made.today, after, [key]) - worth(made.today, before, [key]) for key in open_ones}
        best = sorted((key for key in open_ones if more[key] >= _MATTERS), key=lambda key: (-more[key], key))
        return best[: made.asked.projects]


def reopened(saved: Saved) -> Losses:
    """The study that was saved in a folder: it answers everything that it answered then.

    Raises
    ------
    FlanksimError
        E506 if one of its files is gone or damaged; what `Saved.runs` raises.
    """
    manifest, entry, said = saved.manifest, saved.scenario, read_json(saved.folder / LOST)
    rule = as_pairs(manifest["replications"], manifest["first"], manifest["indifference_days"])
    asked = Question(
        entry, manifest["assets"], manifest["from_day"], manifest["to_day"], manifest["each"], manifest["top"],
        manifest["projects"], manifest["foreseen"],
    )  # fmt: skip
    made = _Study(asked, rule)
    made.losses = [made.loss(names, troops) for names, troops in said["losses"]]
    made.cures = [made.cure(*parts) for parts in said["cures"]]
    made.runs = dict(saved.runs())
    return replace(made.found(rule), seconds=manifest.get("seconds", 0.0), folder=saved.folder)


def _manifest(asked: Question, rule: AllPairsIfItMatters, names: Sequence[str]) -> dict[str, Any]:
    entry = asked.entry
    said = {name: getattr(asked, name) for name in ("from_day", "to_day", "each", "top", "projects", "foreseen")}
    text = json.dumps([entry.digest, entry.seed, list(names), said, repr(rule)])
    return manifest_of(entry, "lose", entry.seed) | {
        "study_digest": blake2b(text.encode(), digest_size=8).hexdigest(),
        "assets": list(names),
        **said,
        "first": rule.first,
        "replications": rule.most,
        "indifference_days": rule.indifference_days,
    }
