"""Runs a node and serves its pages on loopback until it is asked to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import click
import uvicorn

from lineside.api import create_app
from lineside.cli.plants import require_plant
from lineside.cli.process import end_like_ctrl_c, keep_log
from lineside.cli.remote import announce, withdraw
from lineside.cli.signs import Sign
from lineside.cli.terminal import language, words
from lineside.demo import DEMO_FILE, DemoPlan, Simulators
from lineside.errors import ConfigurationError
from lineside.node import DATA, Node

HOST = "127.0.0.1"
FIRST_PORT = 8000
_PORTS = 100
_FAREWELL_S = 2
_HEARD_WITHIN_S = 60
_log = logging.getLogger(__name__)


def run_plant(folder: Path, port: int | None, *, browser: bool) -> None:
    """Runs the plant of a folder; a demo's machines with it."""
    require_plant(folder)
    end_like_ctrl_c()
    keep_log(folder / DATA / "node.log")
    with listener(port) as door, Node.open(folder) as node:
        plan = DemoPlan.load(folder) if (folder / DEMO_FILE).is_file() else None
        serve(node, door, plan, browser=browser)


def listener(port: int | None) -> socket.socket:
    """A loopback socket at the port asked for, else at the first free one from 8000 on.

    Raises ConfigurationError when the port asked for is taken, or not for this user.
    """
    ports = range(FIRST_PORT, FIRST_PORT + _PORTS) if port is None else (port,)
    for candidate in ports:
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # elsewhere it would let two programs share a port
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((HOST, candidate))
            door.listen(128)
        except PermissionError:
            door.close()
            raise ConfigurationError("cli.port_denied", port=candidate, host=HOST) from None
        except OSError:
            door.close()
        else:
            return door
    raise ConfigurationError("cli.port_taken", port=ports[0], host=HOST)


def port_sign() -> Sign:
    """Where the node would be served."""
    try:
        with listener(None) as door:
            port = door.getsockname()[1]
    except ConfigurationError as error:
        return Sign("wrong", error.sentence(language()), error.cure(language()))
    if port == FIRST_PORT:
        return Sign("well", words("doctor.port", port=port))
    return Sign("note", words("doctor.port_taken", taken=FIRST_PORT, port=port), words("doctor.port_taken.cure"))


def serve(
    node: Node,
    door: socket.socket,
    plan: DemoPlan | None,
    *,
    browser: bool,
    when_heard: Callable[[], object] | None = None,
) -> None:
    """Serves until ctrl-C or a signal to end; everything acknowledged is on disk whatever happens."""
    url = f"http://{HOST}:{door.getsockname()[1]}"
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(node, door, plan, url, when_heard, browser=browser))
    finally:
        withdraw(node.folder)
    click.echo(words("run.stopped", folder=node.folder))


async def _serve(
    node: Node,
    door: socket.socket,
    plan: DemoPlan | None,
    url: str,
    when_heard: Callable[[], object] | None,
    *,
    browser: bool,
) -> None:
    config = uvicorn.Config(
        create_app(node),
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        timeout_graceful_shutdown=_FAREWELL_S,
        server_header=False,
    )
    server = uvicorn.Server(config)
    async with AsyncExitStack() as stack:
        if plan is not None:
            await stack.enter_async_context(Simulators(plan))
        await stack.enter_async_context(node.live())
        tasks = [asyncio.create_task(_welcome(server, node.folder, url, browser=browser))]
        tasks.append(asyncio.create_task(_tell_leaving(server, node)))
        if when_heard is not None:
            tasks.append(asyncio.create_task(_once_heard(node, when_heard)))
        try:
            await server.serve(sockets=[door])
        finally:
            for task in tasks:
                task.cancel()


async def _tell_leaving(server: uvicorn.Server, node: Node) -> None:
    """Tells the node that the server is about to stop, so that answers which go on by themselves end."""
    while not server.should_exit:  # noqa: ASYNC110 - uvicorn tells in no other way
        await asyncio.sleep(0.1)
    node.leaving = True


async def _once_heard(node: Node, when_heard: Callable[[], object]) -> None:
    """Calls once every source has been heard, or some time after the start where one stays silent."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_HEARD_WITHIN_S):
            while any(node.intake.last_heard(source) is None for source in node.plant.sources):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    await asyncio.to_thread(when_heard)


async def _welcome(server: uvicorn.Server, folder: Path, url: str, *, browser: bool) -> None:
    while not server.started:  # noqa: ASYNC110 - uvicorn tells in no other way
        await asyncio.sleep(0.02)
    try:
        announce(folder, url)
    except OSError as error:
        _log.warning("other commands cannot find this node: %s", error)
    click.secho(words("run.ready", url=url), bold=True)
    click.echo(words("run.stop"))
    if browser and _has_screen():
        await asyncio.to_thread(webbrowser.open, url)


def _has_screen() -> bool:
    """Whether opening a browser would show one; a text browser would take over the terminal."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
