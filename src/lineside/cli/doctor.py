"""Examines this computer, a plant folder and its sources: what is well, what is not, and what to do."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import click

from lineside import __version__
from lineside.cli.plants import source_findings
from lineside.cli.remote import RemoteNode, running_node
from lineside.cli.terminal import language, tell_findings, words
from lineside.connect import PUSH, MemorySink, SourceState, Told, source
from lineside.errors import LinesideError, Unreachable
from lineside.node import DATA, PASSIVE
from lineside.plant import Plant, PlantFileError, SourceSettings, read_plant

Verdict = Literal["well", "note", "wrong"]
_MARKS: Mapping[Verdict, tuple[str, str]] = {"well": ("ok", "green"), "note": ("--", "yellow"), "wrong": ("!!", "red")}
_PACKAGES = ("duckdb", "pyarrow", "litestar", "asyncua")
_LEAST_FREE = 2 * 2**30
_SLOW_COMMIT_MS = 50.0
_COMMITS = 5
_LISTEN_S = 8.0


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was looked at."""

    verdict: Verdict
    text: str
    cure: str | None = None


def examine(folder: Path | None) -> int:
    """Prints every sign as it is found; 1 when something is wrong."""
    worst = 0
    for sign in _signs(folder):
        mark, colour = _MARKS[sign.verdict]
        click.echo(f"{click.style(mark, fg=colour)} {sign.text}")
        if sign.cure and sign.verdict != "well":
            click.echo(f"   {sign.cure}")
        worst = max(worst, sign.verdict == "wrong")
    return worst


def _signs(folder: Path | None) -> Iterator[Sign]:
    yield from _computer()
    if folder is None:
        yield Sign("note", words("doctor.no_folder"), words("doctor.no_folder.cure"))
        return
    yield from _disk(folder)
    try:
        read = read_plant(folder)
    except PlantFileError as error:
        yield Sign("wrong", error.sentence(language()))
        tell_findings(error)
        return
    except LinesideError as error:
        yield Sign("wrong", error.sentence(language()), error.cure(language()))
        return
    plant = read.plant
    yield Sign("well", words("doctor.plant", machines=len(plant.machines), sources=len(plant.sources)))
    wrong = source_findings(read)
    yield from (Sign("wrong", finding.sentence(language()), finding.cure(language())) for finding in wrong)
    if wrong:
        return
    node = running_node(folder)
    if node is not None:
        yield Sign("well", words("doctor.running", url=node.url))
        yield from _told_by(node)
    else:
        yield Sign("note", words("doctor.not_running"), words("doctor.not_running.cure", folder=folder))
        yield from asyncio.run(_listen(plant))


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


def _disk(folder: Path) -> Iterator[Sign]:
    free = shutil.disk_usage(folder).free
    size = sum(f.stat().st_size for f in (folder / DATA).glob("*") if f.is_file())
    enough = free >= _LEAST_FREE
    text = words("doctor.disk", free=_gib(free), size=_gib(size))
    yield Sign("well" if enough else "wrong", text, words("doctor.disk.cure"))
    try:
        commit_ms = _commit_ms(folder)
    except OSError as error:
        yield Sign("wrong", words("doctor.read_only", reason=error.strerror), words("doctor.read_only.cure"))
        return
    text = words("doctor.commit", ms=f"{commit_ms:.1f}")
    yield Sign("well" if commit_ms < _SLOW_COMMIT_MS else "note", text, words("doctor.commit.cure"))
    encrypted = _is_encrypted(folder)
    if encrypted is not None:
        key = "doctor.encrypted" if encrypted else "doctor.not_encrypted"
        yield Sign("well" if encrypted else "note", words(key), words("doctor.not_encrypted.cure"))


def _gib(size: int) -> str:
    return f"{size / 2**30:.2f} GiB"


def _commit_ms(folder: Path) -> float:
    """The median time a small durable write takes here."""
    path = folder / f".lineside-doctor-{os.getpid()}"
    times = []
    try:
        with path.open("wb") as file:
            for _ in range(_COMMITS):
                began = time.perf_counter()
                file.write(b"x" * 4096)
                file.flush()
                os.fsync(file.fileno())
                times.append((time.perf_counter() - began) * 1000)
    finally:
        path.unlink(missing_ok=True)
    return sorted(times)[_COMMITS // 2]


def _is_encrypted(folder: Path) -> bool | None:
    """Whether the volume of the folder is a dm-crypt one; None where that cannot be told."""
    if sys.platform != "linux":
        return None
    device = folder.stat().st_dev
    block = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}")
    if not block.exists():
        return None
    pending = [block.resolve()]
    while pending:
        one = pending.pop()
        uuid = one / "dm" / "uuid"
        if uuid.is_file() and uuid.read_text("ascii").startswith("CRYPT-"):
            return True
        pending += [slave.resolve() for slave in (one / "slaves").glob("*")]
    return False


def _told_by(node: RemoteNode) -> Iterator[Sign]:
    """How the running node's sources are."""
    for told in node.get("/api/sources"):
        well = told["state"] == SourceState.ACTIVE.value
        values = words("doctor.values", count=f"{told['values']:,}")
        yield Sign(
            "well" if well else "wrong",
            f"{told['id']}: {told['reason']} {values if well else ''}".rstrip(),
            told["cure"],
        )


async def _listen(plant: Plant) -> list[Sign]:
    """Listens to every source for a few seconds, all at once."""
    signs = await asyncio.gather(*(_listen_to(plant, settings) for settings in plant.sources.values()))
    return [sign for sign in signs if sign is not None]


async def _listen_to(plant: Plant, settings: SourceSettings) -> Sign | None:
    wanted: dict[str, Any] = {
        s.address: s.kind for m in plant.machines.values() if m.source == settings.id for s in m.signals.values()
    }
    if settings.type in {*PASSIVE, PUSH} or not wanted:  # nobody can push while no node runs
        return None
    sink = MemorySink()
    patient = settings.model_copy(update={"stale_after_s": min(settings.stale_after_s, _LISTEN_S / 2)})
    task = asyncio.create_task(source(patient, wanted, beside=True).run(sink))
    await asyncio.wait([task], timeout=_LISTEN_S)
    told = sink.told[-1] if sink.told else Told(SourceState.STARTING, "connect.starting", {"url": settings.url or ""})
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    heard = {row.address for row in sink.observations}
    text = f"{settings.id}: {told.sentence(language())}"
    if told.state is SourceState.ACTIVE:
        return Sign("well", f"{text} {words('doctor.heard', heard=len(heard), wanted=len(wanted))}")
    return Sign("wrong", text, Unreachable(told.key, **told.fields).cure(language()))
