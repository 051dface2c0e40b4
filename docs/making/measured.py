"""The commands that measure what the docs quote: read from the pages themselves, and run one after the other."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

_COMMAND = re.compile(r"\bflanksim [a-z-]+ [^`\n#&]*--page [^`\n#&]+|\bflanksim validate --page [^`\n#&]+")


def commands() -> list[list[str]]:
    """Each command with ``--page`` that a page of the docs tells, as words, in the order of pages; all take hours."""
    found = []
    for page in sorted(Path("docs").glob("*.md")):
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        found += [shlex.split(words) for words in _COMMAND.findall(text)]
    return found


def measure() -> None:
    """Run them, with what stops one told and the others run all the same."""
    ours = [["python", "-m", f"docs.making.{name}"] for name in ("answer", "verification")]
    for words in (*ours, *commands()):
        called = [sys.executable, "-m", "flanksim.cli", *words[1:]] if words[0] == "flanksim" else [
            sys.executable, *words[1:]
        ]  # fmt: skip
        sys.stderr.write(f"{shlex.join(words)}\n")
        subprocess.run(called, check=False)  # noqa: S603 - commands of our own pages
