from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineside.connect import MemorySink, Observation, SourceState
from lineside.connect.live import now_us
from lineside.connect.set_aside import SetAside
from lineside.connect.shdr_text import ShdrText
from lineside.history import Quality
from lineside.plant import Kind
from tests.connect.shdr_adapter import Adapter

Listening = Callable[..., AbstractAsyncContextManager[MemorySink]]

T = "2024-04-09T10:39:25"
WANTED: dict[str, Kind] = {"exec": "state", "load": "measure", "cond": "condition"}
GREETING = f"""\
* adapterVersion: 2.0
{T}.115633Z|exec|READY|load|UNAVAILABLE
{T}.2Z|cond|Normal||||
<<<<<<< HEAD
{T}.2Z|@ASSET@|1.20|CuttingTool|--multiline--AB
<CuttingTool><Description/>
<ToolLife>{T}.3Z|load|99</ToolLife>
--multiline--AB
=======
{T}.541Z|exec|ACTIVE|other|1
{T}.6Z|cond|WARNING|406|2|HIGH|MEMORY PROTECT|load|12.5
>>>>>>> 3f2a
{T}.7Z|load|主轴
{T}.8Z|cond|Fault|1101|||INTERFERE
""".encode()


def stamp(time: int) -> str:
    """A time as SHDR writes it."""
    return datetime.fromtimestamp(time // 1_000_000, UTC).strftime(f"%Y-%m-%dT%H:%M:%S.{time % 1_000_000:06}Z")


def values(sink: MemorySink) -> list[tuple[str, float | str | None]]:
    """Address and value of everything observed."""
    return [(o.address, o.text if o.number is None else o.number) for o in sink.observations]


def told(key: str) -> Callable[[MemorySink], bool]:
    """Holds when a source has said this of itself."""
    return lambda sink: any(one.key == key for one in sink.told)


def observed(count: int) -> Callable[[MemorySink], bool]:
    """Holds when this many values have come."""
    return lambda sink: len(sink.observations) >= count


async def test_what_an_adapter_says_is_observed(listening: Listening) -> None:
    """Values, conditions, lost signals; neither assets, nor merge markers, nor what nobody asked for."""
    async with Adapter(GREETING) as adapter, listening(adapter.url, WANTED) as sink:
        await sink.until(observed(8))

    assert values(sink) == [
        ("exec", "READY"),
        ("load", None),
        ("cond", "NORMAL"),
        ("exec", "ACTIVE"),
        ("cond", "WARNING"),
        ("load", 12.5),
        ("load", None),
        ("cond", "FAULT"),
    ]
    assert [o.quality for o in sink.observations if o.address == "load"] == [Quality.NO_DATA, Quality.GOOD, Quality.BAD]


async def test_times_are_those_of_the_machine(listening: Listening) -> None:
    """Milliseconds and microseconds mixed, each to the microsecond."""
    async with Adapter(GREETING) as adapter, listening(adapter.url, WANTED) as sink:
        await sink.until(observed(8))

    assert [o.time % 1_000_000 for o in sink.observations if o.address == "exec"] == [115_633, 541_000]


async def test_a_source_that_gives_values_is_active(listening: Listening) -> None:
    """From connecting to the first value, and stopped at the end."""
    async with Adapter(GREETING) as adapter, listening(adapter.url, WANTED) as sink:
        await sink.until(told("connect.active"))

    assert [(one.state, one.key) for one in sink.told if one.key != "connect.waiting"] == [
        (SourceState.STARTING, "connect.starting"),
        (SourceState.ACTIVE, "connect.active"),
        (SourceState.STOPPED, "connect.stopped"),
    ]


async def test_what_was_heard_before_stopping_is_handed_on(listening: Listening) -> None:
    """A source that is stopped gives its last values first."""
    async with Adapter(f"{T}Z|load|1\n".encode()) as adapter, listening(adapter.url, WANTED) as sink:
        await adapter.asked.get()
        await sink.until(observed(1))
        adapter.say(f"{T}Z|load|2\n")
        await asyncio.sleep(0.05)

    assert values(sink) == [("load", 1.0), ("load", 2.0)]
    assert sink.spans[-1][1] >= sink.spans[-1][0] > 0


async def test_what_an_adapter_repeats_is_observed_once(listening: Listening) -> None:
    """Whoever connects again gets the same last values; they did not happen twice."""
    async with Adapter(f"{T}Z|load|1\n".encode()) as adapter, listening(adapter.url, WANTED) as sink:
        await sink.until(observed(1))
        adapter.hang_up()
        await sink.until(told("connect.closed"))
        adapter.greeting += f"{T}.5Z|load|2\n".encode()
        await sink.until(observed(2))

    assert values(sink) == [("load", 1.0), ("load", 2.0)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(GREETING)), max_size=12))
