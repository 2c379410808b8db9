"""A SHDR adapter on a socket: says what a test tells it to."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self


class Adapter:
    """A real adapter on 127.0.0.1: it greets whoever connects, and says and answers what a test tells it to."""

    def __init__(self, greeting: bytes = b"", *, pong: bytes = b"", port: int = 0) -> None:
        self.greeting = greeting
        self.pong = pong
        self.port = port
        self.asked: asyncio.Queue[bytes] = asyncio.Queue()
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None] | None] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"tcp://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.hang_up()
        await asyncio.gather(*(task for task in self._tasks if task is not None))

    def hang_up(self) -> None:
        """Closes every connection."""
        for writer in self._writers:
            writer.close()

    def say(self, text: str | bytes) -> None:
        """Sends to everybody who listens."""
        for writer in self._writers:
            writer.write(text if isinstance(text, bytes) else text.encode())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        self._writers.append(writer)
        with suppress(OSError):
            writer.write(self.greeting)
            while line := await reader.readline():
                self.asked.put_nowait(line)
                writer.write(self.pong)
        writer.close()
