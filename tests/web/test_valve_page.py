"""The page Valve in a browser, over a real node that speaks to a real broker."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from lineside.node import Node
from lineside.trust import Grant, Role
from tests.broker import PATIENCE_S, Broker, Talker
from tests.web.axe import broken_rules
from tests.web.stage import node

pytestmark = pytest.mark.browser

PASSWORD = "a horse on the staircase"
PEOPLE = {"eva": "administrator", "mia": "manager", "sam": "security", "otto": "operator", "ada": "auditor"}
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
[sparkplug]
url = "URL"
group = "G"
"""
PUSH = """() => fetch("/api/push/plc", {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: JSON.stringify([{address: "mode", value: "ACTIVE"}]),
}).then(({ok}) => ok)"""
LOOKS = [("light", "en", 1440), ("dark", "en", 390), ("dark", "zh", 1440), ("light", "zh", 390)]


@dataclass
class Shop:
    """A plant with five people: where it is, what its broker hears, and the cookie of each person."""

    url: str
    tap: Talker
    cookies: dict[str, str]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One node for the file; whoever is asked for is logged in."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "broker").mkdir()
    with Broker(folder / "broker") as broker, Talker(broker, "spBv1.0/#") as tap:
        (folder / "plant.toml").write_text(PLANT.replace("URL", broker.url), "utf-8")
        with Node.open(folder) as opened:
            cookies = {name: _cookie(opened, name, role) for name, role in PEOPLE.items()}
        with node("run", folder, opened=False) as url:
            yield Shop(url, tap, cookies)


def _cookie(opened: Node, name: str, role: str) -> str:
    code = opened.people.add(name, "person", [Grant(Role(role))])
    assert code is not None
    return opened.people.begin_session(opened.people.redeem(name, code, PASSWORD))


@pytest.fixture
def as_(chromium: Browser, shop: Shop) -> Iterator[Callable[[str], Page]]:
    """The page Valve of somebody."""
    contexts: list[BrowserContext] = []

    def opened(name: str) -> Page:
        context = chromium.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
        contexts.append(context)
        context.add_cookies([{"name": "lineside", "value": shop.cookies[name], "url": shop.url}])
        page = context.new_page()
        page.goto(f"{shop.url}/valve")
        return page

    yield opened
    for context in contexts:
        context.close()


def patiently(claim: Callable[[], bool]) -> None:
    """Waits until something is so."""
    until = monotonic() + PATIENCE_S
    while not claim():
        assert monotonic() < until
        sleep(0.02)


def heard(shop: Shop, kind: str) -> list[bytes]:
    """What the broker heard of a kind of message."""
    return [bytes(one.payload) for one in shop.tap.heard if f"/{kind}/" in one.topic]


def card(page: Page) -> Locator:
    """The release that is opened."""
    return page.locator("section", has=page.get_by_role("heading", name=re.compile("OEE for Acme"), level=2)).last


