"""Tables of observations: long (time, address, value) or wide (time and one column an address)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineside.connect.recordings.keeping import (
    Bools,
    Int16s,
    Int32s,
    Int64s,
    Keeper,
    Rows,
    Values,
    in_file_order,
    read_numbers,
    read_texts,
)
from lineside.connect.recordings.moments import MomentReader
from lineside.errors import UnusableData

TIME_NAMES = (
    "time", "timestamp", "datetime", "date_time", "date time", "date/time", "date", "ts", "_time", "utc",
    "zeitstempel", "zeit", "datum", "时间", "时间戳", "日期",
)  # fmt: skip
DATE_AND_CLOCK = (
    ("date", "time"), ("datum", "zeit"), ("datum", "uhrzeit"), ("日期", "时间"),
)  # fmt: skip
ADDRESS_NAMES = (
    "address",
    "item",
    "signal",
    "tag",
    "dataitem",
    "name",
    "key",
    "variable",
    "地址",
    "信号",
    "名称",
)
VALUE_NAMES = ("value", "wert", "_value", "数值", "值")
NO_NUMBER = frozenset({"nan", "null", "none", "na", "n/a", "-", "#n/a"})


@dataclass(frozen=True, slots=True)
class Columns:
    """What a person says of a table's columns. What is None is found by their names."""

    time: str | None = None
    clock: str | None = None
    """The time of day, where `time` holds the date alone."""
    machine: str | None = None
    """In a long table, one value a row, the machine whose `signal` has the `value`."""
    signal: str | None = None
    value: str | None = None
    names: Mapping[str, str] | None = None
    """The address that a column means, or in a long table a signal ("machine/signal" where both are told).

    Others are left out.
    """


