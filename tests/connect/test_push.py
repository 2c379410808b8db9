from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest

from lineside.connect import MemorySink, PushSource, SourceSettings
from lineside.connect.live import now_us
from lineside.errors import LinesideError, Unreachable
from lineside.history import Quality
from lineside.plant import Kind

WANTED: dict[str, Kind] = {"m#load": "measure", "m#mode": "state"}
SECOND = 1_000_000


@asynccontextmanager
async def pushing(
    sink: MemorySink, wanted: Mapping[str, Kind] = WANTED, memory: dict[str, Any] | None = None, **settings: Any
) -> AsyncIterator[PushSource]:
    """A source that runs while the block does."""
    source = PushSource(SourceSettings.model_validate({"id": "mill", "type": "push", **settings}), wanted)
    source.memory = {} if memory is None else memory
    task = asyncio.create_task(source.run(sink))
    await asyncio.sleep(0)
    try:
        yield source
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def state(sink: MemorySink) -> tuple[str, str]:
    """How it says it is."""
    return sink.told[-1].state.value, sink.told[-1].key.removeprefix("connect.push.")


async def until(sink: MemorySink, *wanted: str) -> dict[str, object]:
    """What is told once it is so."""
    await sink.until(lambda s: bool(s.told) and state(s) == wanted)
    return sink.told[-1].fields


async def test_it_is_active_once_wanted_values_are_pushed() -> None:
    """What is heard is told up to the last push, and nothing before the first."""
    sink = MemorySink()
    before = now_us()
    async with pushing(sink) as source:
        assert state(sink) == ("starting", "starting")
        await source.take_lines(b'm load=1,mode="ACTIVE"', 1)
        await until(sink, "active", "active")
        await source.take_rows(b'{"address": "m#load", "value": 2}')
        last = now_us()
        await sink.until(lambda s: s.spans[-1][1] > s.spans[0][1])

    assert [row[2:4] for row in sink.observations] == [(1.0, None), (None, "ACTIVE"), (2.0, None)]
    assert before <= min(start for start, _ in sink.spans)
    assert max(end for _, end in sink.spans) <= last
    assert state(sink) == ("stopped", "stopped")


async def test_names_that_no_signal_wants_are_told() -> None:
    """Alone they are a fault of the plant file; beside wanted ones they are worth knowing. Their number is bounded."""
    sink = MemorySink()
    async with pushing(sink) as source:
        await source.take_lines(b"m power=1\nm power=2\nn load=1", 1)
        told = await until(sink, "degraded", "none_wanted")
        assert (told["count"], told["names"]) == (2, "m#power, n#load")
        await source.take_lines(b"m load=1", 1)
        await until(sink, "active", "some_unwanted")
        await source.take_lines("\n".join(f"x f{n}=1" for n in range(2_000)).encode(), 1)
        unwanted, further = source.unwanted

    assert (unwanted["m#power"], len(unwanted), further) == (2, 1_000, 1_002)


@pytest.mark.parametrize("pushed", [b"", b"m load=1"])
async def test_silence_is_told(pushed: bytes) -> None:
    """Also where nobody has pushed since the node was started; it ends with the next push."""
    sink = MemorySink()
    async with pushing(sink, stale_after_s=1.5) as source:
        await source.take_lines(pushed, 1)
        told = await until(sink, "degraded", "silent")
        await source.take_lines(b"m load=2", 1)
        await until(sink, "active", "active")

    assert told["seconds"] == "1.5"


