# ruff: noqa: S101 - an assertion that fails is what a fuzzer looks for
"""The parsers that take bytes from outside, each as a function of bytes, with good documents to begin with."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from asyncua import ua
from paho.mqtt.client import MQTTMessage

from bench import _seeds
from lineside.connect import MemorySink, read_recording, read_table
from lineside.connect.line_exact import read_exactly
from lineside.connect.line_protocol import read_lines
from lineside.connect.line_scan import scan
from lineside.connect.live import Delivery
from lineside.connect.modbus_address import Span, Table
from lineside.connect.modbus_line import Line, Misanswered, Refused, Unanswered
from lineside.connect.modbus_plan import Block
from lineside.connect.mqtt import MqttSource
from lineside.connect.mqtt_payload import observe_json
from lineside.connect.mqtt_session import Arrival
from lineside.connect.mtconnect_xml import Wanted, read_devices, read_streams
from lineside.connect.multipart import read_parts
from lineside.connect.observations import Observation, to_batch
from lineside.connect.opcua_structures import Field, Layout, Structures, Unfoldable
from lineside.connect.opcua_values import Reading, observe_value
from lineside.connect.push_lines import LineReader
from lineside.connect.push_rows import RowReader
from lineside.connect.set_aside import SetAside
from lineside.connect.shdr_text import ShdrText
from lineside.connect.sparkplug_node import EdgeNode, Message
from lineside.connect.sparkplug_payload import Unreadable, parts_of, quality_of, read_payload
from lineside.connect.vitals import Vitals
from lineside.errors import LinesideError
from lineside.exchange import (
    ASK,
    ENROLMENT,
    INVITATION,
    PACK,
    QUESTION,
    RECEIPT,
    SANDBOX,
    STATEMENT,
    TOLD,
    WELCOME,
    Envelope,
    decoded,
)
from lineside.hub.heard import hear
from lineside.plant import Kind, SourceSettings, parse_plant, read_edge
from lineside.rules import evaluate, read_programmes
from lineside.twin import read_line
from lineside.twin.answers.changes import read_changes
from lineside.twin.fit.reading.log import read_log
from lineside.twin.schedule.reading import read_problem

ALLOWED = (LinesideError, Unreadable, Unfoldable, Refused, Unanswered, Misanswered, EOFError)
NOW = 1_790_000_000_000_000
KINDS: dict[str, Kind] = {
    "load": "measure",
    "mode": "state",
    "parts": "counter",
    "made": "count",
    "words": "text",
    "alarm": "condition",
}
ZONE = ZoneInfo("Europe/Berlin")
HERE = Path(tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))  # noqa: S108 - where it is quick


KINDS_OF_RECORDS = (INVITATION, ENROLMENT, WELCOME, STATEMENT, RECEIPT, ASK, TOLD, PACK, QUESTION, SANDBOX)


def a_file(name: str, data: bytes) -> Path:
    """Return a file that holds these bytes."""
    path = HERE / name
    path.write_bytes(data)
    return path


def store(rows: Iterable[Observation]) -> None:
    """Make of observations what goes to the history."""
    to_batch(rows)


def lines(data: bytes) -> None:
    """The scanner, where it takes a body, must read the same as the exact reader."""
    quick = scan(data, 1, NOW * 1000)
    exact, _ = read_exactly(data, 1, NOW * 1000)
    if quick is not None:
        assert [quick.keys[key] for key in quick.key] == exact.key
        assert [quick.names[name] for name in quick.name] == exact.name
        assert quick.kind.tolist() == exact.kind
        assert np.array_equal(quick.number, np.array(exact.number, np.float64), equal_nan=True)
        assert quick.time.tolist() == exact.time
        assert not exact.bad
    list(read_lines(data, 1, NOW * 1000))
    wanted: dict[str, Kind] = {"machine#load": "measure", "machine,line=l#mode": "state", "machine#parts": "counter"}
    LineReader(wanted, 1_000_000).read(data, 1, NOW)


def rows(data: bytes) -> None:
    """Rows of JSON, of a program and of an edge."""
    for edge in (False, True):
        store(RowReader(KINDS).read(data, NOW, edge=edge).observations)


def sparkplug(data: bytes) -> None:
    """A payload, as a birth and as data, and what it is made of."""
    payload = read_payload(data)
    node = EdgeNode(1_000)
    known = node.learn(Message("NBIRTH", "", payload, NOW))
    for kind in ("NBIRTH", "NDATA", "NDEATH", "NDATA"):
        list(node.receive(Message(kind, "", payload, NOW)))
    found = []
    for metric in payload.metrics:
        quality_of(metric)
        for _, _, value in parts_of(metric.name, metric, known.types):
            found += [observe_json(name, kind, NOW, value) for name, kind in KINDS.items()]
    store(found)


def mqtt(data: bytes) -> None:
    """A JSON payload by mapping, and a plain one."""
    wanted: dict[str, Kind] = {f"press#{name}": kind for name, kind in KINDS.items()} | {"press#a[0].b": "measure"}
    wanted |= {f"press#deep.{name}": kind for name, kind in KINDS.items()}
    plain: list[dict[str, Kind]] = [{"press": "measure"}, {"press": "text"}]
    for addresses in (wanted, *plain):
        settings = SourceSettings.model_validate(
            {"id": "s", "type": "mqtt", "url": "mqtt://127.0.0.1", "options": {"time": "t"}}
        )
        source = MqttSource(settings, addresses)
        message = MQTTMessage(mid=1, topic=b"press")
        message.payload, message.qos = data, 1
        arrival = Arrival(message, time=0, waited=0, stood=0)
        store(source._read("press", arrival, Delivery(MemorySink(), settings, addresses, {}, Vitals())))  # noqa: SLF001


def shdr(data: bytes) -> None:
    """Lines of an adapter."""
    for relative in (False, True):
        text = ShdrText(KINDS, SetAside(), relative=relative)
        for line in data.split(b"\n"):
            store(text.read(line.decode("utf-8", "replace"), NOW))
        text.end()


def mtconnect(data: bytes) -> None:
    """Documents of an agent."""
    if b"MTConnectDevices" in data:
        read_devices(data)
    else:
        wanted = Wanted({"i1": ["load"], "i2": ["mode"], "i3": ["alarm"], "i4": ["words"]}, KINDS)
        store(wanted.observations(read_streams(data)))


def multipart(data: bytes) -> None:
    """The stream of an agent, in pieces."""

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 61):
            yield data[at : at + 61]

    async def read() -> None:
        async for _ in read_parts(pieces(), b"--b"):
            pass

    LOOP.run_until_complete(read())


class Nowhere:
    """What is written is gone."""

    def write(self, data: bytes) -> None:
        """Forget it."""

    async def drain(self) -> None:
        """Wait for nothing."""


LOOP = asyncio.new_event_loop()


def modbus(data: bytes) -> None:
    """What a device answers, over TCP and with the frames of RTU."""

    async def read(*, rtu: bool, table: Table, count: int) -> None:
        reader: Any = asyncio.StreamReader()
        if not rtu:
            reader.feed_data(data)
            reader.feed_eof()
        line = Line(reader, Nowhere(), rtu=rtu)  # type: ignore[arg-type]
        asked = asyncio.create_task(line.read(1, Block(table, Span(0, count), ()), 1.0))
        await asyncio.sleep(0)
        if rtu:
            reader.feed_data(data)
            reader.feed_eof()
        await asked

    for rtu in (False, True):
        for table, count in ((Table.HOLDING, 2), (Table.COIL, 9)):
            try:
                LOOP.run_until_complete(read(rtu=rtu, table=table, count=count))
            except ALLOWED:
                continue


def _layouts() -> list[Layout]:
    plain = Layout(0, [Field("a", 11, False, False), Field("b", 12, True, False), Field("c", 1, False, False)])
    empty = Layout(0, [])
    some = Layout(1, [Field("a", 6, False, True), Field("b", plain, True, True), Field("c", 15, False, True)])
    union = Layout(2, [Field("a", 7, False, False), Field("b", some, False, False), Field("c", 24, True, False)])
    endless = Layout(0, [])
    endless.members += [Field("a", 3, False, False), Field("b", endless, True, False)]
    hollow = Layout(0, [Field("a", empty, True, False), Field("b", 21, False, False)])
    many = Layout(0, [Field("a", hollow, True, False)])
    every = [Layout(0, [Field("a", number, several, False)]) for number in range(1, 26) for several in (False, True)]
    return [plain, some, union, endless, hollow, many, *every]


LAYOUTS = _layouts()


def opcua(data: bytes) -> None:
    """The bytes of a structure, by layouts of many kinds; the first byte says which."""
    structures = Structures(None)  # type: ignore[arg-type]
    type_id = ua.NodeId(ua.Int32(1), ua.Int16(2))
    structures._by_encoding[type_id] = LAYOUTS[data[0] % len(LAYOUTS) if data else 0]  # noqa: SLF001
    value = structures.unfold(ua.ExtensionObject(type_id, ua.ByteString(data[1:])))
    told = Reading(json.dumps(value, default=str))
    store(observe_value(name, kind, told, NOW) for name, kind in KINDS.items())


def recording(data: bytes) -> None:
    """SHDR, CSV and Parquet, as an import reads them."""
    for _ in read_recording(a_file("recording", data), KINDS, now=NOW, zone=ZONE):
        pass


def log(data: bytes) -> None:
    """CSV, XES, OCEL and Parquet, as a twin reads them."""
    read_log(a_file("log", data))


def table(data: bytes) -> None:
    """An edited table of proposals."""
    read_table(data.decode("utf-8", "replace"))


def plant(data: bytes) -> None:
    """plant.toml and edge.toml."""
    try:
        parse_plant(data.decode("utf-8", "replace"))
    except LinesideError:
        read_edge(a_file("edge.toml", data).parent)


def model(data: bytes) -> None:
    """A line model, and the changes to one."""
    try:
        read_line(a_file("model.json", data))
    except LinesideError:
        read_changes(a_file("changes.json", data))


def schedule(data: bytes) -> None:
    """A scheduling problem, as JSON and as the numbers of a job shop."""
    read_problem(a_file("problem.txt", data))


def envelope(data: bytes) -> None:
    """What members say to a hub, signed by whomever; and what a hub signs, by the first byte's kind."""
    if data.startswith(b"{"):
        for line in data.split(b"\n"):
            hear(line, _seeds.HUB)
    elif data:
        decoded(Envelope(KINDS_OF_RECORDS[data[0] % len(KINDS_OF_RECORDS)], data[1:], ()))


