"""Solution packs in a browser, on a real hub: the shelf, one pack, drafts, needs and the answers to them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from lineside.exchange import Envelope
from tests.web.axe import broken_rules
from tests.web.packs_program import PASSWORD
from tests.web.stage import program

pytestmark = pytest.mark.browser
As = Callable[..., Page]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one with packs."""
    with program("packs_program", tmp_path_factory.mktemp("hub")) as url:
        yield url


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
            tab.on("console", lambda one: complaints.append(one.text) if complains(one) else None)
            tab.goto(f"{hub}/packs")
            return tab

        yield opened
    assert complaints == []


def complains(said: ConsoleMessage) -> bool:
    """Whether it is more than the browser's own note of a draft that was refused."""
    return said.type in ("error", "warning") and "400 (Bad Request)" not in said.text


def in_both_themes(page: Page) -> None:
    """Axe finds nothing, by day and by night."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert broken_rules(page) == [], scheme


def test_what_was_measured_looks_different_from_what_was_not(as_: As) -> None:
    """On the shelf and in full; an analyst reads exact counts, as a picture and as a table."""
    page = as_("anna")
    shelf = page.get_by_role("region", name="On the shelf")
    done = shelf.locator("li.card", has=page.get_by_role("heading", name="Faster recovery"))
    expect(done.get_by_text("measured", exact=True)).to_be_visible()
    expect(done.get_by_role("img", name=re.compile("−24 %"))).to_be_visible()
    open_ = shelf.locator("li.card", has=page.get_by_role("heading", name="Quick changeover"))
    expect(open_.get_by_text("not measured yet", exact=True)).to_be_visible()
    expect(open_.get_by_role("img")).to_have_count(0)
    in_both_themes(page)

    shelf.get_by_role("link", name="Faster recovery").click()
    expect(page.get_by_text("26 of 56 members adopted it; 26 use it now, 0 gave it up.")).to_be_visible()
    expect(page.get_by_text(re.compile("Their own twins had foreseen it for 26"))).to_be_visible()
    page.get_by_role("button", name=re.compile("Table ?: How far it has spread")).click()
    table = page.get_by_role("region", name="How far it has spread, table")
    expect(table.get_by_role("row").nth(1)).to_contain_text("56")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the signed file").click()
    envelope = Envelope.parse(download.value.path().read_bytes())
    assert envelope.sha256 in page.url
    in_both_themes(page)


def test_a_payback_is_a_range_by_the_readers_own_estimate(as_: As) -> None:
    """It is computed in the browser: the hub is asked for nothing more, and the estimate is there the next time."""
    page = as_("clerk", "en", 1440)
    page.get_by_role("region", name="On the shelf").get_by_role("link", name="Faster recovery").click()
    card = page.get_by_role("region", name="When it pays back", exact=True)
    rows = card.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("Say above what is asked for.")
    asked = list[str]()
    page.on("request", lambda one: asked.append(one.url))
    card.get_by_label(re.compile("^What one min")).fill("5000")
    card.get_by_label(re.compile("^Where this factory stands")).fill("20")
    card.get_by_label(re.compile("^Where this factory stands")).press("Tab")
    expect(rows.nth(1)).to_contain_text(re.compile(r"[\d,]+ to [\d,]+ CNY.*after [\d.]+ to [\d.]+ years"))
    assert asked == []
    if folder := os.environ.get("LINESIDE_SHOTS"):
        card.screenshot(path=f"{folder}/payback.png")
    in_both_themes(page)

    page.reload()
    expect(rows.nth(1)).to_contain_text("years")


def test_a_member_reads_at_least_and_its_own(as_: As) -> None:
    """On a phone, in Chinese; its need with the answers, those of others only where they are meant for members."""
    page = as_("clerk", "zh-CN", 390)
    expect(page.get_by_role("heading", level=1)).to_have_text("方案包")
    expect(page.get_by_text("至少 21 个成员").first).to_be_visible()
    expect(page.get_by_text("Fewer stops of the press")).to_be_visible()
    expect(page.get_by_text("Less scrap")).to_be_visible()
    expect(page.get_by_role("heading", name="草稿")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    in_both_themes(page)
    page.get_by_role("region", name="方案架").get_by_role("link", name="Faster recovery（中）").click()
    expect(page.get_by_text(re.compile("至少 42 个成员中至少有 21 个采用"))).to_be_visible()
    expect(page.get_by_text("点：本厂")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    in_both_themes(page)


def test_a_provider_drafts_answers_and_does_not_publish(as_: As) -> None:
    """What is wrong comes back at once; another account publishes; an instruction is text and nothing else."""
    page = as_("pia")
    page.get_by_text("Draft a pack").click()
    form = page.locator("details", has=page.get_by_text("Draft a pack")).locator("form")
    form.get_by_label("Id").fill("weekly-board")
    form.get_by_label("Indicator").select_option("oee")
    form.get_by_label("Offered by").fill("Board makers")
    for at, name in enumerate(("A weekly board", "每周看板")):
        form.get_by_label("Title").nth(at).fill(name)
        form.get_by_label("In short").nth(at).fill(name)
        form.get_by_label("Work instruction").nth(at).fill(f"# {name} {{machine}}")
    form.get_by_label("Costs once, to (CNY)").fill("5000")
    form.get_by_role("button", name="Keep the draft").click()
    expect(form.get_by_text(re.compile("is no declared parameter"))).to_be_visible()
    in_both_themes(page)
    form.get_by_label("What the factory chooses").fill(
        '[{"id": "machine", "kind": "machine", "words": {"en": "Machine", "zh": "机器"}}]'
    )
    form.get_by_label("What people set at the machine").fill(
        '[{"words": {"en": "Board at", "zh": "看板位于"}, "value": "{machine}"}]'
    )
    form.get_by_role("button", name="Keep the draft").click()
    expect(page.get_by_text("Another account publishes it, as you had a hand in it.")).to_be_visible()
    needs = page.get_by_role("region", name="Needs and offers")
    expect(needs).not_to_contain_text("Zebra")
    needs.get_by_text("Answer: Fewer stops of the press").click()
    answer = needs.locator("li.card", has=page.get_by_text("Fewer stops of the press")).first
    answer.get_by_label("With").select_option(label="Faster recovery")
    answer.get_by_label("What you can bring").fill("It was measured at 28 members.")
    answer.get_by_role("button", name="Send the answer").click()
    expect(answer.get_by_role("button", name="Take it back")).to_be_visible()

    anna = as_("anna")
    row = anna.get_by_role("region", name="Drafts").locator("li.card")
    row.get_by_text(re.compile("^Publish")).first.click()
    row.get_by_label("Why it is to be published").fill("It is sound.")
    in_both_themes(anna)
    row.get_by_role("button", name="Publish").click()
    expect(anna.get_by_role("heading", name="A weekly board").first).to_be_visible()
    anna.get_by_text("Withdraw it").first.click()
    anna.get_by_label(re.compile("Why it is not to be used")).fill("Too much paper.")
    anna.get_by_role("button", name="Withdraw it").click()
    expect(anna.get_by_text("Too much paper.").first).to_be_visible()

    clerk = as_("clerk")
    expect(clerk.get_by_text("It was measured at 28 members.")).to_be_visible()
    clerk.get_by_role("link", name="Quick changeover").click()
    expect(clerk.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    assert clerk.locator("img").count() == 0
