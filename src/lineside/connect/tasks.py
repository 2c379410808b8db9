"""What sources need of asyncio beyond its task groups."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

AGAIN_S = 2.0


async def every(seconds: float, act: Callable[[], Awaitable[Any]]) -> None:
    """Acts again and again, `seconds` apart, until cancelled."""
    while True:
        await asyncio.sleep(seconds)
        await act()


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Runs works that go on for ever, until one of them ends; raises what ended it, once all the others have ended too.

    A task group would wait for ever where a library takes the cancelling of a task for its own, as `asyncio.wait_for`
    of Python 3.11 does when what it waits for comes at that moment; and for the others where one is cancelled from
    within, as by a library that cancels what it will not answer any more.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _end(tasks)
    for task in ended:
        if task.cancelled():
            raise ConnectionAbortedError("ended from within")
        task.result()


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels tasks again and again until they have ended."""
    told = False
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        try:
            await asyncio.wait(left, timeout=AGAIN_S)
        except asyncio.CancelledError:
            told = True
    for task in tasks:
        if not task.cancelled():
            task.exception()  # asyncio logs each that nobody asks for, and one is told
    if told:
        raise asyncio.CancelledError


def first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first real error of a group of tasks that failed together."""
    error = group.exceptions[0]
    return first(error) if isinstance(error, BaseExceptionGroup) else error


def cancelled_since_now() -> Callable[[], bool]:
    """Tells whether the task that calls this has been cancelled since. Groups within it may leave a count behind."""
    task = asyncio.current_task()
    if task is None:
        return lambda: False
    before = task.cancelling()
    return lambda: task.cancelling() > before
