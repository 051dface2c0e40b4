"""What upgrades do to closure and mobility delay with plans made anew and carried over, and which one is chosen.

``python -m tests.bench.never_worse eastern-flank --count 12`` takes the first of `tests.bench.upgrades`; names of
gates, places of work and pools (``berth:P_HAL``) take one more of each of these; ``--pairs 5`` measures nested pairs.
Differences are means over evaluation seeds, against the scenario (of a pair: against the smaller set) with its own
plan; below zero is sooner.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from time import perf_counter

from flanksim import load
from flanksim.engine.streams import seeds
from flanksim.network.network import Network
from flanksim.network.one_more import one_more
from flanksim.planning.compile import Planner
from flanksim.planning.plan import Plan
from flanksim.scenario.schema import Scenario
from flanksim.study.candidates import Carried, Chosen, choose, choose_on, played
from tests.bench.upgrades import Upgrade, nested_pairs, upgrades

Days = tuple[float, float]


@dataclass
class Bench:
    """Evaluation seeds of a scenario, and how its plans do with them."""

    root: int
    seeds: list[int]
    choice: bool = True

    def days(self, plan: Plan) -> Days:
        """Mean closure day and mobility delay of a plan."""
        closure, delay = zip(*(played(plan, seed) for seed in self.seeds), strict=True)
        return fmean(closure), fmean(delay)

    def chosen(self, scenario: Scenario, below: Sequence[Carried] = ()) -> Chosen:
        """The plan of a scenario above these."""
        return choose(scenario, below, self.root)

    def row(self, what: str, scenario: Scenario, below: Carried, base: Days) -> str:
        """A row of the table: differences with the plan made anew, carried over and chosen, and which one that is."""
        planner = Planner(Network(scenario))
        anew, carried = planner.anew(), planner.carried(below.choices)
        new = self.days(anew.plan)
        old = new if carried is None or carried.choices.same_as(anew.choices) else self.days(carried.plan)
        word = "the same" if old is new else ""
        if self.choice and not word:
            start = perf_counter()
            kept = choose_on(planner, [below], self.root).origin.cell
            word = f"{'carried over' if kept else 'made anew'}, in {perf_counter() - start:.0f} s"
        cells = [f"{now - before:+.2f}" for days in (new, old) for now, before in zip(days, base, strict=True)]
        return f"| {what} | {' | '.join(cells)} | {word} |"


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("scenario")
    asked.add_argument("names", nargs="*")
    asked.add_argument("--count", type=int, default=0)
    asked.add_argument("--pairs", type=int, default=0)
    asked.add_argument("--seeds", type=int, default=3)
    asked.add_argument("--strategy", default="")
    asked.add_argument("--no-choice", action="store_true", help="do not play with planning seeds")
    given = asked.parse_args()
    scenario = load(given.scenario, {"routing": {"strategy": given.strategy}} if given.strategy else {})
    bench = Bench(scenario.seed, seeds(scenario.seed, given.seeds), not given.no_choice)
    own = bench.chosen(scenario)
    base = bench.days(own.plan)
    print(f"{scenario.name}, {scenario.routing.strategy}: C+{base[0]:.2f}, delay {base[1]:.2f}, {given.seeds} seeds\n")
    print("| upgrade | anew: closure | delay | carried: closure | delay | chosen |")
    print("|---|---|---|---|---|---|", flush=True)
    wanted = upgrades(scenario, given.count) if given.count else []
    for name in given.names:
        more = one_more(scenario, name)
        if more is None:
            asked.error(f"no capacity is called {name}")
        wanted.append(Upgrade(str(more), more.apply))
    for upgrade in wanted:
        print(bench.row(upgrade.what, upgrade.apply(scenario), own.carried("base"), base), flush=True)
    for small, large in nested_pairs(scenario, given.pairs):
        less = bench.chosen(small.apply(scenario), [own.carried("base")])
        row = bench.row(large.what, large.apply(scenario), less.carried("small"), bench.days(less.plan))
        print(row, flush=True)


if __name__ == "__main__":
    main()
