"""The KPIs of a plant as a table or as JSON rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast

import click
from rich.table import Table
from rich.text import Text

from lineside.cli.folders import require_plant
from lineside.cli.remote import RemoteNode, opened_or_running
from lineside.cli.terminal import console, language, words
from lineside.measure import KPIS, Lack, Scope, kpi_rows, lack_json, row_json, window_of
from lineside.node import Node, now_us
from lineside.plant import Plant
from lineside.texts import say

By = Literal["shift", "day", "product"]
_TOTAL: Mapping[str, Callable[[Iterable[float]], float]] = {"seconds": sum, "units": sum, "good": sum, "percent": max}
"""How the values of one cause in several pieces are told together."""


def show_oee(
    folder: Path, scopes: Sequence[str], start: str | None, end: str | None, by: str | None, *, as_json: bool
) -> None:
    """Prints the rows of the scopes named, or of all there are."""
    require_plant(folder)
    node = opened_or_running(folder, Node.open)
    if isinstance(node, RemoteNode):
        asked = {"scope": list(scopes), "from": start, "to": end, "by": by}
        rows = node.get("/api/kpi", {name: value for name, value in asked.items() if value})["rows"]
        plant = None
    else:
        with node:
            plant = node.plant
            rows = _rows(node, scopes, start, end, cast("By | None", by))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _tell(rows, by, plant)


def _rows(node: Node, scopes: Sequence[str], start: str | None, end: str | None, by: By | None) -> list[dict[str, Any]]:
    plant, now = node.plant, now_us()
    first, last = window_of(node.history, plant, start, end, now, by)
    last = max(min(last, now), first + 1)  # as the API: the future is left out
    wanted = [Scope.parse(text, plant) for text in scopes] or Scope.every(plant)
    rows = kpi_rows(node.history, node.timeline, wanted, first, last, by)
    return [row_json(row, plant, language(), now) for row in rows]


def _tell(rows: Sequence[Mapping[str, Any]], by: str | None, plant: Plant | None) -> None:
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
        if by is not None and not _says_anything(row):
            continue
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
    if any(row["partial"] and not row["so_far"] for row in rows):
        out.print(words("oee.partial"))
    _tell_lacks(rows, plant)


def _says_anything(row: Mapping[str, Any]) -> bool:
    """False for an area or site that could not be told in pieces; what it lacks stands below the table."""
    return any(row[name] is not None for name in (*KPIS, "production_day", "product")) or bool(row["times_s"])


def _tell_lacks(rows: Sequence[Mapping[str, Any]], plant: Plant | None) -> None:
    """What is missing and what looks wrong, each cause once with its total over the pieces."""
    out = console()
    for family, style in (("missing", "yellow"), ("suspect", "red")):
        causes: dict[tuple[object, ...], dict[tuple[object, ...], dict[str, Any]]] = {}
        for row in rows:
            piece = tuple(row[name] for name in ("from", "to", "shift", "product"))
            for lack in row[family]:
                exact = tuple(item for item in lack["fields"].items() if item[0] not in _TOTAL)
                causes.setdefault((lack["code"], lack["subject"], exact), {})[piece] = lack
        if causes:
            out.print(words(f"oee.{family}"), style="bold")
        for found in causes.values():
            lack = _total(list(found.values()), family, plant)
            pieces = f" {words('oee.pieces', count=len(found))}" if len(found) > 1 else ""
            out.print(f"  {lack['what']}{pieces}", style=style, markup=False)
            out.print(f"    {lack['effect']} {lack['cure']}", markup=False)


def _total(lacks: Sequence[Mapping[str, Any]], family: str, plant: Plant | None) -> Mapping[str, Any]:
    """One cause in several pieces as one; under the ids of the file where another process knows the names."""
    first = lacks[0]
    if len(lacks) == 1:
        return first
    total = {name: _TOTAL[name](lack["fields"][name] for lack in lacks) for name in first["fields"] if name in _TOTAL}
    fields = {**first["fields"], **total}
    return lack_json(Lack(first["code"], first["subject"], tuple(fields.items())), plant, language(), family)


def _piece(row: Mapping[str, Any], by: str) -> str:
    if by == "product":
        return str(row["product"] or words("oee.no_product"))
    name = f"{row['production_day'] or ''} {row['shift'] or ''}".strip()
    return f"{name} {words('oee.so_far')}" if row["so_far"] else f"{name} *" if row["partial"] else name


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
