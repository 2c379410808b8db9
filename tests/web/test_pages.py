"""What a person sees and does: the pages of a running demo plant in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, WebSocketRoute, expect

from tests.web.axe import broken_rules
from tests.web.stage import node

EXAMPLE = Path(__file__).parents[2] / "examples" / "machine-tool"

pytestmark = pytest.mark.browser

MACHINES = 11
KPIS = ("availability", "effectiveness", "quality", "oee")
SHIFT_MARGIN_MS = 180_000
"""So near to its beginning or end the numbers of a shift are not there yet, or those of another a moment later."""


def settled(page: Page, address: str) -> None:
    """Opens a page and waits until it is live and nothing is loading any more."""
    page.goto(address)
    expect(page.get_by_text(re.compile("^(Live|实时)$"))).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)


def counted(page: Page, plant: str) -> tuple[Locator, int]:
    """Opens the counting page well within a shift; where it tells the shift's good pieces, and how many they are."""
    with httpx.Client(base_url=f"{plant}/api/", timeout=60) as node:
        while shift := node.get("now").json()["shift"]:
            left_ms = shift["end_ms"] - time.time() * 1000
            if left_ms > SHIFT_MARGIN_MS:
                break
            time.sleep(max(1, left_ms / 1000))
        while any(job["kind"] == "import" and job["finished_ms"] is None for job in node.get("jobs").json()):
            time.sleep(0.2)  # the demo imports what was counted at the bench while it started
    settled(page, f"{plant}/tally/bench")
    good = page.locator("dl dd").first
    expect(good).to_have_text(re.compile(r"^[\d,]+$"))  # until the machine is judged for the first time it is in words
    return good, int(good.inner_text().replace(",", ""))


def test_the_plant_page_shows_every_machine_with_its_state(page: Page, plant: str) -> None:
    """Each machine has a tile with the word of its state."""
    settled(page, plant)

    tiles = page.locator("article.tile")

    expect(tiles).to_have_count(MACHINES)
    words = [tile.locator(".state").inner_text() for tile in tiles.all()]
    assert all(re.search(r"[A-Za-z]", word) for word in words)


def test_the_first_screen_shows_an_oee(page: Page, plant: str) -> None:
    """The simulated line carries a full OEE from the first moment."""
    settled(page, plant)

    line = page.get_by_role("button", name=re.compile(r"OEE of Pump line: \d+\.\d %"))

    expect(line).to_be_visible(timeout=SHIFT_MARGIN_MS)  # a shift that has just begun has not made a part yet


def test_a_missing_number_says_so_in_words(page: Page, plant: str) -> None:
    """The recorded machines have no counters: their OEE is not a zero and not a dash."""
    settled(page, plant)

    tile = page.locator("article.tile", has_text="Mazak turn-mill 1")

    expect(tile).to_contain_text("no unit counters for Mazak turn-mill 1")


def test_the_foot_of_the_plant_page_says_how_long_the_disk_will_do(page: Page, plant: str) -> None:
    """In words, with the room there is; quiet while nobody must act."""
    settled(page, plant)

    expect(page.get_by_text(re.compile(r"The history takes \d+\.\d\d GB of [\d,]+\.\d\d GB;"))).to_be_visible()


def test_recorded_and_simulated_machines_are_labelled(page: Page, plant: str) -> None:
    """Nobody takes the demo for a real plant."""
    settled(page, plant)

    assert page.locator("article.tile", has_text="recorded, shifted").count() == 4
    assert page.locator("article.tile", has_text="simulated").count() == 6


def test_a_number_opens_to_its_formula_and_intervals(page: Page, plant: str) -> None:
    """One click leads from OEE to what it is made of; the address keeps it; escape closes it."""
    settled(page, f"{plant}/machine/weld")

    page.get_by_role("button", name=re.compile("OEE")).first.click()

    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("ISO 22400-2")
    expect(panel).to_contain_text("A × E × Q")
    expect(panel.get_by_role("table").last).to_be_visible()
    expect(page).to_have_url(re.compile("number=oee"))
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page).not_to_have_url(re.compile("number="))
    expect(page.get_by_role("button", name=re.compile("OEE")).first).to_be_focused()


