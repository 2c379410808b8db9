from __future__ import annotations

import gzip
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.connect.sparkplug_payload import (
    COMPRESSED,
    LARGEST,
    Type,
    Unreadable,
    parts_of,
    payload_type,
    quality_of,
    read_payload,
    value_of,
)
from lineside.history import Quality
from tests.connect.sparkplug_edge import payload

CAPTURE = Path(__file__).with_name("sparkplug_capture.jsonl")
"""Recorded from the edge nodes of npm sparkplug-client 3.2.4 and pysparkplug 0.6.1, through mosquitto."""


def captured(topic: str) -> Any:
    """The payload of the first message that was recorded on a topic."""
    lines = (json.loads(line) for line in CAPTURE.read_text("utf-8").splitlines())
    return read_payload(next(bytes.fromhex(line["hex"]) for line in lines if line["topic"].endswith(topic)))


def values(made: Any) -> dict[str, object]:
    """Every part of every metric with its value."""
    return {name: value for metric in made.metrics for name, _, value in parts_of(metric.name, metric, {})}


def test_a_birth_of_the_javascript_client_is_read_whole() -> None:
    """All its types, negative integers in 32 bits of two's complement, a data set, null, a definition that is none."""
    birth = captured("DBIRTH/Edge1/Press01")

    assert values(birth) == {
        "i8": -8,
        "i16": -1600,
        "i32": -320_000,
        "i64": -64_000_000_000,
        "u8": 200,
        "u16": 60_000,
        "u32": 4_000_000_000,
        "u64": 9_000_000_000,
        "f": 1.25,
        "d": 3.141592653589793,
        "b": True,
        "s": "läuft 0",
        "t": "2023-11-14T22:13:20.000+00:00",
        "txt": "long text",
        "uuid": "11111111-2222-3333-4444-555555555555",
        "bytes": "0001ff",
        "nul": None,
        "props": 21.5,
        "ds": [{"k": "a", "v": 1}, {"k": "b", "v": 2}],
        "ds/0/k": "a",
        "ds/0/v": 1,
        "ds/1/k": "b",
        "ds/1/v": 2,
    }
    assert birth.seq == 1
    assert "tmpl/x" not in values(captured("NBIRTH/Edge1"))


def test_a_birth_of_the_python_client_is_read_whole() -> None:
    """It writes negative integers in their own width."""
    assert values(captured("DBIRTH/PyEdge/Cell7")) == {"temp": 20.5, "ok": True, "i8": -8, "job": "A-1"}


@given(st.sampled_from([8, 16, 32, 64]), st.booleans(), st.data())
def test_an_integer_is_the_same_in_whatever_width_it_is_written(bits: int, signed: bool, data: st.DataObject) -> None:
    """In its own width, in 32 bits or in 64, in the short field or the long."""
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    number = data.draw(st.integers(low, high))
    width = data.draw(st.sampled_from([w for w in (8, 16, 32, 64) if w >= bits]))
    field = data.draw(st.sampled_from(["int_value", "long_value"] if width <= 32 else ["long_value"]))
    name = f"{'' if signed else 'U'}INT{bits}"

    made = payload(x={"datatype": Type[name], field: number & ((1 << width) - 1)})

    assert value_of(read_payload(made.SerializeToString()).metrics[0], Type[name]) == number


@pytest.mark.parametrize("fold", [zlib.compress, gzip.compress, lambda data: zlib.compress(data, wbits=-15)])
def test_a_compressed_payload_is_unfolded(fold: Any) -> None:
    """DEFLATE with or without a frame, or GZIP; number and time may stand outside."""
    inner = payload(x=1.5)
    inner.ClearField("timestamp")
    outer = payload_type()()
    outer.uuid, outer.body, outer.seq, outer.timestamp = COMPRESSED, fold(inner.SerializeToString()), 7, 9

    read = read_payload(outer.SerializeToString())

    assert (values(read), read.seq, read.timestamp) == ({"x": 1.5}, 7, 9)


@pytest.mark.parametrize(
    "body", [b"", b"no archive", zlib.compress(b"x" * 1000)[:-9], zlib.compress(bytes(LARGEST + 1))]
)
def test_a_compressed_payload_that_is_none_or_too_large_is_refused(body: bytes) -> None:
    """Cut, foreign, or made to fill the memory."""
    outer = payload_type()()
    outer.uuid, outer.body = COMPRESSED, body

    with pytest.raises(Unreadable):
        read_payload(outer.SerializeToString())


