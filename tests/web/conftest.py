"""One demo plant for all tests of the pages, and a browser for those of a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.stage import browser as open_browser
from tests.web.stage import shared_demo

PATIENCE_MS = 60_000
"""What is waited for comes, on a machine that does other things as well: for claims and for clicks alike."""

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def plant(common: Path) -> Iterator[str]:
    """The address of a running demo plant; files that run beside each other have the same one, which ends with them."""
    with shared_demo(common) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless browser; not for the session, as its event loop would stand in the way of other modules' own."""
    with open_browser(bare=True) as running:
        running.on("context", lambda context: context.set_default_timeout(PATIENCE_MS))
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh English tab that must not complain in its console."""
    context = chromium.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    yield tab
    context.close()
    assert complaints == []
