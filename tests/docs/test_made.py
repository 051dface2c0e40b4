"""What the docs say of the code is what `python -m docs.making` makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.making.pages import pages

ROOT = Path(__file__).parents[2]


def test_pages_are_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    made = pages()
    assert len(made) > 1
    stale = [str(path) for path, text in made.items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run: python -m docs.making"
