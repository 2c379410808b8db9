"""The page of the sources: how each is, what it gives, and the trying of one, in a real browser on a demo plant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from time import monotonic
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lineside.node import Node
from tests.broker import PATIENCE_S, Broker
from tests.releases import spoken
from tests.shared import turn
from tests.web.axe import broken_rules
from tests.web.stage import LOOKS, node

SAW = '[area.hall]\n[line.cell]\narea = "hall"\n[machine.saw]\nline = "cell"\n'

pytestmark = pytest.mark.browser


class Adapter(BaseRequestHandler):
    """An MTConnect adapter: says what it has, and stays."""

    def handle(self) -> None:
        """Says it to whoever connects."""
        self.request.sendall(b"2026-01-01T00:00:00Z|execution|ACTIVE|PartCountAct|6|Xload|12.5|program|O1\n")
        self.request.recv(1)


@pytest.fixture
def adapter(common: Path) -> Iterator[str]:
    """The address of an adapter of a machine tool; whoever measures the page waits, as all tabs show a look around."""
    with turn(common, LOOKS), ThreadingTCPServer(("127.0.0.1", 0), Adapter) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"shdr://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def looked_around(page: Page, plant: str, adapter: str) -> Locator:
    """What is proposed of an adapter, as a table."""
    page.goto(f"{plant}/connect")
    page.get_by_label(re.compile("^Address")).first.fill(adapter)
    page.get_by_label("Watch (s)").fill("1")
    page.get_by_role("button", name="Look around").click()
    table = page.get_by_role("region", name=re.compile("^Proposed signals of"))
    expect(table).to_be_visible()
    return table


def card(page: Page, source: str) -> Locator:
    """What the page says of a source."""
    return page.get_by_role("region", name=source, exact=True)


def asked_sources(plant: str) -> list[dict[str, Any]]:
    """What the node tells of its sources now."""
    told: list[dict[str, Any]] = httpx.get(f"{plant}/api/sources", timeout=60).json()
    return told


def shown_as_told(page: Page, plant: str, source: str) -> None:
    """Waits until the page says of a source what the node does, which may change in between."""
    until = monotonic() + PATIENCE_S
    while True:
        (told,) = (one for one in asked_sources(plant) if one["id"] == source)
        shown = " ".join((card(page, source).text_content() or "").split())
        if told["reason"] in shown and told["promise"] in shown:
            return
        assert monotonic() < until, (told, shown)
        page.wait_for_timeout(500)


def described(page: Page, plant: str) -> None:
    """Fills in a source that is to be: the adapter of one that is there, under another name."""
    url = next(one["url"] for one in asked_sources(plant) if one["id"] == "agie")
    form = card(page, "Try a source the plant does not have yet")
    form.get_by_label("Name (id)").fill("spare")
    form.get_by_label("Type").select_option("shdr")
    form.get_by_label("Address").first.fill(url)
    form.get_by_label("Address of signal 1").fill("execution")
    form.get_by_label("Kind of signal 1").select_option("state")


def test_every_source_is_told_in_words_and_figures(page: Page, plant: str) -> None:
    """From any page a click leads there; each has its state, promise, figures, last hour and machines."""
    page.goto(plant)

    page.get_by_role("link", name="Connect", exact=True).click()

    expect(page).to_have_title(re.compile("^Connect"))
    for source in asked_sources(plant):
        shown_as_told(page, plant, source["id"])
    expect(card(page, "assembly").get_by_role("link", name="Weld")).to_have_attribute("href", "/machine/weld")
    expect(card(page, "assembly").get_by_role("img", name=re.compile("The last hour of assembly"))).to_be_visible()
    expect(card(page, "assembly")).to_contain_text(re.compile(r"Heard\s*[\d.]+/s"))
    expect(card(page, "bench").get_by_role("img")).to_have_count(0)


def test_a_source_is_opened_and_tested(page: Page, plant: str) -> None:
    """Its signals come with value and age, the address keeps it open, and a test shows what came meanwhile."""
    page.goto(f"{plant}/connect")
    card(page, "agie").get_by_role("button", name=re.compile("^Signals, losses")).click()
    table = page.get_by_role("region", name="Signals: agie")
    expect(table.get_by_role("row", name=re.compile("^execution"))).to_contain_text("state")
    expect(page).to_have_url(re.compile("/connect/agie"))
    page.reload()

    card(page, "agie").get_by_role("button", name="Test it for 10 s").click()

    expect(page.get_by_role("progressbar", name="Listening to agie")).to_be_visible()
    came = page.get_by_role("region", name="What came from agie")
    expect(came.locator("tbody tr").first).to_be_visible()
    expect(card(page, "agie").get_by_text(re.compile(r"^\d+ values came"))).to_be_visible()


def test_a_test_that_showed_enough_is_ended(page: Page, plant: str) -> None:
    """What came until then stays."""
    # so long that it cannot end by itself before somebody says that it is enough
    page.route(
        "**/api/sources/listen*",
        lambda route: route.continue_(post_data=route.request.post_data_json | {"seconds": 300}),
    )
    page.goto(f"{plant}/connect/hurco")
    card(page, "hurco").get_by_role("button", name="Test it for 10 s").click()
    expect(page.get_by_text(re.compile("values of .* addresses so far"))).to_be_visible()

    page.get_by_role("button", name=re.compile("^Enough")).click()

    expect(card(page, "hurco").get_by_text(re.compile(r"^\d+ values came"))).to_be_visible()


def test_a_source_that_is_to_be_is_tested_and_told_as_text(page: Page, plant: str) -> None:
    """With the options of its type; what the plant file would refuse is said beside the text."""
    page.goto(f"{plant}/connect")
    described(page, plant)
    form = card(page, "Try a source the plant does not have yet")
    form.get_by_text("Options of shdr").click()
    form.get_by_label(re.compile("^settle_s")).fill("3")

    form.get_by_role("button", name="Test", exact=True).click()
    came = page.get_by_role("region", name="What came from spare")
    expect(came.get_by_role("row", name=re.compile("^execution"))).to_contain_text("good")
    form.get_by_role("button", name="Show what to add").click()

    text = form.get_by_role("region", name="To add to plant.toml")
    expect(text).to_contain_text("options = { settle_s = 3 }")
    expect(text).to_contain_text('execution = { kind = "state" }')
    expect(form.get_by_role("alert")).to_have_count(0)
    form.get_by_label("Name (id)").fill("agie")
    form.get_by_role("button", name="Show what to add").click()
    expect(form.get_by_role("alert")).to_contain_text("plant file would refuse")


def test_what_is_found_is_edited_and_told_as_text(page: Page, plant: str, adapter: str, tmp_path: Path) -> None:
    """By keyboard, too; a name given twice is pointed at, and the table goes through a file and back."""
    table = looked_around(page, plant, adapter)
    text = page.get_by_role("region", name="To add to plant.toml")
    expect(table.get_by_role("row", name=re.compile("execution"))).to_contain_text("likely")
    expect(text).to_contain_text('execution = { kind = "state" }')

    table.get_by_label("Signal: Xload").fill("execution")
    table.get_by_label("Signal: Xload").press("Shift+Tab")
    page.keyboard.press("Space")
    expect(table.get_by_label("Keep: Xload")).not_to_be_checked()
    page.keyboard.press("Space")
    expect(page.get_by_text("Each signal that is kept needs a name")).to_contain_text("execution, Xload")
    table.get_by_label("Signal: Xload").fill("load")
    table.get_by_label("Kind: Xload").select_option("measure")
    table.get_by_label("Unit: Xload").fill("%")
    page.get_by_label("Machine (id)").last.fill("a mill")
    expect(page.get_by_role("alert")).to_contain_text("a mill cannot be an id")
    page.get_by_label("Machine (id)").last.fill("mill-9")
    expect(text).to_contain_text('load = { address = "Xload", kind = "measure", unit = "%" }')
    expect(text).to_contain_text("[machine.mill-9]")

    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the table").click()
    file = tmp_path / "found.csv"
    file.write_text(saved.value.path().read_text("utf-8").replace("mill-9", "mill-8"), "utf-8")
    page.get_by_label("Open a table").set_input_files(file)
    expect(text).to_contain_text("[machine.mill-8]")
    head, *rows = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([head, *(row.replace("mill-8", f"m{n}") for n in range(30) for row in rows)]), "utf-8")
    page.get_by_label("Open a table").set_input_files(file)
    page.get_by_role("button", name="Show more machines (10)").click()
    expect(page.get_by_role("region", name=re.compile("^Proposed signals of"))).to_have_count(30)
    expect(text).to_contain_text("[machine.m29]")


def test_a_look_around_goes_on_while_the_page_is_closed(page: Page, plant: str, adapter: str) -> None:
    """Come back, it is there with its progress, and can be cancelled; what the one before found can be shown."""
    looked_around(page, plant, adapter)
    page.get_by_label("Watch (s)").fill("600")
    page.get_by_role("button", name="Look around").click()
    expect(page.get_by_role("progressbar", name=re.compile("Looking around"))).to_be_visible()
    page.goto(plant)

    page.goto(f"{plant}/connect")

    expect(page.get_by_role("progressbar", name=f"Looking around at {adapter}")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(page.get_by_role("progressbar", name=re.compile("Looking around"))).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Show what was found at")).click()
    expect(page.get_by_role("region", name=re.compile("^Proposed signals of"))).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_fits_and_axe_finds_nothing_in_what_is_open(
    chromium: Browser, plant: str, language: str, width: int
) -> None:
    """With the options and a fragment shown, on a telephone as on a desk, in both languages."""
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(f"{plant}/connect/assembly?lang={language}")
    expect(page.locator(".skeleton")).to_have_count(0)
    form = page.locator("section[aria-labelledby=new-title]")
    form.locator("input").nth(0).fill("spare")
    form.locator("label.wide input").first.fill("modbus://192.0.2.1")
    form.locator("summary").click()
    form.locator("section > button, > button").last.click()
    expect(form.locator("pre")).to_be_visible()

    found = broken_rules(page)
    wide = page.evaluate("document.documentElement.scrollWidth")

    context.close()
    assert found == []
    assert wide <= width


def test_what_the_plant_says_of_itself_is_shown(page: Page, tmp_path: Path) -> None:
    """To which broker and as whom, whether its host is there, what was sent last and what waits; axe finds nothing."""
    with Broker(tmp_path) as broker:
        table = f'[sparkplug]\nurl = "{broker.url}"\ngroup = "G"\nprimary_host = "scada"\n'
        (tmp_path / "plant.toml").write_text(f'[site]\nid = "works"\ntimezone = "UTC"\n{SAW}{table}', "utf-8")
        with Node.open(tmp_path) as before:
            spoken(before)
        with node("run", tmp_path) as address:
            page.goto(f"{address}/connect")
            shown = card(page, "Says of itself: G/works")
            expect(shown).to_contain_text("The primary host scada is offline")
            expect(shown).to_contain_text("scada: not heard")
            broker.publish(("spBv1.0/STATE/scada", '{"online": true, "timestamp": 1}'), retain=True)
            expect(shown).to_contain_text(f"States and KPIs are said to {broker.url} as G/works.")

            expect(shown).to_contain_text("scada: online")
            expect(shown).to_contain_text("nothing waits")
            expect(shown).to_contain_text(re.compile(r"Births\s*1"))
            violations = broken_rules(page)
            page.goto("about:blank")

    assert violations == []


def test_axe_finds_nothing_in_a_proposal_and_a_refused_table(chromium: Browser, plant: str, adapter: str) -> None:
    """On a telephone, in Chinese; a table that cannot be read is refused with the reason, and what was there stays."""
    context = chromium.new_context(viewport={"width": 390, "height": 900})
    page = context.new_page()
    page.goto(f"{plant}/connect?lang=zh")
    form = page.locator("section[aria-labelledby=new-title]")
    form.locator("label.wide input").first.fill(adapter)
    form.locator("input.seconds").fill("1")
    form.get_by_role("button", name="探查").click()
    expect(form.locator("pre")).to_be_visible()
    form.locator("input[type=file]").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": b"signal;kind\n"}
    )
    expect(form.get_by_role("alert")).to_contain_text("keep")

    found = broken_rules(page)
    wide = page.evaluate("document.documentElement.scrollWidth")

    expect(form.locator("table")).to_be_visible()
    context.close()
    assert found == []
    assert wide <= 390
