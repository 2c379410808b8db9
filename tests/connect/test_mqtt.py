from __future__ import annotations

import asyncio
import ipaddress
import json
import subprocess
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from lineside.connect import MemorySink, SourceSettings, SourceState, source
from lineside.connect.live import now_us
from lineside.connect.mqtt import DROPPED
from lineside.errors import ConfigurationError, Unreachable
from lineside.history import Quality
from lineside.plant import Kind
from tests.broker import Broker, Talker, guarded

Listening = Callable[..., AbstractAsyncContextManager[MemorySink]]

TIMED = {"time": "t"}
T = 1_767_225_600_000_000  # 2026-01-01T00:00Z


def told(key: str) -> Callable[[MemorySink], bool]:
    """Holds when a source has said this of itself."""
    return lambda sink: any(one.key == key for one in sink.told)


def observed(count: int) -> Callable[[MemorySink], bool]:
    """Holds when this many values have come."""
    return lambda sink: len(sink.observations) >= count


def values(sink: MemorySink) -> list[tuple[str, float | str | None]]:
    """Address and value of everything observed."""
    return [(o.address, o.text if o.number is None else o.number) for o in sink.observations]


def parts(*numbers: int) -> list[tuple[str, str]]:
    """Messages of a counter, each with its own time."""
    return [("p/parts", json.dumps({"t": (T + n) / 1e6, "n": n})) for n in numbers]


COUNTED: dict[str, Kind] = {"p/parts#n": "counter"}


class Holding(MemorySink):
    """A sink that makes nothing durable until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self._free = asyncio.Event()

    def go_on(self) -> None:
        """Makes everything durable from now on."""
        self._free.set()

    async def observe(self, batch: pa.RecordBatch) -> None:
        """Takes its time."""
        self.asked.set()
        await self._free.wait()
        await super().observe(batch)


class Restarting(MemorySink):
    """A sink behind which the broker restarts, after the first batch is durable and before it is acknowledged."""

    def __init__(self, broker: Broker) -> None:
        super().__init__()
        self._broker = broker

    async def observe(self, batch: pa.RecordBatch) -> None:
        """Keeps the batch."""
        await super().observe(batch)
        if len(self.batches) == 1:
            await asyncio.to_thread(self._broker.restart)


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_a_payload_and_what_stands_in_json_are_observed(
    listening: Listening, broker: Broker, version: str
) -> None:
    """An address is a topic, or a topic and a path behind #."""
    wanted: dict[str, Kind] = {
        "p/state": "state",
        "p/load": "measure",
        "p/j#a.b[1].c": "measure",
        'p/j#["x.y"]': "text",
        "p/j#on": "measure",
        "p/j#none": "measure",
        "p/j#a": "text",
    }
    document = {"a": {"b": [{}, {"c": 2}]}, "x.y": "主轴", "on": True, "none": None}
    async with listening(broker.url, wanted, options={"version": version}) as sink:
        await sink.until(told("connect.waiting"))
        broker.publish(("p/state", "RUN\n"), ("p/load", "12.5"), ("p/j", json.dumps(document)), ("p/other", "1"))
        await sink.until(observed(7))

    assert dict(values(sink)) == {
        "p/state": "RUN",
        "p/load": 12.5,
        "p/j#a.b[1].c": 2.0,
        'p/j#["x.y"]': "主轴",
        "p/j#on": 1.0,
        "p/j#none": None,
        "p/j#a": '{"b": [{}, {"c": 2}]}',
    }
    assert [one.state for one in sink.told[:3]] == [SourceState.STARTING, SourceState.STARTING, SourceState.ACTIVE]


