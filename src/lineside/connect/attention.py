"""Since when nothing can have waited to be read.

A process that stood still, be it stopped, starved or asleep with its computer, reads what a peer said before as if it
were said now. Where the peer died meanwhile, that would count the time in between as heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

LOOK_S = 0.1
STILL_US = 300_000
"""A pause of our own this long may have let words wait; a busy loop is late by less."""

Words = TypeVar("Words")


class Attention:
    """Whether one listener keeps up with its peer, by this computer's clock."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._looked = self._idle = now()
        self._waits = False

    async def to(self, words: Awaitable[Words]) -> Words:
        """The peer's next words."""
        self._waits = True
        try:
            return await words
        finally:
            self._waits = False

    async def keep(self) -> None:
        """Looks, until cancelled, whether the listener still waits for words."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look()

    def look(self) -> None:
        """Notes a listener that waits now; a look that is late itself proves nothing, as words may have come before."""
        now, before = self._now(), self._looked
        self._looked = now
        if self._waits and now - before <= STILL_US:
            self._idle = now

    def said(self) -> int | None:
        """The moment since which the words just read may have waited; None where they were said just now."""
        return self._idle if self._now() - self._idle > STILL_US else None
