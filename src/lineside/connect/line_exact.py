"""InfluxDB line protocol read one line after the other, to the letter of its grammar.

The grammar is that of github.com/influxdata/line-protocol (version 2): what it takes is taken, what it refuses is
refused by line, and the other lines go on. Only a text that is never closed swallows what follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import isinf
from typing import NamedTuple

FLOAT, INT, UINT, BOOL, STRING = range(5)
LONGEST_KEY = 65_535
_CACHED_KEY = 500
_EXCERPT = 80
NAMED = 100
"""Refused lines of one body that are told one by one; the others are counted."""
_INT_MIN, _INT_MAX, _UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1

_NAME = rb"(?:[^\x00-\x20\x7f,\\]|\\[ ,]?+)++"
_WORD = rb"(?:[^\x00-\x20\x7f,=\\]|\\[ ,=]?+)++"
_TAG = re.compile(rb",(" + _WORD + rb")=(" + _WORD + rb")")
_MEASUREMENT = re.compile(_NAME)
_KEY = re.compile(_NAME + rb"(?:," + _WORD + rb"=" + _WORD + rb")*+")
_FIELD = re.compile(rb"(" + _WORD + rb')=(?:"((?:[^"\\]|\\.)*+)"|([^", \r\n][^, \r\n]*+))', re.DOTALL)
_UNCLOSED = re.compile(_WORD + rb'="')
_VALUELESS = re.compile(_WORD + rb"=")
_END = re.compile(rb"(?: ++([-0-9]++) *+| *+)(?:\r?\n|\r?\Z)")
_BLANK = re.compile(rb"(?: *+\r?\n)++| ++\r?\Z|\r\Z")
_COMMENT = re.compile(rb"#[^\x00-\x1f\x7f]*+(?:\r?\n|\r?\Z)")
_SPACES = re.compile(rb" *+")
_INTEGER = re.compile(rb"-?[0-9]++")
_DECIMAL = re.compile(rb"-?(?:[0-9]++\.?+[0-9]*+|\.[0-9]++)(?:[eE][+-]?+[0-9]++)?+")
_BOOLS = {b"t": 1.0, b"T": 1.0, b"true": 1.0, b"True": 1.0, b"TRUE": 1.0} | {
    b"f": 0.0, b"F": 0.0, b"false": 0.0, b"False": 0.0, b"FALSE": 0.0
}  # fmt: skip
_NAME_ESCAPE = re.compile(r"\\([ ,])")
_WORD_ESCAPE = re.compile(r"\\([ ,=])")
_TEXT_ESCAPE = re.compile(r'\\([\\"nrt])')
_TEXT_MEANING = {"\\": "\\", '"': '"', "n": "\n", "r": "\r", "t": "\t"}


class BadLine(NamedTuple):
    """A line that was not taken: its number from 1, the key of the reason, and how it begins."""

    line: int
    reason: str
    text: str


class Series(NamedTuple):
    """What a series key says: the measurement and its tags."""

    measurement: str
    tags: Mapping[str, str]


@dataclass(slots=True)
class Rows:
    """The values of a body, one after the other, and the lines that were not taken."""

    key: list[bytes] = field(default_factory=list)
    name: list[bytes] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    number: list[float] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    time: list[int] = field(default_factory=list)
    dated: list[bool] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)
    """The first `NAMED` of those that were refused."""
    refused: int = 0


class _BadLineError(Exception):
    """A line cannot be taken: why, and where reading it stopped."""

    def __init__(self, reason: str, at: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at


_Value = tuple[bytes, int, float, str]


def read_key(key: bytes) -> Series | str:
    """The series a key names, or the reason why it names none."""
    return _read_short_key(key) if len(key) <= _CACHED_KEY else _read_key(key)


def read_name(name: bytes) -> str:
    """The name of a field, as it is meant."""
    return _WORD_ESCAPE.sub(r"\1", name.decode())


def _read_key(key: bytes) -> Series | str:
    if len(key) > LONGEST_KEY:
        return "key_long"
    measurement = _MEASUREMENT.match(key)
    if measurement is None or key.startswith(b"#"):
        return "measurement"
    if _KEY.fullmatch(key) is None:
        return "tag"
    try:
        name = _NAME_ESCAPE.sub(r"\1", measurement[0].decode())
        found = [(read_name(k), read_name(v)) for k, v in _TAG.findall(key, measurement.end())]
    except UnicodeDecodeError:
        return "utf8"
    tags = dict(sorted(found))
    return "tag_twice" if len(tags) < len(found) else Series(name, tags)


_read_short_key: Callable[[bytes], Series | str] = lru_cache(maxsize=16_384)(_read_key)


def read_exactly(body: bytes, unit_ns: int, now_ns: int, start: int = 0, until: int | None = None) -> tuple[Rows, int]:
    """The values of the lines from `start` on that begin before `until`, and where that ends; lines count from 1.

    Timestamps count `unit_ns`; lines without one are dated `now_ns`, cut to the unit.
    """
    rows = Rows()
    clock = (unit_ns, now_ns - now_ns % unit_ns)
    at, line = start, 1
    while at < (len(body) if until is None else until):
        begin = at
        try:
            at = _skip(body, at)
            if at == begin:
                at = _read_line(body, at, line, rows, clock)
        except _BadLineError as error:
            ending = body.find(b"\n", error.at)
            at = len(body) if ending < 0 else ending + 1
            rows.refused += 1
            if len(rows.bad) < NAMED:
                rows.bad.append(BadLine(line, error.reason, excerpt(body, begin)))
        line += body.count(b"\n", begin, at)
    return rows, at


def excerpt(body: bytes, begin: int) -> str:
    """How the line that begins there begins, fit to be shown."""
    text = body[begin : begin + _EXCERPT].split(b"\n", 1)[0].decode(errors="replace")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _skip(body: bytes, at: int) -> int:
    """Behind a line that says nothing; where it was if the line says something."""
    if blank := _BLANK.match(body, at):
        return blank.end()
    spaces = _SPACES.match(body, at)
    begin = at if spaces is None else spaces.end()
    if not body.startswith(b"#", begin):
        return at
    comment = _COMMENT.match(body, begin)
    if comment is None:
        raise _BadLineError("comment", begin)
    return comment.end()


def _read_line(body: bytes, at: int, line: int, rows: Rows, clock: tuple[int, int]) -> int:
    spaces = _SPACES.match(body, at)
    begin = at if spaces is None else spaces.end()
    found = _KEY.match(body, begin)
    if found is None:
        raise _BadLineError("measurement", begin)
    key, after = found[0], found.end()
    if not body.startswith(b" ", after):
        raise _BadLineError("tag" if body[after : after + 1] in {b",", b"="} else "no_field", after)
    if isinstance(series := read_key(key), str):
        raise _BadLineError(series, after)
    spaces = _SPACES.match(body, after)
    values, end = _read_fields(body, after if spaces is None else spaces.end())
    time = _read_time(end, *clock)
    for name, kind, number, text in values:
        rows.key.append(key)
        rows.name.append(name)
        rows.kind.append(kind)
        rows.number.append(number)
        rows.text.append(text)
        rows.time.append(time)
        rows.dated.append(end[1] is not None)
        rows.line.append(line)
    return end.end()


def _read_fields(body: bytes, at: int) -> tuple[list[_Value], re.Match[bytes]]:
    """The fields from `at` on, and the end of the line behind them."""
    values: list[_Value] = []
    while True:
        found = _FIELD.match(body, at)
        if found is None:
            if _UNCLOSED.match(body, at):
                raise _BadLineError("quote", len(body))
            raise _BadLineError("value" if _VALUELESS.match(body, at) else "no_field", at)
        name, text, token = found.groups()
        try:
            name.decode()
            values.append((name, *_read_text(text)) if token is None else (name, *_read_token(token, found.end())))
        except UnicodeDecodeError:
            raise _BadLineError("utf8", found.end()) from None
        at = found.end()
        if body.startswith(b",", at):
            at += 1
            continue
        end = _END.match(body, at)
        if end is None:
            raise _BadLineError("time" if body.startswith(b" ", at) else "value", at)
        return values, end


def _read_text(text: bytes) -> tuple[int, float, str]:
    return STRING, float("nan"), _TEXT_ESCAPE.sub(lambda found: _TEXT_MEANING[found[1]], text.decode())


def _read_token(token: bytes, at: int) -> tuple[int, float, str]:
    """A value that is no text: its kind, the number it is, and how it was written."""
    if token[:1] in b"tTfF":
        if token not in _BOOLS:
            raise _BadLineError("value", at)
        return BOOL, _BOOLS[token], token.decode()
    if token[-1:] in b"iu":
        return _read_integer(token, at)
    if _DECIMAL.fullmatch(token) is None:
        raise _BadLineError("value", at)
    number = float(token)
    if isinf(number):
        raise _BadLineError("range", at)
    return FLOAT, number, token.decode()


def _read_integer(token: bytes, at: int) -> tuple[int, float, str]:
    digits, signed = token[:-1], token.endswith(b"i")
    if _INTEGER.fullmatch(digits) is None or (not signed and digits.startswith(b"-")):
        raise _BadLineError("value", at)
    low, high = (_INT_MIN, _INT_MAX) if signed else (0, _UINT_MAX)
    number = _whole(digits)
    if not low <= number <= high:
        raise _BadLineError("range", at)
    return (INT if signed else UINT), float(number), digits.decode()


def _whole(digits: bytes) -> int:
    """The integer that is written; of one with more digits than could be in range, some that is out of range too."""
    bare = digits.lstrip(b"-").lstrip(b"0")[:24] or b"0"
    return -int(bare) if digits.startswith(b"-") else int(bare)


def _read_time(end: re.Match[bytes], unit_ns: int, default: int) -> int:
    digits = end[1]
    if digits is None:
        return default
    if _INTEGER.fullmatch(digits) is None:
        raise _BadLineError("time", end.end() - 1)
    time = _whole(digits) * unit_ns
    if not _INT_MIN <= time <= _INT_MAX:
        raise _BadLineError("time_range", end.end() - 1)
    return time
