"""Tables that go out open in a spreadsheet, run nothing there, and come back as they were."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from lineside.connect import read_sheet
from lineside.errors import ConfigurationError
from lineside.orders import entries_of, propose_mapping, rows_of, write_sheet
from tests.orders.office import BERLIN, Office

EVIL = '=HYPERLINK("http://x","y")'


def table(office: Office, name: str) -> bytes:
    """Return the orders of an office as a file."""
    return write_sheet(name, "orders", rows_of("orders", office.plant, office.ledger, {}), BERLIN)


def told(office: Office) -> None:
    """Tells an order whose note is a formula."""
    office.tell(
        {"id": "-A1", "product": "bolt", "line": "cell", "quantity": 5, "start": "2026-12-01", "end": "2026-12-01",
         "note": EVIL, "priority": "hoch"}
    )  # fmt: skip


def test_no_text_is_a_formula(office: Office) -> None:
    """In CSV it stands behind an apostrophe, in XLSX it is a text."""
    told(office)

    text = table(office, "orders.csv").decode("utf-8-sig")
    sheet = load_workbook(io.BytesIO(table(office, "orders.xlsx"))).active

    assert "'-A1," in text
    assert f"'{EVIL.replace(chr(34), chr(34) * 2)}" in text
    row = [cell for cell in sheet[2] if cell.value is not None]
    assert {cell.data_type for cell in row} == {"s", "n", "d"}
    assert EVIL in [cell.value for cell in row]


@pytest.mark.parametrize("name", ["orders.csv", "orders.xlsx"])
def test_what_was_written_is_read_back_as_the_same(office: Office, name: str) -> None:
    """Whoever exports, edits nothing and imports again changes nothing."""
    told(office)
    sheet = read_sheet(table(office, name), name)

    taken = office.tell(*entries_of(sheet, propose_mapping("orders", sheet)))

    assert (taken.same, taken.findings) == (1, [])


def test_another_type_of_file_is_not_written() -> None:
    """The cure names those that are."""
    with pytest.raises(ConfigurationError, match=r"orders.pdf") as refused:
        write_sheet("orders.pdf", "orders", [], BERLIN)

    assert ".xlsx" in str(refused.value.cure())
