"""A SHDR adapter on a socket: says what a test tells it to."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tests.connect.served import Served


class Adapter(Served):
    """A real adapter on 127.0.0.1: it greets whoever connects, and says and answers what a test tells it to."""

    def __init__(self, greeting: bytes = b"", *, pong: bytes = b"", port: int = 0) -> None:
        super().__init__(port)
        self.greeting = greeting
        self.pong = pong
        self.asked: asyncio.Queue[bytes] = asyncio.Queue()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"tcp://127.0.0.1:{self.port}"

    def say(self, text: str | bytes) -> None:
        """Sends to everybody who listens."""
        for writer in (one for one in self._writers if not one.is_closing()):
            writer.write(text if isinstance(text, bytes) else text.encode())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Greets, and answers each line."""
        with suppress(OSError):
            writer.write(self.greeting)
            while line := await reader.readline():
                self.asked.put_nowait(line)
                writer.write(self.pong)
