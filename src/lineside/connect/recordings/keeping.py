"""What every reader of recordings does with the rows it found: judge clocks, count, make batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lineside.connect.observations import NO_VALUE, NUMBER, OBSERVATIONS
from lineside.connect.recordings.encoding import UTF8
from lineside.connect.recordings.hearing import NEVER, Hearing
from lineside.connect.set_aside import FAULTS_KEPT, Fault, Reason, SetAside
from lineside.connect.timestamps import AHEAD, EARLIEST
from lineside.history import Quality
from lineside.plant import NUMBER_KINDS, Kind

Int64s: TypeAlias = NDArray[np.int64]
Int32s: TypeAlias = NDArray[np.int32]
Int16s: TypeAlias = NDArray[np.int16]
Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a recording held. Times are microseconds since 1970 UTC; `set_aside` is by reason."""

    format: str
    encoding: str
    lines: int
    observations: int
    set_aside: Mapping[str, Reason]
    unwanted: Mapping[str, int]
    first: int | None
    last: int | None
    heard: tuple[int, int] | None
    """From when to when it was listening: neither old values it opens with nor stray stamps widen it."""
    backwards: int
    early_losses: int
    ambiguous: int
    same_moment: int
    """Rows of a wide table that have the time of the row before: many of them are several machines in one file."""
    rows: int = 0
    """Of a table: those below its header that hold anything."""
    faulty: int = 0
    """Those of them with a fault."""
    faults: Sequence[Fault] = ()
    """The first faults of a table, by line."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Observations as columns, in the order of the file; `code` points into the wanted addresses."""

    code: Int32s
    time: Int64s
    number: Floats
    text: pa.Array
    quality: Int16s
    line: Int64s

    def take(self, at: Int64s | Bools) -> Rows:
        """Some of the rows, by position or by a mask."""
        where = np.flatnonzero(at) if at.dtype == np.bool_ else at
        return Rows(
            self.code[where],
            self.time[where],
            self.number[where],
            self.text.take(pa.array(where)),
            self.quality[where],
            self.line[where],
        )


def in_file_order(parts: Sequence[Rows]) -> Rows | None:
    """The rows of all parts in the order of their lines, or None when there is none."""
    parts = [part for part in parts if len(part.time)]
    if len(parts) < 2:
        return parts[0] if parts else None
    line = np.concatenate([part.line for part in parts])
    rows = Rows(
        np.concatenate([part.code for part in parts]),
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.number for part in parts]),
        pa.concat_arrays([part.text for part in parts]),
        np.concatenate([part.quality for part in parts]),
        line,
    )
    return rows.take(np.argsort(line, kind="stable"))


