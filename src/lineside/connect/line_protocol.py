"""InfluxDB line protocol: what a body of lines says, as columns; and the units its timestamps may count."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

import numpy as np
import pyarrow as pa

from lineside.connect.line_exact import Rows, read_exactly
from lineside.connect.line_scan import Int32s, Points, scan

UNITS_NS = {
    "": 1,
    "n": 1,
    "ns": 1,
    "u": 1_000,
    "us": 1_000,
    "\N{MICRO SIGN}": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
"""Nanoseconds of what `precision` may say in a write, of version 1 or 2."""


PIECE = 2**20
"""Bytes that are read at once: enough to be quick, few enough to take little memory."""


def read_lines(body: bytes, unit_ns: int, now_ns: int, known: Container[bytes] = ()) -> Iterator[Points]:
    """The values of a body, piece by piece; timestamps count `unit_ns`.

    Lines without one are dated `now_ns`, cut to the unit. Series keys among the `known` ones are taken as good.
    """
    at, line = 0, 0
    while at < len(body):
        begin = at
        end = body.find(b"\n", at + PIECE) + 1 or len(body)
        # That it could be scanned proves that the piece ends with a line, and not within a text.
        points = scan(body[at:end], unit_ns, now_ns, known)
        if points is None:
            rows, at = read_exactly(body, unit_ns, now_ns, at, end)
            points = _points(rows)
        else:
            at = end
        yield points if not line else points.further(line)
        line += body.count(b"\n", begin, at)


def _points(rows: Rows) -> Points:
    keys, key = _coded(rows.key)
    names, name = _coded(rows.name)
    return Points(
        keys=keys,
        names=names,
        key=key,
        name=name,
        kind=np.array(rows.kind, np.uint8),
        number=np.array(rows.number, np.float64),
        text=pa.array(rows.text, pa.string()),
        time=np.array(rows.time, np.int64),
        dated=np.array(rows.dated, np.bool_),
        line=np.array(rows.line, np.int32),
        bad=rows.bad,
        refused=rows.refused,
    )


def _coded(words: Iterable[bytes]) -> tuple[list[bytes], Int32s]:
    codes: dict[bytes, int] = {}
    coded = [codes.setdefault(word, len(codes)) for word in words]
    return list(codes), np.array(coded, np.int32)
