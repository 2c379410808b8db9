from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from lineside.connect import Metric, MetricType, broker_session, rebirth_request
from lineside.connect.sparkplug_payload import read_payload
from lineside.errors import ConfigurationError
from lineside.plant import SparkplugNode
from lineside.publish import Devices, EdgeNode
from lineside.publish.broker import broker_for
from lineside.trust import Outlet, Parcel, Unguarded, Withheld
from tests.broker import PATIENCE_S, Broker, Talker
from tests.connect.sparkplug_edge import payload

STATE = "spBv1.0/STATE/scada"
NBIRTH, DBIRTH, DDATA, NDEATH = (
    "spBv1.0/G/NBIRTH/works",
    "spBv1.0/G/DBIRTH/works/mill",
    "spBv1.0/G/DDATA/works/mill",
    "spBv1.0/G/NDEATH/works",
)
NCMD, DCMD = "spBv1.0/G/NCMD/works", "spBv1.0/G/DCMD/works/mill"
UNIT: dict[str, str | float] = {"engUnit": "1", "engHigh": 1.0}


def now_ms() -> int:
    """This computer's clock."""
    return time.time_ns() // 1_000_000


@dataclass
class Works:
    """A plant with one mill: what it says now, and what it says it had missed."""

    state: str = "running"
    oee: float | None = 0.5
    since: int = 1_000
    past: list[Metric] = field(default_factory=list)
    ends: list[Metric] = field(default_factory=list)
    asked: list[tuple[int, int]] = field(default_factory=list)

    def present(self) -> Devices:
        """What it says now."""
        reason = "" if self.oee is not None else "no calendar"
        return {
            "mill": [
                Metric("state", MetricType.STRING, self.state, self.since),
                Metric("oee", MetricType.DOUBLE, self.oee, self.since, reason, UNIT),
            ]
        }

    def thing(self, device: str, metric: str) -> str:
        """What a metric is."""
        return f"states/{device}" if metric == "state" else f"kpi/machine/{device}/{metric}"

    def missed(self, start_ms: int, end_ms: int, step_ms: int) -> Devices:
        """What it had missed, as it was asked for it."""
        assert step_ms >= 5_000
        self.asked.append((start_ms, end_ms))
        return {"mill": [one for one in self.past if start_ms <= one.time_ms < end_ms]}

    def finals(self, start_ms: int, end_ms: int) -> Devices:
        """What it made of its shifts."""
        return {"mill": [one for one in self.ends if start_ms < one.time_ms <= end_ms]}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running mosquitto of this test's own."""
    with Broker(tmp_path) as running:
        yield running


@pytest.fixture
def tap(broker: Broker) -> Iterator[Talker]:
    """A foreign client that hears everything."""
    with Talker(broker, "spBv1.0/#") as talker:
        yield talker


@asynccontextmanager
async def edge(
    broker: Broker, works: Works, place: dict[str, int] | None = None, outlet: Outlet | None = None, **keys: Any
) -> AsyncIterator[EdgeNode]:
    """An edge node that says what the works are like, until the block ends."""
    place = {} if place is None else place
    settings = SparkplugNode.model_validate({"url": broker.url, "group": "G", **keys})
    node = EdgeNode(settings, "works", works, place.update, place, outlet or Unguarded())
    task = asyncio.create_task(node.run())
    try:
        yield node
    finally:
        while not task.done():
            task.cancel()  # more than once, as the node does: libraries take the cancelling of a task for their own
            await asyncio.wait([task], timeout=1)


async def heard(tap: Talker, topic: str, count: int = 1) -> list[Any]:
    """The first messages of a topic, with their payloads read; waits for so many."""
    async with asyncio.timeout(PATIENCE_S):
        while len(found := [m for m in tap.heard if m.topic == topic]) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return [read_payload(bytes(message.payload)) for message in found]


async def until(claim: Callable[[], bool]) -> None:
    """Waits for a claim to hold."""
    async with asyncio.timeout(PATIENCE_S):
        while not claim():  # noqa: ASYNC110 - what is claimed changes in other tasks
            await asyncio.sleep(0.01)


def kinds(tap: Talker) -> list[str]:
    """What kinds of messages were heard, in order."""
    parts = [m.topic.split("/") for m in tap.heard]
    return [part[1] if part[1] == "STATE" else part[2] for part in parts]


