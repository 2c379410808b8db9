"""How the commands speak: in the reader's language, errors as a sentence and a cure."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import click

from lineside.errors import LinesideError
from lineside.texts import DEFAULT_LANGUAGE, LANGUAGES, say

if TYPE_CHECKING:
    from rich.console import Console

    from lineside.plant import Finding, PlantFileError


@cache
def language() -> str:
    """The reader's language, by the first of the environment's usual variables that is set."""
    told = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return told[:2].lower() if told[:2].lower() in LANGUAGES else DEFAULT_LANGUAGE


def words(key: str, /, **fields: object) -> str:
    """A text of the commands in the reader's language."""
    return say(f"cli.{key}", language(), **fields)


def console() -> Console:
    """Where tables go; plain text, and wide enough not to cut them, when it is no terminal."""
    from rich.console import Console

    return Console(highlight=False, width=None if Console().is_terminal else 200)


def tell_error(error: LinesideError) -> None:
    """Shows what is wrong and what to do on the error stream; a plant file with everything wrong with it."""
    from lineside.plant import PlantFileError

    click.secho(error.sentence(language()), err=True, fg="red")
    if isinstance(error, PlantFileError):
        tell_findings(error)
    if cure := error.cure(language()):
        click.echo(cure, err=True)


def tell_findings(error: PlantFileError) -> None:
    """Every finding as `file:line: key: problem cure`, so that editors can jump to it."""
    for finding in error.findings:
        place = click.style(f"{error.path}:{finding.line}:", bold=True)
        click.echo(f"{place}{_said(finding)} {finding.cure(language())}", err=True)


def told_at(error: PlantFileError, finding: Finding) -> str:
    """One finding without its cure, the same way."""
    return f"{error.path}:{finding.line}:{_said(finding)}"


def _said(finding: Finding) -> str:
    key = f" {finding.key}:" if finding.key else ""
    return f"{key} {finding.sentence(language())}"
