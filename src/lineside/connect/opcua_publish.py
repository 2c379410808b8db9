"""What an OPC UA server publishes, read from its bytes: the one message that comes thousands of times a second.

The library's own way takes every message for any of hundreds of types, and half of a core for what these lines do in a
tenth. Values that are no plain number, text or time are left to it. (OPC UA part 6, 5.2; part 4, 5.14.5)
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Any, NamedTuple

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import nodeid_from_binary, struct_from_binary, variant_from_binary

from lineside.connect.opcua_values import Reading

DATA_CHANGE, STATUS_CHANGE = 811, 820
"""Binary encodings of the notifications that a subscription for values may bring."""
VALUE, STATUS, SOURCE_TIME, SERVER_TIME, SOURCE_PICO, SERVER_PICO = 1, 2, 4, 8, 16, 32
NUMBERS = {1: "?", 2: "b", 3: "B", 4: "h", 5: "H", 6: "i", 7: "I", 8: "q", 9: "Q", 10: "f", 11: "d"}
TEXT = 12
EPOCH_TICKS = 116_444_736_000_000_000
"""1970 in the units of 100 ns since 1601 that OPC UA counts."""
_HEAD = struct.Struct("<IB")
_COUNT = struct.Struct("<i")
_MESSAGE = struct.Struct("<Iq")


class Publication(NamedTuple):
    """One message of a subscription: values by the handles that we gave their nodes, and how it fares itself."""

    subscription: int
    number: int
    values: list[tuple[int, Reading]]
    status: int
    empty: bool


class _Tail(NamedTuple):
    """What stands behind a handle and the first byte of a value: how it is read, and which of it is what."""

    read: struct.Struct
    value: int
    status: int
    source: int
    server: int


@cache
def _tail(mask: int, number: str) -> _Tail:
    """The layout of a value that says in its first byte what it holds; -1 for what it does not."""
    places = [-1] * 4
    form, at = "<", 0
    parts = ((VALUE, f"x{number}", 0), (STATUS, "I", 1), (SOURCE_TIME, "q", 2), (SOURCE_PICO, "2x", -1))
    for bit, letters, place in (*parts, (SERVER_TIME, "q", 3), (SERVER_PICO, "2x", -1)):
        if not mask & bit or (bit == VALUE and not number):
            continue
        form += letters
        if place >= 0:
            places[place], at = at, at + 1
    return _Tail(struct.Struct(form), *places)


def read_publication(data: Any) -> Publication:
    """Reads a PublishResponse. Raises whatever is wrong with its bytes."""
    nodeid_from_binary(data)
    struct_from_binary(ua.ResponseHeader, data)
    body = bytes(data)
    (subscription,) = struct.unpack_from("<I", body)
    at = 8 + 4 * max(_COUNT.unpack_from(body, 4)[0], 0) + 1
    number, _ = _MESSAGE.unpack_from(body, at)
    (count,) = _COUNT.unpack_from(body, at + _MESSAGE.size)
    rest = Buffer(body, at + _MESSAGE.size + _COUNT.size)
    values: list[tuple[int, Reading]] = []
    status = 0
    for _ in range(count):
        type = nodeid_from_binary(rest)
        has_body = rest.read(1)[0]
        size = _COUNT.unpack(rest.read(4))[0] if has_body else 0
        begin = rest.cur_pos
        rest.skip(max(size, 0))
        if type.Identifier == DATA_CHANGE:
            _read_values(body, begin, values)
        elif type.Identifier == STATUS_CHANGE:
            (status,) = struct.unpack_from("<I", body, begin)
    return Publication(subscription, number, values, status, count <= 0)


def _read_values(body: bytes, at: int, values: list[tuple[int, Reading]]) -> None:
    (count,) = _COUNT.unpack_from(body, at)
    at += _COUNT.size
    for _ in range(count):
        handle, mask = _HEAD.unpack_from(body, at)
        at += _HEAD.size
        value: object = None
        kind = body[at] if mask & VALUE else 0
        tail = _tail(mask, NUMBERS.get(kind, ""))
        if mask & VALUE and tail.value < 0:
            value, at = _read_other(kind, body, at)
        found = tail.read.unpack_from(body, at)
        at += tail.read.size
        if tail.value >= 0:
            value = found[tail.value]
        ticks = found[tail.source] if tail.source >= 0 else 0
        if ticks <= 0 and tail.server >= 0:
            ticks = found[tail.server]
        time = (ticks - EPOCH_TICKS) // 10 if ticks > 0 else None
        values.append((handle, Reading(value, found[tail.status] if tail.status >= 0 else 0, time)))


def _read_other(kind: int, body: bytes, at: int) -> tuple[object, int]:
    """A value that is no number, and where it ends."""
    if kind == TEXT:
        (length,) = _COUNT.unpack_from(body, at + 1)
        at += 1 + _COUNT.size
        end = at + max(length, 0)
        return (None if length < 0 else body[at:end].decode("utf-8", "surrogateescape")), end
    rest = Buffer(body, at)
    return variant_from_binary(rest).Value, rest.cur_pos
