"""Which engine makes a run: the reference on SimPy, or its compiled twin, which gives the same bytes.

The twin serves studies, where it is installed and pays; a single run is the reference's unless the twin is asked for. A
plan that the twin does not know, or a twin that does not compile, is served by the reference, and a warning says so.
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib.util import find_spec

from flanksim.engine.calling import Player
from flanksim.engine.simulate import simulate_plan
from flanksim.errors import FlanksimError, Problem
from flanksim.movements import MovementLog
from flanksim.planning.plan import Plan

ENGINES = ("simpy", "compiled")
#: Serials in all runs of a study from which on the twin is taken unasked: below, it takes longer to load than it saves.
PAYS_FROM = 20_000


class EngineWarning(UserWarning):
    """The twin was wanted, and the reference runs."""


def simulator(engine: str) -> Player:
    """What plays a plan with a seed: the reference, or the twin, which leaves to the reference what it cannot serve."""
    return simulate_plan if engine == "simpy" else _simulate_compiled


def engine_for(plan: Plan, wanted: str | None, runs: int = 1, *, tell: bool = True) -> str:
    """The engine for so many runs of a plan; made ready where it is the twin.

    Parameters
    ----------
    wanted
        One of `ENGINES`; None for the twin if it is installed and pays.
    runs
        How many runs of this plan, or of plans like it.
    tell
        Warn if the twin was wanted and the reference runs.

    Raises
    ------
    FlanksimError
        E515 if the twin is asked for and numba is not installed.
    """
    if wanted is None and (runs <= 1 or runs * plan.moving_serials < PAYS_FROM or not _installed()):
        return "simpy"
    wanted = make_ready(wanted or "compiled", tell=tell)
    if wanted == "compiled" and (reason := _not_served(plan)):
        return _left_to_simpy(reason, tell)
    return wanted


def make_ready(engine: str, *, tell: bool = True) -> str:
    """Compile the twin if it is the engine; the engine that runs, which is the reference if that fails.

    Raises
    ------
    FlanksimError
        E515 if the twin is asked for and numba is not installed.
    """
    if engine == "simpy":
        return engine
    if not _installed():
        said = "the compiled engine is asked for, and numba is not installed"
        raise FlanksimError(
            Problem("E515", "compiled", "engine", said, "pip install 'flanksim[fast]', or engine simpy")
        )
    if reason := _not_compiled():
        return _left_to_simpy(reason, tell)
    return engine


def _left_to_simpy(reason: str, tell: bool) -> str:
    if tell:
        warnings.warn(f"the compiled engine cannot serve this: {reason}; SimPy runs it", EngineWarning, stacklevel=3)
    return "simpy"


def _installed() -> bool:
    return find_spec("numba") is not None


@cache
def _not_compiled() -> str:
    """Why the twin cannot be compiled, in words; "" if it is ready. Compiled once, then kept beside the source."""
    try:
        from flanksim.engine import compiled

        compiled.prepare()
    except Exception as error:  # whatever numba or LLVM say, on whatever machine
        return f"it was not compiled ({' '.join(str(error).split())[:120] or type(error).__name__})"
    return ""


def _not_served(plan: Plan) -> str:
    """What of the plan the twin does not know, in words; "" if nothing."""
    if "not_served" not in plan.found:
        from flanksim.engine.compiled_tables import unknown

        what = unknown(plan)
        plan.found["not_served"] = f"it does not know {what}" if what else ""
    return str(plan.found["not_served"])


def _simulate_compiled(plan: Plan, seed: int) -> MovementLog:
    if not _installed() or _not_compiled() or _not_served(plan):  # a worker elsewhere may lack what is here
        return simulate_plan(plan, seed)
    from flanksim.engine.compiled_run import simulate_compiled

    return simulate_compiled(plan, seed)