def props(metric: Any) -> dict[str, Any]:
    """The properties of a metric."""
    values = [getattr(value, value.WhichOneof("value")) for value in metric.properties.values]
    return dict(zip(metric.properties.keys, values, strict=True))


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_births_explain_everything_the_node_first(broker: Broker, tap: Talker, version: str) -> None:
    """Names, aliases, types, times, units; numbered from 0, with QoS 0, never retained."""
    async with edge(broker, Works(), options={"version": version}) as node:
        dbirth = (await heard(tap, DBIRTH))[0]
        nbirth = (await heard(tap, NBIRTH))[0]

    own = {metric.name: metric for metric in nbirth.metrics}
    assert kinds(tap)[:2] == ["NBIRTH", "DBIRTH"]
    assert [(m.qos, m.retain) for m in tap.heard[:2]] == [(0, False), (0, False)]
    assert (nbirth.seq, dbirth.seq) == (0, 1)
    assert (own["bdSeq"].datatype, own["bdSeq"].long_value) == (MetricType.INT64, 0)
    rebirth = own["Node Control/Rebirth"]
    assert (rebirth.datatype, rebirth.boolean_value, rebirth.HasField("alias")) == (MetricType.BOOLEAN, False, False)
    assert [(m.name, m.alias, m.datatype, m.timestamp) for m in dbirth.metrics] == [
        ("state", 1, MetricType.STRING, 1_000),
        ("oee", 2, MetricType.DOUBLE, 1_000),
    ]
    assert (dbirth.metrics[0].string_value, dbirth.metrics[1].double_value) == ("running", 0.5)
    assert props(dbirth.metrics[1]) == UNIT
    assert abs(nbirth.timestamp - now_ms()) < 10_000
    assert node.standing.births == 1


async def test_only_what_changed_is_said_by_its_alias(broker: Broker, tap: Talker) -> None:
    """Under the time of the fact, numbered on; a value that cannot be computed is null and says why, until it can."""
    works = Works()
    async with edge(broker, works) as node:
        await heard(tap, DBIRTH)
        works.state, works.since = "down", 2_000
        await heard(tap, DDATA)
        works.oee = None
        await heard(tap, DDATA, 2)
        works.oee = 0.25
        data = await heard(tap, DDATA, 3)
        sent = node.standing

    assert [one.seq for one in data] == [2, 3, 4]
    assert [(m.name, m.alias, m.datatype, m.timestamp, m.is_historical) for one in data for m in one.metrics] == [
        ("", 1, MetricType.STRING, 2_000, False),
        ("", 2, MetricType.DOUBLE, 2_000, False),
        ("", 2, MetricType.DOUBLE, 2_000, False),
    ]
    assert [m.string_value or m.double_value or None for one in data for m in one.metrics] == ["down", None, 0.25]
    assert [(m.is_null, props(m)["reason"]) for one in data for m in one.metrics] == [
        (False, ""),
        (True, "no calendar"),
        (False, ""),
    ]
    assert (sent.messages, sent.metrics) == (5, 8)
    assert {(m.qos, m.retain) for m in tap.heard if m.topic == DDATA} == {(0, False)}


async def test_a_rebirth_is_obeyed_and_all_else_refused(broker: Broker, tap: Talker) -> None:
    """Everything is said again under the same session and from 0; writing is not possible, and told as refused."""
    async with edge(broker, Works()) as node:
        await heard(tap, DBIRTH)
        tap.say((NCMD, payload(oee=1.0).SerializeToString()), (DCMD, payload(state=1.0).SerializeToString()))
        tap.say((NCMD, b"\xff\xff"))
        off: dict[str, Any] = {"Node Control/Rebirth": {"datatype": MetricType.BOOLEAN, "boolean_value": False}}
        tap.say((NCMD, payload(**off).SerializeToString()), (DCMD, rebirth_request(now_ms())))
        tap.say((NCMD, rebirth_request(now_ms())), (NCMD, rebirth_request(now_ms())))
        births = await heard(tap, DBIRTH, 2)
        nodes = await heard(tap, NBIRTH, 2)
        refused = node.standing.refused

    assert [(one.seq, one.metrics[0].long_value) for one in nodes] == [(0, 0), (0, 0)]
    assert [one.seq for one in births] == [1, 1]
    assert refused == 4
    assert kinds(tap).count("NBIRTH") == 2


async def test_nobody_is_born_before_the_primary_host(broker: Broker, tap: Talker) -> None:
    """Neither while it is not heard, nor while it is offline; as soon as it is online."""
    async with edge(broker, Works(), primary_host="scada") as node:
        await asyncio.sleep(1.5)
        silent = kinds(tap)
        tap.say((STATE, json.dumps({"online": False, "timestamp": 5})), retain=True)
        await until(lambda: node.standing.host_online is False)
        waits = node.standing.key
        tap.say((STATE, json.dumps({"online": True, "timestamp": 6})), retain=True)
        await heard(tap, DBIRTH)

    assert silent == []
    assert waits == "publish.host_offline"
    assert kinds(tap)[:4] == ["STATE", "STATE", "NBIRTH", "DBIRTH"]


