"""What an address means in Modbus: `unit/table/offset:type:order*scale+offset`, or `unit/40001:type`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

from lineside.errors import ConfigurationError

LAST_UNIT = 255
LAST_OFFSET = 65_535
MOST_REGISTERS = 125
"""What one answer can hold."""
MOST_BITS = 2_000

ORDERS = ("ABCD", "CDAB", "BADC", "DCBA")
"""Most significant first; words swapped; bytes swapped in each word; least significant first."""

NUMBERS = {
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float32": "f",
    "float64": "d",
}
"""Types of numbers and how `struct` calls them."""
REGISTERS = {name: 1 + (name[-2:] == "32") + 3 * (name[-2:] == "64") for name in NUMBERS} | {
    "bool": 1,
    "bit": 1,
    "bcd16": 1,
    "bcd32": 2,
}
SIZED = {"bit": (0, 15), "string": (1, 2 * MOST_REGISTERS)}
"""Types with a number in brackets, and its range: which bit, how many characters."""

_ADDRESS = re.compile(
    r"(?P<unit>\d{1,5})/(?:(?P<table>[a-z]+)/(?P<offset>\d{1,6})|(?P<reference>\d{5,6}))"
    r"(?::(?P<type>[a-z]+\d*)(?:\((?P<size>\d{1,4})\))?)?"
    r"(?::(?P<order>[A-D]+))?"
    r"(?:\*(?P<scale>-?\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?))?"
    r"(?P<shift>[+-]\d{1,15}(?:\.\d{1,15})?)?",
    re.ASCII,
)


class Table(IntEnum):
    """The four tables of a unit. The value is the function that reads it; no other function is ever sent."""

    COIL = 1
    DISCRETE = 2
    HOLDING = 3
    INPUT = 4

    @property
    def of_bits(self) -> bool:
        """Whether its places hold one bit; else they are registers of 16."""
        return self <= Table.DISCRETE


TABLES = {table.name.lower(): table for table in Table}
REFERENCES = {"0": Table.COIL, "1": Table.DISCRETE, "3": Table.INPUT, "4": Table.HOLDING}
"""What the first digit of 40001 or 400001 means; the others count from 1."""


class Span(NamedTuple):
    """Places of one table that are read together: the first, counted from 0, and the first behind."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Point:
    """Where a value is and how its bits are read."""

    unit: int
    table: Table
    span: Span
    type: str
    size: int = 0
    order: str = ORDERS[0]
    scale: Fraction = Fraction(1)
    shift: Fraction = Fraction(0)

    @property
    def scaled(self) -> bool:
        """Whether the raw number is not the value yet."""
        return self.scale != 1 or self.shift != 0


def read_address(address: str, order: str = ORDERS[0]) -> Point:
    """The point an address means, its words in `order` unless it says otherwise.

    Raises ConfigurationError, with the field `address`, where it can mean none.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise ConfigurationError("connect.modbus.address", address=address)
    table, start = _place(match, address)
    type, size = _type(match, table, address)
    length = (size + 1) // 2 if type == "string" else 1 if table.of_bits else REGISTERS[type]
    unit = int(match["unit"])
    if unit > LAST_UNIT or start + length - 1 > LAST_OFFSET:
        raise ConfigurationError(
            "connect.modbus.beyond", address=address, last_unit=LAST_UNIT, last_offset=LAST_OFFSET + 1 - length
        )
    return Point(
        unit=unit,
        table=table,
        span=Span(start, start + length),
        type=type,
        size=size,
        order=_order(match, type, order, address),
        scale=Fraction(match["scale"] or 1),
        shift=Fraction(match["shift"] or 0),
    )


def _place(match: re.Match[str], address: str) -> tuple[Table, int]:
    reference = match["reference"]
    if reference is None:
        if match["table"] not in TABLES:
            raise ConfigurationError("connect.modbus.address", address=address)
        return TABLES[match["table"]], int(match["offset"])
    if reference[0] not in REFERENCES or int(reference[1:]) == 0:
        raise ConfigurationError("connect.modbus.reference", address=address)
    return REFERENCES[reference[0]], int(reference[1:]) - 1


def _type(match: re.Match[str], table: Table, address: str) -> tuple[str, int]:
    """The type and the number in its brackets; bits are bool, registers uint16 when nothing is said."""
    type = match["type"] or ("bool" if table.of_bits else "uint16")
    size = None if match["size"] is None else int(match["size"])
    known = ["bool"] if table.of_bits else list(dict.fromkeys([*REGISTERS, *SIZED]))
    low, high = SIZED.get(type, (0, 0))
    if type not in known or (size is None) != (type not in SIZED) or not low <= (size or 0) <= high:
        names = [f"{name}({SIZED[name][0]}-{SIZED[name][1]})" if name in SIZED else name for name in known]
        raise ConfigurationError("connect.modbus.type", address=address, known=", ".join(names))
    if type in {"bool", "bit", "string"} and (match["scale"] or match["shift"]):
        raise ConfigurationError("connect.modbus.scale", address=address)
    return type, size or 0


def _order(match: re.Match[str], type: str, usual: str, address: str) -> str:
    """The order of bytes; that of a text says only whether the two in each register are swapped."""
    order = match["order"]
    if order is not None and (order not in ORDERS or (type == "string" and order not in {"ABCD", "BADC"})):
        known = ("ABCD", "BADC") if type == "string" else ORDERS
        raise ConfigurationError("connect.modbus.order", address=address, known=", ".join(known))
    order = order or usual
    return {"CDAB": "ABCD", "DCBA": "BADC"}.get(order, order) if type == "string" else order
