"""Secure sums from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from lineside.api import called_json
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
    found = [one["sha256"] for one in _told(folder) if call and one["sha256"].startswith(call)]
    if len(found) != 1:
        raise ConfigurationError("sums.no_call_here", sum=call[:64])

    def here(node: Node) -> dict[str, Any]:
        return called_json(node, node.member.sums.join(found[0], value), language())

    one = either(folder, here, lambda node: node.post("/api/member/sums", {"sum": found[0], "value": value}))
    click.echo(words("member.sum_joined", title=one["title"], value=f"{one['own']:g}", unit=one["unit"]))


def _told(folder: Path) -> list[dict[str, Any]]:
    def here(node: Node) -> list[dict[str, Any]]:
        return [called_json(node, one, language()) for one in node.member.sums.called()]

    found: list[dict[str, Any]] = either(folder, here, lambda node: node.get("/api/member/sums"))
    return found
