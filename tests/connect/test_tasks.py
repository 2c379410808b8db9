from __future__ import annotations

import asyncio
import gc

import pytest

from lineside.connect import MemorySink, SourceSettings, SourceState
from lineside.connect.live import Delivery, LiveSource
from lineside.connect.tasks import together


async def test_all_end_with_the_first_though_one_does_not_hear_it() -> None:
    """A library may take the cancelling of a task for its own: it is cancelled again."""
    deaf = 0

    async def hard_of_hearing() -> None:
        nonlocal deaf
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                deaf += 1
                if deaf == 2:
                    raise

    async def failing() -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await together(hard_of_hearing(), failing())

    assert deaf == 2


async def test_who_is_cancelled_from_within_ends_the_others() -> None:
    """They would go on, and nobody would know that the first is gone."""

    async def gone() -> None:
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        answer.cancel()
        await answer

    async def going_on() -> None:
        await asyncio.Event().wait()

    with pytest.raises(ConnectionAbortedError):
        await together(going_on(), gone())


async def test_two_that_fail_at_once_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is logged of the other one: both lost the same connection."""

    async def failing() -> None:
        raise ConnectionResetError

    gc.collect()  # what another test left behind may be logged now, and is not ours
    caplog.clear()
    with pytest.raises(ConnectionResetError):
        await together(failing(), failing())
    gc.collect()
    await asyncio.sleep(0)

    assert caplog.text == ""


class Dropping(LiveSource):
    """A source whose library cancels what its peer has not answered when the connection is lost, as asyncua does."""

    times = 0

    async def converse(self, delivery: Delivery) -> None:
        """Waits for an answer that is never given, and the second time gets it."""
        self.times += 1
        delivery.connected()
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.times == 1:
            answer.cancel()
        await answer


async def test_a_conversation_whose_library_gives_up_begins_anew() -> None:
    """The source says that the connection was closed and connects again, instead of standing there for ever."""
    sink = MemorySink()
    source = Dropping(SourceSettings.model_validate({"id": "mill", "type": "dropping", "url": "tcp://h"}), {})
    task = asyncio.create_task(source.run(sink))

    async with asyncio.timeout(60):
        while source.times < 2:  # noqa: ASYNC110 it tells nobody
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])

    assert "connect.closed" in [one.key for one in sink.told]
    assert sink.told[-1].state is SourceState.STOPPED
