"""Push: others bring values to the node over HTTP, as InfluxDB line protocol or as rows of JSON.

Promise: acknowledged. Who pushes is told that a value was taken when it is durable, and keeps it until then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, ClassVar, TypeVar

import numpy as np
import pyarrow as pa

from lineside.connect.live import FAREWELL_S, HEARD_EVERY_S, LOSS_SHOWN_S, Delivery, Status, now_us
from lineside.connect.memory import rows as observations_of
from lineside.connect.observations import Observation
from lineside.connect.push_heard import Heard, linked, runs
from lineside.connect.push_lines import Found, LineReader
from lineside.connect.push_rows import EdgeState, RowReader, RowsTold
from lineside.connect.source import Option, Promise, Sink, Source, SourceState
from lineside.connect.tasks import every
from lineside.connect.vitals import Vitals
from lineside.connect.wording import named
from lineside.errors import Unreachable
from lineside.history import Quality
from lineside.plant import Kind, SourceSettings

PUSH = "push"
UNWANTED_NAMES = 1_000
"""Names that are pushed and not wanted, of which each is counted; values of further ones are counted as one."""

_F = TypeVar("_F", Found, RowsTold)
_reader = ThreadPoolExecutor(1, thread_name_prefix="lineside-push")
"""Reads one body after the other, beside the event loop and whatever else the node does."""
_OWN_WORDS = {
    f"connect.{word}": f"connect.push.{word}" for word in ("starting", "active", "silent", "refused", "clock_ahead")
} | {"connect.waiting": "connect.push.starting"}


@dataclass(frozen=True, slots=True)
class _Said:
    """The wanted values of one body: a table, the newest of each address if they tell of now, the spans they make."""

    table: pa.Table
    newest: list[Observation]
    spans: list[tuple[int, int]]
    bad: tuple[int, str]

    @classmethod
    def of(cls, batches: list[pa.RecordBatch], pause_us: int) -> _Said | None:
        if not batches:
            return None
        table = pa.Table.from_batches(batches).combine_chunks()
        whole = table.to_batches()[0]
        bad = np.flatnonzero(whole.column("quality").to_numpy() == Quality.BAD)
        example = whole.column("address")[int(bad[-1])].as_py() if len(bad) else ""
        spans = runs(whole.column("time").cast(pa.int64()).to_numpy(), pause_us)
        newest = _newest(whole) if spans[-1][1] >= now_us() - pause_us else []
        return cls(table, newest, spans, (len(bad), example))


def _newest(batch: pa.RecordBatch) -> list[Observation]:
    """The newest observation of each address."""
    code = batch.column("address").indices.to_numpy()
    order = np.lexsort((batch.column("time").cast(pa.int64()).to_numpy(), code))
    last = order[np.flatnonzero(np.append(np.diff(code[order]), 1))]
    return observations_of(batch.take(pa.array(last)))


class _Pushed(Delivery):
    """The delivery of a source that others speak to; it also knows what they say in vain."""

    def __init__(
        self, sink: Sink, settings: SourceSettings, wanted: Mapping[str, Kind], memory: dict[str, Any], vitals: Vitals
    ) -> None:
        super().__init__(sink, settings, wanted, memory, vitals)
        self.unwanted: dict[str, int] = {}
        self.further = 0
        self._rivals: dict[str, tuple[float, str, str]] = {}
        self._behind: tuple[float, int] | None = None
        self._pause_s = settings.stale_after_s
        self._began = monotonic()
        self._edge: EdgeState | None = None
        self._edge_spoke = 0.0
        self._edge_time: int | None = None

    def note(self, found: Found | RowsTold) -> None:
        """Takes what was said of names that nobody wants, or that two speak for."""
        for name, count in found.unwanted.items():
            if name in self.unwanted or len(self.unwanted) < UNWANTED_NAMES:
                self.unwanted[name] = self.unwanted.get(name, 0) + count
            else:
                self.further += count
        if isinstance(found, Found):
            now = monotonic()
            self._rivals |= {address: (now, *both) for address, both in found.rivals.items()}

    def present(self, newest: Iterable[Observation]) -> None:
        """These are the newest values of now, and durable."""
        self._behind = None
        now = self._now()
        for row in newest:
            self._hear(row, now)
            if row.address not in self._last or self._last[row.address][0] <= row.time:
                self._last[row.address] = row[1:]
            self._renew_value(row, now)
        self.alive()

    def past(self, age_us: int) -> None:
        """What was said is all so old that it tells nothing of now."""
        self._behind = monotonic(), age_us

    def told(self, found: RowsTold, newest: Iterable[Observation]) -> None:
        """An edge has told this, and it is durable."""
        now = self._now()
        if self._connected is None:
            self.connected()
        self._edge_spoke, self._edge_time = monotonic(), found.time
        self._edge = found.state or self._edge or EdgeState(SourceState.ACTIVE, "connect.push.active", {})
        for row in newest:
            self._hear(row, now)
        if found.heard and now - found.heard[-1][1] > self._pause_s * 1_000_000:
            self.past(now - found.heard[-1][1])
        elif found.heard:
            self._behind = None
            self._presence.reached(found.heard[-1])
            self.valued()

    @property
    def edge_now(self) -> int | None:
        """The present by the clock of the edge that speaks here; None where none does, or tells none."""
        if self._edge_time is None:
            return None
        return self._edge_time + round((monotonic() - self._edge_spoke) * 1_000_000)

    def _health(self) -> Status:
        state, key, fields = super()._health()
        if self._edge is not None and monotonic() - self._edge_spoke > self._pause_s:
            return SourceState.DEGRADED, "connect.push.silent", {"seconds": f"{self._pause_s:g}"}
        if self._edge is not None and self._edge.state is not SourceState.ACTIVE:
            return self._edge
        if self._behind is not None and monotonic() - self._behind[0] <= self._pause_s:
            return SourceState.DEGRADED, "connect.push.behind", {"seconds": self._behind[1] // 1_000_000}
        if state is not SourceState.DEGRADED and (rivals := self._shown_rivals()):
            address, _, taken, other = rivals[0]
            return SourceState.DEGRADED, "connect.push.rivals", {"address": address, "taken": taken, "other": other}
        if state is not SourceState.DEGRADED and self.unwanted:
            names = {"count": len(self.unwanted), "names": named(dict.fromkeys(self.unwanted, ""))}
            if state is SourceState.STARTING:
                return SourceState.DEGRADED, "connect.push.none_wanted", names
            return state, "connect.push.some_unwanted", names
        if state is SourceState.STARTING and monotonic() - self._began > self._pause_s:
            return SourceState.DEGRADED, "connect.push.silent", {"seconds": f"{self._pause_s:g}"}
        return state, _OWN_WORDS.get(key, key), fields

    def _shown_rivals(self) -> list[tuple[str, float, str, str]]:
        since = monotonic() - LOSS_SHOWN_S
        return [(address, *one) for address, one in sorted(self._rivals.items()) if one[0] >= since]


@dataclass(slots=True)
class _Write:
    """One write on its way to the disk."""

    table: pa.Table
    done: bool = False
    error: Exception | None = None


class PushSource(Source):
    """Takes what is pushed while it runs: see `take_lines` and `take_rows`."""

    PROMISE = Promise.ACKNOWLEDGED
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "settle_s": Option(60.0, "After a silence, how long a wanted address may stay out unnoticed.", 0, 86_400),
    }

    def __init__(self, settings: SourceSettings, wanted: Mapping[str, Kind]) -> None:
        super().__init__(settings, wanted)
        self._pause_us = round(settings.stale_after_s * 1_000_000)
        self._lines = LineReader(self.wanted, self._pause_us)
        self._rows = RowReader(self.wanted)
        self._sink: Sink | None = None
        self._delivery: _Pushed | None = None
        self._heard = Heard(self._pause_us, [])
        self._present: int | None = None
        self._settled = float("inf")
        self._holds = False
        self._committing = asyncio.Lock()
        self._waiting: list[_Write] = []

    async def run(self, sink: Sink) -> None:
        """Lets others push until cancelled."""
        self._sink = sink
        self._present = self.memory.get("heard")
        self._heard = Heard(self._pause_us, self.memory.setdefault("spans", []))
        if self._present is not None:
            self._heard.add(self._present, self._present)
        self._delivery = delivery = _Pushed(sink, self.settings, self.wanted, self.memory, self.vitals)
        delivery.judge()
        try:
            await every(HEARD_EVERY_S, self._tell)
        except asyncio.CancelledError:
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await self._tell()
                    await delivery.tell_losses()
            raise
        finally:
            self._delivery = None
            delivery.say(SourceState.STOPPED, "connect.push.stopped")

    async def take_lines(self, body: bytes, unit_ns: int) -> Found:
        """Takes a body of line protocol whose timestamps count `unit_ns`; what is wanted of it is durable on return.

        Raises Unreachable while the source does not run, and what its sink raises.
        """
        found, said = await self._read(lambda now: self._lines.read(body, unit_ns, now))
        await self._keep(found, said)
        return found

    async def take_rows(self, body: bytes) -> RowsTold:
        """Takes rows of JSON; what is wanted of them is durable on return.

        Raises UnusableData for a body that is no JSON, and what `take_lines` raises.
        """
        found, said = await self._read(lambda now: self._rows.read(body, now))
        await self._keep(found, said)
        return found

    async def take_edge(self, body: bytes) -> RowsTold:
        """Takes rows of an edge, which tells itself when it heard and what it lost; all of it is durable on return.

        Raises what `take_rows` raises.
        """
        found, said = await self._read(lambda now: self._rows.read(body, now, edge=True))
        delivery, sink = self._delivery, self._sink
        if delivery is None or sink is None:
            raise Unreachable("connect.push.not_running", source=self.settings.id)
        delivery.note(found)
        if said is not None:
            await self._commit(said.table)
        for loss in found.lost:
            await sink.lost(*loss[:2], **loss.fields)
        spans = linked(found.heard)
        for place, (start, end) in enumerate(spans, 1):
            await sink.heard(start, end, durable=place == len(spans))
        delivery.told(found, said.newest if said else [])
        return found

    @property
    def unwanted(self) -> tuple[dict[str, int], int]:
        """How many values came under each name that no signal wants, and under further such names."""
        return ({}, 0) if self._delivery is None else (dict(self._delivery.unwanted), self._delivery.further)

    @property
    def edge_now(self) -> int | None:
        """The present by the clock of the edge that tells when it heard; None where none does."""
        return None if self._delivery is None else self._delivery.edge_now

    async def _read(self, read: Callable[[int], _F]) -> tuple[_F, _Said | None]:
        came = now_us()  # what has no time of its own is of this moment, however long it waits to be read

        def work() -> tuple[_F, _Said | None]:
            found = read(came)
            return found, _Said.of(found.batches, self._pause_us)

        return await asyncio.get_running_loop().run_in_executor(_reader, work)

    async def _keep(self, found: Found | RowsTold, said: _Said | None) -> None:
        delivery = self._delivery
        if delivery is None:
            raise Unreachable("connect.push.not_running", source=self.settings.id)
        delivery.note(found)
        if said is None:
            return
        now = now_us()
        start, end = said.spans[-1]
        self.vitals.heard.note(said.table.num_rows)
        is_present = end >= now - self._pause_us
        if self._present is not None and now < self._present:  # the clock was set back
            self._present = now
            self._heard.cut(now)
        if is_present:
            self._begin(delivery, min(start, now), now)
        await self._commit(said.table)
        if is_present:
            self._present = now
            self.vitals.arrived(now - end)
            said.spans[-1] = min(start, now), now
            delivery.present(said.newest)
        else:
            delivery.past(now - end)
        for span in said.spans:
            self._heard.add(*span)
        delivery.valued()
        if said.bad[0]:
            delivery.notice("connect.push.not_a_number", count=said.bad[0], address=said.bad[1])

    def _begin(self, delivery: _Pushed, start: int, now: int) -> None:
        """Begins anew after a silence that nothing said since has filled: what held before it may hold no more."""
        silent = self._present is None or now - self._present > self._pause_us
        since = self._heard.reaching(start)
        joined = since is not None and self._present is not None and since <= self._present
        if self._settled == float("inf") or (silent and not joined):
            delivery.connected()
            self._holds = joined
            self._settled = monotonic() + self.number("settle_s")

    async def _commit(self, table: pa.Table) -> None:
        """Returns when the rows are durable. Writes that wait for the disk go to it together."""
        write = _Write(table)
        self._waiting.append(write)
        self.vitals.waits(sum(one.table.num_rows for one in self._waiting))
        async with self._committing:
            if not write.done and write.error is None:
                await self._commit_all(write)
                self.vitals.waits(sum(one.table.num_rows for one in self._waiting))
        if write.error is not None:
            raise write.error

    async def _commit_all(self, own: _Write) -> None:
        assert self._sink is not None  # noqa: S101 - there is a delivery, so there is a sink
        together, self._waiting = self._waiting, []
        try:
            whole = pa.concat_tables([write.table for write in together]).combine_chunks()
            await self._sink.observe(whole.to_batches()[0])
        except asyncio.CancelledError:
            self._waiting = [write for write in together if write is not own] + self._waiting
            raise
        except Exception as error:  # noqa: BLE001 - each of those who wait is told
            for write in together:
                write.error = error
        else:
            for write in together:
                write.done = True

    async def _tell(self) -> None:
        delivery = self._delivery
        assert delivery is not None and self._sink is not None  # noqa: PT018, S101 - they are there while it runs
        if monotonic() >= self._settled:
            delivery.refuse_unheard(hold=self._holds)
        await delivery.tell()
        for start, end in self._heard.take_untold():
            await self._sink.heard(start, end)