def programme(data: bytes) -> None:
    """A file of support rules, with what each would give to an enterprise that told nothing, and to one that told."""
    for one in read_programmes([("rules.toml", data.decode("utf-8", "replace"))]).usable:
        for told in ({}, dict.fromkeys(one.inputs, 1.0)):
            with suppress(LinesideError):
                evaluate(one, told, date(2026, 11, 28))


TARGETS: dict[str, tuple[Callable[[bytes], None], list[bytes]]] = {
    "line-protocol": (lines, _seeds.LINES),
    "rows": (rows, _seeds.ROWS),
    "sparkplug": (sparkplug, _seeds.SPARKPLUG),
    "mqtt": (mqtt, _seeds.MQTT),
    "shdr": (shdr, _seeds.SHDR),
    "mtconnect": (mtconnect, _seeds.MTCONNECT),
    "multipart": (multipart, _seeds.MULTIPART),
    "modbus": (modbus, _seeds.MODBUS),
    "opcua": (opcua, _seeds.OPCUA),
    "recording": (recording, _seeds.RECORDINGS),
    "log": (log, _seeds.LOGS),
    "table": (table, _seeds.TABLES),
    "plant": (plant, _seeds.PLANTS),
    "model": (model, _seeds.MODELS),
    "schedule": (schedule, _seeds.PROBLEMS),
    "envelope": (envelope, _seeds.ENVELOPES),
    "programme": (programme, _seeds.PROGRAMMES),
}
