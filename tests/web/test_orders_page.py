"""The page of orders: a file is looked at, mapped and taken, in a real browser on a demo plant."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.axe import broken_rules

pytestmark = pytest.mark.browser

HEAD = "No;Artikel;Menge;Start;Ende;Linie\n"
TABLE = HEAD + "{id};flange;9;01.12.2036;02.12.2036;cell\nX;flansch;9;01.12.2036;02.12.2036;cell\n"
"""So far ahead that no number of another test is judged by it."""


def file(id: str) -> Any:
    """A file of a good and a wrong order."""
    return {"name": f"{id}.csv", "mimeType": "text/csv", "buffer": TABLE.format(id=id).encode()}


def test_a_file_is_mapped_taken_and_read_by_itself_the_next_time(page: Page, plant: str) -> None:
    """What is not known is asked, what is wrong is named, the rest is taken; the kept mapping reads the next file."""
    page.goto(plant)
    page.get_by_role("link", name="Orders", exact=True).click()
    page.locator("input[type=file]").set_input_files(file("FA-1"))

    expect(page.get_by_role("alert")).to_contain_text("no column is known to tell id")
    page.get_by_label("Id needed").select_option("No")
    expect(page.get_by_text("Row 3, Artikel: the plant has no product flansch.")).to_be_visible()
    page.get_by_label("Keep this mapping as").fill("weekly")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("Kept as weekly")).to_be_visible()
    page.get_by_role("button", name="Take 1 rows").click()
    expect(page.get_by_text("Taken: 1 new")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^FA-1 "))).to_contain_text("FA-1.csv")

    page.locator("input[type=file]").set_input_files(file("FA-2"))
    expect(page.get_by_text("Read by the saved mapping weekly.")).to_be_visible()
    page.get_by_role("button", name="Take 1 rows").click()
    row = page.get_by_role("row", name=re.compile("^FA-2 "))
    row.get_by_text("version 1").click()
    expect(row.get_by_role("listitem")).to_contain_text("FA-2.csv: 1 Dec 2036")
    page.get_by_role("button", name="Forget weekly").click()
    expect(page.get_by_role("button", name="Forget weekly")).to_have_count(0)


def test_an_order_shows_its_priority_and_a_due_date_that_is_not_its_end(page: Page, plant: str) -> None:
    """What comes first in lists says why; its day stands beside the hours, as a list is not of today."""
    order = {"id": "FA-7", "product": "flange", "line": "cell", "quantity": 9, "priority": "urgent"}
    times = {"start": "2036-12-05T06:00", "end": "2036-12-05T14:00", "due": "2036-12-08T12:00"}
    taken = page.request.post(f"{plant}/api/erp/orders", data=[order | times])
    page.goto(f"{plant}/orders")

    row = page.get_by_role("row", name=re.compile("^FA-7 "))

    assert taken.ok, taken.text()
    expect(row.get_by_role("cell", name="1", exact=True)).to_be_visible()
    expect(row).to_contain_text(re.compile("5 Dec 2036, 06:00 – 14:00.*due 8 Dec 2036, 12:00"))


def test_the_preview_fits_a_phone_and_axe_finds_nothing(chromium: Browser, plant: str) -> None:
    """In Chinese, in the dark, with what is wrong and the first rows open."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{plant}/orders?lang=zh")
    page.locator("input[type=file]").set_input_files(file("FA-9"))
    page.get_by_text("文件开头").click()

    expect(page.get_by_role("region", name="文件开头")).to_be_visible()
    found = broken_rules(page)

    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    context.close()
