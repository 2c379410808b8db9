"""Recordings of an adapter's stream, `timestamp|item|value`: plain lines as columns, all others one by one.

Nearly every line of a real recording is plain (one item, one value, a full date). Those are cut apart with
array arithmetic, over a million a second; what they mean is the same as :class:`ShdrText` would say, and a
test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lineside.connect.observations import Observation, known_address
from lineside.connect.recordings.bytes import File, blocks
from lineside.connect.recordings.keeping import Int64s, Keeper, Rows, in_file_order, read_numbers, read_texts
from lineside.connect.shdr_text import MULTILINE, ShdrText

UNWANTED, ASSET = -1, -2
Bytes = NDArray[np.uint8]


class _Cuts(NamedTuple):
    """Where the plain lines of a block are cut: line number and the ends of item and value."""

    line: Int64s
    item: Int64s
    value: Int64s
    end: Int64s
    time: Int64s


def read_shdr(file: File, keeper: Keeper, device: str | None) -> Iterator[pa.RecordBatch | None]:
    """The batches of a recording in SHDR."""
    text = ShdrText(keeper.wanted, keeper.set_aside, device=device)
    for block, unended in blocks(file, keeper.set_aside):
        rows = _read_block(block, text, keeper, device, unended=unended)
        yield None if rows is None else keeper.keep(rows)
    text.end()


def _read_block(block: bytes, text: ShdrText, keeper: Keeper, device: str | None, *, unended: bool) -> Rows | None:
    if not block.isascii():
        block = block.decode("utf-8", "replace").encode()
    data: Bytes = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    starts = np.concatenate(([0], ends[:-1] + 1))
    number = keeper.lines + 1
    keeper.lines += len(ends)
    if unended:
        starts, ends = starts[:-1], ends[:-1]
        example = block[int(block.rfind(b"\n", 0, -1)) + 1 : -1].decode("utf-8", "replace")
        keeper.set_aside.note("cut", line=keeper.lines, example=example)
    said = _Said()
    if text.inside is not None or MULTILINE.encode() in block or b"\\|" in block:
        plain, parts = np.zeros(len(starts), np.bool_), []
    else:
        plain, cuts = _cut(data, starts, ends)
        parts = [_read_plain(data, cuts, plain, number, keeper, device, said)]
    others = np.flatnonzero(~plain)
    if len(others):
        parts.append(_read_others(block, starts[others], ends[others], others + number, text, keeper, said))
    said.tell(keeper)
    return in_file_order(parts)


class _Said:
    """The items of the lines of one block and their moments, wanted or not."""

    def __init__(self) -> None:
        self._items: list[str] = []
        self._parts: list[tuple[Int64s, Int64s, NDArray[np.integer]]] = []

    def add(self, line: Int64s, time: Int64s, items: Sequence[str], which: NDArray[np.integer]) -> None:
        """Adds lines: where they stand, when they were said, and of which of the items."""
        self._parts.append((line, time, which + len(self._items)))
        self._items += items

    def tell(self, keeper: Keeper) -> None:
        """Tells them to the keeper in the order of the file."""
        if not self._parts:
            return
        line, time, which = self._parts[0]
        if len(self._parts) > 1:
            line, time, which = (np.concatenate(columns) for columns in zip(*self._parts, strict=True))
            order = np.argsort(line, kind="stable")
            time, which = time[order], which[order]
        keeper.hear(time, self._items, which)


def _cut(data: Bytes, starts: Int64s, ends: Int64s) -> tuple[NDArray[np.bool_], _Cuts]:
    """Which lines are plain, and where those are cut."""
    ends = ends - (data[ends - 1] == ord("\r"))
    pipes = np.flatnonzero(data == ord("|"))
    before = np.searchsorted(pipes, starts)
    plain = np.searchsorted(pipes, ends) - before == 2
    lines = np.flatnonzero(plain)
    start, first, second = starts[lines], pipes[before[lines]], pipes[before[lines] + 1]
    time, dated = _read_stamps(data, start, first - start)
    plain[lines[~dated]] = False
    cuts = _Cuts(lines, first + 1, second + 1, ends[lines], time)
    return plain, cuts if dated.all() else _Cuts(*(column[dated] for column in cuts))


def _read_stamps(data: Bytes, start: Int64s, length: Int64s) -> tuple[Int64s, NDArray[np.bool_]]:
    """The moments that begin at `start`, and which of them are written `2019-04-09T13:10:10[.digits]Z`."""
    time, dated = np.zeros(len(start), np.int64), np.zeros(len(start), np.bool_)
    for width in np.unique(length).tolist():
        if width == 20 or 22 <= width <= 30:
            at = np.flatnonzero(length == width)
            time[at], dated[at] = _read_equal_stamps(data[start[at, None] + np.arange(width)])
    return time, dated


def _read_equal_stamps(text: Bytes) -> tuple[Int64s, NDArray[np.bool_]]:
    width = text.shape[1]
    marks = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":", width - 1: "Z"} | ({19: "."} if width > 20 else {})
    digits = [i for i in range(width) if i not in marks]
    right = np.logical_and.reduce([text[:, i] == ord(mark) for i, mark in marks.items()])
    right &= ((text[:, digits] >= ord("0")) & (text[:, digits] <= ord("9"))).all(axis=1)
    figures = text.astype(np.int64) - ord("0")

    def number(first: int, last: int) -> Int64s:
        value = np.zeros(len(text), np.int64)
        for i in range(first, last):
            value = value * 10 + figures[:, i]
        return value

    year, month, day = number(0, 4), number(5, 7), number(8, 10)
    hour, minute, second = number(11, 13), number(14, 16), number(17, 19)
    right &= (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    month = np.where(right, month, 1)
    right &= day <= _days_in_month(year, month)
    kept = min(width - 21, 6) if width > 20 else 0
    fraction = number(20, 20 + kept) * 10 ** (6 - kept)
    seconds = ((_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    return seconds * 1_000_000 + fraction, right


def _days(year: Int64s, month: Int64s, day: Int64s) -> Int64s:
    """Days since 1970-01-01 in the Gregorian calendar (H. Hinnant, days_from_civil)."""
    year = year - (month <= 2)
    era, of_era = year // 400, year % 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _days_in_month(year: Int64s, month: Int64s) -> Int64s:
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    lengths = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    days: Int64s = lengths[month] + (leap & (month == 2))
    return days


def _read_plain(
    data: Bytes,
    cuts: _Cuts,
    plain: NDArray[np.bool_],
    number: int,
    keeper: Keeper,
    device: str | None,
    said: _Said,
) -> Rows:
    """The observations of plain lines; those of conditions are plain no longer, as what they mean depends on others."""
    item = _strings(data, cuts.item, cuts.value - 1).dictionary_encode()
    items = item.dictionary.to_pylist()
    code = _codes(items, keeper, device)
    which = item.indices.to_numpy()
    condition = np.array([one >= 0 and keeper.wanted[keeper.addresses[one]] == "condition" for one in code], np.bool_)
    if condition.any():
        alone = ~condition[which]
        plain[cuts.line[~alone]] = False
        cuts, which = _Cuts(*(column[alone] for column in cuts)), which[alone]
    cuts = cuts._replace(line=cuts.line + number)
    said.add(cuts.line, cuts.time, items, which)
    counts = np.bincount(which, minlength=len(code))
    for i in np.flatnonzero(code == UNWANTED).tolist():
        address = known_address(keeper.wanted, items[i].strip(), device)
        keeper.set_aside.unwanted[address] += int(counts[i])
    codes = code[which]
    _note(keeper, "asset", codes == ASSET, data, cuts)
    wanted = codes >= 0
    cuts = cuts if wanted.all() else _Cuts(*(column[wanted] for column in cuts))
    codes = codes[wanted]
    return _read_values(data, cuts, codes, keeper)


def _codes(items: list[str], keeper: Keeper, device: str | None) -> NDArray[np.int32]:
    """What each item is: the code of a wanted address, UNWANTED or ASSET."""
    names = [item.strip() for item in items]
    return np.array(
        [
            ASSET if name.startswith("@") else keeper.code.get(known_address(keeper.wanted, name, device), UNWANTED)
            for name in names
        ],
        np.int32,
    )


def _read_values(data: Bytes, cuts: _Cuts, code: NDArray[np.int32], keeper: Keeper) -> Rows:
    values = pc.utf8_trim_whitespace(_strings(data, cuts.value, cuts.end))
    numeric = keeper.numeric[code] if len(code) else np.zeros(0, np.bool_)
    number, quality = np.full(len(code), np.nan), np.zeros(len(code), np.int16)
    odd = np.zeros(len(code), np.bool_)
    text: pa.Array = pa.nulls(len(code), pa.string())
    if numeric.any():
        read = read_numbers(values.filter(pa.array(numeric)))
        number[numeric], quality[numeric], odd[numeric] = read.number, read.quality, read.odd
    if not numeric.all():
        words, qualities = read_texts(values, np.zeros(len(code), np.bool_))
        text = pc.if_else(pa.array(numeric), None, words)
        quality[~numeric] = qualities[~numeric]
    _note(keeper, "not_a_number", odd, data, cuts)
    return Rows(code, cuts.time, number, text, quality, cuts.line)


def _note(keeper: Keeper, reason: str, mask: NDArray[np.bool_], data: Bytes, cuts: _Cuts) -> None:
    if not mask.any():
        return
    at = int(np.flatnonzero(mask)[0])
    example = data[cuts.item[at] : cuts.end[at]].tobytes().decode("utf-8", "replace")
    keeper.set_aside.note(reason, int(mask.sum()), line=int(cuts.line[at]), example=example)


def _strings(data: Bytes, start: Int64s, end: Int64s) -> pa.Array:
    """The texts between `start` and `end` of valid UTF-8."""
    offsets = np.zeros(len(start) + 1, np.int64)
    np.cumsum(end - start, out=offsets[1:])
    at = np.arange(offsets[-1]) + np.repeat(start - offsets[:-1], end - start)
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data[at])]
    return pa.Array.from_buffers(pa.string(), len(start), buffers)


def _read_others(
    block: bytes, starts: Int64s, ends: Int64s, lines: Int64s, text: ShdrText, keeper: Keeper, said: _Said
) -> Rows:
    """The observations of lines that are not plain, one line at a time."""
    found: list[Observation] = []
    places: list[int] = []
    heard: list[tuple[int, int, str]] = []
    for start, end, line in zip(starts.tolist(), ends.tolist(), lines.tolist(), strict=True):
        keeper.set_aside.line = line
        observations = text.read(block[start:end].decode(), None)
        found += observations
        places += [line] * len(observations)
        heard += [(line, time, item) for item, time in text.said]
    if heard:
        line_of, time_of, items = zip(*heard, strict=True)
        said.add(np.array(line_of, np.int64), np.array(time_of, np.int64), items, np.arange(len(items)))
    none = float("nan")
    return Rows(
        np.array([keeper.code[o.address] for o in found], np.int32),
        np.array([o.time for o in found], np.int64),
        np.array([none if o.number is None else o.number for o in found], np.float64),
        pa.array([o.text for o in found], pa.string()),
        np.array([o.quality for o in found], np.int16),
        np.array(places, np.int64),
    )
