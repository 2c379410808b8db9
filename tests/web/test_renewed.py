"""What a page of before says where an upgrade took its files away."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.stage import node
from tests.web.test_people_page import PLANT

pytestmark = pytest.mark.browser


def test_a_page_whose_files_are_gone_asks_to_be_loaded_again(chromium: Browser, tmp_path: Path) -> None:
    """A sentence and a button stand where nothing would: what another version has instead comes by loading again."""
    (tmp_path / "plant.toml").write_text(PLANT, "utf-8")
    page = chromium.new_page(locale="en-GB")
    note = page.get_by_role("alert").filter(has_text="was renewed")

    with node("run", tmp_path) as url:
        page.goto(url)
        expect(page.get_by_role("heading").first).to_be_visible()
        expect(note).to_have_count(0)
        page.route("**/assets/LedgerPage*", lambda route: route.fulfill(status=404))
        page.get_by_role("link", name="Ledger").first.click()
        expect(note).to_be_visible()
        page.unroute("**/assets/LedgerPage*")
        note.get_by_role("button", name="Load again").click()
        expect(page.get_by_role("heading", name="Ledger")).to_be_visible()
        expect(note).to_have_count(0)
