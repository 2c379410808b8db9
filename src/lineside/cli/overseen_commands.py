"""What the commands by which a factory answers authorities take; what they do is imported when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

_FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
_READ = click.Path(exists=True, dir_okay=False, path_type=Path)
_SAY = click.option("--say", "seen", metavar="DIGEST", help="Say it, as this command showed it without this option.")


@click.command("questions")
@_FOLDER
@click.option("--fetch", is_flag=True, help="Ask the hub first.")
@click.option("--take", "file", type=_READ, metavar="FILE", help="Take signed questions and terms from FILE first.")
@click.option("--json", "as_json", is_flag=True, help="Print everything that is known as JSON.")
def questions(folder: Path, fetch: bool, file: Path | None, as_json: bool) -> None:
    """List what authorities ask the plant in DIR, with due dates and what was answered."""
    from lineside.cli.overseen import show_questions

    show_questions(folder, file, fetch=fetch, as_json=as_json)


@click.command("answer")
@_FOLDER
@click.argument("question", metavar="QUESTION")
@click.option("--yes/--no", "yes", default=None, help="By hand, where no indicators are named.")
@click.option("--band", type=click.IntRange(1), metavar="N", help="The same: the N-th band from below.")
@click.option("--decline", metavar="WORDS", help="Do not answer, and say why.")
@click.option("--why", default="", metavar="WORDS", help="What goes with an answer by hand.")
@_SAY
def answer(
    folder: Path, question: str, yes: bool | None, band: int | None, decline: str | None, why: str, seen: str | None
) -> None:
    """Show what would be answered to QUESTION (its number, or the first digits of its hash), byte for byte."""
    from lineside.cli.overseen import answer_question

    by_hand = yes is not None or band is not None
    how = "declined" if decline is not None else "entered" if by_hand else "computed"
    asked: dict[str, Any] = {"how": how, "yes": yes, "band": None if band is None else band - 1, "why": decline or why}
    answer_question(folder, question, asked, seen)


@click.command("incident")
@_FOLDER
@click.argument("title", required=False, metavar="[TITLE]")
@click.option("--concern", default="safety", metavar="WORD", help="safety, environment, quality, security, or another.")
@click.option("--severity", type=click.IntRange(1, 4), default=2, metavar="N", help="1 minor to 4 disaster; else 2.")
@click.option("--began", metavar="TIME", help="As 2026-03-02T06:10.")
@click.option("--ended", metavar="TIME", help="Where it is over.")
@click.option("--words", default="", metavar="WORDS", help="What happened.")
@click.option("--follows", type=click.IntRange(1), metavar="NUMBER", help="It says more of the incident NUMBER.")
@_SAY
def incident(folder: Path, title: str | None, began: str | None, seen: str | None, **more: Any) -> None:
    """Show what would be told of an incident; without TITLE those that were told, and who looked."""
    from lineside.cli.overseen import tell_incident

    if title and not began:
        raise click.UsageError("--began")
    tell_incident(folder, {"title": title, "began": began, **more}, seen)


@click.command("sandbox")
@_FOLDER
@click.argument("sandbox", required=False, metavar="[SANDBOX]")
@click.option("--agree", is_flag=True, help="To the terms that are offered.")
@click.option("--end", metavar="WORDS", help="Decline it, or end it, and say why.")
@_SAY
def sandbox(folder: Path, sandbox: str | None, agree: bool, end: str | None, seen: str | None) -> None:
    """List sandboxes, with their limits against the own last months; or show what would be said on SANDBOX."""
    from lineside.cli.overseen import answer_sandbox

    wanted = {"agrees": True} if agree else {"agrees": False, "why": end} if end is not None else None
    answer_sandbox(folder, sandbox, wanted, seen)


@click.command("exposure")
@_FOLDER
@click.argument("file", required=False, type=_READ, metavar="[FILE]")
@_SAY
def exposure(folder: Path, file: Path | None, seen: str | None) -> None:
    """Show what would be told of what the plant depends on, by a JSON FILE; without one what was, and could be."""
    from lineside.cli.overseen import tell_exposure

    tell_exposure(folder, file, seen)


COMMANDS = (questions, answer, incident, sandbox, exposure)
"""Those of the group `member`."""