@pytest.mark.parametrize("width", [1440, 3840])
def test_tables_fit_where_they_stand(chromium: Browser, plant: str, width: int) -> None:
    """No column of the shifts or of an opened number is cut off, and a wall screen shows the last hours at once."""
    context = chromium.new_context(viewport={"width": width, "height": width * 9 // 16}, locale="en-GB")
    page = context.new_page()
    settled(page, f"{plant}/machine/weld?range=14d&number=oee&scope=machine/weld")
    expect(page.get_by_role("dialog").get_by_role("region")).to_be_visible()
    cut = page.locator(".scroller").evaluate_all("all => all.map(e => e.scrollWidth - e.clientWidth)")
    settled(page, plant)
    lanes = page.get_by_role("heading", name="Last 8 hours").bounding_box()
    context.close()

    assert max(cut) <= 0
    assert lanes is not None
    assert width == 1440 or lanes["y"] < 600


@pytest.mark.parametrize("kpi", KPIS)
def test_an_opened_number_has_an_address_of_its_own(page: Page, plant: str, kpi: str) -> None:
    """Whoever gets the link sees the same number open."""
    settled(page, f"{plant}/machine/weld?number={kpi}&scope=machine/weld")

    expect(page.get_by_role("dialog")).to_contain_text("%")


def test_the_numbers_add_up(page: Page, plant: str) -> None:
    """The OEE on the page is the product of its three factors as shown."""
    settled(page, f"{plant}/machine/weld?range=24h")

    card = page.get_by_role("heading", name="OEE of this range").locator("xpath=ancestor::section[1]")
    doors = card.locator("button.door")  # and not all percentages of the card: what is missing is told in such, too
    shown = doors.evaluate_all("all => all.map(one => one.innerText)")
    oee, availability, effectiveness, quality = (float(re.findall(r"(\d+\.\d)\s*%", text)[0]) for text in shown)

    assert oee == pytest.approx(availability * effectiveness * quality / 1e4, abs=0.15)


def test_the_language_changes_at_once_and_stays(page: Page, plant: str) -> None:
    """Chinese is one click away, and a reload keeps it."""
    settled(page, plant)

    page.get_by_role("button", name="中文").click()

    expect(page.get_by_text("实时", exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.reload()
    expect(page.get_by_text("实时", exact=True)).to_be_visible()


def test_the_theme_follows_the_system_until_chosen(chromium: Browser, plant: str) -> None:
    """A dark system gets a dark page."""
    grounds = []
    for scheme in ("light", "dark"):
        context = chromium.new_context(color_scheme=scheme)
        tab = context.new_page()
        tab.goto(plant)
        ground = tab.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        grounds.append(ground)
        context.close()

    assert grounds[0] != grounds[1]


def test_the_timeline_zooms_by_keyboard_and_the_address_keeps_it(page: Page, plant: str) -> None:
    """Plus looks closer, zero shows the whole."""
    settled(page, f"{plant}/machine/weld?range=24h")
    timeline = page.get_by_role("heading", name="What it did").locator("xpath=ancestor::section[1]")

    timeline.locator("[tabindex='0']").first.focus()
    page.keyboard.press("+")

    expect(page).to_have_url(re.compile("zoom="))
    page.keyboard.press("0")
    expect(page).not_to_have_url(re.compile("zoom="))


def test_every_chart_has_a_table_behind_it(page: Page, plant: str) -> None:
    """What is drawn can be read."""
    settled(page, f"{plant}/machine/weld?range=8h")
    buttons = page.locator("button[aria-pressed]", has_text="Table")
    expect(buttons.nth(3)).to_be_visible()
    charts = buttons.count()

    for _ in range(charts):
        buttons.first.click()

    assert charts >= 4
    assert page.get_by_role("table").count() >= charts


def test_counting_by_hand_counts(page: Page, plant: str) -> None:
    """A tally of five good pieces is in the shift's count a moment later."""
    good, before = counted(page, plant)

    page.get_by_role("button", name="5", exact=True).click()
    page.get_by_role("button", name=re.compile("^Good|good$")).last.click()

    expect(good).to_have_text(f"{before + 5:,}")


def test_a_double_click_counts_once_and_the_amount_stays(page: Page, plant: str) -> None:
    """Gloves bounce; whoever counts in fifties need not choose fifty again."""
    good, before = counted(page, plant)
    page.get_by_role("button", name="50", exact=True).click()

    # both in one task of the browser: a busy machine makes two taps of a double click that takes too long
    page.get_by_role("button", name="+50 good").evaluate("button => { button.click(); button.click(); }")

    expect(good).to_have_text(f"{before + 50:,}")
    expect(page.get_by_role("button", name="50", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("ol li", has_text="+50 good")).to_have_count(1)


def test_a_tally_the_node_did_not_hear_is_sent_again_and_counts_once(chromium: Browser, plant: str) -> None:
    """The answer is lost, the count is not: trying again keeps the time of the tap."""
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    good, before = counted(page, plant)

    def swallow(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/tally", swallow)
    page.get_by_role("button", name=re.compile("^.1 good$")).click()
    expect(page.get_by_text("perhaps not counted").last).to_be_visible()
    page.unroute("**/api/tally")
    page.get_by_role("button", name="Try again").click()

    expect(page.locator("ol li").first).to_contain_text("counted")
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    expect(good).to_have_text(f"{before + 1:,}")
    context.close()


def test_a_machine_nobody_counts_at_says_so(page: Page, plant: str) -> None:
    """Its counting page does not pretend that the machine is not there."""
    page.goto(f"{plant}/tally/weld")

    expect(page.get_by_text("Weld is not counted by hand")).to_be_visible()


def test_a_page_the_node_does_not_answer_takes_back_its_all_clear(page: Page, plant: str) -> None:
    """It says since when, greys what it knew, and claims no longer that nobody is needed."""
    sockets: list[WebSocketRoute] = []

    def carry(socket: WebSocketRoute) -> None:
        if sockets:
            socket.close()
            return
        sockets.append(socket)
        socket.connect_to_server()

    page.route_web_socket("**/api/live", carry)
    settled(page, plant)
    expect(page.get_by_role("heading", name="Who needs somebody")).to_have_count(1)

    sockets[0].close()

    expect(page.get_by_text("The node has not answered since")).to_be_visible()
    expect(page.get_by_role("heading", name="Who needs somebody")).to_have_count(0)
    assert page.locator("main > *").last.evaluate("e => getComputedStyle(e).filter") == "grayscale(1)"


def test_an_unknown_machine_says_so(page: Page, plant: str) -> None:
    """A wrong link leads to a sentence and a way back."""
    page.goto(f"{plant}/machine/nobody")

    expect(page.get_by_text("nobody")).to_be_visible()
    expect(page.get_by_role("link").first).to_be_visible()


def test_eight_tabs_of_one_browser_are_all_live(chromium: Browser, plant: str) -> None:
    """A wall of tabs does not run out of connections."""
    context = chromium.new_context(locale="en-GB")
    tabs = [context.new_page() for _ in range(8)]
    for tab in tabs:
        tab.goto(plant)

    for tab in tabs:
        expect(tab.get_by_text("Live", exact=True)).to_be_visible()
    context.close()


def test_nothing_is_fetched_from_elsewhere(page: Page, plant: str) -> None:
    """The pages work without any network but the node's own."""
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add("/".join(request.url.split("/")[:3])))

    settled(page, f"{plant}/machine/weld")

    assert {host for host in hosts if not host.startswith("data:")} == {plant}


def test_a_phone_has_one_menu(chromium: Browser, plant: str) -> None:
    """One button opens what does not fit, also by keyboard; Escape, a choice or a tap beside it closes it again."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = context.new_page()
    settled(page, plant)
    opener = page.get_by_role("button", name="Menu", exact=True)
    people = page.get_by_role("link", name="People", exact=True)
    expect(people).to_be_hidden()
    opener.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Connect", exact=True)).to_be_focused()
    assert broken_rules(page) == []
    page.keyboard.press("Escape")
    expect(people).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    page.locator(".pace").last.click()  # a text: what lies at a fixed place moves with how many machines need somebody
    expect(people).to_be_hidden()
    opener.click()
    people.click()
    expect(page.get_by_role("heading", name="People", level=1)).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("link", name="Ledger")).to_be_hidden()
    context.close()


def test_no_page_is_wider_than_a_phone(chromium: Browser, plant: str) -> None:
    """At 390 px nothing has to be scrolled sideways."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = context.new_page()
    widths = {}
    for path in ("/", "/machine/weld", "/machine/mazak-1", "/tally/bench"):
        settled(page, plant + path)
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
    context.close()

    assert {path: width for path, width in widths.items() if width > 390} == {}


def test_a_shift_of_which_only_a_part_is_shown_says_so(page: Page, plant: str) -> None:
    """One that still goes on stands "so far", one that the window cuts "in part"; a whole one has no mark."""

    def cut(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        for row in told["rows"]:
            row["so_far"] = row is told["rows"][-1]
            row["partial"] = row in told["rows"][-2:]
        route.fulfill(response=answer, json=told)

    page.route(re.compile(r"/api/kpi\?.*by=shift"), cut)
    settled(page, f"{plant}/machine/weld?range=7d")

    rows = page.locator("section", has=page.get_by_role("heading", name="By shift")).locator("tbody tr")

    expect(rows.nth(0).locator(".chip")).to_have_text("so far")
    expect(rows.nth(1).locator(".chip")).to_have_text("in part")
    expect(rows.nth(2).locator(".chip")).to_have_count(0)


def test_a_recording_of_years_ago_says_so_and_leads_to_its_data(chromium: Browser, tmp_path: Path) -> None:
    """Nobody searches for the data of 2019 in an empty window of today."""
    folder = shutil.copytree(EXAMPLE, tmp_path / "plant")
    recording = next(folder.glob("*.shdr.gz"))
    command = [sys.executable, "-m", "lineside", "import", str(folder), str(recording)]
    subprocess.run(command, check=True, capture_output=True)
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()

    with node("run", folder) as address:
        settled(page, address)
        expect(page.locator("article.tile")).to_contain_text("last heard 2 May 2019")
        expect(page.get_by_text("The newest data is of 2 May 2019")).to_be_visible()
        page.goto(f"{address}/machine/mazak")
        page.get_by_role("button", name="Show the last data").click()
        expect(page.get_by_label("Time range").get_by_text("2 May 2019").first).to_be_visible()
        expect(page.get_by_label("States", exact=True)).to_contain_text("Running")
        page.goto(f"{address}/machine/mazak?from=2099-12-24T00:00Z&to=2099-12-25T00:00Z")
        expect(page.get_by_text("This window lies in the future")).to_be_visible()
        expect(page.get_by_role("heading", name="By shift")).to_have_count(0)

    context.close()
