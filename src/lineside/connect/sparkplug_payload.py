"""The payload of Sparkplug B: its fields, and what its values are in every way that edge nodes write them.

The message is described here by the names and numbers that the specification gives its fields, and handed to
protobuf; there is no generated code. What a host does not read (metadata, extensions) is left out: protobuf keeps
unknown fields and minds nothing.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache
from typing import Any

from lineside.history import Quality

COMPRESSED = "SPBV1.0_COMPRESSED"
LARGEST = 64 * 1024 * 1024
"""A payload that unfolds to more bytes than this is no message but an attack or a fault."""
DEEPEST = 16
"""Templates within templates beyond this are not looked into."""

_FIELDS = {
    "Payload": "timestamp=1:uint64 metrics=2:*Metric seq=3:uint64 uuid=4:string body=5:bytes",
    "Metric": "name=1:string alias=2:uint64 timestamp=3:uint64 datatype=4:uint32 is_historical=5:bool"
    " is_transient=6:bool is_null=7:bool properties=9:PropertySet"
    " int_value=10:uint32| long_value=11:uint64| float_value=12:float| double_value=13:double| boolean_value=14:bool|"
    " string_value=15:string| bytes_value=16:bytes| dataset_value=17:DataSet| template_value=18:Template|",
    "Template": "version=1:string metrics=2:*Metric template_ref=4:string is_definition=5:bool",
    "DataSet": "num_of_columns=1:uint64 columns=2:*string types=3:*uint32 rows=4:*Row",
    "Row": "elements=1:*DataSetValue",
    "DataSetValue": "int_value=1:uint32| long_value=2:uint64| float_value=3:float| double_value=4:double|"
    " boolean_value=5:bool| string_value=6:string|",
    "PropertySet": "keys=1:*string values=2:*PropertyValue",
    "PropertyValue": "type=1:uint32 is_null=2:bool int_value=3:uint32| long_value=4:uint64| float_value=5:float|"
    " double_value=6:double| boolean_value=7:bool| string_value=8:string|",
}
"""Each message as `name=number:type`; a star before the type means repeated, a bar behind it one of the value's."""


class Type(IntEnum):
    """Data types of metrics, by the numbers of the specification."""

    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    UUID = 15
    DATASET = 16
    BYTES = 17
    FILE = 18
    TEMPLATE = 19
    INT8_ARRAY = 22
    DATETIME_ARRAY = 34


_BITS = {1: 8, 2: 16, 3: 32, 4: 64, 5: 8, 6: 16, 7: 32, 8: 64}
_SIGNED = frozenset({1, 2, 3, 4})
_ARRAYS = {22: "b", 23: "h", 24: "i", 25: "q", 26: "B", 27: "H", 28: "I", 29: "Q", 30: "f", 31: "d", 34: "q"}
_BOOLEAN_ARRAY, _STRING_ARRAY = 32, 33
_QUALITIES = {0: Quality.BAD, 192: Quality.GOOD, 500: Quality.NO_DATA}
"""Values of the property Quality: bad, good and stale."""


class Unreadable(ValueError):
    """These bytes are no Sparkplug B payload; the text says why."""


@cache
def payload_type() -> Callable[[], Any]:
    """The class of a payload; made with the first one that is needed."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    scalar = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="lineside/sparkplug.proto", package="lineside", syntax="proto2")
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        if "|" in fields:
            message.oneof_decl.add(name="value")
        for field in fields.split():
            key, _, rest = field.partition("=")
            number, _, kind = rest.partition(":")
            repeated, of_value, kind = kind.startswith("*"), kind.endswith("|"), kind.strip("*|")
            label = scalar.LABEL_REPEATED if repeated else scalar.LABEL_OPTIONAL
            one = message.field.add(name=key, number=int(number), label=label)
            if of_value:
                one.oneof_index = 0
            if kind in _FIELDS:
                one.type, one.type_name = scalar.TYPE_MESSAGE, f".lineside.{kind}"
            else:
                one.type = getattr(scalar, f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    made: Callable[[], Any] = message_factory.GetMessageClass(pool.FindMessageTypeByName("lineside.Payload"))
    return made


def read_payload(data: bytes) -> Any:
    """The payload in these bytes, unfolded when compressed; raises Unreadable."""
    payload = _parse(data)
    if payload.uuid != COMPRESSED:
        return payload
    inner = _parse(_unfold(payload.body))
    for field in ("seq", "timestamp"):
        if payload.HasField(field) and not inner.HasField(field):
            setattr(inner, field, getattr(payload, field))
    return inner


def _parse(data: bytes) -> Any:
    from google.protobuf.message import DecodeError

    payload = payload_type()()
    try:
        payload.ParseFromString(data)
        payload.uuid  # noqa: B018 - a text that is none shows itself when it is read
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(" ".join(str(error).split())) from error
    return payload


def _unfold(body: bytes) -> bytes:
    """What DEFLATE (with or without its frame) or GZIP folded; the payload's word for it is not needed."""
    why = ""
    for frame in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        unfolding = zlib.decompressobj(frame)
        try:
            data = unfolding.decompress(body, LARGEST)
        except zlib.error as error:
            why = why or str(error)
            continue
        if unfolding.unconsumed_tail:
            raise Unreadable(f"unfolds to more than {LARGEST} bytes")
        if not unfolding.eof:
            raise Unreadable("compressed and cut")
        return data
    raise Unreadable(why)


