"""Erases things of a plant that no node runs on, and writes the certificate; a person is forgotten elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from lineside.cli.folders import require_plant
from lineside.cli.terminal import words
from lineside.errors import UnusableData
from lineside.history import rewrite_history
from lineside.measure import parse_moment
from lineside.node import EVER, Node, chosen, erase, remains, series_keys, silent
from lineside.plant import Plant, moment
from lineside.trust import as_file, write_export


def erase_things(folder: Path, branches: Sequence[str], reason: str, before: str | None, target: Path | None) -> int:
    """Says what would be erased, and erases it where the certificate has a place. 2 where it was only said."""
    require_plant(folder)
    with Node.open(folder) as node:
        node.editions.hear()
        plant, judgement = node.plant, node.catalogue.judgement
        limit = EVER if before is None else parse_moment(before, plant)
        things = chosen(judgement, branches)
        made_of_it, no_data = remains(judgement, things), silent(node.timeline, series_keys(things))
    if target is None:
        for thing in things:
            click.echo(f"{thing.id}  {thing.name}")
        click.echo(words("erase.would", count=len(things)))
        _tell_remains(made_of_it, sorted({machine for machines in no_data.values() for machine in machines}))
        return 2
    if target.exists():
        raise UnusableData("ledger.unwritten", file=str(target), reason=words("erase.there"))
    certificate = erase(folder, branches, reason, before=limit)
    write_export(target, [as_file(certificate.told())])
    told = certificate.statement
    for one in told["things"]:
        click.echo(words("erase.erased", thing=one["thing"], rows=f"{one['rows']:,}", span=_span(plant, one)))
    rewrite_history(folder, lambda: None)
    click.echo(words("erase.done", file=target, entry=certificate.entry))
    _tell_remains(told["made_of_it"], told["no_data"])
    return 0


def _tell_remains(made_of_it: Sequence[str], no_data: Sequence[str]) -> None:
    if no_data:
        click.secho(words("erase.no_data", machines=", ".join(no_data)), fg="yellow")
    if made_of_it:
        click.secho(words("erase.made_of_it", things=", ".join(made_of_it)), fg="yellow")
    click.secho(words("erase.elsewhere"), fg="yellow")


def _span(plant: Plant, one: dict[str, int | None]) -> str:
    first, last = one["first"], one["last"]
    if first is None or last is None:
        return ""
    ends: list[datetime] = [moment(at, plant.site.zone) for at in (first, last)]
    return " - ".join(f"{at:%Y-%m-%d %H:%M}" for at in ends)
