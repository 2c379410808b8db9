"""What the commands about a hub take; what they do is imported when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lineside.cli.overseen_commands import COMMANDS
from lineside.cli.pack_commands import need

_FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
_READ = click.Path(exists=True, dir_okay=False, path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print everything that is known as JSON.")
_FROM = click.option("--from", "first", metavar="MONTH", help="Also the months before the release, from this one on.")


@click.group()
def member() -> None:
    """This plant as a member of a hub; works on a node that runs, too."""


def _profile(command: Any) -> Any:
    """The options of a profile."""
    options = (
        click.option("--name", metavar="WORDS", help="What the enterprise is called."),
        click.option("--industry", metavar="CODE", help="Two to four digits of GB/T 4754."),
        click.option("--region", metavar="CODE", help="As the hub names it."),
        click.option("--employees", type=click.IntRange(0), metavar="N", help="People employed."),
        click.option("--revenue-cny", type=click.FloatRange(0), metavar="CNY", help="Revenue of the last year, yuan."),
        click.option("--turnover-eur", type=click.FloatRange(0), metavar="EUR", help="Turnover of the last year."),
        click.option("--balance-eur", type=click.FloatRange(0), metavar="EUR", help="Balance sheet total."),
        click.option("--trait", "traits", multiple=True, metavar="WORD", help="What describes it; may be repeated."),
        click.option("--generated", is_flag=True, help="It is no factory, but made up to show what a hub does."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@member.command("join")
@_FOLDER
@click.argument("invitation", type=_READ, metavar="INVITATION")
@click.option("--accept", metavar="HASH", help="Of the agreement that you read, as this command says without it.")
@_profile
def join(folder: Path, invitation: Path, accept: str | None, **profile: Any) -> None:
    """Take the file INVITATION of a hub; with --accept and a profile also ask to become its member."""
    from lineside.cli.member import join_hub

    join_hub(folder, invitation, accept, profile)


@member.command("status")
@_FOLDER
@_JSON
def status(folder: Path, as_json: bool) -> None:
    """Show where the membership of DIR stands, both fingerprints, what was said and what is due."""
    from lineside.cli.member import show_status

    show_status(folder, as_json=as_json)


@member.command("preview")
@_FOLDER
@click.argument("month", required=False, metavar="[MONTH]")
@_JSON
def preview(folder: Path, month: str | None, as_json: bool) -> None:
    """Show what the hub would be told of MONTH (the last whole one), and say nothing."""
    from lineside.cli.member import show_preview

    show_preview(folder, month, as_json=as_json)


@member.command("point")
@_FOLDER
@click.option("--last", is_flag=True, help="Show what the hub told last, and ask nothing.")
@_JSON
def point(folder: Path, last: bool, as_json: bool) -> None:
    """Ask the hub where the factory stands among its peers, of which class it is, and what moved such factories."""
    from lineside.cli.member_point import show_point

    show_point(folder, last=last, as_json=as_json)


@member.command("pilots")
@_FOLDER
@click.option("--last", is_flag=True, help="Show what the hub told last, and ask nothing.")
@_JSON
def pilots(folder: Path, last: bool, as_json: bool) -> None:
    """Ask the hub for the pilots that this factory is in, or could copy, and show them."""
    from lineside.cli.member_point import show_pilots

    show_pilots(folder, last=last, as_json=as_json)


@member.command("sums")
@_FOLDER
@_JSON
def sums(folder: Path, as_json: bool) -> None:
    """Ask the hub which secure sums it calls for, and what came of them."""
    from lineside.cli.member_sums import show_sums

    show_sums(folder, as_json=as_json)


@member.command("sum")
@_FOLDER
@click.argument("call", metavar="CALL")
@click.option("--value", type=float, metavar="N", help="What the factory gives, where the call asks people for it.")
def take_part(folder: Path, call: str, value: float | None) -> None:
    """Take part in the secure sum CALL, the beginning of its hash; the value stays here."""
    from lineside.cli.member_sums import take_part_in

    take_part_in(folder, call, value)


@member.command("round")
@_FOLDER
@click.argument("call", metavar="CALL")
@click.option("--agree", metavar="ROUND", help="Say yes to the round whose hash begins so; the share leaves then.")
@click.option("--least", type=int, metavar="N", help="With fewer members left in a later round no share is sent.")
@_JSON
def sum_round(folder: Path, call: str, agree: str | None, least: int | None, as_json: bool) -> None:
    """Show whom the round of the secure sum CALL holds that waits for this factory, or say yes to it."""
    from lineside.cli.member_sums import agree_to, show_round

    if agree is None:
        show_round(folder, call, as_json=as_json)
    else:
        agree_to(folder, call, agree, least)


@member.command("send")
@_FOLDER
@_FROM
def send(folder: Path, first: str | None) -> None:
    """Say now what is due, past the valve; a node that runs does so by itself."""
    from lineside.cli.member import send_due

    send_due(folder, first)


@member.command("write")
@_FOLDER
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@_FROM
def write(folder: Path, file: Path, first: str | None) -> None:
    """Write what the hub has yet to take into a new FILE, for somebody who carries it."""
    from lineside.cli.member import write_letters

    write_letters(folder, file, first)


@member.command("take")
@_FOLDER
@click.argument("file", type=_READ, metavar="FILE")
def take(folder: Path, file: Path) -> None:
    """Take the FILE of answers that a hub made of what was carried to it."""
    from lineside.cli.member import take_answers

    take_answers(folder, file)


@member.command("sign")
@_FOLDER
@click.argument("file", type=_READ, metavar="FILE")
@click.argument("signed", type=click.Path(path_type=Path), metavar="SIGNED")
def sign(folder: Path, file: Path, signed: Path) -> None:
    """Sign the application for support in FILE, as the hub gave it out, into a new file SIGNED."""
    from lineside.cli.member import sign_application

    sign_application(folder, file, signed)


@member.command("enter")
@_FOLDER
@click.argument("month", metavar="MONTH")
@click.argument("indicator", metavar="INDICATOR")
@click.argument("value", required=False, type=float, metavar="[VALUE]")
@click.option("--by-hand", is_flag=True, required=True, help="It is entered, not measured, and will look like that.")
@click.option("--note", default="", metavar="WORDS", help="Where it comes from.")
def enter(folder: Path, month: str, indicator: str, value: float | None, by_hand: bool, note: str) -> None:
    """Enter VALUE of INDICATOR in MONTH for what the node does not compute; without VALUE it is taken back."""
    from lineside.cli.member import enter_value

    del by_hand
    enter_value(folder, month, indicator, value, note)


@member.command("profile")
@_FOLDER
@_profile
def profile(folder: Path, **profile: Any) -> None:
    """Say to the hub what the enterprise is from now on; what is left out stays."""
    from lineside.cli.member import change_profile

    change_profile(folder, profile)


@member.command("rotate")
@_FOLDER
def rotate(folder: Path) -> None:
    """Give another key the word, which both keys sign."""
    from lineside.cli.member import rotate_key

    rotate_key(folder)


@member.command("leave")
@_FOLDER
@click.option("--why", default="", metavar="WORDS", help="Why, for the hub's people.")
def leave(folder: Path, why: str) -> None:
    """Say to the hub that nothing more will come; its release is closed with it."""
    from lineside.cli.member import leave_hub

    leave_hub(folder, why)


@member.command("recover")
@_FOLDER
def recover(folder: Path) -> None:
    """Go on after a stop: take back from the hub what was said with this folder's key."""
    from lineside.cli.member import go_on

    go_on(folder)


for _one in COMMANDS:
    member.add_command(_one)
member.add_command(need)
