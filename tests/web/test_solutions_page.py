"""The page Packs of a node in a browser: from the hub's shelf to what came of a pack, against a real hub."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from lineside.exchange import Adoption, Foreseen, Need, Parameter
from lineside.jobs import JobState
from lineside.node import Node, now_us
from tests.api.test_twin import keep
from tests.hub_peer import HubPeer, served
from tests.node.february import DAY_US, MINUTE_US, at, put
from tests.node.pack_shelf import pack, shelve, words
from tests.node.test_member import Works
from tests.web.axe import broken_rules
from tests.web.stage import node

pytestmark = pytest.mark.browser

PLANT = """\
# The shop, as we keep it
[site]
id = "shop"
name = "Shop"
timezone = "Europe/Berlin"
production_day_starts = "06:00"
calendar = "day"
[calendar.day]
[[calendar.day.shift]]
name = "early"
start = "06:00"
end = "14:00"
[area.hall]
name = "Hall"
[product.bolt]
ideal_cycle_s = 10.0 # as of the data sheet
[source.s]
type = "file"
files = "x-*.csv"
[line.cell]
name = "Cell"
area = "hall"
pace = "press"
product = "bolt"
[machine.press]
name = "Press 1"
line = "cell"
source = "s"
[machine.press.signals]
mode = { kind = "state" }
parts = { kind = "counter" }
scrap = { kind = "counter" }
[[machine.press.states]]
state = "running"
when = { mode = "ACTIVE" }
[[machine.press.states]]
state = "stopped"
when = { mode = "READY" }
[machine.press.units]
total = "parts"
rejected = "scrap"
[machine.bench]
name = "Bench"
line = "cell"
"""
LOOKS = [("light", "en", 1440), ("dark", "en", 390), ("dark", "zh", 1440), ("light", "zh", 390)]
PARAMETERS = (
    Parameter(id="station", kind="station", words=words("Station", "工位")),
    Parameter(
        id="work", kind="number", words=words("Work there from now on", "今后的作业时间"), unit="s", least=1, most=9
    ),
)
SUMMARY = words("Work that can be done beside the station is done there.", "可在工位旁完成的作业改到旁边完成。")
INSTRUCTION = words(
    "1. Lay out the tools beside {station}.\n2. Do beside it what needs no clamping.\n3. Aim at {work} s a part.",
    "1. 在 {station} 旁备好工具。\n2. 无需装夹的作业在旁边完成。\n3. 目标：每件 {work} 秒。",
)
FITTING = {
    "id": "beside",
    "title": words("Work beside the station", "工位旁作业"),
    "summary": SUMMARY,
    "parameters": PARAMETERS,
    "plant": '[machine.{station}]\nname = "{station}, {work} s"\n',
    "changes": ({"name": "Shorter work", "set": {"/stations/{station}/work": "{work}"}},),
    "settings": (),
    "instruction": INSTRUCTION,
}


class LivingHub(HubPeer):
    """A hub whose clock is the time, once nobody sets it any more."""

    fixed: int | None = None

    @property
    def now_us(self) -> int:
        """The time that was set, or that it is."""
        return now_us() if self.fixed is None else self.fixed

    @now_us.setter
    def now_us(self, us: int) -> None:
        self.fixed = us


def write_months(opened: Node) -> None:
    """From March to October the press ran each day: from August on for longer."""
    modes, parts, scrap = (
        list[tuple[int, float | str]](),
        list[tuple[int, float | str]](),
        list[tuple[int, float | str]](),
    )
    made, day = 0.0, at(3, 1)
    while day < at(11, 1):
        ran = (330 if day >= at(8, 1) else 270) + (day // DAY_US) % 7 * 3
        modes += [(day, "ACTIVE"), (day + ran * MINUTE_US, "READY")]
        for minute in (1, ran - 1):
            parts.append((day + minute * MINUTE_US, made + 5 * minute))
            scrap.append((day + minute * MINUTE_US, (made + 5 * minute) // 50))
        made += 5 * ran
        day += DAY_US
    for name, rows in (("mode", modes), ("parts", parts), ("scrap", scrap)):
        put(opened, f"press/{name}", rows)
    opened.history.hear("s", at(3, 1), at(11, 2))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingHub]:
    """A hub with two packs on its shelf, one of which nobody measured."""
    peer = LivingHub(tmp_path_factory.mktemp("hub") / "hub", at(3, 1))
    unmeasured = {"parameters": (), "plant": "", "changes": (), "settings": (), "effects": ()}
    late = pack(peer, id="late", title=words("Call at once", "立即呼叫"), indicator="recovery_time", **unmeasured)
    shelve(peer, [pack(peer, **FITTING), late])
    with served(peer):
        yield peer
    peer.hub.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, hub: LivingHub) -> Iterator[str]:
    """A member of the hub that put a pack to use in July, and has months before and after; its address."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "plant.toml").write_text(PLANT, "utf-8")
    works = Works(Node.open(folder), hub, at(3, 1))
    write_months(works.node)
    works.joined(hub)
    works.clock(at(7, 15))
    keep(works.node)
    packs = works.node.packs
    packs.shelf.fetch()
    kept = packs.shelf.find("beside")
    draft = packs.draft(kept.sha256, {"station": "press", "work": 2})
    foreseen = Foreseen(indicator="oee", low=0.15, high=0.3, relative=True)
    packs.uses.apply(draft, draft.plant.before_sha256, packs.first_whole(), foreseen, 12_000.0)
    works.clock(at(11, 5))
    done = works.node.jobs.wait(packs.measure(works.node.jobs, 1).id, 120)
    assert done.state is JobState.DONE, done
    works.close()
    hub.fixed = None
    with node("run", folder) as url:
        yield url


