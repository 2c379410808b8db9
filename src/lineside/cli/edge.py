"""Runs an edge, and says how it fares; reads its file and says what is wrong with it."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from contextlib import suppress
from pathlib import Path

import click

from lineside.cli.plants import wrong_with
from lineside.cli.process import keep_log, run_on
from lineside.cli.terminal import tell_error, words
from lineside.edge import NOT_READ, EdgeRun, Link, Node
from lineside.errors import ConfigurationError, LinesideError
from lineside.plant import EDGE_FILE, Edge, PlantFileError, SourceSettings, findings_at, read_edge
from lineside.trust import fingerprint_of

DATA = "data"
TELL_EVERY_S = 60.0
_log = logging.getLogger(__name__)


def read(folder: Path) -> Edge:
    """What a folder's edge file says. Raises PlantFileError with every mistake in it, those of its sources too."""
    text, edge = read_edge(folder)
    found = (one for settings in edge.sources.values() for one in _wrong(settings))
    if wrong := findings_at(text, found):
        raise PlantFileError(folder / EDGE_FILE, wrong)
    return edge


def _wrong(settings: SourceSettings) -> list[tuple[tuple[str, ...], str, dict[str, object]]]:
    if settings.type in NOT_READ:
        return [(("source", settings.id, "type"), "plant.edge_type", {"type": settings.type})]
    return list(wrong_with(settings))


def check_edge(folder: Path) -> None:
    """Says what the edge is, and what its node wants of each source. Raises what `read` raises, and Unreachable."""
    edge = read(folder)
    click.echo(words("edge.fine", file=folder / EDGE_FILE, count=len(edge.sources), node=edge.node))
    asyncio.run(_ask(edge, token_of(edge, folder), trust_of(edge, folder)))


def token_of(edge: Edge, folder: Path) -> str | None:
    """The token with which the node lets an edge in. Raises ConfigurationError where its file cannot be read."""
    if edge.token_file is None:
        return None
    path = folder / edge.token_file
    try:
        token = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("edge.token_file", file=str(path), reason=str(error)) from error
    if not token or len(token.split()) != 1 or not token.isascii():
        raise ConfigurationError("edge.token_file", file=str(path), reason=f"{len(token)} B")
    return token


def trust_of(edge: Edge, folder: Path) -> str | None:
    """By what the node is known: a fingerprint, or the certificate in a file. Raises ConfigurationError for neither."""
    if edge.trust is None or re.fullmatch(r"[0-9A-Fa-f]{64}", re.sub(r"[\s:]", "", edge.trust)):
        return edge.trust
    path = folder / edge.trust
    try:
        pem = path.read_text("ascii")
        fingerprint_of(pem)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "PEM?"
        raise ConfigurationError("edge.trust", trust=edge.trust, reason=reason) from error
    return pem


async def _ask(edge: Edge, token: str | None, trust: str | None) -> None:
    async with Node(edge.node, edge.values_per_s, token, trust) as node:
        for name in edge.sources:
            count = len(await node.wanted(name))
            click.echo(words("edge.wanted", source=name, count=count))
            if not count:
                tell_error(LinesideError("edge.nothing_wanted", node=edge.node, source=name))


def run_edge(folder: Path) -> None:
    """Runs an edge until ctrl-C or a signal to end."""
    edge = read(folder)
    token, trust = token_of(edge, folder), trust_of(edge, folder)
    run_on()
    keep_log(folder / DATA / "edge.log")
    click.secho(words("edge.ready", count=len(edge.sources), node=edge.node), bold=True)
    click.echo(words("run.stop"))
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(edge, folder / DATA, token, trust))
    click.echo(words("edge.stopped", folder=folder))


async def _run(edge: Edge, data: Path, token: str | None, trust: str | None) -> None:
    running = EdgeRun(edge, data, _tell, token, trust)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(running.run())
        tasks.create_task(_tell_of_waiting(running))


async def _tell_of_waiting(running: EdgeRun) -> None:
    """Says now and then what waits, while anything does."""
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        for link in await running.links():
            if link.wrong is not None or _waits_s(link) > TELL_EVERY_S:
                _say_waiting(link)


def _tell(link: Link) -> None:
    """Says that the way to the node has changed."""
    if link.wrong is None:
        click.echo(words("edge.taken", source=link.source))
        _log.info("%s: the node takes what comes", link.source)
    else:
        tell_error(link.wrong)
        _log.info("%s: %s", link.source, link.wrong)
    if link.waiting.values:
        _say_waiting(link)


def _say_waiting(link: Link) -> None:
    fields = {"values": link.waiting.values, "seconds": _waits_s(link), "dropped": link.waiting.dropped}
    click.echo(words("edge.waiting", source=link.source, **fields))
    _log.info("%s waits: %s", link.source, fields)


def _waits_s(link: Link) -> int:
    oldest = link.waiting.oldest
    return 0 if oldest is None else max(0, round(time.time() - oldest / 1_000_000))
