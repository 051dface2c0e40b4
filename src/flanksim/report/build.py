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

from flanksim.report.answer import answer_section
from flanksim.report.attempts import try_section
from flanksim.report.doubt import assumptions_section, sensitivity_section, sources_section, warnings_section
from flanksim.report.figures import draw_missing, figure
from flanksim.report.flowmap import flow_map
from flanksim.report.force import all_symbols, closing_strip, force_section
from flanksim.report.html import Section
from flanksim.report.limits import limits_section
from flanksim.report.material import Material, gather
from flanksim.report.projects import projects_section
from flanksim.report.sheet import rerun_section, sheet_section, terms_section
from flanksim.report.summary import summary
from flanksim.report.why import why_section
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
    material = gather(folder)
    draw_missing(material)
    target = folder / "report.html"
    write_text(target, page(material))
    return target


def page(material: Material) -> str:
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
        kind=KINDS.get(material.kind, material.kind),
        title=material.scenario.title or material.scenario.name,
        description=material.scenario.description,
        summary=summary(material),
        deadline=material.deadline,
        symbols=all_symbols(material),
        map=flow_map(material),
        maps=figure(material, "map", "prices"),
        shown=material.shown,
        before=_before(material),
        after=_after(material),
        foot=_foot(material),
    )


def _before(material: Material) -> Sequence[Section]:
    """Sections above the map."""
    shown = partial(figure, material)
    return (
        answer_section(material, shown("closure", "surface", "spending-curve", "value")),
        why_section(material, shown, closing_strip(material)),
        try_section(material, Markup("")),
    )


def _after(material: Material) -> Sequence[Section]:
    """Sections below the map."""
    return (
        force_section(material),
        projects_section(material, figure(material, "timeline")),
        sensitivity_section(material),
        assumptions_section(material),
        warnings_section(material),
        limits_section(material),
        sources_section(material),
        sheet_section(material),
        terms_section(),
        rerun_section(material),
    )


def _foot(material: Material) -> str:
    manifest = material.manifest
    return (
        f"scenario {material.scenario.name} {material.scenario.digest} · seed {manifest.get('seed', '')} · "
        f"{material.runs_made} replications · python {manifest.get('python', '')}"
    )
