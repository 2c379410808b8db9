"""A file given to the page Connect, and the files of a watched folder, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.axe import broken_rules
from tests.web.stage import node

pytestmark = pytest.mark.browser

PLANT = """\
[site]
id = "works"
timezone = "Europe/Berlin"
production_day_starts = "06:00"
[area.hall]
[line.cell]
area = "hall"
[source.logger]
type = "file"
[source.exports]
type = "folder"
url = '{exports}'
options = {{ scan_s = 0.2, stable_s = 0.2 }}
[machine.press]
name = "Press 1"
line = "cell"
source = "logger"
[machine.press.signals]
mode = {{ kind = "state" }}
power = {{ kind = "measure", unit = "kW" }}
[machine.mill]
name = "Mill"
line = "cell"
source = "exports"
[machine.mill.signals]
load = {{ kind = "measure", unit = "%" }}
"""


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a plant that files fill, one of which has faults."""
    folder = tmp_path_factory.mktemp("works")
    exports = folder / "exports"
    exports.mkdir()
    (exports / "a.csv").write_text("time,load\n2026-03-04T06:00:00Z,1\nsoon,2\n2026-03-04T06:02:00Z,much\n", "utf-8")
    (exports / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    plant = folder / "plant"
    plant.mkdir()
    (plant / "plant.toml").write_text(PLANT.format(exports=exports), "utf-8")
    with node("run", plant, "--open") as address:
        yield address


def week(path: Path) -> Path:
    """Writes a workbook: two sheets, an hour of minutes, and a row that is none."""
    book = openpyxl.Workbook()
    book.active.append(["Zeit", "Mode", "kWatt", "Remark"])
    for minute in range(60):
        book.active.append([datetime(2026, 3, 4, 6, minute), "ACTIVE", 3 + minute / 10, "ok"])  # noqa: DTZ001
    book.active.append(["gestern", "READY", 1, ""])
    book.create_sheet("June").append(["nothing"])
    book.save(path)
    return path


def given(page: Page, works: str, file: Path, language: str = "en") -> Locator:
    """The card of a file that was chosen."""
    page.goto(f"{works}/connect?lang={language}")
    card = page.locator("section[aria-labelledby=file-title]")
    card.locator("input[type=file]").set_input_files(file)
    return card


def test_a_workbook_becomes_an_import(page: Page, works: str, tmp_path: Path) -> None:
    """The columns are proposed and may be changed; the fault is told by its row; again, nothing changes."""
    card = given(page, works, week(tmp_path / "week.xlsx"))
    expect(card.get_by_role("combobox", name="Time", exact=True)).to_have_value("Zeit")
    expect(card.get_by_label("Source it belongs to")).to_have_value("logger")
    expect(card.get_by_label("Meaning of Mode")).to_have_value("mode")
    expect(card.get_by_label("Meaning of kWatt")).to_have_value("")
    expect(card.get_by_text("60 of 61 rows are good.")).to_be_visible()
    expect(card.get_by_text("From 4 Mar 2026, 06:00:00")).to_be_visible()
    row = card.get_by_role("region", name="Rows with a fault").get_by_role("row", name=re.compile("^62"))
    expect(row).to_contain_text("gestern")

    card.get_by_label("Meaning of kWatt").select_option("power")
    expect(card.get_by_label("Meaning of kWatt")).to_have_value("power")
    card.get_by_label("Times without a zone are of").select_option("UTC")
    expect(card.get_by_text("From 4 Mar 2026, 07:00:00")).to_be_visible()
    card.get_by_label("Times without a zone are of").select_option("")
    card.get_by_label("Sheet").select_option("June")
    expect(card.get_by_role("alert")).to_contain_text("Choose the column that holds the time")
    expect(card.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    card.get_by_label("Sheet").select_option("Sheet")
    card.get_by_label("Meaning of kWatt").select_option("power")
    expect(card.get_by_label("Meaning of kWatt")).to_have_value("power")
    card.get_by_role("button", name="Import", exact=True).click()

    expect(card.get_by_text("week.xlsx: 120 new values in source logger.")).to_be_visible()
    expect(
        card.get_by_role("region", name="Rows with a fault").get_by_role("row", name=re.compile("^62"))
    ).to_be_visible()
    card.locator("input[type=file]").set_input_files(tmp_path / "week.xlsx")
    expect(card.get_by_text("60 of 61 rows are good.")).to_be_visible()
    card.get_by_role("button", name="Import", exact=True).click()
    expect(card.get_by_text("60 values were there already and changed nothing.")).to_be_visible()


def test_a_long_table_is_dropped(page: Page, works: str) -> None:
    """One value a row, with the machine in a column of its own; discarded, it is gone."""
    page.goto(f"{works}/connect")
    card = page.locator("section[aria-labelledby=file-title]")
    text = "time;machine;signal;value\n4.3.2026 06:00;Press 1;power;3,5\n4.3.2026 06:00;Saw;power;1\n"
    data = page.evaluate_handle(
        "text => { const d = new DataTransfer(); d.items.add(new File([text], 'long.csv')); return d; }", text
    )

    card.locator(".drop").dispatch_event("drop", {"dataTransfer": data})

    expect(card.get_by_label("One row holds")).to_have_value("long")
    expect(card.get_by_label("Meaning of Press 1/power")).to_have_value("power")
    expect(card.get_by_label("Meaning of Saw/power")).to_have_value("")
    expect(card.get_by_text("2 of 2 rows are good.")).to_be_visible()
    card.get_by_role("button", name="Discard").click()
    expect(card.get_by_text("Choose a file")).to_be_visible()


def test_what_is_no_table_is_told(chromium: Browser, works: str, tmp_path: Path) -> None:
    """With the cure, and another file may be chosen at once."""
    old = tmp_path / "old.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()

    with page.expect_response(re.compile("/preview$")) as answer:
        card = given(page, works, old)

    assert answer.value.status == 422
    expect(card.get_by_role("alert")).to_contain_text("old.xls is an old Excel file")
    expect(card.get_by_text("Choose a file")).to_be_visible()
    context.close()


def test_a_watched_folder_tells_its_files_and_their_faults(page: Page, works: str) -> None:
    """By file and row, with what to do; a file that cannot be read is named beside those that were."""
    page.goto(f"{works}/connect/exports")

    card = page.get_by_role("region", name="exports", exact=True)

    expect(card).to_contain_text("1 file(s) in")
    expect(
        card.get_by_role("region", name="Files read last: exports").get_by_role("row", name=re.compile("^broken"))
    ).to_contain_text("no readable Excel workbook")
    faults = card.get_by_role("region", name="Rows with a fault: exports")
    expect(faults.get_by_role("row", name=re.compile("soon"))).to_contain_text("no readable time")
    expect(faults.get_by_role("row", name=re.compile("much"))).to_contain_text("Write a number")


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh", 390)])
def test_axe_finds_nothing_in_a_file_and_a_folder(
    chromium: Browser, works: str, tmp_path: Path, language: str, width: int
) -> None:
    """With a preview and its faults open, on a telephone in the dark as on a desk."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if width < 1000 else "light"
    )
    page = context.new_page()
    page.goto(f"{works}/connect/exports?lang={language}")
    card = page.locator("section[aria-labelledby=file-title]")
    card.locator("input[type=file]").set_input_files(week(tmp_path / "week.xlsx"))
    expect(card.locator("tbody tr").last).to_contain_text("gestern")
    expect(page.locator(".skeleton")).to_have_count(0)

    found = broken_rules(page)
    wide = page.evaluate("document.documentElement.scrollWidth")

    context.close()
    assert found == []
    assert wide <= width
