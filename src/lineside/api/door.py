"""The door of a house: how it is served, and who comes in."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from litestar.connection import ASGIConnection

from lineside.api.house import House
from lineside.errors import LinesideError, NotIdentified, NotPermitted
from lineside.trust import (
    ANYBODY,
    LOCAL_OWNER,
    Brake,
    Identity,
    Kind,
    Rate,
    Seat,
    browser_of,
    digest,
    is_loopback,
    same,
)

MOST_WAITING = 20
VOUCHED = (200, 5.0)
"""Sign-ins by a provider that an address may begin or end at once, and a second after that."""
_WRONG = {"trust.wrong", "trust.wrong_digits", "trust.wrong_password", "trust.code", "trust.app_digits"}
_T = TypeVar("_T")
_Connection = ASGIConnection[Any, Any, Any, Any]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """How a node or a hub is served."""

    open: bool = True
    """Everybody at this machine may do everything, while there is no account. Never where others reach it."""
    names: frozenset[str] = frozenset()
    """Under which others than this machine reach it."""
    https: bool = False
    """Whether browsers reach it over TLS."""
    secret: str | None = None
    """By which the commands of this machine show that they may read its folder."""


class TooMany(LinesideError):
    """Too many tries; `seconds` says when the next one may be made."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, round(seconds))
        super().__init__("trust.too_many", seconds=self.seconds)


class Doorkeeper:
    """Recognises callers, and lets few passwords be tried at a time."""

    def __init__(self, house: House, door: Door) -> None:
        self.door = door
        self.people = house.people
        self.login = house.login
        self.sign_ins = house.sign_ins
        self.brake = Brake(monotonic)
        self._secret = None if door.secret is None else digest(door.secret)
        self._hashing = ThreadPoolExecutor(1, "passwords")
        self._waiting = 0
        self._vouched, self._asking = Rate(*VOUCHED, monotonic), 0

    @property
    def open(self) -> bool:
        """Whether everybody at this machine may do everything."""
        return self.door.open and self.people.nobody

    @property
    def cookie(self) -> str:
        """The name of the cookie: over TLS one that browsers keep from every other host and path."""
        return "__Host-lineside" if self.door.https else "lineside"

    def recognise(self, connection: _Connection) -> Identity:
        """Who asks: by token, by session, or at the machine itself. Raises NotIdentified for a token not known."""
        told = token_of(connection)
        if told is not None:
            if self.is_own(told):
                return LOCAL_OWNER
            found = self.people.by_token(told)
            if found is not None:
                return found
            if not self.open:  # whoever is let in anyway may say what they like, as programs set up earlier do
                raise NotIdentified("trust.no_such_token")
        session = connection.cookies.get(self.cookie)
        found = None if session is None else self.people.by_session(session)
        if found is not None:
            self.brake.greet(found.name, address_of(connection))
            return found
        return LOCAL_OWNER if self.open else ANYBODY

    def is_own(self, secret: str) -> bool:
        """Whether this is the secret by which the commands of this machine show that they may read the folder."""
        return self._secret is not None and same(digest(secret), self._secret)

    def is_known(self, secret: str) -> bool:
        """Whether this is anybody's, so that what it is used for is counted by itself; not whether it still opens."""
        return self.people.holds(secret) or self.is_own(secret)

    async def hashing(self, work: Callable[[], _T]) -> _T:
        """Does what hashes, one after the other, beside the event loop. Raises TooMany when many wait already."""
        if self._waiting >= MOST_WAITING:
            raise TooMany(2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._hashing, work)
        finally:
            self._waiting -= 1

    async def tried(self, name: str, connection: _Connection, work: Callable[[], _T]) -> _T:
        """The same for what can be guessed, behind the brake. Raises TooMany before anything is hashed."""
        name, address = name.strip().casefold()[:64], address_of(connection)
        wait = self.brake.admit(name, address)
        if wait > 0:
            self._count(Kind.LOGIN_BRAKED, name, address)
            raise TooMany(wait)
        try:
            found = await self.hashing(work)
        except LinesideError as error:
            if error.key in _WRONG:
                self._count(Kind.LOGIN_WRONG, name, address, why=error.key)
            raise
        self.brake.right(name, address)
        return found

    async def vouched(self, provider: str, connection: _Connection, work: Callable[[], Awaitable[_T]]) -> _T:
        """Does what asks a provider, few at a time; why it fails is in the ledger and the log. Raises TooMany."""
        wait = self._vouched.take(address_of(connection))
        if wait > 0 or self._asking >= MOST_WAITING:
            raise TooMany(max(wait, 2))
        self._asking += 1
        try:
            return await work()
        except LinesideError as error:
            known = provider if provider in self.sign_ins.settings() else None
            self.people.ledger.count(Kind.LOGIN_PROVIDER, address=address_of(connection), provider=known, why=error.key)
            _log.warning("nobody was let in by a provider. %s %s", error, error.cure() or "")
            raise
        finally:
            self._asking -= 1

    def origin_of(self, connection: _Connection) -> str:
        """This house as the browser calls it; the guard has seen that it is one of its names."""
        return f"http{'s' if self.door.https else ''}://{connection.headers.get('host', '')}"

    def _count(self, kind: Kind, name: str, address: str, **why: str) -> None:
        """Notes a try in the ledger, with the number of the account that it was for."""
        number = self.people.number_of(name)
        self.people.ledger.count(
            kind, address=address, about="nobody" if number is None else f"account/{number}", **why
        )

    def refused(self, connection: _Connection, error: NotPermitted) -> None:
        """Notes in the ledger that somebody was not permitted what they asked for."""
        caller: Identity = connection.state.get("caller", ANYBODY)
        declared = getattr(connection.scope.get("route_handler"), "opt", {}).get("permission")
        known = {"who": caller.who} if caller.known else {"address": address_of(connection)}
        permission = None if declared is None else str(declared)
        self.people.ledger.count(Kind.REFUSED, **known, why=error.key, permission=permission)

    def close(self) -> None:
        """Ends the hashing."""
        self._hashing.shutdown(wait=False, cancel_futures=True)


def address_of(connection: _Connection) -> str:
    """Where a caller comes from, as it is counted."""
    return network_of(connection.client.host if connection.client is not None else "")


def seat_of(connection: _Connection) -> Seat:
    """Where somebody logs in: what they know their session by later."""
    host = connection.client.host if connection.client is not None else None
    return Seat(host, browser_of(connection.headers.get("user-agent", "")))


def network_of(host: str) -> str:
    """An address as it is counted: of an IPv6 address the network, as a host has many, unless it is this computer's."""
    return ":".join(host.split(":")[:4]) if ":" in host and not is_loopback(host) else host


def secret_of(connection: _Connection, cookie: str) -> str | None:
    """By what a caller says who they are: the token, else the session."""
    told = token_of(connection)
    return connection.cookies.get(cookie) if told is None else told


def token_of(connection: _Connection) -> str | None:
    """The token a program sends: `Bearer`, `Token` or `Basic` (as the password), or as InfluxDB 1 has it in `p`."""
    kind, _, rest = connection.headers.get("authorization", "").partition(" ")
    told = rest.strip()
    if kind.lower() in {"bearer", "token"} and told:
        return told.partition(":")[2] if ":" in told else told
    if kind.lower() == "basic":
        try:
            return base64.b64decode(told, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    if connection.scope["path"] == "/write":
        return connection.query_params.get("p")
    return None
