"""Pilots in a browser, on a real hub: planned, fixed, called off, and what came of one for analysts and for members."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.axe import broken_rules
from tests.web.hub_program import PASSWORD
from tests.web.stage import program

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a hub with pilots is."""
    with program("pilot_program", tmp_path_factory.mktemp("hub")) as url:
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
            tab.on("console", lambda one: complaints.append(one.text) if one.type in ("error", "warning") else None)
            return tab

        yield opened
    assert complaints == []


def in_both_themes(page: Page) -> None:
    """Axe finds nothing, by day and by night."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert broken_rules(page) == [], scheme


def test_an_analyst_reads_what_came_of_a_pilot(hub: str, as_: As) -> None:
    """In words, month by month, without each member, with the checks and the hashes; each picture as a table."""
    page = as_("anna")
    page.goto(f"{hub}/pilots")
    for name in ("Running", "Planned", "Judged", "Called off"):
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    in_both_themes(page)
    page.get_by_role("link", name="Stops end sooner").click()

    expect(page.get_by_role("heading", name="What came of it")).to_be_visible()
    expect(page.get_by_text("It worked. Recovery time", exact=False)).to_be_visible()
    expect(page.get_by_text("14 take part, 24 to compare with")).to_be_visible()
    expect(page.get_by_text("with generated members")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("placebo"))).to_contain_text("nothing against it")
    in_both_themes(page)
    for name, rows in (("Month by month", 10), ("Without each of them", 14)):
        page.get_by_role("button", name=re.compile(f"Table ?: {name}")).click()
        expect(page.get_by_role("region", name=f"{name}, table").get_by_role("row")).to_have_count(rows + 1)
    expect(page.get_by_role("row", name=re.compile("Works 3$|3 Works 3")).first).to_be_visible()
    assert broken_rules(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the plan").click()
    assert b"lineside.pilot/1" in download.value.path().read_bytes()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_text(re.compile("有效。试点使"))).to_be_visible()
    in_both_themes(page)


def test_an_analyst_plans_a_pilot_and_calls_it_off(hub: str, as_: As) -> None:
    """A comparison group is found, what it could see is said, the plan is fixed; before its start it may be ended."""
    page = as_("anna")
    page.goto(f"{hub}/pilots")
    page.get_by_text("Plan a pilot", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Spare parts at hand")
    page.get_by_label("Indicator").select_option("recovery_time")
    page.get_by_label("Changes are told").select_option(label="as per cent of the level before")
    page.get_by_label("Expected change (%)").fill("-20")
    page.get_by_label("Smallest change worth having (%)").fill("-8")
    page.get_by_label("First month that counts").select_option(label="Feb 2027")
    page.get_by_label("Months before").fill("6")
    page.get_by_label("Members that take part, by number").fill("1-7, x")
    expect(page.get_by_text("These are no numbers of members: x")).to_be_visible()
    page.get_by_label("Members that take part, by number").fill("1-7")
    page.get_by_label("Find members by name").fill("Works 12")
    page.get_by_role("button", name="Add 12 Works 12").click()
    expect(page.get_by_label("Members that take part, by number")).to_have_value("1-7, 12")
    page.get_by_role("button", name="Find a comparison group").click()
    expect(page.get_by_text("Found as the nearest by the months before.")).to_be_visible()
    expect(page.get_by_text(re.compile("is found in four of five cases"))).to_be_visible()
    page.get_by_text("Why these").click()
    expect(page.get_by_text(re.compile(r"Member \d+ for member 12"))).to_have_count(2)
    in_both_themes(page)
    page.get_by_role("button", name="Fix the plan").click()

    expect(page.get_by_role("heading", name="Spare parts at hand")).to_be_visible()
    expect(page.get_by_text("From Feb 2027 on, for 6 months")).to_be_visible()
    expect(page.get_by_text(re.compile("entry .* of the ledger"))).to_be_visible()
    page.get_by_text("Call it off").click()
    in_both_themes(page)
    page.get_by_label("Reasons").fill("No money")
    page.get_by_role("button", name="Call off for good").click()
    expect(page.get_by_text(re.compile("Called off on .*No money"))).to_be_visible()
    expect(page.get_by_text("Call it off")).to_have_count(0)


def test_a_member_sees_its_own_part_and_no_other_member(hub: str, as_: As) -> None:
    """On a phone: the verdict rounded, no checks and no names; nobody sees a pilot that runs."""
    page = as_("clerk", width=390)
    page.goto(f"{hub}/pilots")
    expect(page.get_by_text("Member 17 is compared with").first).to_be_visible()
    expect(page.get_by_text("Plan a pilot")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="Stops end sooner").click()

    expect(page.get_by_text(re.compile("rounded outward"))).to_be_visible()
    expect(page.get_by_text("at least 14 take part, at least 21 to compare with")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Works \d"))).to_have_count(0)
    expect(page.get_by_role("heading", name="What could speak against it")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    in_both_themes(page)
    page.get_by_role("link", name="All pilots").click()
    page.get_by_role("link", name="Promises kept").click()
    expect(page.get_by_text("Nobody sees a result before its end", exact=False)).to_be_visible()
    in_both_themes(page)
