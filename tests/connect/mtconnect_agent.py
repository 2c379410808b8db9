"""A MTConnect agent on a socket, with a buffer that a test fills and cuts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.connect.served import Served

NAMES = {"i1": "exec", "i2": "load", "i3": "system", "i4": "other"}


class Entry(NamedTuple):
    """One observation in an agent's buffer."""

    sequence: int
    item: str
    value: str


class Agent(Served):
    """A real agent on 127.0.0.1: probe, current and sample with a buffer, a sequence, and a heartbeat."""

    def __init__(self, *, streaming: bool = True, port: int = 0) -> None:
        super().__init__(port)
        self.streaming = streaming
        self.instance = 1
        self.first = 1
        self.entries: list[Entry] = []
        self._latest: dict[str, Entry] = {}
        self.instead: tuple[str, bytes] | None = None
        self.mute = False
        self.short = False
        self.before_sample: Callable[[], None] = lambda: None
        self.asked: list[str] = []
        self.headers: list[str] = []
        self._changed = asyncio.Event()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def next(self) -> int:
        """The sequence number of what comes next."""
        return self.first + len(self.entries)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for conversation in self._conversations:
            conversation.cancel()
        await super().__aexit__(kind, error, trace)

    def add(self, item: str, *values: str) -> None:
        """Observes values of an item."""
        for value in values:
            self.entries.append(Entry(self.next, item, value))
        self._changed.set()

    def forget(self, count: int) -> None:
        """Overwrites the oldest of the buffer; the last value of each item stays known."""
        self._latest |= {entry.item: entry for entry in self.entries[:count]}
        self.first += count
        del self.entries[:count]

    def restart(self) -> None:
        """Comes back with an empty buffer and another instance."""
        self.instance += 1
        self.first, self.entries, self._latest = 1, [], {}
        self.cut()

    def cut(self) -> None:
        """Breaks every connection."""
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers request after request."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                request = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.headers.append(request)
                await self._answer(request.split()[1], writer)

    async def _answer(self, target: str, writer: asyncio.StreamWriter) -> None:
        self.asked.append(target)
        parts = urlsplit(target)
        what = parts.path.rpartition("/")[2]
        if self.instead is not None:
            _reply(writer, *self.instead)
        elif what == "probe":
            _reply(writer, "200 OK", _devices())
        elif what == "current":
            latest = self._latest | {entry.item: entry for entry in self.entries}
            _reply(writer, "200 OK", self._streams(list(latest.values()), self.next))
        else:
            self.before_sample()
            query = parse_qs(parts.query)
            await self._sample(writer, int(query["from"][0]), int(query["heartbeat"][0]) / 1000)

    async def _sample(self, writer: asyncio.StreamWriter, at: int, heartbeat_s: float) -> None:
        if self.mute:
            await asyncio.Event().wait()
        if not self.first <= at <= self.next:
            _reply(
                writer, "404 Not Found", b'<MTConnectError><Error errorCode="OUT_OF_RANGE">no</Error></MTConnectError>'
            )
            return
        if not self.streaming:
            _reply(writer, "200 OK", self._streams(self.entries[at - self.first :], self.next))
            return
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=edge\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        while not writer.is_closing():
            document = self._streams(self.entries[at - self.first :], self.next)
            at = self.next
            part = b"--edge\r\nContent-type: text/xml\r\nContent-length: %d\r\n\r\n%b\r\n" % (len(document), document)
            writer.write(b"%x\r\n%b\r\n" % (len(part), part))
            await writer.drain()
            if self.short:
                writer.write(b"0\r\n\r\n")
                return
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), heartbeat_s)

    def _streams(self, entries: list[Entry], following: int) -> bytes:
        header = (
            f'<Header instanceId="{self.instance}" firstSequence="{self.first}" lastSequence="{self.next - 1}"'
            f' nextSequence="{following}"/>'
        )
        inside = "".join(_element(entry) for entry in entries)
        return (
            f'<MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:1.3">{header}<Streams><DeviceStream'
            f' name="mazak"><ComponentStream>{inside}</ComponentStream></DeviceStream></Streams></MTConnectStreams>'
        ).encode()


def _reply(writer: asyncio.StreamWriter, status: str, body: bytes) -> None:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)


def _devices() -> bytes:
    items = "".join(f'<DataItem id="{id}" name="{name}"/>' for id, name in NAMES.items())
    other = '<Device name="okuma"><DataItems><DataItem id="o1" name="both"/></DataItems></Device>'
    return (
        '<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:1.3"><Devices><Device name="mazak"><DataItems>'
        f'{items}<DataItem id="i5" name="both"/></DataItems></Device>{other}</Devices></MTConnectDevices>'
    ).encode()


def _element(entry: Entry) -> str:
    time = datetime(2024, 1, 1, microsecond=500_000, tzinfo=UTC) + timedelta(seconds=entry.sequence)
    place = f'dataItemId="{entry.item}" sequence="{entry.sequence}" timestamp="{time:%Y-%m-%dT%H:%M:%S.%f}Z"'
    if NAMES[entry.item] == "system":
        return f"<Condition><{entry.value} {place}/></Condition>"
    return f"<Events><Value {place}>{entry.value}</Value></Events>"
