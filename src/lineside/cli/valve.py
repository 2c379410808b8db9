"""Lists, asks, allows and closes: in a folder that nobody has open, or through the node that runs on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.table import Table

from lineside.api import ReleaseAsked, release_in_full_json, valve_json
from lineside.books import Books
from lineside.cli.folders import require_plant
from lineside.cli.remote import RemoteNode, opened_or_running
from lineside.cli.terminal import console, language, words
from lineside.node import Node, now_us
from lineside.trust import Ledger
from lineside.valve import Releases

_OWNER = 0


def list_valve(folder: Path, *, as_json: bool) -> None:
    """Shows every way out and every release."""
    told = _either(folder, lambda node: valve_json(node, language()), lambda node: node.get("/api/valve"))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    if (closed := told["closed"]) is not None:
        click.secho(words("valve.is_shut", since=_moment(closed["at_ms"])), bold=True)
    ways = Table(*(words(f"valve.{column}") for column in ("flow", "address", "state", "why")), box=None)
    for one in told["flows"]:
        ways.add_row(
            one["flow"], one["address"], words(f"valve.{'open' if one['open'] else 'closed'}"), one["why"] or ""
        )
    console().print(ways)
    releases = Table(*(words(f"valve.{column}") for column in ("id", "name", "to", "state", "until")), box=None)
    for one in told["releases"]:
        until = words("valve.for_good") if one["own"] else _moment(one["until_ms"])
        releases.add_row(str(one["id"]), one["name"], one["recipient"], one["state_name"], until)
    console().print(releases)


def show_release(folder: Path, number: int, *, as_json: bool) -> None:
    """Shows all of a release that whoever allows it decides on."""
    told = _either(
        folder,
        lambda node: release_in_full_json(node, node.valve.releases.get(number), language()),
        lambda node: node.get(f"/api/valve/releases/{number}"),
    )
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    _show(told)
    for one in told["files"]:
        click.echo(" ".join((one["period"], one["state_name"], one["why"] or "")).rstrip())
    for one in told["last"]:
        click.echo(words("valve.last", what=one["what"], at=_moment(one["at_ms"]), size=one["size"]))
        for line in one["words"] or ():
            click.echo(f"  {line}")


def _show(told: dict[str, Any]) -> None:
    table = Table(box=None, show_header=False)
    for name in ("name", "purpose", "recipient", "flow", "address", "grade_name", "state_name"):
        table.add_row(words(f"valve.{name.removesuffix('_name')}"), told[name])
    table.add_row(words("valve.until"), _moment(told["until_ms"]) if not told["own"] else words("valve.for_good"))
    table.add_row(words("valve.limits"), ", ".join(f"{name} {most}" for name, most in told["limits"].items() if most))
    if told["schedule"] is not None:
        table.add_row(words("valve.schedule"), words(f"valve.every_{told['schedule']}"))
        table.add_row(words("valve.shaped"), told["shaped"] or words("valve.not_shaped"))
    if told["epsilon_left"] is not None:
        table.add_row(words("valve.epsilon_left"), f"{told['epsilon_left']:g}")
    table.add_row(words("valve.missing"), str(told["missing"]))
    for one in told["means"]:
        table.add_row(words("valve.means"), f"{one['id']} ({one['grade_name']})")
    for one in told["beside"]:
        table.add_row(words("valve.beside"), f"{one['id']} {one['name']}: {', '.join(one['lacks']) or '-'}")
    table.add_row(words("valve.digest"), told["digest"])
    console().print(table)


def shut_valve(folder: Path, reason: str) -> None:
    """Closes the valve in the books, at once: a node that runs looks there each second, and need not answer."""
    require_plant(folder)
    with Books.open(folder) as books:
        releases = Releases(books, now_us, lambda _: True, Ledger(books, now_us))
        releases.shut(_OWNER, **_reason(reason))
    click.echo(words("valve.shut"))


def open_valve(folder: Path) -> None:
    """Opens it again."""
    _either(folder, lambda node: node.valve.releases.open(_OWNER), lambda node: node.post("/api/valve/open", {}))
    click.echo(words("valve.opened"))


def ask_release(folder: Path, asked: dict[str, Any]) -> None:
    """Asks for a release; shows what it means, and the digest of that."""
    terms = msgspec.convert(asked, ReleaseAsked)
    told = _either(
        folder,
        lambda node: release_in_full_json(node, node.valve.ask(terms.terms(now_us()), _OWNER), language()),
        lambda node: node.post("/api/valve/releases", asked),
    )
    click.echo(words("valve.asked", number=told["id"]))
    _show(told)


def allow_release(folder: Path, number: int, digest: str) -> None:
    """Allows it as who sits at the machine."""
    _either(
        folder,
        lambda node: node.valve.releases.allow(number, digest, _OWNER),
        lambda node: node.post(f"/api/valve/releases/{number}/allow", {"digest": digest}),
    )
    click.echo(words("valve.allowed", number=number))


def close_release(folder: Path, number: int, reason: str) -> None:
    """Closes one."""
    _either(
        folder,
        lambda node: node.valve.releases.close(number, _OWNER, **_reason(reason)),
        lambda node: node.post(f"/api/valve/releases/{number}/close", {"reason": reason}),
    )
    click.echo(words("valve.release_closed", number=number))


def _reason(reason: str) -> dict[str, str]:
    return {"reason": reason.strip()} if reason.strip() else {}


def _moment(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M:%S}"


def _either(folder: Path, here: Callable[[Node], Any], far: Callable[[RemoteNode], Any]) -> Any:
    require_plant(folder)
    node = opened_or_running(folder, Node.open)
    if isinstance(node, RemoteNode):
        return far(node)
    with node:
        return here(node)
