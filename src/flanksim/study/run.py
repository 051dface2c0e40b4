"""One replication, ready to be looked at: `simulate` and `Run`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Self

import numpy as np

from flanksim.engine.choice import ENGINES, engine_for, simulator
from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import at_year
from flanksim.measure.closure import ALL, Closure, closures, group_key, label
from flanksim.measure.critical import Piece, closing_unit, critical_path, waited_for
from flanksim.measure.ledger import Ledger, ledger
from flanksim.metrics.clocks import CLOCKS_OF_RUN
from flanksim.metrics.closure import CLOSURE
from flanksim.metrics.critical_path import BOTTLENECKS
from flanksim.metrics.fleets import FLEETS
from flanksim.metrics.flow_map import FLOW_MAP
from flanksim.metrics.journey import JOURNEY, unit_of
from flanksim.metrics.modal_split import MODAL_SPLIT
from flanksim.metrics.queues import QUEUES
from flanksim.metrics.sailings import SAILINGS
from flanksim.movements import MovementLog
from flanksim.network.edited import tables_of
from flanksim.network.graph import build
from flanksim.notebook import html_table
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario.arguments import as_scenario, as_seed, one_of
from flanksim.scenario.schema import Scenario

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    from matplotlib.axes import Axes


class OfForce(float):
    """A number of the whole force; called with the name of a group, it gives that of the group."""

    def __new__(cls, value: float, groups: Mapping[str, float] | None = None) -> Self:  # noqa: D102
        found = super().__new__(cls, value)
        found._groups = dict(groups or {})
        return found

    _groups: dict[str, float]

    def __call__(self, group: str = ALL) -> float:
        """Of ``"all"``, a regional plan, or ``"tier 1"``.

        Raises
        ------
        FlanksimError
            E129 if there is no such group.
        """
        return self._groups[group_key(group, self._groups)]


@dataclass(frozen=True)
class Run:
    """One replication of a scenario.

    Attributes
    ----------
    closure_day
        C-day, with fraction, on which the required troops belonged to closed units; nan if never.
    on_time_share
        Share of the required troops that were closed by the deadline.
    movements
        pandas DataFrame, one row a movement, with names instead of numbers.
    ledger
        What every serial did and waited for, hour by hour: ``totals``, ``lateness``, ``of`` one serial, ``table``.
    closure, bottlenecks, queues, map, journey, fleets, sailings
        Metrics: call one for its table, ``.plot()`` it for its figure.
    """

    scenario: Scenario
    plan: Plan
    outcome: MovementLog
    seconds: float = field(default=0.0, compare=False)

    @cached_property
    def closures(self) -> dict[str, Closure]:
        """Closure by key: ``all``, ``plan <name>`` for each regional plan, ``tier 1``; each by its own deadline."""
        return closures(self.plan, self.outcome.closed_h)

    @property
    def closure_day(self) -> OfForce:
        """C-day of closure, nan if the force was not closed by the horizon; ``closure_day(group)`` is a group's."""
        return OfForce(self.closures[ALL].day, {name: found.day for name, found in self.closures.items()})

    @property
    def on_time_share(self) -> OfForce:
        """Share of the required troops closed by the deadline, 0 to 1; ``on_time_share(group)`` is a group's."""
        shares = {name: found.on_time_share for name, found in self.closures.items()}
        return OfForce(self.closures[ALL].on_time_share, shares)

    @cached_property
    def movements(self) -> pd.DataFrame:
        """The movement table with names: serial, unit, element, kind, resource, four times in hours."""
        frame: pd.DataFrame = self.outcome.table().to_pandas()
        return frame

    @cached_property
    def units(self) -> pd.DataFrame:
        """One row a unit: who, from where, when its troops were in and when it was closed (C-days)."""
        import pandas as pd

        rows = [
            {
                "unit": unit.unit_id,
                "name": unit.name,
                "nation": unit.nation,
                "unit_type": unit.unit_type,
                "regional_plan": unit.regional_plan,
                "tier": unit.tier,
                "troops": unit.troops,
                "vehicles": unit.vehicles,
                "assembly": unit.assembly,
                "required_day": unit.required_h / 24 - 1,
                "troops_in_day": troops / 24 - 1,
                "closed_day": closed / 24 - 1,
            }
            for unit, closed, troops in zip(self.plan.units, self.outcome.closed_h, self.outcome.troops_h, strict=True)
        ]
        return pd.DataFrame(rows)

    @cached_property
    def ledger(self) -> Ledger:
        """The life of each serial from C-day to the closure of its unit, split into states that sum to it."""
        return ledger(self.outcome)

    def critical_path(self, unit: str | None = None) -> list[Piece]:
        """Pieces, in order of time, that sum to the closure of `unit` (default: the one that completes the force).

        They are the unit's own: the life of the serial with which it was complete.
        """
        return self._path(critical_path, unit)

    def waited_for(self, unit: str | None = None) -> list[Piece]:
        """What `unit` waited for, and what that had waited for: pieces, mostly of others, that sum to its closure too.

        See `flanksim.measure.critical`.
        """
        return self._path(waited_for, unit)

    def _path(self, read: Callable[[MovementLog, int], list[Piece]], unit: str | None) -> list[Piece]:
        number = closing_unit(self.outcome)
        if unit is not None:
            chosen = unit_of(self.scenario, self.outcome, unit)
            number = next(n for n, entry in enumerate(self.plan.units) if entry.unit_id == chosen)
        return [] if number is None else read(self.outcome, number)

    clocks = CLOCKS_OF_RUN
    closure = CLOSURE
    bottlenecks = BOTTLENECKS
    queues = QUEUES
    map = FLOW_MAP
    journey = JOURNEY
    modal_split = MODAL_SPLIT
    fleets = FLEETS
    sailings = SAILINGS

    def replay(self, seed: int | None = None) -> MovementLog:
        """The movements of this run.

        Raises
        ------
        FlanksimError
            E124 for the seed of another run.
        """
        if seed is not None and seed != self.outcome.seed:
            hint = f"flanksim.simulate(scenario, seed={seed}) gives that one"
            problem = f"this run is of seed {self.outcome.seed}, not of {seed}"
            raise FlanksimError(Problem("E124", self.scenario.name, "seed", problem, hint))
        return self.outcome

    def plot(self) -> Axes:
        """Closure curve of this run."""
        return self.closure.plot()

    def _repr_html_(self) -> str:
        rows = [
            {
                "": label(group),
                "troops": f"{found.troops:,}",
                "closed on": f"C+{found.day:.1f}" if np.isfinite(found.day) else "not closed",
                "in time": f"{found.on_time_share:.0%}",
            }
            for group, found in self.closures.items()
        ]
        return html_table(f"{self.scenario.title or self.scenario.name}, one run", rows, f"seed {self.outcome.seed}")

    def __repr__(self) -> str:
        """Summary in one line."""
        day = f"C+{self.closure_day:.1f}" if np.isfinite(self.closure_day) else "not closed"
        return (
            f"Run({self.scenario.name!r}, seed {self.outcome.seed}: {day}, {self.on_time_share:.0%} on time, "
            f"{self.plan.moving_serials:,} serials, {len(self.outcome):,} movements)"
        )


