"""Reads views of databases when it is time and takes what they tell: one task a feed, and none harms another."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from lineside.connect import Sheet, SourceState, Viewed, read_view
from lineside.errors import ConfigurationError, LinesideError, Unreachable
from lineside.node.intake import now_us
from lineside.orders import Taken
from lineside.plant import Feed, Plant

_log = logging.getLogger(__name__)
_RETRY_S = 30.0
_NAMED = 200
_COUNTS = ("entries", "new", "changed", "same", "refused")
_WHOLE_EVERY_S = 86_400.0
"""So often a feed with a column to go on from is read from its beginning: rows may have come late."""


@dataclass(slots=True)
class FeedHealth:
    """How a feed is doing; times in microseconds UTC."""

    settings: Feed
    state: SourceState = SourceState.STARTING
    key: str = "feed.starting"
    fields: dict[str, object] = field(default_factory=dict)
    tried_us: int | None = None
    read_us: int | None = None
    taken: Taken | None = None
    """What became of the rows of the last reading."""

    def reason(self, language: str) -> str:
        """Its condition in words."""
        return self._error.sentence(language)

    def cure(self, language: str) -> str | None:
        """What to do about it, where anything is to be done."""
        return None if self.state is SourceState.ACTIVE else self._error.cure(language)

    @property
    def _error(self) -> LinesideError:
        return LinesideError(self.key, **{"feed": self.settings.id, **self.fields})

    def tell(self, state: SourceState, key: str, fields: Mapping[str, object]) -> None:
        """Takes a new condition; the log hears of it once while it stays the same."""
        if (state, key) != (self.state, self.key):
            level = logging.INFO if state is SourceState.ACTIVE else logging.WARNING
            _log.log(level, "feed %s: %s", self.settings.id, LinesideError(key, **fields))
        self.state, self.key, self.fields = state, key, dict(fields)


class _Reader:
    """One feed: where it stands, and the thread that reads for it.

    The thread is a daemon of its own, since no driver can be told to give up a line that a firewall swallowed: the
    node goes on and ends without it.
    """

    def __init__(self, folder: Path, feed: Feed, take: Callable[[Feed, Sheet], Taken]) -> None:
        self.health = FeedHealth(feed)
        self.asked = asyncio.Event()
        self._folder = folder
        self._take = take
        self._last: Any = None
        self._whole_at = 0.0
        self._thread: threading.Thread | None = None

    async def run(self) -> None:
        """Reads until cancelled."""
        while True:
            wait_s = await self._once()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self.asked.wait()
                    self._whole_at = 0.0
            self.asked.clear()

    async def _once(self) -> float:
        """One reading, in as many parts as it takes; gives back after how many seconds the next one is due."""
        health, feed = self.health, self.health.settings
        health.tried_us = now_us()
        if whole := monotonic() >= self._whole_at:
            self._last = None
        begun, health.taken = self._last, None
        try:
            await self._parts()
        except LinesideError as error:
            health.tell(SourceState.DEGRADED, error.key, {"feed": feed.id, **error.fields})
            return min(feed.every_s, _RETRY_S)
        except Exception as error:  # noqa: BLE001 - the supervision boundary: the plant keeps running
            _log.exception("feed %s broke", feed.id)
            health.tell(SourceState.DEGRADED, "feed.broken", {"feed": feed.id, "reason": str(error)})
            return min(feed.every_s, _RETRY_S)
        finally:
            if self._refused:  # what such a row lacks may come meanwhile
                self._last = begun
        if whole:
            self._whole_at = monotonic() + _WHOLE_EVERY_S
        health.read_us = health.tried_us
        self._tell()
        return feed.every_s

    @property
    def _refused(self) -> int:
        """How many rows of this reading were refused so far."""
        return 0 if self.health.taken is None else self.health.taken.refused

    async def _parts(self) -> None:
        """Reads and takes until there is no more; the place only moves on behind rows that are durable."""
        more = True
        while more:
            sheet, last, more = await self._read()
            taken = await asyncio.to_thread(self._take, self.health.settings, sheet)
            self.health.taken = taken if self.health.taken is None else _together(self.health.taken, taken)
            self._last = last

    def _tell(self) -> None:
        taken = self.health.taken
        if taken is not None and taken.refused:
            counts = {"feed": self.health.settings.id, "refused": taken.refused, "entries": taken.entries}
            self.health.tell(SourceState.DEGRADED, "feed.refused", counts)
        else:
            self.health.tell(SourceState.ACTIVE, "feed.active", {"feed": self.health.settings.id})

    async def _read(self) -> Viewed:
        feed = self.health.settings
        slow = Unreachable("sql.slow", feed=feed.id, seconds=f"{feed.timeout_s:g}")
        if self._thread is not None and self._thread.is_alive():
            raise slow
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Viewed] = loop.create_future()

        def settle(viewed: Viewed | None, error: Exception | None) -> None:
            if answer.done():
                return
            if viewed is not None:
                answer.set_result(viewed)
            elif error is not None:
                answer.set_exception(error)

        def work() -> None:
            viewed, failed = None, None
            try:
                viewed = read_view(feed, self._folder, self._last)
            except Exception as error:  # noqa: BLE001 - it is raised where it is awaited
                failed = error
            with suppress(RuntimeError):  # the loop may be gone: nobody waits any more
                loop.call_soon_threadsafe(settle, viewed, failed)

        self._thread = threading.Thread(target=work, name=f"feed {feed.id}", daemon=True)
        self._thread.start()
        try:
            async with asyncio.timeout(2 * feed.timeout_s + 1):
                return await answer
        except TimeoutError:
            raise slow from None


def _together(one: Taken, two: Taken) -> Taken:
    """What became of the rows of two parts."""
    counts = {name: getattr(one, name) + getattr(two, name) for name in _COUNTS}
    return Taken(**counts, findings=[*one.findings, *two.findings][:_NAMED], shadowed=[*one.shadowed, *two.shadowed])


class Feeds:
    """The feeds of a plant: those of the edition in force run."""

    def __init__(self, folder: Path, take: Callable[[Feed, Sheet], Taken]) -> None:
        self._folder = folder
        self._take = take
        self._running: dict[str, tuple[asyncio.Task[None], _Reader]] = {}

    @property
    def health(self) -> dict[str, FeedHealth]:
        """How each feed is doing, by id."""
        return {name: reader.health for name, (_, reader) in self._running.items()}

    async def apply(self, plant: Plant) -> None:
        """Starts and stops feeds until they are those of `plant`; unchanged ones run on."""
        for name, (_, reader) in list(self._running.items()):
            if plant.feeds.get(name) != reader.health.settings:
                await self._stop(name)
        for name, feed in plant.feeds.items():
            if name not in self._running:
                reader = _Reader(self._folder, feed, self._take)
                self._running[name] = asyncio.create_task(reader.run(), name=f"feed {name}"), reader

    def read_now(self, name: str) -> None:
        """Reads a feed from its beginning as soon as it can be. Raises ConfigurationError where there is none."""
        if name not in self._running:
            raise ConfigurationError("feed.unknown", feed=name, known=", ".join(self._running) or "-")
        self._running[name][1].asked.set()

    async def close(self) -> None:
        """Stops every feed."""
        for name in list(self._running):
            await self._stop(name)

    async def _stop(self, name: str) -> None:
        task, _ = self._running.pop(name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
