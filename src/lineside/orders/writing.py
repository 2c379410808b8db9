"""Tables for spreadsheets: CSV and XLSX, in which no text is ever taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from lineside.errors import ConfigurationError
from lineside.orders.b2mml_performance import B2mmlVersion, write_performance
from lineside.orders.fields import Kind
from lineside.plant import Plant, moment

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOMENTS = frozenset({"start", "end", "due", "received", "since"})
"""Columns that hold microseconds UTC and are written as clock times of the plant."""
COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    "orders": (
        *(
            "id",
            "product",
            "product_name",
            "line",
            "machine",
            "quantity",
            "start",
            "end",
            "due",
            "priority",
            "state",
            "note",
        ),
        *("good", "rejected", "basis", "origin", "version", "received"),
    ),
    "products": ("id", "name", "ideal_cycle_s", "codes", "origin", "version", "received"),
    "costs": ("what", "of", "amount", "currency", "start", "origin", "version", "received"),
    "completions": ("order", "product", "line", "machine", "planned", "good", "rejected", "start", "end", "basis"),
}


def kind_in(name: str, kind: Kind) -> Kind:
    """What a file of this name holds where a kind is asked for: B2MML tells of orders what was made of them."""
    if PurePath(name).suffix.lower() != ".xml":
        return kind
    if kind not in ("orders", "completions"):
        raise ConfigurationError("b2mml.kind", file=name, kind=kind)
    return "completions"


def write_file(
    name: str,
    kind: Kind,
    rows: Sequence[Mapping[str, Any]],
    plant: Plant,
    made_us: int,
    version: B2mmlVersion = "V0600",
) -> bytes:
    """The rows as the file type that `name` ends with: CSV, XLSX, or, of completions, B2MML.

    Raises ConfigurationError for another type.
    """
    if PurePath(name).suffix.lower() == ".xml":
        return write_performance(rows, plant, made_us, version)
    return write_sheet(name, kind, rows, plant.site.zone)


def write_sheet(name: str, kind: Kind, rows: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> bytes:
    """The rows as the file type that `name` ends with. Raises ConfigurationError for another."""
    writers = {".csv": _csv, ".xlsx": _xlsx}
    writer = writers.get(PurePath(name).suffix.lower())
    if writer is None:
        raise ConfigurationError("orders.format", file=name)
    columns = COLUMNS[kind]
    return writer(columns, [[_cell(column, row.get(column), zone) for column in columns] for row in rows])


def _cell(column: str, value: Any, zone: ZoneInfo) -> object:
    if value is None:
        return ""
    if column in MOMENTS:
        return moment(int(value), zone).replace(tzinfo=None, microsecond=0)
    if isinstance(value, list | tuple):
        value = "; ".join(map(str, value))
    if isinstance(value, str):
        return "".join(sign if sign.isprintable() else " " for sign in value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def guarded(cell: str) -> str:
    """A text for CSV behind an apostrophe where a spreadsheet would run it; reading it takes the apostrophe off."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def bare(cell: str) -> str:
    """A text as it was before it was guarded."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


def _csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        cells = (cell.isoformat(" ", "seconds") if isinstance(cell, datetime) else cell for cell in row)
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def _xlsx(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(columns))
    for row in rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, None if value == "" else value)
            if isinstance(value, str) and value:
                cell.data_type = "s"  # never a formula
            elif isinstance(value, datetime):
                cell.number_format = "yyyy-mm-dd hh:mm"
            cells.append(cell)
        sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
