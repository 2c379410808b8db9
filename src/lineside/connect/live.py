"""What every live source shares: gather and hand on, tell coverage, judge health, connect again."""

from __future__ import annotations

import asyncio
import os
import random
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from lineside.connect.observations import Observation, to_batch
from lineside.connect.source import Sink, Source, SourceState
from lineside.connect.timestamps import plausible
from lineside.errors import ConfigurationError, LinesideError
from lineside.history import Quality
from lineside.plant import Kind, SourceSettings

GATHER_S = 0.2
GATHER_ROWS = 5_000
HEARD_EVERY_S = 1.0
FIRST_RETRY_S = 0.25
LAST_RETRY_S = 15.0
FAREWELL_S = 0.5
NAMED = 8

Value = tuple[int, float | None, str | None, Quality]
Status = tuple[SourceState, str, dict[str, object]]


def now_us() -> int:
    """This node's clock, in microseconds since 1970 UTC."""
    return time.time_ns() // 1_000


class Delivery:
    """Carries what one source hears to its sink, in bounded batches and without repeats.

    Coverage is told only for times whose observations are durable, and ends with the last thing heard.
    """

    def __init__(self, sink: Sink, settings: SourceSettings, wanted: Mapping[str, Kind]) -> None:
        self._sink = sink
        self._wanted = wanted
        self._where: dict[str, object] = {"source": settings.id, "url": without_password(settings.url or "")}
        self._silence_us = round(settings.stale_after_s * 1_000_000)
        self._rows: list[Observation] = []
        self._flushing = asyncio.Lock()
        self._last: dict[str, Value] = {}
        self._refused: dict[str, str] = {}
        self._clock_off: dict[str, None] = {}
        self._connected: int | None = None
        self._span: tuple[int, int] | None = None
        self._told_until = 0
        self._bridged = False
        self._broken = False
        self._valued = False
        self._loss: tuple[str, dict[str, object]] | None = None
        self._notice: tuple[str, dict[str, object]] | None = None
        self._status: Status | None = None

    # What a conversation with the peer reports

    def connected(self) -> None:
        """The peer accepted; nothing is known of it yet."""
        self._connected = now_us()
        self._loss = None
        self._valued = False

    def alive(self) -> None:
        """The peer said something, if only a heartbeat: what it does not mention has not changed."""
        now = now_us()
        self._loss = None
        bridged, self._bridged = self._bridged, False
        broken, self._broken = self._broken, False
        if self._span is not None and (bridged or (not broken and now - self._span[1] <= self._silence_us)):
            self._span = (self._span[0], now)
        else:
            self._span = (now, now)

    def bridge(self) -> None:
        """All that happened since the peer was last heard is about to be replayed: no gap remains."""
        self._bridged = True

    def valued(self) -> None:
        """The peer gives values, though perhaps none that is wanted."""
        self._valued = True

    async def put(self, observations: Iterable[Observation]) -> None:
        """Takes observations of wanted addresses; waits for the sink when it falls behind."""
        now = now_us()
        self.valued()
        for row in observations:
            if row.address not in self._wanted:
                continue
            if not plausible(row.time, now):
                self._clock_off[row.address] = None
                continue
            self._clock_off.pop(row.address, None)
            value = row[1:]
            if self._last.get(row.address) == value:
                continue
            self._last[row.address] = value
            self._refused.pop(row.address, None)
            self._rows.append(row)
            if len(self._rows) >= GATHER_ROWS:
                await self.flush()

    def refused(self, addresses: Mapping[str, str]) -> None:
        """These wanted addresses, and no others, get no values here: why, in the peer's words."""
        self._refused = dict(addresses)

    def notice(self, key: str, **fields: object) -> None:
        """Something was lost on the way; it is told once and then the state is judged anew."""
        self._notice = (key, fields)

    def lost(self, key: str, **fields: object) -> None:
        """The conversation ended. Coverage stops at the last thing heard."""
        self._bridged = False
        self._broken = True
        self._connected = None
        self._loss = (key, fields)

    def refuse_unheard(self) -> None:
        """Names the wanted addresses that never had a value, once the peer has given any value at all."""
        if self._valued:
            heard = self._last.keys() | self._clock_off.keys()
            self._refused = {address: "" for address in self._wanted if address not in heard}

    # What the sink is told

    async def flush(self) -> None:
        """Hands on what was gathered and returns when it is durable."""
        async with self._flushing:
            while self._rows:
                rows = self._rows[:GATHER_ROWS]
                await self._sink.observe(to_batch(rows))
                del self._rows[: len(rows)]

    async def tell(self) -> None:
        """Tells coverage up to the last thing heard, once all of it is durable, and a changed state."""
        span = self._span
        await self.flush()
        if span is not None and span[1] > self._told_until:
            start = max(span[0], self._told_until)
            self._told_until = span[1]
            await self._sink.heard(start, span[1])
        self.judge()

    def judge(self) -> None:
        """Tells the sink the state and its reason when they changed."""
        if self._notice is not None:
            key, fields = self._notice
            self._notice = None
            self._say(SourceState.DEGRADED, key, fields)
        self._say(*self._health())

    def say(self, state: SourceState, key: str, **fields: object) -> None:
        """Tells a state that is not judged from what was heard."""
        self._say(state, key, fields)

    def _health(self) -> Status:
        degraded = SourceState.DEGRADED
        if self._loss is not None:
            return degraded, *self._loss
        if self._connected is None:
            return SourceState.STARTING, "connect.starting", {}
        now, seconds = now_us(), self._silence_us / 1_000_000
        heard = max(self._connected, self._span[1] if self._span else 0)
        if now - heard > self._silence_us:
            return degraded, "connect.silent", {"seconds": f"{seconds:g}"}
        if self._refused:
            return degraded, "connect.refused", {"count": len(self._refused), "names": _named(self._refused)}
        if not self._valued:
            if now - self._connected > self._silence_us:
                return degraded, "connect.no_values", {"seconds": f"{seconds:g}"}
            return SourceState.STARTING, "connect.waiting", {}
        if self._clock_off:
            return degraded, "connect.clock", {"address": next(iter(self._clock_off))}
        return SourceState.ACTIVE, "connect.active", {}

    def _say(self, state: SourceState, key: str, fields: Mapping[str, object]) -> None:
        status = (state, key, {**self._where, **fields})
        if status != self._status:
            self._status = status
            self._sink.status(state, key, **status[2])


