"""Runs the sources of a plant and stores what they say; keeps how each one is doing, in words."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pyarrow as pa

from lineside.books import Books
from lineside.connect import PUSH, FileRead, Promise, PushSource, Source, SourceState, Vitals, keep_running
from lineside.errors import LinesideError, Unreachable
from lineside.history import Event, History
from lineside.node.places import Peer, Places
from lineside.node.series import Routing, routing
from lineside.node.threads import in_own_thread
from lineside.plant import Plant, SourceSettings

_log = logging.getLogger(__name__)
_A_WEEK = 7 * 86_400_000_000
_SOON, _A_WHILE = 5_000_000, 30_000_000
_LOSS_SEVERITY = 500
PASSIVE = {"tally": Promise.ACKNOWLEDGED, "file": Promise.REPLAYABLE}
"""Source types that nobody runs, as people and imports fill them, and what they promise."""


def now_us() -> int:
    """The present in microseconds since 1970 UTC."""
    return time.time_ns() // 1000


@dataclass(slots=True)
class Health:
    """How a source is doing."""

    settings: SourceSettings
    state: SourceState = SourceState.STARTING
    key: str = "node.source_starting"
    fields: dict[str, object] = field(default_factory=dict)
    promise: Promise | None = None
    last_heard: int | None = None
    values: int = 0
    since: int = field(default_factory=now_us)
    """Since when its figures are counted, in microseconds UTC."""
    vitals: Vitals = field(default_factory=Vitals)

    def reason(self, language: str = "en") -> str:
        """Its condition in words."""
        return self._error.sentence(language)

    def cure(self, language: str = "en") -> str | None:
        """What to do about it, where anything is to be done."""
        return None if self.state is SourceState.ACTIVE else self._error.cure(language)

    @property
    def _error(self) -> LinesideError:
        return LinesideError(self.key, **{"source": self.settings.id, **self.fields})


class _Sink:
    """Where one source delivers: observations are acknowledged after the commit."""

    def __init__(
        self, history: History, routing: Routing, health: Health, remember: Callable[[], None] = lambda: None
    ) -> None:
        self._history = history
        self._routing = routing
        self._health = health
        self._remember = remember

    async def observe(self, batch: pa.RecordBatch) -> None:
        rows = self._routing.rows(batch)
        if rows is not None and rows.num_rows:
            await in_own_thread(self._history.append, rows)
            self._health.values += rows.num_rows
            self._health.vitals.stored.note(rows.num_rows)

    async def heard(self, start: int, end: int, *, durable: bool = False) -> None:
        await in_own_thread(lambda: self._history.hear(self._health.settings.id, start, end, durable=durable))
        await in_own_thread(self._remember)
        self._health.last_heard = max(end, self._health.last_heard or end)

    async def lost(self, time: int, key: str, **fields: object) -> None:
        detail = json.dumps({"key": key, "fields": fields}, ensure_ascii=False, default=str)
        event = Event(self._health.settings.id, time, "loss", _LOSS_SEVERITY, detail)
        await in_own_thread(self._history.add_events, [event])
        self._health.vitals.losses += 1
        await in_own_thread(self._remember)

    def status(self, state: SourceState, key: str, **fields: object) -> None:
        if (state, key) != (self._health.state, self._health.key):
            _log.info("source %s: %s (%s %s)", self._health.settings.id, state.value, key, fields)
        self._health.state, self._health.key, self._health.fields = state, key, fields


class Intake:
    """One task a source; a source that breaks is started again and the others go on."""

    def __init__(self, history: History, books: Books) -> None:
        self._history = history
        self._places = Places(books)
        self._tasks: dict[str, tuple[asyncio.Task[None], SourceSettings, Routing]] = {}
        self._memories: dict[str, tuple[Peer, dict[str, Any]]] = {}
        self._running: dict[str, Source] = {}
        self.health: dict[str, Health] = {}

    def last_heard(self, source: str) -> int | None:
        """When the source was last heard, in microseconds UTC."""
        health = self.health.get(source)
        if health is not None and health.settings.type in PASSIVE:
            health.last_heard = self._heard_last(source)
        elif health is not None and health.last_heard is not None:
            health.last_heard = min(health.last_heard, now_us())  # the clock may have been set back
        return None if health is None else health.last_heard

    async def withdraw(self, now: int, back_us: int) -> None:
        """Takes out what says that a source was heard in moments to come, as a clock does that was then set back.

        `back_us` is by how much that was just now. What lies further ahead is taken out when its time is near:
        it may be the present time that is wrong.
        """
        for name in list(self._tasks):
            running = self._running.get(name)
            edge = running.edge_now if isinstance(running, PushSource) else None
            here, reach = (now, back_us) if edge is None else (edge, 0)
            if len(self._history.heard(name, here, here + reach + _SOON)):
                await in_own_thread(self._history.unhear, name, here, here + reach + _A_WHILE)

    def _heard_last(self, source: str) -> int | None:
        now = now_us()
        spans = self._history.heard(source, now - _A_WEEK, now)
        return int(spans[-1, 1]) if len(spans) else None

    def reason(self, source: str, language: str) -> str | None:
        """What is wrong with the source, in words; None while nothing is."""
        health = self.health.get(source)
        if health is None or health.state is SourceState.ACTIVE or health.settings.type in PASSIVE:
            return None
        return health.reason(language)

    def pushed_to(self, name: str) -> PushSource:
        """The running source of this name that others push to. Raises Unreachable while it does not run."""
        running = self._running.get(name)
        if not isinstance(running, PushSource):
            raise Unreachable("connect.push.not_running", source=name)
        return running

    def files_of(self, name: str) -> Sequence[FileRead]:
        """The files a running source has read last."""
        running = self._running.get(name)
        return () if running is None else running.files

    async def apply(self, plant: Plant) -> None:
        """Starts, stops and restarts sources until they are those of `plant`; unchanged ones run on."""
        for name in [n for n in self._tasks if n not in plant.sources]:
            await self._stop(name)
        self.health = {n: h for n, h in self.health.items() if n in plant.sources}
        self._memories = {n: m for n, m in self._memories.items() if n in plant.sources}
        for name, settings in plant.sources.items():
            route = await in_own_thread(routing, self._history, plant, name)
            if name in self._tasks:
                if self._tasks[name][1:] == (settings, route):
                    continue
                await self._stop(name)
            self.health[name] = health = Health(settings)
            health.last_heard = self._heard_last(name)
            if settings.type in PASSIVE:
                health.state, health.key = SourceState.ACTIVE, f"node.source_{settings.type}"
                health.promise = PASSIVE[settings.type]
                continue
            if not route.wanted and settings.type != PUSH:  # what is pushed in vain is worth knowing
                health.state, health.key = SourceState.STOPPED, "node.source_unused"
                continue
            sink = _Sink(self._history, route, health, self._remembering(health))
            running = keep_running(settings, route.wanted, sink, partial(self._begun, health, route))
            task = asyncio.create_task(running, name=f"source {name}")
            self._tasks[name] = (task, settings, route)

    async def close(self) -> None:
        """Stops every source."""
        for name in list(self._tasks):
            await self._stop(name)

    async def _stop(self, name: str) -> None:
        task, _, _ = self._tasks.pop(name)
        self._running.pop(name, None)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def _begun(self, health: Health, route: Routing, peer: Source) -> None:
        peer.memory = self._memory(health)
        peer.vitals = health.vitals
        peer.zone = route.zone
        health.promise = peer.PROMISE
        self._running[health.settings.id] = peer

    def _memory(self, health: Health) -> dict[str, Any]:
        """What the source before this one kept; of one before this node ran, when it was heard, and how far."""
        name, peer = health.settings.id, _peer(health.settings)
        if self._memories.get(name, (None,))[0] != peer:
            known = {"heard": health.last_heard, "place": self._places.of(name, peer)}
            self._memories[name] = (peer, {key: value for key, value in known.items() if value is not None})
        return self._memories[name][1]

    def _remembering(self, health: Health) -> Callable[[], None]:
        """Keeps the source's place where it has one and it has moved."""
        name, peer = health.settings.id, _peer(health.settings)
        kept: object = None

        def remember() -> None:
            nonlocal kept
            place = self._memories[name][1].get("place")
            if place is not None and place != kept:
                self._places.keep(name, peer, place)
                kept = place

        return remember


def _peer(settings: SourceSettings) -> Peer:
    return settings.type, settings.url, settings.device
