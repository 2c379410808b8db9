"""What the commands about the valve take; what they do is imported when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

_FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
_ID = click.argument("number", type=click.IntRange(1), metavar="ID")
_REASON = click.option("--reason", default="", metavar="WORDS", help="Why, for whoever asks later.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print everything that is known as JSON.")


@click.group()
def valve() -> None:
    """What leaves the plant, and to whom; works on a node that runs, too."""


@valve.command("list")
@_FOLDER
@_JSON
def list_(folder: Path, as_json: bool) -> None:
    """List every way out of DIR with its state, and every release."""
    from lineside.cli.valve import list_valve

    list_valve(folder, as_json=as_json)


@valve.command("shut")
@_FOLDER
@_REASON
def shut(folder: Path, reason: str) -> None:
    """Close the valve of DIR: nothing leaves any more, whether its node runs, hangs or is down."""
    from lineside.cli.valve import shut_valve

    shut_valve(folder, reason)


@valve.command("open")
@_FOLDER
def open_(folder: Path) -> None:
    """Open the valve of DIR again; releases that were closed stay so."""
    from lineside.cli.valve import open_valve

    open_valve(folder)


@valve.command("ask")
@_FOLDER
@click.option("--name", required=True, metavar="WORDS", help="What it is called.")
@click.option("--purpose", required=True, metavar="WORDS", help="What for.")
@click.option("--recipient", required=True, metavar="WORDS", help="Who gets it.")
@click.option(
    "--flow", required=True, metavar="FLOW", help="The way: sparkplug, mtconnect, download, file, hub or token/ID."
)
@click.option("--address", required=True, metavar="ADDRESS", help="Where the way leads, as `lineside valve list` says.")
@click.option("--content", multiple=True, required=True, metavar="THING", help="As kpi/line/*; may be repeated.")
@click.option("--grade", type=click.Choice(["general", "important"]), default="general", show_default=True)
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, metavar="N", help="It ends then.")
@click.option("--parcels-an-hour", type=click.IntRange(1), metavar="N", help="More closes it.")
@click.option("--bytes-an-hour", type=click.IntRange(1), metavar="N", help="More closes it.")
@click.option("--bytes-in-all", type=click.IntRange(1), metavar="N", help="More closes it.")
@click.option("--schedule", type=click.Choice(["day", "week", "month"]), help="Of files: what each tells of.")
@click.option("--shaping", type=click.Choice(["none", "threshold", "dominance", "noise"]), help="Of figures in files.")
@click.option(
    "--by", type=click.Choice(["machine", "shift"]), default="machine", show_default=True, help="Contributor."
)
@click.option("--least", type=click.IntRange(2), metavar="N", help="Contributors of each figure.  [default: 5]")
@click.option("--largest", type=click.FloatRange(0, 1), metavar="SHARE", help="Of one of them.  [default: 0.75]")
@click.option("--epsilon", type=float, metavar="E", help="Noise: what each figure costs.  [default: 0.1]")
@click.option("--budget", type=float, metavar="E", help="Noise: what all figures may cost.  [default: 1]")
@click.option("--sandbox", is_flag=True, help="An experiment: 30 days at most, with a limit for bytes in all.")
def ask(folder: Path, content: tuple[str, ...], **asked: Any) -> None:
    """Ask for a release, by which nothing leaves before it is allowed."""
    from lineside.cli.valve import ask_release

    limits = {name: asked.pop(name) for name in ("parcels_an_hour", "bytes_an_hour", "bytes_in_all")}
    told = {name: value for name, value in limits.items() if value is not None}
    how, names = asked.pop("shaping"), {"unit": "by", "contributors": "least"}
    given = {
        name: asked.pop(names.get(name, name)) for name in ("unit", "contributors", "largest", "epsilon", "budget")
    }
    shaping = {"how": how, **{name: value for name, value in given.items() if value is not None}}
    files = {"schedule": asked.pop("schedule"), "shaping": None if how in {None, "none"} else shaping}
    ask_release(folder, {**asked, **files, "content": list(content), "limits": told})


@valve.command("allow")
@_FOLDER
@_ID
@click.option("--digest", required=True, metavar="DIGEST", help="Of what you read, as `lineside valve show` says.")
def allow(folder: Path, number: int, digest: str) -> None:
    """Allow the release ID, exactly as it was shown. One that needs two people is allowed by them on the page."""
    from lineside.cli.valve import allow_release

    allow_release(folder, number, digest)


@valve.command("close")
@_FOLDER
@_ID
@_REASON
def close(folder: Path, number: int, reason: str) -> None:
    """Close the release ID for good, or take back one that nobody has allowed yet."""
    from lineside.cli.valve import close_release

    close_release(folder, number, reason)


@valve.command("show")
@_FOLDER
@_ID
@_JSON
def show(folder: Path, number: int, as_json: bool) -> None:
    """Show the release ID: its terms, the things they mean, the digest of both, and what left last."""
    from lineside.cli.valve import show_release

    show_release(folder, number, as_json=as_json)