@pytest.mark.parametrize("old", [False, True], ids=["3.0", "2.2"])
async def test_what_a_host_missed_follows_when_it_is_back(broker: Broker, tap: Talker, old: bool) -> None:
    """Offline: a death, a session of another number that waits. Online: births, then what was missed as historical."""
    topic = "STATE/scada" if old else STATE

    def said(*, online: bool, at: int) -> tuple[str, str]:
        word = "ONLINE" if online else "OFFLINE"
        return topic, word if old else json.dumps({"online": online, "timestamp": at})

    works = Works()
    tap.say(said(online=True, at=1), said(online=True, at=1), retain=True)
    async with edge(broker, works, primary_host="scada") as node:
        await heard(tap, DBIRTH)
        await until(lambda: node.standing.waits_since_ms is None)
        tap.say(said(online=False, at=2), retain=True)
        death = (await heard(tap, NDEATH))[0]
        gone = now_ms()
        works.past = [
            Metric("state", MetricType.STRING, "down", gone + 10),
            Metric("oee", MetricType.DOUBLE, 0.4, gone + 20),
            Metric("unheard of", MetricType.DOUBLE, 0.4, gone + 20),
        ]
        works.ends = [Metric("oee", MetricType.DOUBLE, 0.6, gone + 30)]
        works.state, works.since = "stopped", gone + 40
        await asyncio.sleep(1)
        tap.say(said(online=True, at=3), retain=True)
        births = await heard(tap, DBIRTH, 2)
        data = await heard(tap, DDATA, 2)
        nodes = await heard(tap, NBIRTH, 2)

    assert [m.long_value for m in death.metrics] == [0]
    assert not death.HasField("seq")
    assert [(one.seq, one.metrics[0].long_value) for one in nodes] == [(0, 0), (0, 1)]
    assert births[1].metrics[0].string_value == "stopped"
    assert [(m.alias, m.timestamp - gone, m.is_historical) for one in data for m in one.metrics] == [
        (1, 10, True),
        (2, 20, True),
        (2, 30, True),
    ]
    assert [one.seq for one in data] == [2, 3]
    assert works.asked[-1][0] < gone - 80_000  # the broker may have taken a while to notice


async def test_after_a_broker_was_gone_the_rest_follows(broker: Broker) -> None:
    """A new session, and what changed while nobody listened; a number of sessions never comes twice in a row."""
    works, place = Works(), dict[str, int]()
    async with edge(broker, works, place) as node:
        await until(lambda: node.standing.births == 1 and node.standing.waits_since_ms is None)
        broker.kill()
        works.past = [Metric("state", MetricType.STRING, "down", now_ms())]
        await until(lambda: node.standing.key in ("connect.closed", "connect.unreachable"))
        broker.start()
        with Talker(broker, "spBv1.0/#") as tap:
            tap.say((NCMD, rebirth_request(now_ms())))
            nbirth = (await heard(tap, NBIRTH))[0]
            await until(lambda: node.standing.historical > 0)

    assert nbirth.metrics[0].long_value >= 1
    assert place["bdseq"] == nbirth.metrics[0].long_value


async def test_the_number_of_sessions_goes_on_over_a_restart_and_round(broker: Broker, tap: Talker) -> None:
    """255 is followed by 0; the death that ends a node in order carries the number of its birth, with QoS 1."""
    place = {"bdseq": 254, "until": now_ms()}
    for _ in range(2):
        async with edge(broker, Works(), place):
            await heard(tap, DBIRTH, 1 + kinds(tap).count("DBIRTH"))
    births, deaths = await heard(tap, NBIRTH, 2), await heard(tap, NDEATH, 2)

    assert [one.metrics[0].long_value for one in births] == [255, 0]
    assert [one.metrics[0].long_value for one in deaths] == [255, 0]
    assert [m.qos for m in tap.heard if m.topic == NDEATH] == [1, 1]
    assert place["bdseq"] == 0


class Hall(Works):
    """A plant of so many mills that their births need more numbers than there are."""

    def present(self) -> Devices:
        """What it says now."""
        mill = super().present()["mill"]
        return {f"mill-{n}": mill for n in range(260)}


