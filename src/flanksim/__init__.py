"""flanksim: can a force be closed where it is needed in time, and what should be built first?

>>> import flanksim as fs
>>> run = fs.simulate("corridor-mini", seed=1)
>>> run.closures["all"].troops
9000
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flanksim.errors import FlanksimError, Problem
    from flanksim.investment.apply import apply, apply_projects
    from flanksim.scenario.reading import load, loads
    from flanksim.scenario.schema import Scenario
    from flanksim.scenario.spending import Spending
    from flanksim.study.compare import Comparison, compare
    from flanksim.study.run import Run, graph, simulate
    from flanksim.study.study import Study, run_study
    from flanksim.study.sweep import Sweep, sweep

#: Public name to the room in which it lives; imported when first used, so that workers start fast.
_HOMES = {
    "Comparison": "flanksim.study.compare",
    "FlanksimError": "flanksim.errors",
    "Problem": "flanksim.errors",
    "Run": "flanksim.study.run",
    "Scenario": "flanksim.scenario.schema",
    "Spending": "flanksim.scenario.spending",
    "Study": "flanksim.study.study",
    "Sweep": "flanksim.study.sweep",
    "apply": "flanksim.investment.apply",
    "apply_projects": "flanksim.investment.apply",
    "compare": "flanksim.study.compare",
    "graph": "flanksim.study.run",
    "load": "flanksim.scenario.reading",
    "loads": "flanksim.scenario.reading",
    "run_study": "flanksim.study.study",
    "simulate": "flanksim.study.run",
    "sweep": "flanksim.study.sweep",
}

__all__ = [
    "Comparison",
    "FlanksimError",
    "Problem",
    "Run",
    "Scenario",
    "Spending",
    "Study",
    "Sweep",
    "apply",
    "apply_projects",
    "compare",
    "graph",
    "load",
    "loads",
    "run_study",
    "simulate",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'flanksim' has no attribute '{name}'")
    from importlib import import_module

    module = import_module(_HOMES[name])
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
