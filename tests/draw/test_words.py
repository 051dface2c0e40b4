"""Codes become words: every element of the shipped scenario, and nothing left raw."""

from __future__ import annotations

import re

import pytest

from flanksim.activities import Cause
from flanksim.scenario import Scenario
from flanksim.scenario.naming import element, lift, place, places_of, readable
from flanksim.study.run import Run

CODE = re.compile(r"\b[A-Z]_[A-Z]{3,4}\b|\b[LRST]\d{3}\b|_|>")


@pytest.mark.slow
def test_every_element_of_the_plan_has_words(eastern: Scenario, eastern_run: Run) -> None:
    plan = eastern_run.plan
    for thing in (*plan.gates, *plan.servers, *plan.stores, *plan.pools):
        said = element(eastern, thing.name)
        assert not CODE.search(said), (thing.name, said)
        for cause in (f"queue at {thing.name}", f"full yard {thing.name}", f"lift {thing.name}"):
            assert not CODE.search(readable(Cause.of(cause), eastern)), cause


@pytest.mark.slow
def test_every_gate_stands_at_its_entrance(eastern: Scenario, eastern_run: Run) -> None:
    for gate in eastern_run.plan.gates:
        link = eastern.links[gate.name.split(":")[0]]
        ends = places_of(gate.name, eastern)
        assert set(ends) == {link.from_node, link.to_node}
        if ":" in gate.name:
            assert gate.name.endswith(f":{ends[0]}>{ends[1]}")
    assert places_of("sealift_atlantic_rrf", eastern) == ()
    assert places_of("berth:P_BPT", eastern) == ("P_BPT",)


def test_words_by_example(eastern: Scenario) -> None:
    assert place(eastern, "P_BPT") == "Beaumont TX"  # the tables add: (US strategic seaport)
    assert lift(eastern, "rail_heavy_1435") == "heavy flats (1435 mm)"
    assert readable(Cause.of("queue at berth:P_BPT"), eastern) == "queue at berths of Beaumont TX"
    assert readable(Cause.of("queue at L171"), eastern) == "queue on rail Elk-Suwalki"
    assert (
        readable(Cause.of("lift sealift_atlantic_rrf"), eastern) == "waiting for lift (US Ready Reserve Force ro-ros)"
    )
    assert readable(Cause.of("outage derailment L171"), eastern) == "derailment on rail Elk-Suwalki"
    assert readable(Cause.of("not ready"), eastern) == "not ready"
    assert readable(Cause.of("lift on its way"), eastern) == "lift on its way"
