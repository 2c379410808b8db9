"""Sparkplug B: a host application that follows edge nodes and their devices.

Promise: best effort with every gap told. Sparkplug publishes with QoS 0 and numbers its messages; a missing number is
lost time of its node, told with its bounds, until the node is born again. The one thing that is sent to an edge node is
the request for that, "Node Control/Rebirth", as the specification has it: it asks the node to say everything again,
and reaches no controller.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from lineside.connect.found import Look, Surroundings
from lineside.connect.live import BACK_US, Delivery, LiveSource, now_us
from lineside.connect.mqtt_broker import BROKER_OPTIONS, PORTS, broker_of, listening_beside
from lineside.connect.mqtt_payload import observe_json
from lineside.connect.observations import Observation
from lineside.connect.source import Option
from lineside.connect.sparkplug_encode import rebirth_request
from lineside.connect.sparkplug_node import Explained, Gap, Heard, Message
from lineside.connect.sparkplug_payload import (
    Type,
    Unreadable,
    parts_of,
    quality_of,
    read_payload,
    value_of,
)
from lineside.connect.sparkplug_peer import NAMESPACE, Peer
from lineside.connect.tasks import every, together
from lineside.connect.timestamps import plausible
from lineside.errors import Unreachable
from lineside.history import Quality
from lineside.plant import Kind, SourceSettings

if TYPE_CHECKING:
    from lineside.connect.mqtt_session import Arrival, Session

BIRTHS = frozenset({"NBIRTH", "DBIRTH"})
DATA = frozenset({"NDATA", "DDATA"})
DEATHS = frozenset({"NDEATH", "DDEATH"})
LOOK_S = 0.2
JUDGE_S = 1.0
PULSE_S = 5.0
TAKEN_EVERY_S = 0.02
ASKS_A_LOOK = 20
"""No more rebirth requests at once: births are large, and hundreds of nodes may be new."""
GOODBYE_S = 0.5


class SparkplugSource(LiveSource):
    """Follows the edge nodes of its addresses, `group/node/device/metric`, at a broker (`mqtt://` or `mqtts://`).

    The device is left empty for a metric of the node itself: `group/node//metric`.
    """

    SCHEMES = frozenset(PORTS)
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        **BROKER_OPTIONS,
        "host_id": Option(
            "", "Name of this host application, for nodes that wait for it; the client id when left out."
        ),
        "rebirth": Option(default=True, description="Ask nodes for their births when something is missing."),
        "reorder_s": Option(2.0, "How long a message may wait for one that was sent before it.", 0, 60),
        "settle_s": Option(10.0, "After connecting, how long a wanted metric may keep silent unnoticed.", 0, 3600),
        "silent_s": Option(0.0, "How long a node may send nothing; 0: as long as it is connected.", 0, 86_400),
    }

    def __init__(self, settings: SourceSettings, wanted: Mapping[str, Kind]) -> None:
        super().__init__(settings, wanted)
        self._broker = broker_of(settings, self._options)
        host = self.text("host_id") or self._broker.client_id
        self._state_topic = f"{NAMESPACE}/STATE/{host}"
        self._host = host
        self._peers: dict[tuple[str, str], Peer] = {}
        self._unusable: dict[str, str] = {}
        self._denied: dict[str, str] = {}
        self._seen: set[str] = set()
        self._taken = self._taking = self._looked = 0
        self._since = self._known = 0
        self._turn = asyncio.Lock()
        patience_us = round(self.number("reorder_s") * 1_000_000)
        for address in wanted:
            group, node, device, metric = (*address.split("/", 3), "", "", "")[:4]
            if not group or not node or not metric or "+" in address or "#" in f"{group}{node}{device}":
                self._unusable[address] = "group/node/device/metric"
                continue
            peer = self._peers.setdefault((group, node), Peer(group, node, patience_us))
            peer.addresses.setdefault(device, {})[metric] = address

    async def look_around(self, look: Look) -> Surroundings:
        """Every metric of the edge nodes that speak while they are listened to; each is asked once for its births."""
        from lineside.connect.mqtt_session import Session, connected
        from lineside.connect.sparkplug_browse import Nodes

        nodes = Nodes()
        asked: set[tuple[str, str]] = set()
        async with connected(Session(self._broker)) as session:
            await session.listen([f"{NAMESPACE}/#"], qos=0)
            with suppress(TimeoutError):
                async with asyncio.timeout(look.left_s):
                    while True:
                        for message, *_ in await session.gather():
                            if not message.retain:
                                nodes.hear(message.topic, bytes(message.payload), now_us())
                        look.found = len(nodes.items)
                        for group, node in nodes.unborn - asked if self._options["rebirth"] else ():
                            asked.add((group, node))
                            await session.publish(f"{NAMESPACE}/{group}/NCMD/{node}", rebirth_request(now_us() // 1000))
        return Surroundings(self.settings, list(nodes.items.values()), machines=nodes.machines, listened=True)

    @classmethod
    def beside(cls, settings: SourceSettings) -> SourceSettings:
        """As a host application of another name."""
        return listening_beside(settings, host_id="")

    async def converse(self, delivery: Delivery) -> None:
        """Says that this host is online, and takes what the nodes say until the connection ends."""
        import aiomqtt

        from lineside.connect.mqtt_session import Session, connected

        began_ms = now_us() // 1000
        will = aiomqtt.Will(self._state_topic, _state(online=False, time_ms=began_ms), qos=1, retain=True)
        async with connected(Session(self._broker, will=will)) as session:
            self._since = self._known = now_us()
            self._seen = set()
            self._taken = self._taking = self._looked = 0
            for peer in self._peers.values():
                peer.begin(self._since)
            delivery.connected()
            known = [address for peer in self._peers.values() for address in peer.all() if delivery.knows(address)]
            delivery.ended(known, self._since)  # until its birth a node may be away: a broker's restart forgets wills
            delivery.vitals.inbox = session.unread
            topics = [self._state_topic, *(topic for peer in self._peers.values() for topic in peer.topics)]
            denied = await session.listen(topics)
            self._deny(denied, delivery)
            await session.publish(self._state_topic, _state(online=True, time_ms=began_ms), qos=1, retain=True)
            delivery.judge()
            try:
                listen, pulse = self._listen(session, delivery, began_ms), self._pulse(session, delivery)
                look = every(LOOK_S, lambda: self._look(session, delivery))
                await together(listen, look, every(JUDGE_S, lambda: self._judge(delivery)), pulse)
            finally:
                for peer in self._peers.values():
                    await self._take(peer, peer.node.flush(), delivery)
                with suppress(aiomqtt.MqttError, TimeoutError):
                    async with asyncio.timeout(GOODBYE_S):
                        gone = _state(online=False, time_ms=now_us() // 1000)
                        await session.publish(self._state_topic, gone, qos=1, retain=True)

    def _deny(self, denied: Mapping[str, str], delivery: Delivery) -> None:
        self._denied = dict(self._unusable)
        for peer in self._peers.values():
            if reasons := [denied[topic] for topic in peer.topics if topic in denied]:
                self._denied.update(dict.fromkeys(peer.all(), reasons[0]))
        delivery.refused(self._denied)

    async def _pulse(self, session: Session, delivery: Delivery) -> None:
        """Hears the broker itself: while it answers, and tells no death, what a node does not say did not change."""
        while True:
            asked = now_us()
            await session.listen([self._state_topic])
            before = session.received
            while self._taken < before:  # noqa: ASYNC110 what came before the answer is not heard until it is taken
                await asyncio.sleep(TAKEN_EVERY_S)
            self._reach(asked)
            delivery.alive(self._known)
            await asyncio.sleep(min(PULSE_S, self.settings.stale_after_s / 3))

    async def _listen(self, session: Session, delivery: Delivery, began_ms: int) -> None:
        while True:
            arrivals = await session.gather()
            for one in arrivals:
                self._taking, message = one.time, one.message
                topic = message.topic
                if topic == self._state_topic:
                    if not message.retain and not _says_online(bytes(message.payload)):
                        await session.publish(topic, _state(online=True, time_ms=began_ms), qos=1, retain=True)
                    continue
                if not message.retain:  # what a broker kept may be of a node that is long gone
                    await self._hear(topic, one, delivery)
            self._taken += len(arrivals)
            delivery.alive(self._known)
            if session.dropped:
                dropped, session.dropped = session.dropped, 0
                delivery.vitals.dropped += dropped
                delivery.notice("connect.mqtt.dropped", count=dropped)

    def _reach(self, time: int) -> None:
        """All that was said until then has come: what was said later may be on the way still, and be lost there."""
        self._known = min(max(self._known, time), now_us())

    async def _hear(self, topic: str, one: Arrival, delivery: Delivery) -> None:
        parts = topic.split("/")
        if len(parts) not in (4, 5) or parts[2] not in BIRTHS | DATA | DEATHS:
            return
        peer = self._peers.get((parts[1], parts[3]))
        if peer is None:
            return
        try:
            payload = read_payload(bytes(one.message.payload))
        except Unreadable as error:
            delivery.notice("connect.sparkplug.unreadable", count=1, topic=topic, reason=str(error))
            return
        message = Message(parts[2], parts[4] if len(parts) == 5 else "", payload, one.time, waited=one.waited)
        async with self._turn:
            await self._take(peer, peer.node.receive(message), delivery)
        self._reach(min(payload.timestamp * 1000, one.since))

    async def _look(self, session: Session, delivery: Delivery) -> None:
        """Gives up on messages that do not come, and asks for the births that are needed, some at a time."""
        before, self._looked = self._looked, now_us()
        asks, now = 0, self._looked
        if before - now > BACK_US:
            raise Unreachable("connect.clock_back", seconds=(before - now) // 1_000_000)  # all waits for times by it
        come = session.attention.said() or now  # later ones may lie in the network, or here
        if self._taken < session.received:
            come = min(come, self._taking)
        for peer in self._peers.values():
            async with self._turn:
                await self._take(peer, peer.node.overdue(come), delivery)
            if peer.wants_birth and now >= peer.ask_after and asks < ASKS_A_LOOK and self._options["rebirth"]:
                asks += 1
                peer.asked(now)
                await session.publish(peer.command, rebirth_request(now // 1000))

    async def _take(self, peer: Peer, heard: Iterable[Heard], delivery: Delivery) -> None:
        for one in heard:
            peer.silent = False
            if isinstance(one, Gap):
                peer.wants_birth = peer.lost = True
                delivery.ended(peer.all(), one.since + 1)
                since, until = (datetime.fromtimestamp(t / 1e6, UTC).isoformat() for t in (one.since, one.until))
                delivery.notice(
                    "connect.sparkplug.gap", of=peer.name, count=one.missing, node=peer.name, since=since, until=until
                )
            elif one.kind in BIRTHS:
                known = peer.node.learn(one)
                if one.kind == "NBIRTH":
                    peer.born(one.received)
                await self._put(peer, one, known, delivery)
            elif one.kind in DATA:
                if one.device not in peer.node.explained:
                    peer.wants_birth = True
                await self._put(peer, one, peer.node.explained.get(one.device, Explained()), delivery)
            else:
                self._bury(peer, one, delivery)

    def _bury(self, peer: Peer, death: Message, delivery: Delivery) -> None:
        """The values of a node end when its death is heard, those of a device when its node says it died."""
        peer.node.explained.pop(death.device, None)
        if death.kind == "NDEATH":
            peer.node.explained.clear()
            delivery.ended(peer.all(), death.since)
            return
        time = death.payload.timestamp * 1000
        time = time if plausible(time, death.received) else death.received
        delivery.ended(peer.addresses.get(death.device, {}).values(), min(time, death.received))

    async def _put(self, peer: Peer, message: Message, known: Explained, delivery: Delivery) -> None:
        now_rows: list[Observation] = []
        old_rows: list[Observation] = []
        wanted = peer.addresses.get(message.device, {})
        unknown = 0
        for metric in message.payload.metrics:
            name = metric.name
            if not name:
                found = None if peer.node.lossy else known.names.get(metric.alias)
                if found is None:
                    unknown += 1
                    continue
                name = found
            rows = old_rows if metric.is_historical or message.late else now_rows
            rows += self._rows(name, metric, message, known, wanted)
        if message.late:
            now_rows = []
        if unknown:
            peer.wants_birth = True
            if not peer.node.lossy:
                delivery.notice("connect.sparkplug.unknown_alias", of=peer.name, count=unknown, node=peer.name)
        for row in now_rows:
            if row.quality is Quality.BAD:
                delivery.notice("connect.mqtt.not_a_number", count=1, address=row.address)
        self._seen.update(row.address for row in now_rows)
        if old_rows:
            await delivery.recall(old_rows)
        await delivery.put(now_rows)

    def _rows(
        self, name: str, metric: Any, message: Message, known: Explained, wanted: Mapping[str, str]
    ) -> Iterator[Observation]:
        """The observations of one metric, or of its parts; a birth repeats quantities that were told already."""
        datatype = metric.datatype or known.types.get(name, 0)
        parts: Iterable[tuple[str, int, object]]
        if datatype in (Type.TEMPLATE, Type.DATASET, 0):
            parts = parts_of(name, metric, known.types)
        elif name in wanted:
            parts = ((name, datatype, None if metric.is_null else value_of(metric, datatype)),)
        else:
            return
        stamp = metric.timestamp or message.payload.timestamp
        time = stamp * 1000 if stamp else message.received
        quality = quality_of(metric)
        for part, _, value in parts:
            address = wanted.get(part)
            if address is None:
                continue
            kind = self.wanted[address]
            if kind == "count" and message.kind in BIRTHS:
                continue
            if quality >= Quality.BAD:
                yield Observation(address, time, None, None, quality)
                continue
            row = observe_json(address, kind, time, value)
            yield row if quality is Quality.GOOD else row._replace(quality=max(quality, row.quality))

    async def _judge(self, delivery: Delivery) -> None:
        """Names the wanted metrics that have no value, and why."""
        now = now_us()
        missing = dict(self._denied)
        settle_us = self.number("settle_s") * 1_000_000
        for peer in self._peers.values():
            self._judge_silence(peer, now, delivery)
            settled = now - max(self._since, peer.born_at) > settle_us
            for device, names in peer.addresses.items():
                known = peer.node.explained.get(device)
                for name, address in names.items():
                    if why := _why_missing(peer, known, name, settled=settled and address not in self._seen):
                        missing[address] = why
                if known is None and settled and peer.node.born:
                    missing.update(dict.fromkeys(names.values(), "device offline"))
                    delivery.ended(names.values(), peer.born_at)
        delivery.refused(missing)

    def _judge_silence(self, peer: Peer, now: int, delivery: Delivery) -> None:
        silent_us = self.number("silent_s") * 1_000_000
        if silent_us and peer.node.born and now - peer.node.last > silent_us:
            delivery.ended(peer.all(), peer.node.last + 1)
            peer.silent = peer.wants_birth = True


def _why_missing(peer: Peer, known: Explained | None, name: str, *, settled: bool) -> str:
    if peer.node.dead:
        return "node offline"
    if peer.silent:
        return "node silent"
    if not settled:
        return ""
    if not peer.node.born:
        return "no birth yet"
    return "not in the birth" if known is not None and name not in known.types else ""


def _state(*, online: bool, time_ms: int) -> str:
    return json.dumps({"online": online, "timestamp": time_ms})


def _says_online(payload: bytes) -> bool:
    try:
        said = json.loads(payload)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("online") is True