def shot(page: Page, name: str) -> None:
    """Keeps a picture where LINESIDE_SHOTS asks for it."""
    if folder := os.environ.get("LINESIDE_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_from_asking_to_the_close(shop: Shop, as_: Callable[[str], Page], tmp_path: Path) -> None:  # noqa: PLR0915 - it is one story
    """A manager asks, two others allow what they saw, the broker gets those bytes, and an operator closes the valve."""
    mia = as_("mia")
    way = mia.get_by_role("region", name=re.compile("Sparkplug broker"))
    expect(way).to_contain_text("lets nothing out")
    way.get_by_role("button", name="Ask for a release").click()
    form = mia.locator("form", has=mia.get_by_role("heading", name="Ask for a release"))
    form.get_by_label("Name", exact=True).fill("OEE for Acme")
    form.get_by_label("Who receives it").fill("Acme Ltd")
    form.get_by_label("What for").fill("monthly talk")
    for kind in ("states", "units", "plant file"):
        form.get_by_role("checkbox", name=re.compile(f"^{kind}")).check()
    form.get_by_role("button", name="Open KPI").click()
    form.get_by_role("checkbox", name=re.compile("^machine")).check()
    form.get_by_role("checkbox", name=re.compile("^line")).check()
    form.get_by_label("No more than").select_option("important")
    expect(form.get_by_role("status")).to_contain_text("the highest is general")
    shot(mia, "valve-ask")
    form.get_by_role("button", name="Ask", exact=True).click()

    expect(card(mia)).to_contain_text("Waits for 2 more")
    expect(card(mia)).to_contain_text("You may not allow releases.")
    expect(card(mia).get_by_role("button", name="Allow exactly this")).to_have_count(0)

    sam, eva = as_("sam"), as_("eva")
    for page in (sam, eva):
        page.get_by_role("link", name=re.compile("Look at OEE for Acme")).click()
        press = card(page).locator("details", has_text="DBIRTH press").first
        expect(press).to_contain_text("would leave")
        expect(press.get_by_label("In words: DBIRTH press")).to_contain_text("state = no_data")
    assert shop.tap.heard == []
    shot(eva, "valve-decide")
    for page in (sam, eva):
        expect(card(page).get_by_role("button", name="Allow exactly this")).to_be_disabled()
        card(page).get_by_label("I have read the terms").check()
        card(page).get_by_role("button", name="Allow exactly this").click()
        expect(card(page)).to_contain_text("Allowed.")
    expect(card(sam).get_by_text("What left last")).to_be_visible()
    expect(card(mia)).to_contain_text(re.compile(r"Allowed by\s*sam, .*eva, ", re.DOTALL))

    patiently(lambda: len(heard(shop, "DBIRTH")) >= 2)  # of the line and of the press: the first alone stands open
    left = card(eva).locator("details", has_text="DBIRTH press").first
    expect(card(eva).get_by_role("heading", name="What would leave now")).to_have_count(0)
    card(eva).get_by_role("button", name="Show anew").click()
    left.locator("summary").first.click()
    with eva.expect_download() as taken:
        left.get_by_role("button", name="Download the bytes").click()
    taken.value.save_as(tmp_path / "birth")
    assert (tmp_path / "birth").read_bytes() in heard(shop, "DBIRTH")
    expect(eva.get_by_role("region", name=re.compile("Sparkplug broker"))).to_contain_text("lets out")
    shot(eva, "valve-open")

    otto = as_("otto")
    expect(otto.get_by_text("What leaves is shown to engineers")).to_be_visible()
    otto.get_by_role("button", name="Close the valve").click()
    otto.get_by_label("Reason").fill("odd traffic")
    otto.get_by_role("button", name="Close it now").click()
    expect(otto.get_by_role("heading", name="The valve is closed")).to_be_visible()
    expect(otto.get_by_text("A security officer or an administrator opens it again.")).to_be_visible()
    patiently(lambda: bool(heard(shop, "NDEATH")))
    ended = len(shop.tap.heard)
    expect(eva.get_by_role("heading", name="The valve is closed")).to_be_visible()
    expect(eva.get_by_role("region", name="The valve is closed")).to_contain_text(
        re.compile("otto, .*Reason: odd traffic", re.DOTALL)
    )
    shot(eva, "valve-shut")
    # the broker says the same death once more where it confirmed the node's own too late
    assert {bytes(one.payload) for one in shop.tap.heard[ended:]} <= set(heard(shop, "NDEATH")[:1])

    assert eva.evaluate(PUSH) is True
    patiently(lambda: '"running"' in eva.evaluate("() => fetch('/api/now').then((told) => told.text())"))
    births = len(heard(shop, "DBIRTH"))
    eva.get_by_role("button", name="Open it again").click()
    expect(eva.get_by_text(re.compile("What is allowed leaves again: .*OEE for Acme"))).to_be_visible()
    eva.get_by_label("I know why it was closed").check()
    eva.get_by_role("button", name="Open the valve").click()
    patiently(lambda: len(heard(shop, "DBIRTH")) >= births + 2)
    expect(mia.get_by_role("heading", name="The valve is open")).to_be_visible()
    expect(left.get_by_text("It is the first of its kind")).to_be_visible()
    card(eva).get_by_role("button", name="Show anew").click()
    expect(left).to_contain_text(re.compile(r"changed: [1-9]"))
    left.get_by_text("Each value that is other").first.click()
    expect(left.get_by_role("row", name="state changed no_data running")).to_be_visible()
    shot(eva, "valve-again")

    card(mia).get_by_role("button", name="Close this release").click()
    card(mia).get_by_label("Reason").fill("the talk is over")
    card(mia).get_by_role("button", name="Close it", exact=True).click()
    expect(card(mia)).to_contain_text("Reason: the talk is over")
    card(mia).get_by_role("button", name="Ask for one like it").click()
    expect(mia.get_by_label("Name", exact=True)).to_have_value("OEE for Acme")
    expect(mia.get_by_label("Who receives it")).to_have_value("Acme Ltd")


def test_files_are_asked_for_with_noise_and_a_budget(as_: Callable[[str], Page]) -> None:
    """The form asks what is done to the figures; the release says it in words, with the budget and the first tables."""
    page = as_("sam")
    page.get_by_role("button", name="Ask for a release").last.click()
    form = page.locator("form", has=page.get_by_role("heading", name="Ask for a release"))
    form.get_by_label("Name", exact=True).fill("Report")
    form.get_by_label("Who receives it").fill("Acme Ltd")
    form.get_by_label("What for").fill("monthly report")
    form.get_by_role("combobox", name="Way", exact=True).select_option("another")
    form.get_by_role("combobox", name="Kind of way").select_option("Files on schedule")
    form.get_by_label("Folder in the outbox").fill("acme")
    form.get_by_role("combobox", name="Files", exact=True).select_option("each week")
    form.get_by_role("combobox", name="Shaping").select_option("noise, out of a budget")
    form.get_by_label("Epsilon in all").fill("2")
    form.get_by_role("button", name="Open KPI").click()
    form.get_by_role("checkbox", name=re.compile("^line")).check()
    form.get_by_role("button", name="Ask", exact=True).click()

    report = page.locator("section", has=page.locator("#release-title", has_text="Report"))
    expect(report).to_contain_text("each week")
    expect(report).to_contain_text("Each figure is a mean over 5 shifts at least with noise")
    expect(report).to_contain_text("epsilon 2 of 2 left")
    expect(report).to_contain_text("period,from,to,scope,kpi,value,coverage,why")
    shot(page, "valve-files")


def test_an_auditor_looks_and_touches_nothing(as_: Callable[[str], Page]) -> None:
    """Why there is no button to close, to ask or to allow is said."""
    page = as_("ada")

    expect(page.get_by_text("You may look and not close it")).to_be_visible()
    expect(page.get_by_text("Engineers, managers, security officers and administrators ask")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Close|Ask"))).to_have_count(0)


@pytest.mark.parametrize(("scheme", "language", "width"), LOOKS)
def test_it_is_in_order(chromium: Browser, shop: Shop, scheme: str, language: str, width: int) -> None:
    """Axe finds nothing and nothing is wider than the window, with a release and the form open, in every look."""
    context = chromium.new_context(
        viewport={"width": width, "height": 844}, color_scheme="dark" if scheme == "dark" else "light"
    )
    context.add_cookies([{"name": "lineside", "value": shop.cookies["sam"], "url": shop.url}])
    page = context.new_page()
    page.goto(f"{shop.url}/valve/1?lang={language}")
    expect(page.locator("#release-title")).to_be_visible()
    page.get_by_role("button", name=re.compile("^(Ask for a release|申请放行)$")).last.click()
    expect(page.locator(".tree input").first).to_be_visible()
    page.get_by_role("button", name=re.compile("^(Close the valve|关闭阀门)$")).click()
    expect(page.locator(".skeleton")).to_have_count(0)
    shot(page, f"valve-{scheme}-{language}-{width}")

    assert broken_rules(page) == []
    wide = "e => e.getBoundingClientRect().right > innerWidth && !e.closest('.scroller, .tree') && e.outerHTML"
    assert page.evaluate(f"[...document.querySelectorAll('main *, header *')].map({wide}).filter(Boolean)") == []
    context.close()
