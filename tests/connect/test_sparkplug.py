from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lineside.connect import MemorySink, SourceState, sparkplug
from lineside.connect.contract import Link
from lineside.connect.live import Delivery, now_us
from lineside.connect.sparkplug import SparkplugSource
from lineside.connect.sparkplug_payload import Type, read_payload
from lineside.history import Quality
from lineside.plant import Kind
from tests.broker import Broker, Talker, guarded
from tests.connect.sparkplug_edge import Edge

Listening = Callable[..., AbstractAsyncContextManager[MemorySink]]

CAPTURE = Path(__file__).with_name("sparkplug_capture.jsonl")
ADDRESS = "G/N/D/x"
STATE = "spBv1.0/STATE/lineside-mill"
QUICK = {"reorder_s": 0.2, "settle_s": 0.5}
X = {"alias": 1, "datatype": Type.DOUBLE}


def told(key: str) -> Callable[[MemorySink], bool]:
    """Holds when a source has said this of itself."""
    return lambda sink: any(one.key == key for one in sink.told)


def has(address: str, value: float | str | None) -> Callable[[MemorySink], bool]:
    """Holds when this is the last value of an address."""

    def claim(sink: MemorySink) -> bool:
        rows = [o for o in sink.observations if o.address == address]
        return bool(rows) and (rows[-1].text if rows[-1].number is None else rows[-1].number) == value

    return claim


def values(sink: MemorySink, address: str = ADDRESS) -> list[float | str | None]:
    """Every value of an address."""
    return [o.text if o.number is None else o.number for o in sink.observations if o.address == address]


@pytest.fixture
def tap(broker: Broker) -> Iterator[Talker]:
    """A foreign client that hears everything."""
    with Talker(broker, "spBv1.0/#") as talker:
        yield talker


@asynccontextmanager
async def following(
    listening: Listening, broker: Broker, wanted: dict[str, Kind] | None = None, **settings: Any
) -> AsyncIterator[MemorySink]:
    """A host application that is online and follows what is wanted."""
    settings["options"] = {**QUICK, **settings.get("options", {})}
    async with listening(broker.url, wanted or {ADDRESS: "measure"}, type="sparkplug", **settings) as sink:
        await sink.until(lambda s: told("connect.waiting")(s) or told("connect.refused")(s))
        yield sink


async def heard(tap: Talker, topic: str, count: int = 1) -> list[Any]:
    """The first messages of a topic that were not kept by the broker; waits for so many."""
    async with asyncio.timeout(60):
        while len(found := [m for m in tap.heard if m.topic == topic and not m.retain]) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return found


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_births_and_data_become_values_under_their_names(
    listening: Listening, broker: Broker, tap: Talker, version: str
) -> None:
    """By name or by alias, under the time of the metric or else of the message; a node's own have no device."""
    wanted: dict[str, Kind] = {ADDRESS: "measure", "G/N//A/b": "text", "G/N/D/n": "counter"}
    edge = Edge(tap)
    async with following(listening, broker, wanted, options={"version": version}) as sink:
        edge.born(**{"A/b": {"datatype": Type.STRING, "string_value": "läuft"}})
        birth = edge.say("DBIRTH", "D", x={**X, "double_value": 1}, n={"datatype": Type.INT8, "int_value": 255})
        stamp = birth.timestamp - 5_000
        edge.say("DDATA", "D", _={"alias": 1, "double_value": 2, "timestamp": stamp})
        steht: dict[str, Any] = {"A/b": {"string_value": "steht"}}
        edge.say("NDATA", **steht)
        await sink.until(has("G/N//A/b", "steht"))

    rows = [(o.address, o.time) for o in sink.observations]
    assert values(sink) == [1, 2]
    assert values(sink, "G/N//A/b") == ["läuft", "steht"]
    assert values(sink, "G/N/D/n") == [-1]
    assert (ADDRESS, birth.timestamp * 1000) in rows
    assert (ADDRESS, stamp * 1000) in rows
    assert sink.told[-1].state is SourceState.STOPPED
    assert told("connect.active")(sink)


