from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lineside.connect.recordings.workbook import MOST_COLUMNS
from lineside.connect.sheets import SheetRow, cell_text, read_sheet
from lineside.errors import UnusableData


def workbook(*rows: list[Any], more: str | None = None) -> bytes:
    """Return a workbook with a sheet "orders" of these rows, and another one if it is named."""
    book = openpyxl.Workbook()
    book.active.title = "orders"
    for row in rows:
        book.active.append(row)
    if more is not None:
        book.create_sheet(more).append(["a"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(data: bytes, name: str, text: bytes) -> bytes:
    """Return a workbook with one of its parts replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, text if part.filename == name else old.read(part.filename))
    return made.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_the_forms_spreadsheets_write(delimiter: str, encoding: str) -> None:
    """Comma, semicolon and tab, UTF-8 with and without mark and GB18030 make the same table."""
    text = "订单,数量\n轴承座,5\n泵壳体,7\n".replace(",", delimiter)

    sheet = read_sheet(text.encode(encoding), "orders.csv")

    assert sheet.columns == ("订单", "数量")
    assert sheet.rows == (SheetRow(2, ("轴承座", "5")), SheetRow(3, ("泵壳体", "7")))
    assert sheet.delimiter == delimiter
    assert (sheet.title, sheet.titles) == (None, ())


def test_a_row_has_the_number_the_spreadsheet_shows() -> None:
    """Empty rows count, and a cell of several lines is one row."""
    sheet = read_sheet(b'\r\norder,note\r\nA1,"two\r\nlines"\r\n,\r\nA2\r\n', "orders.csv")

    assert sheet.columns == ("order", "note")
    assert sheet.rows == (SheetRow(3, ("A1", "two\r\nlines")), SheetRow(5, ("A2", "")))


def test_a_decimal_comma_stays_text_and_a_cell_too_many_is_seen() -> None:
    """The reader of the rows judges numbers, and sees a row with more cells than columns."""
    semicolons = read_sheet(b"order;cost\nA1;3,50\n", "orders.csv")
    commas = read_sheet(b"order,cost\nA1,3,50\n", "orders.csv")

    assert semicolons.rows[0].cells == ("A1", "3,50")
    assert commas.rows[0].cells == ("A1", "3", "50")


def test_a_workbook_gives_typed_cells(tmp_path: Path) -> None:
    """Dates, numbers and texts of a workbook come as such; empty rows count in the numbers."""
    file = tmp_path / "orders.xlsx"
    due = datetime(2026, 11, 27, 14, 30)  # noqa: DTZ001 - a workbook knows no zones
    file.write_bytes(
        workbook(["order", "due", "quantity", "cost"], [" A1 ", due, 5, 3.25], [], ["A2", date(2026, 12, 1), 7, None])
    )

    sheet = read_sheet(file, file.name)

    assert sheet.columns == ("order", "due", "quantity", "cost")
    assert sheet.rows[0] == SheetRow(2, ("A1", due, 5, 3.25))
    assert sheet.rows[1] == SheetRow(4, ("A2", datetime(2026, 12, 1), 7, ""))  # noqa: DTZ001
    assert (sheet.title, sheet.titles) == ("orders", ("orders",))


def test_a_sheet_of_a_workbook_is_chosen_by_name() -> None:
    """The first sheet is read unless another is named; one that is not there is refused with those that are."""
    data = workbook(["order"], more="costs")

    assert read_sheet(data, "plan.xlsx").columns == ("order",)
    assert read_sheet(data, "plan.xlsx", "costs").columns == ("a",)
    with pytest.raises(UnusableData, match=r"no sheet prices; it has orders, costs"):
        read_sheet(data, "plan.xlsx", "prices")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("3,5", "3,5"),
        (5, "5"),
        (5.0, "5"),
        (0.1, "0.1"),
        (True, "true"),
        (datetime(2026, 11, 27), "2026-11-27"),  # noqa: DTZ001
        (datetime(2026, 11, 27, 6, 0, 0, 500_000), "2026-11-27 06:00:00.500000"),  # noqa: DTZ001
        (time(6, 30), "06:30:00"),
        (timedelta(hours=26, minutes=5), "26:05:00"),
    ],
)
def test_a_cell_as_text_loses_nothing(cell: Any, text: str) -> None:
    """A cell is written as CSV would hold it."""
    assert cell_text(cell) == text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel file"),
        (b'a,b\n1,"2\n', "Row 2 of"),
        (b"PK\x03\x04rest", "no readable Excel workbook"),
        (b"a" + b",a" * MOST_COLUMNS, "too large"),
    ],
)
def test_what_is_no_table_is_refused_with_a_cure(data: bytes, said: str) -> None:
    """A file that cannot be read says what it is and what to do."""
    with pytest.raises(UnusableData, match=said) as caught:
        read_sheet(data, "orders.csv")

    assert caught.value.cure()


def test_another_archive_is_no_workbook() -> None:
    """A zip file of something else is told apart from a damaged workbook."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("content.xml", "<a/>")

    with pytest.raises(UnusableData, match="no Excel workbook"):
        read_sheet(file.getvalue(), "orders.zip")


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (b"<worksheet>" + b" " * 20_000_000 + b"</worksheet>", "too large"),
        (b'<worksheet><sheetData><row r="99999999999"><c><v>1</v></c></row></sheetData></worksheet>', "too large"),
        (b'<worksheet><sheetData><row r="1"><c r="ZZZ1"><v>1</v></c></row></sheetData></worksheet>', "too large"),
        (b'<worksheet><sheetData><row r="1"><c><v>1</v></c></row>', "no readable"),
    ],
    ids=["bomb", "row", "column", "cut"],
)
def test_a_workbook_made_to_harm_is_refused(part: bytes, said: str) -> None:
    """A part packed like a bomb, a row or column beyond a sheet and a cut part end in a clear error, soon."""
    namespace = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    data = with_part(workbook(["a"]), "xl/worksheets/sheet1.xml", part.replace(b"<worksheet>", namespace))

    with pytest.raises(UnusableData, match=said):
        read_sheet(data, "orders.xlsx")


def test_a_sheet_that_lies_about_its_size_is_read_as_it_is() -> None:
    """What a sheet says of its own size does not decide what is read."""
    data = workbook(["a"], [1])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = archive.read("xl/worksheets/sheet1.xml")

    sheet = read_sheet(with_part(data, "xl/worksheets/sheet1.xml", part.replace(b'ref="A1:A2"', b'ref="A1:XFD9"')), "a")

    assert sheet.rows == (SheetRow(2, (1,)),)
