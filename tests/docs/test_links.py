"""Every link and anchor in the Markdown files leads somewhere, and so does every file that they or the code name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from flanksim.scenario.describing import PARTS
from flanksim.scenario.parameters import PARAMETERS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_FENCE = re.compile(r"^(```+|~~~+|:::+).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_INCLUDE = re.compile(r"```\{include\} (\S+)")
_FILE = re.compile(r"\b((?:docs|scenarios|tests|notebooks|src|\.ci)/[\w./-]*\w\.(?:md|py|csv|ya?ml|json|png|svg))\b")


@cache
def text_of(path: Path) -> str:
    """A page with what it includes."""
    text = path.read_text(encoding="utf-8")
    included = [text_of((path.parent / found).resolve()) for found in _INCLUDE.findall(text)]
    return "".join([text, *included])


def prose(text: str) -> str:
    """Text without fenced code and code in line."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text))


@cache
def anchors(path: Path) -> frozenset[str]:
    """Anchors of the headings of a page, as GitHub and the site make them."""
    headings = re.findall(r"^#{1,6} +(.+?)\s*$", _FENCE.sub("", text_of(path)), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain)


def broken(page: Path) -> Iterator[str]:
    """Targets of links that are not there."""
    for target in _LINK.findall(prose(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / unquote(file)).resolve() if file else page
        if not found.is_file() or (anchor and anchor not in anchors(found)):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert list(broken(page)) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text(
        "# A head, with `code`\n[here](#a-head-with-code) [not here](#another) [web](https://example.org/no)\n"
        "[gone](b.md) [folder](.) `[no](link)`\n```\n[nor](this)\n```\n[long](a.md#nothing)\n",
        encoding="utf-8",
    )
    assert list(broken(page)) == ["#another", "b.md", ".", "a.md#nothing"]


def test_files_that_are_named_exist() -> None:
    pages = [page for page in PAGES if page.name != "CHANGELOG.md"]  # which tells of files that are gone
    sources = [*pages, *ROOT.glob("src/**/*.py"), *ROOT.glob("docs/**/*.py"), *ROOT.glob("tests/**/*.py")]
    named = {(source, name) for source in sources for name in _FILE.findall(source.read_text(encoding="utf-8"))}
    assert len(named) > 50
    missing = [(str(source.relative_to(ROOT)), name) for source, name in sorted(named) if not (ROOT / name).is_file()]
    assert missing == []


def test_every_page_is_on_the_site() -> None:
    """A page of the docs stands in one table of contents, or the site is not built."""
    listed = set()
    for page in ROOT.glob("docs/**/*.md"):
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            for entry in block.splitlines():
                if entry and not entry.startswith(":"):
                    listed |= set(page.parent.glob(f"{entry}.md"))
    assert set(ROOT.glob("docs/**/*.md")) - listed == {ROOT / "docs/index.md"}, "add it to a toctree in docs/index.md"


def test_settings_and_parameters_that_are_named_exist() -> None:
    """What a page tells the reader to set can be set."""
    parts = "|".join(PARTS)
    named, wrong = 0, []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        settings = re.findall(rf"`(?:--set )?({parts})\.(\w+)", text)
        wrong += [
            f"{page.name}: {part}.{field}"
            for part, field in settings
            if field not in {*PARTS[part].model_fields, "field"}
        ]
        parameters = re.findall(r"\bparameters? `(\w+)`", text)
        wrong += [f"{page.name}: {name}" for name in parameters if name not in PARAMETERS]
        named += len(settings) + len(parameters)
    assert wrong == []
    assert named > 25
