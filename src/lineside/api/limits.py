"""The outermost layer of the application: who asks too often or too slowly is refused before anything is read.

No route is looked up for them, nothing is parsed, and each is answered after a pause, which holds up their connection
and nobody else's. What programs push on a token is not counted: its own gate bounds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from time import monotonic
from typing import Any

from litestar.connection import ASGIConnection

from lineside.api.door import Doorkeeper, TooMany, network_of, secret_of
from lineside.api.problems import answer_of, spoken
from lineside.errors import LinesideError, NotPermitted
from lineside.trust import Rate, is_loopback

PAUSE_S = 1.0
"""How long a refused request waits for its answer."""
BODY_S = 30.0
"""How long a body may be on its way; pushed and uploaded ones have times of their own."""
STRANGERS = (1_000, 50.0)
"""Requests that an address may send at once, and a second after that, without saying who it is."""
HERE = (10_000, 1_000.0)
"""The same from this computer."""
KNOWN = (5_000, 250.0)
"""The same of each session and each token."""
REFUSED = (30, 1.0)
"""Refused requests of an address, at once and a second, after which its new connections are hung up on."""
_GUESSED = {"/api/login", "/api/code"}
_PUSHED = ("/write", "/api/v2/write", "/api/push/")
_OWN_PACE = (*_PUSHED, "/api/erp/", "/api/uploads")


class Limits:
    """Says who has to wait, and refuses them."""

    def __init__(self, keeper: Doorkeeper) -> None:
        self._keeper = keeper
        self._strangers = Rate(*STRANGERS, monotonic)
        self._here = Rate(*HERE, monotonic)
        self._known = Rate(*KNOWN, monotonic)
        self._refused = Rate(*REFUSED, monotonic)

    def floods(self, address: str) -> bool:
        """Whether an address goes on asking though it is refused, so that its new connections are not worth opening."""
        return self._refused.spent(address)

    def wait(self, scope: Mapping[str, Any]) -> LinesideError | None:
        """Why a request has to wait; None where it may go on."""
        error = self._wait(scope)
        if error is not None:
            self._refused.take(address_in(scope))
        return error

    def _wait(self, scope: Mapping[str, Any]) -> LinesideError | None:
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)  # type: ignore[arg-type]
        path, address = scope["path"], address_in(scope)
        if path in _GUESSED and (shut := self._keeper.brake.shut(address)) > 0:
            return TooMany(shut)
        told = secret_of(connection, self._keeper.cookie)
        if told is not None and self._keeper.is_known(told):
            wait = 0.0 if path.startswith(_PUSHED) or self._keeper.is_own(told) else self._known.take(told)
        elif self._keeper.open and path.startswith(_PUSHED):
            wait = 0.0
        else:
            wait = (self._here if is_loopback(address) else self._strangers).take(address)
        return None if wait <= 0 else LinesideError("api.too_fast", seconds=max(1, round(wait)))


def address_in(scope: Mapping[str, Any]) -> str:
    """Where a request comes from, as it is counted."""
    return network_of((scope.get("client") or ("",))[0])


async def refuse(scope: Mapping[str, Any], send: Any, error: LinesideError) -> None:
    """Answers a request that has to wait, after a pause."""
    status, headers, body = _answer(error.key, error.fields["seconds"], spoken(scope))
    await asyncio.sleep(PAUSE_S)
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    await send({"type": f"{kind}.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})


def worded(scope: Mapping[str, Any], send: Any) -> Any:
    """`send` of a socket that says in words that it is not opened, as any other refusal."""
    begun = False

    async def told(message: Any) -> None:
        nonlocal begun
        if begun or message["type"] != "websocket.close":
            begun = True
            await send(message)
            return
        status, headers, body = answer_of(NotPermitted("api.no_live"), spoken(scope))
        await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": body})

    return told


@lru_cache(maxsize=1000)
def _answer(key: str, seconds: int, language: str) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    return answer_of(LinesideError(key, seconds=seconds), language)


def paced(scope: Mapping[str, Any], receive: Any) -> Any:
    """`receive` of a request whose body must come in time; one that breaks off is no fault of the node.

    Raises LinesideError from it.
    """
    until = asyncio.get_running_loop().time() + BODY_S
    limit = None if scope["path"].startswith(_OWN_PACE) else until
    whole = False

    async def next_message() -> Any:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(limit):
                message = await receive()
        except TimeoutError:
            raise LinesideError("api.body_late", seconds=f"{BODY_S:g}") from None
        if message["type"] == "http.disconnect":
            raise LinesideError("api.hung_up")
        whole = not message.get("more_body", False)
        return message

    return next_message


def has_body(scope: Mapping[str, Any]) -> bool:
    """Whether a request brings a body."""
    return any(
        (name == b"content-length" and value != b"0") or name == b"transfer-encoding"
        for name, value in scope["headers"]
    )
