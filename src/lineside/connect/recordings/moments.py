"""Reads the times exports hold, a column at a time: ISO 8601, epoch numbers, and common local forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineside.connect.recordings.keeping import Bools, Int64s
from lineside.errors import UnusableData

_CLOCK = r"(?P<H>\d{1,2})[:.](?P<M>\d{1,2})(?:[:.](?P<S>\d{1,2})(?:[.,](?P<f>\d{1,12}))?)?"
_TAIL = r"\s*(?P<half>[AaPp][Mm])?\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?$"
_YEAR_FIRST = rf"^(?P<y>\d{{4}})[-./年](?P<a>\d{{1,2}})[-./月](?P<b>\d{{1,2}})日?(?:[T ._]\s*{_CLOCK})?{_TAIL}"
_YEAR_LAST = rf"^(?P<a>\d{{1,2}})(?P<mark>[-./])(?P<b>\d{{1,2}})[-./](?P<y>\d{{4}})(?:[T ,]\s*{_CLOCK})?{_TAIL}"
_EPOCH = r"^(?P<whole>\d{9,19})(?:\.(?P<f>\d{1,12}))?$"
_QUARTER_US = 15 * 60 * 1_000_000
_START = datetime(1970, 1, 1, tzinfo=UTC)


class Moments(NamedTuple):
    """Microseconds since 1970 UTC; where `known` is false there is none."""

    time: Int64s
    known: Bools
    ambiguous: int


class MomentReader:
    """Reads the time column of one file. Local times without an offset are read in `zone`.

    Of an hour that the clock shows twice in autumn the first is meant, and `ambiguous` counts such rows; a
    time that the clock skips in spring is none.
    """

    def __init__(self, zone: ZoneInfo, file: str, day_first: bool | None = None) -> None:  # noqa: FBT001
        self._zone = zone
        self._file = file
        self._day_first = day_first

    def read(self, column: pa.Array) -> Moments:
        """The moments of a column of timestamps, dates, numbers or texts."""
        if pa.types.is_timestamp(column.type):
            naive = column.type.tz is None
            time = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
            known = column.is_valid().to_numpy(zero_copy_only=False)
            values: Int64s = time.fill_null(0).to_numpy(zero_copy_only=False)
            return self._local(values, known, known) if naive else Moments(values, known, 0)
        if pa.types.is_floating(column.type):
            column = pc.round(column, 6).cast(pa.decimal128(38, 6), safe=False)
        texts = pc.utf8_trim_whitespace(column.cast(pa.string()).fill_null(""))
        epoch = _read_epoch(texts)
        return epoch if epoch.known.any() else self._read_texts(texts)

    def _read_texts(self, texts: pa.Array) -> Moments:
        parts = pc.extract_regex(texts, _YEAR_FIRST)
        if parts.null_count == len(parts):
            parts = pc.extract_regex(texts, _YEAR_LAST)
            known = parts.is_valid().to_numpy(zero_copy_only=False)
            first, second = _figures(parts, "a"), _figures(parts, "b")
            day_first = self._decide(first[known], second[known], parts)
            month, day = (second, first) if day_first else (first, second)
        else:
            known = parts.is_valid().to_numpy(zero_copy_only=False)
            month, day = _figures(parts, "a"), _figures(parts, "b")
        hour, minute, second = _figures(parts, "H"), _figures(parts, "M"), _figures(parts, "S")
        hour = _half_days(parts, hour)
        known &= (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 60)
        days = (_figures(parts, "y").astype("datetime64[Y]") - 1970).astype("datetime64[M]")
        days = (days + (np.where(known, month, 1) - 1)).astype("datetime64[D]")
        length = ((days.astype("datetime64[M]") + 1).astype("datetime64[D]") - days).astype(np.int64)
        known &= (day >= 1) & (day <= length)
        seconds = ((days.astype(np.int64) + day - 1) * 24 + hour) * 3600 + minute * 60 + second
        time = seconds * 1_000_000 + _fractions(parts)
        offset, local = _offsets(parts)
        return self._local(time - offset, known, known & local)

    def _decide(self, first: Int64s, second: Int64s, parts: pa.Array) -> bool:
        """True when the day stands before the month; points mean so, slashes leave it to the numbers."""
        if self._day_first is None and len(first):
            if (first > 12).any() or parts.drop_null().field("mark")[0].as_py() == ".":
                self._day_first = True
            elif (second > 12).any():
                self._day_first = False
            else:
                raise UnusableData("connect.recording.day_or_month", file=self._file)
        return self._day_first is not False

    def _local(self, time: Int64s, known: Bools, local: Bools) -> Moments:
        """The moments where some are clock times of the zone."""
        if not local.any():
            return Moments(time, known, 0)
        quarters, which = np.unique(time[local] // _QUARTER_US, return_inverse=True)
        offsets = np.array([self._offsets(int(quarter)) for quarter in quarters], np.int64)
        early, late = offsets[which, 0], offsets[which, 1]
        time, known = time.copy(), known.copy()
        time[local] -= early
        known[local] &= early >= late  # in the hour that spring skips, the earlier offset is the smaller one
        return Moments(time, known, int(np.count_nonzero(early > late)))

    def _offsets(self, quarter: int) -> tuple[int, int]:
        """The zone's offsets at a clock time, in microseconds: as it is read first and second."""
        try:
            clock = (_START + timedelta(microseconds=quarter * _QUARTER_US)).replace(tzinfo=self._zone)
        except OverflowError:
            return 0, 0
        offsets = (clock.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
        first, second = (offset // timedelta(microseconds=1) for offset in offsets)
        return first, second


def _read_epoch(texts: pa.Array) -> Moments:
    """Seconds, milli-, micro- or nanoseconds since 1970, told apart by their size."""
    parts = pc.extract_regex(texts, _EPOCH)
    known = parts.is_valid().to_numpy(zero_copy_only=False)
    if not known.any():
        return Moments(np.zeros(len(known), np.int64), known, 0)
    whole, fraction = _figures(parts, "whole"), _fractions(parts)
    seconds, milli, micro = whole < 10**11, whole < 10**14, whole < 10**17
    time = np.where(
        seconds,
        whole * 1_000_000 + fraction,
        np.where(milli, whole * 1_000 + fraction // 1_000, np.where(micro, whole, whole // 1_000)),
    )
    return Moments(time, known, 0)


def _figures(parts: pa.Array, name: str) -> Int64s:
    """A group of digits as integers, 0 where it is missing."""
    text = pc.struct_field(parts, name).fill_null("")
    values: Int64s = pc.if_else(pc.equal(text, ""), "0", text).cast(pa.int64()).to_numpy(zero_copy_only=False)
    return values


def _fractions(parts: pa.Array) -> Int64s:
    """The fraction of a second in microseconds; further digits are cut."""
    text = pc.utf8_slice_codeunits(pc.struct_field(parts, "f").fill_null(""), 0, 6)
    values: Int64s = pc.utf8_rpad(text, 6, "0").cast(pa.int64()).to_numpy(zero_copy_only=False)
    return values


def _half_days(parts: pa.Array, hour: Int64s) -> Int64s:
    half = pc.utf8_upper(pc.struct_field(parts, "half").fill_null(""))
    if pc.all(pc.equal(half, "")).as_py() is not False:
        return hour
    marked = pc.not_equal(half, "").to_numpy(zero_copy_only=False)
    late = pc.equal(half, "PM").to_numpy(zero_copy_only=False)
    return np.where(marked, np.where(hour <= 12, hour % 12 + late * 12, 24), hour)


def _offsets(parts: pa.Array) -> tuple[Int64s, Bools]:
    """Offsets from UTC in microseconds, and where none is written."""
    zone = pc.struct_field(parts, "zone").fill_null("").dictionary_encode()
    words = zone.dictionary.to_pylist()
    at = zone.indices.to_numpy(zero_copy_only=False)
    return np.array([_offset(word) for word in words], np.int64)[at], np.array([not word for word in words])[at]


def _offset(word: str) -> int:
    if word in ("", "Z", "UTC"):
        return 0
    minutes = int(word[1:3]) * 60 + int(word[-2:])
    return (minutes if word[0] == "+" else -minutes) * 60_000_000
