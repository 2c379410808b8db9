from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import pytest

from lineside.node.threads import in_own_thread

PATIENCE_S = 60


@pytest.mark.parametrize("fails", [False, True])
async def test_work_is_done_to_its_end_however_often_it_is_cancelled(*, fails: bool) -> None:
    """Who ends a source tells it again and again; what it has begun to write is written all the same."""
    begun, may_end, done = threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        assert may_end.wait(PATIENCE_S)
        done.append("written")
        if fails:
            raise OSError

    task = asyncio.create_task(in_own_thread(work))
    await asyncio.to_thread(begun.wait, PATIENCE_S)
    for _ in range(3):
        task.cancel()
        await asyncio.wait([task], timeout=0.05)
    ended_before = task.done()
    may_end.set()
    with suppress(asyncio.CancelledError):
        await task

    assert (ended_before, done, task.cancelled()) == (False, ["written"], True)
