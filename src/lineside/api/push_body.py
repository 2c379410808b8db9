"""Bodies that are pushed: plain or compressed, of bounded size, and not too many at a time."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from litestar import Request

from lineside.errors import LinesideError

LARGEST = 25_000_000
"""Bytes of a body, also when it is unpacked; as InfluxDB has it."""
SMALL = 1_000_000
MOST_SMALL = 32
MOST_LARGE = 2
MOST_WAITING = 200
SENT_WITHIN_S = 60.0


class Gate:
    """Lets many small bodies in at a time and few large ones, so that memory stays bounded."""

    def __init__(self) -> None:
        self._small = asyncio.Semaphore(MOST_SMALL)
        self._large = asyncio.Semaphore(MOST_LARGE)
        self.waiting = 0
        """Requests that are being read, stored or wait for that."""

    @asynccontextmanager
    async def body(self, request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
        """The body of a request, unpacked; others are kept out while the block runs. Raises LinesideError."""
        encoding = request.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"identity", "gzip", "deflate"}:
            raise LinesideError("api.body_encoding", encoding=encoding[:40])
        if int(request.headers.get("content-length", "0")) > LARGEST:
            raise _too_large()
        if self.waiting >= MOST_WAITING:
            raise LinesideError("api.body_busy")
        self.waiting += 1
        try:
            async with self._small, AsyncExitStack() as held:
                yield await self._read(request, held, packed=encoding != "identity")
        finally:
            self.waiting -= 1

    async def _read(self, request: Request[Any, Any, Any], held: AsyncExitStack, *, packed: bool) -> bytes:
        body, limit = bytearray(), SMALL
        try:
            async with asyncio.timeout(SENT_WITHIN_S):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > limit:
                        limit = await self._grow(held, limit)
        except TimeoutError:
            raise LinesideError("api.body_late", seconds=f"{SENT_WITHIN_S:g}") from None
        if not packed:
            return bytes(body)
        while (plain := await asyncio.to_thread(unpacked, bytes(body), limit)) is None:
            limit = await self._grow(held, limit)
        return plain

    async def _grow(self, held: AsyncExitStack, limit: int) -> int:
        if limit == LARGEST:
            raise _too_large()
        await held.enter_async_context(self._large)
        return LARGEST


def unpacked(body: bytes, limit: int) -> bytes | None:
    """What a gzip or zlib body holds; None when that is more than `limit` bytes. Raises LinesideError."""
    plain, rest = bytearray(), body
    while rest:
        stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        try:
            plain += stream.decompress(rest, limit + 1 - len(plain))
        except zlib.error as error:
            raise LinesideError("api.body_packed", reason=error) from None
        if len(plain) > limit:
            return None
        if not stream.eof:
            raise LinesideError("api.body_packed", reason="unexpected EOF")
        rest = stream.unused_data
    return bytes(plain)


def _too_large() -> LinesideError:
    return LinesideError("api.body_large", most=LARGEST)
