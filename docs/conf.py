"""The documentation site: ``python -m sphinx -W -n docs site``. It is built without any network."""

from __future__ import annotations

from importlib.metadata import version as version_of
from pathlib import Path

from sphinx.application import Sphinx

project = "flanksim"
author = "The flanksim authors"
project_copyright = author
release = version = version_of("flanksim")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "flanksim"
html_copy_source = False
html_static_path: list[str] = []
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "deflist"]

autodoc_member_order = "groupwise"
autodoc_typehints = "none"
napoleon_use_rtype = False
napoleon_google_docstring = False
default_role = "literal"  # names stand between single backticks in docstrings
add_module_names = False


def _without_empty_patterns(app: Sphinx, page: str, source: list[str]) -> None:
    """Leave out of a table of contents the patterns that no page has: places for pages that are yet to be written."""
    if page == "index":
        lines = source[0].splitlines(keepends=True)
        folder = Path(app.srcdir)
        source[0] = "".join(
            line for line in lines if not line.endswith("*\n") or any(folder.glob(f"{line.strip()}.md"))
        )


def setup(app: Sphinx) -> None:
    """Called by sphinx."""
    app.connect("source-read", _without_empty_patterns)