async def test_a_death_that_is_not_confirmed_is_told_all_the_same(broker: Broker, tap: Talker) -> None:
    """Stopped while the broker stands still: it ends within seconds, and the broker tells the death when it can."""
    async with edge(broker, Works()):
        await heard(tap, DBIRTH)
        broker.freeze()
        began = time.monotonic()
    took = time.monotonic() - began
    broker.freeze(thaw=True)
    death = (await heard(tap, NDEATH))[0]

    assert took < 5
    assert death.metrics[0].long_value == 0


async def test_the_numbers_of_messages_go_round(broker: Broker, tap: Talker) -> None:
    """After 255 comes 0, and no number is left out; no alias stands twice."""
    async with edge(broker, Hall()):
        await heard(tap, f"{DBIRTH}-259")

    births = [read_payload(bytes(m.payload)) for m in tap.heard if "/DBIRTH/" in m.topic]
    assert [one.seq for one in births] == [n % 256 for n in range(1, 261)]
    assert len({metric.alias for one in births for metric in one.metrics}) == 2 * 260


async def test_what_is_too_long_ago_is_given_up_and_told(broker: Broker, tap: Talker) -> None:
    """No more than `resend_h` of history is sent, slice by slice; the page says from when to when nothing will be."""
    works, long_ago = Works(), now_ms() - 30 * 3_600_000
    async with edge(broker, works, {"until": long_ago}, resend_h=5) as node:
        await heard(tap, DBIRTH)
        await until(lambda: node.standing.waits_since_ms is None)
        given_up = node.standing.given_up

    hours = [(end - start) / 3_600_000 for start, end in works.asked]
    assert hours == pytest.approx([3, 2], abs=0.01)
    assert given_up is not None
    assert given_up[0] == long_ago
    assert (given_up[1] - long_ago) / 3_600_000 == pytest.approx(25, abs=0.01)


def test_an_option_that_means_nothing_is_refused_at_once() -> None:
    """Before anything is connected."""
    settings = SparkplugNode.model_validate({"url": "mqtt://h", "group": "G", "options": {"usr": "x"}})

    with pytest.raises(ConfigurationError) as refused:
        EdgeNode(settings, "works", Works(), lambda _: None, {}, Unguarded())

    assert refused.value.key == "connect.option_unknown"


@pytest.mark.parametrize("name", ["a/b", "a+", "#", "", " a", 5])
@pytest.mark.parametrize("key", ["group", "node", "primary_host"])
def test_a_name_that_cannot_stand_in_a_topic_is_refused(key: str, name: object) -> None:
    """Group, node and host are texts of UTF-8 without what MQTT reserves; devices have ids of the plant file."""
    with pytest.raises(ValidationError) as refused:
        SparkplugNode.model_validate({"url": "mqtt://h", "group": "G", key: name})

    assert refused.value.errors()[0]["loc"] == (key,)


