from __future__ import annotations

from lineside.connect.attention import Attention

SECOND_US = 1_000_000


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


async def test_only_a_standstill_of_the_process_counts_as_one() -> None:
    """A listener with something else to do for some seconds did not stand still; one that was stopped did."""
    clock = Clock()
    attention = Attention(clock)
    await _read(attention, [100_000], clock)
    for pause in [100_000] * 50:
        clock.us += pause
        attention.look()
    assert attention.said() is not None
    assert attention.stood == 0

    clock.us += 2 * SECOND_US
    assert attention.stood == 2 * SECOND_US
    attention.look()
    assert attention.stood == 2 * SECOND_US


async def test_words_that_waited_for_a_slow_reader_are_not_of_the_present() -> None:
    """Looks in time prove nothing while the listener does something else."""
    clock = Clock()
    attention = Attention(clock)
    await _read(attention, [100_000], clock)
    for _ in range(10):
        clock.us += 100_000
        attention.look()

    assert await _read(attention, [], clock) == SECOND_US + 100_000