FOUND = Columns()


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns hold what: `time` (a date and a clock may stand apart), and long or wide values."""

    names: Sequence[str]
    time: tuple[int, ...]
    machine: int | None
    signal: int | None
    value: int | None
    wide: Mapping[int, str]
    """The address of each column of a wide table."""
    meant: Mapping[str, str] | None
    """In a long table the address that a signal means; None where the signal is the address."""


def find_layout(names: Sequence[str], columns: Columns, file: str) -> Layout:
    """The layout the header tells; raises UnusableData when no column is known to be the time, or one is not there."""
    names = [name.strip() for name in names]
    plain = [name.lower() for name in names]

    def place(column: str | None) -> int | None:
        if column is None:
            return None
        if column not in names:
            raise UnusableData("connect.sheet.no_column", file=file, column=column, columns=", ".join(names[:12]))
        return names.index(column)

    time = _find_time(names, plain, columns)
    if not time:
        raise UnusableData("connect.recording.no_time_column", file=file, columns=", ".join(names[:12]))
    machine, signal, value = place(columns.machine), place(columns.signal), place(columns.value)
    if columns.names is None and signal is None:
        signal = next((plain.index(name) for name in ADDRESS_NAMES if name in plain), None)
        value = next((plain.index(name) for name in VALUE_NAMES if name in plain), None)
    if signal is not None and value is not None:
        return Layout(names, time, machine, signal, value, {}, columns.names)
    wide = {i: name for i, name in enumerate(names) if i not in time and name}
    if columns.names is not None:
        wide = {i: columns.names[name] for i, name in wide.items() if columns.names.get(name)}
        for address, count in Counter(wide.values()).items():
            if count > 1:
                twice = ", ".join(names[i] for i, one in wide.items() if one == address)
                raise UnusableData("connect.sheet.twice", file=file, address=address, columns=twice)
    return Layout(names, time, None, None, None, wide, None)


def _find_time(names: Sequence[str], plain: Sequence[str], columns: Columns) -> tuple[int, ...]:
    if columns.time is not None:
        said = [columns.time] if columns.clock is None else [columns.time, columns.clock]
        found = [names.index(name) for name in said if name in names]
        return tuple(found) if len(found) == len(said) else ()
    for date, clock in DATE_AND_CLOCK:
        if date in plain and clock in plain:
            return plain.index(date), plain.index(clock)
    return tuple(plain.index(name) for name in TIME_NAMES if name in plain)[:1]


class TableReader:
    """Turns the columns of a table, piece by piece, into rows in the order of the file."""

    def __init__(self, layout: Layout, keeper: Keeper, moments: MomentReader, *, decimal_comma: bool = False) -> None:
        self._layout = layout
        self._keeper = keeper
        self._moments = moments
        self._decimal_comma = decimal_comma
        self._newest: int | None = None
        keeper.time_column = layout.names[layout.time[0]]

    def read(self, columns: Sequence[pa.Array], line: Int64s) -> Rows | None:
        """The wanted observations of some rows; `line` tells where in the file each row stands."""
        layout = self._layout
        self._keeper.rows += len(line)
        stamps = columns[layout.time[0]]
        if len(layout.time) > 1:
            stamps = pc.binary_join_element_wise(*(columns[i].cast(pa.string()) for i in layout.time), " ")
        time, known, ambiguous = self._moments.read(stamps)
        self._keeper.ambiguous += ambiguous
        self._note("bad_timestamp", layout.time[0], ~known, stamps, line)
        if layout.signal is not None and layout.value is not None:
            return self._long(self._items(columns, layout.signal), columns[layout.value], time, known, line)
        self._keeper.hear(time[known], ["a row"], np.zeros(int(known.sum()), np.int32))
        self._count_same_moments(time[known])
        return self._wide(columns, time, known, line)

    def _count_same_moments(self, time: Int64s) -> None:
        if len(time):
            first = time[0] - 1 if self._newest is None else self._newest
            self._keeper.same_moment += int(np.count_nonzero(np.diff(time, prepend=first) == 0))
            self._newest = int(time[-1])

    def _items(self, columns: Sequence[pa.Array], signal: int) -> pa.Array:
        """What each row of a long table is about."""
        items = _trimmed(columns[signal])
        if self._layout.machine is not None:
            items = pc.binary_join_element_wise(_trimmed(columns[self._layout.machine]), items, "/")
        return items.dictionary_encode()

    def _long(self, items: pa.Array, value: pa.Array, time: Int64s, known: Bools, line: Int64s) -> Rows | None:
        names, meant = items.dictionary.to_pylist(), self._layout.meant
        addresses = names if meant is None else [meant.get(name, "") for name in names]
        codes = np.array([self._keeper.code.get(address, -1) for address in addresses], np.int32)
        at = items.indices.to_numpy(zero_copy_only=False)
        for i, count in enumerate(np.bincount(at, minlength=len(names)).tolist()):
            if codes[i] < 0:
                self._keeper.set_aside.unwanted[names[i]] += count
        self._keeper.hear(time[known], names, at[known])
        code = codes[at] if len(at) else np.empty(0, np.int32)
        kept = np.flatnonzero(known & (code >= 0))
        value = value.take(pa.array(kept))
        code, time, line = code[kept], time[kept], line[kept]
        numeric = self._keeper.numeric[code] if len(code) else np.empty(0, np.bool_)
        number, quality = np.full(len(code), np.nan), np.zeros(len(code), np.int16)
        text: pa.Array = pa.nulls(len(code), pa.string())
        if numeric.any():
            read = self._numbers(self._layout.value, value.filter(pa.array(numeric)), line[numeric])
            number[numeric], quality[numeric] = read.number, read.quality
        if not numeric.all():
            words, qualities = self._texts(value, code)
            text = pc.if_else(pa.array(numeric), None, words)
            quality[~numeric] = qualities[~numeric]
        return Rows(code, time, number, text, quality, line) if len(code) else None

    def _wide(self, columns: Sequence[pa.Array], time: Int64s, known: Bools, line: Int64s) -> Rows | None:
        parts: list[Rows] = []
        for i, address in self._layout.wide.items():
            code = self._keeper.code.get(address)
            if code is None:
                self._keeper.set_aside.unwanted[address] += len(line)
                continue
            there = known & _filled(columns[i])
            if there.any():
                parts.append(self._column(i, columns[i].filter(pa.array(there)), code, time[there], line[there]))
        return in_file_order(parts)

    def _column(self, column: int, values: pa.Array, code: int, time: Int64s, line: Int64s) -> Rows:
        codes = np.full(len(time), code, np.int32)
        if self._keeper.numeric[code]:
            read = self._numbers(column, values, line)
            return Rows(codes, time, read.number, pa.nulls(len(time), pa.string()), read.quality, line)
        words, quality = self._texts(values, codes)
        return Rows(codes, time, np.full(len(time), np.nan), words, quality, line)

    def _numbers(self, column: int | None, values: pa.Array, line: Int64s) -> Values:
        if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
            values = _as_text(values)
        texts = pc.utf8_trim_whitespace(values.cast(pa.string()).fill_null(""))
        none = pc.is_in(pc.utf8_lower(texts), pa.array(sorted(NO_NUMBER)))
        texts = pc.if_else(none, "", texts)
        read = read_numbers(texts, decimal_comma=self._decimal_comma)
        self._note("not_a_number", column, read.odd, texts, line)
        return read

    def _texts(self, values: pa.Array, code: Int32s) -> tuple[pa.Array, Int16s]:
        kinds = list(self._keeper.wanted.values())
        levels = np.array([kind == "condition" for kind in kinds], np.bool_)[code]
        return read_texts(pc.utf8_trim_whitespace(_as_text(values).fill_null("")), levels)

    def _note(self, reason: str, column: int | None, mask: Bools, texts: pa.Array, line: Int64s) -> None:
        if mask.any():
            at = np.flatnonzero(mask)
            name = "" if column is None else self._layout.names[column]
            self._keeper.fault(reason, name, line[at], lambda i: str(texts[int(at[i])].as_py()))


def _trimmed(values: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(_as_text(values).fill_null(""))


def _as_text(values: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return values.cast(pa.string())


def _filled(values: pa.Array) -> Bools:
    """Where a cell holds anything; an empty cell of a wide table says that nothing was recorded."""
    there: Bools = values.is_valid().to_numpy(zero_copy_only=False)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        there = there & pc.not_equal(pc.utf8_trim_whitespace(values), "").fill_null(False).to_numpy(
            zero_copy_only=False
        )
    return there