class Tap(Unguarded):
    """Lets out what it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.shut = False
        self.held: set[str] = set()

    def is_open(self, flow: str, recipient: str) -> bool:
        """As it stands."""
        return not self.shut and super().is_open(flow, recipient)

    def let_out(self, parcel: Parcel) -> None:
        """All but what is held back."""
        if self.shut or parcel.things & self.held:
            raise Withheld("trust.flow_closed", flow=parcel.flow, recipient=parcel.recipient)
        super().let_out(parcel)


async def test_every_byte_passes_the_outlet_first(broker: Broker, tap: Talker) -> None:
    """With what it tells of: the node itself, states, KPIs."""
    outlet, works = Tap(), Works()
    async with edge(broker, works, outlet=outlet):
        await heard(tap, DBIRTH)
        works.state = "stopped"
        await heard(tap, DDATA)

    told = {parcel.what: parcel.things for parcel in outlet.parcels}
    assert told == {
        "NDEATH": {"plant"},
        "NBIRTH": {"plant"},
        "DBIRTH mill": {"states/mill", "kpi/machine/mill/oee"},
        "DDATA mill": {"states/mill"},
    }
    left = {parcel.content for parcel in outlet.parcels}
    assert {bytes(m.payload) for m in tap.heard} <= left
    assert {(one.flow, one.recipient) for one in outlet.parcels} == {("sparkplug", broker.url)}


async def test_a_closed_outlet_ends_the_session_at_once(
    broker: Broker, tap: Talker, caplog: pytest.LogCaptureFixture
) -> None:
    """Without another byte of ours: the broker tells the death that it was given. Opened again it is born again."""
    outlet, works = Tap(), Works()
    async with edge(broker, works, outlet=outlet) as node:
        await heard(tap, DBIRTH)
        outlet.shut, began = True, time.monotonic()
        await heard(tap, NDEATH)
        assert time.monotonic() - began < 1
        parcels, works.state = len(outlet.parcels), "stopped"
        await until(lambda: node.standing.key == "trust.flow_closed")
        await asyncio.sleep(0.5)
        assert (len(outlet.parcels), kinds(tap).count("DDATA")) == (parcels, 0)

        outlet.shut = False
        await heard(tap, DBIRTH, 2)
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []


async def test_what_an_abandoned_session_was_about_to_say_goes_to_nobody(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    """Not to the next connection either, which the system gives the same number."""
    settings = SparkplugNode.model_validate({"url": broker.url, "group": "G"})
    session: Any
    async with broker_session(broker_for(settings, "works"), ("will", b"")) as session:
        number = session._client.socket().fileno()  # noqa: SLF001 - the one that the next connection gets
        saying = asyncio.create_task(session.publish("t", b"x", qos=1))
        await asyncio.sleep(0)  # it has asked to be told when there is room, and the loop has not looked
        session.abandon()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            taken = [one for one in (ours, theirs) if one.fileno() == number]
            await asyncio.sleep(0.05)
            assert [asyncio.get_running_loop().remove_writer(one) for one in taken] == [False]
        saying.cancel()
        await asyncio.wait([saying])
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []


async def test_a_session_ends_though_its_broker_answers_just_then(broker: Broker) -> None:
    """An answer that comes at the moment of cancelling does not take its place; the edge node would go on for ever."""
    settings = SparkplugNode.model_validate({"url": broker.url, "group": "G"})
    session: Any
    async with broker_session(broker_for(settings, "works"), ("will", b"")) as session:
        ways: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
            "on_subscribe": lambda: session.listen(["t"]),
            "on_publish": lambda: session.publish("t", b"x", qos=1),
            "on_unsubscribe": lambda: session.unsubscribe("t"),
        }
        for way, ask in ways.items():
            asking = asyncio.create_task(ask())
            taken = getattr(session._client, way)  # noqa: SLF001 - where the library hears the answer

            def hear(*told: Any, taken: Any = taken, asking: asyncio.Task[Any] = asking) -> None:
                taken(*told)
                asking.cancel()

            setattr(session._client, way, hear)  # noqa: SLF001
            await asyncio.wait([asking], timeout=10)
            assert asking.cancelled(), way


class Breaking(Works):
    """Works that fail at the very moment at which the edge node is ended."""

    ended: asyncio.Task[None] | None = None

    def present(self) -> Devices:
        """Ends the edge node, where it is to be ended, and fails."""
        if self.ended is None:
            return super().present()
        self.ended.cancel()
        raise self.error

    error: Exception = RuntimeError()


@pytest.mark.parametrize(
    "error", [RuntimeError("broken"), Withheld("trust.flow_closed", flow="sparkplug", recipient="somebody")]
)
async def test_what_fails_at_the_moment_of_its_end_does_not_keep_it_going(
    broker: Broker, tap: Talker, error: Exception
) -> None:
    """Cancelled once it ends, and tells its death; it takes no failure of that moment for a reason to try again."""
    works = Breaking()
    works.error = error
    settings = SparkplugNode.model_validate({"url": broker.url, "group": "G"})
    place: dict[str, int] = {}
    running = asyncio.create_task(EdgeNode(settings, "works", works, place.update, place, Unguarded()).run())
    await heard(tap, DBIRTH)

    works.ended = running
    await asyncio.wait([running], timeout=PATIENCE_S)

    assert running.cancelled()
    assert len(await heard(tap, NDEATH)) == 1


async def test_a_way_that_stays_closed_is_tried_once(broker: Broker, tap: Talker) -> None:
    """The ledger and the place on disk do not grow meanwhile; opened, it is born within moments."""
    outlet, place = Tap(), dict[str, int]()
    outlet.shut = True
    async with edge(broker, Works(), place, outlet=outlet) as node:
        await until(lambda: node.standing.key == "trust.flow_closed")
        await asyncio.sleep(1)
        number = place["bdseq"]
        outlet.shut = False
        await heard(tap, DBIRTH)

    assert (number, place["bdseq"]) == (0, 1)


async def test_a_birth_that_may_not_leave_is_not_half_sent(broker: Broker, tap: Talker) -> None:
    """One metric that is held back holds back its device, which says so."""
    outlet = Tap()
    outlet.held = {"kpi/machine/mill/oee"}
    async with edge(broker, Works(), outlet=outlet) as node:
        await heard(tap, NDEATH)
        await until(lambda: node.standing.key == "trust.flow_closed")

    assert "DBIRTH" not in kinds(tap)
