from __future__ import annotations

import math
import time
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineside.connect.line_exact import BOOL, FLOAT, INT, STRING, UINT, read_exactly, read_key, read_name
from lineside.connect.line_protocol import PIECE, read_lines
from lineside.connect.line_scan import scan

NOW = 1_764_000_000_123_456_789
Value: TypeAlias = tuple[str, dict[str, str], str, int, object, int, int]
"""Measurement, tags, field, kind, value, time and line."""


def said(body: bytes, unit_ns: int = 1) -> tuple[list[Value], list[tuple[int, str]]]:
    """The values of a body, and the lines that were refused with the reason."""
    values: list[Value] = []
    bad: list[tuple[int, str]] = []
    for p in read_lines(body, unit_ns, NOW):
        for key, name, kind, number, text, at, line in zip(
            p.key, p.name, p.kind.tolist(), p.number.tolist(), p.text.to_pylist(), p.time.tolist(), p.line.tolist(),
            strict=True,
        ):  # fmt: skip
            series = read_key(p.keys[key])
            assert not isinstance(series, str)
            value = text if kind == STRING else bool(number) if kind == BOOL else number
            values.append((series.measurement, dict(series.tags), read_name(p.names[name]), kind, value, at, line))
        bad += [(one.line, one.reason) for one in p.bad]
    return values, bad


GOOD: dict[str, list[tuple[str, dict[str, str], str, int, object]]] = {
    "m f=1": [("m", {}, "f", FLOAT, 1.0)],
    "m f=1.": [("m", {}, "f", FLOAT, 1.0)],
    "m f=.5": [("m", {}, "f", FLOAT, 0.5)],
    "m f=-2.5e-3": [("m", {}, "f", FLOAT, -0.0025)],
    "m f=1E+2": [("m", {}, "f", FLOAT, 100.0)],
    "m f=1e-999": [("m", {}, "f", FLOAT, 0.0)],
    "m f=0.1": [("m", {}, "f", FLOAT, 0.1)],
    "m f=123456789012345678": [("m", {}, "f", FLOAT, 123456789012345678.0)],
    "m f=007i": [("m", {}, "f", INT, 7.0)],
    "m f=-9223372036854775808i": [("m", {}, "f", INT, -(2.0**63))],
    "m f=18446744073709551615u": [("m", {}, "f", UINT, 2.0**64)],
    "m f=t,g=FALSE": [("m", {}, "f", BOOL, True), ("m", {}, "g", BOOL, False)],
    'm f=""': [("m", {}, "f", STRING, "")],
    'm f="a, b=c #d"': [("m", {}, "f", STRING, "a, b=c #d")],
    'm f="a\nb"': [("m", {}, "f", STRING, "a\nb")],
    'm f="say \\"x\\" \\\\ \\z"': [("m", {}, "f", STRING, 'say "x" \\ \\z')],
    "m,a=b,c=d f=1": [("m", {"a": "b", "c": "d"}, "f", FLOAT, 1.0)],
    "m,c=d,a=b f=1": [("m", {"a": "b", "c": "d"}, "f", FLOAT, 1.0)],
    "a\\ b\\,c=d f=1": [("a b,c=d", {}, "f", FLOAT, 1.0)],
    "m,a\\=b=c\\,d\\ e f=1": [("m", {"a=b": "c,d e"}, "f", FLOAT, 1.0)],
    "m f\\=g\\,h\\ i=1": [("m", {}, "f=g,h i", FLOAT, 1.0)],
    "m\\a,t\\b=c f=1": [("m\\a", {"t\\b": "c"}, "f", FLOAT, 1.0)],
    'm"x f=1': [('m"x', {}, "f", FLOAT, 1.0)],
    'm,t="x,y=z" f=1': [("m", {"t": '"x', "y": 'z"'}, "f", FLOAT, 1.0)],
    'm,t="x" f=1': [("m", {"t": '"x"'}, "f", FLOAT, 1.0)],
    "  m   f=1  ": [("m", {}, "f", FLOAT, 1.0)],
    "m f=1\r\n": [("m", {}, "f", FLOAT, 1.0)],
    "温度,车间=一 值=1.5": [("温度", {"车间": "一"}, "值", FLOAT, 1.5)],
    "# a comment": [],
    "": [],
    "\n \n": [],
}
BAD = {
    "m": "no_field",
    "m ": "no_field",
    "m f": "no_field",
    "m,a f=1": "tag",
    "m,a= f=1": "tag",
    "m,=b f=1": "tag",
    "m,a=b,a=c f=1": "tag_twice",
    ",a=b f=1": "measurement",
    " ,f=1": "measurement",
    "m =1": "no_field",
    "m f=": "value",
    "m f=1,": "no_field",
    "m f=1,,g=1": "no_field",
    "m f=x": "value",
    "m f=nan": "value",
    "m f=inf": "value",
    "m f=+1": "value",
    "m f=1_0": "value",
    "m f=0x10": "value",
    "m f=1e": "value",
    "m f=-": "value",
    "m f=tr": "value",
    "m f=1.5i": "value",
    "m f=-5u": "value",
    "m f=٣": "value",
    "m f=1e999": "range",
    "m f=9223372036854775808i": "range",
    "m f=18446744073709551616u": "range",
    'm f="a': "quote",
    'm f="a"b': "value",
    'm,t="a b" f=1': "no_field",
    'm,t="a b=1" f=1': "value",
    "m f=1 1x": "time",
    "m f=1 -": "time",
    "m f=1 1.5": "time",
    "m f=1 9223372036854775808": "time_range",
    "m\tx f=1": "no_field",
    "#\x01": "comment",
}


