"""A table that people keep: CSV from a spreadsheet, or the spreadsheet (XLSX) itself, as a whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lineside.connect.recordings.csv import BOM, read_header
from lineside.connect.recordings.encoding import Decoder
from lineside.connect.recordings.workbook import (
    Cell,
    SheetRow,
    cell_text,
    filled_row,
    is_workbook,
    open_book,
    too_large,
)
from lineside.errors import UnusableData

__all__ = ["Cell", "Sheet", "SheetRow", "cell_text", "read_sheet"]

MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: the columns its first filled row names, and the filled rows below it."""

    file: str
    title: str | None
    """Which sheet of a workbook it is; None for CSV."""
    titles: tuple[str, ...]
    """All sheets of the workbook."""
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    delimiter: str | None = None
    """What parts the cells of CSV."""


def read_sheet(source: Path | bytes, name: str, sheet: str | None = None) -> Sheet:
    """The table in a CSV or XLSX file, found out from its content; of a workbook the `sheet` named, or the first.

    CSV may be parted by comma, semicolon or tab and be UTF-8 or GB18030; its numbers stay text, decimal comma
    and all. A formula counts as what it last came to. Raises UnusableData, naming the file by `name`, for what
    is neither, is damaged, or is too large for a table of this kind.
    """
    data = _bytes(source, name)
    if is_workbook(data[:8], name):
        with open_book(io.BytesIO(data), name, sheet) as book:
            return _sheet(name, book.rows, title=book.title, titles=book.titles)
    text = Decoder(name).read(data.removeprefix(BOM)).decode()
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter, _ = read_header(first.encode())
    return _sheet(name, _csv_rows(text, delimiter, name), delimiter=delimiter)


def _bytes(source: Path | bytes, name: str) -> bytes:
    if isinstance(source, bytes):
        data = source
    else:
        try:
            with source.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise UnusableData("connect.recording.unreadable", file=name, reason=error.strerror) from error
    if len(data) > MOST_BYTES:
        raise too_large(name)
    return data


def _sheet(
    name: str,
    rows: Iterable[SheetRow],
    *,
    title: str | None = None,
    titles: tuple[str, ...] = (),
    delimiter: str | None = None,
) -> Sheet:
    columns: tuple[str, ...] | None = None
    kept: list[SheetRow] = []
    for row in rows:
        if columns is None:
            columns = tuple(cell_text(cell) for cell in row.cells)
        elif len(kept) == MOST_ROWS:
            raise too_large(name)
        else:
            kept.append(SheetRow(row.number, row.cells + ("",) * (len(columns) - len(row.cells))))
    if columns is None:
        raise UnusableData("connect.sheet.empty", file=name)
    return Sheet(name, title, titles, columns, tuple(kept), delimiter)


def _csv_rows(text: str, delimiter: str, name: str) -> Iterator[SheetRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnusableData("connect.sheet.cells", file=name, row=number, reason=str(error)) from error
        if cells is None:
            return
        if row := filled_row(number, [cell.strip() for cell in cells], name):
            yield row
