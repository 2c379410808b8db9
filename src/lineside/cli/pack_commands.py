"""What the commands about solution packs and needs take; what they do is imported when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

_FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
_READ = click.Path(exists=True, dir_okay=False, path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print everything that is known as JSON.")
_PACK = click.argument("pack", metavar="PACK")
_SET = click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="A parameter; may be repeated.")
_NUMBER = click.argument("number", type=click.IntRange(1), metavar="NUMBER")


@click.group()
def pack() -> None:
    """Solution packs of the hub; works on a node that runs, too."""


@pack.command("list")
@_FOLDER
@_JSON
def list_(folder: Path, as_json: bool) -> None:
    """List the packs that are here, and those that were put to use."""
    from lineside.cli.packs import show_packs

    show_packs(folder, as_json=as_json)


@pack.command("fetch")
@_FOLDER
def fetch(folder: Path) -> None:
    """Ask the hub for its packs, and keep those that are new."""
    from lineside.cli.packs import fetch_packs

    fetch_packs(folder)


@pack.command("take")
@_FOLDER
@click.argument("file", type=_READ, metavar="FILE")
def take(folder: Path, file: Path) -> None:
    """Keep the pack in FILE, signed by the hub, that somebody carried here."""
    from lineside.cli.packs import take_pack

    take_pack(folder, file)


@pack.command("preview")
@_FOLDER
@_PACK
@_SET
@click.option("--twin", is_flag=True, help="Ask the line's twin, too, what it would bring.")
@_JSON
def preview(folder: Path, pack: str, values: tuple[str, ...], twin: bool, as_json: bool) -> None:
    """Show what PACK (its id, or the first digits of its hash) would change here; nothing is written by looking."""
    from lineside.cli.packs import preview_pack

    preview_pack(folder, pack, values, twin=twin, as_json=as_json)


@pack.command("apply")
@_FOLDER
@_PACK
@_SET
@click.option("--seen", required=True, metavar="HASH", help="Of the plant file that was looked at, as preview says it.")
@click.option("--answer", type=click.IntRange(1), metavar="JOB", help="The twin's answer, as preview --twin says it.")
@click.option("--cost-cny", type=click.FloatRange(0), metavar="CNY", help="What it cost, once.")
@click.option("--tell", is_flag=True, help="Tell the hub, past the valve, with the cost and what the twin foresaw.")
def apply(folder: Path, pack: str, values: tuple[str, ...], **asked: Any) -> None:
    """Put PACK to use: write DIR/plant.toml, and keep the old text."""
    from lineside.cli.packs import apply_pack

    apply_pack(folder, pack, values, asked)


@pack.command("undo")
@_FOLDER
@_NUMBER
@click.option("--keep-file", is_flag=True, help="Leave the plant file as it is.")
@click.option("--why", default="", metavar="WORDS", help="Why, for the hub's people.")
def undo(folder: Path, number: int, keep_file: bool, why: str) -> None:
    """Give up the pack in use under NUMBER, and put back the plant file of before; a hub that knows of it is told."""
    from lineside.cli.packs import end_pack

    end_pack(folder, number, restore=not keep_file, why=why)


@pack.command("measure")
@_FOLDER
@_NUMBER
def measure(folder: Path, number: int) -> None:
    """Compute the months before and after the pack under NUMBER, and hold them against what was foreseen."""
    from lineside.cli.packs import measure_pack

    measure_pack(folder, number)


@click.group()
def need() -> None:
    """What this factory looks for: posted at the hub, and what was offered."""


@need.command("list")
@_FOLDER
@_JSON
def need_list(folder: Path, as_json: bool) -> None:
    """List the needs that were posted."""
    from lineside.cli.packs import show_needs

    show_needs(folder, as_json=as_json)


@need.command("post")
@_FOLDER
@click.argument("title", metavar="TITLE")
@click.option("--words", default="", metavar="WORDS", help="More of it.")
@click.option("--indicator", metavar="INDICATOR", help="Which one is to get better.")
@click.option("--worth-cny", type=click.FloatRange(0), metavar="CNY", help="What that would be worth, a year.")
@click.option("--to-members", is_flag=True, help="All members may read it; nobody but the hub reads whose it is.")
def need_post(folder: Path, **asked: Any) -> None:
    """Sign that the factory looks for TITLE; it leaves past the valve with the next run."""
    from lineside.cli.packs import post_need

    post_need(folder, asked)


@need.command("back")
@_FOLDER
@_NUMBER
def need_back(folder: Path, number: int) -> None:
    """Sign that the need of NUMBER is over."""
    from lineside.cli.packs import take_need_back

    take_need_back(folder, number)


@need.command("offers")
@_FOLDER
@_JSON
def need_offers(folder: Path, as_json: bool) -> None:
    """Ask the hub what was offered for the needs."""
    from lineside.cli.packs import show_offers

    show_offers(folder, as_json=as_json)