async def test_where_packets_end_does_not_matter(listening: Listening, cuts: list[int]) -> None:
    """Cut at any byte, also within a Chinese letter, the stream says the same."""
    edges = [0, *sorted(cuts), len(GREETING)]
    text = ShdrText(WANTED, SetAside())
    expected = [o for line in GREETING.decode().splitlines() for o in text.read(line, 0)]

    async with Adapter() as adapter, listening(adapter.url, WANTED) as sink:
        await adapter.asked.get()
        for start, end in pairwise(edges):
            adapter.say(GREETING[start:end])
            await asyncio.sleep(0)
        adapter.hang_up()
        await sink.until(told("connect.closed"))

    assert sink.observations == expected


async def test_a_line_that_was_begun_when_the_connection_ended_is_no_value(listening: Listening) -> None:
    """12 may have been the beginning of 12.5, or of 1200."""
    async with Adapter(f"{T}Z|load|1\n{T}.5Z|load|12".encode()) as adapter, listening(adapter.url, WANTED) as sink:
        await sink.until(observed(1))
        adapter.hang_up()
        await sink.until(told("connect.closed"))

    assert values(sink) == [("load", 1.0)]


async def test_an_endless_line_ends_the_conversation(listening: Listening) -> None:
    """What is no adapter cannot fill the memory."""
    async with Adapter(b"x" * 5_000_000) as adapter, listening(adapter.url, WANTED) as sink:
        await sink.until(told("connect.shdr.line_too_long"))

    assert sink.observations == []


async def test_the_heartbeat_is_asked_for_in_the_rhythm_of_the_answer(listening: Listening) -> None:
    """`* PONG 100` asks for a sign of life every 100 ms."""
    async with (
        Adapter(pong=b"* PONG 100\n") as adapter,
        listening(adapter.url, WANTED, stale_after_s=9),
        asyncio.timeout(11),  # unasked, every three seconds, it would take twelve
    ):
        asked = [await adapter.asked.get() for _ in range(5)]

    assert asked == [b"* PING\n"] * 5


async def test_a_heartbeat_covers_time_in_which_nothing_changes(listening: Listening) -> None:
    """While an adapter answers, what it does not mention has not changed."""
    async with (
        Adapter(f"{T}Z|load|1\n".encode(), pong=b"* PONG 100\n") as adapter,
        listening(adapter.url, WANTED, stale_after_s=3) as sink,  # a busy machine may stand still for a second
    ):
        await sink.until(lambda s: bool(s.spans) and s.spans[-1][1] - s.spans[0][0] > 3_600_000)

    assert all(one[1] == two[0] for one, two in pairwise(sink.spans))
    assert sink.told[-2].key == "connect.active"


async def test_an_adapter_that_only_answers_the_heartbeat_gives_no_values(listening: Listening) -> None:
    """The adapter lives, the machine behind it is not connected."""
    async with Adapter(pong=b"* PONG 100\n") as adapter, listening(adapter.url, WANTED, stale_after_s=0.5) as sink:
        await sink.until(told("connect.no_values"))

    assert sink.told[-2].state is SourceState.DEGRADED


