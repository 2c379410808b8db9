from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from lineside.demo.adapter import HEARTBEAT_MS, ShdrAdapter
from lineside.demo.imports import shdr
from lineside.demo.recordings import RECORDED
from lineside.demo.tape import Tape
from lineside.errors import ConfigurationError
from tests.shared import free_port

MACHINE = RECORDED[0]
WITHIN_S = 60.0
MINUTE = 60_000_000
LONG = 20 * 24 * 60 * MINUTE
"""More than the buffers between two programs hold."""


class Clock:
    """A clock that a test sets."""

    def __init__(self, time: int) -> None:
        self.time = time

    def __call__(self) -> int:
        """The time it was set to."""
        return self.time


@asynccontextmanager
async def listening(port: int, limit: int = 2**20) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to an adapter."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=limit)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def playing(adapter: ShdrAdapter) -> AsyncIterator[None]:
    """Lets an adapter speak that is listening already."""
    play = asyncio.create_task(adapter.play())
    try:
        yield
    finally:
        play.cancel()
        await asyncio.gather(play, return_exceptions=True)


async def read_lines(reader: asyncio.StreamReader, count: int) -> list[str]:
    """So many lines from an adapter."""
    async with asyncio.timeout(WITHIN_S):
        return [(await reader.readline()).decode() for _ in range(count)]


def in_force(tape: Tape, at: int) -> set[str]:
    """What a listener must be told who comes at a moment: the last line of each item, with its own time."""
    placed = tape.playing(at)
    assert placed is not None
    last = {line.split("|")[0]: shdr([(time, line)]) for time, line in tape.lines(placed.start, at)}
    return set(last.values())


async def test_a_ping_is_answered(now: int) -> None:
    """An adapter answers a heartbeat with its interval, and ignores what it does not know."""
    port, tape = free_port(), Tape(MACHINE, now)
    async with ShdrAdapter(tape, port, Clock(now)), listening(port) as (reader, writer):
        told = await read_lines(reader, len(MACHINE.items))

        writer.write(b"* WHO\n* PING\n")

        assert await read_lines(reader, 1) == [f"* PONG {HEARTBEAT_MS}\n"]
        assert len(told) == len(MACHINE.items)


async def test_whoever_connects_hears_the_last_values(now: int) -> None:
    """Each listener is told every item's last value first, with the time at which it was said."""
    port, tape = free_port(), Tape(MACHINE, now)
    async with ShdrAdapter(tape, port, Clock(now)):
        for _ in range(2):
            async with listening(port) as (reader, _):
                told = await read_lines(reader, len(MACHINE.items))
                assert len({line.split("|")[1] for line in told}) == len(MACHINE.items)
                assert in_force(tape, now) <= set(told)


async def test_lines_are_said_when_they_are_due(now: int) -> None:
    """As time goes on a listener hears every line of the tape once and in order, and who comes late its last values."""
    port, tape, clock = free_port(), Tape(MACHINE, now), Clock(now)
    due = [shdr([timed]) for timed in tape.lines(now, now + MINUTE)]
    async with ShdrAdapter(tape, port, clock) as adapter, listening(port) as (reader, _):
        await read_lines(reader, len(MACHINE.items))

        clock.time = now + MINUTE
        async with playing(adapter):
            said = await read_lines(reader, len(due))

        async with listening(port) as (late, _):
            repeated = await read_lines(late, len(MACHINE.items))
    assert len(due) > 1
    assert said == due
    assert in_force(tape, clock.time) <= set(repeated)


async def test_a_listener_that_does_not_read_is_hung_up_on(now: int) -> None:
    """Who takes nothing in is cut off, and the others hear on."""
    port, tape, clock = free_port(), Tape(MACHINE, now), Clock(now)
    async with (
        ShdrAdapter(tape, port, clock) as adapter,
        listening(port, limit=1024) as (deaf, _),
        listening(port) as (reader, _),
    ):
        await read_lines(reader, len(MACHINE.items))

        for _ in range(2):
            due = shdr(list(tape.lines(clock.time, clock.time + LONG))).encode()
            clock.time += LONG
            async with playing(adapter), asyncio.timeout(WITHIN_S):
                assert await reader.readexactly(len(due)) == due

        async with asyncio.timeout(WITHIN_S):
            cut = await deaf.read()
    assert len(cut) < 2 * len(due)


async def test_a_tape_played_to_nobody_makes_no_claim(now: int) -> None:
    """An adapter that begins now says the last values as of now, not of times at which nothing ran."""
    port, tape = free_port(), Tape(MACHINE, now)
    async with ShdrAdapter(tape, port, Clock(now), since=now), listening(port) as (reader, _):
        told = await read_lines(reader, len(MACHINE.items))

    assert {line.split("|")[0] for line in told} == {shdr([(now, "")]).split("|")[0]}


async def test_a_taken_port_is_named(now: int) -> None:
    """When another program has the port, the error names the port, the machine and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(ConfigurationError) as raised:
            await ShdrAdapter(Tape(MACHINE, now), port, Clock(now)).__aenter__()

    assert raised.value.key == "demo.port_taken"
    assert str(port) in str(raised.value)
    assert MACHINE.id in str(raised.value)
    assert "demo.toml" in str(raised.value.cure())
