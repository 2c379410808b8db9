"""What every live source shares: gather and hand on, tell coverage, judge health, connect again."""

from __future__ import annotations

import asyncio
import random
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from time import monotonic, time_ns
from typing import Any

from lineside.connect.observations import Observation, to_batch
from lineside.connect.presence import Presence
from lineside.connect.source import Sink, Source, SourceState
from lineside.connect.tasks import cancelled_since_now, every, together
from lineside.connect.timestamps import plausible
from lineside.connect.vitals import Failure, Vitals
from lineside.connect.wording import named, reason, without_password
from lineside.errors import LinesideError
from lineside.history import Quality
from lineside.plant import Kind, SourceSettings

GATHER_S = 0.2
GATHER_ROWS = 5_000
HEARD_EVERY_S = 1.0
FIRST_RETRY_S = 0.25
LAST_RETRY_S = 15.0
FAREWELL_S = 0.5
LOSS_SHOWN_S = 300
LOSSES_EVERY_S = 60
AHEAD_US = 60_000_000
"""A clock further ahead of ours than this is told."""
BACK_US = 1_000_000
"""Our own clock set back by more than this is told."""
TALLIED = frozenset({"counter", "count"})
"""Kinds whose values may not be said twice under two times."""

Value = tuple[int, float | None, str | None, Quality]
Status = tuple[SourceState, str, dict[str, object]]


def now_us() -> int:
    """This node's clock, in microseconds since 1970 UTC."""
    return time_ns() // 1_000


