"""The connections of a node: how many there may be, and how soon a request must come on them.

Below the application: what is refused here has not been read as HTTP. uvicorn takes the two protocols from `protocols`.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from time import monotonic
from typing import Any

import h11
import msgspec
import websockets.http11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode

from lineside.api.door import network_of
from lineside.api.problems import headers_of, problem, status_of
from lineside.api.security import SECURITY
from lineside.errors import LinesideError
from lineside.texts import DEFAULT_LANGUAGE
from lineside.trust import Rate, is_loopback

HEAD_S = 10.0
"""How long a request may take to say what it asks for, from its first byte or from the beginning of a connection."""
HEAD_BYTES = 16_384
MOST_OF_ONE = 400
"""Connections of one address, live sockets among them."""
NEW_OF_ONE = (500, 50.0)
"""New connections of one address at once, and a second after that."""
NEW_HERE = (1_000, 200.0)
"""The same from this computer, which may have half of all connections."""
_REFUSED_AT_ONCE = 500
_FLOOD_S = 10


@dataclass(slots=True)
class Seats:
    """Who has connections open: `most` in all, and `most_of_one` of each address.

    `behind` a proxy all come from one address, and to bound each is the proxy's to do.
    """

    most: int
    behind: bool = False
    floods: Callable[[str], bool] = lambda _: False
    """Whether an address goes on asking though it is refused."""
    silent: bool = False
    """Hang up without a word: under TLS none would be understood."""
    most_of_one: int = MOST_OF_ONE
    head_s: float = HEAD_S
    new_of_one: Rate = field(default_factory=lambda: Rate(*NEW_OF_ONE, monotonic))
    new_here: Rate = field(default_factory=lambda: Rate(*NEW_HERE, monotonic))
    _of: dict[asyncio.BaseTransport, str] = field(default_factory=dict)
    _count: Counter[str] = field(default_factory=Counter)

    def refusal(self, host: str) -> LinesideError | None:
        """Why a new connection from there may not be; None where it may."""
        if len(self._of) >= self.most:
            return LinesideError("api.full")
        if self.behind:
            return None
        address = network_of(host)
        here = is_loopback(address)
        if self.floods(address):
            return LinesideError("api.too_fast", seconds=_FLOOD_S)
        wait = (self.new_here if here else self.new_of_one).take(address)
        if wait > 0:
            return LinesideError("api.too_fast", seconds=max(1, round(wait)))
        most = max(1, self.most // 2) if here else self.most_of_one
        return LinesideError("api.crowded", most=most) if self._count[address] >= most else None

    @property
    def taken(self) -> int:
        """How many connections are open."""
        return len(self._of)

    def take(self, transport: asyncio.BaseTransport) -> None:
        """Counts a connection."""
        peer = transport.get_extra_info("peername")
        self._of[transport] = address = network_of(peer[0]) if isinstance(peer, tuple) else ""
        self._count[address] += 1

    def leave(self, transport: asyncio.BaseTransport) -> None:
        """Forgets a connection."""
        address = self._of.pop(transport, None)
        if address is None:
            return
        self._count[address] -= 1
        if not self._count[address]:
            del self._count[address]


class Doorway(socket.socket):
    """A listening socket that hangs up on who has connections enough, before anything is made for them."""

    seats: Seats

    @classmethod
    def of(cls, door: socket.socket, seats: Seats) -> Doorway:
        """Takes the place of a listening socket."""
        made = cls(door.family, door.type, door.proto, fileno=door.detach())
        made.seats = seats
        return made

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection that may be. Raises BlockingIOError where there is none just now."""
        for _ in range(_REFUSED_AT_ONCE):
            peer, address = super().accept()
            error = self.seats.refusal(address[0])
            if error is None:
                return peer, address
            with peer, suppress(OSError):
                if self.seats.silent:
                    continue
                peer.setblocking(False)
                with suppress(BlockingIOError):  # what is not read would cut off the answer
                    peer.recv(HEAD_BYTES)
                peer.send(_refusal(error.key, tuple(error.fields.items())))
        raise BlockingIOError


@lru_cache(maxsize=100)
def _refusal(key: str, fields: tuple[tuple[str, Any], ...]) -> bytes:
    return answer(LinesideError(key, **dict(fields)))


def answer(error: LinesideError) -> bytes:
    """A whole HTTP answer, after which the connection is closed; in English, as no wish was read."""
    status = status_of(error)
    body = msgspec.json.encode(problem(error, status, DEFAULT_LANGUAGE))
    headers = {
        **SECURITY,
        **headers_of(status, error),
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def protocols(seats: Seats) -> dict[str, Any]:
    """What uvicorn's configuration needs so that connections are bounded by `seats`."""
    return {
        "http": type("Http", (_Http,), {"seats": seats}),
        "ws": type("Live", (_Live,), {"seats": seats}),
        "h11_max_incomplete_event_size": HEAD_BYTES,
    }


class _Http(H11Protocol):
    """HTTP whose requests must begin in time."""

    seats: Seats

    late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.scheme == "http":  # under TLS the seat was taken before the handshake
            self.seats.take(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect(on=False)
        self.seats.leave(self.transport)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE or self.transport.get_protocol() is not self:
            self._expect(on=False)
        elif self.late is None:
            self._expect()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - it is said better here
        found = sys.exception()
        large = isinstance(found, h11.RemoteProtocolError) and found.error_status_hint == 431
        self._end(LinesideError("api.head_large", most=HEAD_BYTES) if large else LinesideError("api.head_wrong"))

    def _expect(self, *, on: bool = True) -> None:
        if self.late is not None:
            self.late.cancel()
        self.late = self.loop.call_later(self.seats.head_s, self._end, _late(self.seats.head_s)) if on else None

    def _end(self, error: LinesideError) -> None:
        self._expect(on=False)
        if not self.transport.is_closing():
            self.transport.write(answer(error))
            self.transport.close()


class _Live(WebSocketsSansIOProtocol):
    """A WebSocket that leaves its seat when it ends."""

    seats: Seats

    def connection_lost(self, exc: Exception | None) -> None:
        self.seats.leave(self.transport)
        super().connection_lost(exc)

    def handle_connect(self, event: websockets.http11.Request) -> None:
        if self.conn.accept(event).status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            super().handle_connect(event)
            return
        self.handshake_complete = self.close_sent = True
        self.transport.write(answer(LinesideError("api.no_socket")))
        self.transport.close()

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body":
            self.handshake_complete = True  # uvicorn would write an error into the log of each that was refused

    def send_receive_event_to_app(self) -> None:
        try:
            b"".join(self.frames if self.curr_msg_data_type == "text" else ()).decode()
        except UnicodeDecodeError:  # said here without the stack trace with which anybody could fill the log
            self.conn.send_close(CloseCode.INVALID_DATA)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()


def _late(seconds: float) -> LinesideError:
    return LinesideError("api.head_late", seconds=f"{seconds:g}")
