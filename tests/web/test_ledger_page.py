"""The page Ledger in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lineside.node import Node
from lineside.trust import Kind
from tests.web.stage import node
from tests.web.test_people_page import PLANT

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[str]:
    """A node whose ledger has two pages of entries."""
    (tmp_path / "plant.toml").write_text(PLANT, "utf-8")
    with Node.open(tmp_path) as opened:
        for number in range(120):
            opened.ledger.append(Kind.TALLY, about="machine/bench", good=number, rejected=0)
        opened.ledger.append(Kind.BACKUP, who="node", files=4, values=2000)
    with node("run", tmp_path) as url:
        yield url


def test_the_ledger_is_read_filtered_and_verified(chromium: Browser, shop: str) -> None:
    """The newest come first, a hundred at a time, by kind and by who; verification says what it found."""
    page = chromium.new_page()
    rows = page.locator("tbody tr")

    page.goto(f"{shop}/ledger")
    expect(rows).to_have_count(100)
    expect(rows.first).to_contain_text("Backup made: 4 files, 2000 values.")
    page.get_by_role("button", name="Older").click()
    expect(rows.last).to_contain_text("The ledger begins.")
    page.get_by_label("What").select_option("backup")
    expect(rows).to_have_count(1)
    page.get_by_label("What").select_option("")
    page.get_by_role("button", name="the node", exact=True).first.click()
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text("Whole: 124 entries. Receipts compared: 0.")).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_text("完整：124 条。比较过的回执：0。")).to_be_visible()
    page.context.close()