@given(st.binary())
def test_any_bytes_are_a_payload_or_refused(data: bytes) -> None:
    """No message ends the source, and whatever is read can be walked through."""
    try:
        read = read_payload(data)
    except Unreadable:
        return
    for metric in read.metrics:
        list(parts_of("m", metric, {}))
        quality_of(metric)


def test_texts_that_are_no_utf_8_stay_texts() -> None:
    """Old nodes write what their machine writes; a strange sign is no reason to lose the value."""
    made = payload(x={"datatype": Type.STRING, "string_value": "l#uft"})
    table = made.metrics.add(name="ds", datatype=Type.DATASET).dataset_value
    table.columns.append("k#")
    table.types.append(Type.INT32)
    table.rows.add().elements.add(int_value=1)

    read = read_payload(made.SerializeToString().replace(b"#", b"\xe4"))

    assert values(read) == {"x": "l\ufffduft", "ds": [{"k\ufffd": 1}], "ds/0/k\ufffd": 1}


@pytest.mark.parametrize("datatype", [Type.STRING, Type.INT32, Type.BYTES])
def test_a_table_under_a_type_that_is_none_has_no_value(datatype: Type) -> None:
    """A value must fit its type, or is none."""
    made = payload(x={"datatype": datatype})
    made.metrics[0].dataset_value.columns.append("k")

    assert value_of(made.metrics[0], datatype) is None


def test_members_of_templates_are_values_under_the_templates_name() -> None:
    """Also of templates within templates; the types that a birth told hold for data that leave them out."""
    made = payload()
    motor = made.metrics.add(name="motor", datatype=Type.TEMPLATE)
    motor.template_value.template_ref = "Motor"
    motor.template_value.metrics.add(name="temp", datatype=Type.INT8, int_value=248)
    inner = motor.template_value.metrics.add(name="drive", datatype=Type.TEMPLATE)
    inner.template_value.metrics.add(name="load", int_value=65_535)

    parts = list(parts_of("motor", made.metrics[0], {"motor/drive/load": Type.INT16}))

    assert [(name, value) for name, _, value in parts] == [("motor/temp", -8), ("motor/drive/load", -1)]


@pytest.mark.parametrize(
    ("datatype", "data", "value"),
    [
        (22, b"\xff\x01", [-1, 1]),
        (25, struct.pack("<2q", -5, 5), [-5, 5]),
        (27, struct.pack("<2H", 1, 65_535), [1, 65_535]),
        (30, struct.pack("<2f", 0.5, -2), [0.5, -2.0]),
        (31, struct.pack("<d", 0.1) + b"cut", [0.1]),
        (32, struct.pack("<I", 10) + b"\x80\x40", [True, *[False] * 8, True]),
        (33, "läuft\0steht\0".encode(), ["läuft", "steht"]),
        (34, struct.pack("<q", 5), [5]),
        (32, b"", []),
    ],
)
def test_an_array_is_a_list(datatype: int, data: bytes, value: list[object]) -> None:
    """Packed little-endian; booleans as bits behind their number, texts each with a zero behind it."""
    assert value_of(payload(x={"bytes_value": data}).metrics[0], datatype) == value


@pytest.mark.parametrize(
    ("number", "quality"), [(192, Quality.GOOD), (0, Quality.BAD), (500, Quality.NO_DATA), (7, Quality.UNCERTAIN)]
)
def test_the_property_quality_is_the_quality(number: int, quality: Quality) -> None:
    """Good, bad and stale as the specification numbers them; any other number is uncertain."""
    made = payload(x=1.0)
    properties = made.metrics[0].properties
    properties.keys.extend(["engUnit", "Quality"])
    properties.values.add(type=Type.STRING, string_value="degC")
    properties.values.add(type=Type.INT32, int_value=number)

    assert quality_of(made.metrics[0]) is quality


def test_a_moment_beyond_the_calendar_stays_a_number() -> None:
    """DateTime holds milliseconds, and may hold anything."""
    assert value_of(payload(x={"long_value": 2**63}).metrics[0], Type.DATETIME) == 2**63
