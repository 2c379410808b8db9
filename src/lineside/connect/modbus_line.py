"""A line to Modbus units: one request at a time, and none but for reading.

Modbus TCP numbers its transactions, so a late answer is known and dropped. RTU has no numbers: there an answer counts
as ours by its unit, function and length, and what is left in the line is dropped before the next request. Whoever
asks a silent unit again sooner than it may answer late, may take the old answer for the new one.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from lineside.connect.live import now_us
from lineside.connect.modbus_plan import Block
from lineside.errors import Unreachable

READ_BYTES = 4_096
LONGEST = 254
"""Bytes of a message of Modbus TCP behind its length."""
EXCEPTION = 0x80
MEANINGS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledged, not done yet",
    6: "device busy",
    7: "negative acknowledge",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway target failed to respond",
}
"""The exceptions in the words of the specification."""


class Refused(Exception):
    """The unit answered with an exception."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"exception {code}, {MEANINGS[code]}" if code in MEANINGS else f"exception {code}")


class Unanswered(Exception):
    """No answer came in time; `late` when one to an earlier request came meanwhile."""

    def __init__(self, why: str, *, late: bool = False) -> None:
        self.late = late
        super().__init__(why)


class Misanswered(Exception):
    """What came in answer cannot be one."""


class Line:
    """A connection to one device, or to a gateway with many units behind it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, rtu: bool) -> None:
        self._reader = reader
        self._writer = writer
        self._rtu = rtu
        self._buffer = bytearray()
        self._number = 0
        self._late = self._noise = False

    async def read(self, unit: int, block: Block, patience_s: float) -> tuple[int, int, bytes]:
        """When a block was asked for and answered, in microseconds, and its bits or registers.

        Raises Refused, Unanswered, Misanswered; EOFError, OSError or Unreachable when the connection is of no use.
        """
        self._number = self._number + 1 & 0xFFFF
        self._late = self._noise = False
        message = struct.pack(">BBHH", unit, block.table, block.span.start, block.count)
        length = (block.count + 7) // 8 if block.table.of_bits else 2 * block.count
        asked = now_us()
        try:
            async with asyncio.timeout(patience_s):
                await self._send(message)
                answer = await self._answer(message[:2], length)
        except TimeoutError:
            answer = await self._arrived(message[:2], length)
        if answer[1] == block.table | EXCEPTION and len(answer) == 3:
            raise Refused(answer[2])
        if answer[:2] != message[:2]:
            raise Misanswered(f"answered for unit {answer[0]}, function {answer[1]}")
        if len(answer) != 3 + length or answer[2] != length:
            raise Misanswered(f"answered {len(answer) - 3} bytes instead of {length}")
        return asked, now_us(), bytes(answer[3:])

    async def _send(self, message: bytes) -> None:
        if self._rtu:
            await self._drain()
            self._writer.write(message + crc(message))
        else:
            self._writer.write(struct.pack(">HHH", self._number, 0, len(message)) + message)
        await self._writer.drain()

    async def _drain(self) -> None:
        """Drops what came since the last answer: it belongs to no request of ours any more."""
        self._buffer.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(0):
                while await self._reader.read(READ_BYTES):
                    pass
                raise EOFError

    async def _answer(self, asked: bytes, length: int) -> bytes:
        """The answer to the last request: unit, function and data; others are dropped."""
        while True:
            frame = self._rtu_frame() if self._rtu else self._tcp_frame()
            if frame is None:
                some = await self._reader.read(READ_BYTES)
                if not some:
                    raise EOFError
                self._buffer += some
            elif not self._rtu or _answers(frame, asked, length):
                return frame
            else:
                self._late = True

    async def _arrived(self, asked: bytes, length: int) -> bytes:
        """The answer, where it came in time and this process was too busy to look; else raises Unanswered."""
        for _ in range(2):  # a loop that was held up looks at its clock before it looks at its sockets
            await asyncio.sleep(0)
        try:
            async with asyncio.timeout(0):
                return await self._answer(asked, length)
        except TimeoutError as error:
            why = "nothing but noise" if self._noise else "answers too late" if self._late else "no answer"
            raise Unanswered(why, late=self._late) from error

    def _tcp_frame(self) -> bytes | None:
        """The answer with our number, if it has come."""
        while len(self._buffer) >= 6:
            number, protocol, length = struct.unpack_from(">HHH", self._buffer)
            if protocol or not 3 <= length <= LONGEST:
                raise Unreachable("connect.modbus.no_modbus")
            if len(self._buffer) < 6 + length:
                break
            frame = bytes(self._buffer[6 : 6 + length])
            del self._buffer[: 6 + length]
            if number == self._number:
                return frame
            self._late = True
        return None

    def _rtu_frame(self) -> bytes | None:
        """The next whole answer without its check sum; noise is dropped, with all that came after it."""
        if len(self._buffer) < 5:
            return None
        function = self._buffer[1]
        if not 1 <= function & ~EXCEPTION <= 4:
            self._drop()
            return None
        length = 3 if function & EXCEPTION else 3 + self._buffer[2]
        if len(self._buffer) < length + 2:
            return None
        frame, sum_ = bytes(self._buffer[:length]), bytes(self._buffer[length : length + 2])
        if crc(frame) != sum_:
            self._drop()
            return None
        del self._buffer[: length + 2]
        return frame

    def _drop(self) -> None:
        self._noise = True
        self._buffer.clear()


def _answers(frame: bytes, asked: bytes, length: int) -> bool:
    """Whether an RTU answer can be that to the request; one that cannot came late."""
    if frame[0] != asked[0] or frame[1] & ~EXCEPTION != asked[1]:
        return False
    return bool(frame[1] & EXCEPTION) or frame[2] == length


def crc(data: bytes) -> bytes:
    """The check sum of an RTU message, as it stands behind it."""
    sum_ = 0xFFFF
    for byte in data:
        sum_ = sum_ >> 8 ^ _CRC[(sum_ ^ byte) & 0xFF]
    return sum_.to_bytes(2, "little")


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ 0xA001 if byte & 1 else byte >> 1
    return byte


_CRC = [_crc_of(byte) for byte in range(256)]


@asynccontextmanager
async def connected(host: str, port: int, patience_s: float, *, rtu: bool) -> AsyncIterator[Line]:
    """A line for as long as the block runs."""
    async with asyncio.timeout(patience_s):
        reader, writer = await asyncio.open_connection(host, port)
    try:
        yield Line(reader, writer, rtu=rtu)
    finally:
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(0.2):
                await writer.wait_closed()
