from __future__ import annotations

import math
import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.connect import Observation
from lineside.connect.modbus_address import NUMBERS, ORDERS, read_address
from lineside.connect.modbus_values import Value, bit_at, decode, in_order, observe
from lineside.history import Quality
from lineside.plant import Kind

EXAMPLE = {
    "ABCD": "0102030405060708",
    "CDAB": "0708050603040102",
    "BADC": "0201040306050807",
    "DCBA": "0807060504030201",
}
"""How 0x0102030405060708 stands in four registers."""


def numbers() -> st.SearchStrategy[tuple[str, float]]:
    """A type and a number of it."""
    ranges = {
        name: st.integers(*((-(1 << bits - 1), (1 << bits - 1) - 1) if name[0] == "i" else (0, (1 << bits) - 1)))
        for name in NUMBERS
        if "int" in name
        for bits in [int(name[-2:])]
    }
    floats = {"float32": st.floats(width=32, allow_nan=False), "float64": st.floats(allow_nan=False)}
    return st.one_of([st.tuples(st.just(name), some) for name, some in (ranges | floats).items()])


@given(numbers(), st.sampled_from(ORDERS))
def test_every_number_comes_back_from_every_order(typed: tuple[str, float], order: str) -> None:
    """What a device packs in an order is what is read in it."""
    type, number = typed
    data = in_order(struct.pack(f">{NUMBERS[type]}", number), order)

    value = decode(read_address(f"1/holding/0:{type}:{order}"), data)

    assert value == number
    assert type.startswith("float") == isinstance(value, float)


@pytest.mark.parametrize(("order", "data"), EXAMPLE.items())
def test_orders_are_those_that_manuals_draw(order: str, data: str) -> None:
    """Words swapped, bytes swapped, or both, also over four registers."""
    assert decode(read_address(f"1/holding/0:uint64:{order}"), bytes.fromhex(data)) == 0x0102030405060708
    assert decode(read_address(f"1/holding/0:uint32:{order}"), in_order(bytes(range(1, 5)), order)) == 0x01020304


@given(st.integers(0, 99_999_999), st.sampled_from(ORDERS))
def test_decimal_digits_come_back(number: int, order: str) -> None:
    """BCD: four bits a digit."""
    data = in_order(bytes.fromhex(f"{number:08}"), order)

    assert decode(read_address(f"1/holding/0:bcd32:{order}"), data) == number


def test_what_is_no_decimal_digit_is_no_value() -> None:
    """0x12AB is not 12 hundred and something."""
    assert decode(read_address("1/holding/0:bcd16"), b"\x12\xab") is None
    assert observe("a", "measure", 1, None) == Observation("a", 1, None, None, Quality.BAD)


@given(st.integers(0, 0xFFFF), st.integers(0, 15), st.sampled_from(["ABCD", "BADC"]))
def test_each_bit_of_a_register_comes_back(word: int, bit: int, order: str) -> None:
    """Bit 0 is the lowest."""
    data = in_order(word.to_bytes(2, "big"), order)

    assert decode(read_address(f"1/holding/0:bit({bit}):{order}"), data) is bool(word & 1 << bit)


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_each_coil_comes_back(bits: list[bool]) -> None:
    """The first is the lowest bit of the first byte."""
    data = sum(bit << place for place, bit in enumerate(bits)).to_bytes((len(bits) + 7) // 8, "little")

    assert [bit_at(data, place) for place in range(len(bits))] == bits


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), st.sampled_from(["ABCD", "BADC"]))
def test_every_text_comes_back(text: str, order: str) -> None:
    """Filled up with zeros, without blanks at its ends."""
    raw = text.encode() + b"\0" * (60 - len(text.encode()) & 1) + b"\0" * 2
    size = len(raw) + (len(raw) & 1)

    value = decode(read_address(f"1/holding/0:string({size}):{order}"), in_order(raw.ljust(size, b"\0"), order))

    assert value == text.strip()


def test_a_text_in_gb18030_is_read_where_it_is_no_utf8() -> None:
    """As controllers in China write it."""
    assert decode(read_address("1/holding/0:string(8)"), "主轴".encode("gb18030").ljust(8)) == "主轴"


@pytest.mark.parametrize(
    ("address", "data", "value"),
    [
        ("1/holding/0*0.1", "0003", 0.3),
        ("1/holding/0:int16*0.1-40", "fff6", -41.0),
        ("1/holding/0:uint16*10", "0003", 30.0),
        ("1/holding/0:float32*2+1", "3fc00000", 4.0),
        ("1/holding/0:bool", "0000", False),
        ("1/holding/0:bool", "0100", True),
        ("1/holding/0:uint64*1", "ffffffffffffffff", 0xFFFF_FFFF_FFFF_FFFF),
    ],
)
def test_a_factor_and_a_sum_make_the_value(address: str, data: str, value: object) -> None:
    """0.3, not 0.30000000000000004."""
    assert decode(read_address(address), bytes.fromhex(data)) == value


@given(st.integers(0, 0xFFFF), st.decimals("0.001", 100, places=3), st.integers(-1000, 1000))
def test_scaled_integers_are_rounded_once(raw: int, scale: object, shift: int) -> None:
    """The value is the float that is nearest to the exact one."""
    point = read_address(f"1/holding/0*{scale}{shift:+}")

    assert decode(point, raw.to_bytes(2, "big")) == float(raw * Fraction(str(scale)) + shift)


@pytest.mark.parametrize(
    ("kind", "value", "number", "text"),
    [
        ("measure", 3, 3.0, None),
        ("measure", True, 1.0, None),
        ("state", 3, None, "3"),
        ("state", True, None, "true"),
        ("state", 0.5, None, "0.5"),
        ("state", 30.0, None, "30"),
        ("text", 2**63 + 1, None, "9223372036854775809"),
        ("condition", "Fault", None, "FAULT"),
        ("measure", "12.5", 12.5, None),
    ],
)
def test_a_value_becomes_what_its_signal_holds(
    kind: Kind, value: Value, number: float | None, text: str | None
) -> None:
    """Numbers for measures, and for states the words that a condition in the plant file has."""
    assert observe("a", kind, 1, value) == Observation("a", 1, number, text, Quality.GOOD)


def test_no_number_is_a_bad_value() -> None:
    """A sensor that is cut off often reads as NaN."""
    value = decode(read_address("1/holding/0:float32"), struct.pack(">f", math.nan))

    assert observe("a", "measure", 1, value).quality is Quality.BAD
