"""How an edge writes what it has to say: rows of JSON, one a line, each parcel of them gzipped by itself."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping

import msgspec
import pyarrow as pa

from lineside.history import Quality

_QUALITY = {int(quality): quality.name.lower() for quality in Quality}


def value_rows(batch: pa.RecordBatch) -> list[bytes]:
    """A row for each observation, in order; its value is what the node makes the same observation of."""
    address, time, number, text, quality = (batch.column(i) for i in range(5))
    rows = zip(
        address.to_pylist(),
        time.cast(pa.int64()).to_pylist(),
        number.to_pylist(),
        text.to_pylist(),
        quality.to_pylist(),
        strict=True,
    )
    encode = msgspec.json.Encoder().encode
    return [
        encode({"address": a, "time": t, "value": n if s is None else s} | ({"quality": _QUALITY[q]} if q else {}))
        for a, t, n, s, q in rows
    ]


def heard_row(start: int, end: int) -> bytes:
    """That the machine was heard from start to end, in microseconds."""
    return msgspec.json.encode({"heard": [start, end]})


def said_row(what: str, value: object, key: str, fields: Mapping[str, object], time: int | None = None) -> bytes:
    """A state, or the time of a loss, with the text that says it; with a state, the present of the edge."""
    plain = {name: one if isinstance(one, int | float | str) else str(one) for name, one in fields.items()}
    return msgspec.json.encode({what: value, "key": key, "fields": plain} | ({} if time is None else {"time": time}))


def pack(rows: Iterable[bytes]) -> bytes:
    """Rows as one member of a gzip stream; members in a row are one body."""
    return gzip.compress(b"\n".join(rows) + b"\n", compresslevel=1, mtime=0)


def unpack(body: bytes) -> list[bytes]:
    """The rows of one member."""
    return gzip.decompress(body).splitlines()
