"""Programmes and the rule laboratory in a browser, on a real hub: what fits, an application by both sides, a change."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lineside.exchange import Envelope
from lineside.trust import Key
from tests.web.axe import broken_rules
from tests.web.hub_program import CLERKS, PASSWORD
from tests.web.stage import program

pytestmark = pytest.mark.browser


@dataclass
class Served:
    """A hub: where it is, and its folder."""

    url: str
    folder: Path


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One with members, of which some were made up."""
    folder = tmp_path_factory.mktemp("hub")
    with program("hub_program", folder) as url:
        yield Served(url, folder)


As = Callable[..., Page]


@pytest.fixture
def as_(chromium: Browser, hub: Served) -> Iterator[As]:
    """A tab of somebody who logged in, which must not complain in its console."""
    complaints: list[str] = []
    with ExitStack() as stack:

        def opened(name: str, locale: str = "en-GB", width: int = 1440) -> Page:
            context = stack.enter_context(
                chromium.new_context(locale=locale, viewport={"width": width, "height": 900}, accept_downloads=True)
            )
            told = {"name": name, "password": PASSWORD}
            assert context.request.post(f"{hub.url}/api/login", data=told, headers={"Origin": hub.url}).ok
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


def test_a_member_sees_what_fits_and_applies_and_the_hub_decides(hub: Served, as_: As) -> None:
    """What it would receive by what it supposes; signed by its node; granted by one reviewer, paid by another."""
    page = as_("clerk")
    page.goto(f"{hub.url}/programmes")
    row = page.locator("li.card", has=page.get_by_role("heading", name="Connected workshop grant", level=3))
    expect(row.locator(".receives")).to_contain_text("at most 200,000 CNY")
    expect(row.get_by_text("measured, Sept 2026")).to_be_visible()
    row.get_by_text("Suppose what is not known").click()
    row.get_by_label("Spent on connecting machines").fill("100000")
    row.get_by_label("Spent on connecting machines").press("Tab")
    expect(row.locator(".receives")).to_contain_text("at most 30,000 CNY")
    row.get_by_label("No other public money for the same machines").check()
    expect(row.locator(".standing")).to_have_text("eligible")
    row.get_by_text("The rule", exact=True).click()
    expect(row.get_by_text("confirm it with the office of the park")).to_be_visible()
    expect(row.get_by_text("grant = min(rate * spend, most)")).to_be_visible()
    row.get_by_text("Apply for it").click()
    in_both_themes(page)
    row.get_by_label("What it is for").fill("Sensors on all presses")
    row.get_by_role("button", name="Begin the application").click()

    expect(page.get_by_role("heading", name=re.compile("Application 1: Connected"))).to_be_visible()
    page.get_by_label(re.compile("Share connected, as the node measures it")).select_option(index=1)
    for name in ("Staff list", "Invoices", "Declaration of the firm"):
        page.get_by_label(name).set_input_files({"name": f"{name}.pdf", "mimeType": "a/b", "buffer": name.encode()})
    in_both_themes(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download what the node signs").click()
    content = json.loads(download.value.path().read_text("utf-8"))
    node = Key.read(hub.folder / f"works-{CLERKS - 1}.key")
    signed = Envelope.sign(content["payloadType"], Envelope.parse(_unsigned(content)).payload, node)
    page.get_by_label("What the node signed").fill(signed.json().decode())
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_text("Applied, signed by its node")).to_be_visible()

    rita = as_("rita")
    rita.goto(f"{hub.url}/programmes")
    expect(rita.get_by_role("heading", name="Waiting for the hub")).to_be_visible()
    in_both_themes(rita)
    rita.get_by_role("link", name=re.compile("No. 1")).click()
    rita.get_by_label("No other public money for the same machines").check()
    rita.get_by_label("Due").fill("2026-12-31")
    rita.get_by_label("Reasons").fill("All of it is shown.")
    in_both_themes(rita)
    rita.locator("form").get_by_role("button", name="Grant").last.click()
    expect(rita.get_by_text("may be paid now")).to_be_visible()
    expect(rita.get_by_role("button", name="Note as paid")).to_have_count(0)

    paul = as_("paul", "zh-CN")
    paul.goto(f"{hub.url}/programmes/1")
    paul.get_by_role("button", name="登记为已支付").click()
    expect(paul.get_by_text("已支付", exact=True)).to_be_visible()
    expect(paul.get_by_text("尚无结论：效果由该成员参加")).to_be_visible()
    paul.get_by_text("登记追回的款项").first.click()
    in_both_themes(paul)


