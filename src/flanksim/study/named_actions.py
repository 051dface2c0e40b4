"""Projects and levers that change what a critical path waits for, as changes to be tried by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain

from flanksim.activities import Why
from flanksim.investment.projects import with_prerequisites
from flanksim.measure.awaited import IN_LINE
from flanksim.measure.critical import Piece
from flanksim.scenario.levers import projects_of, settings_of
from flanksim.scenario.project_rows import Effect
from flanksim.scenario.schema import Scenario
from flanksim.study.alternatives import built_by_its_year
from flanksim.study.best_buys import actions_of
from flanksim.study.one_at_a_time import Change

#: Whether a piece of the path of a unit has to do with something.
Touches = Callable[[Piece, str], bool]

#: What leaves its place, or comes, sooner with more warning.
_WARNED = (Why.NOT_READY, Why.PERMISSION, Why.LIFT)
#: What a unit whose kit is stored on the way does not wait for.
_FROM_HOME = (Why.NOT_READY, Why.LIFT)
_IN_TRAFFIC = (Why.QUEUE, Why.FULL_YARD)


def named_actions(
    scenario: Scenario, share: Callable[[Touches], float], most: int, wanted: Sequence[str] | None = None
) -> list[tuple[Change, float]]:
    """Projects and levers that change what the paths hang on, by the share that they touch, the largest first.

    Parameters
    ----------
    scenario
        The scenario that was run, as its file states it.
    share
        Share of the critical paths whose pieces a test holds for.
    most
        How many; of one family of levers only the last one, which goes furthest.
    wanted
        These alone, by id, whether they touch anything or not.

    Raises
    ------
    FlanksimError
        E216 for an id that there is not.
    """
    keys = wanted
    if keys is None:
        families = {lever.family or key: key for key, lever in scenario.levers.items() if not lever.moves_nobody}
        keys = [*families.values(), *scenario.projects]
    elif keys:
        actions_of(scenario, keys, scenario.seed)  # refuses what there is not
    ranked = sorted(((share(_touching(scenario, key)), key) for key in keys), key=lambda item: (-item[0], item[1]))
    found: list[tuple[Change, float]] = []
    for part, key in ranked:
        if len(found) == most or (part == 0.0 and wanted is None):
            break
        (action,) = actions_of(scenario, [key], scenario.seed)
        if action.network is not None:
            kind, cost = "project" if action.lever is None else "lever", action.about.cost_bn_eur[1]
            what = f"{kind} {key}: {action.about.title}" + (f" (EUR {cost:.2g} bn)" if cost > 0 else "")
            apply = partial(_made, action.network)
            found.append((Change(what, _by_unit, apply, kind, key), part))
    return found


def _made(network: Scenario, _: Scenario) -> Scenario:
    return network


def _by_unit(_: Piece) -> bool:
    """No piece says it alone: what a project or lever touches hangs on whose path it is, see `Touches`."""
    return False


def _touching(scenario: Scenario, key: str) -> Touches:
    """Whether a piece of a path has to do with a row that a project or lever changes."""
    touching = list(_rows_of(scenario, key))
    return lambda piece, unit: any(one(piece, unit) for one in touching)


def _rows_of(scenario: Scenario, key: str) -> Iterator[Touches]:
    lever = scenario.levers.get(key)
    projects = (key,) if lever is None else projects_of(scenario, lever)
    built = built_by_its_year(scenario)
    owners = {key, *(name for name in with_prerequisites(scenario, projects) if built.get(name, 0.0) < 1.0)}
    effects = [effect for effect in scenario.effects.values() if effect.project_id in owners]
    yield from chain.from_iterable(_of_effect(scenario, effect) for effect in effects)
    if lever is not None and "warning_days" in settings_of(lever).get("question", {}):
        yield lambda piece, _: piece.cause.kind in _WARNED


def _of_effect(scenario: Scenario, effect: Effect) -> Iterator[Touches]:
    for row_id in effect.targets:
        if effect.table == "links":
            yield _on_link(row_id)
        elif effect.table == "chokepoints":
            yield _on_link(scenario.chokepoints[row_id].link_id)
        elif effect.table == "facilities":
            row = scenario.facilities[row_id]
            yield _at(f"{row.kind}:{row.place}")
        elif effect.table == "fleets":
            yield _lift_of(scenario.fleets[row_id].pool)
        elif effect.table == "permissions" or effect.attribute == "permission":
            yield lambda piece, _: piece.cause.kind is Why.PERMISSION
        elif effect.attribute == "traffic":
            yield lambda piece, _: piece.cause.kind in _IN_TRAFFIC or piece.what in IN_LINE
        elif effect.table == "units":
            yield _of_unit(row_id, (Why.NOT_READY,) if effect.attribute == "ready_day" else _FROM_HOME)
        elif row_id == "integration_days":
            yield lambda piece, _: piece.cause.kind is Why.INTEGRATION


def _of_unit(name: str, causes: Sequence[Why]) -> Touches:
    return lambda piece, unit: unit == name and piece.cause.kind in causes


def _on_link(key: str) -> Touches:
    return lambda piece, _: key in (piece.cause.thing.partition(":")[0], piece.at.partition(":")[0])


def _at(name: str) -> Touches:
    return lambda piece, _: name in (piece.cause.thing, piece.at)


def _lift_of(pool: str) -> Touches:
    """Waits for a pool, or for the part of it that `flanksim.scenario.naming.subpool` names."""
    return lambda piece, _: piece.cause.kind is Why.LIFT and piece.cause.thing.partition(" [")[0] == pool