async def test_what_two_foreign_edge_nodes_said_is_observed(listening: Listening, broker: Broker, tap: Talker) -> None:
    """Recorded messages of the JavaScript and the Python client, with a message missing between them."""
    wanted: dict[str, Kind] = {
        "Plant/Edge1/Press01/i8": "measure",
        "Plant/Edge1/Press01/ds/1/v": "measure",
        "Plant/PyEdge/Cell7/i8": "measure",
    }
    async with following(listening, broker, wanted) as sink:
        for line in CAPTURE.read_text("utf-8").splitlines():
            one = json.loads(line)
            tap.say((one["topic"], bytes.fromhex(one["hex"])), qos=0)
        await sink.until(has("Plant/PyEdge/Cell7/i8", None))

    assert [v for v in dict.fromkeys(values(sink, "Plant/Edge1/Press01/i8")) if v is not None] == [-8, -9, -10]
    assert [v for v in dict.fromkeys(values(sink, "Plant/PyEdge/Cell7/i8")) if v is not None] == [-8, -1]
    assert 2 in values(sink, "Plant/Edge1/Press01/ds/1/v")
    assert [(key, fields["node"], fields["count"]) for _, key, fields in sink.losses] == [
        ("connect.sparkplug.gap", "Plant/Edge1", 10)
    ]


async def test_the_host_says_that_it_is_online_and_that_it_goes(
    listening: Listening, broker: Broker, tap: Talker
) -> None:
    """Retained, QoS 1, in JSON; online with the time of its will, offline with the time it goes."""
    before = now_us() // 1000
    async with following(listening, broker):
        online = (await heard(tap, STATE))[0]
        with Talker(broker, STATE) as later:
            kept = await _any(later)
    offline = (await heard(tap, STATE, 2))[1]
    with Talker(broker, STATE) as latest:
        left = await _any(latest)

    first, last = json.loads(online.payload), json.loads(offline.payload)
    assert (first["online"], last["online"]) == (True, False)
    assert before <= first["timestamp"] <= last["timestamp"]
    assert isinstance(first["timestamp"], int)
    assert (online.qos, kept.retain, kept.payload) == (1, True, online.payload)
    assert (offline.qos, left.retain, left.payload) == (1, True, offline.payload)


async def _any(talker: Talker) -> Any:
    async with asyncio.timeout(60):
        while not talker.heard:  # noqa: ASYNC110 - it is heard in another thread
            await asyncio.sleep(0.01)
    return talker.heard[0]


async def test_the_will_says_offline_with_the_time_of_the_birth(
    listening: Listening, broker: Broker, tap: Talker
) -> None:
    """Another client of the same name throws the host out, and the broker speaks its will."""
    async with following(listening, broker):
        online = json.loads((await heard(tap, STATE))[0].payload)
        with Talker(broker, name="lineside-mill"):
            will = (await heard(tap, STATE, 2))[1]
            with Talker(broker, STATE) as later:
                kept = await _any(later)

    assert json.loads(will.payload) == {"online": False, "timestamp": online["timestamp"]}
    assert (will.qos, kept.retain) == (1, True)


async def test_a_host_that_is_called_offline_says_at_once_that_it_is_not(
    listening: Listening, broker: Broker, tap: Talker
) -> None:
    """A will that comes late, or another host of the same name, must not silence the edge nodes."""
    async with following(listening, broker):
        online = (await heard(tap, STATE))[0]
        tap.say((STATE, '{"online": false, "timestamp": 1}'), retain=True)
        again = (await heard(tap, STATE, 3))[2]

    assert again.payload == online.payload