class Keeper:
    """Takes rows from a reader, hands back batches, and keeps the account of both."""

    def __init__(self, wanted: Mapping[str, Kind], now: int, *, adapter: bool) -> None:
        self.set_aside = SetAside()
        self.wanted = wanted
        self.addresses = list(wanted)
        self.code = {address: i for i, address in enumerate(self.addresses)}
        self.numeric = np.array([kind in NUMBER_KINDS for kind in wanted.values()], dtype=np.bool_)
        self.encoding = UTF8
        self.lines = 0
        self.ambiguous = self.same_moment = self.rows = 0
        self.time_column = ""
        self._latest = now + AHEAD
        self._hearing = Hearing(adapter=adapter)
        self._dictionary = pa.array(self.addresses, pa.string())
        self._observations = self._backwards = self._early_losses = 0
        self._first: int | None = None
        self._last: int | None = None
        self._previous = NEVER
        self._newest: Int64s = np.full(len(self.addresses), NEVER, np.int64)
        self._faulty: list[Int64s] = []

    def hear(self, time: Int64s, items: Sequence[str], which: NDArray[np.integer]) -> None:
        """Takes note of lines, wanted or not, in the order of the file: when, and of which of the items."""
        plausible = (time >= EARLIEST) & (time <= self._latest)
        if not plausible.all():
            time, which = time[plausible], which[plausible]
        self._hearing.hear(time, items, which)

    def fault(
        self, reason: str, column: str, line: Int64s, example: Callable[[int], str], count: int | None = None
    ) -> None:
        """Notes a fault in each of these lines of a table; `example` gives what stands in one, by its position.

        A line may have lost several values: `count` is of them all.
        """
        self.set_aside.note(reason, len(line) if count is None else count, line=int(line[0]), example=example(0))
        room = FAULTS_KEPT - len(self.set_aside.faults)
        for at, number in enumerate(line[: max(room, 0)].tolist()):
            self.set_aside.name(reason, number, column, example(at))
        self._faulty.append(np.unique(line))

    def keep(self, rows: Rows) -> pa.RecordBatch | None:
        """The batch of the rows whose clock is plausible, or None when there is none."""
        odd = (rows.time < EARLIEST) | (rows.time > self._latest)
        if odd.any():
            late = rows.take(odd)

            def example(at: int) -> str:
                return f"{self.addresses[late.code[at]]} {np.datetime64(int(late.time[at]), 'us')}"

            if self.time_column:
                line, first = np.unique(late.line, return_index=True)
                self.fault("clock", self.time_column, line, lambda at: example(int(first[at])), len(late.time))
            else:
                self.set_aside.note("clock", len(late.time), line=int(late.line[0]), example=example(0))
            rows = rows.take(~odd)
        if not len(rows.time):
            return None
        self._account(rows)
        return pa.RecordBatch.from_arrays(
            [
                pa.DictionaryArray.from_arrays(pa.array(rows.code), self._dictionary),
                pa.array(rows.time).cast(OBSERVATIONS.field("time").type),
                pa.array(rows.number, mask=np.isnan(rows.number)),
                rows.text,
                pa.array(rows.quality),
            ],
            schema=OBSERVATIONS,
        )

    def _account(self, rows: Rows) -> None:
        time = rows.time
        self._observations += len(time)
        low, high = int(time.min()), int(time.max())
        self._first = low if self._first is None else min(self._first, low)
        self._last = high if self._last is None else max(self._last, high)
        before = np.concatenate(([self._previous], time[:-1]))
        self._backwards += int(np.count_nonzero(time < before))
        self._previous = int(time[-1])
        self._count_early_losses(rows)

    def _count_early_losses(self, rows: Rows) -> None:
        """Counts marks of lost signal stamped before the value of their address that they follow."""
        order = np.argsort(rows.code, kind="stable")
        code, time, lost = rows.code[order], rows.time[order], rows.quality[order] == Quality.NO_DATA
        opens = np.concatenate(([True], code[1:] != code[:-1]))
        before = np.concatenate(([NEVER], time[:-1]))
        before[opens] = self._newest[code[opens]]
        self._early_losses += int(np.count_nonzero(lost & (time < before)))
        closes = np.concatenate((opens[1:], [True]))
        self._newest[code[closes]] = time[closes]

    def summary(self, format: str) -> Summary:
        """The account so far."""
        return Summary(
            format=format,
            encoding=self.encoding,
            lines=self.lines,
            observations=self._observations,
            set_aside=dict(self.set_aside.reasons),
            unwanted=dict(self.set_aside.unwanted),
            first=self._first,
            last=self._last,
            heard=self._hearing.span() if self._observations else None,
            backwards=self._backwards,
            early_losses=self._early_losses,
            ambiguous=self.ambiguous,
            same_moment=self.same_moment,
            rows=self.rows,
            faulty=len(np.unique(np.concatenate(self._faulty))) if self._faulty else 0,
            faults=sorted(self.set_aside.faults, key=lambda fault: fault.line),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """What texts mean: numbers (NaN where none), qualities, and where a text was no number."""

    number: Floats
    quality: Int16s
    odd: Bools


def read_numbers(texts: pa.Array, *, decimal_comma: bool = False) -> Values:
    """Reads trimmed texts as numbers: an empty or UNAVAILABLE one is no data, any other non-number bad."""
    if decimal_comma:
        texts = pc.replace_substring_regex(texts, r"^([+-]?\d+),(\d+)", r"\1.\2")
    unavailable = pc.equal(texts, NO_VALUE)
    try:
        number = pc.if_else(unavailable, None, texts).cast(pa.float64())
    except pa.ArrowInvalid:
        return _read_each(texts)
    missing = number.is_null().to_numpy(zero_copy_only=False)
    return _judge(number.fill_null(np.nan).to_numpy(zero_copy_only=False), missing)


def _read_each(texts: pa.Array) -> Values:
    """The same where some text is no number: each different text is read once."""
    coded = texts.dictionary_encode()
    words = coded.dictionary.to_pylist()
    number = np.array([float(word) if NUMBER.fullmatch(word) else np.nan for word in words], np.float64)
    missing = np.array([word.upper() in ("", NO_VALUE) for word in words], np.bool_)
    at = coded.indices.to_numpy(zero_copy_only=False)
    return _judge(number[at], missing[at])


def _judge(number: Floats, missing: Bools) -> Values:
    odd = ~np.isfinite(number) & ~missing
    quality = np.zeros(len(number), np.int16)
    quality[missing] = Quality.NO_DATA
    quality[odd] = Quality.BAD
    if odd.any():
        number = np.where(odd, np.nan, number)
    return Values(number, quality, odd)


def read_texts(texts: pa.Array, levels: Bools) -> tuple[pa.Array, Int16s]:
    """Trimmed texts and their qualities; those marked in `levels` in capitals, UNAVAILABLE as no value."""
    upper = pc.utf8_upper(texts)
    missing = pc.equal(upper, NO_VALUE)
    if levels.any():
        texts = pc.if_else(pa.array(levels), upper, texts)
    quality = np.where(missing.to_numpy(zero_copy_only=False), np.int16(Quality.NO_DATA), np.int16(Quality.GOOD))
    return pc.if_else(missing, None, texts), quality
