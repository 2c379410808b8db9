"""What the commands about a hub take; what they do is imported when it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from lineside.cli.serving_options import serving_options

_EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
_NEW = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.argument("folder", type=_EXISTING, metavar="DIR")
_MEMBER = click.argument("member", type=click.IntRange(1, 2**31 - 1), metavar="MEMBER")
_WHY = click.option("--why", required=True, metavar="WORDS", help="The reason, for whoever asks later.")


@click.group()
def hub() -> None:
    """A hub for a cluster of factories: its members, and what they said; works on one that runs, too."""


@hub.command("new")
@click.argument("folder", type=_NEW, metavar="DIR")
@click.option("--name", metavar="NAME", help="What people call the hub; the folder's name when left out.")
@click.option("--timezone", metavar="NAME", help="IANA name; this computer's when left out.")
def new(folder: Path, name: str | None, timezone: str | None) -> None:
    """Write a first hub.toml into DIR."""
    from lineside.cli.hubs import new_hub

    new_hub(folder, name, timezone)


@hub.command("run")
@_FOLDER
@serving_options
def run(
    folder: Path,
    port: int | None,
    no_browser: bool,
    opened: bool,
    host: str,
    names: tuple[str, ...],
    behind: str | None,
    unencrypted: bool,
    **files: Any,
) -> None:
    """Run the hub of DIR: take what members say, give receipts, compare, and show.

    Its first start prints a one-time code with which the first administrator is made.
    """
    from lineside.cli.hubs import run_hub
    from lineside.cli.serving import Served

    served = Served(open=opened, host=host, names=names, behind=behind, unencrypted=unencrypted, **files)
    run_hub(folder, port, served, browser=not no_browser)


@hub.command("invite")
@_FOLDER
@click.option("--label", "labels", multiple=True, metavar="LABEL", help="Whom to invite; may be repeated.")
@click.option("--csv", "table", type=_FILE, metavar="FILE", help="Invite each row of a table, by its first column.")
@click.option("--again", type=click.IntRange(1), metavar="MEMBER", help="A member that lost its key, closed at once.")
@click.option("--to", "target", type=_NEW, metavar="DIR", default=".", help="Where the files go; here by default.")
@click.option("--days", type=int, default=14, show_default=True, metavar="N", help="So long they are valid.")
@click.option("--agreement", "spoken", type=click.Choice(["en", "zh"]), help="Its language; yours when left out.")
def invite(
    folder: Path,
    labels: tuple[str, ...],
    table: Path | None,
    again: int | None,
    target: Path,
    days: int,
    spoken: str | None,
) -> None:
    """Write an invitation file for each factory, which opens the register once."""
    from lineside.cli.hubs import invite_members
    from lineside.cli.terminal import words

    if sum((bool(labels), table is not None, again is not None)) != 1:
        raise click.UsageError(words("usage.whom"))
    invite_members(folder, labels, table, again, target, days, spoken)


@hub.command("members")
@_FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def members(folder: Path, as_json: bool) -> None:
    """List the members of DIR's hub, with the fingerprints to compare."""
    from lineside.cli.hubs import list_members

    list_members(folder, as_json=as_json)


@hub.command("admit")
@_FOLDER
@_MEMBER
@click.option("--fingerprint", required=True, metavar="F", help="As the member's people read it from their node.")
def admit(folder: Path, member: int, fingerprint: str) -> None:
    """Let MEMBER speak, after you compared the fingerprint with its people."""
    from lineside.cli.hubs import admit_member

    admit_member(folder, member, fingerprint)


@hub.command("refuse")
@_FOLDER
@_MEMBER
@_WHY
def refuse(folder: Path, member: int, why: str) -> None:
    """Do not admit MEMBER."""
    from lineside.cli.hubs import end_member

    end_member(folder, member, "refuse", why, None)


@hub.command("close")
@_FOLDER
@_MEMBER
@_WHY
@click.option("--into", type=click.IntRange(1), metavar="MEMBER", help="After a merger: the member that goes on.")
def close(folder: Path, member: int, why: str, into: int | None) -> None:
    """End the membership of MEMBER: nothing more is taken, what it said stays."""
    from lineside.cli.hubs import end_member

    end_member(folder, member, "close", why, into)


@hub.command("take")
@_FOLDER
@click.argument("file", type=_FILE, metavar="FILE")
def take(folder: Path, file: Path) -> None:
    """Take what members sent on a stick, and write FILE.answers to go back to them.

    The exit status is 1 when something was not taken.
    """
    from lineside.cli.hubs import take_file

    sys.exit(take_file(folder, file))


@hub.command("export")
@_FOLDER
@click.argument("target", type=_NEW, metavar="TARGET")
def export(folder: Path, target: Path) -> None:
    """Write the whole hub to TARGET in open formats: register, statements, receipts, ledger and figures."""
    from lineside.cli.hubs import export_whole

    sys.exit(export_whole(folder, target))
