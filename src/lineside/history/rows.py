"""Rows as the history handles them: plain columns, grouped by series and time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineside.errors import UnusableData
from lineside.history.samples import Bools, Floats, Int16s, Int32s, Int64s
from lineside.history.schema import SAMPLES


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Samples of many series, ordered by (series, time, seq). NaN stands for "no number".

    `text` is an Arrow array, dictionary-encoded, null where there is no text.
    """

    series: Int32s
    time: Int64s
    seq: Int32s
    number: Floats
    text: pa.DictionaryArray
    quality: Int16s

    def __len__(self) -> int:
        return len(self.series)

    def take(self, chosen: Bools) -> Rows:
        """The chosen rows, in the same order."""
        if chosen.all():
            return self
        return Rows(
            series=self.series[chosen],
            time=self.time[chosen],
            seq=self.seq[chosen],
            number=self.number[chosen],
            text=self.text.filter(pa.array(chosen)),
            quality=self.quality[chosen],
        )

    def numbered(self, seq: Int32s) -> Rows:
        """The same rows under other places within their group."""
        return replace(self, seq=seq)

    def table(self, received: int) -> pa.Table:
        """The rows as the sample tables hold them."""
        return pa.table(
            {
                "series": self.series,
                "time": self.time.view("datetime64[us]"),
                "seq": self.seq,
                "number": pa.array(self.number, from_pandas=True),
                "text": self.text,
                "quality": self.quality,
                "received": np.full(len(self), received, np.int64).view("datetime64[us]"),
            }
        )


def group_starts(series: Int32s, time: Int64s) -> Int64s:
    """Where each run of equal (series, time) begins, in columns ordered by both."""
    if not len(series):
        return np.empty(0, np.int64)
    changes = (np.diff(series) != 0) | (np.diff(time) != 0)
    return np.concatenate(([0], np.flatnonzero(changes) + 1)).astype(np.int64)


def from_batch(batch: pa.RecordBatch | pa.Table) -> Rows:
    """The rows of one batch, ordered; equal (series, time) keep their order and get seq 0, 1, 2 ..."""
    table = pa.table(batch) if isinstance(batch, pa.RecordBatch) else batch
    missing = [field.name for field in SAMPLES if field.name not in table.column_names]
    if missing:
        raise UnusableData("history.missing_columns", columns=", ".join(missing))
    needed = [field.name for field in SAMPLES if not field.nullable and table[field.name].null_count]
    if needed:
        raise UnusableData("history.empty_columns", columns=", ".join(needed))
    series = whole(table["series"]).cast(pa.int32()).to_numpy()
    time = microseconds(table["time"])
    number = whole(table["number"]).cast(pa.float64()).to_numpy(zero_copy_only=False)
    text = dictionary(table["text"])
    quality = whole(table["quality"]).cast(pa.int16()).to_numpy()
    if not _is_ordered(series, time):
        order = np.lexsort((time, series))
        series, time, number, quality = series[order], time[order], number[order], quality[order]
        text = text.take(pa.array(order))
    starts = group_starts(series, time)
    lengths = np.diff(np.append(starts, len(series)))
    seq = (np.arange(len(series)) - np.repeat(starts, lengths)).astype(np.int32)
    return Rows(series=series, time=time, seq=seq, number=number, text=text, quality=quality)


def whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column as one piece."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def microseconds(column: pa.Array | pa.ChunkedArray) -> Int64s:
    """A time column as microseconds since 1970 UTC; finer parts of a second are cut off."""
    piece = whole(column)
    exact: Int64s = piece.cast(pa.timestamp("us", piece.type.tz), safe=False).view(pa.int64()).to_numpy()
    return exact


def dictionary(column: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """A text column as int32 codes into a dictionary."""
    piece = whole(column)
    if pa.types.is_dictionary(piece.type):
        return piece.cast(pa.dictionary(pa.int32(), pa.string()))
    return pc.dictionary_encode(piece.cast(pa.string()))


def _is_ordered(series: Int32s, time: Int64s) -> bool:
    step = np.diff(series)
    return bool(np.all((step > 0) | ((step == 0) & (np.diff(time) >= 0))))
