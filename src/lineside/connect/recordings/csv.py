"""Recordings as CSV with a header, long or wide, separated by comma, semicolon or tab."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from lineside.connect.recordings.bytes import File, blocks
from lineside.connect.recordings.encoding import Decoder
from lineside.connect.recordings.keeping import Int64s, Keeper
from lineside.connect.recordings.moments import MomentReader
from lineside.connect.recordings.tables import Columns, TableReader, find_layout

BOM = b"\xef\xbb\xbf"


class _Table(NamedTuple):
    columns: Sequence[pa.Array]
    line: Int64s


def read_csv(file: File, keeper: Keeper, moments: MomentReader, columns: Columns) -> Iterator[pa.RecordBatch | None]:
    """The batches of a CSV file; lines with more or fewer cells than the header are set aside.

    So is the last line of an archive that was cut: its last cell may have lost its end.
    """
    reader: TableReader | None = None
    decoder = Decoder(file.path.name)
    delimiter, names = ",", [""]
    for raw, unended in blocks(file, keeper.set_aside):
        block = decoder.read(raw)
        keeper.encoding = decoder.encoding
        if unended and file.damage is not None:
            keeper.lines += 1
            _refuse(keeper, "cut", keeper.lines, block[:-1].decode("utf-8", "replace"))
            break
        if reader is None:
            header, _, block = block.removeprefix(BOM).partition(b"\n")
            keeper.lines = 1
            delimiter, names = read_header(header)
            layout = find_layout(names, columns, file.path.name)
            reader = TableReader(layout, keeper, moments, decimal_comma=delimiter == ";")
        table = _read_block(block, delimiter, len(names), keeper)
        rows = reader.read(table.columns, table.line) if len(table.line) else None
        yield None if rows is None else keeper.keep(rows)


def read_header(line: bytes) -> tuple[str, list[str]]:
    """The separator and the column names of a header line."""
    text = line.decode("utf-8", "replace").strip("\r\n")
    delimiter = max(";\t,", key=text.count)
    return delimiter, read_cells(text, delimiter) or [""]


def read_cells(line: str, delimiter: str) -> list[str]:
    """The cells of one line; none when it is no CSV."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return []


def _refuse(keeper: Keeper, reason: str, line: int, text: str) -> None:
    keeper.rows += 1
    keeper.fault(reason, "", np.array([line], np.int64), lambda _: text)


def _read_block(block: bytes, delimiter: str, width: int, keeper: Keeper) -> _Table:
    """The cells of a block of lines, all as text."""
    first = keeper.lines + 1
    lines = block.count(b"\n")
    keeper.lines += lines
    table = _read_at_once(block, delimiter, width, first, lines) if b"\0" not in block else None
    return table or _read_line_by_line(block, delimiter, width, first, keeper)


def _read_at_once(block: bytes, delimiter: str, width: int, first: int, lines: int) -> _Table | None:
    """The same where every line is whole; None when any is not."""
    whole = True

    def refuse(_: object) -> Literal["skip"]:
        nonlocal whole
        whole = False
        return "skip"

    names = [str(i) for i in range(width)]
    try:
        table = pacsv.read_csv(
            pa.BufferReader(block),
            read_options=pacsv.ReadOptions(column_names=names, use_threads=False, block_size=max(len(block), 1)),
            parse_options=pacsv.ParseOptions(delimiter=delimiter, invalid_row_handler=refuse),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if not whole or table.num_rows != lines:
        return None
    columns = [column.combine_chunks() for column in table.columns]
    return _Table(columns, np.arange(first, first + lines))


def _read_line_by_line(block: bytes, delimiter: str, width: int, first: int, keeper: Keeper) -> _Table:
    """The same where some lines are empty, cut or garbage: those are set aside."""
    kept: list[list[str]] = []
    places: list[int] = []
    for number, text in enumerate(block.decode().split("\n")[:-1], first):
        line = text.rstrip("\r")
        if not line.strip():
            continue
        cells = read_cells(line, delimiter)
        if len(cells) != width:
            _refuse(keeper, "cells", number, line)
            continue
        kept.append(cells)
        places.append(number)
    columns = [pa.array(column, pa.string()) for column in zip(*kept, strict=True)]
    return _Table(columns, np.array(places, np.int64))
