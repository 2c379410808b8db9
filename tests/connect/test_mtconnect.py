from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from time import monotonic

import pyarrow as pa
import pytest

from lineside.connect import MemorySink, Source, SourceSettings, SourceState, Told, source
from lineside.connect.live import now_us
from lineside.history import Quality
from lineside.plant import Kind
from tests.connect.mtconnect_agent import Agent

Listening = Callable[..., AbstractAsyncContextManager[MemorySink]]

WANTED: dict[str, Kind] = {"exec": "state", "load": "measure", "system": "condition"}
QUICK = {"heartbeat_s": 0.1, "interval_ms": 10, "connect_s": 2}


def values(sink: MemorySink) -> list[tuple[str, float | str | None]]:
    """Address and value of everything observed."""
    return [(o.address, o.text if o.number is None else o.number) for o in sink.observations]


def loads(sink: MemorySink) -> list[float | None]:
    """The values of the load, in the order they came."""
    return [o.number for o in sink.observations if o.address == "load"]


def told(key: str) -> Callable[[MemorySink], bool]:
    """Holds when a source has said this of itself."""
    return lambda sink: any(one.key == key for one in sink.told)


def first_told(sink: MemorySink, key: str) -> Told:
    """What was said under a key for the first time."""
    return next(one for one in sink.told if one.key == key)


def has_load(number: float) -> Callable[[MemorySink], bool]:
    """Holds when this value of the load has come."""
    return lambda sink: number in loads(sink)


@asynccontextmanager
async def running(peer: Source, sink: MemorySink) -> AsyncIterator[None]:
    """A source delivers while the block runs."""
    task = asyncio.create_task(peer.run(sink))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(claim: Callable[[], bool]) -> None:
    """Waits for a claim to hold."""
    async with asyncio.timeout(60):
        while not claim():  # noqa: ASYNC110 - the agent tells nobody what it was asked
            await asyncio.sleep(0.005)


class FullAfterOne(MemorySink):
    """A sink that keeps one batch and has no room for another."""

    async def observe(self, batch: pa.RecordBatch) -> None:
        """Keeps the first."""
        if self.batches:
            raise OSError(28, "full")
        await super().observe(batch)


async def test_what_is_now_comes_first_and_then_what_follows(listening: Listening) -> None:
    """The last value of every item, and from there each change in sequence, whatever else the agent knows."""
    async with Agent() as agent:
        agent.add("i1", "READY", "ACTIVE")
        agent.add("i2", "UNAVAILABLE")
        agent.add("i3", "Fault")
        async with listening(agent.url, WANTED, options=QUICK) as sink:
            await sink.until(lambda s: len(s.observations) == 3)
            agent.add("i4", "unwanted")
            agent.add("i2", "1", "2", "many", "3")
            agent.add("i3", "Normal")
            await sink.until(lambda s: len(s.observations) == 8)

    assert values(sink) == [
        ("exec", "ACTIVE"),
        ("load", None),
        ("system", "FAULT"),
        ("load", 1.0),
        ("load", 2.0),
        ("load", None),
        ("load", 3.0),
        ("system", "NORMAL"),
    ]
    assert [o.quality for o in sink.observations if o.number is None and o.address == "load"] == [
        Quality.NO_DATA,
        Quality.BAD,
    ]
    assert sink.observations[0].time == 1_704_067_202_500_000


async def test_the_stream_is_asked_for_from_the_next_sequence(listening: Listening) -> None:
    """Nothing between the snapshot and the stream is missed or asked for twice."""
    async with Agent() as agent:
        agent.add("i2", "1", "2")
        async with listening(agent.url, WANTED, options=QUICK) as sink:
            agent.before_sample = lambda: agent.add("i2", "3") if agent.next == 3 else None
            await sink.until(has_load(3))

    assert loads(sink) == [2.0, 3.0]
    assert [target for target in agent.asked if "from=3&" in target]


