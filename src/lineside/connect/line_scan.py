"""InfluxDB line protocol read all lines at once, by arithmetic on the positions of its few special characters.

It reads what nearly all programs write. Of a body that holds anything else (a control character, a comment, a
backslash in a text, a line with a mistake) it says so, and `line_exact` reads that: the two never differ.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from functools import cache
from typing import Self, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lineside.connect.line_exact import BOOL, FLOAT, INT, STRING, UINT, BadLine, read_key

Bools: TypeAlias = NDArray[np.bool_]
Bytes: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float64]
Int32s: TypeAlias = NDArray[np.int32]
Int64s: TypeAlias = NDArray[np.int64]

_NEWLINE, _SPACE, _COMMA, _EQUALS, _QUOTE, _BACKSLASH, _FORBIDDEN = range(1, 8)
_MOST_BYTES = 2**31 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """The values of a body as columns, with the series keys and field names as they were written."""

    keys: list[bytes]
    names: list[bytes]
    key: Int32s
    name: Int32s
    kind: Bytes
    number: Floats
    text: pa.StringArray
    time: Int64s
    """Nanoseconds since 1970 UTC."""
    dated: Bools
    """Whether the line says its time itself."""
    line: Int32s
    bad: list[BadLine]
    refused: int

    def __len__(self) -> int:
        return len(self.time)

    def further(self, lines: int) -> Self:
        """The same as they are so many lines further on."""
        return replace(
            self, line=self.line + np.int32(lines), bad=[bad._replace(line=bad.line + lines) for bad in self.bad]
        )


@cache
def _classes() -> Bytes:
    table = np.zeros(256, np.uint8)
    table[:32] = table[127] = _FORBIDDEN
    for kind, character in enumerate(b'\n ,="\\', start=_NEWLINE):
        table[character] = kind
    return table


@cache
def _specials() -> bytes:
    return (_classes() > 0).tobytes()


@cache
def _allowed(characters: bytes) -> Bools:
    table = np.zeros(256, np.bool_)
    table[list(characters)] = True
    return table


class _OtherwiseError(Exception):
    """The body holds something that only the exact reader understands."""


def scan(body: bytes, unit_ns: int, now_ns: int, known: Container[bytes] = ()) -> Points | None:
    """The values of a body without a mistake; None for one that the exact reader has to look at.

    Series keys among the `known` ones are not looked at again.
    """
    if not body or len(body) >= _MOST_BYTES:
        return None
    if not body.endswith(b"\n"):
        body += b"\n"
    try:
        return _scan(body, unit_ns, now_ns - now_ns % unit_ns, known)
    except (_OtherwiseError, pa.ArrowInvalid, UnicodeDecodeError):
        return None


def _require(claim: object) -> None:
    if not claim:
        raise _OtherwiseError


def _scan(body: bytes, unit_ns: int, default_ns: int, known: Container[bytes]) -> Points:
    data = np.frombuffer(body, np.uint8)
    place, kind = _structure(body, data)
    ends = kind == _NEWLINE
    line_of = np.cumsum(ends, dtype=np.int32) - ends
    spaces = np.flatnonzero(kind == _SPACE)
    count = np.bincount(line_of[spaces], minlength=int(ends.sum()))
    _require(count.min() >= 1 and count.max() <= 2)
    head = np.cumsum(count) - count
    first, timed = spaces[head], count == 2
    begin = np.concatenate(([0], place[ends][:-1] + 1))

    key = _slices(body, begin, place[first]).dictionary_encode()
    keys = key.dictionary.cast(pa.binary()).to_pylist()
    _require(not any(isinstance(read_key(one), str) for one in keys if one not in known))

    # Of each line, what stands between its first space and its second one or its end: name=value,name=value
    inner = np.arange(len(place)) > first[line_of]
    inner &= ~(ends & timed[line_of])
    field = np.flatnonzero(inner)
    equals, after = field[0::2], field[1::2]
    _require(len(equals) == len(after) and (kind[equals] == _EQUALS).all() and (kind[after] != _EQUALS).all())
    line = line_of[equals]
    name = _slices(body, place[equals - 1] + 1, place[equals]).dictionary_encode()
    names = name.dictionary.cast(pa.binary()).to_pylist()
    _require(b"" not in names)
    kinds, number, text = _values(body, data, place[equals] + 1, place[after])

    time = np.full(len(count), default_ns)
    if timed.any():
        time[timed] = _times(body, place[spaces[head[timed] + 1]] + 1, place[ends][timed], unit_ns)
    return Points(
        keys=keys,
        names=names,
        key=key.indices.to_numpy()[line],
        name=name.indices.to_numpy(),
        kind=kinds,
        number=number,
        text=text,
        time=time[line],
        dated=timed[line],
        line=line + 1,
        bad=[],
        refused=0,
    )


def _structure(body: bytes, data: Bytes) -> tuple[Int64s, Bytes]:
    """Where the characters are that divide lines, keys and values, and which; those in texts and escapes are none."""
    if not body.isascii():
        body.decode()
    place = np.flatnonzero(np.frombuffer(body.translate(_specials()), np.bool_))
    kind = _classes()[data[place]]
    _require(kind.max() < _FORBIDDEN)
    if b"\\" in body:
        escaped = np.zeros(len(kind), np.bool_)
        escaped[1:] = (kind[:-1] == _BACKSLASH) & (np.diff(place) == 1) & (kind[1:] >= _SPACE) & (kind[1:] <= _EQUALS)
        kind[escaped] = 0
    if b'"' in body:
        kind = _without_texts(data, place, kind)
    kept = (kind > 0) & (kind < _QUOTE)
    return place[kept], kind[kept]


def _without_texts(data: Bytes, place: Int64s, kind: Bytes) -> Bytes:
    """The kinds with those in texts struck out; a quote must be one that opens or closes a text."""
    quote = np.flatnonzero(kind == _QUOTE)
    _require(len(quote) % 2 == 0)
    opening, closing = quote[0::2], quote[1::2]
    within = np.cumsum(kind == _QUOTE) % 2 == 1
    within[opening] = False
    _require(not (within & ((kind == _BACKSLASH) | (kind == _NEWLINE))).any())
    _require((kind[opening - 1] == _EQUALS).all() and (place[opening - 1] == place[opening] - 1).all())
    following = data[place[closing] + 1]
    _require(((following == 0x2C) | (following == 0x20) | (following == 0x0A)).all())
    # Of a quote in a key nothing depends on it: the key is read to the letter.
    kept: Bytes = np.where(within, 0, kind).astype(np.uint8)
    return kept


def _slices(body: bytes, start: Int64s, end: Int64s) -> pa.StringArray:
    """The texts body[start:end] of slices in order that do not overlap; the body must be UTF-8."""
    bounds = np.empty(2 * len(start), np.int32)
    bounds[0::2], bounds[1::2] = start, end
    whole = pa.StringArray.from_buffers(len(bounds) - 1, pa.py_buffer(bounds), pa.py_buffer(body))
    return whole.take(pa.array(np.arange(0, len(bounds) - 1, 2, dtype=np.int32)))


def _values(body: bytes, data: Bytes, start: Int64s, end: Int64s) -> tuple[Bytes, Floats, pa.StringArray]:
    """Kind, number and text of the values in these slices."""
    _require((end > start).all())
    first, last = data[start], data[end - 1]
    kind = np.full(len(start), FLOAT, np.uint8)
    kind[last == ord("i")] = INT
    kind[last == ord("u")] = UINT
    kind[_allowed(b"tTfF")[first]] = BOOL
    kind[first == ord('"')] = STRING
    text = kind == STRING
    suffixed = (kind == INT) | (kind == UINT)
    written = _slices(body, start + text, end - (text | suffixed))
    present = np.bincount(kind, minlength=5)
    _require(_allowed(b"-.0123456789")[first[kind == FLOAT]].all())
    if present[FLOAT] == len(kind):
        return kind, _floats(written), written
    number = np.full(len(kind), np.nan)
    readers = {FLOAT: _floats, INT: _integers, UINT: _unsigned, BOOL: _truths}
    for one, read in readers.items():
        if present[one]:
            chosen = kind == one
            number[chosen] = read(written.filter(pa.array(chosen)))
    return kind, number, written


def _characters(column: pa.StringArray, allowed: bytes) -> None:
    """Requires that the texts hold nothing but the allowed characters."""
    _, offsets, content = column.buffers()
    if content is not None:
        _require(_allowed(allowed)[np.frombuffer(content, np.uint8)[: _extent(column, offsets)]].all())


def _extent(column: pa.StringArray, offsets: pa.Buffer) -> int:
    return int(np.frombuffer(offsets, np.int32)[column.offset + len(column)])


def _floats(written: pa.StringArray) -> Floats:
    _characters(written, b"0123456789.eE+-")
    number: Floats = pc.cast(written, pa.float64()).to_numpy()
    _require(np.isfinite(number).all())
    return number


def _integers(written: pa.StringArray) -> Floats:
    _characters(written, b"0123456789-")
    number: Floats = pc.cast(written, pa.int64()).to_numpy().astype(np.float64)
    return number


def _unsigned(written: pa.StringArray) -> Floats:
    _characters(written, b"0123456789")
    number: Floats = pc.cast(written, pa.uint64()).to_numpy().astype(np.float64)
    return number


def _truths(written: pa.StringArray) -> Floats:
    true = pc.is_in(written, pa.array(["t", "T", "true", "True", "TRUE"])).to_numpy(zero_copy_only=False)
    false = pc.is_in(written, pa.array(["f", "F", "false", "False", "FALSE"])).to_numpy(zero_copy_only=False)
    _require((true | false).all())
    number: Floats = true.astype(np.float64)
    return number


def _times(body: bytes, start: Int64s, end: Int64s, unit_ns: int) -> Int64s:
    _require((end > start).all())
    written = _slices(body, start, end)
    _characters(written, b"0123456789-")
    time: Int64s = pc.cast(written, pa.int64()).to_numpy()
    most = (2**63 - 1) // unit_ns
    _require(-most <= int(time.min()) and int(time.max()) <= most)
    return time * unit_ns
