"""The page as text, from the objects of a study: one file that asks nothing of the network."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from markupsafe import Markup

from flanksim.report.answer_tables import answer_section
from flanksim.report.checklists import rerun_section, sheet_section, terms_section
from flanksim.report.context import Context
from flanksim.report.explorer import explorer_section
from flanksim.report.figures import figure
from flanksim.report.force import all_symbols, closing_strip, force_section
from flanksim.report.html import Section
from flanksim.report.interactive_map import flow_map
from flanksim.report.interventions import try_section
from flanksim.report.limits import limits_section
from flanksim.report.projects import projects_section
from flanksim.report.summary import summary
from flanksim.report.uncertainty import assumptions_section, sensitivity_section, sources_section, warnings_section
from flanksim.report.why_late import why_section

TEMPLATES = Path(__file__).with_name("templates")
#: Nothing may be asked of any network; styles are inline (figures set them), the one script is named by its hash.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; "
    "form-action 'none'"
)


def page(context: Context) -> str:
    """The whole page as text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(default=True), trim_blocks=True,
        lstrip_blocks=True, undefined=StrictUndefined,
    )  # fmt: skip
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    top = summary(context)
    return environment.get_template("page.html").render(
        policy=POLICY.format(digest=digest),
        style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704
        title=context.scenario.title or context.scenario.name,
        description=context.scenario.description,
        summary=top,
        deadline=context.deadline,
        symbols=all_symbols(context),
        map=flow_map(context),
        maps=figure(context, "map", "prices"),
        shown=context.shown,
        before=_before(context, top.verdict),
        after=_after(context),
        foot=_foot(context),
    )


def _before(context: Context, finding: str) -> Sequence[Section]:
    """Sections above the map."""
    shown = partial(figure, context)
    answers = ("staircase", "grid", "closure", "clocks", "surface", "spending-curve", "value")
    return tuple(
        section
        for section in (
            explorer_section(context),
            answer_section(context, shown(*answers, finding=finding)),
            why_section(context, shown, closing_strip(context)),
            try_section(context, Markup("")),
        )
        if section is not None
    )


def _after(context: Context) -> Sequence[Section]:
    """Sections below the map."""
    return (
        force_section(context),
        projects_section(context, figure(context, "timeline")),
        sensitivity_section(context),
        assumptions_section(context),
        warnings_section(context),
        limits_section(context),
        sources_section(context),
        sheet_section(context),
        terms_section(),
        rerun_section(context),
    )


def _foot(context: Context) -> str:
    manifest = context.manifest
    scenario = context.scenario
    return (
        f"flanksim {version('flanksim')} · scenario {scenario.name} {scenario.digest} · "
        f"seed {manifest.get('seed', '')} · {context.runs_made} replications · python {manifest.get('python', '')}"
    )
