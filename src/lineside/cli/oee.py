"""The KPIs of a plant as a table or as JSON rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast

import click
from rich.table import Table
from rich.text import Text

from lineside.cli.plants import require_plant
from lineside.cli.remote import running_node
from lineside.cli.terminal import console, language, words
from lineside.errors import FolderInUse
from lineside.measure import KPIS, Scope, kpi_rows, row_json, window_of
from lineside.node import Node, now_us
from lineside.texts import say

By = Literal["shift", "day", "product"]


def show_oee(
    folder: Path, scopes: Sequence[str], start: str | None, end: str | None, by: str | None, *, as_json: bool
) -> None:
    """Prints the rows of the scopes named, or of all there are."""
    require_plant(folder)
    try:
        node = Node.open(folder)
    except FolderInUse:
        remote = running_node(folder)
        if remote is None:
            raise
        asked = {"scope": list(scopes), "from": start, "to": end, "by": by}
        rows = remote.get("/api/kpi", {name: value for name, value in asked.items() if value})["rows"]
    else:
        with node:
            rows = _rows(node, scopes, start, end, cast("By | None", by))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _tell(rows, by)


def _rows(node: Node, scopes: Sequence[str], start: str | None, end: str | None, by: By | None) -> list[dict[str, Any]]:
    plant, now = node.plant, now_us()
    first, last = window_of(node.history, plant, start, end, now)
    last = max(min(last, now), first + 1)  # as the API: the future is left out
    wanted = [Scope.parse(text, plant) for text in scopes] or Scope.every(plant)
    rows = kpi_rows(node.history, node.timeline, wanted, first, last, by)
    return [row_json(row, plant, language()) for row in rows]


def _tell(rows: Sequence[Mapping[str, Any]], by: str | None) -> None:
    out = console()
    if not rows:
        out.print(words("oee.no_rows"))
        return
    if by is None:
        out.print(words("oee.window", start=_time(rows[0]["from"]), end=_time(rows[0]["to"])))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(words("oee.scope"), no_wrap=True)
    if by is not None:
        table.add_column(words(f"oee.by.{by}"), no_wrap=True)
    for kpi in KPIS:
        table.add_column(say(f"kpi.{kpi}", language()), justify="right")
    for name in ("planned", "good", "rejected", "coverage"):
        table.add_column(words(f"oee.{name}"), justify="right")
    table.add_column(words("oee.where"))
    for row in rows:
        cells = [row["scope"] if row["level"] != "site" else f"site ({row['name']})"]
        if by is not None:
            cells.append(_piece(row, by))
        cells += [_share(row[kpi]) for kpi in KPIS]
        cells += [
            _hours(row["planned_busy_s"]),
            _number(row["good"]),
            _number(row["rejected"]),
            _share(row["coverage"]),
        ]
        table.add_row(*map(Text, cells), Text(_where(row)))
    out.print(table)
    _tell_lacks(rows)


def _tell_lacks(rows: Sequence[Mapping[str, Any]]) -> None:
    """What is missing and what looks wrong, each once."""
    out = console()
    for family, style in (("missing", "yellow"), ("suspect", "red")):
        said = dict.fromkeys((lack["what"], lack["effect"], lack["cure"]) for row in rows for lack in row[family])
        if said:
            out.print(words(f"oee.{family}"), style="bold")
        for what, effect, cure in said:
            out.print(f"  {what}", style=style, markup=False)
            out.print(f"    {effect} {cure}", markup=False)


def _piece(row: Mapping[str, Any], by: str) -> str:
    if by == "product":
        return str(row["product"] or words("oee.no_product"))
    return f"{row['production_day']} {row['shift'] or ''}".strip()


def _where(row: Mapping[str, Any]) -> str:
    """Where the time went, in hours, the most first; of planned busy time where there is any."""
    times = row["planned_times_s"] or row["times_s"]
    return "  ".join(f"{say(f'state.{state}', language())} {_hours(seconds)}" for state, seconds in times.items())


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value * 100:.1f} %"


def _hours(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds / 3600:,.2f} h"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,}"


def _time(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S %z")