async def test_a_node_whose_birth_is_not_known_is_asked_for_it(
    listening: Listening, broker: Broker, tap: Talker
) -> None:
    """By the one command the specification has for that; again only after a pause."""
    command = "spBv1.0/G/NCMD/N"
    async with following(listening, broker) as sink:
        asked = (await heard(tap, command))[0]
        edge = Edge(tap)
        edge.born()
        edge.say("DBIRTH", "D", x={**X, "double_value": 3})
        await sink.until(has(ADDRESS, 3))
        edge.say("DDATA", "D", _={"alias": 9, "double_value": 1})
        edge.say("DDATA", "Other", y=1)
        await heard(tap, command, 2)
        edge.say("DDATA", "Other", y=1)
        await asyncio.sleep(0.5)

    request = read_payload(asked.payload)
    metric = request.metrics[0]
    assert (asked.qos, asked.retain, len(request.metrics), request.HasField("seq")) == (0, False, 1, False)
    assert (metric.name, metric.datatype, metric.boolean_value) == ("Node Control/Rebirth", Type.BOOLEAN, True)
    assert abs(request.timestamp - time.time() * 1000) < 60_000
    assert len([m for m in tap.heard if m.topic == command]) == 2
    assert [(key, fields["count"]) for _, key, fields in sink.losses] == [("connect.sparkplug.unknown_alias", 1)]


async def test_a_host_may_be_told_never_to_ask(listening: Listening, broker: Broker, tap: Talker) -> None:
    """Then the metrics have no value until the node is born by itself, and the page says so."""
    async with following(listening, broker, options={"rebirth": False}) as sink:
        await sink.until(told("connect.refused"))
        await asyncio.sleep(1)

    assert "no birth yet" in next(one for one in sink.told if one.key == "connect.refused").sentence()
    assert not [m for m in tap.heard if "NCMD" in m.topic]


async def test_a_gap_is_told_with_its_bounds_and_mended_by_a_birth(
    listening: Listening, broker: Broker, tap: Talker
) -> None:
    """From the last message before it, values are unknown until they are said again; aliases until the birth."""
    edge = Edge(tap)
    async with following(listening, broker, {ADDRESS: "measure", "G/N/D/y": "measure"}) as sink:
        edge.born()
        edge.say("DBIRTH", "D", x={**X, "double_value": 1}, y=1)
        await sink.until(has(ADDRESS, 1))
        before = now_us()
        edge.say("DDATA", "D", lose=True, y=2)
        edge.say("DDATA", "D", lose=True, y=3)
        await asyncio.sleep(0.1)
        edge.say("DDATA", "D", y=4, _={"alias": 1, "double_value": 2})
        await sink.until(has("G/N/D/y", 4))
        after = now_us()
        await heard(tap, "spBv1.0/G/NCMD/N")
        edge.born()
        edge.say("DBIRTH", "D", x={**X, "double_value": 7}, y=4)
        await sink.until(has(ADDRESS, 7))

    ((_, key, fields),) = sink.losses
    since, until = (datetime.fromisoformat(str(fields[name])).timestamp() * 1e6 for name in ("since", "until"))
    ended = next(o.time for o in sink.observations if o.address == ADDRESS and o.quality is Quality.NO_DATA)
    assert (key, fields["node"], fields["count"]) == ("connect.sparkplug.gap", "G/N", 2)
    assert since <= before <= until <= after + 1_000_000
    assert abs(ended - since) <= 2
    assert values(sink) == [1, None, 7]
    assert values(sink, "G/N/D/y")[:3] == [1, None, 4]


async def test_messages_that_overtake_each_other_are_no_gap(listening: Listening, broker: Broker, tap: Talker) -> None:
    """Within `reorder_s` they are put in order, and nothing is asked."""
    edge = Edge(tap)
    async with following(listening, broker, options={"reorder_s": 5}) as sink:
        edge.born()
        edge.say("DBIRTH", "D", x=1)
        edge.seq = 3
        edge.say("DDATA", "D", x=3)
        edge.seq = 2
        edge.say("DDATA", "D", x=2)
        await sink.until(lambda s: len(values(s)) == 3)
        await asyncio.sleep(0.5)

    assert values(sink) == [1, 2, 3]
    assert not sink.losses
    assert not [m for m in tap.heard if "NCMD" in m.topic]


