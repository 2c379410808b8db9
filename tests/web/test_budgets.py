"""What a screen may cost: bytes at first load and bytes while it watches."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.shared import turn
from tests.web.stage import LOOKS

pytestmark = pytest.mark.browser

FIRST_LOAD_BYTES = 80_000
STREAM_BYTES_A_SECOND = 5_000
PAGE_BYTES = 40_000
WATCHED_S = 6
HISTORY = ("/api/lanes", "/api/samples", "/api/texts", "/assets/uPlot")


def transferred(session: CDPSession) -> list[tuple[str, int]]:
    """Collects the address and size on the wire of everything that is loaded from now on."""
    addresses: dict[str, str] = {}
    sizes: list[tuple[str, int]] = []
    session.on("Network.responseReceived", lambda e: addresses.update({e["requestId"]: e["response"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda e: sizes.append((addresses.get(e["requestId"], ""), int(e["encodedDataLength"]))),
    )
    session.send("Network.enable")
    return sizes


def fresh(chromium: Browser) -> tuple[Page, CDPSession]:
    """A tab with nothing in its cache."""
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    return page, context.new_cdp_session(page)


@pytest.mark.parametrize("path", ["/", "/machine/weld"])
def test_the_first_load_is_small(chromium: Browser, plant: str, path: str) -> None:
    """The pages and what they ask for arrive in 80 kB; history, and the chart library it waits for, come on top."""
    page, session = fresh(chromium)
    sizes = transferred(session)

    page.goto(plant + path)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.wait_for_timeout(3000)

    loaded = sum(size for address, size in sizes if not any(part in address for part in HISTORY))
    page.context.close()
    assert 10_000 < loaded <= FIRST_LOAD_BYTES


def test_a_watching_screen_is_cheap(chromium: Browser, plant: str) -> None:
    """Once loaded, a screen gets less than 5 kB a second over its socket, counted before compression."""
    page, session = fresh(chromium)
    received: list[int] = []
    session.send("Network.enable")
    session.on("Network.webSocketFrameReceived", lambda e: received.append(len(e["response"]["payloadData"])))
    page.goto(plant)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.wait_for_timeout(3000)
    received.clear()
    began = monotonic()

    page.wait_for_timeout(WATCHED_S * 1000)
    while not received:
        page.wait_for_timeout(1000)

    took = monotonic() - began
    page.context.close()
    assert sum(received) / took <= STREAM_BYTES_A_SECOND


def test_the_page_of_sources_is_small_and_cheap(chromium: Browser, common: Path, plant: str) -> None:
    """It brings 40 kB with it, and what it asks for again and again stays within what a screen may cost."""
    page, session = fresh(chromium)
    page.goto(plant)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)  # what the first page asked for is not to be counted below
    page.wait_for_timeout(2000)

    with turn(common, LOOKS):
        sizes = transferred(session)
        page.get_by_role("link", name="Connect", exact=True).click()
        expect(page.get_by_role("region", name="assembly", exact=True)).to_be_visible()
        page.wait_for_timeout(2000)
        brought = list(sizes)
    sizes.clear()
    began = monotonic()
    page.wait_for_timeout(WATCHED_S * 1000)
    while not (asked := sum(size for _, size in sizes)) and monotonic() - began < 60:
        page.wait_for_timeout(1000)
    took = monotonic() - began

    page.context.close()
    assert 5_000 < sum(size for _, size in brought) <= PAGE_BYTES, brought
    assert 0 < asked / took <= STREAM_BYTES_A_SECOND
