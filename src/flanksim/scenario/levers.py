"""Levers: what a row names (projects, settings, effects of its own), read in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flanksim.errors import FlanksimError
from flanksim.scenario.picking import names_in
from flanksim.scenario.text import parsed, plain

if TYPE_CHECKING:
    from flanksim.scenario.project_rows import Lever
    from flanksim.scenario.schema import Scenario

#: Parts of a scenario of which a lever may set fields.
SETTABLE = ("question", "forces")


def without_removed(raw: dict[str, Any], removed: Mapping[tuple[str, str], str]) -> None:
    """Take rows that a scenario removes out of the effects of levers, and levers with nothing left; `raw` is changed.

    A lever is an offer: who takes a unit out need not take it out of every lever too.

    Parameters
    ----------
    raw
        Rows by table and id, as read.
    removed
        Rows that were taken out, by table and id.
    """
    levers, effects = (part if isinstance(part := raw.get(name), dict) else {} for name in ("levers", "effects"))
    emptied = set()
    for key, row in list(effects.items()):
        if not isinstance(row, dict) or row.get("project_id") not in levers:
            continue
        targets = names_in(row.get("targets"))
        left = [name for name in targets if (row.get("table"), name) not in removed]
        if not left and targets:
            emptied.add(effects.pop(key)["project_id"])
        elif left != targets:
            effects[key] = row | {"targets": left}
    for key in emptied - {row.get("project_id") for row in effects.values() if isinstance(row, dict)}:
        if not (levers[key].get("projects") or levers[key].get("settings")):
            del levers[key]


def projects_of(scenario: Scenario, lever: Lever) -> tuple[str, ...]:
    """Projects that a lever names, by id or by kind, each once; without those that the model cannot show."""
    found: dict[str, None] = {}
    for word in lever.projects:
        keys = [word] if word in scenario.projects else by_kind(scenario, word)
        found |= dict.fromkeys(key for key in keys if not scenario.projects[key].not_modelled)
    return tuple(found)


def by_kind(scenario: Scenario, kind: str) -> list[str]:
    """Projects of a kind, in the order of the table."""
    return [key for key, row in scenario.projects.items() if row.kind == kind]


def settings_of(lever: Lever) -> dict[str, dict[str, Any]]:
    """What a lever sets, by part of the scenario and field.

    Raises
    ------
    FlanksimError
        E102 for a value that is no YAML.
    ValueError
        For what is not written as part.field=value.
    """
    found: dict[str, dict[str, Any]] = {}
    for entry in lever.settings:
        path, equals, text = entry.partition("=")
        part, dot, field = path.strip().partition(".")
        if not equals or not dot or part not in SETTABLE or not field:
            raise ValueError(entry)
        found.setdefault(part, {})[field] = plain(parsed(text, f"setting {path}"))
    return found


def with_settings(scenario: Scenario, settings: Mapping[str, Mapping[str, Any]]) -> Scenario:
    """The scenario with these fields of its parts set.

    Raises
    ------
    FlanksimError
        For a field that there is not, or a value that it cannot have.
    """
    update = {part: getattr(scenario, part).model_dump() | dict(values) for part, values in settings.items()}
    return scenario.model_copy(update=update) if update else scenario


def unsettable(scenario: Scenario, lever: Lever) -> str:
    """What is wrong with the settings of a lever; empty if nothing is."""
    try:
        with_settings(scenario, settings_of(lever))
    except ValueError as error:
        return f"'{error}' is not of the form part.field=value with the part {' or '.join(SETTABLE)}"
    except FlanksimError as error:
        return error.problems[0].message
    return ""