async def test_what_waits_for_an_earlier_message_when_the_connection_ends_is_kept_and_the_gap_told(
    listening: Listening, broker: Broker, tap: Talker
) -> None:
    """The missing message will not come any more: values end before it, and what came after it is stored."""
    edge = Edge(tap)
    async with following(listening, broker, options={"reorder_s": 60}) as sink:
        edge.born()
        edge.say("DBIRTH", "D", x={**X, "double_value": 1})
        edge.say("DDATA", "D", x=2)
        await sink.until(has(ADDRESS, 2))
        edge.say("DDATA", "D", lose=True, x=3)
        edge.say("DDATA", "D", x=4)
        await heard(tap, edge.topic("DDATA", "D"), 2)
        broker.stop()
        await sink.until(has(ADDRESS, 4))
        await sink.until(lambda s: any(key == "connect.sparkplug.gap" for _, key, _ in s.losses))

    assert values(sink) == [1, 2, None, 4]


async def test_deaths_end_values_of_those_who_died(listening: Listening, broker: Broker, tap: Talker) -> None:
    """Of a device at the time its node says, of a node and all its devices when it is heard; others go on."""
    wanted: dict[str, Kind] = {ADDRESS: "measure", "G/N/E/x": "measure", "G/M//x": "measure"}
    one, other = Edge(tap), Edge(tap, "M")
    one.bdseq = 5
    async with following(listening, broker, wanted) as sink:
        one.born()
        one.say("DBIRTH", "D", x=1)
        one.say("DBIRTH", "E", x=2)
        other.born(x=3)
        await sink.until(has("G/M//x", 3))
        death = one.say("DDEATH", "D")
        await sink.until(has(ADDRESS, None))
        assert has("G/N/E/x", 2)(sink)
        one.dead(bdseq=one.bdseq - 1)
        await asyncio.sleep(0.3)
        assert has("G/N/E/x", 2)(sink)
        one.dead()
        await sink.until(has("G/N/E/x", None))
        await sink.until(lambda s: any("G/N/E/x (node offline)" in str(one.fields.get("names")) for one in s.told))
        one.bdseq += 1
        one.born()
        one.say("DBIRTH", "E", x=5)
        await sink.until(has("G/N/E/x", 5))

    ended = [o.time for o in sink.observations if o.address == ADDRESS and o.quality is Quality.NO_DATA]
    assert ended[0] // 1000 in (death.timestamp, death.timestamp + 1)
    assert values(sink, "G/M//x") == [3]


async def test_values_of_the_past_are_kept_under_their_time(listening: Listening, broker: Broker, tap: Talker) -> None:
    """What a node stored while it was cut off tells nothing of the present."""
    edge = Edge(tap)
    async with following(listening, broker) as sink:
        edge.born()
        edge.say("DBIRTH", "D", x=1)
        await sink.until(has(ADDRESS, 1))
        edge.say("DDEATH", "D")
        await sink.until(has(ADDRESS, None))
        past = now_us() // 1000 - 60_000
        edge.say("DDATA", "D", x={"datatype": Type.DOUBLE, "double_value": 8, "is_historical": True, "timestamp": past})
        await sink.until(has(ADDRESS, 8))

    assert [o.time for o in sink.observations if o.number == 8] == [past * 1000]


async def test_a_quantity_in_a_birth_was_told_before(listening: Listening, broker: Broker, tap: Talker) -> None:
    """Births repeat the last value; pieces must not be counted again."""
    edge = Edge(tap)
    async with following(listening, broker, {ADDRESS: "count"}) as sink:
        for _ in range(2):
            edge.born()
            edge.say("DBIRTH", "D", x=5)
            edge.say("DDATA", "D", x=5)
            await asyncio.sleep(0.01)  # times have milliseconds
        edge.say("DDATA", "D", x=6)
        await sink.until(has(ADDRESS, 6))

    assert [o.number for o in sink.observations if o.quality is Quality.GOOD] == [5, 5, 6]