def value_of(metric: Any, datatype: int) -> object:
    """The value of a metric, or of a cell: a number, a text, a boolean, a list, or None where there is none.

    A negative integer may stand in its own width or in a wider one, in the short field or the long; all mean the same.
    """
    field = metric.WhichOneof("value")
    if field in (None, "dataset_value", "template_value"):  # the latter where a type says otherwise
        return None
    value = getattr(metric, field)
    if field == "string_value":
        return _text(value)
    bits = _BITS.get(datatype)
    if bits is not None and type(value) is int:
        value &= (1 << bits) - 1
        return value - (1 << bits) if datatype in _SIGNED and value >> (bits - 1) else value
    if datatype == Type.DATETIME and type(value) is int:
        return _moment(value)
    if datatype == Type.BOOLEAN and type(value) is int:
        return bool(value)
    if isinstance(value, bytes):
        return _array(value, datatype) if Type.INT8_ARRAY <= datatype <= Type.DATETIME_ARRAY else value.hex()
    return value


def _text(value: str | bytes) -> str:
    """A text as it is, also where it is not UTF-8: then protobuf gives its bytes."""
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def _moment(milliseconds: int) -> str | int:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return milliseconds


def _array(data: bytes, datatype: int) -> object:
    if datatype == _STRING_ARRAY:
        return data.decode("utf-8", "replace").split("\0")[:-1]
    if datatype == _BOOLEAN_ARRAY:
        count = struct.unpack_from("<I", data)[0] if len(data) >= 4 else 0
        bits = "".join(f"{byte:08b}" for byte in data[4:])
        return [bit == "1" for bit in bits[:count]]
    code = _ARRAYS[datatype]
    count = len(data) // struct.calcsize(f"<{code}")
    return list(struct.unpack_from(f"<{count}{code}", data))


def quality_of(metric: Any) -> Quality:
    """What the property Quality says of the value; good without one."""
    if not metric.HasField("properties"):
        return Quality.GOOD
    for key, value in zip(metric.properties.keys, metric.properties.values, strict=False):
        if key == "Quality":
            return _QUALITIES.get(int(value.int_value or value.long_value), Quality.UNCERTAIN)
    return Quality.GOOD


def parts_of(name: str, metric: Any, types: Mapping[str, int], depth: int = 0) -> Iterator[tuple[str, int, object]]:
    """What a metric is made of, as name, type and value: members of templates, cells of data sets, or itself.

    A member is `metric/member`, a cell `metric/row/column` with rows from 0. `types` are those that a birth told;
    data need not repeat them.
    """
    datatype = metric.datatype or types.get(name, 0)
    if metric.is_null:
        yield name, datatype, None
    elif metric.HasField("template_value"):
        if metric.template_value.is_definition or depth >= DEEPEST:
            return
        for member in metric.template_value.metrics:
            yield from parts_of(f"{name}/{_text(member.name)}", member, types, depth + 1)
    elif metric.HasField("dataset_value"):
        table = metric.dataset_value
        columns = [_text(column) for column in table.columns]
        rows = [
            [value_of(cell, kind) for cell, kind in zip(row.elements, table.types, strict=False)] for row in table.rows
        ]
        yield name, datatype, [dict(zip(columns, row, strict=False)) for row in rows]
        for at, row in enumerate(rows):
            for column, kind, value in zip(columns, table.types, row, strict=False):
                yield f"{name}/{at}/{column}", kind, value
    else:
        yield name, datatype, value_of(metric, datatype)


def told_in(data: bytes) -> list[tuple[str, int | None, object]]:
    """The metrics of a payload: name (empty in data), alias and value; none where it cannot be read."""
    try:
        metrics = read_payload(data).metrics
    except Unreadable:
        return []
    return [
        (
            _text(metric.name),
            metric.alias if metric.HasField("alias") else None,
            None if metric.is_null else value_of(metric, metric.datatype),
        )
        for metric in metrics
    ]


def read_commands(data: bytes) -> list[tuple[str, object]]:
    """What a command wants set, each name with its value; what cannot be read sets nothing that has a name."""
    try:
        metrics = read_payload(data).metrics
    except Unreadable:
        return [("", None)]
    return [(_text(metric.name) or f"alias {metric.alias}", value_of(metric, metric.datatype)) for metric in metrics]
