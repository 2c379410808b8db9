"""The page Hub in a browser: from the invitation to what was said, against a real hub."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from lineside.node import now_us
from tests.hub_peer import REGION, HubPeer, served
from tests.web.axe import broken_rules
from tests.web.stage import node

pytestmark = pytest.mark.browser

PLANT = """\
[site]
id = "shop"
name = "Shop"
timezone = "UTC"
[area.a]
name = "Hall"
[line.l]
area = "a"
name = "Cell"
[source.plc]
type = "push"
[machine.press]
line = "l"
name = "Press 1"
source = "plc"
[machine.press.signals]
mode = { kind = "state" }
[[machine.press.states]]
state = "running"
when = { mode = "ACTIVE" }
"""
LOOKS = [("light", "en", 1440), ("dark", "en", 390), ("dark", "zh", 1440), ("light", "zh", 390)]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubPeer]:
    """A hub that answers."""
    peer = HubPeer(tmp_path_factory.mktemp("hub") / "hub", now_us())
    with served(peer):
        yield peer
    peer.hub.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plant of one machine."""
    made = tmp_path_factory.mktemp("shop")
    (made / "plant.toml").write_text(PLANT, "utf-8")
    return made


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[str]:
    """The address of its node."""
    with node("run", folder) as url:
        yield url


def shot(page: Page, name: str) -> None:
    """Keeps a picture where LINESIDE_SHOTS asks for it."""
    if folder := os.environ.get("LINESIDE_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_factory_joins_a_hub_and_speaks(page: Page, shop: str, hub: HubPeer, tmp_path: Path) -> None:  # noqa: PLR0915 - it is one story
    """Takes the invitation, reads the agreement, enrols, asks for the release, is admitted; then what it said is there.

    Nothing is heard at the hub before the release is allowed, of which the exact bytes were shown.
    """
    (tmp_path / "invitation.json").write_bytes(hub.invitation())
    page.goto(f"{shop}/member")
    page.get_by_label("Invitation file").set_input_files(tmp_path / "invitation.json")
    keys = page.get_by_role("group", name="Compare both on another way")
    expect(keys).to_contain_text(re.compile(r"([0-9A-F]{4}-){4}[0-9A-F]{4}"))
    page.get_by_role("textbox", name="Enterprise").fill("Shop")
    page.get_by_role("textbox", name="Industry").fill("34")
    page.get_by_role("textbox", name="Region").fill(REGION)
    page.get_by_label("I have read the data agreement").check()
    shot(page, "member-enrol")
    page.get_by_role("button", name="Sign and ask").click()
    expect(page.get_by_role("heading", name="Membership: asked")).to_be_visible()

    page.get_by_role("link", name="Look at the valve").click()
    way = page.get_by_role("region", name=f"Hub {hub.id}")
    expect(way).to_contain_text("Park")
    way.get_by_role("button", name="Ask for a release").click()
    form = page.locator("form", has=page.get_by_role("heading", name="Ask for a release"))
    form.get_by_label("Name", exact=True).fill("Park benchmarks")
    form.get_by_label("What for").fill("benchmarks")
    expect(form.get_by_label("Who receives it")).to_have_value("Park")
    form.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("details", has_text="enrolment").first).to_contain_text("would leave")
    expect(page.locator("details", has_text="submission").first).to_contain_text("would leave")
    assert hub.lines == []
    page.get_by_label("I have read the terms").check()
    page.get_by_role("button", name="Allow exactly this").click()
    expect(way).to_contain_text("lets out")

    page.goto(f"{shop}/member")
    page.get_by_role("button", name="Say now what is due").click()
    expect(page.get_by_role("heading", name="Membership: enrolled")).to_be_visible()
    hub.admit()
    page.get_by_role("button", name="Say now what is due").click()
    expect(page.get_by_role("heading", name="Membership: member")).to_be_visible()
    enter = page.locator("form", has=page.get_by_role("heading", name="Enter a value by hand"))
    enter.get_by_label("Month").fill("2026-10")
    enter.get_by_label("Indicator").select_option(label="Lead time")
    enter.get_by_role("spinbutton", name="Value").fill("31")
    enter.get_by_role("button", name="Keep it as entered by hand").click()
    expect(enter).to_contain_text("Oct 2026 Lead time: 31 h")
    assert httpx.post(f"{shop}/api/member/send", json={"first": "2026-10"}, timeout=60).status_code == 200

    table = page.get_by_role("region", name="What was said, month by month").get_by_role("table")
    expect(table.get_by_role("row", name=re.compile("Machines connected"))).to_contain_text("100.0 %")
    expect(table.get_by_role("row", name=re.compile("Lead time"))).to_contain_text("entered by hand")
    expect(table.get_by_role("row", name=re.compile("Energy per unit"))).to_contain_text("no meter measures it")
    expect(table.get_by_role("row", name=re.compile("Maturity level"))).to_contain_text("this node does not compute it")
    said = page.get_by_role("region", name="Statements and receipts")
    expect(said).to_contain_text(re.compile("No. 1: month Oct 2026 at the hub · entry [0-9]+ of the hub’s ledger"))
    point = page.get_by_role("region", name="Among its peers")
    expect(point).to_contain_text("The hub was not asked yet.")
    point.get_by_role("button", name="Ask the hub").click()
    expect(point).to_contain_text(re.compile("Oct 2026, as the hub told it on"))
    expect(point.get_by_role("row", name=re.compile("Machines connected"))).to_contain_text("100.0 %")
    expect(point.get_by_role("row", name=re.compile("Lead time"))).to_contain_text("31 h entered by hand")
    expect(point).to_contain_text("Classes")
    preview = page.locator("form", has=page.get_by_role("heading", name="What would be said"))
    preview.get_by_label("Month").fill("2026-09")
    preview.get_by_role("button", name="Show").click()
    expect(preview.get_by_role("table")).to_contain_text("100.0 %")
    shot(page, "member-speaks")


@pytest.mark.parametrize(("scheme", "language", "width"), LOOKS)
def test_it_is_in_order(chromium: Browser, shop: str, hub: HubPeer, scheme: str, language: str, width: int) -> None:
    """Axe finds nothing and nothing is wider than the window, in every look, with what is folded opened."""
    if httpx.get(f"{shop}/api/member").json()["membership"] is None:
        told = httpx.post(f"{shop}/api/member/invitation", json={"invitation": hub.invitation().decode()})
        assert told.status_code == 200
    colours: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=colours)
    page = context.new_page()
    page.goto(f"{shop}/member?lang={language}")
    expect(page.locator("#standing-title")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    for fold in page.locator("main details.fold > summary").all():
        fold.click()
    shot(page, f"member-{scheme}-{language}-{width}")

    assert broken_rules(page) == []
    wide = "e => e.getBoundingClientRect().right > innerWidth && !e.closest('.scroller, .text') && e.outerHTML"
    assert page.evaluate(f"[...document.querySelectorAll('main *, header *')].map({wide}).filter(Boolean)") == []
    context.close()
