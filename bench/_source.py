"""A source at work while it is measured."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from lineside.connect import Sink, SourceSettings, source
from lineside.plant import Kind


@asynccontextmanager
async def running(settings: SourceSettings, wanted: Mapping[str, Kind], sink: Sink) -> AsyncIterator[None]:
    """The source runs while the block does."""
    task = asyncio.create_task(source(settings, wanted).run(sink))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(done: Callable[[], bool]) -> None:
    """Return when `done`."""
    async with asyncio.timeout(120):
        while not done():  # noqa: ASYNC110 - what is asked changes in other tasks and threads
            await asyncio.sleep(0.01)


def cpu_s() -> float:
    """Return the seconds of CPU that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
