"""Shows what an import would read of files, and what is wrong in which row; nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from lineside.cli.folders import require_plant
from lineside.cli.importing import tell_found
from lineside.cli.terminal import console, language, words
from lineside.node import Reading, now_us, preview
from lineside.plant import read_plant

_FAULTS = 20


def preview_files(folder: Path, files: Sequence[Path], params: Mapping[str, Any], *, as_json: bool) -> int:
    """Tells of each file; 1 when one of them cannot be imported as it stands."""
    require_plant(folder)
    plant = read_plant(folder).plant
    wrong = False
    for file in files:
        told = preview(plant, file, Reading.of(params), now_us())
        wrong |= told["problem"] is not None
        if as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            _tell(told)
    return int(wrong)


def _tell(told: Mapping[str, Any]) -> None:
    out, reading = console(), told["reading"]
    sheet = f" [{told['reading']['sheet']}]" if reading["sheet"] else ""
    out.print(f"{told['file']}{sheet} -> {reading['source'] or '?'}", style="bold", markup=False)
    if reading["names"] is not None:
        table = Table(words("preview.column"), words("preview.means"), box=None)
        if reading["time_column"]:
            times = filter(None, (reading["time_column"], reading["clock_column"]))
            table.add_row(Text(" + ".join(times)), words("preview.time"))
        for name, address in reading["names"].items():
            table.add_row(Text(name), Text(address or words("preview.left_out")))
        out.print(table)
    if told["problem"] is not None:
        said = told["problem"]["words"][language()]
        out.print(f"  {said['problem']} {said['cure'] or ''}", style="yellow", markup=False)
    if (checked := told["checked"]) is None:
        return
    if told["form"] is not None:
        key = "preview.rows" if checked["whole"] else "preview.rows_part"
        out.print("  " + words(key, good=f"{checked['rows'] - checked['faulty']:,}", rows=f"{checked['rows']:,}"))
    for fault in checked["faults"][:_FAULTS]:
        said = checked["reasons"][fault["reason"]][language()]
        where = {"row": fault["line"], "column": fault["column"] or "-", "cell": fault["example"]}
        out.print(
            "  " + words("preview.fault", **where, problem=said["problem"], cure=said["cure"] or ""),
            style="yellow",
            markup=False,
        )
    tell_found(checked, faults=not checked["faults"])
