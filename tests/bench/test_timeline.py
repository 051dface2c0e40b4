"""How long the timeline of every project takes: ``pytest tests/bench/test_timeline.py -s --override-ini addopts=``.

It prints; it asserts nothing about time. A sweep makes one for each of its points.
"""

from __future__ import annotations

from time import process_time

from flanksim import Spending, load
from flanksim.investment.timeline import plan_projects


def test_a_timeline_of_every_project() -> None:
    scenario = load("eastern-flank")
    seconds = []
    for _ in range(5):
        started = process_time()
        plan_projects(scenario, Spending(), 2035)
        seconds.append(process_time() - started)
    print(f"\n{len(scenario.projects)} projects to 2035: {1000 * min(seconds):.0f} ms of one core, the best of 5")