def shot(page: Page, name: str) -> None:
    """Keeps a picture where LINESIDE_SHOTS asks for it."""
    if folder := os.environ.get("LINESIDE_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_what_came_of_a_pack_stands_beside_what_was_foreseen(page: Page, shop: str) -> None:
    """In words, as intervals and month by month, each picture with its table; and no cause is claimed."""
    page.goto(f"{shop}/packs")

    used = page.get_by_role("region", name="Work beside the station (use 1)")
    expect(used).to_contain_text("Foreseen +15 % to +30 %, measured +21.")
    expect(used).to_contain_text("That lies within what was foreseen.")
    expect(used).to_contain_text("not why")
    months = used.get_by_role("region", name="OEE by month")
    months.get_by_role("button", name="Table").click()
    expect(months.get_by_role("row")).to_have_count(1 + 6 + 3)
    expect(months.get_by_role("row", name="Jan 2026")).to_contain_text("no value")
    expect(months.get_by_role("row", name="Sept 2026")).to_contain_text("after")
    back = used.get_by_role("region", name="When it pays back (use 1)", exact=True)
    back.get_by_label(re.compile("^What one percentage point")).fill("3000")
    back.get_by_label(re.compile("^Where this factory stands")).fill("50")
    back.get_by_label(re.compile("^Where this factory stands")).press("Tab")
    expect(back.get_by_role("row", name="Measured since")).to_contain_text("years")
    shot(page, "solutions_payback")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Call at once"))
    expect(card).to_contain_text("not measured yet")


def test_a_pack_is_looked_at_asked_about_and_put_to_use(page: Page, shop: str, hub: HubPeer) -> None:
    """The diff of the plant file, the twin's interval beside the pilot's, the file written, the hub told."""
    page.goto(f"{shop}/packs")
    page.get_by_role("button", name="Ask Park for its packs").click()
    expect(page.get_by_text("0 new of 2 that the hub lists.")).to_be_visible()
    page.get_by_role("list").get_by_role("link", name="Work beside the station").click()
    here = page.get_by_role("region", name="Here")
    here.get_by_label("Station").select_option(label="Bench")
    here.get_by_label("Work there from now on").fill("1.5")
    here.get_by_role("button", name="Show what would change").click()
    diff = here.get_by_role("region", name="Plant file")
    expect(diff).to_contain_text('+name = "bench, 1.5 s"')
    expect(diff).to_contain_text('-name = "Bench"')
    here.get_by_role("button", name="Ask the twin").click()
    expect(here.get_by_text("The twin answered")).to_be_visible(timeout=240_000)  # the first answer compiles
    brings = page.get_by_role("region", name="What it does to OEE")
    brings.get_by_role("button", name="Table").click()
    expect(brings.get_by_role("row", name="Your twin of cell")).to_contain_text("+5")
    expect(brings.get_by_role("row", name="Pilot until Jan 2026")).to_contain_text("12 members")
    shot(page, "solutions-preview")
    here.get_by_label("What it cost").fill("5000")
    here.get_by_label("Tell the hub").check()
    here.get_by_role("button", name="Put it to use").click()

    expect(here.get_by_text("is the first month that counts as after")).to_be_visible()
    page.goto(f"{shop}/packs")
    expect(page.get_by_role("region", name="Work beside the station (use 2)")).to_contain_text("the hub was told")
    page.request.post(f"{shop}/api/member/send", data={}, headers={"Origin": shop})
    said = [one for one in hub.said() if isinstance(one, Adoption)]
    assert [(one.cost_cny, one.foreseen[0].relative) for one in said] == [(5000.0, True)]


def test_a_need_is_posted_by_keyboard(page: Page, shop: str, hub: HubPeer) -> None:
    """Signed past the valve; taken back it is over."""
    page.goto(f"{shop}/packs")
    needs = page.get_by_role("region", name="What this factory looks for")
    needs.get_by_text("Post a need").focus()
    page.keyboard.press("Enter")
    needs.get_by_label("What is looked for").fill("Shorter stops")
    page.keyboard.press("Enter")
    expect(needs.get_by_role("listitem")).to_contain_text("Shorter stops")
    page.request.post(f"{shop}/api/member/send", data={}, headers={"Origin": shop})
    needs.get_by_role("button", name="Take it back").click()

    expect(needs.get_by_text("over", exact=True)).to_be_visible()
    assert next(one.title for one in hub.said() if isinstance(one, Need)) == "Shorter stops"


@pytest.mark.parametrize(("scheme", "language", "width"), LOOKS)
def test_it_is_in_order(chromium: Browser, shop: str, scheme: str, language: str, width: int) -> None:
    """Axe finds nothing and nothing is wider than the window, in every look: the shelf, and one pack previewed."""
    colours: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=colours)
    page = context.new_page()
    wide = "e => e.getBoundingClientRect().right > innerWidth && !e.closest('.scroller, .text') && e.outerHTML"
    page.goto(f"{shop}/packs?lang={language}")
    expect(page.locator("#needs-title")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    for step in ("shelf", "pack"):
        if step == "pack":
            page.locator(".shelf a").first.click()
            page.locator("select").select_option("press")
            page.locator("section:has(> #here-title) input[type=number]").first.fill("1.5")
            page.locator("#here-title ~ .acts button").first.click()
            expect(page.locator(".diff")).to_be_visible()
        for fold in page.locator("main details.fold > summary").all():
            fold.click()
        shot(page, f"solutions-{step}-{scheme}-{language}-{width}")

        assert broken_rules(page) == []
        assert page.evaluate(f"[...document.querySelectorAll('main *, header *')].map({wide}).filter(Boolean)") == []
    context.close()
