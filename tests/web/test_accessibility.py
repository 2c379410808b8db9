"""axe finds nothing: every page, both languages, both themes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.web.axe import broken_rules

pytestmark = pytest.mark.browser

PAGES = {
    "plant": "/",
    "machine": "/machine/weld?range=8h",
    "lacking": "/machine/mazak-1",
    "number": "/machine/weld?number=availability&scope=machine/weld",
    "site": "/?number=oee&scope=area/machining",
    "tally": "/tally/bench",
    "twin": "/twin/cell",
    "schedule": "/schedule",
    "connect": "/connect",
    "orders": "/orders",
    "source": "/connect/assembly",
    "people": "/people",
    "ledger": "/ledger",
    "catalogue": "/catalogue",
    "valve": "/valve",
    "missing": "/machine/nobody",
}


@pytest.fixture(scope="module")
def tabs(chromium: Browser) -> dict[str, Page]:
    """A tab by theme; each loads page after page with what the browser has kept of the code, as people's do."""
    size = ViewportSize(width=1440, height=900)
    return {
        "light": chromium.new_context(color_scheme="light", viewport=size).new_page(),
        "dark": chromium.new_context(color_scheme="dark", viewport=size).new_page(),
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(tabs: dict[str, Page], plant: str, name: str, language: str, scheme: str) -> None:
    """No violation of WCAG or of best practice."""
    page, path = tabs[scheme], PAGES[name]
    page.goto(f"{plant}{path}{'&' if '?' in path else '?'}lang={language}")
    if name != "missing":
        expect(page.get_by_text(re.compile("^(Live|实时)$"))).to_be_visible()
        expect(page.locator("h1")).to_be_attached()
        expect(page.locator(".skeleton")).to_have_count(0)

    assert broken_rules(page) == []
