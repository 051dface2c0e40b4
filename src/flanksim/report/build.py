"""From a results folder to report.html: one file that asks nothing of the network."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from flanksim.report.answer_tables import answer_section
from flanksim.report.checklists import rerun_section, sheet_section, terms_section
from flanksim.report.context import Context, gather
from flanksim.report.figures import draw_missing, figure
from flanksim.report.force import all_symbols, closing_strip, force_section
from flanksim.report.html import Section
from flanksim.report.interactive_map import flow_map
from flanksim.report.interventions import try_section
from flanksim.report.limits import limits_section
from flanksim.report.projects import projects_section
from flanksim.report.summary import summary
from flanksim.report.uncertainty import assumptions_section, sensitivity_section, sources_section, warnings_section
from flanksim.report.why_late import why_section
from flanksim.scenario.arguments import as_path
from flanksim.study.store import write_text

TEMPLATES = Path(__file__).with_name("templates")
#: Nothing may be asked of any network; styles are inline (figures set them), the one script is named by its hash.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; "
    "form-action 'none'"
)
KINDS = {"run": "one scenario", "sweep": "spending by year", "compare": "alternatives"}


def build(
    folder: str | Path,
    *,
    explain: bool = False,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write ``report.html`` into a results folder of `flanksim run`, `sweep` or `compare`.

    The middling replication is run again from the saved scenario for the map, the ledger and the figures that the
    folder does not hold yet; those are saved there.

    Parameters
    ----------
    explain
        First try what one step more of the largest contributors would save, and save it as ``explain.json``.
    jobs, progress
        Processes, and a function of (done, wanted) for that.

    Returns
    -------
    Path
        The page: one file, no requests to any network.

    Raises
    ------
    FlanksimError
        E501 if `folder` is no results folder, E505 if `explain` is asked of a sweep or comparison, E506 if one of
        its files is damaged; what `explain` raises.
    """
    folder = as_path("folder", folder)
    if explain:
        from flanksim.study.explain import explain as explained
        from flanksim.study.explain import save

        save(explained(folder, jobs=jobs, progress=progress), folder)
    context = gather(folder)
    draw_missing(context)
    target = folder / "report.html"
    write_text(target, page(context))
    return target


def page(context: Context) -> str:
    """The whole page as text."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(default=True), trim_blocks=True,
        lstrip_blocks=True, undefined=StrictUndefined,
    )  # fmt: skip
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    return environment.get_template("page.html").render(
        policy=POLICY.format(digest=digest),
        style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704
        version=version("flanksim"),
        kind=KINDS.get(context.kind, context.kind),
        title=context.scenario.title or context.scenario.name,
        description=context.scenario.description,
        summary=summary(context),
        deadline=context.deadline,
        symbols=all_symbols(context),
        map=flow_map(context),
        maps=figure(context, "map", "prices"),
        shown=context.shown,
        before=_before(context),
        after=_after(context),
        foot=_foot(context),
    )


def _before(context: Context) -> Sequence[Section]:
    """Sections above the map."""
    shown = partial(figure, context)
    return (
        answer_section(context, shown("closure", "surface", "spending-curve", "value")),
        why_section(context, shown, closing_strip(context)),
        try_section(context, Markup("")),
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
    return (
        f"scenario {context.scenario.name} {context.scenario.digest} · seed {manifest.get('seed', '')} · "
        f"{context.runs_made} replications · python {manifest.get('python', '')}"
    )
