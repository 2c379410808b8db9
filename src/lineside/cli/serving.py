"""Serves the pages of a node or a hub, on loopback unless told otherwise, until it is asked to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import uvicorn

from lineside.api import Application, Door, Doorway, House, Seats, protocols, secured
from lineside.cli.certificates import Credentials, authority_of, brought, made
from lineside.cli.ending import Ending, Server
from lineside.cli.process import files_allowed, keep_log, run_on
from lineside.cli.remote import announce, withdraw
from lineside.cli.signs import Sign
from lineside.cli.terminal import language, words
from lineside.errors import ConfigurationError
from lineside.node import DATA
from lineside.trust import People, is_loopback, new_secret

HOST = "127.0.0.1"
_ALL = ("0.0.0.0", "")  # noqa: S104 - named, not bound
FIRST_PORT = 8000
_PORTS = 100
_FAREWELL_S = 2
_LOOK_S = 60
"""How often it is looked whether another certificate is there."""
_HTTPS = 443
_HSTS = ("Strict-Transport-Security", "max-age=31536000")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """How a house is served: to this computer alone, unless the caller names a `host` or who speaks TLS for it."""

    open: bool = False
    host: str = HOST
    names: tuple[str, ...] = ()
    behind: str | None = None
    """The https address at which a proxy on this computer serves it to others."""
    unencrypted: bool = False
    certificate: Path | None = None
    key: Path | None = None
    credentials: Credentials | None = None
    """By which it speaks TLS itself."""

    def with_credentials(self, folder: Path) -> Served:
        """The same with the certificate it shows: that of its owner, or of its own authority where others are served.

        Raises ConfigurationError for one of no use.
        """
        if sum((self.certificate is not None, self.behind is not None, self.unencrypted)) > 1:
            raise ConfigurationError("cli.run.which")
        if self.certificate is not None:
            return replace(self, credentials=brought(self.certificate, self.key or self.certificate, self.names))
        own = authority_of(folder)
        if is_loopback(self.host) or self.unencrypted or not own.exists:
            return self
        return replace(self, credentials=made(own, self.names))

    @property
    def reaches_out(self) -> bool:
        """Whether others than this computer can reach the house."""
        return self.behind is not None or not is_loopback(self.host)

    def require(self, people: People) -> None:
        """Raises ConfigurationError for what would let in whom nobody knows, or show passwords on the way."""
        if self.reaches_out and people.nobody:
            raise ConfigurationError("cli.run.no_account")
        if self.open and not people.nobody:
            raise ConfigurationError("cli.run.not_open")
        if not is_loopback(self.host) and not self.unencrypted and self.credentials is None:
            raise ConfigurationError("cli.run.unencrypted", host=self.host)
        if self.behind is not None and urlsplit(self.behind).scheme != "https":
            raise ConfigurationError("cli.run.behind", address=self.behind)

    def door(self, secret: str) -> Door:
        """The same for the application."""
        names = {socket.gethostname().lower(), *(name.lower() for name in self.names)} if self.reaches_out else set()
        if self.behind is not None:
            names.add(urlsplit(self.behind).hostname or "")
        if self.credentials is not None:
            names.update(self.credentials.shown.names)
        https = self.behind is not None or self.credentials is not None
        return Door(open=self.open, names=frozenset(names), https=https, secret=secret)

    def wire(self, seats: Seats, port: int) -> dict[str, Any]:
        """How uvicorn speaks.

        Browsers that come without TLS are told by HSTS to come with it where they type no port: elsewhere it would
        bind the other services of this computer, too. The own authority is never so sure of itself.
        """
        if (shown := self.credentials) is None:
            return protocols(seats)
        hsts = [_HSTS] if port == _HTTPS and self.certificate is not None else []
        return secured(seats, lambda: shown.shown.context) | {"headers": hsts}

    def address(self, port: int, *, here: bool = False) -> str:
        """Where browsers find it, and `here` the commands of this computer."""
        host = HOST if self.host in _ALL else self.host
        if self.credentials is None:
            return f"http://{host}:{port}"
        if not here:
            known = (*self.names, *self.credentials.shown.names)
            host = next((name for name in known if "*" not in name), host)
        return f"https://{f'[{host}]' if ':' in host else host}:{port}"


def listener(port: int | None, host: str = HOST) -> socket.socket:
    """A socket at the port asked for, else at the first free one from 8000 on; of this computer alone by default.

    Raises ConfigurationError when the port asked for is taken, or not for this user.
    """
    ports = range(FIRST_PORT, FIRST_PORT + _PORTS) if port is None else (port,)
    for candidate in ports:
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # elsewhere it would let two programs share a port
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, candidate))
            door.listen(128)
        except PermissionError:
            door.close()
            raise ConfigurationError("cli.port_denied", port=candidate, host=host) from None
        except OSError:
            door.close()
        else:
            return door
    raise ConfigurationError("cli.port_taken", port=ports[0], host=host)


def port_sign() -> Sign:
    """Where a house would be served."""
    try:
        with listener(None) as door:
            port = door.getsockname()[1]
    except ConfigurationError as error:
        return Sign("wrong", error.sentence(language()), error.cure(language()))
    if port == FIRST_PORT:
        return Sign("well", words("doctor.port", port=port))
    return Sign("note", words("doctor.port_taken", taken=FIRST_PORT, port=port), words("doctor.port_taken.cure"))


def begin(folder: Path, kind: str) -> None:
    """Makes this process one that serves a house, and keeps a log."""
    run_on()
    keep_log(folder / DATA / f"{kind}.log")


def serve_house(
    house: House,
    make: Callable[[Door], Application],
    door: socket.socket,
    served: Served,
    *,
    live: AbstractAsyncContextManager[object],
    browser: bool,
    farewell: str | None = None,
) -> None:
    """Serves what `make` makes for the door of a house, until ctrl-C or a signal to end; then says `farewell`.

    `live` is open meanwhile: what runs beside the pages. Everything acknowledged is on disk whatever happens.
    """
    try:
        with suppress(KeyboardInterrupt, asyncio.CancelledError):
            asyncio.run(_serve(house, make, door, served, live, browser=browser))
    finally:
        withdraw(house.folder)
    key = "run.stopped" if house.kind == "node" else "hub.stopped"
    click.echo(words(key, folder=house.folder) if farewell is None else farewell)


async def _serve(
    house: House,
    make: Callable[[Door], Application],
    door: socket.socket,
    served: Served,
    live: AbstractAsyncContextManager[object],
    *,
    browser: bool,
) -> None:
    loop, serving = asyncio.get_running_loop(), asyncio.current_task()
    ending = Ending(lambda: serving and loop.call_soon_threadsafe(serving.cancel))
    secret = new_secret()
    app = make(served.door(secret))
    seats = Seats(files_allowed() // 2, behind=served.behind is not None, floods=app.limits.floods)
    server = Server(configured(app, served, seats, door.getsockname()[1]))
    doorway = Doorway.of(door, seats)
    async with live:
        ending.end = server.stop
        tasks = [asyncio.create_task(_welcome(server, house, doorway, served, secret, browser=browser))]
        tasks.append(asyncio.create_task(_tell_leaving(server, house)))
        if served.credentials is not None:
            tasks.append(asyncio.create_task(_keep_fresh(house, doorway, served, served.credentials, secret)))
        try:
            await server.serve(sockets=[doorway])
        finally:
            for task in tasks:
                task.cancel()


def configured(app: Any, served: Served, seats: Seats, port: int) -> uvicorn.Config:
    """How uvicorn serves the application."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        **served.wire(seats, port),
        timeout_graceful_shutdown=_FAREWELL_S,
        server_header=False,
        proxy_headers=served.behind is not None,  # else anybody could say they come from anywhere
        forwarded_allow_ips=HOST,  # and uvicorn would ask the environment whom to believe
    )


