from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE

from lineside.connect.attention import Attention
from lineside.connect.live import now_us
from tests.connect.shdr_adapter import Adapter

SECOND_US = 1_000_000
STILL_S = 1.5


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.us = SECOND_US

    def __call__(self) -> int:
        """What it shows, in microseconds."""
        return self.us


async def _read(attention: Attention, during: list[int], clock: Clock) -> int | None:
    """Words come after these pauses, each of which ends with a look; since when they may have waited."""

    async def words() -> None:
        for pause in during:
            clock.us += pause
            attention.look()

    await attention.to(words())
    return attention.said()


async def test_words_that_were_waited_for_are_of_the_present() -> None:
    """However long a peer was silent."""
    clock = Clock()

    assert await _read(Attention(clock), [100_000] * 600, clock) is None


async def test_words_read_after_a_standstill_may_be_as_old_as_that() -> None:
    """They tell of the last moment at which nothing had come, until the listener has waited again."""
    clock = Clock()
    attention = Attention(clock)

    assert await _read(attention, [100_000, 2 * SECOND_US], clock) == SECOND_US + 100_000
    assert await _read(attention, [], clock) == SECOND_US + 100_000
    assert await _read(attention, [100_000], clock) is None


async def test_words_that_waited_for_a_slow_reader_are_not_of_the_present() -> None:
    """Looks in time prove nothing while the listener does something else."""
    clock = Clock()
    attention = Attention(clock)
    await _read(attention, [100_000], clock)
    for _ in range(10):
        clock.us += 100_000
        attention.look()

    assert await _read(attention, [], clock) == SECOND_US + 100_000


async def test_the_time_a_stopped_process_missed_is_not_heard_where_its_peer_left_meanwhile() -> None:
    """What an adapter said before a cut does not tell of the time until a node that stood still reads it."""
    async with Adapter(b"|load|1\n") as adapter:
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.connect.shdr_program", adapter.url, stdout=PIPE
        )
        try:
            assert program.stdout is not None
            async with asyncio.timeout(60):
                await adapter.asked.get()
                while not (await program.stdout.readline()).startswith(b"heard"):
                    adapter.say("|load|2\n")
                os.kill(program.pid, signal.SIGSTOP)
                adapter.greeting = b""
                adapter.say("|load|3\n")
                adapter.hang_up()
                left = now_us()
                await asyncio.sleep(STILL_S)  # the program stands still: there is nothing else to wait for
                os.kill(program.pid, signal.SIGCONT)
                resumed = now_us()
                await adapter.asked.get()
                adapter.say("|load|4\n")
                spans: list[tuple[int, int]] = []
                while not spans or spans[-1][1] <= resumed:
                    adapter.say(f"|load|{len(spans) + 5}\n")
                    word, *told = (await program.stdout.readline()).split()
                    if word == b"heard":
                        spans.append((int(told[0]), int(told[1])))
        finally:
            program.kill()
            await program.wait()

    late = SECOND_US // 2
    assert all(end <= left + late or start >= resumed for start, end in spans)
