"""Tables of orders: columns found, files of the same form read again, forms that changed told."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest
from openpyxl import Workbook

from lineside.connect import read_sheet
from lineside.errors import ConfigurationError, UnusableData
from lineside.orders import (
    entries_of,
    fitting,
    parse_mapping,
    propose_mapping,
    read_offer,
    save_mapping,
    saved_mappings,
)
from tests.orders.office import Office

GERMAN = "Auftrag;Artikel;Sollmenge;Eckstart;Eckende;Linie\nA1;4711;1.234,0;01.12.2026;02.12.2026;cell\n"
CHINESE = "工单号,物料编码,计划数量,计划开工日期,计划完工日期,产线\nA1,4711,100,2026-12-01,2026-12-02,cell\n"
ENGLISH = "Order No.,Material,Order Qty,Basic start,Basic finish,Work Center\nA1,4711,100,12/13/2026,12/14/2026,cell\n"


def workbook(*rows: list[Any]) -> bytes:
    """Return an XLSX file of one sheet."""
    book, stream = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("text", [GERMAN, CHINESE, ENGLISH])
def test_the_columns_of_an_export_are_found(office: Office, text: str) -> None:
    """An export in German, Chinese or English is taken as it comes."""
    sheet = read_sheet(text.encode(), "orders.csv")

    mapping = propose_mapping("orders", sheet)
    taken = office.tell(*entries_of(sheet, mapping))

    assert mapping.lacking == []
    assert (taken.new, taken.findings) == (1, [])
    assert office.plant.orders[0].product == "bolt"


def test_the_cells_prove_how_dates_and_numbers_are_written() -> None:
    """A day above 12 and a decimal comma anywhere settle their whole column."""
    english, german = (propose_mapping("orders", read_sheet(t.encode(), "o.csv")) for t in (ENGLISH, GERMAN))

    assert (english.day_first, german.day_first) == (False, True)
    assert german.decimal == ","


def test_a_date_in_a_workbook_is_a_day_where_no_row_has_a_clock(office: Office) -> None:
    """Excel keeps dates as midnights: a column of them is days, one with clocks is moments."""
    head = ["order", "product", "line", "qty", "start", "end"]
    first = ["A1", "bolt", "cell", 5, datetime(2026, 12, 1), datetime(2026, 12, 1)]  # noqa: DTZ001
    midnight = ["A2", "bolt", "cell", 5, datetime(2026, 12, 1), datetime(2026, 12, 1, 9)]  # noqa: DTZ001
    morning = ["A3", "bolt", "cell", 5, datetime(2026, 12, 1, 8), datetime(2026, 12, 1, 9)]  # noqa: DTZ001
    days = read_sheet(workbook(head, first), "days.xlsx")
    clocks = read_sheet(workbook(head, midnight, morning), "clocks.xlsx")

    office.tell(*entries_of(days, propose_mapping("orders", days)))
    office.tell(*entries_of(clocks, propose_mapping("orders", clocks)))

    one, two, _ = office.plant.orders
    assert (one.end - one.start).total_seconds() == 24 * 3600
    assert (two.end - two.start).total_seconds() == 9 * 3600


def test_a_saved_mapping_reads_the_next_file_of_its_form(office: Office) -> None:
    """What somebody mapped once goes through by itself; a changed form is named with its columns."""
    mapping = parse_mapping(
        {"kind": "orders", "columns": {"id": "No", "product": "What", "quantity": "Q", "start": "S", "end": "E"},
         "constants": {"line": "weld"}}
    )  # fmt: skip
    with office.books.session() as session:
        save_mapping(session, "weekly", mapping, 1)
    with office.books.reading() as session:
        kept = saved_mappings(session, "orders")

    offer = read_offer("orders", b"No,What,Q,S,E\nB7,nut,9,2026-12-01,2026-12-01\n", "w49.csv", kept)
    office.tell(*offer.entries())
    changed = read_offer("orders", b"No,Item,Q,S,E\nB7,nut,9,2026-12-01,2026-12-01\n", "w50.csv", kept, named="weekly")

    assert (offer.saved, fitting(kept, offer.sheet)) == ("weekly", "weekly")
    assert office.plant.orders[0].line == "weld"
    with pytest.raises(UnusableData, match="has no column What") as gone:
        changed.entries()
    assert gone.value.key == "orders.no_column"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "connect.sheet.empty"),
        ("order,product,qty,start,end\n", "orders.no_rows"),
        ("a,b\n1,2\n", "orders.unmapped"),
        ("order,product,qty,start,start,end\n1,2,3,4,5,6\n", "orders.column_twice"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text: str, key: str) -> None:
    """An empty file, one without rows, one of unknown columns and one with a column twice are each an error."""
    with pytest.raises(UnusableData) as refused:
        read_offer("orders", text.encode(), "orders.csv", {}).entries()

    assert refused.value.key == key
    assert refused.value.cure()


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "stars"},
        {"kind": "orders", "columns": {"colour": "C"}},
        {"kind": "orders", "decimal": ";"},
        {"kind": "orders", "more": 1},
    ],
)
def test_a_mapping_that_is_none_is_refused(document: dict[str, Any]) -> None:
    """Unknown kinds, fields and settings have no meaning."""
    with pytest.raises(ConfigurationError):
        parse_mapping(document)


def test_merged_cells_are_named_row_by_row(office: Office) -> None:
    """Of a merged cell only the first row holds the text: the rows below lack it and say so."""
    book, stream = Workbook(), io.BytesIO()
    for row in (
        ["order", "product", "line", "qty", "start", "end"],
        ["A1", "bolt", "cell", 5, "2026-12-01", "2026-12-02"],
        ["A2", None, "cell", 5, "2026-12-01", "2026-12-02"],
    ):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.save(stream)
    sheet = read_sheet(stream.getvalue(), "merged.xlsx")

    taken = office.tell(*entries_of(sheet, propose_mapping("orders", sheet)))

    assert (taken.new, [finding.sentence() for finding in taken.findings]) == (1, ["Row 3: product is not told."])