def test_good_lines_are_taken_with_their_values_and_bad_ones_refused() -> None:
    """Of our own cases: no bad line accepted, no wrong value, no good line refused; alone and between others."""
    accepted, wrong, refused = [], [], []
    for around in (b"%s", b"a b=1\n%s\na b=2\n", b"# remark\n%s\n"):
        for text, want in GOOD.items():
            values, bad = said(around % text.encode())
            if bad:
                refused.append(text)
            elif [v[:5] for v in values if v[0] != "a"] != want:
                wrong.append((text, values))
        for text, reason in BAD.items():
            values, bad = said(around % text.encode())
            if [v for v in values if v[0] != "a"] or [why for _, why in bad] != [reason]:
                accepted.append((text, reason, values, bad))

    assert accepted == []
    assert wrong == []
    assert refused == []


def test_bytes_that_are_no_utf8_are_refused_by_line() -> None:
    """The lines beside them are taken."""
    values, bad = said(b'm,a=\xff f=1\nm f=2\nm f="\xff"\nm \xff=1\nm f=3')

    assert [value[4] for value in values] == [2.0, 3.0]
    assert bad == [(1, "utf8"), (3, "utf8"), (4, "utf8")]


@pytest.mark.parametrize(("unit_ns", "cut"), [(1, NOW), (1_000, NOW - 789), (10**9, NOW - 123_456_789)])
def test_a_line_without_a_time_is_dated_in_the_unit_of_the_others(unit_ns: int, cut: int) -> None:
    """Both readers cut the present alike, and say which lines are dated."""
    body = b"m f=1\nm f=2 7\n"
    fast, (rows, _) = scan(body, unit_ns, NOW), read_exactly(body, unit_ns, NOW)

    assert fast is not None
    assert fast.time.tolist() == rows.time == [cut, 7 * unit_ns]
    assert fast.dated.tolist() == rows.dated == [False, True]


