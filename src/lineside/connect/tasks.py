"""What sources need of asyncio beyond its task groups."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any


async def every(seconds: float, act: Callable[[], Awaitable[Any]]) -> None:
    """Acts again and again, `seconds` apart, until cancelled."""
    while True:
        await asyncio.sleep(seconds)
        await act()


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