async def test_an_adapter_that_stops_answering_the_heartbeat_is_left(listening: Listening) -> None:
    """Who ever answered must go on answering, or the connection is dead."""
    async with (
        Adapter(f"{T}Z|load|1\n".encode(), pong=b"* PONG 200\n") as adapter,
        listening(adapter.url, WANTED, stale_after_s=0.5) as sink,
    ):
        await sink.until(told("connect.active"))
        adapter.pong = adapter.greeting = b""
        await sink.until(told("connect.shdr.no_pong"))

    assert any(one.key == "connect.shdr.no_pong" and one.state is SourceState.DEGRADED for one in sink.told)


async def test_a_source_that_sends_nothing_is_silent(listening: Listening) -> None:
    """The line stands and no data flows: that is said, with the seconds."""
    async with Adapter() as adapter, listening(adapter.url, WANTED, stale_after_s=0.5) as sink:
        await sink.until(told("connect.silent"))

    silent = next(one for one in sink.told if one.key == "connect.silent")
    assert silent.state is SourceState.DEGRADED
    assert "0.5 s" in silent.sentence()
    assert "0.5" in silent.sentence("zh")
    assert sink.spans == []


async def test_coverage_stops_at_the_last_thing_heard(listening: Listening) -> None:
    """Silence after it is not claimed as known."""
    async with Adapter(f"{T}Z|load|1\n".encode()) as adapter, listening(adapter.url, WANTED, stale_after_s=0.5) as sink:
        await sink.until(observed(1))
        heard_by = now_us()
        await sink.until(told("connect.silent"))

    assert max(end for _, end in sink.spans) <= heard_by


async def test_a_source_connects_again_when_the_adapter_is_back(listening: Listening, free_port: int) -> None:
    """Refused while it is away, told as such, and its values flow again by themselves."""
    line = f"{T}Z|load|1\n".encode()
    async with listening(f"tcp://127.0.0.1:{free_port}", WANTED) as sink:
        async with Adapter(line, port=free_port):
            await sink.until(told("connect.active"))
        await sink.until(lambda s: s.told[-1].key == "connect.unreachable")
        async with Adapter(line + f"{T}.5Z|load|2\n".encode(), port=free_port):
            await sink.until(observed(2))

    assert values(sink) == [("load", 1.0), ("load", 2.0)]
    assert "connect.closed" in [one.key for one in sink.told]


async def test_a_lost_connection_is_a_gap_however_short(listening: Listening) -> None:
    """An adapter keeps nothing while we are away, so nothing is claimed about that time."""
    async with Adapter(f"{T}Z|load|1\n".encode()) as adapter, listening(adapter.url, WANTED, stale_after_s=30) as sink:
        await sink.until(observed(1))
        adapter.hang_up()
        await sink.until(told("connect.closed"))
        gone = now_us()
        adapter.greeting = b""
        while adapter.asked.qsize():
            adapter.asked.get_nowait()
        await adapter.asked.get()
        back = now_us()
        adapter.say(f"{T}.5Z|load|2\n")
        await sink.until(observed(2))

    assert sink.spans
    assert [(start, end) for start, end in sink.spans if start < gone and end > back] == []
    assert sink.spans[-1][0] >= back


async def test_times_of_a_wrong_clock_are_set_aside_and_told(listening: Listening) -> None:
    """Before 1990 or days ahead: the value is not kept, the one before it has ended, and the address is named."""
    lines = f"1970-01-01T00:00:00Z|load|1\n2199-01-01T00:00:00Z|load|2\n{T}Z|exec|READY\n"
    wanted: dict[str, Kind] = {"exec": "state", "load": "measure"}
    async with Adapter(lines.encode()) as adapter, listening(adapter.url, wanted, options={"settle_s": 0.8}) as sink:
        await sink.until(told("connect.clock"))

    clock = next(one for one in sink.told if one.key == "connect.clock")
    assert (clock.state, clock.fields["address"]) == (SourceState.DEGRADED, "load")
    assert values(sink) == [("load", None), ("exec", "READY")]
    assert not told("connect.refused")(sink)


