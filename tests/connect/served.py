"""A server on a socket that a test begins, hangs up and ends."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Served(ABC):
    """Listens on 127.0.0.1 for as long as its block runs; at the port given, to come back where it was."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._writers: list[asyncio.StreamWriter] = []
        self._conversations: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._welcome, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listening in self._server.sockets:  # asyncio forgets to close what it accepts while it closes
            asyncio.get_running_loop().remove_reader(listening)
        await asyncio.sleep(0)
        self._server.close()
        self.hang_up()
        for outcome in await asyncio.gather(*self._conversations, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    def hang_up(self) -> None:
        """Closes every connection."""
        for writer in self._writers:
            writer.close()

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Nobody is missed by `hang_up`: who connected is known at once, who comes after the end is not served."""
        if not self._server.is_serving():
            writer.transport.abort()
            return
        self._writers.append(writer)
        conversation = asyncio.create_task(self._converse(reader, writer))
        self._conversations.add(conversation)
        conversation.add_done_callback(self._conversations.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.serve(reader, writer)
        finally:
            writer.close()

    @abstractmethod
    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speaks to one who connected, until either side ends."""