async def _tell_leaving(server: uvicorn.Server, house: House) -> None:
    """Tells the house that the server is about to stop, so that answers which go on by themselves end."""
    while not server.should_exit:  # noqa: ASYNC110 - uvicorn tells in no other way
        await asyncio.sleep(0.1)
    house.leaving = True


async def _welcome(
    server: uvicorn.Server, house: House, door: socket.socket, served: Served, secret: str, *, browser: bool
) -> None:
    while not server.started:  # noqa: ASYNC110 - uvicorn tells in no other way
        await asyncio.sleep(0.02)
    url = served.address(door.getsockname()[1])
    _announce(house, door, served, secret)
    click.secho(words("run.ready", url=served.behind or url), bold=True)
    _tell_who(house, served, url)
    click.echo(words("run.stop"))
    if browser:
        await asyncio.to_thread(show, url)


def _announce(house: House, door: socket.socket, served: Served, secret: str) -> None:
    """Tells the commands of this computer where the house is, and by which certificate they know it."""
    shown = None if served.credentials is None else served.credentials.shown.pem
    try:
        announce(house.folder, served.address(door.getsockname()[1], here=True), secret, shown)
    except OSError as error:
        _log.warning("other commands cannot find this %s: %s", house.kind, error)


async def _keep_fresh(house: House, door: socket.socket, served: Served, credentials: Credentials, secret: str) -> None:
    """Shows a new certificate as soon as it is there; connections that are open keep theirs."""
    while True:
        await asyncio.sleep(_LOOK_S)
        if await asyncio.to_thread(credentials.look):
            _announce(house, door, served, secret)


def _tell_who(house: House, served: Served, url: str) -> None:
    """Who is let in: everybody here, whoever has the one-time code, or who has an account."""
    if served.unencrypted and served.reaches_out:
        click.secho(words("run.plain"), fg="yellow")
    if not house.people.nobody:
        return
    if served.open:
        click.echo(words("run.open"))
        return
    click.secho(words("run.first", url=url, code=house.people.first_code()), fg="yellow")


def show(url: str) -> None:
    """Opens a browser where there is a screen to show one; a text browser would take over the terminal."""
    if _has_screen():
        webbrowser.open(url)


def _has_screen() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
