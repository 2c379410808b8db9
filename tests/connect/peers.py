"""A peer of each built-in type, for the contract."""

from __future__ import annotations

import asyncio
import json
import logging
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from asyncua import ua
from asyncua.server.server import Server

from lineside.connect.contract import Peer
from lineside.connect.modbus_address import Table
from lineside.connect.sparkplug_payload import Type
from tests.broker import Broker, Talker
from tests.connect.modbus_device import Device
from tests.connect.mtconnect_agent import Agent
from tests.connect.shdr_adapter import Adapter
from tests.connect.sparkplug_edge import Edge
from tests.shared import free_port


class _Served(Peer):
    """A peer that another block serves."""

    server: Any

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        self.port = self.server.port
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.server.__aexit__(kind, error, trace)


class ShdrPeer(_Served):
    """An adapter that greets with the last value and answers pings."""

    TYPE, SCHEME, ADDRESS = "shdr", "tcp", "load"
    OPTIONS: ClassVar = {"connect_s": 1}

    def __init__(self) -> None:
        self.server = Adapter(pong=b"* PONG 200\n")

    async def say(self, number: float) -> None:
        """Sends it with its time."""
        line = f"{datetime.now(UTC).replace(tzinfo=None).isoformat()}Z|load|{number}\n".encode()
        self.server.greeting = line
        self.server.say(line)


class MTConnectPeer(_Served):
    """An agent with a buffer."""

    TYPE, SCHEME, ADDRESS = "mtconnect", "http", "load"
    OPTIONS: ClassVar = {"heartbeat_s": 0.1, "interval_ms": 10, "connect_s": 1}

    def __init__(self) -> None:
        self.server = Agent()

    async def say(self, number: float) -> None:
        """Adds it to the buffer."""
        self.server.add("i2", str(number))


class ModbusPeer(_Served):
    """A device with one number in two registers."""

    TYPE, SCHEME, ADDRESS = "modbus", "modbus", "1/holding/0:int16*0.5"
    OPTIONS: ClassVar = {"interval_ms": 50, "answer_s": 0.3, "connect_s": 1}

    def __init__(self) -> None:
        self.server = Device({1: {Table.HOLDING: {0: 0}}})

    async def say(self, number: float) -> None:
        """Writes the register."""
        self.server.units[1][Table.HOLDING][0] = round(2 * number)


class OpcUaPeer(Peer):
    """A server with one node."""

    TYPE, SCHEME, ADDRESS = "opcua", "opc.tcp", "ns=2;s=Load"
    OPTIONS: ClassVar = {"publishing_ms": 50, "sampling_ms": 20, "connect_s": 1}

    async def __aenter__(self) -> Self:
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
        self.port = free_port()
        self._server = Server()
        await self._server.init()
        self._server.set_endpoint(f"opc.tcp://127.0.0.1:{self.port}")
        self._server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        await self._server.register_namespace("urn:press")
        node = ua.NodeId(ua.String("Load"), ua.Int16(2))
        self._node = await self._server.nodes.objects.add_variable(node, ua.QualifiedName("Load", ua.Int16(2)), 0.0)
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.stop()
        logging.getLogger("asyncua").setLevel(logging.NOTSET)

    async def say(self, number: float) -> None:
        """Writes the node."""
        await self._node.write_value(number)


class _Brokered(Peer):
    """A publisher at a mosquitto of its own, which saves each change, as brokers do that may be killed."""

    SETTINGS = ("autosave_interval 1", "autosave_on_changes true", "max_queued_messages 0")

    def __init__(self, *topics: str) -> None:
        self._topics = topics

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        broker = Broker(Path(self._folder.name), *self.SETTINGS)
        await asyncio.to_thread(broker.start)
        self.broker, self.port = broker, broker.port
        self.talker = await asyncio.to_thread(Talker(broker, *self._topics).__enter__)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.talker.__exit__, kind, error, trace)
        await asyncio.to_thread(self.broker.stop)
        self._folder.cleanup()


class MqttPeer(_Brokered):
    """It publishes with QoS 1, so the broker keeps what a session misses."""

    TYPE, SCHEME, ADDRESS = "mqtt", "mqtt", "press#n"
    OPTIONS: ClassVar = {"time": "t", "connect_s": 1}

    async def say(self, number: float) -> None:
        """Publishes it with its time."""
        payload = json.dumps({"t": time.time_ns() // 1_000_000 / 1000, "n": number})
        await asyncio.to_thread(self.talker.say, ("press", payload))


class SparkplugPeer(_Brokered):
    """An edge node that is born again when it is asked to."""

    TYPE, SCHEME, ADDRESS = "sparkplug", "mqtt", "G/N//load"
    OPTIONS: ClassVar = {"reorder_s": 0.1, "settle_s": 0.5, "connect_s": 1}

    def __init__(self) -> None:
        super().__init__("spBv1.0/G/NCMD/N")
        self._asked = -1
        self._edge: Edge | None = None

    async def say(self, number: float) -> None:
        """Publishes a birth with it where one was asked for, else data."""
        await asyncio.to_thread(self._say, number)

    def _say(self, number: float) -> None:
        edge = self._edge = self._edge or Edge(self.talker)
        load = {"datatype": Type.DOUBLE, "double_value": number}
        if len(self.talker.heard) != self._asked:
            self._asked = len(self.talker.heard)
            edge.born(load=load)
        else:
            edge.say("NDATA", load=load)


PEERS: tuple[type[Peer], ...] = (MqttPeer, MTConnectPeer, ModbusPeer, OpcUaPeer, ShdrPeer, SparkplugPeer)
