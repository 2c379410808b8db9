"""Spreadsheets (XLSX), read row by row: what a person keeps in one, and nothing made to harm."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from io import BufferedIOBase
from typing import Any, BinaryIO, NamedTuple, TypeAlias

from lineside.errors import UnusableData

Cell: TypeAlias = str | int | float | bool | datetime | time | timedelta
"""What a cell holds: always text in CSV, trimmed; an empty cell is the empty text."""

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
MOST_COLUMNS = 2_000
MOST_ROWS = 1_048_576
"""More than a sheet can have."""
MOST_UNPACKED = 512 * 1024 * 1024
MOST_WORDS = 128 * 1024 * 1024
"""Bytes of a workbook's table of texts, which is kept in memory."""
MOST_PACKED = 200
"""A part packed denser than this is no table that a person made."""
SMALL = 16 * 1024 * 1024
_WORDS = "xl/sharedStrings.xml"


class SheetRow(NamedTuple):
    """One row: its number as the spreadsheet shows it, and its cells, as many as there are columns or more."""

    number: int
    cells: tuple[Cell, ...]


class Book(NamedTuple):
    """An open workbook: its sheets, the one that is read, and its filled rows, the header among them."""

    titles: tuple[str, ...]
    title: str
    rows: Iterator[SheetRow]


@contextmanager
def open_book(stream: BinaryIO | BufferedIOBase, name: str, sheet: str | None = None) -> Iterator[Book]:
    """A workbook, of which one sheet is read row by row as long as the context lasts.

    Raises UnusableData, also in the middle of the rows, for what is damaged or larger than a person's table.
    """
    _refuse_bombs(stream, name)
    import openpyxl

    warnings.filterwarnings("ignore", module=r"openpyxl\.")  # it warns of styles and rules that it leaves out
    try:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # whatever a damaged part makes the library stumble over
        raise _damaged(name, error) from error
    try:
        tables = {one.title: one for one in book.worksheets}
        title = next(iter(tables), "") if sheet is None else sheet
        if title not in tables:
            raise UnusableData("connect.sheet.no_sheet", file=name, sheet=title, known=", ".join(tables) or "-")
        yield Book(tuple(tables), title, _book_rows(tables[title], name))
    finally:
        book.close()


def is_workbook(head: bytes, name: str) -> bool:
    """Whether a file that begins so is a workbook. Raises UnusableData for one of a kind that is not read."""
    if head.startswith(OLD_EXCEL):
        raise UnusableData("connect.sheet.old", file=name)
    return head.startswith(ZIP)


def cell_text(cell: Cell) -> str:
    """A cell as it may be written in CSV: ISO dates and times, a decimal point, no more digits than it has."""
    if isinstance(cell, datetime):
        whole = cell.time() == time() and cell.tzinfo is None
        return cell.date().isoformat() if whole else cell.isoformat(" ")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return cell if isinstance(cell, str) else str(cell)


def filled_row(number: int, cells: Sequence[Cell], name: str) -> SheetRow | None:
    """The row without the empty cells at its end, or None where all are."""
    last = next((i for i in range(len(cells), 0, -1) if cells[i - 1] != ""), 0)
    if last > MOST_COLUMNS:
        raise too_large(name)
    return SheetRow(number, tuple(cells[:last])) if last else None


def _book_rows(table: Any, name: str) -> Iterator[SheetRow]:
    """The rows of a sheet; its own word on its size is not believed."""
    table.reset_dimensions()
    rows = table.iter_rows(values_only=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(rows, None)
        except Exception as error:  # as above, in the middle of the sheet
            raise _damaged(name, error) from error
        if cells is None:
            return
        if number > MOST_ROWS:
            raise too_large(name)
        if cells and (row := filled_row(number, [_cell(value) for value in cells], name)):
            yield row


def _cell(value: object) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value if isinstance(value, int | float | datetime | time | timedelta) else str(value)


def _refuse_bombs(stream: BinaryIO | BufferedIOBase, name: str) -> None:
    """No part can give more than the archive says, so what it says is enough to judge it."""
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(name, error) from error
    if "xl/workbook.xml" not in (names := {part.filename for part in parts}) and "[Content_Types].xml" not in names:
        raise UnusableData("connect.sheet.other", file=name)
    dense = any(part.file_size > SMALL and part.file_size > MOST_PACKED * part.compress_size for part in parts)
    words = sum(part.file_size for part in parts if part.filename == _WORDS)
    if dense or words > MOST_WORDS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise too_large(name)


def _damaged(name: str, error: Exception) -> UnusableData:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return UnusableData("connect.sheet.damaged", file=name, reason=reason)


def too_large(name: str) -> UnusableData:
    """The error of a file that is larger than a table should be."""
    return UnusableData("connect.sheet.too_large", file=name)