def _unsigned(content: dict[str, str]) -> bytes:
    """An envelope of the same payload that nobody meant, to take the payload out as a program does."""
    return json.dumps({**content, "signatures": [{"keyid": "", "sig": "AA=="}]}).encode()


def test_a_file_of_rules_that_cannot_be_used_is_told_to_who_can_act(hub: Served, as_: As) -> None:
    """And to nobody else."""
    page, other = as_("anna", width=390), as_("clerk", width=390)
    page.goto(f"{hub.url}/programmes")
    expect(page.get_by_role("heading", name=re.compile("files of rules do not hold"))).to_be_visible()
    expect(page.get_by_text("rumour.toml").first).to_be_visible()
    in_both_themes(page)

    other.goto(f"{hub.url}/programmes")
    expect(other.get_by_role("heading", name="All rules")).to_be_visible()
    expect(other.get_by_text("rumour.toml")).to_have_count(0)
    expect(other.get_by_role("link", name="Laboratory")).to_have_count(0)
    assert other.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_analyst_moves_a_figure_and_sees_what_follows(hub: Served, as_: As) -> None:
    """By keyboard: who drops out by class, what it costs against the budget, inequality; each picture as a table."""
    page = as_("anna")
    page.goto(f"{hub.url}/laboratory")
    page.get_by_role("combobox", name="Programme").select_option("park-connected")
    expect(page.get_by_text("Nobody told this: Spent on connecting machines")).to_be_visible()
    expect(page.get_by_text("4 of 24 members in these figures were generated")).to_be_visible()
    page.locator("summary", has_text="On whom").click()
    page.get_by_label("Spent on connecting machines").fill("500000")
    page.get_by_label("Spent on connecting machines").press("Tab")
    expect(page.get_by_text("Nobody told this")).to_have_count(0)
    cost = page.locator("section.card", has=page.get_by_role("heading", name="What it costs"))
    expect(cost.get_by_text("1,350,000 CNY").first).to_be_visible()

    slider = page.get_by_role("slider", name="Least share connected")
    slider.focus()
    for _ in range(10):
        slider.press("ArrowRight")
    expect(page.get_by_role("spinbutton", name="Least share connected")).to_have_value("0.6")
    expect(page.get_by_text(re.compile("4 drop out"))).to_be_visible()
    expect(cost.get_by_text("750,000 CNY").first).to_be_visible()
    expect(page.get_by_text("Nobody is assumed to act otherwise because of the change: no firm")).to_be_visible()
    in_both_themes(page)
    for name in ("Who gains, who drops out", "What it costs", "Inequality of revenue a head"):
        page.get_by_role("button", name=re.compile(f"Table ?: {name}")).click()
        expect(page.get_by_role("region", name=f"{name}, table").get_by_role("row").nth(1)).to_be_visible()
    assert broken_rules(page) == []

    page.get_by_label("Members stand for all enterprises of their kind").check()
    expect(page.get_by_text(re.compile(r"Of 510 enterprises"))).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("规则试验室")
    expect(page.get_by_text(re.compile("510 家企业中"))).to_be_visible()
    in_both_themes(page)


def test_who_sees_no_figures_sees_no_count_of_a_few(hub: Served, as_: As) -> None:
    """It is said, and drawn as withheld; on a phone nothing is cut off."""
    page = as_("otto", width=390)
    page.goto(f"{hub.url}/laboratory")
    page.get_by_role("combobox", name="Programme").select_option("park-connected")

    expect(page.get_by_text("You see no figures of members")).to_be_visible()
    expect(page.get_by_text("withheld", exact=True).first).to_be_visible()
    expect(page.get_by_role("heading", name="How the money is spread")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    in_both_themes(page)