async def test_an_agent_with_nothing_new_is_active(listening: Listening) -> None:
    """Its heartbeat covers the time in which nothing changes."""
    async with Agent() as agent:
        agent.add("i1", "READY")
        agent.add("i2", "1")
        agent.add("i3", "Normal")
        async with listening(agent.url, WANTED, options=QUICK, stale_after_s=3) as sink:
            # a busy machine may stand still for a second
            await sink.until(lambda s: bool(s.spans) and s.spans[-1][1] - s.spans[0][0] > 3_600_000)

    assert sink.told[-2].key == "connect.active"
    assert all(one[1] == two[0] for one, two in zip(sink.spans, sink.spans[1:], strict=False))


async def test_an_agent_that_answers_with_single_documents_is_asked_again(listening: Listening) -> None:
    """Old agents do not stream; the sequence goes on all the same."""
    async with Agent(streaming=False) as agent:
        agent.add("i2", "1")
        async with listening(agent.url, WANTED, options=QUICK) as sink:
            await sink.until(has_load(1))
            agent.add("i2", "2", "3")
            await sink.until(has_load(3))
            agent.add("i2", "4")
            await sink.until(has_load(4))

    assert loads(sink) == [1.0, 2.0, 3.0, 4.0]


async def test_a_cut_connection_loses_nothing(listening: Listening) -> None:
    """What happened meanwhile is replayed in sequence, once, and coverage has no gap."""
    async with Agent() as agent:
        agent.add("i1", "READY")
        agent.add("i2", "1")
        async with listening(agent.url, WANTED, options=QUICK) as sink:
            await sink.until(lambda s: has_load(1)(s) and bool(s.spans))
            agent.cut()
            agent.add("i2", "2", "3")
            await sink.until(has_load(3))
            after = now_us()
            await sink.until(lambda s: s.spans[-1][1] > after)

    assert loads(sink) == [1.0, 2.0, 3.0]
    assert not told("connect.mtconnect.gap")(sink)
    assert all(one[1] == two[0] for one, two in zip(sink.spans, sink.spans[1:], strict=False))


async def test_what_the_agent_has_overwritten_is_counted(listening: Listening) -> None:
    """Away for longer than the buffer holds: how much is lost is told, and the rest is replayed."""
    async with Agent() as agent:
        agent.add("i2", "1")
        async with listening(agent.url, WANTED, options=QUICK) as sink:
            await sink.until(has_load(1))
            agent.cut()
            agent.add("i2", "2", "3", "4", "5")
            agent.forget(3)
            await sink.until(lambda s: has_load(5)(s) and told("connect.mtconnect.gap")(s))

    gap = first_told(sink, "connect.mtconnect.gap")
    assert (gap.state, gap.fields["count"]) == (SourceState.DEGRADED, 2)
    assert loads(sink) == [1.0, 4.0, 5.0]


async def test_what_was_lost_is_a_gap_that_is_kept_and_shown(listening: Listening) -> None:
    """The time of the lost values is not covered, the loss is told as an event, and the source shows it."""
    async with Agent() as agent:
        agent.add("i1", "READY")
        agent.add("i2", "1")
        async with listening(agent.url, WANTED, options=QUICK) as sink:
            await sink.until(lambda s: has_load(1)(s) and bool(s.spans))
            agent.cut()
            gone = now_us()
            agent.add("i1", "ACTIVE")
            agent.add("i2", "2", "3")
            agent.forget(4)
            await sink.until(lambda s: bool(s.losses) and s.spans[-1][1] > gone)
            await sink.until(lambda s: s.spans[-1][1] > s.spans[-1][0])

    assert [one for one in sink.spans if one[0] < gone < one[1]] == []
    assert sink.told[-2].key == "connect.mtconnect.gap"
    ((time, key, fields),) = sink.losses
    assert (key, fields["count"], fields["source"]) == ("connect.mtconnect.gap", 2, "mill")
    assert time >= gone
    assert ("exec", "ACTIVE") in values(sink)