async def test_what_is_no_payload_is_counted_and_the_others_go_on(
    listening: Listening, broker: Broker, tap: Talker
) -> None:
    """So is a text where a number belongs."""
    wanted: dict[str, Kind] = {ADDRESS: "measure", "G/N/D/s": "measure"}
    edge = Edge(tap)
    async with following(listening, broker, wanted) as sink:
        edge.born()
        edge.say("DBIRTH", "D", x=1, s={"datatype": Type.STRING, "string_value": "fast"})
        tap.say((edge.topic("DDATA", "D"), b"\xff\xff"), ("spBv1.0/G/STRANGE/N", b""), qos=0)
        edge.say("DDATA", "D", x=2)
        await sink.until(has(ADDRESS, 2))

    losses = {key: fields["count"] for _, key, fields in sink.losses}
    assert losses == {"connect.sparkplug.unreadable": 1, "connect.mqtt.not_a_number": 1}


async def test_a_node_the_broker_denies_is_named(listening: Listening, tmp_path: Path) -> None:
    """Its addresses have the broker's reason, and the other nodes give their values."""
    wanted: dict[str, Kind] = {ADDRESS: "measure", "G/M/D/x": "measure"}
    rules = guarded(tmp_path, "spBv1.0/G/+/M", "spBv1.0/G/+/M/+")
    with Broker(tmp_path, *rules) as broker, Talker(broker) as talker:
        async with listening(broker.url, wanted, type="sparkplug", options=QUICK) as sink:
            await sink.until(told("connect.refused"))
            edge = Edge(talker)
            edge.born()
            edge.say("DBIRTH", "D", x=1)
            await sink.until(has(ADDRESS, 1))

    assert next(one for one in sink.told if one.key == "connect.refused").fields["names"] == "G/M/D/x (denied)"


async def test_an_address_without_values_is_named_with_the_reason(
    listening: Listening, broker: Broker, tap: Talker
) -> None:
    """One that can be none, a metric the birth does not have, a device that was not born."""
    wanted: dict[str, Kind] = {"G/N": "text", "G/N/D/x": "measure", "G/N/D/y": "measure", "G/N/E/x": "measure"}
    edge = Edge(tap)
    async with following(listening, broker, wanted) as sink:
        edge.born()
        edge.say("DBIRTH", "D", x=1)
        names = "G/N (group/node/device/metric), G/N/D/y (not in the birth), G/N/E/x (device offline)"
        await sink.until(lambda s: any(one.fields.get("names") == names for one in s.told))


async def test_a_node_that_says_nothing_new_is_heard_while_the_broker_answers(
    listening: Listening, broker: Broker, tap: Talker
) -> None:
    """Nodes report by exception and die audibly; when the broker is gone, coverage ends with its last answer."""
    edge = Edge(tap)
    async with following(listening, broker, stale_after_s=1) as sink:
        edge.born()
        edge.say("DBIRTH", "D", x=1)
        await sink.until(has(ADDRESS, 1))
        said = now_us()
        await sink.until(lambda s: bool(s.spans) and s.spans[-1][1] > said + 1_500_000)
        assert not told("connect.silent")(sink)
        gone = now_us()
        broker.stop()
        await sink.until(told("connect.closed"))

    assert sink.spans[-1][1] <= gone + 500_000


async def test_a_node_that_must_speak_and_does_not_has_no_values(
    listening: Listening, broker: Broker, tap: Talker
) -> None:
    """With `silent_s` the age of its data counts, not its session; it is asked to say everything again."""
    edge = Edge(tap)
    async with following(listening, broker, options={"silent_s": 0.5}) as sink:
        edge.born()
        edge.say("DBIRTH", "D", x=1)
        await sink.until(has(ADDRESS, 1))
        await sink.until(lambda s: any("node silent" in str(one.fields.get("names")) for one in s.told))
        await heard(tap, "spBv1.0/G/NCMD/N")

    assert has(ADDRESS, None)(sink)


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_a_host_that_comes_back_knows_nothing_until_it_is_told(
    listening: Listening, broker: Broker, tap: Talker, version: str
) -> None:
    """Its session is clean: what was published meanwhile does not come, and old values have ended."""
    edge = Edge(tap)
    memory: dict[str, Any] = {}
    settings: dict[str, Any] = {"memory": memory, "options": {"version": version}}
    async with following(listening, broker, **settings) as sink:
        edge.born()
        edge.say("DBIRTH", "D", x=1)
        await sink.until(has(ADDRESS, 1))
    tap.say((edge.topic("DDATA", "D"), edge.say("DDATA", "D", lose=True, x=2).SerializeToString()), qos=1)
    async with following(listening, broker, **settings) as again:
        await again.until(told("connect.refused"))

    assert values(again) == [None]