async def test_times_are_those_of_the_source_where_it_writes_them(listening: Listening, broker: Broker) -> None:
    """At the path of `time`, in any usual form; else a value belongs to its receipt."""
    wanted: dict[str, Kind] = {"p/j#v": "measure", "p/plain": "measure"}
    before = now_us()
    async with listening(broker.url, wanted, options={"time": "head.time"}) as sink:
        await sink.until(told("connect.waiting"))
        times: list[object] = [
            "2026-01-01T00:00:00.000001Z",
            T // 1000 + 1,
            (T + 2_000_000) / 1e6,
            T * 1000 + 3_000_000,
        ]
        broker.publish(*(("p/j", json.dumps({"head": {"time": t}, "v": v})) for v, t in enumerate(times)))
        broker.publish(("p/plain", "5"), ("p/j", '{"v": 9}'))
        await sink.until(observed(6))

    assert [o.time - T for o in sink.observations[:4]] == [1, 1000, 2_000_000, 3000]
    assert all(before < o.time < now_us() for o in sink.observations[4:])
    assert [key for _, key, _ in sink.losses] == ["connect.mqtt.no_time"]


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_what_is_published_while_the_node_is_away_comes_and_leaves_no_gap(
    listening: Listening, broker: Broker, version: str
) -> None:
    """The broker kept it, each message carries its time: the source was heard all the while."""
    memory: dict[str, Any] = {}
    options = {**TIMED, "version": version}
    async with listening(broker.url, COUNTED, options=options, memory=memory) as sink:
        await sink.until(told("connect.waiting"))
        broker.publish(*parts(1))
        await sink.until(observed(1))
    gone = now_us()
    broker.publish(*parts(2, 3))
    back = now_us()
    async with listening(broker.url, COUNTED, options=options, memory=memory) as again:
        await again.until(lambda s: bool(s.spans))

    assert values(sink) + values(again) == [("p/parts#n", 1.0), ("p/parts#n", 2.0), ("p/parts#n", 3.0)]
    assert again.spans[0][0] < gone
    assert again.spans[0][1] > back
    assert not again.losses


async def test_without_own_times_the_time_away_is_a_gap(listening: Listening, broker: Broker) -> None:
    """The values come, but nobody knows when in between they began to hold."""
    memory: dict[str, Any] = {}
    wanted: dict[str, Kind] = {"p/state": "state"}
    async with listening(broker.url, wanted, memory=memory) as sink:
        await sink.until(told("connect.waiting"))
        broker.publish(("p/state", "RUN"))
        await sink.until(lambda s: bool(s.spans))
    broker.publish(("p/state", "STOP"))
    back = now_us()
    async with listening(broker.url, wanted, memory=memory) as again:
        await again.until(lambda s: bool(s.spans))

    assert values(again) == [("p/state", "STOP")]
    assert again.spans[0][0] >= back


async def test_a_kept_session_tells_that_a_silent_value_still_holds(listening: Listening, broker: Broker) -> None:
    """The broker would have sent a change; the address is named all the same, it may be mistyped."""
    wanted: dict[str, Kind] = {"p/state": "state", "p/load": "measure"}
    memory: dict[str, Any] = {}
    async with listening(broker.url, wanted, memory=memory) as sink:
        await sink.until(told("connect.waiting"))
        broker.publish(("p/state", "RUN"), ("p/load", "1"))
        await sink.until(lambda s: bool(s.spans))
    async with listening(broker.url, wanted, memory=memory, options={"settle_s": 0.1}) as again:
        await again.until(told("connect.waiting"))
        broker.publish(("p/load", "2"))
        await again.until(told("connect.refused"))

    assert next(one for one in again.told if one.key == "connect.refused").fields["names"] == "p/state"
    assert values(again) == [("p/load", 2.0)]


async def test_a_message_is_acknowledged_only_when_it_is_durable(listening: Listening, broker: Broker) -> None:
    """A node that dies before the commit is sent the message again by the broker."""
    holding = Holding()
    async with listening(broker.url, COUNTED, options=TIMED, sink=holding):
        await holding.until(told("connect.waiting"))
        broker.publish(*parts(1, 2))
        await holding.asked.wait()
    async with listening(broker.url, COUNTED, options=TIMED) as sink:
        await sink.until(observed(2))
    async with listening(broker.url, COUNTED, options=TIMED) as empty:
        await empty.until(told("connect.waiting"))
        broker.publish(*parts(3))
        await empty.until(observed(1))

    assert values(sink) == [("p/parts#n", 1.0), ("p/parts#n", 2.0)]
    assert values(empty) == [("p/parts#n", 3.0)]


