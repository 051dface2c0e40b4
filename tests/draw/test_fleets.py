"""The fleet figure: panels of the busiest pools, areas that are the ledger's shares, deadline and provenance."""

from __future__ import annotations

import numpy as np
import pytest

from flanksim.activities import Use
from flanksim.measure.fleets import fleets
from flanksim.metrics.fleets import FAMILIES, fleet_use
from flanksim.scenario.reading import load, shipped
from flanksim.study.run import simulate


def panels(axes):
    return [panel for panel in axes.figure.axes if panel.get_visible()]


def areas(panel) -> list[float]:
    """Area of each polygon of a panel, in days x share, by the shoelace formula."""
    found = []
    for patch in panel.collections:
        (path,) = patch.get_paths()
        x, y = path.vertices.T
        found.append(0.5 * abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))))
    return found


def test_panels_are_the_busiest_pools_in_order_and_areas_the_shares_of_the_ledger() -> None:
    run = simulate("corridor-mini", 1)
    axes = fleet_use(run.outcome, most=3)
    shown = panels(axes)
    found = fleets(run.outcome)
    busy = list(found.in_use())[:3]
    assert [panel.get_title(loc="left").split(":")[0] for panel in shown] == busy
    days = found.until_h / 24
    for panel, pool in zip(shown, busy, strict=True):
        share = found.shares()[pool]
        expected = [share[list(members)].sum() * days for _, _, _, members in FAMILIES]
        assert areas(panel) == pytest.approx(expected, abs=1e-9)
        deadline = [line for line in panel.lines if list(line.get_xdata()) == [30.0, 30.0]]
        assert len(deadline) == 1
    assert "C+30" in shown[-1].get_xlabel()
    note = axes.figure.get_supxlabel()
    assert "seed 1" in note
    assert run.plan.scenario_digest in note
    assert f"{len([v for v in found.in_use().values() if v > 0]) - 3} less busy" in note


def test_every_use_is_drawn_once() -> None:
    assert sorted(use for _, _, _, members in FAMILIES for use in members) == list(Use)


def test_one_pool_and_no_pool_at_all() -> None:
    one = simulate(load(shipped() / "verification" / "v25-rail-sets.yaml"), 1)
    (panel,) = panels(fleet_use(one.outcome))
    assert panel.get_title(loc="left") == "sets: 7 train sets, 95% in use"  # 1 - 32/658, see tests/measure
    none = simulate(load(shipped() / "verification" / "v21-headway.yaml"), 1)
    axes = fleet_use(none.outcome)
    (legend,) = axes.figure.legends
    assert "no lift is used" in legend.get_title().get_text()
