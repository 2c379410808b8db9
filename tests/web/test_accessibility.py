"""axe finds nothing: every page, both languages, both themes."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Literal

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
    "energy": "/energy",
    "source": "/connect/assembly",
    "people": "/people",
    "ledger": "/ledger",
    "catalogue": "/catalogue",
    "valve": "/valve",
    "missing": "/machine/nobody",
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


Found = dict[str, list[tuple[str, str, list[str]]]]


@pytest.fixture(scope="module")
def found_in(chromium: Browser, plant: str) -> Callable[[str, str], Found]:
    """What axe finds in a page in a language, by theme.

    One tab loads page after page with what the browser has kept of the code, as people's do. Each page is loaded once:
    the theme follows the system, which changes while the page stands.
    """
    page = chromium.new_context(viewport=ViewportSize(width=1440, height=900)).new_page()
    page.emulate_media(reduced_motion="reduce")

    @cache
    def found(name: str, language: str) -> Found:
        path = PAGES[name]
        page.goto(f"{plant}{path}{'&' if '?' in path else '?'}lang={language}")
        if name != "missing":
            expect(page.get_by_text(re.compile("^(Live|实时)$"))).to_be_visible()
            expect(page.locator("h1")).to_be_attached()
            if "number=" in path:  # its code comes without a sign that something is loading
                expect(page.get_by_role("dialog").locator("h3").first).to_be_visible()
            expect(page.locator(".skeleton")).to_have_count(0)
        return {scheme: _found(page, scheme) for scheme in SCHEMES}

    return found


def _found(page: Page, scheme: Literal["light", "dark"]) -> list[tuple[str, str, list[str]]]:
    page.emulate_media(color_scheme=scheme)
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    return broken_rules(page)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(found_in: Callable[[str, str], Found], name: str, language: str, scheme: str) -> None:
    """No violation of WCAG or of best practice."""
    assert found_in(name, language)[scheme] == []
