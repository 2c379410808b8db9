"""Work that may hang for ever, as a file on a share that has vanished, done where it holds up nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

_T = TypeVar("_T")


class Hangs(Exception):
    """The work has not ended in time; it goes on, and what it gives is lost."""


class Aside:
    """Does one thing at a time in a thread that nobody waits for when the process ends."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._busy = False

    async def do(self, work: Callable[[], _T]) -> _T:
        """What `work` gives back. Raises what it raises, or Hangs when it, or the work before it, does not end."""
        if self._busy:
            raise Hangs
        self._busy = True
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[_T] = loop.create_future()

        def settle(result: _T | None, error: BaseException | None) -> None:
            if ended.done():
                return
            if error is None:
                ended.set_result(result)  # type: ignore[arg-type]
            else:
                ended.set_exception(error)

        def run() -> None:
            result, error = None, None
            try:
                result = work()
            except Exception as raised:  # noqa: BLE001 - it is raised again where it is awaited
                error = raised
            self._busy = False
            with suppress(RuntimeError):  # the loop has closed meanwhile
                loop.call_soon_threadsafe(settle, result, error)

        Thread(target=run, name="lineside-aside", daemon=True).start()
        try:
            async with asyncio.timeout(self._patience_s):
                return await ended
        except TimeoutError:
            if ended.cancelled():
                raise Hangs from None
            raise
