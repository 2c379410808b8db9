"""Sandboxes and incidents in a browser, on a real hub: limits month by month, looks with a purpose, who sees them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.axe import broken_rules
from tests.web.sandboxes_program import PASSWORD
from tests.web.stage import program

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a hub with sandboxes and incidents is."""
    with program("sandboxes_program", tmp_path_factory.mktemp("hub")) as url:
        yield url


As = Callable[..., Page]


@pytest.fixture
def as_(chromium: Browser, url: str) -> Iterator[As]:
    """The page as somebody who logged in sees it; it must not complain in its console."""
    complaints: list[str] = []
    with ExitStack() as stack:

        def opened(name: str, locale: str = "en-GB", width: int = 1440) -> Page:
            context = stack.enter_context(
                chromium.new_context(locale=locale, viewport={"width": width, "height": 900}, accept_downloads=True)
            )
            told = {"name": name, "password": PASSWORD}
            assert context.request.post(f"{url}/api/login", data=told, headers={"Origin": url}).ok
            tab = context.new_page()
            tab.on("pageerror", lambda error: complaints.append(str(error)))
            tab.on("console", lambda one: complaints.append(one.text) if one.type in ("error", "warning") else None)
            tab.goto(f"{url}/oversight")
            return tab

        yield opened
    assert complaints == []


def in_both_themes(page: Page) -> None:
    """Axe finds nothing, by day and by night."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert broken_rules(page) == [], scheme


def test_a_sandbox_is_followed_extended_and_ended(as_: As) -> None:
    """Its limits stand as pictures with a table behind; what may end it is told; new terms wait for the member."""
    page = as_("otto")
    one = page.locator("li.card", has=page.get_by_role("heading", name="Sandbox 1: Night shift"))
    expect(one.get_by_text("running", exact=True)).to_be_visible()
    expect(one.get_by_text("was not kept in Feb 2027: 1 more like that")).to_be_visible()
    expect(one.get_by_text("kept 2, beyond 2, untold 0")).to_be_visible()
    expect(one.locator(".mark.beyond")).to_have_count(2)
    one.get_by_role("button", name=re.compile("Table")).click()
    expect(one.get_by_role("row", name=re.compile("Feb 2027"))).to_contain_text("beyond · 44.0 %")
    broken = page.locator("li.card", has=page.get_by_role("heading", name="Sandbox 2:"))
    expect(broken).to_contain_text("a limit was not kept for as many months as the terms allow")
    expect(broken.get_by_text("generated", exact=True)).to_be_visible()
    in_both_themes(page)
    one.locator("summary", has_text="Extend").click()
    expect(one.get_by_label("First month")).to_have_value("2027-05")
    one.get_by_label("Last month").fill("2027-08")
    in_both_themes(page)
    one.get_by_role("button", name="Extend", exact=True).click()
    new = page.locator("li.card", has_text="goes on from sandbox 1")
    expect(new.get_by_role("heading", name=re.compile(r"Sandbox \d: Night shift"))).to_be_visible()
    new.locator("summary", has_text="Take the offer back").click()
    new.get_by_label("Reasons").fill("Two authorities disagree")
    new.get_by_role("button", name="Take the offer back").click()
    expect(new.get_by_text("Reasons: Two authorities disagree")).to_be_visible()


def test_who_has_to_know_looks_shares_and_the_member_sees_it(as_: As) -> None:
    """Nothing is told before the purpose; another authority sees it once it is shared; the member reads who looked."""
    stella = as_("stella")
    expect(stella.get_by_text("No incident concerns what you look after.")).to_be_visible()
    expect(stella.get_by_role("heading", name="Sandboxes")).to_have_count(0)
    otto = as_("otto")
    row = otto.locator("li.card", has=otto.locator(".severity", has_text="severity 2 of 4")).last
    expect(row).to_contain_text("Safety at work")
    expect(otto.get_by_text("Oil on the floor")).to_have_count(0)
    row.locator("summary", has_text="Look at it").click()
    row.get_by_label("What for?").fill("Inspection of floors")
    row.get_by_role("button", name="Look, and have it noted").click()
    expect(row.get_by_text("Beside the press; somebody slipped.")).to_be_visible()
    expect(row.get_by_text("Works 1", exact=True)).to_be_visible()
    share = row.locator("details", has=otto.locator("summary", has_text="Share"))
    share.locator("summary").click()
    share.get_by_label("With who looks after").select_option("security")
    share.get_by_label("Reasons").fill("The door stood open")
    in_both_themes(otto)
    share.get_by_role("button", name="Share it").click()
    expect(row.get_by_text("shared with Security of information")).to_be_visible()
    stella.reload()
    expect(stella.locator("summary", has_text="Look at it")).to_have_count(1)
    clerk = as_("clerk", locale="zh-CN", width=390)
    expect(clerk.get_by_text("Inspection of floors")).to_be_visible()
    expect(clerk.get_by_text("共享给“信息安全”")).to_be_visible()
    expect(clerk.get_by_role("heading", name="第 1 号沙盒：夜班单人值守")).to_be_visible()
    assert clerk.evaluate("document.documentElement.scrollWidth") <= 390
    in_both_themes(clerk)


def test_what_everybody_may_know_is_in_steps(as_: As) -> None:
    """Eight of fifteen members told of an incident, one of whom was made up: seven are left in doubt."""
    page = as_("otto")
    expect(page.get_by_text("In whole steps of 7")).to_be_visible()
    expect(page.get_by_role("row", name="Q4 2026 Safety at work any 7")).to_be_visible()


def test_an_offer_is_made_by_keyboard_at_390_px(as_: As) -> None:
    """The form needs no mouse and no width."""
    page = as_("otto", width=390)
    offer = page.locator("details.offer")
    offer.locator("summary").focus()
    page.keyboard.press("Enter")
    offer.get_by_label("Member number").fill("5")
    for name, value in (
        ("First month", "2027-04"),
        ("Last month", "2027-06"),
        ("Law, order or agreement", "Order 9"),
        ("Title, in English", "Longer batches"),
        ("Title, in Chinese", "更大批量"),
        ("What is relaxed and how far, in English", "Batches of 500"),
        ("What is relaxed and how far, in Chinese", "批量放宽至 500"),
        ("Least", "0.5"),
    ):
        offer.get_by_label(name).fill(value)
    offer.get_by_label("Indicator").select_option("oee")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    offer.get_by_role("button", name="Offer a sandbox").press("Enter")
    expect(page.get_by_role("heading", name=re.compile("Longer batches"))).to_be_visible()


def test_an_overseer_of_one_concern_is_made_on_the_page_of_people(as_: As, url: str) -> None:
    """The role is given for a concern that the hub names; elsewhere it is read in words."""
    page = as_("root")
    page.goto(f"{url}/people")
    form = page.locator("form", has=page.get_by_role("heading", name="New account"))
    form.get_by_label("Name").fill("erna")
    form.get_by_label("Role").select_option("overseer")
    form.get_by_label("Incidents of this concern alone").fill("environment")
    in_both_themes(page)
    form.get_by_role("button", name="Make the account").click()

    expect(page.get_by_label("erna", exact=True)).to_contain_text("Overseer · Incidents of environment")