def simulate(
    scenario: Scenario | str | Path,
    seed: int | None = None,
    *,
    network: nx.MultiDiGraph[str] | None = None,
    engine: str | None = None,
) -> Run:
    """Plan and run one replication.

    Parameters
    ----------
    scenario
        A Scenario, or the path or name of one.
    seed
        Root of all random streams; the scenario's own seed if not given. With the seed of a replication of a study,
        this is that replication.
    network
        The network as `graph` gives it, edited; None for that of the scenario's tables.
    engine
        ``"simpy"``, which is the default of one run, or ``"compiled"``, which gives the same bytes.

    Returns
    -------
    Run
        ``closure_day`` is a C-day label, ``on_time_share`` 0 to 1, ``movements`` a table in hours since C-day 00:00.

    Raises
    ------
    FlanksimError
        What `flanksim.load` raises; E305 for a load without a way, E308 for a network that cannot be used.

    Examples
    --------
    >>> simulate("corridor-mini", seed=1).closures["all"].troops
    9000
    """
    entry = at_year(as_scenario(scenario))
    started = perf_counter()
    number = as_seed(seed, entry.seed)
    entry = entry if network is None else tables_of(entry, network)
    plan = compile_plan(entry, network)
    outcome = simulator(engine_for(plan, one_of("engine", engine, (None, *ENGINES))))(plan, number)
    return Run(entry, plan, outcome, perf_counter() - started)


def graph(scenario: Scenario | str | Path) -> nx.MultiDiGraph[str]:
    """The network of a scenario as a networkx graph: what routes are searched on, to be looked at or edited.

    Parameters
    ----------
    scenario
        A Scenario, or the path or name of one.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes are ids of places and carry ``name, country, lat, lon`` (degrees), ``kind, regional_plan, rail_region``
        and ``facilities``, a dict of `flanksim.network.elements.Facility` by kind. Each link is two edges, one in each
        direction, whose key is its id; they carry ``mode, forward, length_km, speed_kmh, boarding_hours`` (of a
        ferry), ``travel`` (hours, or None where these say it), ``trains_per_day``, ``ships_per_day`` or
        ``vehicles_per_hour`` (net of civil traffic; trains and ships over both directions, vehicles in one),
        ``gross_capacity, shared`` (single track),
        ``headway_hours, opposing_clearance_hours, closed`` (hours since C-day), ``gauges`` (mm), ``max_mlc,
        max_axle_load_t, loading_gauge, max_draught_m, waters`` and ``border``.

    Raises
    ------
    FlanksimError
        What `flanksim.load` raises.

    Examples
    --------
    A link less, and a line with more trains:

    >>> network = graph("corridor-mini")
    >>> network.remove_edge("HAJ", "POZ", "rail-west")
    >>> for ends in (("WAW", "ORZ"), ("ORZ", "WAW")):
    ...     network.edges[*ends, "rail-masuria"]["trains_per_day"] = 30
    >>> simulate("corridor-mini", seed=1, network=network).closures["all"].troops
    9000
    """
    return build(at_year(as_scenario(scenario)))
