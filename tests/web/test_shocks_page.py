"""Shocks in a browser, on a real hub: sliders, the curve and its table, who is hit first, what everybody is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.web.axe import broken_rules
from tests.web.hub_program import PASSWORD
from tests.web.shocks_program import MADE, MEMBERS, MINE, SILENT
from tests.web.stage import program

pytestmark = pytest.mark.browser
TOLD = MEMBERS - SILENT


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the hub is."""
    with program("shocks_program", tmp_path_factory.mktemp("hub")) as url:
        yield url


As = Callable[..., Page]


@pytest.fixture
def as_(chromium: Browser, url: str) -> Iterator[As]:
    """The page of shocks of somebody who logged in, which must not complain in its console."""
    complaints: list[str] = []
    with ExitStack() as stack:

        def opened(name: str, locale: str = "en-GB", width: int = 1440) -> Page:
            context = stack.enter_context(chromium.new_context(locale=locale, viewport={"width": width, "height": 900}))
            told = {"name": name, "password": PASSWORD}
            assert context.request.post(f"{url}/api/login", data=told, headers={"Origin": url}).ok
            tab = context.new_page()
            tab.on("pageerror", lambda error: complaints.append(str(error)))
            tab.on("console", lambda one: complaints.append(one.text) if _complains(one) else None)
            tab.goto(f"{url}/shocks")
            return tab

        yield opened
    assert complaints == []


def _complains(message: ConsoleMessage) -> bool:
    """Whether the console has something that is wrong: a browser also notes there each answer that refuses."""
    return message.type in {"error", "warning"} and not message.location["url"].endswith("/api/shocks/told")


def in_both_themes(page: Page) -> None:
    """Axe finds nothing, by day and by night; nothing is cut off."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert broken_rules(page) == [], scheme
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_analyst_tries_shocks_by_keyboard(as_: As) -> None:
    """The sums, the curve and the table follow the hand; generated members are marked, and can be left out."""
    page = as_("anna")
    expect(page.get_by_text(f"{TOLD} of {MEMBERS} members told")).to_be_visible()
    expect(page.get_by_text(f"{MADE} of {TOLD} members in these figures were generated")).to_be_visible()
    page.get_by_role("combobox", name="Input").select_option("Bearings")
    expect(page.get_by_text("Bearings lost by 100% for 30 days")).to_be_visible()
    hits = page.get_by_role("region", name="Who is hit first, table")
    expect(hits.get_by_role("row").nth(1)).to_contain_text("day 21")
    in_both_themes(page)

    page.get_by_role("button", name="Power cap").click()
    expect(page.get_by_text("Power capped by 20% for 10 days")).to_be_visible()
    expect(page.get_by_text("9 of 36 factories that told have a twin")).to_be_visible()
    slider = page.get_by_role("slider", name="So much of the power is cut")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_text("Power capped by 25% for 10 days")).to_be_visible()
    expect(page.get_by_text("No twin tried this shock")).to_be_visible()
    page.get_by_role("button", name=re.compile("Table ?: Output lost by day")).click()
    table = page.get_by_role("region", name="Output lost by day, table")
    expect(table.get_by_role("row")).to_have_count(11)
    expect(table.get_by_role("row").nth(1)).to_contain_text("21.1 %")  # (0.25 - 0.05) / 0.95
    assert broken_rules(page) == []

    page.get_by_label("With members that were generated").uncheck()
    expect(page.get_by_text(f"{TOLD - MADE} of {MEMBERS - MADE} members told")).to_be_visible()
    expect(page.get_by_text("in these figures were generated")).to_have_count(0)


def test_an_overseer_tells_everybody_and_a_member_reads_it(as_: As) -> None:
    """Groups alone, on a phone and in Chinese; beside it what the shocks would cost the own factory."""
    overseer, clerk = as_("otto"), as_("clerk", "zh-CN", 390)
    expect(clerk.get_by_text("尚未公布")).to_be_visible()
    overseer.get_by_role("button", name="Tell anew").click()
    expect(overseer.get_by_text("Edition 1")).to_be_visible()
    in_both_themes(overseer)
    overseer.get_by_role("button", name="Tell anew").click()
    expect(overseer.get_by_text("would tell of single members")).to_be_visible()

    clerk.reload()
    expect(clerk.get_by_text("第 1 版")).to_be_visible()
    expect(clerk.get_by_text("以上合计")).to_have_count(3)
    expect(clerk.get_by_role("heading", name=re.compile(f"成员 {MINE}"))).to_be_visible()
    expect(clerk.get_by_role("heading", name="谁最先受影响")).to_have_count(0)
    expect(clerk.get_by_text("Works")).to_have_count(0)
    in_both_themes(clerk)
