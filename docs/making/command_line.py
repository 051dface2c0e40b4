"""`docs/reference/cli.md`: every command with its arguments and options, from the command line itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

import typer

from flanksim.cli import app

_HEAD = """# The command line

Made from the commands themselves by `python -m docs.making`; `flanksim COMMAND --help` says the same. Answers go to
standard output, progress to standard error. Exit codes: [problem codes](../problems.md).
"""


def page() -> str:
    """The whole page."""
    root = typer.main.get_command(app)
    return _HEAD + "".join(_told(root, "flanksim", 2))


def _told(command: typer.core.TyperGroup | typer.core.TyperCommand, name: str, level: int) -> Iterator[str]:
    """A command and those below it."""
    below = getattr(command, "commands", {})
    if name != "flanksim":
        yield f"\n{'#' * level} {name}\n\n{_prose(command.help or '')}\n"
    if not below:
        yield from _usage(command, name)
    for key, entry in below.items():
        yield from _told(entry, f"{name} {key}", level + (name != "flanksim"))


def _usage(command: typer.core.TyperCommand, name: str) -> Iterator[str]:
    context = typer.Context(command, info_name=name, resilient_parsing=True)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    yield f"\n```text\n{usage}\n```\n"
    rows = [found for entry in command.get_params(context) if (found := entry.get_help_record(context)) is not None]
    rows = [row for row in rows if not row[0].startswith("--help")]
    if rows:
        yield "\n| argument or option | meaning |\n|---|---|\n"
        yield from (f"| `{_cell(names)}` | {_cell(_prose(said))} |\n" for names, said in rows)


def _prose(text: str) -> str:
    """Help text as Markdown: what looks like a tag is none, options and names are code."""
    text = re.sub(r"(?<![\w`-])(--?[a-z][\w-]*)", r"`\1`", " ".join(text.split()))
    return text.replace("<", "&lt;").replace("*", r"\*")


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
