"""Threads of the node's own, so that no slow reading of others holds up what the machines say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")

# Two: the history takes one writer at a time, and the beat, which takes one of them at most, never waits long.
_own = ThreadPoolExecutor(2, thread_name_prefix="lineside-node")
_valve = ThreadPoolExecutor(1, thread_name_prefix="lineside-valve")


async def in_own_thread(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """What `work` gives back, done in a thread that readers of the API and lookups of names cannot take.

    Work that is begun is done to its end before this returns, also when it is cancelled: nobody closes what it uses.
    """
    return await _done(_own, partial(work, *args, **kwargs))


async def in_valve_thread(work: Callable[[], _T]) -> _T:
    """The same in a thread that nothing else takes, so that closing the valve waits for nothing."""
    return await _done(_valve, work)


async def _done(pool: ThreadPoolExecutor, work: Callable[[], _T]) -> _T:
    working = asyncio.get_running_loop().run_in_executor(pool, work)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        while not working.done():  # it may be told more than once
            with suppress(asyncio.CancelledError):
                await asyncio.wait([working])
        working.exception()  # asyncio logs what nobody asks for, and who cancels does not
        raise
