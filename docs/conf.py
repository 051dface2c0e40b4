"""The documentation site: ``python -m sphinx -W -n docs site``. It is built without any network."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path

from sphinx.application import Sphinx

from flanksim import load

project = "flanksim"
author = "The flanksim authors"
project_copyright = author
release = version = version_of("flanksim")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "flanksim"
html_copy_source = False
html_theme_options = {"light_css_variables": {"code-font-size": "75%"}}  # a terminal of 96 columns fits
html_static_path: list[str] = []
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "deflist"]

autodoc_member_order = "groupwise"
autodoc_typehints = "none"
napoleon_use_rtype = False
napoleon_google_docstring = False
napoleon_use_ivar = True
#: Types in annotations: of other packages (the site is built without a network), and inner ones of flanksim.
nitpick_ignore_regex = [
    ("py:.*", r"(collections|pathlib|numpy|pandas|networkx|matplotlib|pydantic|pyarrow)\..*"),
    ("py:class", r"flanksim\.[a-z_.]+\.[A-Z]\w*"),
]
_MEASURED = re.compile(
    r"(<!-- [\w -]+ of ([\w-]+)(?:, \d+ rows)? -->\n)((?:(?!<!-- end).)*?Scenario digest `)(\w+)(`.*?<!-- end -->)",
    re.DOTALL,
)


@cache
def _digest(scenario: str) -> str:
    return load(scenario).digest


def _note(block: re.Match[str]) -> str:
    """A block of measured numbers, with a note where the tables have changed since."""
    head, scenario, before, digest, after = block.groups()
    if digest == _digest(scenario):
        return block[0]
    note = (
        f"```{{note}}\nMeasured on an earlier state of the tables or of the format: `{scenario}` has the digest "
        f"`{_digest(scenario)}` today.\n```\n\n"
    )
    return "".join([head, note, before, digest, after])


#: Pages beside the docs in the repository, which are pages of the site too.
_BESIDE = ("README", "CONTRIBUTING", "CHANGELOG")


def _included(app: Sphinx, path: Path, page: str, source: list[str]) -> None:
    """The same in these pages, whose other links are made relative by the directive that includes them."""
    text = _MEASURED.sub(_note, source[0])
    for name in _BESIDE:
        text = text.replace(f"]({name}.md)", f"](docs/{name.lower()}.md)")
    text = text.replace("](notebooks/README.md)", "](docs/notebooks.md)")
    text = re.sub(r"\]\((\d\d_\w+\.py)\)", r"](docs/../\1)", text)  # notebooks, on their own page
    source[0] = text.replace("](CITATION.cff)", "](docs/../CITATION.cff)")


def _prepared(app: Sphinx, page: str, source: list[str]) -> None:
    """Say which numbers are of earlier tables; leave out the places of pages that are yet to be written."""
    source[0] = _MEASURED.sub(_note, source[0])
    for name in _BESIDE:
        source[0] = source[0].replace(f"../{name}.md)", f"{name.lower()}.md)")
    if page == "index":  # its patterns end with a star
        lines = source[0].splitlines(keepends=True)
        folder = Path(app.srcdir)
        source[0] = "".join(
            line for line in lines if not line.endswith("*\n") or any(folder.glob(f"{line.strip()}.md"))
        )


def _readable(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Docstrings as napoleon reads them otherwise than they are meant.

    That of a property is a sentence, and what stands before a colon in it no type. Several attributes with one meaning
    are one entry: a blank between their names would make all but the last a type.
    """
    if what in ("property", "attribute"):
        lines[:0] = ["..", ""]
    if what == "class" and "Attributes" in lines:
        start = lines.index("Attributes")
        lines[start:] = [line if line.startswith(" ") else line.replace(", ", ",") for line in lines[start:]]


def setup(app: Sphinx) -> None:
    """Called by sphinx."""
    app.connect("autodoc-process-docstring", _readable, priority=100)
    app.connect("source-read", _prepared)
    app.connect("include-read", _included)