class Delivery:
    """Carries what one source hears to its sink, in bounded batches and without repeats.

    Coverage is told only for times whose observations are durable, and ends with the last thing heard.
    An address without a value in this conversation is said to have none: what it had before is not known
    to hold. `memory` keeps, for the next conversation or the next source, what is durable.
    """

    def __init__(
        self, sink: Sink, settings: SourceSettings, wanted: Mapping[str, Kind], memory: dict[str, Any], vitals: Vitals
    ) -> None:
        self.vitals = vitals
        self._sink = sink
        self._wanted = wanted
        self._memory = memory
        self._place: object = memory.get("place")
        self._where: dict[str, object] = {"source": settings.id, "url": without_password(settings.url or "")}
        self._seconds = f"{settings.stale_after_s:g}"
        self._presence = Presence(round(settings.stale_after_s * 1_000_000))
        self._rows: list[Observation] = []
        self._flushing = asyncio.Lock()
        self._last: dict[str, Value] = {}
        self._heard: set[str] = set()
        self._void: set[str] = set()
        self._stamped: dict[str, int] = {}
        self._refused: dict[str, str] = {}
        self._unheard: set[str] = set()
        self._clock_off: dict[str, None] = {}
        self._ahead: dict[str, int] = {}
        self._connected: int | None = None
        self._clock = 0
        self._valued = False
        self._loss: tuple[str, dict[str, object]] | None = None
        self._notice: tuple[float, str, dict[str, object]] | None = None
        self._losses: dict[tuple[str, str], tuple[int, dict[str, object]]] = {}
        self._losses_due = 0.0
        self._status: Status | None = None

    # What a conversation with the peer reports

    def connected(self) -> None:
        """The peer accepted; nothing is known of it yet."""
        self._connected = now_us()
        self._presence.connected()
        self._loss = None
        self._valued = False
        self._heard, self._unheard, self._refused, self._ahead = set(), set(), {}, {}

    def alive(self, asked: int | None = None) -> None:
        """The peer said something, if only a heartbeat: what it does not mention has not changed.

        An answer tells that of the moment it was `asked`, in microseconds, and of nothing later.
        """
        self._loss = None
        self._presence.alive(self._now(), asked)

    def spoke(self, moment: int) -> None:
        """The peer said something just at this moment, of which it is known only now."""
        self._loss = None
        now, span = self._now(), self._presence.span
        if span is None or not moment <= span[1] <= now:
            self._presence.alive(moment)

    @property
    def has_begun(self) -> bool:
        """The conversation has lasted longer than a pause may be."""
        return self._presence.has_begun

    @property
    def place(self) -> object:
        """Where in the peer's sequence to go on; None when nothing is known of it."""
        return self._place

    def reached(self, place: object) -> None:
        """All that comes before this place has been put."""
        self._place = place

    def bridge(self) -> None:
        """All that happened since the peer was last heard is about to be replayed: no gap remains."""
        self._presence.bridge(self._memory.get("heard"))

    async def gap(self, key: str, **fields: Any) -> None:
        """What the peer said since it was last heard is lost: coverage begins anew with what comes next."""
        await self.tell()
        self._presence.forget()
        self._memory.pop("heard", None)
        self.notice(key, **fields)

    def valued(self) -> None:
        """The peer gives values, though perhaps none that is wanted."""
        self._valued = True

    def knows(self, address: str) -> bool:
        """True when this source has had a value of the address."""
        return address in self._last

    async def put(self, observations: Iterable[Observation]) -> None:
        """Takes observations of wanted addresses; waits for the sink when it falls behind."""
        now = self._now()
        self.valued()
        heard = 0
        for row in observations:
            if row.address not in self._wanted:
                continue
            heard += 1
            if not plausible(row.time, now):
                self.vitals.dropped += 1
                self._clock_off[row.address] = None
                self._end_value(row.address, now)
                continue
            self._hear(row, now)
            value = row[1:]
            if self._last.get(row.address) == value and row.address not in self._void:
                continue
            self._last[row.address] = value
            self._rows.append(row)
            self._renew_value(row, now)
            if len(self._rows) >= GATHER_ROWS:
                self.vitals.waits(len(self._rows))
                await self.flush()
        self.vitals.heard.note(heard)
        self.vitals.waits(len(self._rows))

    async def recall(self, observations: Iterable[Observation]) -> None:
        """Takes what the peer kept from earlier, and says so: it tells nothing of the present."""
        now = now_us()
        wanted = [row for row in observations if row.address in self._wanted]
        possible = [row for row in wanted if plausible(row.time, now)]
        self.vitals.dropped += len(wanted) - len(possible)
        self._rows += possible
        if len(self._rows) >= GATHER_ROWS:
            await self.flush()

    def ended(self, addresses: Iterable[str], time: int) -> None:
        """The peer says, or lets know, that these have no value from this time on."""
        for address in addresses:
            self._end_value(address, time)

    def _now(self) -> int:
        """The present. Where the clock was set back, each new value also takes the place of one dated ahead of it."""
        now, before = now_us(), self._clock
        self._clock = now
        if now < before:
            ahead = {address: value[0] for address, value in self._last.items() if value[0] > now}
            self._stamped |= {address: max(time, self._stamped.get(address, 0)) for address, time in ahead.items()}
            if before - now > BACK_US:
                self.notice("connect.clock_back", seconds=(before - now) // 1_000_000)
        return now

    def _hear(self, row: Observation, now: int) -> None:
        address = row.address
        if address in self._heard:  # what a conversation begins with may have been so for long
            self.vitals.arrived(now - row.time)
        self._heard.add(address)
        self._clock_off.pop(address, None)
        self._refused.pop(address, None)
        self._unheard.discard(address)
        ahead = row.time - now
        if ahead > AHEAD_US:
            self._ahead.setdefault(address, ahead)
        elif ahead > -AHEAD_US:
            self._ahead.pop(address, None)

    def _end_value(self, address: str, time: int) -> None:
        """Says that the address has no value from this time on, unless that was the last thing said of it."""
        if address in self._void:
            return
        newest = max(self._last[address][0] if address in self._last else time - 1, self._stamped.get(address, 0))
        self._void.add(address)
        self._stamped[address] = time = max(time, newest + 1)
        self._rows.append(Observation(address, time, None, None, Quality.NO_DATA))

    def _renew_value(self, row: Observation, now: int) -> None:
        """Lets a value hold again from now on, where its stamp lies before one that we set."""
        self._void.discard(row.address)
        stamped = self._stamped.get(row.address)
        if stamped is None or row.time > stamped or self._wanted[row.address] in TALLIED:
            self._stamped.pop(row.address, None)
            return
        self._stamped[row.address] = again = max(now, stamped + 1)
        self._rows.append(row._replace(time=again))

    def refused(self, addresses: Mapping[str, str], *, hold: bool = False) -> None:
        """These wanted addresses get no values here: why, in the peer's words. What they had may `hold`."""
        self._refused = dict(addresses)
        if not hold:
            self._end_unheard(self._refused)

    def notice(self, key: str, of: str = "", **fields: object) -> None:
        """Something was lost on the way, `of` a part of the peer: kept as an event, and shown for some minutes."""
        time, known = self._losses.get((key, of), (now_us(), {}))
        if isinstance(count := fields.get("count"), int):
            fields["count"] = count + int(str(known.get("count", 0)))
        if "since" in known:
            fields["since"] = known["since"]
        self._losses[key, of] = time, {**self._where, **fields}
        self._notice = monotonic() + LOSS_SHOWN_S, key, fields

    def lost(self, key: str, **fields: object) -> None:
        """The conversation ended. Coverage stops at the last thing heard."""
        self._presence.lost()
        self._connected = None
        self._loss = (key, fields)
        self.vitals.failed(Failure(now_us(), key, {**self._where, **fields}))

    def refuse_unheard(self, *, hold: bool = False) -> None:
        """Nothing more is to be expected of the wanted addresses that had no value in this conversation.

        They are named once the peer has given any value at all. What they had may `hold`.
        """
        self._unheard = self._wanted.keys() - self._heard - self._clock_off.keys()
        if not hold:
            self._end_unheard(self._unheard)

    def _end_unheard(self, addresses: Iterable[str]) -> None:
        since = now_us() if self._connected is None else self._connected
        for address in addresses:
            if address not in self._heard:
                self._end_value(address, since)

    # What the sink is told

    async def flush(self) -> None:
        """Hands on what was gathered and returns when it is durable."""
        async with self._flushing:
            while self._rows:
                rows = self._rows[:GATHER_ROWS]
                await self._sink.observe(to_batch(rows))
                del self._rows[: len(rows)]
                self.vitals.waits(len(self._rows))
            self._memory["place"] = self._place

    async def tell(self) -> None:
        """Tells coverage up to the last thing heard, once all of it is durable, and a changed state."""
        span = self._presence.span
        await self.flush()
        if span is not None and (untold := self._presence.untold(span)):
            await self._sink.heard(*untold)
            if self._presence.span is not None:  # no loss came in between
                self._memory["heard"] = span[1]
        if monotonic() >= self._losses_due:
            await self.tell_losses()
        self.judge()

    async def tell_losses(self) -> None:
        """Hands on what was lost; each kind of loss at most once in `LOSSES_EVERY_S`, its counts added up."""
        while self._losses:
            (key, of), (moment, fields) = next(iter(self._losses.items()))
            del self._losses[key, of]
            await self._sink.lost(moment, key, **fields)
            self._losses_due = monotonic() + LOSSES_EVERY_S

    def judge(self) -> None:
        """Tells the sink the state and its reason when they changed."""
        self._say(*self._health())

    def say(self, state: SourceState, key: str, **fields: object) -> None:
        """Tells a state that is not judged from what was heard."""
        self._say(state, key, fields)

    def _health(self) -> Status:
        if self._loss is not None:
            return SourceState.DEGRADED, *self._loss
        if self._connected is None:
            return SourceState.STARTING, "connect.starting", {}
        wrong = self._wrong()
        if wrong is not None:
            return SourceState.DEGRADED, *wrong
        if not self._valued:
            return SourceState.STARTING, "connect.waiting", {}
        return SourceState.ACTIVE, "connect.active", {}

    def _wrong(self) -> tuple[str, dict[str, object]] | None:
        """What is wrong in a conversation that stands, the worst first."""
        if self._presence.is_silent:
            return "connect.silent", {"seconds": self._seconds}
        if self._notice is not None and monotonic() < self._notice[0]:
            return self._notice[1:]
        refused = {**dict.fromkeys(self._unheard if self._valued else (), ""), **self._refused}
        if refused:
            return "connect.refused", {"count": len(refused), "names": named(refused)}
        if not self._valued and self._presence.has_begun:
            return "connect.no_values", {"seconds": self._seconds}
        if self._clock_off:
            return "connect.clock", {"address": next(iter(self._clock_off))}
        for address, ahead in self._ahead.items():
            return "connect.clock_ahead", {"address": address, "seconds": ahead // 1_000_000}
        return None

    def _say(self, state: SourceState, key: str, fields: Mapping[str, object]) -> None:
        status = (state, key, {**self._where, **fields})
        if status != self._status:
            self._status = status
            self._sink.status(state, key, **status[2])


class LiveSource(Source):
    """A source that keeps one conversation going and begins a new one whenever it ends."""

    async def run(self, sink: Sink) -> None:
        """Delivers until cancelled; what was heard before that is handed on first."""
        delivery = Delivery(sink, self.settings, self.wanted, self.memory, self.vitals)
        delivery.judge()
        try:
            talk = self._keep_talking(delivery, cancelled_since_now())
            await together(every(GATHER_S, delivery.flush), every(HEARD_EVERY_S, delivery.tell), talk)
        except asyncio.CancelledError:
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await delivery.tell()
                    await delivery.tell_losses()
            raise
        finally:
            delivery.say(SourceState.STOPPED, "connect.stopped")

    @abstractmethod
    async def converse(self, delivery: Delivery) -> None:
        """One conversation from connecting to its end. Raises Unreachable or OSError when it ends."""

    async def _keep_talking(self, delivery: Delivery, ended: Callable[[], bool]) -> None:
        wait = FIRST_RETRY_S
        while True:
            began = monotonic()
            try:
                await self.converse(delivery)
            except LinesideError as error:
                delivery.lost(error.key, **error.fields)
            except TimeoutError:
                delivery.lost("connect.no_answer")
            except (OSError, EOFError) as error:
                delivery.lost("connect.unreachable", reason=reason(error))
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if ended() or task is None or task.cancelling():
                    raise
                delivery.lost("connect.closed")  # a library cancelled what it will not answer any more
            else:
                delivery.lost("connect.closed")
            if ended():
                raise asyncio.CancelledError  # a task group that failed at the same moment has swallowed it
            await delivery.tell()
            if monotonic() - began > LAST_RETRY_S:
                wait = FIRST_RETRY_S
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))
            wait = min(wait * 2, LAST_RETRY_S)
