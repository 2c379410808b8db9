"""Secure sums from the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from lineside.api import called_json, seen_json
from lineside.cli.member import either
from lineside.cli.terminal import language, words
from lineside.errors import ConfigurationError
from lineside.node import Node

_HASH = 12
"""So much of it is shown."""


def show_sums(folder: Path, *, as_json: bool) -> None:
    """Prints every call with its state, what this factory gives and the total."""
    told = _told(folder)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    if not told:
        click.echo(words("member.no_sums"))
    for one in told:
        state = words(f"sum.{one['state']}")
        click.echo(f"{one['sha256'][:_HASH]}  {one['title']} ({one['month']}, {one['unit']}): {state}")
        if one["own"] is not None:
            click.echo("  " + words("member.sum_own", value=f"{one['own']:g}", unit=one["unit"]))
        if one["total"] is not None:
            told_total = {"total": f"{one['total']:g}", "unit": one["unit"], "members": one["members"]}
            click.echo("  " + words("member.sum_total", **told_total))


def take_part_in(folder: Path, call: str, value: float | None) -> None:
    """Takes part in the one sum whose hash begins so."""
    sha256 = _call(folder, call)

    def here(node: Node) -> dict[str, Any]:
        return called_json(node, node.member.sums.join(sha256, value), language())

    one = either(folder, here, lambda node: node.post("/api/member/sums", {"sum": sha256, "value": value}))
    click.echo(words("member.sum_joined", title=one["title"], value=f"{one['own']:g}", unit=one["unit"]))


def show_round(folder: Path, call: str, *, as_json: bool) -> None:
    """Prints whom the round holds that waits for a share: each by its fingerprint, and the threshold."""
    told = _round(folder, call)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    if told is None:
        click.echo(words("member.no_round"))
        return
    until = f"{datetime.fromtimestamp(told['closes_ms'] / 1000, UTC):%Y-%m-%d %H:%M} UTC"
    fields = {"attempt": told["attempt"], "members": len(told["members"]), "least": told["least"], "until": until}
    click.echo(words("member.round", **fields))
    for one in told["members"]:
        own = f"  {words('member.round_own')}" if one["own"] else ""
        click.echo(f"  {one['member']:>6}  {one['fingerprint']}  #{one['entry']}{own}")
    click.echo(words("member.round_agreed" if told["agreed"] else "member.round_learns"))
    if not told["agreed"]:
        click.echo(words("member.round_yes", call=call, round=told["sha256"][:_HASH]))


def agree_to(folder: Path, call: str, of_round: str, least: int | None) -> None:
    """Says yes to the round that waits, whose hash begins so; what leaves is a random number."""
    sha256, told = _call(folder, call), _round(folder, call)
    if told is None or not of_round or not told["sha256"].startswith(of_round):
        raise ConfigurationError("sums.round_gone")
    asked = {"round": told["sha256"], "least": least}

    def here(node: Node) -> dict[str, Any]:
        return {"round": seen_json(node.member.sums.agree(sha256, told["sha256"], least))}

    agreed = either(folder, here, lambda node: node.post(f"/api/member/sums/{sha256}/round", asked))["round"]
    click.echo(words("member.round_sent", members=len(agreed["members"]), least=least or agreed["least"]))


def _round(folder: Path, call: str) -> dict[str, Any] | None:
    sha256 = _call(folder, call)

    def here(node: Node) -> dict[str, Any]:
        return {"round": seen_json(node.member.sums.look(sha256))}

    found: dict[str, Any] | None = either(folder, here, lambda node: node.get(f"/api/member/sums/{sha256}/round"))[
        "round"
    ]
    return found


def _call(folder: Path, begin: str) -> str:
    """The whole hash of the one call whose hash begins so. Raises ConfigurationError."""
    found = [str(one["sha256"]) for one in _told(folder) if begin and one["sha256"].startswith(begin)]
    if len(found) != 1:
        raise ConfigurationError("sums.no_call_here", sum=begin[:64])
    return found[0]


def _told(folder: Path) -> list[dict[str, Any]]:
    def here(node: Node) -> list[dict[str, Any]]:
        return [called_json(node, one, language()) for one in node.member.sums.called()]

    found: list[dict[str, Any]] = either(folder, here, lambda node: node.get("/api/member/sums"))
    return found
