"""Looks around at a machine, server, agent or broker, and writes what a plant file may say of it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from lineside.cli.folders import require_plant
from lineside.cli.plants import source_findings
from lineside.cli.terminal import console, language, words
from lineside.connect import (
    Progress,
    Proposal,
    discover,
    line_of,
    packs,
    proposal_json,
    read_table,
    without_password,
    write_fragment,
    write_table,
)
from lineside.errors import ConfigurationError, UnusableData
from lineside.plant import PLANT_FILE, PlantFileError, PlantText, local_zone, read_plant
from lineside.texts import say


def look_around(
    url: str,
    options: Mapping[str, Any],
    pack: str | None,
    watch_s: float,
    *,
    plant: Path | None,
    line: str | None,
    table: Path | None,
    as_json: bool,
) -> None:
    """Prints what is proposed as text of a plant file or as JSON, or writes it as a table.

    Raises what `discover` raises, and ConfigurationError for a plant or line that is not there.
    """
    known = None if plant is None else _plant(plant)
    if known is not None:
        line_of(known.plant, line)  # better told before the watching than after it
    machines = set() if known is None else set(known.plant.machines)
    taken = set() if known is None else set(known.plant.sources)
    shown = without_password(url)
    asked = discover(
        url, options=options, pack=pack, watch_s=watch_s, tell=_Teller(shown), machines=machines, taken=taken
    )
    proposal = asyncio.run(asked)
    if not proposal.machines:
        raise UnusableData("cli.discover.nothing", url=shown, seconds=f"{watch_s:g}")
    signals = [signal for machine in proposal.machines for signal in machine.signals]
    kept = sum(signal.keep for signal in signals)
    said = words("discover.found", machines=len(proposal.machines), kept=kept, signals=len(signals))
    if table is not None:
        _write(table, write_table(proposal, language()))
        click.echo(said, err=True)
        click.echo(words("discover.table", file=table), err=True)
        return
    text = _text(proposal, known, line, shown)
    click.echo(said, err=True)
    if as_json:
        told = proposal_json(proposal, language()) | {"fragment": text}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo(text, nl=False)


def take_table(table: Path, *, plant: Path | None, line: str | None) -> None:
    """Prints the text of a plant file that an edited table makes; raises PlantFileError when it would not be valid."""
    known = None if plant is None else _plant(plant)
    try:
        data = table.read_bytes()
    except OSError as error:
        raise ConfigurationError("cli.discover.file", file=str(table), reason=error.strerror or str(error)) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")  # as spreadsheets on Chinese computers save it
    click.echo(_text(read_table(text), known, line, table.name), nl=False)


def list_packs(*, as_json: bool) -> None:
    """Prints every pack with the sources of its facts."""
    rows = [pack.plainly(language()) for pack in packs().values()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = Table(*(words(f"packs.{key}") for key in ("id", "name", "about", "sources")))
    for row in rows:
        table.add_row(row["id"], row["name"], row["about"], "\n".join(row["sources"]))
    console().print(table)


def read_options(texts: tuple[str, ...]) -> dict[str, Any]:
    """Options as they are typed, NAME=VALUE: numbers and true or false are taken as such."""
    options: dict[str, Any] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark or not name:
            raise click.UsageError(words("discover.options"))
        try:
            read = json.loads(value)
        except ValueError:
            read = value
        options[name] = read if isinstance(read, bool | int | float) else value
    return options


class _Teller:
    """Says on the error stream, when that is a terminal, how far it is."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._terminal = sys.stderr.isatty()

    def __call__(self, progress: Progress) -> None:
        if self._terminal:
            said = words(
                "discover.looking",
                url=self._url,
                found=progress.found,
                seconds=f"{progress.seconds:.0f}",
                of=f"{progress.of:g}",
            )
            click.echo(f"\r{said}\x1b[K", nl=progress.seconds >= progress.of, err=True)


def _plant(folder: Path) -> PlantText:
    require_plant(folder)
    return read_plant(folder)


def _text(proposal: Proposal, known: PlantText | None, line: str | None, source: str) -> str:
    """The text to write, which always loads. Raises PlantFileError with what would be wrong with it."""
    zone = local_zone()
    by = say("discover.by", language(), url=source, day=datetime.now(zone).date().isoformat())
    made = write_fragment(proposal, by=by, language=language(), timezone=zone.key, plant=known, line=line)
    if wrong := source_findings(made):
        raise PlantFileError(Path(PLANT_FILE), wrong)
    return made.text


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8-sig", newline="")  # the mark lets spreadsheets read it as UTF-8
    except OSError as error:
        raise ConfigurationError("cli.discover.file", file=str(file), reason=error.strerror or str(error)) from error
