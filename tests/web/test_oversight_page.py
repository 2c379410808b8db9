"""Oversight in a browser, on a real hub: overseers ask, a member sees its own, everybody sees what protects members."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from lineside.exchange import Envelope, Question, decoded
from tests.web.axe import broken_rules
from tests.web.oversight_program import PASSWORD
from tests.web.stage import program

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one whose members were asked."""
    with program("oversight_program", tmp_path_factory.mktemp("hub")) as url:
        yield url


As = Callable[..., Page]


@pytest.fixture
def as_(chromium: Browser, hub: str) -> Iterator[As]:
    """A tab of somebody who logged in, which must not complain in its console."""
    complaints: list[str] = []
    with ExitStack() as stack:

        def opened(name: str, locale: str = "en-GB", width: int = 1440) -> Page:
            context = stack.enter_context(
                chromium.new_context(locale=locale, viewport={"width": width, "height": 900}, accept_downloads=True)
            )
            told = {"name": name, "password": PASSWORD}
            assert context.request.post(f"{hub}/api/login", data=told, headers={"Origin": hub}).ok
            tab = context.new_page()
            tab.on("pageerror", lambda error: complaints.append(str(error)))
            tab.on("console", lambda one: complaints.append(one.text) if one.type == "warning" else None)
            return tab

        yield opened
    assert complaints == []


def in_both_themes(page: Page, name: str) -> None:
    """Axe finds nothing, by day and by night; on a screen of its width nothing is cut off."""
    width = (page.viewport_size or {"width": 0})["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert broken_rules(page) == [], scheme
        if folder := os.environ.get("LINESIDE_SHOTS"):
            page.screenshot(path=f"{folder}/oversight-{name}-{width}-{scheme}.png", full_page=True)


def test_an_overseer_asks_once_it_was_checked(hub: str, as_: As) -> None:
    """What is too fine is told with what to do; what may be asked says for how many; then it stands in the list."""
    page = as_("otto")
    page.goto(f"{hub}/oversight")
    form = page.locator("details", has=page.locator("summary", has_text="Ask members"))
    form.locator("summary").first.click()
    for label, words in (("Title", "Repair"), ("What is asked", "Is repair quick?"), ("What it is for", "To help.")):
        form.get_by_label(re.compile(rf"^{label}.*\(English\)")).fill(words)
        form.get_by_label(re.compile(rf"^{label}.*\(Chinese\)")).fill("维修")
    form.get_by_label("Asked by").fill("Park order 3")
    form.get_by_label("Computed of").select_option("availability")
    form.get_by_label("Month").fill("2026-09")
    form.get_by_label("Rule").fill("availability >= 0.805")
    form.get_by_role("textbox", name="Due").fill("2026-12-20")
    in_both_themes(page, "ask")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("alert")).to_contain_text("nearer together than a step of 0.02 share")
    expect(page.get_by_role("button", name="Publish for good")).to_have_count(0)

    form.get_by_label("Rule").fill("availability >= 0.7")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("status")).to_contain_text("for 24 members")
    form.get_by_label("Asked by").fill("Park order 3, article 2")
    expect(page.get_by_role("button", name="Publish for good")).to_have_count(0)
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Publish for good").click()

    made = page.locator("li.card", has=page.get_by_role("link", name=re.compile("Question 6 Repair")))
    expect(made.get_by_text("open until 20 Dec 2026")).to_be_visible()


def test_an_overseer_sees_who_met_what(hub: str, as_: As) -> None:
    """By a bar and a table; each reply with where it came from; who is let off, and why."""
    page = as_("otto")
    page.goto(f"{hub}/oversight")
    duties = page.locator("section.card", has=page.get_by_role("heading", name="Obligations"))
    expect(duties.get_by_text(re.compile("met 16 · open 8"))).to_be_visible()
    in_both_themes(page, "overseer")
    for name in ("Obligations", "What is due when"):
        page.get_by_role("button", name=re.compile(f"Table ?: {name}")).click()
        expect(page.get_by_role("region", name=f"{name}, table").get_by_role("row").nth(1)).to_be_visible()
    assert broken_rules(page) == []

    page.get_by_role("link", name=re.compile("Question 2 Availability")).click()
    expect(page.get_by_text("16 of 24 answered")).to_be_visible()
    replies = page.get_by_role("region", name="Replies, table")
    expect(replies.get_by_text("The values that it told of Sept 2026 say no.").first).to_be_visible()
    expect(replies.get_by_text("measured", exact=True).first).to_be_visible()
    in_both_themes(page, "replies")
    page.get_by_label("Show").select_option("open")
    expect(replies.get_by_role("row")).to_have_count(9)
    page.locator("summary", has_text="Excuse a member").click()
    page.get_by_label("Member", exact=True).fill("18")
    page.get_by_label("New day").fill("2027-01-15")
    page.locator("form").get_by_label("Reasons").last.fill("Its meter failed.")
    page.get_by_role("button", name="Give more time").click()
    expect(replies.get_by_text("More time: Its meter failed.")).to_be_visible()


def test_a_member_sees_its_own_and_objects(hub: str, as_: As) -> None:
    """What it is asked, until when, what the hub has of it; on a phone, in Chinese too; of others counts in steps."""
    page = as_("clerk", width=390)
    page.goto(f"{hub}/oversight")
    own = page.locator("section.card", has=page.get_by_role("heading", name="What your factory is asked"))
    row = own.locator("li", has=page.get_by_role("link", name="Availability", exact=True))
    expect(row.get_by_text("Replied: yes (statement 3)")).to_be_visible()
    expect(row.get_by_text("The values that it told of Sept 2026 say no.")).to_be_visible()
    expect(page.get_by_role("heading", name="Obligations")).to_have_count(0)
    expect(page.get_by_text("Ask members")).to_have_count(0)
    in_both_themes(page, "member")
    row.get_by_role("button", name="Object to this obligation").click()
    row.get_by_label(re.compile("What is wrong with this obligation")).fill("We have no such machines.")
    row.get_by_role("button", name="Object", exact=True).click()
    expect(row.get_by_text("The objection was taken.")).to_be_visible()

    page.get_by_role("link", name=re.compile("Question 1 Fire plan")).click()
    expect(page.get_by_text("at least 7").first).to_be_visible()
    expect(page.get_by_text("Some of those who were asked were generated")).to_be_visible()
    in_both_themes(page, "told")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the signed question").click()
    assert isinstance(decoded(Envelope.parse(download.value.path().read_bytes())), Question)

    chinese = as_("clerk", "zh-CN")
    chinese.goto(f"{hub}/oversight/3")
    expect(chinese.get_by_role("heading", name=re.compile("第 3 号问题：?:? ?设备综合效率"))).to_be_visible()
    expect(chinese.get_by_text("低于 40.0 %", exact=False).first).to_be_visible()
    in_both_themes(chinese, "zh")


def test_who_sees_no_replies_sees_what_is_asked(hub: str, as_: As) -> None:
    """By keyboard from the calendar to a question and back; no reply of anybody."""
    page = as_("anna")
    page.goto(f"{hub}/oversight")
    mark = page.get_by_role("group", name="What is due when").get_by_role("link").last
    mark.focus()
    mark.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("^Question "))).to_be_visible()
    expect(page.get_by_text(re.compile("Counts are told after"))).to_be_visible()
    expect(page.get_by_role("heading", name="Replies")).to_have_count(0)
    page.get_by_role("link", name="Oversight").last.click()
    expect(page.get_by_role("heading", name="Questions")).to_be_visible()
