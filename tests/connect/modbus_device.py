"""A Modbus device on a socket: answers as the specification says, or as a test has it, and notes what it was asked."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple

from lineside.connect.modbus_address import Table
from lineside.connect.modbus_line import crc
from tests.connect.served import Served


class Asked(NamedTuple):
    """One request, and when it came (seconds of a monotonic clock)."""

    unit: int
    function: int
    start: int
    length: int
    at: float


Send = Callable[[bytes], Awaitable[None]]


class Device(Served):
    """Units with their tables on 127.0.0.1; an offset that is not in a table is an illegal data address."""

    def __init__(self, units: dict[int, dict[Table, dict[int, int]]], *, rtu: bool = False, port: int = 0) -> None:
        super().__init__(port)
        self.units = units
        self.rtu = rtu
        self.delay_s = 0.0
        self.silent: set[int] = set()
        self.exceptions: dict[int, int] = {}
        self.asked: list[Asked] = []
        self.bytes = b""
        self.answer: Callable[[bytes, Send], Awaitable[None]] = deliver
        """Sends a whole answer; a test that wants it sent otherwise puts its own way here."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"modbus{'+rtu' if self.rtu else ''}://127.0.0.1:{self.port}"

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        assert {one.function for one in self.asked} <= {1, 2, 3, 4}, "asked to write"

    def of(self, unit: int) -> list[Asked]:
        """What this unit was asked."""
        return [one for one in self.asked if one.unit == unit]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers each request."""

        async def send(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        with suppress(OSError, EOFError):
            while True:
                head, message = await self._next(reader)
                unit, function, start, count = struct.unpack(">BBHH", message)
                self.asked.append(Asked(unit, function, start, count, time.monotonic()))
                await asyncio.sleep(self.delay_s)
                if unit in self.silent or (pdu := self._pdu(unit, function, start, count)) is None:
                    continue
                await self.answer(framed(head, bytes([unit]) + pdu), send)

    async def _next(self, reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
        """The number of a request, empty in RTU, and its message of unit, function, start and count."""
        if self.rtu:
            frame = await reader.readexactly(8)
            self.bytes += frame
            assert frame[6:] == crc(frame[:6])
            return b"", frame[:6]
        head = await reader.readexactly(6)
        body = await reader.readexactly(struct.unpack(">H", head[4:])[0])
        self.bytes += head + body
        assert head[2:] == b"\0\0\0\6"
        return head[:2], body

    def _pdu(self, unit: int, function: int, start: int, count: int) -> bytes | None:
        if unit in self.exceptions:
            return bytes([function | 0x80, self.exceptions[unit]])
        if unit not in self.units:
            return None
        table = self.units[unit].get(Table(function))
        if table is None:
            return bytes([function | 0x80, 1])
        if not 1 <= count <= (2000 if function < 3 else 125):
            return bytes([function | 0x80, 3])
        values = [table.get(at) for at in range(start, start + count)]
        if None in values:
            return bytes([function | 0x80, 2])
        if function >= 3:
            data = struct.pack(f">{count}H", *values)
        else:
            whole = sum(bool(bit) << place for place, bit in enumerate(values))
            data = whole.to_bytes((count + 7) // 8, "little")
        return bytes([function, len(data)]) + data


def framed(head: bytes, message: bytes) -> bytes:
    """A message as it goes over the line: behind its number and length, or before its check sum."""
    return head + struct.pack(">HH", 0, len(message)) + message if head else message + crc(message)


async def deliver(frame: bytes, send: Send) -> None:
    """Sends an answer as it is."""
    await send(frame)
