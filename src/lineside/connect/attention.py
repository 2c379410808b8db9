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
        self._stood = 0
        self.waits = False
        """Whether it takes words as soon as they come, and has taken all that came."""

    def begin(self) -> None:
        """The peer has said nothing before now."""
        self._looked = self._idle = self._now()

    async def to(self, words: Awaitable[Words]) -> Words:
        """The peer's next words."""
        self.waits = True
        try:
            return await words
        finally:
            self.waits = False

    async def keep(self) -> None:
        """Looks, until cancelled, whether the listener still waits for words."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look()

    def look(self) -> None:
        """Notes a listener that waits now; a look that is late itself proves nothing, as words may have come before."""
        now, before = self._now(), self._looked
        self._looked = now
        if now - before > STILL_US:
            self._stood += now - before
        elif self.waits:
            self._idle, self._stood = now, 0

    def said(self) -> int | None:
        """The moment since which the words just read may have waited; None where they were said just now."""
        return self._idle if self._now() - self._idle > STILL_US else None

    @property
    def stood(self) -> int:
        """How long the process itself stood still since then; for the rest the listener had something else to do."""
        pause = self._now() - self._looked
        return self._stood + (pause if pause > STILL_US else 0)