async def test_who_listens_beside_the_node_takes_nothing_from_it(listening: Listening, broker: Broker) -> None:
    """The doctor looks at a source while the node is off; what the broker keeps for the node stays there."""
    async with listening(broker.url, COUNTED, options=TIMED) as sink:
        await sink.until(told("connect.waiting"))
    broker.publish(*parts(1))
    async with listening(broker.url, COUNTED, options=TIMED, beside=True) as doctor:
        await doctor.until(told("connect.waiting"))
        broker.publish(*parts(2))
        await doctor.until(observed(1))
    async with listening(broker.url, COUNTED, options=TIMED) as sink:
        await sink.until(observed(2))

    assert [o.number for o in doctor.observations] == [2]
    assert [o.number for o in sink.observations] == [1, 2]


async def test_quantities_that_are_sent_again_are_counted_once(listening: Listening, broker: Broker) -> None:
    """Even without a time of their own: what is sent again keeps the time of its first receipt."""
    sink = Restarting(broker)
    async with listening(broker.url, {"p/n": "count"}, sink=sink) as _:
        await sink.until(told("connect.waiting"))
        broker.publish(*(("p/n", str(n)) for n in range(5)))
        await sink.until(told("connect.closed"))
        await sink.until(lambda s: s.told[-1].key == "connect.active")
        broker.publish(("p/n", "9"))
        await sink.until(lambda s: values(s)[-1] == ("p/n", 9.0))

    distinct = list(dict.fromkeys(sink.observations))
    assert [o.number for o in distinct] == [0, 1, 2, 3, 4, 9]


async def test_a_quantity_that_may_be_counted_twice_is_told(listening: Listening, broker: Broker) -> None:
    """A node killed before it acknowledged knows nothing of what it stored: the second time counts, and is a loss."""
    killed = Client(
        CallbackAPIVersion.VERSION2, "lineside-mill", clean_session=False, protocol=MQTTv311, manual_ack=True
    )
    came = threading.Event()
    killed.on_subscribe = lambda *_: came.set()
    killed.on_message = lambda *_: came.set()
    killed.connect("127.0.0.1", broker.port)
    killed.loop_start()
    killed.subscribe([("p/n", 1), ("p/total", 1)])
    for spoken in ((), (("p/n", "5"), ("p/total", "7"))):
        if spoken:
            await asyncio.to_thread(broker.publish, *spoken)
        assert await asyncio.to_thread(came.wait, 60)
        came.clear()
    killed.loop_stop()
    killed.socket().close()  # type: ignore[union-attr]

    async with listening(broker.url, {"p/n": "count", "p/total": "counter"}) as sink:
        await sink.until(observed(2))
        await sink.until(lambda s: bool(s.losses))

    assert sorted(values(sink)) == [("p/n", 5.0), ("p/total", 7.0)]
    assert [(key, fields["count"], fields["topic"]) for _, key, fields in sink.losses] == [
        ("connect.mqtt.sent_again", 1, "p/n")
    ]


@pytest.mark.parametrize(("version", "why"), [("3.1.1", "denied"), ("5", "denied: Not authorized")])
async def test_a_topic_the_broker_denies_is_named_with_the_cure(
    listening: Listening, tmp_path: Path, version: str, why: str
) -> None:
    """A subscription it refuses is told at once, whatever the version; the other topics give their values."""
    wanted: dict[str, Kind] = {"p/secret": "measure", "p/open": "measure"}
    with Broker(tmp_path, *guarded(tmp_path, "p/secret")) as broker:
        async with listening(broker.url, wanted, options={"version": version}) as sink:
            await sink.until(told("connect.refused"))
            broker.publish(("p/secret", "1"), ("p/open", "2"))
            await sink.until(lambda s: ("p/open", 2.0) in values(s))

    said = next(one for one in sink.told if one.key == "connect.refused")
    assert said.fields["names"] == f"p/secret ({why})"
    assert "access list" in str(Unreachable(said.key, **said.fields).cure())
    assert values(sink) == [("p/secret", None), ("p/open", 2.0)]


