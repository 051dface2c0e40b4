"""Checks of levers: what they name must be there, and each must change something."""

from __future__ import annotations

from collections.abc import Iterable

from flanksim.errors import Problem
from flanksim.scenario.levers import by_kind, unsettable
from flanksim.scenario.saying import Say
from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import close_to


def check_levers(scenario: Scenario, say: Say) -> Iterable[Problem]:
    """Every problem of the levers of `scenario`."""
    owners = {effect.project_id for effect in scenario.effects.values()}
    kinds = {row.kind for row in scenario.projects.values()}
    for key, lever in scenario.levers.items():
        path = ("levers", key)
        if key in scenario.projects:
            yield say("E237", path, f"'{key}' is the id of a project too", "give the lever another id")
        for word in lever.projects:
            if word not in scenario.projects and not by_kind(scenario, word):
                hint = close_to(word, [*scenario.projects, *kinds], "write the id or the kind of a project", cutoff=0.5)
                yield say("E216", (*path, "projects"), f"unknown project or kind '{word}'", hint)
        if wrong := unsettable(scenario, lever):
            yield say("E237", (*path, "settings"), wrong, "write for example question.warning_days=14")
        if not lever.projects and not lever.settings and key not in owners:
            hint = "name projects or settings, or add a row to effects.csv that names this lever"
            yield say("E213", path, "changes nothing", hint)
