"""One connection to a broker: what it delivers, in batches, and acknowledgements only when we say so.

aiomqtt acknowledges a message as soon as it is in its queue, which is before it is stored; and it makes a task for
each. So this takes messages from the library's own hook instead, and hands out as many as there are.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any, NamedTuple, TypeVar

import aiomqtt
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from lineside.connect.attention import Attention
from lineside.connect.live import now_us
from lineside.connect.mqtt_broker import Broker
from lineside.connect.wording import reason
from lineside.errors import LinesideError, Unreachable

IN_FLIGHT = 1_000
"""How many messages a broker of MQTT 5 may send us before the first is acknowledged."""
BATCH = 1_000
GATHER_S = 0.2
QUIET_S = 0.005
FEW = 8
WEIGHT = 1_000
"""What a message takes beside its payload, in bytes."""
INBOX = 32 * 1024 * 1024
"""So many bytes may wait. Beyond, messages nobody wants acknowledged are dropped and counted; at twice as many, the
others are left to the network, and so to the broker."""
READS = 100
TOPICS_A_CALL = 100
FAILURE = 0x80
KEEP_ALIVE = 0x8D
GOODBYE_S = 1.0

T = TypeVar("T")


class Arrival(NamedTuple):
    """A message, when it was read (microseconds UTC), how long it may have waited, and for how much of it we stood."""

    message: MQTTMessage
    time: int
    waited: int
    stood: int

    @property
    def since(self) -> int:
        """The earliest moment at which it may have come."""
        return self.time - self.waited


class Session(aiomqtt.Client):
    """A connection to a broker; `kept_s` is how long the broker keeps what we miss, 0 for not at all."""

    def __init__(self, broker: Broker, *, kept_s: float = 0, will: aiomqtt.Will | None = None) -> None:
        five = broker.version == "5"
        properties = None
        if five:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.ReceiveMaximum = IN_FLIGHT
            properties.SessionExpiryInterval = min(round(kept_s), 2**32 - 1)
        super().__init__(
            broker.host,
            broker.port,
            username=broker.user,
            password=broker.password,
            identifier=broker.client_id,
            protocol=aiomqtt.ProtocolVersion.V5 if five else aiomqtt.ProtocolVersion.V311,
            clean_session=None if five else not kept_s,
            clean_start=not kept_s if five else MQTT_CLEAN_START_FIRST_ONLY,  # the only value 3.1.1 may have
            properties=properties,
            keepalive=broker.keepalive_s,
            timeout=broker.connect_s,
            tls_context=broker.tls(),
            will=will,
        )
        self._logger.setLevel(logging.CRITICAL)  # what it has to say is told as the source's health
        self._client.connect_timeout = broker.connect_s
        self._client.manual_ack_set(bool(kept_s))
        self._five = five
        self._inbox: deque[Arrival] = deque()
        self._waiting = 0
        self._paused = False
        self._stir = asyncio.Event()
        self._forgotten: set[str] = set()
        self.abandoned = False
        self.present = False
        self.lowered = False
        self.dropped = 0
        self.attention = Attention(now_us)
        self.received = 0
        """Messages that `gather` gives back sooner or later."""

    async def listen(self, topics: Iterable[str], qos: int = 1) -> dict[str, str]:
        """Subscribes; gives back the topics that are refused, with the broker's reason."""
        refused = {}
        wanted = list(topics)
        options = SubscribeOptions(qos)
        for at in range(0, len(wanted), TOPICS_A_CALL):
            some = wanted[at : at + TOPICS_A_CALL]
            if self._five:
                codes = await self.subscribe([(topic, options) for topic in some])
            else:
                codes = await self.subscribe([(topic, qos) for topic in some])
            for topic, code in zip(some, codes, strict=True):
                value = int(str(getattr(code, "value", code)))
                if value >= FAILURE:
                    refused[topic] = "denied" if value == FAILURE else f"denied: {code}"
                self.lowered = self.lowered or value < qos
        return refused

    def unread(self) -> int:
        """How many messages wait to be gathered."""
        return len(self._inbox)

    async def gather(self) -> list[Arrival]:
        """The messages that came, in order: a full batch under load, else those of a fifth of a second.

        A broker stops at its own limit of unacknowledged messages, which it does not tell; so a pause after some
        ends the batch. Raises what ended the connection once nothing is left.
        """
        while not self._inbox:
            self._check()
            self._stir.clear()
            await self._stir.wait()
        until = monotonic() + GATHER_S
        while (count := len(self._inbox)) < BATCH and monotonic() < until and not self._disconnected.done():
            await asyncio.sleep(QUIET_S)
            if len(self._inbox) == count >= FEW:
                break
        batch = [self._inbox.popleft() for _ in range(min(len(self._inbox), BATCH))]
        self._waiting -= sum(_weight(one.message) for one in batch)
        if self._paused and self._waiting < INBOX:
            self._paused = False
            self._read_on()
        return batch

    def acknowledge(self, messages: Iterable[MQTTMessage]) -> None:
        """Lets the broker forget these messages, in order."""
        for message in messages:
            if message.qos:
                self._client.ack(message.mid, message.qos)

    def forget(self, topic: str) -> None:
        """Wants no more messages of a topic that the broker still sends because an earlier session wanted it."""
        if topic and topic not in self._forgotten:
            self._forgotten.add(topic)
            _, mid = self._client.unsubscribe(topic)
            if mid is not None:
                self._pending_unsubscribes[mid] = asyncio.Event()

    def _check(self) -> None:
        if self._disconnected.done():
            error = self._disconnected.exception()
            raise Unreachable("connect.closed") if error is None else told(error)

    def abandon(self) -> None:
        """Closes what is left of the connection without a word to the broker."""
        self.abandoned = True
        if self._misc_task is not None:
            self._misc_task.cancel()
        if (socket := self._client.socket()) is not None and socket.fileno() >= 0:
            self._loop.remove_reader(socket.fileno())
            self._loop.remove_writer(socket.fileno())
            socket.close()

    # What the library calls

    async def _wait_for(self, fut: Awaitable[T], timeout: float | None) -> T:  # noqa: ASYNC109 - as the library has it
        """In the place of the library's, by which an answer that comes just then undoes a cancelling in Python 3.11."""
        seconds = self.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(seconds):
                return await fut
        except TimeoutError:
            raise aiomqtt.MqttError("Operation timed out") from None

    def _on_connect(
        self,
        client: PahoClient,
        userdata: Any,
        flags: ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.present = flags.session_present
        self.attention.begin()
        self._disconnected.add_done_callback(self._on_gone)
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_gone(self, disconnected: asyncio.Future[None]) -> None:
        if not disconnected.cancelled():
            disconnected.exception()  # looked at, or asyncio would log it as forgotten
        self._stir.set()

    def _on_disconnect(
        self,
        client: PahoClient,
        userdata: Any,
        flags: DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        if not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttCodeError(reason_code))
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _on_message(self, _client: PahoClient, _userdata: Any, message: MQTTMessage) -> None:
        if not message.qos and self._waiting >= INBOX:
            self.dropped += 1
            return
        self._waiting += _weight(message)
        now, said = now_us(), self.attention.said()
        waited = 0 if said is None else max(now - said, 0)
        self._inbox.append(Arrival(message, now, waited, self.attention.stood if waited else 0))
        self.received += 1
        self._stir.set()

    def _on_socket_open(self, client: PahoClient, userdata: Any, sock: Any) -> None:
        super()._on_socket_open(client, userdata, sock)
        self._loop.call_soon_threadsafe(self._read_on)  # in the place of the library's, which reads one message

    def _on_socket_register_write(self, _client: PahoClient, _userdata: Any, sock: Any) -> None:
        self._loop.call_soon_threadsafe(self._write_on, sock)

    def _write_on(self, sock: Any) -> None:
        """Writes when there is room; by now the socket may be closed, and its number another connection's."""
        if sock.fileno() >= 0:
            self._loop.add_writer(sock.fileno(), self._write)

    def _write(self) -> None:
        try:
            self._client.loop_write()
        except Exception as error:  # noqa: BLE001 - as in `_read`
            self._lose(error)

    def _on_socket_unregister_write(self, client: PahoClient, userdata: Any, sock: Any) -> None:
        if sock.fileno() >= 0:
            super()._on_socket_unregister_write(client, userdata, sock)

    def _read_on(self) -> None:
        sock = self._client.socket()
        if sock is not None:
            self._loop.add_reader(sock.fileno(), self._read)
            self._loop.call_soon(self._read)

    def _read(self) -> None:
        """Reads what has come, as long as there is room for it."""
        self.attention.waits = False
        try:
            for _ in range(READS):
                before = len(self._inbox)
                self._client.loop_read()
                sock = self._client.socket()
                if sock is None:
                    return
                if self._waiting >= 2 * INBOX:
                    self._paused = True
                    self._loop.remove_reader(sock.fileno())
                    return
                unread = isinstance(sock, ssl.SSLSocket) and sock.pending()
                if len(self._inbox) == before and not unread:
                    self.attention.waits = True
                    return
            if unread:  # the network has nothing more, but the decoder has
                self._loop.call_soon(self._read)
        except Exception as error:  # noqa: BLE001 - whatever broke, the connection is lost; the library does the same
            self._lose(error)

    def _lose(self, error: Exception) -> None:
        if not self._disconnected.done():
            self._disconnected.set_exception(error)


def _weight(message: MQTTMessage) -> int:
    return WEIGHT + len(message.payload)


@asynccontextmanager
async def connected(session: Session) -> AsyncIterator[Session]:
    """The session while it is connected; raises Unreachable or OSError where the broker does not want it so."""
    entering = asyncio.ensure_future(session.__aenter__())
    attention = asyncio.ensure_future(session.attention.keep())
    try:
        await asyncio.shield(entering)
        try:
            yield session
        finally:
            if not session.abandoned:  # else there is nobody to say goodbye to
                with suppress(aiomqtt.MqttError, TimeoutError, OSError):
                    async with asyncio.timeout(GOODBYE_S):
                        await session.__aexit__(None, None, None)
    except aiomqtt.MqttError as error:
        raise told(error) from error
    finally:
        attention.cancel()
        await asyncio.wait([entering, attention])  # its thread cannot be stopped, and would leave a connection open
        session.abandon()


def told(error: BaseException) -> LinesideError | OSError:
    """What the library's error means to a person."""
    cause = error.__context__
    if isinstance(cause, ssl.SSLError):
        why = getattr(cause, "verify_message", "") or cause.reason or str(cause)
        return Unreachable("connect.mqtt.tls", reason=why)
    for one in (cause, error):
        if isinstance(one, OSError):
            return one
    code = getattr(error, "rc", None)
    if code in (MQTTErrorCode.MQTT_ERR_NO_CONN, MQTTErrorCode.MQTT_ERR_CONN_LOST):
        return Unreachable("connect.closed")
    if not isinstance(code, ReasonCode):
        return Unreachable("connect.mqtt.refused", reason=reason(error))
    if code.value == KEEP_ALIVE:
        return TimeoutError()
    return (
        Unreachable("connect.closed")
        if code.value == FAILURE
        else Unreachable("connect.mqtt.refused", reason=str(code))
    )
