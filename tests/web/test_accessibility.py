"""axe finds nothing: every page, both languages, both themes."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

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
    "source": "/connect/assembly",
    "missing": "/machine/nobody",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(chromium: Browser, plant: str, name: str, language: str, scheme: str) -> None:
    """No violation of WCAG or of best practice."""
    dark = scheme == "dark"
    context = chromium.new_context(color_scheme="dark" if dark else "light", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    path = PAGES[name]
    page.goto(f"{plant}{path}{'&' if '?' in path else '?'}lang={language}")
    if name != "missing":
        expect(page.get_by_text(re.compile("^(Live|实时)$"))).to_be_visible()
        expect(page.locator("h1")).to_be_attached()
        expect(page.locator(".skeleton")).to_have_count(0)

    found = Axe().run(page).response["violations"]

    context.close()
    assert [(v["id"], v["impact"], [n["html"][:160] for n in v["nodes"]]) for v in found] == []
