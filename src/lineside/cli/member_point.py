"""Where a plant stands among the members of its hub, and what pilots it is told of, from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import click
from rich.table import Table

from lineside.api import pilots_json, standpoint_json
from lineside.cli.member import either, moment
from lineside.cli.terminal import console, language, words
from lineside.errors import ConfigurationError
from lineside.node import Language, Node
from lineside.texts import say


def show_point(folder: Path, *, last: bool, as_json: bool) -> None:
    """Prints what the hub tells, asked now, or what it told `last`."""
    speech = cast("Language", language())

    def here(node: Node) -> dict[str, Any] | None:
        found = node.member.standpoints.last(speech) if last else node.member.standpoints.ask(speech)
        return None if found is None else standpoint_json(found, speech)

    path = "/api/member/point"
    told = either(folder, here, lambda node: node.get(path) if last else node.post(path, {}))
    _tell(told, _show, as_json=as_json)


def show_pilots(folder: Path, *, last: bool, as_json: bool) -> None:
    """Prints the pilots that the hub tells of, asked now, or those that it told of `last`."""
    speech = cast("Language", language())

    def here(node: Node) -> dict[str, Any] | None:
        found = node.member.pilots.last(speech) if last else node.member.pilots.ask(speech)
        return None if found is None else pilots_json(found)

    path = "/api/member/pilots"
    told = either(folder, here, lambda node: node.get(path) if last else node.post(path, {}))
    _tell(told, _show_pilots, as_json=as_json)


def _tell(told: dict[str, Any] | None, show: Callable[[dict[str, Any]], None], *, as_json: bool) -> None:
    """Prints an answer. Raises ConfigurationError where there is none, or none that this version can read."""
    if told is None:
        raise ConfigurationError("member.never_asked")
    if told["unread"]:
        raise ConfigurationError("member.unread", time=moment(told["made_ms"]))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        show(told)


def _show_pilots(told: dict[str, Any]) -> None:
    click.echo(words("member.pilots" if told["pilots"] else "member.no_pilots", time=moment(told["made_ms"])))
    for one in told["pilots"]:
        group = f" · {words('member.pilot.' + one['group'])}" if one["group"] else ""
        span = f"{one['start']} – {one['last']}"
        click.echo(f"{one['number']}  {one['name']} ({one['indicator']}, {span}): {one['state']}{group}")
        click.echo(f"  {one['verdict'] or one['withheld'] or one['hypothesis']}")
        if one["pack"] is not None:
            click.echo("  " + words("member.pilot.copy", pack=one["pack"][:12]))


def _show(told: dict[str, Any]) -> None:
    point, classes = told["point"], told["classes"]
    click.echo(words("member.point", month=point["month"] or "-", time=moment(told["made_ms"])))
    click.echo(point["peers"]["why"])
    table = Table(*(words(f"member.{one}") for one in ("indicator", "value", "among")), box=None)
    for row in point["rows"]:
        value = row["absent"] or "" if row["value"] is None else f"{row['value']:.4g} {row['unit']}"
        if row["value"] is not None and row["origin"] != "measured":
            origin = say(f"exchange.origin.{row['origin']}", language())
            value = f"{value} ({origin})"
        among = row["withheld"] or "" if row["band"] is None else row["band"]["words"]
        table.add_row(row["name"], value, among)
    console().print(table)
    for one in classes["classes"]:
        click.echo(f"{one['name']}: {one['class'] or ' / '.join(one['could_be']) or '-'} ({one['document']})")
    if (kind := classes["type"]) is not None:
        click.echo(words("member.type", name=kind["name"] or kind["why"] or "-"))
    for path in classes["paths"]:
        click.echo(path["name"])
        for step in path["words"]:
            click.echo(f"  {step}")