def _named(refused: Mapping[str, str]) -> str:
    names = [f"{name} ({why})" if why else name for name, why in sorted(refused.items())]
    more = f", +{len(names) - NAMED}" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


class LiveSource(Source):
    """A source that keeps one conversation going and begins a new one whenever it ends."""

    async def run(self, sink: Sink) -> None:
        """Delivers until cancelled; what was heard before that is handed on first."""
        delivery = Delivery(sink, self.settings, self.wanted)
        delivery.judge()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(every(GATHER_S, delivery.flush))
                tasks.create_task(every(HEARD_EVERY_S, delivery.tell))
                tasks.create_task(self._keep_talking(delivery))
        except BaseExceptionGroup as group:
            raise first(group) from group
        except asyncio.CancelledError:
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await delivery.tell()
            raise
        finally:
            delivery.say(SourceState.STOPPED, "connect.stopped")

    @abstractmethod
    async def converse(self, delivery: Delivery) -> None:
        """One conversation from connecting to its end. Raises Unreachable or OSError when it ends."""

    async def _keep_talking(self, delivery: Delivery) -> None:
        wait = FIRST_RETRY_S
        while True:
            began = time.monotonic()
            try:
                await self.converse(delivery)
            except LinesideError as error:
                delivery.lost(error.key, **error.fields)
            except TimeoutError:
                delivery.lost("connect.no_answer")
            except (OSError, EOFError) as error:
                delivery.lost("connect.unreachable", reason=reason(error))
            else:
                delivery.lost("connect.closed")
            await delivery.tell()
            if time.monotonic() - began > LAST_RETRY_S:
                wait = FIRST_RETRY_S
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))
            wait = min(wait * 2, LAST_RETRY_S)


async def every(seconds: float, act: Callable[[], Awaitable[Any]]) -> None:
    """Acts again and again, `seconds` apart, until cancelled."""
    while True:
        await asyncio.sleep(seconds)
        await act()


def reason(error: BaseException) -> str:
    """What an operating system's or library's error says, in one line."""
    if isinstance(error, OSError) and error.errno:  # a name that cannot be resolved has a negative one
        return os.strerror(error.errno) if error.errno > 0 else str(error.strerror)
    return " ".join(str(error).split()) or type(error).__name__


def first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first real error of a group of tasks that failed together."""
    error = group.exceptions[0]
    return first(error) if isinstance(error, BaseExceptionGroup) else error


def unusable_url(settings: SourceSettings) -> ConfigurationError:
    """The error of an address its type cannot use."""
    return ConfigurationError("connect.url", source=settings.id, url=without_password(settings.url or ""))


def without_password(url: str) -> str:
    """The address as it may be shown."""
    scheme, mark, rest = url.rpartition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"