def test_a_mistake_is_told_with_its_line_however_long_the_body() -> None:
    """Bodies are read in pieces; lines count on, and a text may go over the edge of one."""
    filler = b"m,t=x f=1.25 1764000000000000000\n" * (PIECE // 33 + 2)
    lines = filler.count(b"\n")
    body = filler + b"oops\n" + filler[:-40] + b'"\nm f="' + b"\n" * 50 + b'"\n' + filler + b"m f=1x"

    values, bad = said(body)

    assert bad[0] == (lines + 1, "no_field")
    assert bad[-1] == (body.count(b"\n") + 1, "value")
    assert ("m", {}, "f", STRING, "\n" * 50) in [value[:5] for value in values]


def test_a_long_bad_body_is_read_in_reasonable_time() -> None:
    """Nothing is read again and again: backslashes, quotes, spaces and unclosed texts by the hundred thousand."""
    began = time.process_time()
    for text in (b"\\", b'"', b" ", b"m,a=", b'm f="\\', b"m f=1,", b"=", b",", b"-", b"9", b"#", b"\r", b"\n"):
        said(text * 200_000)
        said(b"m f=" + text * 200_000)
        said(b"m" + text * 200_000 + b" f=1")

    assert time.process_time() - began < 30


NAMES = st.text(
    st.characters(min_codepoint=0x20, exclude_characters="\\\x7f", exclude_categories=["Cs"]), min_size=1, max_size=8
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.one_of(
    NUMBERS.map(lambda x: (FLOAT, x, repr(x))),
    st.integers(-(2**63), 2**63 - 1).map(lambda x: (INT, float(x), f"{x}i")),
    st.integers(0, 2**64 - 1).map(lambda x: (UINT, float(x), f"{x}u")),
    st.sampled_from([(BOOL, True, "t"), (BOOL, True, "true"), (BOOL, False, "F"), (BOOL, False, "False")]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(lambda x: (STRING, x, f'"{written(x)}"')),
)


def written(text: str) -> str:
    """A text as a field's value is written."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def escaped(name: str, marks: str) -> str:
    """A name with its marks escaped."""
    return "".join(f"\\{c}" if c in marks else c for c in name)


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, list[tuple[Any, ...]]]:
    """A line, and the values it says."""
    measurement = draw(NAMES.filter(lambda name: not name.startswith("#")))
    tags = draw(st.dictionaries(NAMES, NAMES, max_size=3))
    fields = draw(st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=3))
    at = draw(st.none() | st.integers(-(2**63), 2**63 - 1))
    key = escaped(measurement, " ,") + "".join(f",{escaped(k, ' ,=')}={escaped(v, ' ,=')}" for k, v in tags.items())
    text = key + " " + ",".join(f"{escaped(name, ' ,=')}={value[2]}" for name, value in fields)
    moment = NOW if at is None else at
    want = [(measurement, tags, name, kind, value, moment) for name, (kind, value, _) in fields]
    return text if at is None else f"{text} {at}", want


@given(st.lists(lines(), max_size=4))
def test_what_is_written_is_read(told: list[tuple[str, list[tuple[Any, ...]]]]) -> None:
    """Any names, tags, fields, values and times go through writing and reading as they were."""
    values, bad = said("\n".join(text for text, _ in told).encode())

    assert bad == []
    assert [value[:6] for value in values] == [value for _, want in told for value in want]


CHANGES = [b"", b"\n", b" ", b",", b"=", b'"', b"\\", b"1", b"i", b"-", b"\xc3", b"\r", b"\x00", b"."]


@given(st.lists(lines(), min_size=1, max_size=3), st.data())
@settings(max_examples=200)
def test_the_fast_reader_never_differs_from_the_exact_one(
    told: list[tuple[str, list[tuple[Any, ...]]]], data: st.DataObject
) -> None:
    """Of a body with bytes changed, put in or taken out, it says the same, or that it does not understand it."""
    body = bytearray("\n".join(text for text, _ in told).encode())
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 1))] = data.draw(
            st.sampled_from(
                [b"", b"\n", b" ", b",", b"=", b'"', b"\\", b"1", b"i", b"-", b"\xc3", b"\r", b"\x00", b"."]
            )
        )
    fast, (rows, end) = scan(bytes(body), 1, NOW), read_exactly(bytes(body), 1, NOW)

    assert end == len(body)
    if fast is not None:
        assert rows.refused == 0
        assert [fast.keys[key] for key in fast.key] == rows.key
        assert [fast.names[name] for name in fast.name] == rows.name
        assert fast.kind.tolist() == rows.kind
        assert [repr(number) for number in fast.number.tolist()] == [repr(number) for number in rows.number]
        assert fast.text.to_pylist() == rows.text
        assert (fast.time.tolist(), fast.dated.tolist(), fast.line.tolist()) == (rows.time, rows.dated, rows.line)


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_any_bytes_are_read_to_their_end(body: bytes) -> None:
    """Nothing that comes crashes the reader."""
    values, bad = said(body)

    assert all(math.isfinite(value[4]) for value in values if value[3] == FLOAT and isinstance(value[4], float))
    assert all(1 <= line <= body.count(b"\n") + 1 for line, _ in bad)


def test_what_programs_write_is_read_fast() -> None:
    """Lines such as Telegraf writes need no second look."""
    body = (
        b"cpu,cpu=cpu0,host=mill usage_idle=98.5,usage_user=0.4 1764000000000000000\n"
        b"disk,path=C:\\data used=1,free=2 1764000000000000000\n"
        b'plc,line=a,machine=press\\ 1 mode="ACTIVE",parts=12i,on=true,u=3u 1764000000000000000\n'
    )

    assert scan(body, 1, NOW) is not None
    assert scan(body[:-1], 1, NOW) is not None
