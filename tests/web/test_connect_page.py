"""The page of the sources: how each is, what it gives, and the trying of one, in a real browser on a demo plant."""

from __future__ import annotations

import re

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser

TEST_MS = 60_000
"""Ten seconds of listening, on a machine that does other things as well."""


def card(page: Page, source: str) -> Locator:
    """What the page says of a source."""
    return page.get_by_role("region", name=source, exact=True)


def described(page: Page, plant: str) -> None:
    """Fills in a source that is to be: the adapter of one that is there, under another name."""
    url = next(one["url"] for one in httpx.get(f"{plant}/api/sources", timeout=30).json() if one["id"] == "agie")
    form = card(page, "Try a source the plant does not have yet")
    form.get_by_label("Name (id)").fill("spare")
    form.get_by_label("Type").select_option("shdr")
    form.get_by_label("Address").first.fill(url)
    form.get_by_label("Address of signal 1").fill("execution")
    form.get_by_label("Kind of signal 1").select_option("state")


def test_every_source_is_told_in_words_and_figures(page: Page, plant: str) -> None:
    """From any page a click leads there; each has its state, promise, figures, last hour and machines."""
    page.goto(plant)

    page.get_by_role("link", name="Connect").click()

    expect(page).to_have_title(re.compile("^Connect"))
    for source in httpx.get(f"{plant}/api/sources", timeout=30).json():
        expect(card(page, source["id"])).to_contain_text(source["reason"])
        expect(card(page, source["id"])).to_contain_text(source["promise"])
    expect(card(page, "assembly").get_by_role("link", name="Weld")).to_have_attribute("href", "/machine/weld")
    expect(card(page, "assembly").get_by_role("img", name=re.compile("The last hour of assembly"))).to_be_visible()
    expect(card(page, "assembly")).to_contain_text(re.compile(r"Heard\s*[\d.]+/s"))
    expect(card(page, "bench").get_by_role("img")).to_have_count(0)


def test_a_source_is_opened_and_tested(page: Page, plant: str) -> None:
    """Its signals come with value and age, the address keeps it open, and a test shows what came meanwhile."""
    page.goto(f"{plant}/connect")
    card(page, "agie").get_by_role("button", name=re.compile("^Signals, losses")).click()
    table = page.get_by_role("region", name="Signals: agie")
    expect(table.get_by_role("row", name=re.compile("^execution"))).to_contain_text("state")
    expect(page).to_have_url(re.compile("/connect/agie"))
    page.reload()

    card(page, "agie").get_by_role("button", name="Test it for 10 s").click()

    expect(page.get_by_role("progressbar", name="Listening to agie")).to_be_visible()
    came = page.get_by_role("region", name="What came from agie")
    expect(came.locator("tbody tr").first).to_be_visible(timeout=TEST_MS)
    expect(card(page, "agie").get_by_text(re.compile(r"^\d+ values came"))).to_be_visible()


def test_a_test_that_showed_enough_is_ended(page: Page, plant: str) -> None:
    """What came until then stays."""
    page.goto(f"{plant}/connect/hurco")
    card(page, "hurco").get_by_role("button", name="Test it for 10 s").click()
    expect(page.get_by_text(re.compile("values of .* addresses so far"))).to_be_visible(timeout=TEST_MS)

    page.get_by_role("button", name=re.compile("^Enough")).click()

    expect(card(page, "hurco").get_by_text(re.compile(r"^\d+ values came"))).to_be_visible(timeout=TEST_MS)


def test_a_source_that_is_to_be_is_tested_and_told_as_text(page: Page, plant: str) -> None:
    """With the options of its type; what the plant file would refuse is said beside the text."""
    page.goto(f"{plant}/connect")
    described(page, plant)
    form = card(page, "Try a source the plant does not have yet")
    form.get_by_text("Options of shdr").click()
    form.get_by_label(re.compile("^settle_s")).fill("3")

    form.get_by_role("button", name="Test", exact=True).click()
    came = page.get_by_role("region", name="What came from spare")
    expect(came.get_by_role("row", name=re.compile("^execution"))).to_contain_text("good", timeout=TEST_MS)
    form.get_by_role("button", name="Show what to add").click()

    text = form.get_by_role("region", name="To add to plant.toml")
    expect(text).to_contain_text("options = { settle_s = 3 }")
    expect(text).to_contain_text('execution = { kind = "state" }')
    expect(form.get_by_role("alert")).to_have_count(0)
    form.get_by_label("Name (id)").fill("agie")
    form.get_by_role("button", name="Show what to add").click()
    expect(form.get_by_role("alert")).to_contain_text("plant file would refuse")


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_fits_and_axe_finds_nothing_in_what_is_open(
    chromium: Browser, plant: str, language: str, width: int
) -> None:
    """With the options and a fragment shown, on a telephone as on a desk, in both languages."""
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(f"{plant}/connect/assembly?lang={language}")
    expect(page.locator(".skeleton")).to_have_count(0)
    form = page.locator("section[aria-labelledby=new-title]")
    form.locator("input").nth(0).fill("spare")
    form.locator("label.wide input").first.fill("modbus://192.0.2.1")
    form.locator("summary").click()
    form.locator("section > button, > button").last.click()
    expect(form.locator("pre")).to_be_visible()

    found = Axe().run(page).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth")

    context.close()
    assert [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found] == []
    assert wide <= width
