"""Recordings as spreadsheets, long or wide, as people keep them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pyarrow as pa

from lineside.connect.recordings.bytes import File
from lineside.connect.recordings.keeping import Keeper
from lineside.connect.recordings.moments import MomentReader
from lineside.connect.recordings.tables import Columns, TableReader, find_layout
from lineside.connect.recordings.workbook import SheetRow, cell_text, open_book
from lineside.errors import UnusableData

BATCH_ROWS = 4_096


def read_xlsx(
    file: File, keeper: Keeper, moments: MomentReader, columns: Columns, sheet: str | None
) -> Iterator[pa.RecordBatch | None]:
    """The batches of one sheet of a workbook; raises UnusableData when it cannot be read."""
    with file.unpacked() as content, open_book(content, file.path.name, sheet) as book:
        names = header(book.rows, file.path.name)
        reader = TableReader(find_layout(names, columns, file.path.name), keeper, moments)
        while piece := list(islice(book.rows, BATCH_ROWS)):
            keeper.lines = piece[-1].number
            rows = reader.read(_columns(piece, len(names)), np.array([row.number for row in piece], np.int64))
            yield None if rows is None else keeper.keep(rows)


def header(rows: Iterator[SheetRow], file: str) -> list[str]:
    """The names in the first filled row. Raises UnusableData where there is none."""
    first = next(rows, None)
    if first is None:
        raise UnusableData("connect.sheet.empty", file=file)
    return [cell_text(cell) for cell in first.cells]


def _columns(rows: list[SheetRow], width: int) -> list[pa.Array]:
    """The cells as text; what stands beside the table, in columns without a name, is none of it."""
    cells = ([cell_text(cell) for cell in row.cells[:width]] for row in rows)
    padded = (texts + [""] * (width - len(texts)) for texts in cells)
    return [pa.array(column, pa.string()) for column in zip(*padded, strict=True)]
