"""What the commands about grades take; what they do is imported when it is asked for."""

from __future__ import annotations

from pathlib import Path

import click

_FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
_GRADES = click.Choice(["general", "important", "core"])


@click.group()
def grades() -> None:
    """How harmful the leak of which data would be; works on a node that runs, too."""


@grades.command("list")
@_FOLDER
@click.option("--least", type=_GRADES, default="general", show_default=True, help="Only this grade and higher ones.")
@click.option("--json", "as_json", is_flag=True, help="Print everything that is known of them as JSON.")
def list_(folder: Path, least: str, as_json: bool) -> None:
    """List everything that DIR has, with its grade, labels and the reason."""
    from lineside.cli.grades import list_grades

    list_grades(folder, least, as_json=as_json)


@grades.command("set")
@_FOLDER
@click.argument("branch", metavar="THING")
@click.option("--grade", type=_GRADES, help="The grade it has.")
@click.option("--label", "labels", multiple=True, metavar="LABEL", help="A label it bears; may be repeated.")
@click.option(
    "--mode",
    type=click.Choice(["is", "least", "whole"]),
    default="is",
    show_default=True,
    help="Whether each thing is of this grade, at least of it, or all of them together.",
)
@click.option("--reason", required=True, metavar="WORDS", help="Why, for whoever asks later.")
def set_(folder: Path, branch: str, grade: str | None, labels: tuple[str, ...], mode: str, reason: str) -> None:
    """Grade THING of DIR: signal/press/load, line/cell, signal@site.

    Without grade and label what was said of it before is withdrawn.
    """
    from lineside.cli.grades import set_grade

    asked = {"branch": branch, "mode": mode, "grade": grade, "labels": list(labels)}
    set_grade(folder, asked, reason)
