"""The first rows of a table as they stand, whatever its format: to show them, and to learn what they talk about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa

from lineside.connect.recordings.bytes import File, blocks
from lineside.connect.recordings.csv import BOM, read_cells, read_header
from lineside.connect.recordings.encoding import Decoder
from lineside.connect.recordings.moments import MomentReader
from lineside.connect.recordings.parquet import open_parquet
from lineside.connect.recordings.recording import Format, recording_format
from lineside.connect.recordings.workbook import cell_text, open_book
from lineside.connect.recordings.xlsx import header
from lineside.connect.set_aside import SetAside
from lineside.errors import UnusableData

MOSTLY = 0.5


class Line(NamedTuple):
    """One row: its number, and its cells as text."""

    number: int
    cells: list[str]


class Table(NamedTuple):
    """An open table: its columns, its rows, and how it writes numbers."""

    names: list[str]
    rows: Iterable[Line]
    decimal_comma: bool = False
    titles: tuple[str, ...] = ()
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Peek:
    """The beginning of a file: of a table its columns and first rows, of a workbook its sheets and which one it is."""

    format: Format
    columns: tuple[str, ...] = ()
    rows: tuple[Line, ...] = ()
    sheets: tuple[str, ...] = ()
    sheet: str | None = None

    def column(self, place: int) -> list[str]:
        """The filled cells of a column."""
        return [row.cells[place] for row in self.rows if len(row.cells) > place and row.cells[place]]


def peek(path: Path, rows: int, sheet: str | None = None) -> Peek:
    """The beginning of a recording. Raises UnusableData when it is none."""
    file = File(path)
    try:
        format = recording_format(file)
        if format == "shdr":
            return Peek(format)
        with open_table(file, format, sheet) as table:
            first = tuple(islice(table.rows, rows))
            return Peek(format, tuple(name.strip() for name in table.names), first, table.titles, table.title)
    finally:
        file.close()


def tells_time(cells: list[str]) -> bool:
    """Whether most of these cells are times, and not merely numbers that may be some."""
    moments = MomentReader(ZoneInfo("UTC"), "")
    if not cells or all(cell.replace(".", "", 1).isdigit() for cell in cells):
        return False
    try:
        return int(moments.read(pa.array(cells, pa.string())).known.sum()) >= MOSTLY * len(cells)
    except UnusableData:  # times, of which it is open whether the day or the month stands first
        return True


@contextmanager
def open_table(file: File, format: Format, sheet: str | None = None) -> Iterator[Table]:
    """The table in a file that is no SHDR. Raises UnusableData."""
    if format == "csv":
        yield _csv(file)
    elif format == "xlsx":
        with file.unpacked() as content, open_book(content, file.path.name, sheet) as book:
            names = header(book.rows, file.path.name)
            rows = (Line(row.number, [cell_text(cell) for cell in row.cells]) for row in book.rows)
            padded = (Line(n, cells[: len(names)] + [""] * (len(names) - len(cells))) for n, cells in rows)
            yield Table(names, padded, titles=book.titles, title=book.title)
    else:
        with file.unpacked() as content:
            table = open_parquet(content, file.path.name)
            cells = (
                ["" if cell is None else str(cell) for cell in row.values()]
                for piece in table.iter_batches(4096)
                for row in piece.to_pylist()
            )
            yield Table(list(table.schema_arrow.names), (Line(*one) for one in enumerate(cells, 1)))


def _csv(file: File) -> Table:
    decoder = Decoder(file.path.name)
    whole = (decoder.read(block) for block, _ in blocks(file, SetAside()))
    lines = (line for block in whole for line in block.removeprefix(BOM).splitlines())
    delimiter, names = read_header(next(lines, b""))
    cells = ((n, read_cells(line.decode("utf-8", "replace"), delimiter)) for n, line in enumerate(lines, 2))
    return Table(names, (Line(*one) for one in cells if one[1]), decimal_comma=delimiter == ";")