async def test_a_clock_that_was_set_right_is_forgiven(listening: Listening) -> None:
    """The source is active again as soon as the address gives a time that can be."""
    async with Adapter(b"1970-01-01T00:00:00Z|load|1\n") as adapter, listening(adapter.url, WANTED) as sink:
        await sink.until(told("connect.clock"))
        adapter.say(f"{T}Z|load|2\n")
        await sink.until(told("connect.active"))

    assert values(sink) == [("load", None), ("load", 2.0), ("load", 2.0)]
    none, told_late, again = sink.observations
    assert told_late.time < none.time < again.time


async def test_items_an_adapter_never_mentions_are_named(listening: Listening) -> None:
    """The names in the plant file may be wrong: the ones without values are told, the others flow."""
    async with (
        Adapter(f"{T}Z|exec|READY\n".encode()) as adapter,
        listening(adapter.url, {"exec": "state", "lod": "measure"}, options={"settle_s": 1}) as sink,
    ):
        await sink.until(told("connect.refused"))

    refused = next(one for one in sink.told if one.key == "connect.refused")
    assert (refused.fields["count"], refused.fields["names"]) == (1, "lod")
    assert values(sink) == [("exec", "READY"), ("lod", None)]


async def test_a_value_the_adapter_does_not_repeat_has_ended(listening: Listening) -> None:
    """After an interruption only what is said again is known; the other has no value from the new connection on."""
    greeting = f"{T}Z|exec|ACTIVE\n{T}Z|load|1\n".encode()
    wanted: dict[str, Kind] = {"exec": "state", "load": "measure"}
    async with Adapter(greeting) as adapter, listening(adapter.url, wanted, options={"settle_s": 1}) as sink:
        await sink.until(observed(2))
        adapter.greeting = f"{T}Z|load|1\n".encode()
        adapter.hang_up()
        await sink.until(told("connect.closed"))
        gone = now_us()
        await sink.until(told("connect.refused"))
        adapter.say(f"{T}Z|exec|ACTIVE\n")
        await sink.until(lambda s: s.told[-1].key == "connect.active")
        await sink.until(observed(5))

    none, late, again = sink.observations[2:]
    assert values(sink)[2:] == [("exec", None), ("exec", "ACTIVE"), ("exec", "ACTIVE")]
    assert none.quality is Quality.NO_DATA
    assert late.time < gone < none.time < again.time


async def test_a_clock_that_runs_ahead_is_told_with_the_seconds(listening: Listening) -> None:
    """Its values are kept under its times; set right, the source is active again."""
    wanted: dict[str, Kind] = {"exec": "state"}
    ahead = now_us() + 300_000_000
    async with Adapter(f"{stamp(ahead)}|exec|READY\n".encode()) as adapter, listening(adapter.url, wanted) as sink:
        await sink.until(told("connect.clock_ahead"))
        adapter.say(f"{stamp(now_us())}|exec|ACTIVE\n")
        await sink.until(told("connect.active"))

    clock = next(one for one in sink.told if one.key == "connect.clock_ahead")
    assert clock.state is SourceState.DEGRADED
    assert 290 < int(str(clock.fields["seconds"])) <= 300
    assert sink.observations[0].time == ahead


async def test_relative_times_are_read_where_the_engineer_says_so(listening: Listening) -> None:
    """Milliseconds since the adapter began are placed by when the first came."""
    before = now_us()
    async with (
        Adapter(b"1000|load|1\n1500|load|2\n") as adapter,
        listening(adapter.url, WANTED, options={"relative_time": True}) as sink,
    ):
        await sink.until(observed(2))

    first, second = sink.observations
    assert before <= first.time <= now_us()
    assert second == Observation("load", first.time + 500_000, 2.0, None, Quality.GOOD)