async def test_a_topic_the_broker_holds_back_in_silence_is_named_when_it_stays_out(
    listening: Listening, tmp_path: Path
) -> None:
    """An access list of mosquitto's grants every subscription and delivers nothing: the silence has the name."""
    (tmp_path / "acl").write_text("topic read p/open\ntopic write #\n", "utf-8")
    wanted: dict[str, Kind] = {"p/secret": "measure", "p/open": "measure"}
    with Broker(tmp_path, f"acl_file {tmp_path}/acl") as broker:
        async with listening(broker.url, wanted, options={"settle_s": 0.3}) as sink:
            await sink.until(told("connect.waiting"))
            broker.publish(("p/secret", "1"), ("p/open", "2"))
            await sink.until(told("connect.refused"))

    assert next(one for one in sink.told if one.key == "connect.refused").fields["names"] == "p/secret"
    assert [value for value in values(sink) if value[1] is not None] == [("p/open", 2.0)]


async def test_a_broker_that_lost_the_session_is_told(listening: Listening, broker: Broker) -> None:
    """What was published meanwhile is lost: a gap, and an event."""
    memory: dict[str, Any] = {"heard": now_us() - 5_000_000}
    async with listening(broker.url, COUNTED, options=TIMED, memory=memory) as sink:
        await sink.until(told("connect.mqtt.session_lost"))
        broker.publish(*parts(1))
        await sink.until(lambda s: bool(s.spans))

    assert sink.spans[0][0] > now_us() - 5_000_000
    assert [key for _, key, _ in sink.losses] == ["connect.mqtt.session_lost"]


async def test_what_is_wrong_with_a_message_is_counted_and_the_others_go_on(
    listening: Listening, broker: Broker
) -> None:
    """No JSON, no text, no number, a path that leads nowhere, an address that can be none."""
    wanted: dict[str, Kind] = {
        "p/j#v": "measure",
        "p/j#absent": "measure",
        "p/t": "text",
        "p/+": "text",
    }
    messages: list[tuple[str, str | bytes]] = [
        ("p/j", "{"),
        ("p/j", "[" * 100_000),
        ("p/j", b"\xff"),
        ("p/t", b"\xff\xfe"),
        ("p/j", '{"v": "fast"}'),
        ("p/j", '{"v": [1]}'),
        ("p/j", '{"v": 1' + "0" * 400 + "}"),
        ("p/j", '{"v": 7}'),
    ]
    async with listening(broker.url, wanted, options={"settle_s": 0.1}) as sink:
        await sink.until(told("connect.refused"))
        broker.publish(*messages)
        await sink.until(lambda s: ("p/j#v", 7.0) in values(s))

    losses = {key: fields["count"] for _, key, fields in sink.losses}
    assert losses == {"connect.mqtt.not_json": 3, "connect.mqtt.not_text": 1, "connect.mqtt.not_a_number": 3}
    assert [o.quality for o in sink.observations if o.address == "p/j#v"][-4:] == [Quality.BAD] * 3 + [Quality.GOOD]
    assert any("a wildcard is no address" in str(one.fields.get("names")) for one in sink.told)


async def test_a_path_that_is_never_there_is_named(listening: Listening, broker: Broker) -> None:
    """A payload may hold only some of the values; one that never came is refused, with the reason."""
    wanted: dict[str, Kind] = {"p/j#v": "measure", "p/j#w": "measure", "p/j#x": "measure"}
    async with listening(broker.url, wanted, options={"settle_s": 0.2}) as sink:
        await sink.until(told("connect.waiting"))
        broker.publish(("p/j", '{"v": 1}'), ("p/j", '{"w": 2}'))
        await sink.until(lambda s: any("x (not in the payload)" in str(one.fields.get("names")) for one in s.told))

    refused = [one.fields for one in sink.told if "not in the payload" in str(one.fields.get("names"))]
    assert [one["count"] for one in refused] == [1]