async def test_a_connection_cut_right_behind_a_loss_does_not_cover_it(listening: Listening) -> None:
    """The next conversation goes on behind the loss, and bridges nothing before it."""
    async with Agent() as agent:
        agent.add("i2", "1")

        def cut() -> None:
            agent.before_sample = lambda: None
            agent.cut()

        async with listening(agent.url, WANTED, options=QUICK) as sink:
            await sink.until(lambda s: has_load(1)(s) and bool(s.spans))
            agent.before_sample = cut
            agent.cut()
            gone = now_us()
            agent.add("i2", "2", "3")
            agent.forget(2)
            await sink.until(lambda s: has_load(3)(s) and s.spans[-1][1] > gone + 100_000)

    assert [one for one in sink.spans if one[0] < gone < one[1]] == []


async def test_a_loss_within_a_conversation_is_a_gap_too(listening: Listening) -> None:
    """The agent stays connected and overwrites what was not yet read."""
    async with Agent(streaming=False) as agent:
        agent.add("i2", "1")
        async with listening(agent.url, WANTED, options=QUICK | {"interval_ms": 300}) as sink:
            await sink.until(lambda s: has_load(1)(s) and bool(s.spans))
            asked = len(agent.asked)
            await until(lambda: len(agent.asked) > asked)
            lost = now_us()
            agent.add("i2", "2", "3")
            agent.forget(3)
            await sink.until(lambda s: bool(s.losses) and bool(s.spans) and s.spans[-1][0] > lost)

    assert [one for one in sink.spans if one[0] < lost + 200_000 < one[1]] == []


async def test_a_source_made_anew_goes_on_where_the_one_before_stopped() -> None:
    """With its memory nothing is lost between the two and coverage has no gap; a new address has its value."""
    first, second = MemorySink(), MemorySink()
    async with Agent() as agent:
        agent.add("i1", "READY")
        agent.add("i2", "1")
        settings = SourceSettings.model_validate(
            {"id": "mill", "type": "mtconnect", "url": agent.url, "options": QUICK}
        )
        before = source(settings, {"load": "measure"})
        async with running(before, first):
            await first.until(lambda s: has_load(1)(s) and bool(s.spans))
        agent.add("i2", "2", "3")
        after = source(settings, {"load": "measure", "exec": "state"})
        after.memory = before.memory
        async with running(after, second):
            await second.until(lambda s: has_load(3)(s) and bool(s.spans))

    assert 2.0 in loads(second)
    assert ("exec", "READY") in values(second)
    assert second.spans[0][0] == first.spans[-1][1]
    assert second.losses == []


async def test_the_place_moves_only_behind_what_is_durable() -> None:
    """What the sink could not keep is asked for again by the source made in its place."""
    full, roomy = FullAfterOne(), MemorySink()
    async with Agent() as agent:
        agent.add("i2", "1")
        settings = SourceSettings.model_validate(
            {"id": "mill", "type": "mtconnect", "url": agent.url, "options": QUICK}
        )
        before = source(settings, WANTED)
        task = asyncio.create_task(before.run(full))
        await full.until(has_load(1))
        agent.add("i2", "2", "3")
        with pytest.raises(OSError, match="full"):
            await asyncio.wait_for(task, 60)
        agent.add("i2", "4")
        after = source(settings, WANTED)
        after.memory = before.memory
        async with running(after, roomy):
            await roomy.until(has_load(4))

    assert [one for one in loads(roomy) if one in (2.0, 3.0)] == [2.0, 3.0]


async def test_an_item_the_agent_does_not_have_has_no_value(listening: Listening) -> None:
    """What was stored under its address before ends with the new conversation."""
    began = now_us()
    async with Agent() as agent:
        agent.add("i2", "1")
        async with listening(agent.url, {"load": "measure", "lod": "state"}, options=QUICK) as sink:
            await sink.until(lambda s: len(s.observations) == 2)

    (none,) = [one for one in sink.observations if one.address == "lod"]
    assert (none.text, none.quality) == (None, Quality.NO_DATA)
    assert none.time >= began


