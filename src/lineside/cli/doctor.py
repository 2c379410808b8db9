"""Examines this computer, a plant folder with its sources, or that of a hub: what is well, what is not, what to do."""

from __future__ import annotations

import asyncio
import json
import platform
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import click

from lineside import __version__
from lineside.cli.certificates import certificate_signs
from lineside.cli.folder_signs import backup_signs, disk_signs, file_signs, is_clock_free
from lineside.cli.folders import is_hub
from lineside.cli.house_signs import password_signs, rights_signs, volume_sign
from lineside.cli.plants import source_findings
from lineside.cli.reached_signs import feed_signs, sign_in_signs
from lineside.cli.remote import RemoteNode, running_node
from lineside.cli.serving import port_sign
from lineside.cli.signs import Sign, Verdict
from lineside.cli.terminal import language, told_at, words
from lineside.connect import PUSH, SourceState, listen
from lineside.errors import LinesideError, Unreachable
from lineside.node import PASSIVE
from lineside.plant import Plant, PlantFileError, SourceSettings, read_plant, wanted_of

_MARKS: Mapping[Verdict, tuple[str, str]] = {"well": ("ok", "green"), "note": ("--", "yellow"), "wrong": ("!!", "red")}
_PACKAGES = ("duckdb", "pyarrow", "litestar", "asyncua")
_LISTEN_S = 8.0


def examine(folder: Path | None, *, as_json: bool) -> int:
    """Prints every sign as it is found, or all as one JSON object; 1 when something is wrong."""
    found = []
    for sign in _signs(folder):
        found.append(sign)
        if as_json:
            continue
        mark, colour = _MARKS[sign.verdict]
        click.echo(f"{click.style(mark, fg=colour)} {sign.text}")
        if sign.cure and sign.verdict != "well":
            click.echo(f"   {sign.cure}")
    wrong = any(sign.verdict == "wrong" for sign in found)
    if as_json:
        click.echo(json.dumps({"well": not wrong, "signs": [asdict(sign) for sign in found]}, ensure_ascii=False))
    return int(wrong)


def _signs(folder: Path | None) -> Iterator[Sign]:
    yield from _computer()
    if folder is None:
        yield Sign("note", words("doctor.no_folder"), words("doctor.no_folder.cure"))
        return
    node = running_node(folder)
    yield from disk_signs(folder)
    yield volume_sign(folder)
    yield from rights_signs(folder)
    yield from file_signs(folder, running=node is not None)
    if not is_hub(folder):
        yield from backup_signs(folder)
    yield from certificate_signs(folder, None if node is None else node.certificate)
    if is_hub(folder):
        yield from _hub_signs(folder, node)
        return
    try:
        read = read_plant(folder)
    except PlantFileError as error:
        yield Sign("wrong", error.sentence(language()), words("doctor.findings"))
        yield from (Sign("wrong", told_at(error, finding), finding.cure(language())) for finding in error.findings)
        return
    except LinesideError as error:
        yield Sign("wrong", error.sentence(language()), error.cure(language()))
        return
    plant = read.plant
    yield Sign("well", words("doctor.plant", machines=len(plant.machines), sources=len(plant.sources)))
    yield from password_signs(plant)
    wrong = source_findings(read)
    yield from (Sign("wrong", finding.sentence(language()), finding.cure(language())) for finding in wrong)
    if wrong:
        return
    yield from asyncio.run(sign_in_signs(plant, folder, running=node is not None))
    if node is not None:
        yield Sign("well", words("doctor.running", url=node.url))
        yield from _told_by(node)
    else:
        yield Sign("note", words("doctor.not_running"), words("doctor.not_running.cure", folder=folder))
        yield port_sign()
        yield from asyncio.run(_listen(plant))
        yield from asyncio.run(feed_signs(plant, folder))


def _hub_signs(folder: Path, hub: RemoteNode | None) -> Iterator[Sign]:
    """What there is to say of a hub, which has no sources."""
    yield Sign("well", words("doctor.hub"))
    if hub is not None:
        yield Sign("well", words("doctor.hub_running", url=hub.url))
        return
    yield Sign("note", words("doctor.hub_not_running"), words("doctor.hub_not_running.cure", folder=folder))
    yield port_sign()


def _computer() -> Iterator[Sign]:
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    yield Sign("well", f"Lineside {__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}")
    yield Sign("well", f"{packages}, SQLite {sqlite3.sqlite_version}")
    if files("lineside.api").joinpath("static", "index.html").is_file():
        yield Sign("well", words("doctor.pages"))
    else:
        yield Sign("wrong", words("doctor.no_pages"), words("doctor.no_pages.cure"))
    year = time.gmtime().tm_year
    if year < 2026:
        yield Sign("wrong", words("doctor.clock", year=year), words("doctor.clock.cure"))
    elif is_clock_free():
        yield Sign("note", words("doctor.clock_free"), words("doctor.clock_free.cure"))


def _told_by(node: RemoteNode) -> Iterator[Sign]:
    """How the running node's disk, its sources and feeds, and what it publishes are."""
    kept = node.get("/api/keeping")
    yield Sign(kept["state"], kept["reason"], kept["cure"])
    for told in node.get("/api/sources"):
        well = told["state"] == SourceState.ACTIVE.value
        values = words("doctor.values", count=f"{told['values']:,}")
        yield Sign(
            "well" if well else "wrong",
            f"{told['id']}: {told['reason']} {values if well else ''}".rstrip(),
            told["cure"],
        )
    for told in (*node.get("/api/feeds"), *node.get("/api/publishing")):
        well = told["state"] == SourceState.ACTIVE.value
        yield Sign("well" if well else "wrong", told["reason"], told["cure"])


async def _listen(plant: Plant) -> list[Sign]:
    """Listens to every source for a few seconds, all at once."""
    signs = await asyncio.gather(*(_listen_to(plant, settings) for settings in plant.sources.values()))
    return [sign for sign in signs if sign is not None]


async def _listen_to(plant: Plant, settings: SourceSettings) -> Sign | None:
    wanted = wanted_of(plant, settings.id)
    if settings.type in {*PASSIVE, PUSH} or not wanted:  # nobody can push while no node runs
        return None
    ear = await listen(settings, wanted, _LISTEN_S)
    told = ear.told
    text = f"{settings.id}: {told.sentence(language())}"
    if told.state is SourceState.ACTIVE:
        return Sign("well", f"{text} {words('doctor.heard', heard=len(ear.came), wanted=len(wanted))}")
    return Sign("wrong", text, Unreachable(told.key, **told.fields).cure(language()))
