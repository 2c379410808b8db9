from __future__ import annotations

import asyncio
import errno
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.connect import MemorySink, SourceSettings, SourceState
from lineside.connect.live import Delivery, LiveSource
from lineside.connect.wording import reason, without_password


class Stubborn(LiveSource):
    """A source whose conversation ends with an error at the very moment it is cancelled."""

    async def converse(self, delivery: Delivery) -> None:  # noqa: ARG002 nothing is said
        """Swallows the cancelling, as a task group does in which something fails meanwhile."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            raise ConnectionResetError from error


async def test_a_conversation_that_fails_while_it_is_cancelled_is_the_last() -> None:
    """Whoever stops a source waits for it; it must not connect again instead."""
    sink = MemorySink()
    task = asyncio.create_task(
        Stubborn(SourceSettings.model_validate({"id": "mill", "type": "stubborn", "url": "tcp://h"}), {}).run(sink)
    )
    await asyncio.sleep(0.05)

    task.cancel()
    await asyncio.wait([task], timeout=60)

    assert task.cancelled()
    assert sink.told[-1].state is SourceState.STOPPED


@given(user=st.text("ab:%", max_size=4), password=st.text("xyz:%!", min_size=3), host=st.sampled_from(["h", "h:1/p"]))
def test_an_address_is_shown_without_its_password(user: str, password: str, host: str) -> None:
    """Whatever stands before the last `@` stays hidden."""
    assert without_password(f"tcp://{user}:{password}@{host}") == f"tcp://{host}"
    assert without_password(f"{user}:{password}@{host}") == host
    assert without_password(f"tcp://{host}") == f"tcp://{host}"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('192.0.2.1', 1)"), "Connection refused"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service not known"),
        (OSError("Multiple exceptions:\n one, two"), "Multiple exceptions: one, two"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_a_reason_is_words_in_one_line(error: OSError, said: str) -> None:
    """Neither numbers nor tuples nor line ends reach the reader."""
    assert reason(error) == said
