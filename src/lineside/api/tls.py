"""Connections under TLS: a seat from their first moment on, a handshake in time, and a word to who speaks without.

asyncio's own way takes a connection for one only after the handshake, waits for that a minute, and for a farewell half
of one; so a few hundred silent connections would go uncounted. Its protocol is the same here, with our times.
"""

from __future__ import annotations

import asyncio
import ssl
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable
from typing import Any

from lineside.api.wire import Seats, answer, protocols
from lineside.errors import LinesideError

FAREWELL_S = 1
"""How long the other side may take to confirm that a connection ends."""
_HANDSHAKE = 22  # the type of the record with which TLS begins, RFC 8446 5.1
_PIECE = 32 * 1024


def secured(seats: Seats, context: Callable[[], ssl.SSLContext]) -> dict[str, Any]:
    """As `protocols`, under TLS: by the context that holds when a connection begins."""
    plain = protocols(seats)
    seats.silent = True
    told = {"seats": seats, "context": staticmethod(context), "inner": plain["http"]}
    return plain | {"http": type("Tls", (_Hello,), told)}


class _Hello(asyncio.Protocol):
    """A connection of which nothing is known yet; uvicorn makes it as if it were HTTP."""

    seats: Seats
    context: Callable[[], ssl.SSLContext]
    inner: type[asyncio.Protocol]

    def __init__(self, **given: Any) -> None:
        self._inner: Callable[[], asyncio.Protocol] = lambda: self.inner(**given)
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes a seat, and waits for the first bytes."""
        self._transport = transport
        self.seats.take(transport)
        self._late = self._loop.call_later(self.seats.head_s, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Begins TLS, or says that it has to be spoken here."""
        self._late.cancel()
        if data[0] != _HANDSHAKE:
            self._transport.write(answer(LinesideError("api.tls_only")))
            self._transport.close()
            return
        secured = _Secured(self._inner(), self.context(), self.seats.head_s, self.connection_lost)
        self._transport.set_protocol(secured)
        secured.connection_made(self._transport)
        while data:
            buffer = secured.get_buffer(len(data))
            size = min(len(buffer), len(data))
            buffer[:size] = data[:size]
            secured.buffer_updated(size)
            data = data[size:]

    def connection_lost(self, exc: BaseException | None) -> None:
        """Leaves the seat."""
        del exc
        self._late.cancel()
        self.seats.leave(self._transport)


class _Secured(SSLProtocol):
    """asyncio's TLS, with a smaller buffer for each connection."""

    max_size = _PIECE

    def __init__(
        self,
        inner: asyncio.Protocol,
        context: ssl.SSLContext,
        within_s: float,
        left: Callable[[BaseException | None], None],
    ) -> None:
        super().__init__(
            asyncio.get_running_loop(),
            inner,
            context,
            None,  # type: ignore[arg-type] # nobody waits
            server_side=True,
            ssl_handshake_timeout=within_s,  # type: ignore[arg-type] # of any number
            ssl_shutdown_timeout=FAREWELL_S,
        )
        self._left = left

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        self._left(exc)
