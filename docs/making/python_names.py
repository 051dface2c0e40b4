"""`docs/reference/python.md`: every public name; the site adds signatures and docstrings (sphinx.ext.autodoc)."""

from __future__ import annotations

import inspect

import flanksim as fs

#: Types of what the public ones hold.
PARTS = (
    "flanksim.activities.Cause",
    "flanksim.bounds.rungs.Bridges",
    "flanksim.bounds.rungs.Gain",
    "flanksim.bounds.rungs.Group",
    "flanksim.bounds.rungs.Relief",
    "flanksim.measure.clocks.UnitHours",
    "flanksim.measure.closure.Closure",
    "flanksim.measure.closure.Force",
    "flanksim.measure.replications.Origin",
    "flanksim.measure.statistics.Interval",
    "flanksim.measure.world_runs.Variance",
    "flanksim.measure.world_runs.WorldRuns",
    "flanksim.tpfdd.mapping.Mapped",
    "flanksim.tpfdd.requirement.Requirement",
    "flanksim.validation.case.Range",
    "flanksim.validation.case.Result",
)

_HEAD = """# The Python interface

`import flanksim as fs`. Made from the package by `python -m docs.making`; in a shell or a notebook `help(fs.run)` says
the same. Whatever takes a scenario takes a `Scenario`, the name of a shipped one or a path.
"""


def page() -> str:
    """The whole page: tables to find a name in, then the names."""
    names = [name for name in fs.__all__ if not name.startswith("_")]
    classes = [name for name in names if inspect.isclass(getattr(fs, name))]
    functions = [name for name in names if name not in classes]
    parts = [_HEAD]
    for title, found in (("Functions", functions), ("What they give and take", classes)):
        parts += [f"\n| {title.lower()} | |\n|---|---|\n", *(f"| `fs.{name}` | {_summary(name)} |\n" for name in found)]
    for title, found in (("Functions", functions), ("What they give and take", classes)):
        parts += [f"\n## {title}\n", *map(_documented, found)]
    parts += ["\n## What these hold\n", *map(_class, PARTS)]
    return "".join(parts)


def _summary(name: str) -> str:
    """First sentence of its docstring, as Markdown."""
    text = inspect.getdoc(getattr(fs, name)) or ""
    return " ".join(text.partition("\n\n")[0].split()).replace("``", "`").replace("|", r"\|")


def _documented(name: str) -> str:
    if inspect.isclass(getattr(fs, name)):
        return _class(f"flanksim.{name}")
    return f"\n```{{eval-rst}}\n.. autofunction:: flanksim.{name}\n```\n"


def _class(path: str) -> str:
    options = "   :members:\n   :inherited-members: BaseModel, Exception, tuple\n   :exclude-members: model_config\n"
    return f"\n```{{eval-rst}}\n.. autoclass:: {path}\n{options}```\n"
