"""Where members speak to a hub: lines of signed envelopes in, a line of answer to each out.

Nobody logs in here: what is not signed by a member's key is refused by the hub itself.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

from litestar import Request, Response, post
from litestar.di import NamedDependency

from lineside.api.door import address_of
from lineside.api.guard import Within, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.push_body import Gate
from lineside.errors import LinesideError
from lineside.hub import Hub
from lineside.trust import Permission, Rate, is_loopback

ENVELOPES = (5_000, 100.0)
"""Envelopes that an address may send at once, and a second after that."""
MOST_LINES = 1_000
_AT_ONCE = 32
"""Requests that are being taken: so many wait for one and the same write to the disk."""
LINES = "application/x-ndjson"


class Counter:
    """Takes what members bring, as many at once as the disk takes together, and not too much of one address."""

    def __init__(self) -> None:
        self.gate = Gate()
        self._rate = Rate(*ENVELOPES, monotonic)
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="lineside-exchange")

    async def take(self, hub: Hub, text: bytes, address: str) -> bytes:
        """The answers, one a line. Raises LinesideError for too many lines, or too many lately."""
        lines = text.count(b"\n") + 1
        if lines > MOST_LINES:
            raise LinesideError("hub.many_lines", lines=lines, most=MOST_LINES)
        for _ in range(0 if is_loopback(address) else lines):
            if (wait := self._rate.take(address)) > 0:
                raise LinesideError("api.too_fast", seconds=max(1, round(wait)))
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _answers, hub, text, address)


TheCounter = NamedDependency[Counter]


@post("/api/exchange", opt=needs(Permission.OPEN, Within.ANYWHERE), status_code=200, request_max_body_size=None)
async def exchange(hub: TheHub, counter: TheCounter, request: Request[Any, Any, Any]) -> Response[bytes]:
    """Envelopes of members, one a line; the answer to each comes on a line of its own, in the same order.

    What was answered with a receipt is on the disk of the hub. Sent again, it is answered the same.
    """
    async with counter.gate.body(request) as text:
        return Response(await counter.take(hub, text, address_of(request)), media_type=LINES)


def _answers(hub: Hub, text: bytes, address: str) -> bytes:
    return b"".join(answer.json() + b"\n" for answer in hub.receive(text, address))
