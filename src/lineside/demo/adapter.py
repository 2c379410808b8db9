"""A real SHDR adapter on loopback: it repeats its last values to whoever connects, then speaks as time goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from lineside.demo.imports import shdr
from lineside.demo.tape import Tape
from lineside.errors import ConfigurationError

HEARTBEAT_MS = 10_000
_AHEAD_US = 60_000_000
_AT_ONCE_US = 100_000
_BACKLOG_BYTES = 1_000_000


class ShdrAdapter:
    """Plays a tape on a port of 127.0.0.1 by the given clock (microseconds UTC); use with `async with`.

    No value carries a time before `since`: that part of the tape was played to nobody.
    """

    def __init__(self, tape: Tape, port: int, clock: Callable[[], int], since: int = 0) -> None:
        self._tape = tape
        self._port = port
        self._clock = clock
        self._since = since
        self._current: dict[str, str] = {}
        self._told_until = 0
        self._listeners: set[asyncio.StreamWriter] = set()
        self._conversations: set[asyncio.Task[None]] = set()
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._catch_up(self._clock())
        try:
            server = await asyncio.start_server(self._welcome, "127.0.0.1", self._port)
        except OSError as error:
            machine = self._tape.machine.id
            raise ConfigurationError("demo.port_taken", port=self._port, source=machine) from error
        self._running.push_async_callback(self._close, server)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.aclose()

    async def play(self) -> None:
        """Speaks every line at its moment, until cancelled."""
        while True:
            ahead = self._tape.lines(self._told_until, self._told_until + _AHEAD_US)
            due = next((time for time, _ in ahead), self._told_until + _AHEAD_US)
            wait = max(due + _AT_ONCE_US - self._clock(), _AT_ONCE_US)
            await asyncio.sleep(wait / 1e6)
            self._tell(self._clock())

    def _tell(self, now: int) -> None:
        """Sends what is due to everybody who listens."""
        lines = list(self._tape.lines(self._told_until, now))
        self._told_until = now
        if not lines:
            return
        self._current.update(_by_item(lines))
        text = shdr(lines).encode()
        for writer in list(self._listeners):
            if writer.transport.get_write_buffer_size() > _BACKLOG_BYTES:
                writer.transport.abort()  # it does not listen; a real adapter hangs up too
            else:
                writer.write(text)

    def _catch_up(self, now: int) -> None:
        """Takes up the values in force at `now` without telling anybody."""
        self._current = {line.partition("|")[0]: shdr([(now, line)]) for line in self._tape.silence()}
        playing = self._tape.playing(now)
        if playing is not None:
            played = self._tape.lines(playing.start, now)
            self._current.update(_by_item([(max(time, self._since), line) for time, line in played]))
        self._told_until = now

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._conversations.add(conversation)
        conversation.add_done_callback(self._conversations.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One listener: the values in force, then the stream; a PING is answered, anything else is not for us."""
        writer.write("".join(self._current.values()).encode())
        self._listeners.add(writer)
        try:
            while line := await reader.readline():
                if line.startswith(b"* PING"):
                    writer.write(f"* PONG {HEARTBEAT_MS}\n".encode())
        except (ConnectionError, ValueError):
            writer.transport.abort()
        finally:
            self._listeners.discard(writer)
            writer.close()

    async def _close(self, server: asyncio.Server) -> None:
        server.close()
        for writer in list(self._listeners):
            writer.transport.abort()
        await asyncio.gather(*self._conversations)
        await server.wait_closed()


def _by_item(lines: list[tuple[int, str]]) -> dict[str, str]:
    """The last line of every item, with its time."""
    last = {line.partition("|")[0]: (time, line) for time, line in lines}
    return {item: shdr([timed]) for item, timed in last.items()}
