"""Energy and carbon of a plant, as a table of production days or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from lineside.cli.folders import require_plant
from lineside.cli.remote import RemoteNode, opened_or_running
from lineside.cli.terminal import console, language, words
from lineside.measure import energy_json
from lineside.node import Node, now_us


def show_energy(folder: Path, start: str | None, end: str | None, *, as_json: bool) -> None:
    """Prints the production days of a window, and the whole of it."""
    require_plant(folder)
    node = opened_or_running(folder, Node.open)
    if isinstance(node, RemoteNode):
        asked = {"from": start, "to": end}
        told = node.get("/api/energy", {name: value for name, value in asked.items() if value})
    else:
        with node:
            told = energy_json(node.history, node.timeline, start, end, now_us(), language())
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _tell(told)


def _tell(told: Mapping[str, Any]) -> None:
    out, whole = console(), told["whole"]
    if not told["declared"]:
        out.print(words("energy.undeclared"), markup=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(words("oee.by.day"), no_wrap=True)
    for carrier in whole["carriers"]:
        table.add_column(f"{carrier['name']} kWh", justify="right")
    for name in ("kwh", "kg_co2", "good", "kwh_per_unit", "kg_co2_per_unit", "coverage"):
        table.add_column(words(f"energy.{name}"), justify="right")
    for row in (*told["days"], whole):
        by = {one["carrier"]: one["kwh"] for one in row["carriers"]}
        numbers = [by.get(one["carrier"]) for one in whole["carriers"]]
        numbers += [row[name] for name in ("kwh", "kg_co2", "good", "kwh_per_unit", "kg_co2_per_unit")]
        share = "-" if row["coverage"] is None else f"{row['coverage'] * 100:.1f} %"
        table.add_row(row["day"] or words("energy.whole"), *map(_number, numbers), share)
    out.print(table)
    for carrier in whole["carriers"]:
        if carrier["why"] is not None:
            out.print(f"{carrier['name']}: {carrier['why']}", style="yellow", markup=False)
        for one in carrier["factors"]:
            where = " ".join(str(part) for part in (one["grid"], one["year"]) if part)
            out.print(
                f"{carrier['name']}: {one['kg_co2_per_kwh']:g} kg CO2/kWh, {where} ({one['source']})", markup=False
            )


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3f}"
