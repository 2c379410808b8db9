"""Recordings as Parquet, long or wide, as this node and most data tools write them."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedIOBase
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lineside.connect.recordings.bytes import File
from lineside.connect.recordings.keeping import Keeper
from lineside.connect.recordings.moments import MomentReader
from lineside.connect.recordings.tables import Columns, TableReader, find_layout
from lineside.errors import UnusableData

BATCH_ROWS = 65_536
_DAMAGED = (pa.ArrowException, OSError, UnicodeDecodeError)


def read_parquet(
    file: File, keeper: Keeper, moments: MomentReader, columns: Columns
) -> Iterator[pa.RecordBatch | None]:
    """The batches of a Parquet file; raises UnusableData when nothing of it can be read."""
    with file.unpacked() as content:
        table = open_parquet(content, file.path.name)
        try:
            yield from _read_batches(table, file, keeper, moments, columns)
        except _DAMAGED as error:  # it shows where it is read
            reason = str(error).splitlines()[0]
            raise UnusableData("connect.recording.parquet", file=file.path.name, reason=reason) from error


def open_parquet(content: BinaryIO | BufferedIOBase, file: str) -> pq.ParquetFile:
    """The table in the content; raises UnusableData when there is none."""
    try:
        return pq.ParquetFile(content)
    except _DAMAGED as error:
        reason = str(error).splitlines()[0]
        raise UnusableData("connect.recording.parquet", file=file, reason=reason) from error


def _read_batches(
    table: pq.ParquetFile, file: File, keeper: Keeper, moments: MomentReader, columns: Columns
) -> Iterator[pa.RecordBatch | None]:
    names = list(table.schema_arrow.names)
    reader = TableReader(find_layout(names, columns, file.path.name), keeper, moments)
    total = max(table.metadata.num_rows, 1)
    file.mark(0)
    for piece in table.iter_batches(BATCH_ROWS):
        line = np.arange(keeper.lines + 1, keeper.lines + 1 + piece.num_rows)
        keeper.lines += piece.num_rows
        rows = reader.read(piece.columns, line)
        file.mark(file.size * keeper.lines // total)
        yield None if rows is None else keeper.keep(rows)
