"""Tiny builders: scenarios of a few lines, written as a modeler would write them."""

from __future__ import annotations

import pytest

from flanksim.scenario import Scenario, loads
from flanksim.study.run import Run, simulate

#: Physics only: no papers, no integration, no rests, no chance; facilities and lift stay on.
BARE = """
flanksim: 1
name: tiny
mechanisms:
  {permissions: false, integration: false, march_rest: false, chance: false, civil_traffic: false, borders: false}
"""
#: The same without facilities and lift either.
OPEN = BARE.replace("borders: false", "borders: false, handling: false, lift: false")

#: As V18: two lines, one train an hour over 2 h and one each two hours over 5 h; 31 trains to share between them.
TWO_LINES = """
routing: {strategy: planned}
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  quick: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 2, headway_hours: 1}
  up: {from_node: a, to_node: c, mode: rail, tracks: 2, travel_hours: 5, headway_hours: 2}
  on: {from_node: c, to_node: b, mode: rail, tracks: 2, travel_hours: 0, headway_hours: 0}
units:
  u: {home_node: a, assembly_node: b, wheeled: 31}
"""


def tiny(body: str, head: str = OPEN) -> Scenario:
    """A scenario from a few lines of YAML under the usual switches."""
    return loads(head + body)


def line(trains: int, run_h: float = 4.0, headway_h: float = 0.25, tracks: int = 2, extra: str = "") -> Scenario:
    """One railway line a-b and one unit of `trains` train-loads of one vehicle each."""
    return tiny(f"""
parameters: {{vehicles_per_train: 1, close_share: 1}}
links:
  line: {{from_node: a, to_node: b, mode: rail, tracks: {tracks}, travel_hours: {run_h},
          headway_hours: {headway_h}{extra}}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: {trains}}}
""")


def closure_hour(scenario: Scenario, seed: int = 1) -> float:
    """Hour at which the force of a scenario is closed."""
    return simulate(scenario, seed).closures["all"].hour


def moves(run: Run, kind: str) -> list[tuple[float, float, float, float]]:
    """Four times of every movement of one kind, in order of request."""
    table = run.movements[run.movements["kind"] == kind]
    return list(table[["requested", "started", "cleared", "ended"]].itertuples(index=False, name=None))


@pytest.fixture(scope="session")
def mini() -> Scenario:
    """The shipped small scenario."""
    from flanksim import load

    return load("corridor-mini")


@pytest.fixture(scope="session")
def eastern() -> Scenario:
    """The shipped main scenario."""
    from flanksim import load

    return load("eastern-flank")


#: Of the runs that tests share.
SEED = 2026


@pytest.fixture(scope="session")
def eastern_run(eastern: Scenario) -> Run:
    """The main scenario once through, for tests that only read a run, or its plan."""
    return simulate(eastern, SEED)


@pytest.fixture(scope="session")
def outages_run() -> Run:
    """The same with what breaks down and is shut."""
    return simulate("eastern-flank-outages", SEED)