async def test_a_retained_message_is_the_last_word_and_no_new_one(listening: Listening, broker: Broker) -> None:
    """It holds from now on, or since its own time; it is no sign of life, and no quantity."""
    broker.publish(("p/state", "RUN"), ("p/n", "5"), ("p/j", json.dumps({"t": T, "v": 1})), retain=True)
    wanted: dict[str, Kind] = {"p/state": "state", "p/n": "count", "p/j#v": "count"}
    before = now_us()
    async with listening(broker.url, wanted, options=TIMED) as sink:
        await sink.until(observed(2))
        assert not sink.spans
        broker.publish(("p/n", "2"))
        await sink.until(lambda s: bool(s.spans))

    rows = {o.address: o for o in sink.observations}
    assert rows["p/state"].time > before
    assert rows["p/j#v"].time == T
    assert [o.number for o in sink.observations if o.address == "p/n"] == [2]


async def test_a_topic_that_is_wanted_no_more_is_given_up(listening: Listening, broker: Broker) -> None:
    """A kept session would bring its messages for ever."""
    async with listening(broker.url, {"p/old": "text", "p/new": "text"}) as sink:
        await sink.until(told("connect.waiting"))
    broker.publish(("p/old", "1"), ("p/new", "1"))
    async with listening(broker.url, {"p/new": "text"}) as sink:
        await sink.until(observed(1))
        broker.publish(("p/new", "2"))
        await sink.until(observed(2))

    assert values(sink) == [("p/new", "1"), ("p/new", "2")]
    assert not sink.losses


async def test_what_a_broker_drops_is_told(listening: Listening, tmp_path: Path) -> None:
    """Mosquitto keeps only so many messages for a client that is slow, and says so in a counter of its own."""
    holding = Holding()
    with Broker(tmp_path, "max_queued_messages 5", "max_inflight_messages 5", "sys_interval 1") as broker:
        async with listening(broker.url, COUNTED, options=TIMED, sink=holding) as sink:
            await sink.until(told("connect.waiting"))
            with Talker(broker, DROPPED) as beside:  # the source has the counter before, on the way that it shares
                async with asyncio.timeout(60):
                    while not beside.heard:  # noqa: ASYNC110 - it is heard in another thread
                        await asyncio.sleep(0.01)
            broker.publish(*parts(*range(30)))
            await holding.asked.wait()
            holding.go_on()
            await sink.until(told("connect.mqtt.broker_dropped"))

    said = next(one for one in sink.told if one.key == "connect.mqtt.broker_dropped")
    assert 0 < int(str(said.fields["count"])) <= 30 - len(sink.observations)


async def test_messages_beyond_memory_wait_at_the_broker(listening: Listening, tmp_path: Path) -> None:
    """A node that cannot store stops reading; when it can again, everything comes, in order."""
    holding = Holding()
    heavy = "x" * 200_000
    with Broker(tmp_path, "max_inflight_messages 0", "max_queued_messages 0") as broker:
        # each with its own time: of others it would be told how long this process stood still meanwhile
        async with listening(broker.url, {"p/h#n": "counter"}, options=TIMED, sink=holding) as sink:
            await sink.until(told("connect.waiting"))
            broker.publish(("p/h", f'{{"t": {T / 1e6}, "n": -1}}'))
            await holding.asked.wait()
            broker.publish(*(("p/h", f'{{"t": {T / 1e6 + n + 1}, "n": {n}, "pad": "{heavy}"}}') for n in range(500)))
            await asyncio.sleep(0.5)
            holding.go_on()
            await sink.until(observed(501))

    assert [o.number for o in sink.observations] == list(range(-1, 500))
    assert not sink.losses