async def test_what_was_not_taken_before_the_end_is_not_heard(
    listening: Listening, broker: Broker, tap: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that came and was not read yet when the connection broke is lost; coverage must not reach over it."""
    edge, hear, slow = Edge(tap), SparkplugSource._hear, asyncio.Event()  # noqa: SLF001

    async def held(self: SparkplugSource, *message: Any) -> None:
        if slow.is_set():
            await asyncio.Event().wait()
        await hear(self, *message)

    monkeypatch.setattr(SparkplugSource, "_hear", held)
    wanted: dict[str, Kind] = {"G/N//x": "measure"}
    async with (
        Link(broker.port) as link,
        listening(f"mqtt://127.0.0.1:{link.port}", wanted, type="sparkplug", stale_after_s=1, options=QUICK) as sink,
    ):
        await sink.until(told("connect.waiting"))
        edge.born(x=1.0)
        await sink.until(has("G/N//x", 1.0))
        slow.set()
        said = now_us()
        edge.say("NDATA", x=2.0)
        await asyncio.sleep(2.5)
        await link.cut()
        await sink.until(lambda s: s.told[-1].state is SourceState.DEGRADED)

    assert not [span for span in sink.spans if span[1] > said + 500_000]


async def test_a_message_that_came_late_tells_nothing_of_the_time_it_took(
    listening: Listening, broker: Broker, tap: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its node said after it may be on the way still, and is lost when the connection breaks."""

    async def unanswered(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(SparkplugSource, "_pulse", unanswered)
    edge, wanted = Edge(tap), dict[str, Kind]({"G/N//x": "measure"})
    async with (
        Link(broker.port) as link,
        listening(f"mqtt://127.0.0.1:{link.port}", wanted, type="sparkplug", stale_after_s=60, options=QUICK) as sink,
    ):
        await sink.until(told("connect.waiting"))
        edge.born(x=1.0)
        await sink.until(has("G/N//x", 1.0))
        link.stall()
        said = edge.say("NDATA", x=2.0).timestamp * 1000
        await asyncio.sleep(1)
        link.resume()
        await sink.until(has("G/N//x", 2.0))
        await link.cut()
        await sink.until(lambda s: s.told[-1].state is SourceState.DEGRADED)

    assert sink.spans[-1][1] == said


async def test_an_answer_of_the_broker_tells_nothing_of_the_time_after_its_question(
    listening: Listening, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes behind all that was said before the question, and before what was said while it was on the way."""
    alive, answered = Delivery.alive, asyncio.Event()

    def noted(self: Delivery, asked: int | None = None) -> None:
        alive(self, asked)
        answered.set()

    monkeypatch.setattr(Delivery, "alive", noted)
    monkeypatch.setattr(sparkplug, "PULSE_S", 0.3)
    async with (
        Link(broker.port) as link,
        listening(f"mqtt://127.0.0.1:{link.port}", {ADDRESS: "measure"}, type="sparkplug", stale_after_s=60) as sink,
    ):
        await sink.until(lambda s: len(s.spans) > 1)
        link.stall()
        await asyncio.sleep(1)  # it asks meanwhile
        later = now_us()
        await asyncio.sleep(0.5)
        answered.clear()
        link.resume()
        await answered.wait()
        await link.cut()
        await sink.until(lambda s: s.told[-1].state is SourceState.DEGRADED)

    assert [span for span in sink.spans if span[0] < later < span[1]] == []
