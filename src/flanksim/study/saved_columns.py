"""What the columns of the tables in a results folder mean, for the docs; a test holds them against saved studies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from flanksim.movements import COLUMNS


@dataclass(frozen=True, slots=True)
class SavedColumn:
    """A column, or several with one meaning.

    Attributes
    ----------
    name
        Its name; a ``*`` in it stands for a name of the scenario.
    unit
        Of its numbers; empty for text, and for shares and chances, which are 0 to 1.
    meaning
        What it holds.
    interval
        Whether ``name_low`` and ``name_high`` stand beside it: the interval of 95 %.
    """

    name: str
    unit: str
    meaning: str
    interval: bool = False

    def names(self) -> tuple[str, ...]:
        """Every column of the table that it says something of, as patterns."""
        return (self.name, f"{self.name}_low", f"{self.name}_high") if self.interval else (self.name,)


def _of_movements() -> tuple[SavedColumn, ...]:
    """The columns of the log, with names where it has numbers, and two more."""
    named = {
        "serial": "the serial, by its name in the plan; empty for an asset alone",
        "kind": "what happened: ready, permission, lift, load, travel, border, unload, integration ...",
        "resource": "the gate, facility, store or fleet, by name",
    }
    found = [SavedColumn(entry.name, entry.unit, named.get(entry.name, entry.meaning)) for entry in COLUMNS]
    unit = SavedColumn("unit", "", "the unit of the serial, by id")
    element = SavedColumn(
        "element",
        "",
        "what the serial carries: troops, heavy, wheeled, cargo; ship: what is on a ship; unit: the unit itself",
    )
    return (*found[:2], unit, element, *found[2:])


_DAY = "C-day"
#: One row a run, of a study of one scenario.
RUNS = (
    SavedColumn("seed", "", "seed of the run; fs.simulate(scenario, seed=...) repeats it byte for byte"),
    SavedColumn("movements", "rows", "rows of its movement table"),
    SavedColumn("assets_lost", "assets", "lift that did not turn up"),
    SavedColumn("last_unit", "", "the unit with which the required troops were complete; empty if never"),
    SavedColumn("digest", "", "hash of its movement table: equal digests mean equal histories"),
    SavedColumn("closure_day_*", _DAY, "day on which that group was closed; empty if not by the horizon"),
    SavedColumn("on_time_share_*", "", "share of that group's required troops that was closed by its deadline"),
)
#: One row a unit and run.
UNITS = (
    SavedColumn("seed", "", "seed of the run"),
    SavedColumn("unit", "", "id of the unit"),
    SavedColumn("regional_plan", "", "regional plan for which it moves"),
    SavedColumn("nation", "", "to which it belongs"),
    SavedColumn("troops", "troops", "its soldiers"),
    SavedColumn("ready_day", _DAY, "when it was ready"),
    SavedColumn("permitted_day", _DAY, "when it was ready and permitted to move"),
    SavedColumn("arrived_day", _DAY, "when its soldiers and enough of its kit were at the assembly area"),
    SavedColumn("troops_in_day", _DAY, "when its soldiers were there"),
    SavedColumn("closed_day", _DAY, "when it was closed; empty if not by the horizon"),
)
#: One row a run and design point, of every study of several networks.
RUNS_OF_POINTS = (
    SavedColumn(
        "cell",
        "",
        "digest of the network that was run, with kept if its plan was; design points that share it are one",
    ),
    SavedColumn("seed", "", "seed of the run; the same at every design point"),
    SavedColumn("closure_day", _DAY, "day on which the force was closed; empty if not by the horizon"),
    SavedColumn("on_time_share", "", "share of the required troops that was closed by the deadline"),
    SavedColumn("last_unit", "", "the unit with which the required troops were complete; empty if never"),
    SavedColumn("movements", "rows", "rows of its movement table"),
    SavedColumn("assets_lost", "assets", "lift that did not turn up"),
    SavedColumn("digest", "", "hash of its movement table"),
    SavedColumn("plan_cell", "", "cell whose plan was carried over to it; empty if its plan was made for it"),
    SavedColumn("plan_loads_anew", "loads", "loads of that plan that were planned anew for this network"),
    SavedColumn("plan_same_ways", "", "whether in its world what may pass where is as with typical values"),
    SavedColumn("group", "", "list: keys of the groups, as in closure_day_*"),
    SavedColumn("group_troops", "troops", "list: what is required of each"),
    SavedColumn("group_closed_hour", "h", "list: hours from the start of C-day to the closure of each"),
    SavedColumn("group_on_time_share", "", "list: share of each that was closed by its deadline"),
    SavedColumn("cause", "", "list: causes on the critical path of the closing unit"),
    SavedColumn("cause_hours", "h", "list: hours of each; they sum to the closure"),
    SavedColumn("unit_*_hour", "h", "lists: when each unit of the plan was ready, permitted, arrived, closed, in"),
)
#: What is said of the runs of a design point, and of their difference from the baseline.
_STATISTICS = (
    SavedColumn("closure_day", _DAY, "mean over the runs that closed", interval=True),
    SavedColumn("p_on_time", "", "share of the runs that were in time, with Wilson's interval", interval=True),
    SavedColumn("mobility_delay_days", "days per soldier", "mean time between ready and closed", interval=True),
    SavedColumn("troops_by_deadline", "troops", "closed by the deadline, mean over runs", interval=True),
    SavedColumn("difference_days", "days", "closure less that of the baseline, over paired runs", interval=True),
    SavedColumn("difference_share", "", "share in time less that of the baseline", interval=True),
    SavedColumn("difference_delay_days", "days per soldier", "mobility delay less that of the baseline", interval=True),
    SavedColumn("difference_troops", "troops", "closed by the deadline, less those of the baseline", interval=True),
    SavedColumn("difference_closing_days", "days per soldier", "mean closure of a soldier less that of the baseline",
                interval=True),
    SavedColumn("on_time_share", "", "share of the required troops closed by the deadline, mean over runs"),
    SavedColumn("runs_on_time", "runs", "runs that were in time"),
    SavedColumn("runs", "runs", "all runs"),
    SavedColumn("unclosed", "runs", "runs that were not closed by the horizon"),
    SavedColumn("pairs", "pairs", "paired runs in which both were closed"),
    SavedColumn("correlation", "", "of the closures of paired runs: what common random numbers are worth"),
    SavedColumn("verdict", "", "on the last day: sooner, later, cannot tell apart, too few runs to tell ..."),
    SavedColumn("share_verdict", "", "on the share in time"),
    SavedColumn("delay_verdict", "", "on the mobility delay"),
    SavedColumn("closing_verdict", "", "on the mean closure of a soldier"),
)  # fmt: skip
_COST = (
    SavedColumn("cost_bn_eur", "EUR bn", "what is left to pay, overruns included"),
    SavedColumn("cost_low_bn_eur", "EUR bn", "the same at its low end"),
    SavedColumn("cost_high_bn_eur", "EUR bn", "the same at its high end"),
)
_PLAN = SavedColumn("plan", "", "whose plan it was run with: made anew, or carried over from which")
POINTS = (
    SavedColumn("infrastructure_share", "% of GDP", "level of spending in the target year"),
    SavedColumn("year", "year", "network of 1 July of that year"),
    SavedColumn(
        "mobility_fraction", "", "part of the spending that reaches military mobility; empty: each payer's own"
    ),
    *_STATISTICS,
    SavedColumn("best", "", "whether nothing cheaper or earlier does as well"),
    SavedColumn("projects_done", "projects", "in service by then"),
    SavedColumn("spent_bn_eur", "EUR bn", "spent on projects by then"),
    SavedColumn("cell", "", "digest of its network, as in runs.parquet"),
    _PLAN,
)
ALTERNATIVES = (
    SavedColumn("alternative", "", "name; the first is the baseline"),
    SavedColumn("title", "", "title"),
    *_STATISTICS,
    SavedColumn("proved_zero", "", "whether the bound proves that no run can be in time"),
    *_COST,
    SavedColumn("stands_by", "year", "by whose 1 July it can stand"),
    SavedColumn("projects", "", "projects that it adds"),
    SavedColumn("bound_day", _DAY, "before which no schedule closes the force"),
    _PLAN,
)
ACTIONS = (
    SavedColumn("action", "", "id of the project or lever"),
    SavedColumn("title", "", "title"),
    SavedColumn("kind", "", "what it is: rail, ports, rules, warning ..."),
    SavedColumn("lever", "", "whether it is a lever; else a project"),
    SavedColumn("decides", "", "of a lever: who decides"),
    SavedColumn("political", "", "of a lever: what it takes beside money"),
    *_COST,
    SavedColumn("counts_from", "year", "by whose 1 July it can stand if it is decided at once"),
    SavedColumn("days_sooner", "days", "by which the last day comes sooner", interval=True),
    SavedColumn("points", "percentage points", "of the required troops more by the deadline", interval=True),
    SavedColumn("soldier_days_sooner", "days per soldier", "by which a soldier is closed sooner", interval=True),
    SavedColumn("delay_days_saved", "days per soldier", "of mobility delay saved", interval=True),
    SavedColumn("pairs", "pairs", "paired runs"),
    SavedColumn("sure", "", "what is sure of it, in words"),
    SavedColumn("verdict", "", "on the last day"),
    SavedColumn("share_verdict", "", "on the share in time"),
    SavedColumn("closing_verdict", "", "on the mean closure of a soldier"),
    SavedColumn("delay_verdict", "", "on the mobility delay"),
    SavedColumn("frontier", "", "whether nothing cheaper does as much"),
)


def _of_end(end: str) -> tuple[SavedColumn, ...]:
    """What a number at one end of its range does, against today."""
    return (
        SavedColumn(f"{end}_days", "days", f"later last day with the {end} value", interval=True),
        SavedColumn(f"{end}_points", "percentage points", "more in time with it", interval=True),
        SavedColumn(f"{end}_soldier", "days per soldier", "later closure of a soldier with it", interval=True),
        SavedColumn(f"{end}_delay", "days per soldier", "longer mobility delay with it", interval=True),
        SavedColumn(f"{end}_pairs", "pairs", "paired runs; none where today's plan stays as it is"),
        SavedColumn(f"{end}_sure", "", "what is sure of it, in words"),
    )


NUMBERS = (
    SavedColumn("number", "", "table, kind and column of the uncertain number"),
    SavedColumn("title", "", "the same in words"),
    SavedColumn("values", "", "its low and high value"),
    SavedColumn("rows", "rows", "rows that have it"),
    SavedColumn("evidence", "", "how they were found, and how many of each"),
    SavedColumn("sources", "", "keys of the sources that most of them name"),
    SavedColumn("ends", "", "what was tried"),
    *_of_end("low"),
    *_of_end("high"),
    SavedColumn("most_soldier", "days per soldier", "the larger of both effects on a soldier, whatever its sign"),
    SavedColumn("most_days", "days", "the same of the last day"),
)
PACKAGES = (
    SavedColumn("levers", "", "ids of its levers, separated by semicolons"),
    SavedColumn("closure_day", _DAY, "mean over the runs that closed", interval=True),
    SavedColumn("p_on_time", "", "chance of what was asked, with Wilson's interval", interval=True),
    *_COST,
    SavedColumn("counts_from", "year", "by whose 1 July all of it can stand"),
    SavedColumn("gives_way_first", "", "lever of which one level less leaves the least chance"),
)
LOSSES = (
    SavedColumn("loss", "", "kind and id of what is lost; of a pair both, with a plus sign between them"),
    SavedColumn("title", "", "the same in words"),
    SavedColumn("troops", "troops", "soldiers of the units that rely on it in these days while nothing is lost"),
    SavedColumn("closure_days_later", "days", "by which the force is closed later than today", interval=True),
    SavedColumn("soldier_days_later", "days", "by which a soldier is closed later, in the mean", interval=True),
    SavedColumn("delay_days_later", "days", "by which the mobility delay of a soldier is longer", interval=True),
    SavedColumn("in_time_share_change", "", "change of the share of troops closed by the deadline", interval=True),
    SavedColumn("unclosed", "runs", "in which the force was not closed by the horizon"),
    SavedColumn("pairs", "runs", "pairs of runs; 0 where today's plan does not use it"),
    SavedColumn("sure", "", "what is sure, in words; else why nothing is"),
)
FRONTIER = (
    SavedColumn("budget_bn_eur", "EUR bn", "that may be spent beyond today"),
    SavedColumn("projects", "", "ids of what is bought, separated by semicolons"),
    SavedColumn("spent_bn_eur", "EUR bn", "what that costs, overruns included"),
    SavedColumn("spent_low_bn_eur", "EUR bn", "the same at its low end"),
    SavedColumn("spent_high_bn_eur", "EUR bn", "the same at its high end"),
    SavedColumn("counts_from", "year", "by whose 1 July all of it can stand"),
    SavedColumn("closure_day", _DAY, "mean over the runs that closed", interval=True),
    SavedColumn("share_on_time", "", "of the required troops by the deadline", interval=True),
    SavedColumn("mobility_delay_days", "days per soldier", "between ready and closed", interval=True),
    SavedColumn("gain", "days, or points", "against today, in what is bought for", interval=True),
    SavedColumn("certainty", "", "at least the chance that no other finalist is better by more than what matters"),
    SavedColumn("bound", _DAY, "before which no schedule closes the force, whatever is bought for the budget"),
    SavedColumn("runs", "runs", "of the list"),
)
EFFECTS = (
    SavedColumn("number", "", "table, kind and column of the uncertain number"),
    SavedColumn("title", "", "the same in words"),
    SavedColumn("measure", "", "soldier, last-day or late"),
    SavedColumn("unit", "", "of the measure"),
    SavedColumn("mean", "of the measure", "by Morris: mean effect of going from its low to its high value"),
    SavedColumn("size", "of the measure", "by Morris: mean size of that effect, whatever its sign"),
    SavedColumn("size_half", "of the measure", "half-width of the interval of the size, 95 %"),
    SavedColumn("spread", "of the measure", "by Morris: standard deviation of the effect"),
    SavedColumn("first", "", "by Sobol: part of the variance that goes if this number alone is known"),
    SavedColumn("first_half", "", "half-width of its interval, 95 %"),
    SavedColumn("total", "", "by Sobol: part of the variance that stays if all others are known"),
    SavedColumn("total_half", "", "half-width of its interval, 95 %"),
)
DESIGN = (
    SavedColumn("point", "", "number of the point, from 0"),
    SavedColumn("number", "", "table, kind and column of the uncertain number"),
    SavedColumn("share", "", "of its distribution that lies below its value there"),
)
OUTCOMES = (
    SavedColumn("world", "", "number of the world, from 0"),
    SavedColumn("alternative", "", "its name"),
    SavedColumn("outcome", "days, or points", "what it is judged by, in the mean of the runs of that world"),
    SavedColumn("regret", "days, or points", "by how much that is worse than the best in that world"),
    SavedColumn("on_time_share", "", "of the required troops by the deadline"),
    SavedColumn("fails", "", "whether that is less than what was called enough"),
)
DRAWN = (
    SavedColumn("world", "", "number of the world, from 0"),
    SavedColumn("number", "", "table, kind and column of the uncertain number"),
    SavedColumn("share", "", "of its distribution that lies below its value there"),
    SavedColumn("value", "", "its value; of a kind with several rows the factor of the middling one"),
)
WORTH = (
    SavedColumn("number", "", "table, kind and column of the uncertain number"),
    SavedColumn("title", "", "the same in words"),
    SavedColumn("worth", "days, or points", "by which the outcome is better if it is known before the choice"),
    SavedColumn(
        "by_chance", "days, or points", "that the best of all numbers reaches by accident once in twenty times"
    ),
)
#: Tables by the command that saves them and the path in its folder, with what a row is.
TABLES: dict[tuple[str, str], tuple[str, Sequence[SavedColumn]]] = {
    ("run", "runs.parquet"): ("a run", RUNS),
    ("run", "units.parquet"): ("a unit and run", UNITS),
    ("run", "movements/run-SEED.parquet"): ("a movement of that run, in order of request", _of_movements()),
    ("run", "worlds.parquet"): ("a run of another world", RUNS_OF_POINTS),
    ("sweep", "points.parquet"): ("a level of spending and year", POINTS),
    ("compare", "alternatives.parquet"): ("an alternative", ALTERNATIVES),
    ("best-buys", "actions.parquet"): ("an action", ACTIONS),
    ("sensitivity", "numbers.parquet"): ("an uncertain number", NUMBERS),
    ("reach", "packages.parquet"): ("a package of levers", PACKAGES),
    ("lose", "losses.parquet"): ("a loss, alone or of a pair", LOSSES),
    ("portfolio", "frontier.parquet"): ("a budget", FRONTIER),
    ("sensitivity --method", "effects.parquet"): ("a number and measure", EFFECTS),
    ("sensitivity --method", "design.parquet"): ("a point and number", DESIGN),
    ("robust", "alternatives.parquet"): ("an alternative", ALTERNATIVES),
    ("robust", "outcomes.parquet"): ("a world and alternative", OUTCOMES),
    ("robust", "numbers.parquet"): ("a world and number that is drawn", DRAWN),
    ("robust", "worth.parquet"): ("a number that is drawn", WORTH),
    ("sweep, compare, best-buys, sensitivity, reach, lose, portfolio, robust, sensitivity --method", "runs.parquet"): (
        "a run of a design point",
        RUNS_OF_POINTS,
    ),
}


def untold(found: Sequence[str], told: Sequence[SavedColumn]) -> list[str]:
    """Columns of a table that no row here says anything of, and rows here that the table has no column for.

    Parameters
    ----------
    found
        Names of the columns of a table.
    told
        What is said of them.

    Examples
    --------
    >>> untold(["seed", "day", "day_low", "x"], [SavedColumn("seed", "", ""), SavedColumn("day", "", "", True)])
    ['x', 'day_high']
    """
    patterns = [name for entry in told for name in entry.names()]
    unknown = [name for name in found if not any(fnmatchcase(name, pattern) for pattern in patterns)]
    return unknown + [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in found)]
