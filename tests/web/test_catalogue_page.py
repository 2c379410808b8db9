"""The page Catalogue in a browser: graded, opened, taken away as a table."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.axe import broken_rules
from tests.web.stage import node

pytestmark = pytest.mark.browser

PLANT = """\
[site]
id = "shop"
name = "Shop"
timezone = "UTC"
[area.a]
name = "Hall"
[line.l]
area = "a"
name = "Cell"
pace = "press"
[line.m]
area = "a"
name = "Packing"
[source.plc]
type = "push"
[machine.press]
line = "l"
name = "Press 1"
source = "plc"
[machine.press.signals]
mode = { kind = "state" }
recipe = { kind = "text", name = "Recipe" }
[[machine.press.states]]
state = "running"
when = { mode = "ACTIVE", recipe = "A" }
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[str]:
    """The address of a small plant that asks nobody."""
    (tmp_path / "plant.toml").write_text(PLANT, "utf-8")
    with node("run", tmp_path) as address:
        yield address


def in_order(page: Page) -> None:
    """Fails on what axe finds, and on a page wider than its window."""
    found = broken_rules(page)
    assert found == []
    wide = "e => e.getBoundingClientRect().right > innerWidth && !e.closest('.scroller') && e.outerHTML.slice(0, 99)"
    assert page.evaluate(f"[...document.querySelectorAll('main *')].map({wide}).filter(Boolean)") == []


def shot(page: Page, name: str) -> None:
    """Keeps a picture where LINESIDE_SHOTS asks for it."""
    if folder := os.environ.get("LINESIDE_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_from_a_label_to_the_path_of_a_number(shop: str, chromium: Browser, page: Page) -> None:
    """A label is made, a signal graded after a look; the line's OEE says by which way it became important."""
    page.goto(shop)
    page.get_by_role("link", name="Catalogue", exact=True).click()
    expect(page.get_by_role("heading", name="Graded above general")).to_be_visible()
    expect(page.get_by_text("Nothing is graded above general yet")).to_be_visible()
    page.get_by_text("New label").first.click()
    page.get_by_label("In the plant's words").fill("customer recipe")
    page.get_by_label("Short name").fill("recipe")
    page.get_by_label("Reason").fill("contract 7")
    page.get_by_role("button", name="New label").click()
    expect(page.get_by_role("strong").filter(has_text="customer recipe")).to_be_visible()

    page.get_by_label("Find").fill("recipe")
    page.get_by_role("link", name=re.compile("Press 1 · Recipe")).click()
    card = page.locator("section", has=page.get_by_role("heading", name=re.compile("Press 1 · Recipe")))
    card.get_by_label("customer recipe").check()
    card.get_by_role("button", name="See what it changes").click()
    expect(card.get_by_text(re.compile("Raises .*20 KPI"))).to_be_visible()
    card.get_by_label("Reason").fill("it is theirs")
    card.get_by_role("button", name="Grade", exact=True).click()
    expect(card.get_by_text("it is theirs")).to_be_visible()
    in_order(page)
    shot(page, "signal-en")

    page.goto(f"{shop}/catalogue/kpi%2Fline%2Fl%2Foee")
    way = page.locator("ol li")
    expect(way).to_have_count(4)
    expect(way.last).to_contain_text("signal/press/recipe")
    expect(page.get_by_role("button", name=re.compile("Cell"))).to_contain_text("of")
    in_order(page)
    shot(page, "kpi-en")

    dark = chromium.new_context(locale="zh-CN", viewport={"width": 390, "height": 800}, color_scheme="dark")
    phone = dark.new_page()
    phone.goto(f"{shop}/catalogue/signal%2Fpress%2Frecipe?lang=zh")
    expect(phone.get_by_role("heading", name="高于一般的数据")).to_be_visible()
    expect(phone.get_by_text("it is theirs")).to_be_visible()
    in_order(phone)
    shot(phone, "signal-zh-phone")
    dark.close()


def test_a_table_is_taken_away_changed_and_brought_back(shop: str, page: Page, tmp_path: Path) -> None:
    """A wrong row is named; what is right is looked at and kept."""
    page.goto(f"{shop}/catalogue")
    with page.expect_download() as told:
        page.get_by_role("link", name="Catalogue as CSV").click()
    table = told.value.path().read_text("utf-8-sig")
    file = tmp_path / "changed.csv"

    file.write_text(table.replace("signal/press/mode,is,general", "signal/press/mode,is,high"), "utf-8")
    page.get_by_label("Bring a table back").set_input_files(file)
    expect(page.get_by_text("There is no grade high.")).to_be_visible()
    file.write_text(table.replace("signal/press/mode,is,general", "signal/press/mode,is,core"), "utf-8")
    page.get_by_label("Bring a table back").set_input_files(file)
    expect(page.get_by_text("1 rows say something new.")).to_be_visible()
    shot(page, "table-en")
    page.get_by_label("Reason").last.fill("filed in November")
    page.get_by_role("button", name="Grade", exact=True).last.click()
    expect(page.get_by_text("1 gradings are kept.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Cell"))).to_be_visible()