async def test_an_agent_whose_stream_ends_at_once_is_not_stormed(listening: Listening) -> None:
    """It gives one document and hangs up, again and again."""
    async with Agent() as agent:
        agent.add("i2", "1")
        agent.short = True
        async with listening(agent.url, WANTED, options=QUICK | {"interval_ms": 1}):
            began = monotonic()
            await until(lambda: sum("sample" in target for target in agent.asked) >= 4)
            took = monotonic() - began

    assert took > 3 * 0.2


async def test_a_sequence_out_of_range_is_counted_and_the_rest_replayed(listening: Listening) -> None:
    """The agent overwrites faster than it is read: it says OUT_OF_RANGE, and the loss is told."""
    async with Agent() as agent:
        agent.add("i2", "1")

        def overwrite() -> None:
            agent.before_sample = lambda: None
            agent.add("i2", "2", "3", "4")
            agent.forget(3)

        agent.before_sample = overwrite
        async with listening(agent.url, WANTED, options=QUICK) as sink:
            await sink.until(lambda s: has_load(4)(s) and told("connect.mtconnect.gap")(s))

    assert first_told(sink, "connect.mtconnect.gap").fields["count"] == 2
    assert loads(sink) == [1.0, 4.0]


async def test_an_agent_that_is_always_out_of_range_is_not_stormed(listening: Listening) -> None:
    """Between two tries there is the pause the options give."""
    async with Agent() as agent:
        agent.add("i2", "1")

        def vanish() -> None:
            agent.add("i2", "2", "3")
            agent.forget(len(agent.entries))

        agent.before_sample = vanish
        async with listening(agent.url, WANTED, options=QUICK | {"interval_ms": 100}):
            began = monotonic()
            await until(lambda: sum("sample" in target for target in agent.asked) >= 4)
            took = monotonic() - began

    assert took > 3 * 0.09


async def test_a_restarted_agent_is_begun_with_anew(listening: Listening) -> None:
    """Another instance counts from one again: that is told, and its values flow."""
    async with Agent() as agent:
        agent.add("i2", "1", "2", "3")
        async with listening(agent.url, WANTED, options=QUICK) as sink:
            await sink.until(has_load(3))
            agent.restart()
            agent.add("i2", "4")
            await sink.until(lambda s: has_load(4)(s) and told("connect.mtconnect.restarted")(s))
            agent.add("i2", "5")
            await sink.until(has_load(5))

    assert loads(sink) == [3.0, 4.0, 5.0]
    assert first_told(sink, "connect.mtconnect.restarted").state is SourceState.DEGRADED


async def test_a_restart_between_two_polls_is_noticed(listening: Listening) -> None:
    """An agent that does not stream may be another one the next time it is asked."""
    async with Agent(streaming=False) as agent:
        agent.add("i2", "1")
        async with listening(agent.url, WANTED, options=QUICK | {"interval_ms": 200}) as sink:
            await sink.until(has_load(1))
            agent.instance, agent.entries = 2, []
            agent.add("i2", "7")
            await sink.until(lambda s: has_load(7)(s) and told("connect.mtconnect.restarted")(s))

    assert loads(sink) == [1.0, 7.0]


async def test_an_agent_that_comes_back_is_connected_to_again(listening: Listening, free_port: int) -> None:
    """Refused while it is away, and active again by itself."""
    async with listening(f"http://127.0.0.1:{free_port}", WANTED, options=QUICK) as sink:
        await sink.until(told("connect.unreachable"))
        async with Agent(port=free_port) as agent:
            agent.add("i2", "1")
            await sink.until(has_load(1))

    assert loads(sink) == [1.0]


async def test_a_device_the_agent_lacks_is_named_with_those_it_has(listening: Listening) -> None:
    """A slip in `device` shows the names to choose from."""
    async with Agent() as agent, listening(agent.url, WANTED, device="mazzak", options=QUICK) as sink:
        await sink.until(told("connect.mtconnect.device"))

    device = first_told(sink, "connect.mtconnect.device")
    assert (device.state, device.fields["device"]) == (SourceState.DEGRADED, "mazzak")
    assert "mazak, okuma" in device.sentence()


