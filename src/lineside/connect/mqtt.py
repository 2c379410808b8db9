"""Plain MQTT: topics whose payload is a value, or JSON with values in it.

Promise: acknowledged. The broker keeps what is published with QoS 1 for us, also while we are away, and is told that
we have a message only after the commit; what it then sends again is recognised. What is published with QoS 0 is not
kept by anybody.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from lineside.connect.found import Look, Surroundings
from lineside.connect.json_text import read_document
from lineside.connect.live import FAREWELL_S, Delivery, LiveSource, now_us
from lineside.connect.mqtt_broker import BROKER_OPTIONS, PORTS, broker_of, listening_beside
from lineside.connect.mqtt_payload import MISSING, Path, look_up, observe_json, read_address, read_path, read_time
from lineside.connect.observations import Observation, observe_text
from lineside.connect.source import Option, Promise
from lineside.connect.tasks import every, together
from lineside.connect.timestamps import Timestamps
from lineside.errors import ConfigurationError, Unreachable
from lineside.history import Quality
from lineside.plant import Kind, SourceSettings

if TYPE_CHECKING:
    from paho.mqtt.client import MQTTMessage

    from lineside.connect.mqtt_session import Arrival, Session

DROPPED = "$SYS/broker/publish/messages/dropped"
"""Where mosquitto counts what it could not keep for one of its clients; it tells nobody else."""
STOOD_US = 2_000_000
"""Values dated by their receipt after a longer standstill of this process are told."""
REMEMBERED = 4_000
"""Receipts kept for messages that the broker may send again; it may have half as many on the way."""


class _Wanted(NamedTuple):
    """What is wanted of one topic."""

    plain: list[str]
    paths: list[tuple[str, Path]]


class MqttSource(LiveSource):
    """Subscribes to topics of the broker at `mqtt://host[:port]` or `mqtts://host[:port]`."""

    PROMISE = Promise.ACKNOWLEDGED
    SCHEMES = frozenset(PORTS)
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        **BROKER_OPTIONS,
        "time": Option("", "Path of the source's own time in JSON payloads; when left out, the time of receipt."),
        "keep_h": Option(
            168.0,
            "Hours for which the broker keeps messages of a node that is away: with 3.1.1 as it likes, with 0 none.",
            0,
            87_600,
        ),
        "settle_s": Option(60.0, "After connecting, how long a wanted topic may keep silent unnoticed.", 0, 86_400),
    }

    def __init__(self, settings: SourceSettings, wanted: Mapping[str, Kind]) -> None:
        super().__init__(settings, wanted)
        self._broker = broker_of(settings, self._options)
        self._stamps = Timestamps()
        self._unusable: dict[str, str] = {}
        self._topics: dict[str, _Wanted] = {}
        self._absent: set[str] = set()
        self._found: set[str] = set()
        self._resumed = False
        try:
            self._time = read_path(self.text("time")) if self.text("time") else None
        except ValueError as error:
            raise ConfigurationError("connect.mqtt.time_path", source=settings.id, path=self.text("time")) from error
        for address in wanted:
            try:
                topic, path = read_address(address)
            except ValueError as error:
                self._unusable[address] = str(error)
                continue
            here = self._topics.setdefault(topic, _Wanted([], []))
            if path is None:
                here.plain.append(address)
            else:
                here.paths.append((address, path))

    @classmethod
    def beside(cls, settings: SourceSettings) -> SourceSettings:
        """Under another name, for which the broker keeps nothing."""
        return listening_beside(settings, keep_h=0)

    async def look_around(self, look: Look) -> Surroundings:
        """Every topic on which something is published while it is listened to, or was retained."""
        from lineside.connect.mqtt_browse import Topics
        from lineside.connect.mqtt_session import Session, connected

        topics = Topics()
        async with connected(Session(self._broker)) as session:
            denied = await session.listen(["#"], qos=0)
            if denied:
                raise Unreachable("connect.mqtt.refused", reason="; ".join(denied.values()))
            with suppress(TimeoutError):
                async with asyncio.timeout(look.left_s):
                    while True:
                        for message, *_ in await session.gather():
                            topics.hear(_topic_of(message), bytes(message.payload), now_us())
                        look.found = len(topics.items)
        return topics.found(self.settings, look)

    async def converse(self, delivery: Delivery) -> None:
        """Takes messages until the connection ends, and acknowledges each batch when it is durable."""
        from lineside.connect.mqtt_session import Session, connected

        async with connected(Session(self._broker, kept_s=self.number("keep_h") * 3600)) as session:
            delivery.connected()
            delivery.vitals.inbox = session.unread
            self._absent, self._found = set(), set()
            await self._resume(session, delivery)
            denied = await session.listen(self._topics)
            await session.listen([DROPPED], qos=0)
            if session.lowered:
                delivery.notice("connect.mqtt.lowered")
            refused = {**self._unusable, **{a: denied[t] for t in denied for a in self._addresses(t)}}
            delivery.refused(refused)
            delivery.judge()
            await together(self._settle(session, delivery, refused), self._listen(session, delivery))

    async def _resume(self, session: Session, delivery: Delivery) -> None:
        """Says what the time we were away is worth.

        It is no gap where the broker kept all messages and every one carries its own time. Without that it is not
        known when, in between, things happened.
        """
        self._resumed = session.present
        if not session.present and "heard" in self.memory:
            await delivery.gap("connect.mqtt.session_lost", client_id=self._broker.client_id)

    def _is_kept(self, fresh: Iterable[Arrival]) -> bool:
        """Whether all that the wanted topics say is kept for us and carries its own time, by what they said last."""
        unkept: set[str] = self.memory.setdefault("unkept", set())
        spoke = [(one.message.topic, one.message.qos) for one in fresh]
        unkept.difference_update(topic for topic, _ in spoke)
        unkept.update(topic for topic, qos in spoke if not qos)
        return self._time is not None and not unkept and not any(here.plain for here in self._topics.values())

    def _undated(self, topic: str) -> list[str]:
        """The addresses of a topic whose values have no time of their own."""
        return self._addresses(topic) if self._time is None else self._topics[topic].plain

    def _addresses(self, topic: str) -> list[str]:
        here = self._topics[topic]
        return [*here.plain, *(address for address, _ in here.paths)]

    async def _settle(self, session: Session, delivery: Delivery, refused: Mapping[str, str]) -> None:
        """Names the wanted addresses that had no value. Without a kept session nothing says that an old one holds."""
        await asyncio.sleep(self.number("settle_s"))

        async def name_absent() -> None:
            absent = dict.fromkeys(self._absent - self._found, "not in the payload")
            delivery.refused({**absent, **refused}, hold=session.present)
            delivery.refuse_unheard(hold=session.present)

        await every(1.0, name_absent)

    async def _listen(self, session: Session, delivery: Delivery) -> None:
        durable: list[MQTTMessage] = []
        try:
            while True:
                arrivals = await session.gather()
                await self._take(arrivals, session, delivery)
                durable = [one.message for one in arrivals]
                await delivery.flush()
                session.acknowledge(durable)
                durable = []
        except asyncio.CancelledError:
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await delivery.flush()
                    session.acknowledge(durable)
            raise

    async def _take(self, arrivals: Iterable[Arrival], session: Session, delivery: Delivery) -> None:
        """Puts what a batch of messages says."""
        rows: list[Observation] = []
        fresh: list[tuple[Arrival, list[Observation]]] = []
        for one in arrivals:
            message = one.message
            topic = _topic_of(message)
            if topic == DROPPED:
                self._mind_dropped(message.payload, delivery)
                continue
            if topic not in self._topics:  # wanted by an earlier edition of the plant file
                session.forget(topic)
                continue
            said = self._read(topic, one, delivery)
            rows += said
            if not message.retain:
                fresh.append((one, said))
                self._mind_waited(one, said, delivery)
        await delivery.put(rows)
        if fresh:
            self._hear(fresh, delivery)
        if session.dropped:
            dropped, session.dropped = session.dropped, 0
            delivery.vitals.dropped += dropped
            delivery.notice("connect.mqtt.dropped", count=dropped)

    def _mind_waited(self, one: Arrival, said: Iterable[Observation], delivery: Delivery) -> None:
        """Tells how far off values may be that are dated by their receipt after this computer stood still."""
        count = sum(row.time == one.time for row in said)
        if count and one.stood > STOOD_US:
            since, until = (datetime.fromtimestamp(t / 1e6, UTC).isoformat() for t in (one.since, one.time))
            delivery.notice("connect.mqtt.waited", count=count, since=since, until=until)

    def _hear(self, fresh: Iterable[tuple[Arrival, list[Observation]]], delivery: Delivery) -> None:
        """Says when topics spoke: just now, or as their messages have it, or at the earliest they may have come.

        The time this node was away is no gap where the broker kept all for it and every message carries its own
        time. Without that it is not known when, in between, things happened.
        """
        kept = self._is_kept(one for one, _ in fresh)
        if self._resumed and kept and not delivery.has_begun:
            delivery.bridge()
        self._resumed = False
        for waited, run in groupby(fresh, lambda pair: pair[0].waited > 0):
            pairs = list(run)
            own = sorted(row.time for one, rows in pairs for row in rows if one.since < row.time < one.time)
            if not waited:
                delivery.spoke(max(one.time for one, _ in pairs))
            elif kept and own:
                for moment in own:
                    delivery.spoke(moment)
            else:
                delivery.alive(max(one.since for one, _ in pairs))

    def _mind_dropped(self, payload: bytes | bytearray, delivery: Delivery) -> None:
        before = self.memory.get("dropped")
        self.memory["dropped"] = total = int(payload) if payload.isdigit() else before
        if before is not None and total > before:
            delivery.notice("connect.mqtt.broker_dropped", count=total - before)

    def _read(self, topic: str, one: Arrival, delivery: Delivery) -> list[Observation]:
        """The observations of one message; what is wrong with it is told, and the others go on."""
        here = self._topics[topic]
        message = one.message
        received = self._received(topic, one, delivery)
        rows = self._read_plain(here, message, received, delivery) if here.plain else []
        if here.paths:
            try:
                document = read_document(bytes(message.payload))
            except ValueError:
                delivery.notice("connect.mqtt.not_json", count=1, topic=topic)
                return rows
            rows += self._read_document(here, document, message, received, delivery)
        return rows

    def _read_plain(self, here: _Wanted, message: MQTTMessage, received: int, delivery: Delivery) -> list[Observation]:
        try:
            text = bytes(message.payload).decode().strip()
        except UnicodeDecodeError:
            delivery.notice("connect.mqtt.not_text", count=1, topic=message.topic)
            return []
        rows = [observe_text(a, self.wanted[a], received, text) for a in here.plain if self._timely(a, message)]
        return [self._checked(row, delivery) for row in rows]

    def _read_document(
        self, here: _Wanted, document: object, message: MQTTMessage, received: int, delivery: Delivery
    ) -> list[Observation]:
        time = received
        own = None
        if self._time is not None:
            own = read_time(look_up(document, self._time), self._stamps)
            if own is None:
                delivery.notice("connect.mqtt.no_time", count=1, topic=message.topic)
            else:
                time = own
        rows = []
        for address, path in here.paths:
            value = look_up(document, path)
            if value is MISSING:
                self._absent.add(address)
            elif own is not None or self._timely(address, message):
                self._found.add(address)
                rows.append(self._checked(observe_json(address, self.wanted[address], time, value), delivery))
        return rows

    def _timely(self, address: str, message: MQTTMessage) -> bool:
        """Whether a message without its own time tells something of now: an old quantity was counted long ago."""
        return not message.retain or self.wanted[address] != "count"

    def _checked(self, row: Observation, delivery: Delivery) -> Observation:
        if row.quality is Quality.BAD:
            delivery.notice("connect.mqtt.not_a_number", count=1, address=row.address)
        return row

    def _received(self, topic: str, one: Arrival, delivery: Delivery) -> int:
        """When the message first came: one sent again may be stored already, under that time.

        When that was before this process began, nobody knows; it is told where something may be counted twice.
        """
        message = one.message
        if not message.qos:
            return one.time
        receipts: OrderedDict[int, tuple[int, int]] = self.memory.setdefault("receipts", OrderedDict())
        known = receipts.pop(message.mid, None)
        print_ = hash((topic, message.payload))
        first = known[1] if known is not None and message.dup and known[0] == print_ else None
        if message.dup and first is None and any(self.wanted[address] == "count" for address in self._undated(topic)):
            delivery.notice("connect.mqtt.sent_again", count=1, topic=topic)
        time = one.time if first is None else first
        receipts[message.mid] = print_, time
        if len(receipts) > REMEMBERED:
            receipts.popitem(last=False)
        return time


def _topic_of(message: MQTTMessage) -> str:
    try:
        return message.topic
    except UnicodeDecodeError:
        return ""
