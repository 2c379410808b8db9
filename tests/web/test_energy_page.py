"""The page of energy: what the main meter of the demo plant told, as tiles, bars and tables, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.axe import broken_rules
from tests.web.test_budgets import PAGE_BYTES, fresh, transferred

pytestmark = pytest.mark.browser


def test_energy_is_told_by_day_with_its_factor(page: Page, plant: str) -> None:
    """Tiles say the sum, and why there is none a unit; bars are a table, too; a carrier names its factor's source."""
    page.goto(plant)
    page.get_by_role("link", name="Energy", exact=True).click()

    expect(page.get_by_text("not every line counts its good units").first).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Bars of kWh"))).to_be_visible()
    page.get_by_role("button", name=re.compile("Energy by production day")).click()
    days = page.get_by_role("region", name="Energy by production day as a table")
    told = page.request.get(f"{plant}/api/energy").json()["days"]
    assert len(told) in (14, 15)  # the last one begins with the first shift, not at midnight
    expect(days.get_by_role("row")).to_have_count(1 + len(told))
    expect(days.get_by_role("row").nth(5)).to_contain_text("100.0 %")
    carriers = page.get_by_role("region", name="Carriers and factors", exact=True)
    expect(carriers).to_contain_text("0.5306")
    expect(carriers).to_contain_text("cn · 2023")
    expect(page.get_by_role("row", name=re.compile("Main meter"))).to_contain_text("the whole site")

    page.get_by_label("Time").select_option("week")
    expect(days.get_by_role("row")).to_have_count(8)


def test_it_fits_a_phone_and_axe_finds_nothing(chromium: Browser, plant: str) -> None:
    """In Chinese, in the dark."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{plant}/energy?lang=zh")
    expect(page.get_by_role("img", name="每个生产日的 kWh 柱")).to_be_visible()

    found = broken_rules(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    context.close()

    assert found == []
    assert wide == 390


def test_it_brings_little_with_it(chromium: Browser, plant: str) -> None:
    """Code, texts and numbers of a page of its own arrive in 40 kB."""
    page, session = fresh(chromium)
    page.goto(plant)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    sizes = transferred(session)

    page.get_by_role("link", name="Energy", exact=True).click()
    expect(page.get_by_role("img", name=re.compile("Bars of kWh"))).to_be_visible()
    brought = sum(size for address, size in sizes if "/energy" in address or "/assets/" in address)
    page.context.close()

    assert 2_000 < brought <= PAGE_BYTES