async def test_a_broker_that_falls_silent_is_told_and_comes_back(listening: Listening, broker: Broker) -> None:
    """Coverage ends with the last message; the broker's own answers are no data."""
    async with listening(broker.url, COUNTED, options=TIMED, stale_after_s=1.2) as sink:
        await sink.until(told("connect.waiting"))
        broker.publish(*parts(1))
        await sink.until(observed(1))
        known = len(sink.told)  # on a busy machine it may have been silent before
        await sink.until(lambda s: any(one.key == "connect.silent" for one in s.told[known:]))
        silent = now_us()
        broker.publish(*parts(2))
        await sink.until(lambda s: s.told[-1].key == "connect.active")

    assert sink.spans[0][1] < silent - 1_000_000


async def test_a_broker_that_restarts_loses_nothing(listening: Listening, broker: Broker) -> None:
    """It keeps the session on its disk; each message is stored once."""
    async with listening(broker.url, COUNTED, options=TIMED) as sink:
        await sink.until(told("connect.waiting"))
        for n in range(3):
            broker.publish(*parts(n))
            await asyncio.to_thread(broker.restart)
        broker.publish(*parts(3))
        await sink.until(lambda s: ("p/parts#n", 3.0) in values(s))

    assert sorted(set(sink.observations)) == sorted(sink.observations)
    assert [o.number for o in sink.observations] == [0, 1, 2, 3]


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_user_and_password_are_those_of_the_environment(
    listening: Listening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """A wrong password is told as the broker says it, and never shown."""
    users = tmp_path / "users"
    subprocess.run(["mosquitto_passwd", "-b", "-c", users, "reader", "geheim"], check=True)  # noqa: ASYNC221
    options = {"user": "reader", "password_env": "MY_PASSWORD", "version": version}
    with Broker(tmp_path, "allow_anonymous false", f"password_file {users}") as broker:
        monkeypatch.setenv("MY_PASSWORD", "falsch")
        async with listening(broker.url, {"p/v": "text"}, options=options) as sink:
            await sink.until(told("connect.mqtt.refused"))
        monkeypatch.setenv("MY_PASSWORD", "geheim")
        async with listening(broker.url, {"p/v": "text"}, options=options) as granted:
            await granted.until(told("connect.waiting"))

    said = next(one for one in sink.told if one.key == "connect.mqtt.refused").sentence()
    assert "Not authorized" in said or "Bad user name or password" in said
    assert "falsch" not in f"{sink.told}"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "broker")])
    now = datetime.now(UTC).replace(tzinfo=None)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "broker.pem", folder / "broker.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return paths


async def test_an_encrypted_broker_is_trusted_by_its_authority_alone(listening: Listening, tmp_path: Path) -> None:
    """With `ca` values come; without, the reason is told; a file that is none is named."""
    cert, key = certificate(tmp_path)
    broker = Broker(tmp_path, f"certfile {cert}", f"keyfile {key}", scheme="mqtts")
    with broker:
        async with listening(broker.url, {"p/v": "text"}, options={"ca": str(cert)}) as sink:
            await sink.until(told("connect.waiting"))
        async with listening(broker.url, {"p/v": "text"}) as sink:
            await sink.until(told("connect.mqtt.tls"))
            assert "self" in sink.told[-1].sentence()
        async with listening(broker.url, {"p/v": "text"}, options={"ca": str(key)}) as sink:
            await sink.until(told("connect.mqtt.tls_files"))
            assert str(key) in sink.told[-1].sentence()


@pytest.mark.parametrize(
    ("options", "key"),
    [({"version": "4"}, "connect.mqtt.version"), ({"time": "a..b"}, "connect.mqtt.time_path")],
)
def test_an_option_that_means_nothing_is_refused_at_once(options: dict[str, Any], key: str) -> None:
    """Before anything is connected."""
    settings = SourceSettings.model_validate(
        {"id": "mill", "type": "mqtt", "url": "mqtt://127.0.0.1", "options": options}
    )

    with pytest.raises(ConfigurationError) as raised:
        source(settings, {})

    assert raised.value.key == key
