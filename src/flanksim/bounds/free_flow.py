"""The weakest bound: nobody ever waits for anybody."""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from flanksim.bounds.flow import Flows, Graph
from flanksim.scenario.schema import Scenario


def free_flow_hours(scenario: Scenario, flows: Flows | None = None) -> float:
    """Hour before which the required troops cannot be closed, whatever the schedule and the routes.

    Every vehicle of a unit moves from its release by the quickest admissible way, at the lowest times that a
    run can draw, without a queue; the unit is closed when its troops and the needed share of its vehicles are
    there and the shortest integration has passed. Proof: each wait, rest or dearer way in a schedule only
    adds to the time of some vehicle, and the required troops are closed no sooner than if the units close in the
    order of these earliest hours.

    Returns
    -------
    float
        Hours since C-day 00:00; infinite if the required troops cannot all reach their assembly areas.
    """
    found = flows or Flows(scenario)
    closed = [release + found.integration_h for release in found.release_h]
    for number, unit in enumerate(found.units):
        if unit.in_place:
            closed[number] = found.release_h[number]
    for graph in found.graphs:
        for home, hours in _from_homes(graph).items():
            for demand in graph.demands:
                if demand.home == home:
                    arrival = demand.release_h + hours[graph.ground(demand.target)] + found.integration_h
                    closed[demand.unit] = max(closed[demand.unit], float(arrival))
    return required_hour(scenario, found, closed)


def required_hour(scenario: Scenario, flows: Flows, closed: list[float]) -> float:
    """Hour at which units closed at `closed` hold the required troops; of all units where no troops move."""
    needed = scenario.troops_required
    if needed == 0:
        return max(closed, default=0.0)
    total = 0
    for hour, troops in sorted(zip(closed, (unit.troops for unit in flows.units), strict=True)):
        total += troops
        if total >= needed:
            return hour
    return math.inf


def _from_homes(graph: Graph) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Lowest hours from each home to every state."""
    homes = sorted({demand.home for demand in graph.demands})
    order = np.argsort(graph.hours, kind="stable")
    pairs, first = np.unique(graph.tail[order] * graph.size + graph.head[order], return_index=True)
    least = np.maximum(graph.hours[order][first], 1e-12)
    matrix = csr_matrix((least, (pairs // graph.size, pairs % graph.size)), shape=(graph.size, graph.size))
    hours = dijkstra(matrix, indices=np.array([graph.ground(home) for home in homes]))
    return dict(zip(homes, hours, strict=True))
