"""Orders, products, costs and completions of a plant: taken from files, listed, written to files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from lineside.books import Books
from lineside.cli.folders import require_plant
from lineside.cli.remote import running_node
from lineside.cli.terminal import console, language, words
from lineside.connect import read_view
from lineside.errors import ConfigurationError, FolderInUse
from lineside.measure import parse_moment
from lineside.node import Node, now_us
from lineside.orders import (
    COLUMNS,
    MOMENTS,
    B2mmlVersion,
    Kind,
    Ledger,
    Taken,
    kind_in,
    offer_of_feed,
    plain_row,
    read_offer,
    save_mapping,
    saved_mappings,
    take,
    write_file,
)
from lineside.plant import Plant, read_plant
from lineside.texts import say

_SHOWN: Mapping[Kind, tuple[str, ...]] = {
    "orders": ("id", "product", "line", "machine", "start", "end", "state", "quantity", "good", "origin"),
    "products": ("id", "name", "ideal_cycle_s", "codes", "origin"),
    "costs": ("what", "of", "amount", "currency", "start", "origin"),
    "completions": ("order", "product", "planned", "good", "rejected", "start", "end", "basis"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """How a file is to be read and taken."""

    named: str | None
    columns: Sequence[str]
    constants: Sequence[str]
    save: str | None
    since: str | None
    dry_run: bool


def import_file(folder: Path, file: Path, kind: Kind, wish: Wish, *, as_json: bool) -> int:
    """Takes the rows of a file and says what became of them; 1 when one was refused."""
    require_plant(folder)
    with Books.open(folder) as books:
        plant = _plant(folder, books)
        with books.reading() as session:
            kept = saved_mappings(session, kind)
        told = {"columns": _pairs(wish.columns), "constants": _pairs(wish.constants)}
        offer = read_offer(kind, file, file.name, kept, named=wish.named, told=told)
        since_us = None if wish.since is None else parse_moment(wish.since, plant)
        how: Any = {"origin": file.name, "now_us": now_us(), "since_us": since_us, "dry_run": wish.dry_run}
        taken = take(books, plant, offer.mapping.kind, offer.entries(), **how)
        if wish.save is not None:
            with books.session() as session:
                save_mapping(session, wish.save, offer.mapping, now_us())
    if as_json:
        told_json = _taken_json(taken, offer.mapping.model_dump(mode="json"), dry_run=wish.dry_run)
        click.echo(json.dumps(told_json, ensure_ascii=False))
    else:
        _tell(taken, file.name, offer.saved, offer.mapping.columns, dry_run=wish.dry_run)
    return int(taken.refused > 0)


def read_feed(folder: Path, name: str, *, dry_run: bool) -> int:
    """Takes the rows of a view of a database, from its beginning, and says what became of them; 1 when one was refused.

    Raises what reading the view raises.
    """
    require_plant(folder)
    refused, last, more = 0, None, True
    with Books.open(folder) as books:
        plant = _plant(folder, books)
        if (feed := plant.feeds.get(name)) is None:
            raise ConfigurationError("feed.unknown", feed=name, known=", ".join(plant.feeds) or "-")
        with books.reading() as session:
            kept = saved_mappings(session, feed.kind)
        while more:
            sheet, last, more = read_view(feed, folder, last)
            offer = offer_of_feed(feed, sheet, kept)
            how: Any = {"origin": f"feed {feed.id}", "now_us": now_us(), "dry_run": dry_run}
            taken = take(books, plant, feed.kind, offer.entries(), **how)
            _tell(taken, f"feed {feed.id}", offer.saved, offer.mapping.columns, dry_run=dry_run)
            refused += taken.refused
    return int(refused > 0)


def _plant(folder: Path, books: Books) -> Plant:
    """The plant with what was told before."""
    ledger = Ledger(books)
    ledger.refresh()
    return read_plant(folder).plant.with_told(ledger.told, 2**62)


def _pairs(told: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in told]
    if wrong := next((name for name, mark, value in pairs if not (name and mark and value)), None):
        raise ConfigurationError("orders.pair", pair=wrong)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _taken_json(taken: Taken, mapping: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
    counts = {name: getattr(taken, name) for name in ("entries", "new", "changed", "same", "refused")}
    findings = [
        {"path": f.path, "sentence": f.sentence(language()), "cure": f.cure(language())} for f in taken.findings
    ]
    return {**counts, "shadowed": list(taken.shadowed), "dry_run": dry_run, "mapping": mapping, "findings": findings}


def _tell(taken: Taken, file: str, saved: str | None, columns: Mapping[str, str], *, dry_run: bool) -> None:
    out = console()
    read = ", ".join(f"{column} = {field}" for field, column in columns.items())
    out.print(words("orders.read_as" if saved is None else "orders.read_by", columns=read, name=saved), markup=False)
    counts = {name: f"{getattr(taken, name):,}" for name in ("entries", "new", "changed", "same", "refused")}
    out.print(words("orders.would" if dry_run else "orders.taken", file=file, **counts), style="bold", markup=False)
    for finding in taken.findings:
        out.print(f"  {finding.sentence(language())} {finding.cure(language())}", style="yellow", markup=False)
    if (more := taken.refused - len(taken.findings)) > 0:
        out.print("  " + words("orders.more", count=f"{more:,}"))
    if taken.shadowed:
        out.print("  " + words("orders.shadowed", ids=", ".join(taken.shadowed[:10])), style="yellow", markup=False)


def list_records(folder: Path, kind: Kind, start: str | None, end: str | None, *, as_json: bool) -> None:
    """Prints the records of a kind."""
    rows, plant = _rows(folder, kind, start, end)
    if as_json:
        click.echo(json.dumps([plain_row(row, plant.site.zone) for row in rows], ensure_ascii=False, indent=1))
        return
    out = console()
    if not rows:
        out.print(words("orders.none"))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in _SHOWN[kind]:
        table.add_column(say(f"orders.field.{column}", language()), no_wrap=column == "id")
    for row in rows:
        told = plain_row(row, plant.site.zone)
        table.add_row(*(_shown(column, told.get(column)) for column in _SHOWN[kind]))
    out.print(table)


def _shown(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column in MOMENTS:
        return str(value)[:16].replace("T", " ")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if column == "state":
        return say(f"orders.state.{value}", language())
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def export_records(
    folder: Path, file: Path, kind: Kind, start: str | None, end: str | None, version: B2mmlVersion
) -> None:
    """Writes the records of a kind to a file. Raises ConfigurationError for a type that is not written."""
    kind = kind_in(file.name, kind)
    write_file(file.name, kind, [], read_plant(folder).plant, 0)
    rows, plant = _rows(folder, kind, start, end)
    content = write_file(file.name, kind, rows, plant, now_us(), version)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise ConfigurationError("orders.unwritable", file=str(file), reason=error.strerror) from error
    click.echo(words("orders.written", file=file, count=len(rows)))


def _rows(folder: Path, kind: Kind, start: str | None, end: str | None) -> tuple[list[dict[str, Any]], Plant]:
    """The rows with times in microseconds UTC, by the running node where one runs."""
    require_plant(folder)
    plant = read_plant(folder).plant
    try:
        node = Node.open(folder)
    except FolderInUse:
        remote = running_node(folder)
        if remote is None:
            raise
        asked = {"from": start, "to": end}
        told = remote.get(f"/api/erp/{kind}", {name: value for name, value in asked.items() if value})["rows"]
        moments = MOMENTS & set(COLUMNS[kind])
        rows = [
            {name: parse_moment(value, plant) if name in moments and value else value for name, value in row.items()}
            for row in told
        ]
    else:
        with node:
            first, last = (None if text is None else parse_moment(text, plant) for text in (start, end))
            rows = node.erp.rows(kind, first, last)
    return rows, plant