async def test_a_backlog_fills_the_time_it_tells_of() -> None:
    """It tells nothing of now; when it has reached the present, no gap remains and what held before still holds."""
    now = now_us()
    sink, memory = MemorySink(), {"heard": now - 100 * SECOND}
    async with pushing(sink, memory=memory, stale_after_s=20, options={"settle_s": 0}) as source:
        for ago in range(90, 25, -10):
            await source.take_lines(b"m load=%d %d" % (ago, now - ago * SECOND), 1_000)
        told = await until(sink, "degraded", "behind")
        at = now_us()
        for ago in range(20, -1, -10):
            await source.take_lines(b"m load=%d %d" % (ago, now - ago * SECOND), 1_000)
        await until(sink, "degraded", "refused")

    assert told["seconds"] in range(30, 32 + (at - now) // SECOND)
    assert [row.number for row in sink.observations] == [float(ago) for ago in range(90, -1, -10)]
    whole = sorted(sink.spans)
    assert whole[0][0] == now - 100 * SECOND
    assert max(end for _, end in whole) >= now
    assert all(after[0] <= before[1] for before, after in pairwise(whole))


async def test_after_a_gap_what_is_not_pushed_again_has_no_value() -> None:
    """What an address had before the silence is not known to hold; it is named until it is pushed."""
    sink, memory = MemorySink(), {"heard": now_us() - 100 * SECOND}
    async with pushing(sink, memory=memory, options={"settle_s": 0}) as source:
        began = now_us()
        await source.take_lines(b"m load=1", 1)
        told = await until(sink, "degraded", "refused")
        await sink.until(lambda s: len(s.observations) == 2)
        ended = sink.observations[1]
        await source.take_lines(b'm mode="ACTIVE"', 1)
        await until(sink, "active", "active")

    assert told["names"] == "m#mode"
    assert (ended.address, ended.quality) == ("m#mode", Quality.NO_DATA)
    assert began <= ended.time <= now_us()
    assert min(start for start, _ in sink.spans if start > began - SECOND) >= began
    assert sink.observations[2].text == "ACTIVE"


async def test_two_series_for_one_address_are_told() -> None:
    """Only the first is taken, and both are named."""
    sink = MemorySink()
    async with pushing(sink, {"m#load": "measure"}) as source:
        await source.take_lines(b"m,host=a load=1\nm,host=b load=2", 1)
        told = await until(sink, "degraded", "rivals")

    assert (told["address"], told["taken"], told["other"]) == ("m#load", "m,host=a#load", "m,host=b#load")
    assert [row.number for row in sink.observations] == [1.0]


async def test_a_text_where_a_number_belongs_is_kept_as_bad_and_told() -> None:
    """The others of the body are taken; it stays as an event."""
    sink = MemorySink()
    async with pushing(sink) as source:
        await source.take_lines(b'm load="ERR",mode="READY"', 1)
        await until(sink, "degraded", "not_a_number")

    assert [(row.address, row.quality.name) for row in sink.observations] == [("m#load", "BAD"), ("m#mode", "GOOD")]
    assert [key for _, key, _ in sink.losses] == ["connect.push.not_a_number"]


async def test_a_clock_that_is_ahead_is_told() -> None:
    """Its values are kept under the times it says."""
    sink = MemorySink()
    async with pushing(sink, {"m#load": "measure"}) as source:
        await source.take_lines(b"m load=1 %d" % (now_us() + 300 * SECOND), 1_000)
        told = await until(sink, "degraded", "clock_ahead")

    assert told["seconds"] in range(295, 301)


class SlowSink(MemorySink):
    """A disk that is written to when it is let to, and may refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.free = asyncio.Event()
        self.error: Exception | None = None

    async def observe(self, batch: pa.RecordBatch) -> None:
        """Keeps the batch when it may."""
        await self.free.wait()
        if self.error is not None:
            raise self.error
        await super().observe(batch)


async def test_writes_that_wait_go_to_disk_together_and_none_is_acknowledged_before() -> None:
    """Each returns after the commit that holds it."""
    sink = SlowSink()
    async with pushing(sink) as source:
        writes = [asyncio.create_task(source.take_lines(b"m load=%d" % n, 1)) for n in range(20)]
        async with asyncio.timeout(60):
            while source.vitals.waiting < len(writes) - 1:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        acknowledged = [write.done() for write in writes]
        sink.free.set()
        await asyncio.gather(*writes)

    assert not any(acknowledged)
    assert [row.number for row in sink.observations] == [float(n) for n in range(20)]
    assert len(sink.batches) < 5


async def test_whoever_waits_for_a_failed_commit_is_told() -> None:
    """Everybody whose values it held, and nobody after it."""
    sink = SlowSink()
    sink.error = LinesideError("history.disk_full", folder="data")
    async with pushing(sink) as source:
        writes = [asyncio.create_task(source.take_lines(b"m load=%d" % n, 1)) for n in range(5)]
        await asyncio.sleep(0.3)
        sink.free.set()
        told = await asyncio.gather(*writes, return_exceptions=True)
        sink.error = None
        await source.take_lines(b"m load=9", 1)

    assert [getattr(error, "key", error) for error in told] == ["history.disk_full"] * 5
    assert [row.number for row in sink.observations] == [9.0]


async def test_a_writer_that_goes_away_takes_no_other_with_it() -> None:
    """What waited together with its values is committed by the next."""
    sink = SlowSink()
    async with pushing(sink) as source:
        writes = [asyncio.create_task(source.take_lines(b"m load=%d" % n, 1)) for n in range(6)]
        await asyncio.sleep(0.3)
        writes[0].cancel()
        writes[1].cancel()
        await asyncio.sleep(0.1)
        sink.free.set()
        await asyncio.gather(*writes, return_exceptions=True)

    assert {row.number for row in sink.observations} >= {2.0, 3.0, 4.0, 5.0}
    assert [write.cancelled() for write in writes] == [True, True, False, False, False, False]


async def test_what_does_not_run_takes_nothing() -> None:
    """Whoever pushes then is told to come again."""
    source = PushSource(SourceSettings.model_validate({"id": "mill", "type": "push"}), WANTED)
    with pytest.raises(Unreachable):
        await source.take_lines(b"m load=1", 1)
    async with pushing(MemorySink()) as running:
        pass
    with pytest.raises(Unreachable):
        await running.take_rows(b"[]")


async def test_what_is_pushed_is_measured() -> None:
    """How many values, how many waited for the disk, and how old the newest were when they came."""
    sink = MemorySink()
    async with pushing(sink) as source:
        await source.take_lines(
            f'm load=1,mode="ACTIVE" {now_us() - 3 * SECOND}\nm load=2 {now_us() - 2 * SECOND}'.encode(), 1_000
        )
        vitals = source.vitals

    assert vitals.heard.per_second > 0
    assert (vitals.waiting, vitals.most_waiting) == (0, 3)
    assert vitals.skew_s is not None
    assert 2 <= vitals.skew_s < 20
