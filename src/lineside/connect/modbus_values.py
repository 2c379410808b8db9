"""What the bits of a Modbus answer mean, and the observations they make."""

from __future__ import annotations

import struct
from typing import TypeAlias

from lineside.connect.modbus_address import NUMBERS, Point
from lineside.connect.observations import Observation, observe_number, observe_text
from lineside.history import Quality
from lineside.plant import NUMBER_KINDS, Kind

Value: TypeAlias = bool | int | float | str | None


def bit_at(data: bytes, place: int) -> bool:
    """The bit at a place of an answer about coils or discrete inputs: each byte begins with its lowest."""
    return bool(data[place >> 3] >> (place & 7) & 1)


def decode(point: Point, data: bytes) -> Value:
    """The value of a point's registers; None where they hold none of its type, as BCD digits above 9."""
    data = in_order(data, point.order)
    if point.type == "string":
        return _text_of(data[: point.size])
    if point.type == "bool":
        return any(data)
    if point.type == "bit":
        return bool(int.from_bytes(data, "big") >> point.size & 1)
    if point.type in NUMBERS:
        number: int | float = struct.unpack(f">{NUMBERS[point.type]}", data)[0]
    elif data.hex().isdigit():
        number = int(data.hex())
    else:
        return None
    if not point.scaled:
        return number
    if isinstance(number, int):
        return float(number * point.scale + point.shift)  # 3 * 1/10 is 0.3; 3 * 0.1 is not
    return number * float(point.scale) + float(point.shift)


def in_order(data: bytes, order: str) -> bytes:
    """The bytes of some registers, brought from `order` to most significant first, or back."""
    if order in {"BADC", "DCBA"}:
        swapped = bytearray(data)
        swapped[::2], swapped[1::2] = data[1::2], data[::2]
        data = bytes(swapped)
    if order in {"CDAB", "DCBA"}:
        data = b"".join(data[at : at + 2] for at in range(len(data) - 2, -1, -2))
    return data


def _text_of(data: bytes) -> str:
    """Up to the first zero, without the blanks that fill the rest; UTF-8, or GB18030 where it is not that."""
    data = data.partition(b"\0")[0]
    try:
        return data.decode().strip()
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace").strip()


def observe(address: str, kind: Kind, time: int, value: Value) -> Observation:
    """The observation a decoded value makes."""
    if value is None:
        return Observation(address, time, None, None, Quality.BAD)
    if kind in NUMBER_KINDS and not isinstance(value, str):
        return observe_number(address, time, float(value))
    return observe_text(address, kind, time, _words(value))


def _words(value: Value) -> str:
    """A value as the plant file writes it in a condition."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