async def test_addresses_that_mean_nothing_or_too_much_are_named(listening: Listening) -> None:
    """The others flow; an address two devices have names both."""
    async with Agent() as agent:
        agent.add("i2", "1")
        async with listening(agent.url, {"load": "measure", "lod": "measure", "both": "text"}, options=QUICK) as sink:
            await sink.until(lambda s: has_load(1)(s) and told("connect.refused")(s))

    refused = first_told(sink, "connect.refused")
    assert refused.fields["count"] == 2
    assert refused.fields["names"] == "both (mazak, okuma), lod"


@pytest.mark.parametrize(
    ("status", "body", "key", "shown"),
    [
        ("500 Internal Server Error", b"oops", "connect.mtconnect.status", "500"),
        ("404 Not Found", b"<html/>", "connect.mtconnect.status", "404"),
        ("301 Moved", b"", "connect.mtconnect.status", "301"),
        ("200 OK", b"Welcome to the press shop", "connect.mtconnect.document", "Start tag expected"),
        ("200 OK", b"", "connect.mtconnect.document", ""),
        ("200 OK", b"<html></html>", "connect.mtconnect.document", "html"),
        (
            "404 Not Found",
            b'<MTConnectError><Errors><Error errorCode="NO_DEVICE">no device</Error></Errors></MTConnectError>',
            "connect.mtconnect.document",
            "NO_DEVICE no device",
        ),
    ],
)
async def test_a_wrong_answer_is_told_and_tried_again(
    listening: Listening, status: str, body: bytes, key: str, shown: str
) -> None:
    """The status or what came instead is named, and the next good answer is taken."""
    async with Agent() as agent:
        agent.instead = (status, body)
        agent.add("i2", "1")
        async with listening(agent.url, WANTED, options=QUICK) as sink:
            await sink.until(told(key))
            agent.instead = None
            await sink.until(has_load(1))

    wrong = first_told(sink, key)
    assert wrong.state is SourceState.DEGRADED
    assert shown in wrong.sentence()


async def test_a_document_that_is_no_xml_in_the_middle_of_a_stream_ends_it(listening: Listening) -> None:
    """The stream is begun again at the place it broke off, and nothing is lost."""
    async with Agent(streaming=False) as agent:
        agent.add("i2", "1")
        async with listening(agent.url, WANTED, options=QUICK) as sink:
            await sink.until(has_load(1))
            agent.instead = ("200 OK", b"<MTConnectStreams>")
            agent.add("i2", "2")
            await sink.until(told("connect.mtconnect.document"))
            agent.instead = None
            await sink.until(has_load(2))

    assert loads(sink) == [1.0, 2.0]


async def test_an_agent_that_does_not_answer_is_told(listening: Listening) -> None:
    """It takes the connection and says nothing."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async with (
        server,
        listening(url, WANTED, stale_after_s=0.3, options={"connect_s": 0.3, "heartbeat_s": 0.1}) as sink,
    ):
        await sink.until(told("connect.no_answer"))

    assert first_told(sink, "connect.no_answer").state is SourceState.DEGRADED


async def test_a_stream_without_a_heartbeat_is_left(listening: Listening) -> None:
    """An agent that stops talking in the middle of its stream is asked again."""
    async with Agent() as agent:
        agent.add("i2", "1")
        options = QUICK | {"connect_s": 0.3}
        async with listening(agent.url, WANTED, stale_after_s=0.3, options=options) as sink:
            await sink.until(has_load(1))
            agent.mute = True
            agent.cut()
            await sink.until(told("connect.no_answer"))

    assert loads(sink) == [1.0]


async def test_a_password_is_given_to_the_agent_and_shown_to_nobody(listening: Listening) -> None:
    """The address may carry a user; the agent asks for it."""
    async with Agent() as agent:
        agent.add("i2", "1")
        url = agent.url.replace("//", "//me:geheim@")
        async with listening(url, WANTED, options=QUICK) as sink:
            await sink.until(has_load(1))

    assert base64.b64encode(b"me:geheim").decode() in agent.headers[0]
    assert "geheim" not in "".join(f"{one.fields}{one.sentence()}" for one in sink.told)
