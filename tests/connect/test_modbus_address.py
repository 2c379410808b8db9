from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.connect.modbus_address import (
    LAST_OFFSET,
    ORDERS,
    REGISTERS,
    SIZED,
    Point,
    Span,
    Table,
    read_address,
)
from lineside.errors import ConfigurationError


@pytest.mark.parametrize(
    ("address", "point"),
    [
        ("1/coil/7", Point(1, Table.COIL, Span(7, 8), "bool")),
        ("1/discrete/7:bool", Point(1, Table.DISCRETE, Span(7, 8), "bool")),
        ("255/holding/0", Point(255, Table.HOLDING, Span(0, 1), "uint16")),
        ("1/holding/100:float32", Point(1, Table.HOLDING, Span(100, 102), "float32")),
        ("1/input/100:uint64:CDAB", Point(1, Table.INPUT, Span(100, 104), "uint64", order="CDAB")),
        (
            "2/input/3:int16:BADC*0.1-40",
            Point(2, Table.INPUT, Span(3, 4), "int16", 0, "BADC", Fraction(1, 10), Fraction(-40)),
        ),
        ("2/input/3:int16*1e-3", Point(2, Table.INPUT, Span(3, 4), "int16", scale=Fraction(1, 1000))),
        ("2/input/3+273.15", Point(2, Table.INPUT, Span(3, 4), "uint16", shift=Fraction("273.15"))),
        ("1/holding/5:bit(15)", Point(1, Table.HOLDING, Span(5, 6), "bit", 15)),
        ("1/holding/5:string(7)", Point(1, Table.HOLDING, Span(5, 9), "string", 7)),
        ("1/holding/5:bcd32", Point(1, Table.HOLDING, Span(5, 7), "bcd32")),
        ("1/00001", Point(1, Table.COIL, Span(0, 1), "bool")),
        ("1/10008", Point(1, Table.DISCRETE, Span(7, 8), "bool")),
        ("1/30101:int32", Point(1, Table.INPUT, Span(100, 102), "int32")),
        ("1/40001", Point(1, Table.HOLDING, Span(0, 1), "uint16")),
        ("1/400001", Point(1, Table.HOLDING, Span(0, 1), "uint16")),
        ("1/465536", Point(1, Table.HOLDING, Span(65_535, 65_536), "uint16")),
    ],
)
def test_an_address_says_where_and_how(address: str, point: Point) -> None:
    """Offsets count from 0, references from 1."""
    assert read_address(address) == point


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("", "address"),
        ("100", "address"),
        ("40001", "address"),
        ("1/holding", "address"),
        ("1/Holding/5", "address"),
        ("1/register/5", "address"),
        ("1/holding/-5", "address"),
        ("1/holding/5:float32 * 2", "address"),
        ("1/holding/5:float32*", "address"),
        ("1/holding/٣", "address"),
        ("1/20001", "reference"),
        ("1/40000", "reference"),
        ("256/holding/5", "beyond"),
        ("1/holding/65536", "beyond"),
        ("1/holding/65535:float32", "beyond"),
        ("1/465537", "beyond"),
        ("1/holding/5:float", "type"),
        ("1/holding/5:bit", "type"),
        ("1/holding/5:bit(16)", "type"),
        ("1/holding/5:string(0)", "type"),
        ("1/holding/5:string(251)", "type"),
        ("1/holding/5:uint16(3)", "type"),
        ("1/coil/5:uint16", "type"),
        ("1/holding/5:float32:ABDC", "order"),
        ("1/holding/5:string(4):CDAB", "order"),
        ("1/coil/5*2", "scale"),
        ("1/holding/5:bit(3)+1", "scale"),
    ],
)
def test_an_address_that_means_nothing_is_refused_with_the_cure(address: str, key: str) -> None:
    """The error names the address, and the cure what to write."""
    with pytest.raises(ConfigurationError) as raised:
        read_address(address)

    assert raised.value.key == f"connect.modbus.{key}"
    assert raised.value.sentence().startswith(address)
    assert raised.value.cure()
    assert raised.value.cure("zh")


def test_the_cure_names_each_type_once() -> None:
    """With the range of what stands in brackets."""
    with pytest.raises(ConfigurationError) as raised:
        read_address("1/holding/5:float")

    assert str(raised.value.fields["known"]).split(", ") == [
        "int16",
        "uint16",
        "int32",
        "uint32",
        "int64",
        "uint64",
        "float32",
        "float64",
        "bool",
        "bit(0-15)",
        "bcd16",
        "bcd32",
        "string(1-250)",
    ]


@pytest.mark.parametrize(
    ("address", "order"),
    [("1/holding/5:float32", "CDAB"), ("1/holding/5:float32:DCBA", "DCBA"), ("1/holding/5:string(4)", "ABCD")],
)
def test_the_usual_order_holds_where_the_address_says_none(address: str, order: str) -> None:
    """A text is not read backwards because the device swaps the words of its numbers."""
    assert read_address(address, "CDAB").order == order


@given(st.text("0134/:*+-.()eABCDcoilhngdsrtuf5 ", max_size=24))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    """Nothing a person can type does anything else, and what is read lies within the tables."""
    try:
        point = read_address(text)
    except ConfigurationError:
        return
    assert 0 <= point.span.start < point.span.end <= LAST_OFFSET + 1
    assert point.type in {**REGISTERS, **SIZED}
    assert point.order in ORDERS
