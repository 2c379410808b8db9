"""The pages of a real hub, whose members are generated and told of: surface, line, point, register, observatory."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lineside.exchange import Profile
from lineside.hub import HUB_FILE, Hub
from lineside.trust import Grant, Role
from tests.hub.conftest import write_hub
from tests.hub.factories import Clock, Factory
from tests.hub.tiers.clusters import LAST, Cluster, of, profiles, values
from tests.web.axe import broken_rules
from tests.web.stage import node
from tests.web.test_budgets import PAGE_BYTES, fresh, transferred
from tests.web.test_hub_page import enter

pytestmark = pytest.mark.browser

MEMBERS = 90
MONTHS = 14
WAITING = "Works that wait"
CHAIN = '[[chain]]\nid = "valves"\nname = { en = "Valves", zh = "阀门" }\nindustries = ["31", "35", "34"]\n'
PUBLIC = '[observatory]\nindicators = ["connected_share"]\nepsilon = 2.0\nbudget = 40.0\n'


def park(folder: Path) -> Path:
    """The folder of a hub in which all spoke for over a year, somebody waits, and what is ripe was told."""
    file = write_hub(folder) / HUB_FILE
    file.write_text(file.read_text("utf-8").replace("generated = false", "generated = true") + PUBLIC + CHAIN, "utf-8")
    clock, rng = Clock(), np.random.default_rng(11)
    clock.forward(days=8)
    with Hub(folder, now_us=clock) as hub:
        hub.jobs.start()
        cluster = Cluster(hub, clock, folder.parent)
        cluster.join(profiles(rng, MEMBERS, generated=True))
        table = values(rng, MEMBERS, MONTHS)
        months = [LAST - MONTHS + 1 + at for at in range(MONTHS)]
        cluster.speak(of(table), months, origin="generated")
        cluster.tell()
        asking(hub, folder.parent, clock)
    return folder


def asking(hub: Hub, folder: Path, clock: Clock) -> None:
    """Somebody enrols and is not admitted."""
    profile = Profile(name=WAITING, industry="34", region="north", employees=12, revenue_cny=4e6, generated=True)
    (invited,) = hub.invitations.invite(["the small one"])
    factory = Factory.make(folder, clock, "waiting")
    (answer,) = hub.receive(factory.enrolment(invited, profile).json())
    assert answer.problem is None


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a hub."""
    return park(tmp_path_factory.mktemp("park") / "hub")


@pytest.fixture(scope="module")
def hub(made: Path) -> Iterator[str]:
    """The address of that hub, which asks nobody who they are."""
    with node("hub", "run", made, "--open") as address:
        yield address


def told(hub: str, path: str) -> Any:
    """What the hub answers to anybody at this computer."""
    return httpx.get(f"{hub}/api/{path}").raise_for_status().json()


def card(page: Page, title: str | re.Pattern[str]) -> Locator:
    """A part of the page by its heading."""
    return page.locator("section", has=page.get_by_role("heading", name=title))


def test_the_surface_shows_what_is_told_and_marks_whom_it_is_made_of(hub: str, page: Page) -> None:
    """The median stands large; each picture has its table; regions that are not told say so."""
    answer = told(hub, "surface?indicator=connected_share")

    page.goto(f"{hub}/surface?indicator=connected_share")
    whole = card(page, re.compile(r"^Machines connected, Oct 2026$"))
    expect(whole.locator("strong").first).to_have_text(f"{answer['whole']['p50'] * 100:.0f}%")
    expect(whole.get_by_text("Demonstration data").first).to_be_visible()
    expect(page.get_by_role("note")).to_contain_text("No figure here is of a real factory.")
    industries = card(page, "Industries")
    industries.get_by_role("button", name="Table").click()
    for one in answer["industries"]:
        row = industries.get_by_role("row", name=re.compile(one["name"]))
        median = "not told" if one["bands"] is None else f"{one['bands']['p50'] * 100:.0f}"
        expect(row).to_contain_text(re.compile(median, re.IGNORECASE))
    shown = sum(one["bands"] is not None for one in answer["regions"])
    expect(card(page, "Regions").locator("li strong")).to_have_count(shown)

    assert any(one["bands"] for one in answer["industries"])


def test_generated_members_can_be_left_out_by_hand_and_by_address(hub: str, page: Page) -> None:
    """Without them nothing of this hub is left to tell, and the address keeps the choice."""
    page.goto(f"{hub}/surface")
    counts = page.get_by_role("checkbox", name="Count generated members")
    expect(counts).to_be_checked()
    counts.uncheck()
    expect(page).to_have_url(re.compile("generated=no"))
    expect(page.get_by_role("note")).to_have_count(0)
    expect(page.get_by_text("Demonstration data", exact=True)).to_have_count(0)
    page.reload()

    expect(counts).not_to_be_checked()
    expect(card(page, re.compile("^OEE, ")).locator("strong")).to_have_count(0)


def test_the_address_holds_indicator_and_month_on_the_way_to_a_line(hub: str, page: Page) -> None:
    """What was chosen on the surface is what the line of an industry shows, chosen by the keyboard alone."""
    page.goto(f"{hub}/surface")
    page.get_by_role("combobox", name="Indicator").select_option(label="Machines connected")
    back = page.get_by_role("button", name="A month back")
    back.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"indicator=connected_share&month=2026-09"))
    expect(card(page, re.compile("^Machines connected, Sept 2026$"))).to_be_visible()
    page.get_by_role("link", name=re.compile("^34 ")).click()

    expect(page).to_have_url(re.compile(r"/line/34\?indicator=connected_share&month=2026-09"))
    expect(card(page, re.compile("^Machines connected by size class, Sept 2026$"))).to_be_visible()


def test_a_line_says_how_an_industry_is_spread_moves_and_is_held_back(hub: str, page: Page) -> None:
    """Its figures are those of the answer."""
    answer = told(hub, "line?industry=34&indicator=connected_share")

    page.goto(f"{hub}/line/34?indicator=connected_share")
    sizes = card(page, re.compile("by size class"))
    for one in answer["sizes"]:
        row = sizes.locator("li", has_text=re.compile(f"^{one['name']}", re.IGNORECASE)).first
        expect(row).to_contain_text("Not told" if one["bands"] is None else f"{one['bands']['n']} members")
    trend = card(page, "Over the months")
    trend.get_by_role("button", name="Table").click()
    expect(trend.locator("tbody tr")).to_have_count(len(answer["trend"]))
    held = card(page, "What holds the industry back")
    expect(held.locator("ol > li")).to_have_count(len(answer["holds"]))

    first = answer["holds"][0]
    assert first["name"] in held.locator("ol > li").first.inner_text()


def test_a_chain_shows_its_industries_in_their_order_and_where_it_is_held_back(hub: str, page: Page) -> None:
    """Chosen among the industries; each leads to its line, and what holds the chain back names its industry."""
    answer = told(hub, "chain?chain=valves&indicator=connected_share")

    page.goto(f"{hub}/line/34?indicator=connected_share")
    page.get_by_role("combobox", name="Industry").select_option(label="Valves")
    expect(page).to_have_url(re.compile(r"/line/chain-valves"))
    along = card(page, re.compile("along the chain"))
    stages = along.get_by_role("link")
    expect(stages).to_have_count(3)
    for at, one in enumerate(answer["stages"]):
        expect(stages.nth(at)).to_have_text(f"{at + 1}. {one['code']} {one['name']}")
    expect(along).to_contain_text(answer["stages"][0]["withheld"])
    held = card(page, "Where the chain is held back")
    expect(held.locator("ol > li")).to_have_count(len(answer["weakest"]))
    first = answer["weakest"][0]
    expect(held.locator("ol > li").first).to_contain_text(f"{first['stage']['code']} {first['stage']['name']}")
    moved = [one["movement"] for one in answer["stages"] if one["movement"]]
    shown = sum(any(one[way] is not None for way in ("up", "same", "down")) for one in moved)
    expect(card(page, "Who moved").locator("ol > li")).to_have_count(shown)
    stages.last.click()

    expect(page).to_have_url(re.compile(r"/line/34\?"))


def test_what_was_odd_stands_on_the_page_of_members(hub: str, page: Page) -> None:
    """A row for each remark on what any of them said, which leads to the member."""
    answer = told(hub, "remarks")
    remarks = [one for said in answer["statements"] for one in said["remarks"]]
    assert remarks

    page.goto(f"{hub}/members")
    odd = card(page, "What was odd in what members told")
    expect(odd.locator("tbody tr")).to_have_count(min(10, len(remarks)))
    expect(odd).to_contain_text(remarks[0]["sentence"])
    odd.locator("tbody a").first.click()

    expect(page).to_have_url(re.compile(f"/members/{answer['statements'][0]['member']['number']}$"))


def test_who_was_not_found_right_appeals_once_and_somebody_else_decides(hub: str, page: Page) -> None:
    """The one who decided leaves it to another."""
    words = {"against": "class", "subject": {}, "words": "We are small."}
    own = {"Origin": hub}
    raised = httpx.post(f"{hub}/api/members/5/objections", json=words, headers=own).raise_for_status().json()
    wrong = {"upheld": False, "reasons": "The register says so."}
    httpx.post(f"{hub}/api/objections/{raised['id']}/decision", json=wrong, headers=own).raise_for_status()

    page.goto(f"{hub}/members/5")
    objections = card(page, "Objections")
    expect(objections).to_contain_text("rejected")
    objections.get_by_role("button", name="Appeal", exact=True).click()
    objections.get_by_label("Why is that decision wrong?").fill("Half of us left.")
    objections.get_by_role("button", name="Appeal", exact=True).click()
    expect(objections).to_contain_text("appealed, not decided yet")
    expect(objections).to_contain_text("Half of us left.")
    expect(objections.get_by_role("button", name="Appeal", exact=True)).to_have_count(0)

    again = httpx.post(f"{hub}/api/objections/{raised['id']}/decision", json=wrong, headers=own)
    assert (again.status_code, again.json()["key"]) == (403, "hub.decided_before")


def test_a_point_shows_values_beside_peers_and_takes_an_objection(hub: str, page: Page) -> None:
    """What is objected to stands under it, and who may decide does so with reasons."""
    answer = told(hub, "point/3")
    value = next(row["value"] for row in answer["rows"] if row["indicator"] == "connected_share")

    page.goto(f"{hub}/point/3")
    row = page.locator(".row", has=page.get_by_role("heading", name="Machines connected", exact=True))
    expect(row.locator(".value strong")).to_contain_text(f"{value * 100:.1f}")
    expect(row.locator(".origin")).to_have_text("generated")
    absent = page.locator(".row", has=page.get_by_role("heading", name="Maturity level", exact=True))
    expect(absent).to_contain_text("No value: nothing was said of this month")
    row.get_by_role("button", name=re.compile("Months, meaning")).click()
    row.get_by_role("button", name="Object to this figure").click()
    row.get_by_label("What is wrong with this figure?").fill("Two machines were sold.")
    row.get_by_role("button", name="Object", exact=True).click()
    objections = card(page, "Objections")
    expect(objections).to_contain_text("Figure · Machines connected · Oct 2026")
    expect(objections).to_contain_text("not decided yet")
    objections.get_by_text("Decide", exact=True).click()
    objections.get_by_label("Reasons").fill("The contract of sale was shown.")
    objections.get_by_role("button", name="The member is right", exact=True).click()

    expect(objections).to_contain_text("upheld")
    expect(objections).to_contain_text("Reasons: The contract of sale was shown.")


def test_who_waits_is_admitted_once_the_fingerprint_was_compared(hub: str, page: Page) -> None:
    """They stand before all others, and the button waits for the word of who compared."""
    waiting = next(one for one in told(hub, "members") if one["state"] == "pending")

    page.goto(f"{hub}/members")
    first = card(page, re.compile("^Waiting to be admitted"))
    expect(first).to_contain_text(WAITING)
    assert re.sub(r"\W", "", waiting["fingerprint"]) in re.sub(r"\W", "", first.inner_text())
    expect(page.get_by_role("region", name="Register, as a table").locator("tbody tr").first).to_contain_text(WAITING)
    admit = first.get_by_role("button", name=re.compile(f"^Admit.*{WAITING}$"))
    expect(admit).to_be_disabled()
    first.get_by_role("checkbox", name="I compared it with the factory").check()
    admit.click()
    expect(first).to_have_count(0)

    assert told(hub, f"members/{waiting['number']}")["state"] == "member"


def test_an_invitation_is_shown_once_and_a_membership_ends_with_a_reason(hub: str, page: Page) -> None:
    """The file is whole; afterwards only its label is left. Who looks for a member finds it by any of its words."""
    page.goto(f"{hub}/members")
    invite = card(page, "Invite factories")
    invite.get_by_label("What you call the factory").fill("Foundry\nSawmill")
    invite.get_by_role("button", name="Invitations to make: 2").click()
    shown = invite.get_by_role("textbox", name="Invitation for Sawmill.")
    expect(shown).to_be_visible()
    with page.expect_download() as saving:
        invite.get_by_role("link", name="Save as a file").last.click()
    kept = json.loads(Path(saving.value.path()).read_text("utf-8"))
    assert kept == json.loads(shown.input_value())
    invite.get_by_role("button", name="I have it").click()
    expect(shown).to_have_count(0)
    expect(invite).to_contain_text("Sawmill")
    fingerprint = told(hub, "members/42")["fingerprint"]
    page.get_by_role("searchbox").fill(f"works {fingerprint[:9]}")
    rows = page.get_by_role("region", name="Register, as a table").locator("tbody tr")
    expect(rows).to_have_count(1)
    rows.get_by_role("link").click()
    opened = card(page, re.compile("^Works 41"))
    opened.get_by_role("button", name="Show its figures").click()
    expect(opened.get_by_role("row").nth(1)).to_contain_text("generated")
    opened.get_by_text("End this membership").click()
    opened.get_by_label("Reason").fill("It closed for good.")
    opened.get_by_role("checkbox").check()
    opened.get_by_role("button", name="End it").click()

    expect(opened).to_contain_text("It closed for good.")
    expect(rows).to_contain_text("Left")


PATHS = ["/surface?indicator=connected_share", "/line/34", "/line", "/point/3", "/point", "/members/3", "/observatory"]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_for_everybody_in_both_themes_and_languages(hub: str, chromium: Browser, path: str) -> None:
    """No rule of accessibility is broken, and nothing is wider than a telephone."""
    found = []
    looks: tuple[tuple[Literal["light", "dark"], str, int], ...] = (("light", "en", 1440), ("dark", "zh", 390))
    for theme, language, width in looks:
        context = chromium.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
        page = context.new_page()
        page.goto(f"{hub}{path}{'&' if '?' in path else '?'}lang={language}")
        expect(page.locator(".skeleton")).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        found += broken_rules(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        context.close()

    assert found == []


@pytest.mark.parametrize("path", ["surface", "line", "point", "members", "observatory"])
def test_a_page_of_a_hub_is_small(hub: str, chromium: Browser, path: str) -> None:
    """With all that it asks for it brings 40 kB."""
    page, session = fresh(chromium)
    page.goto(f"{hub}/people")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    sizes = transferred(session)
    page.get_by_role("link", name=path.capitalize(), exact=True).click()
    expect(page.locator("main .card").first).to_be_visible()
    page.wait_for_load_state("networkidle")

    brought = sum(size for _, size in sizes)
    page.context.close()
    assert 3_000 < brought <= PAGE_BYTES


def test_a_stranger_reads_the_observatory_and_a_member_its_own_point(made: Path, tmp_path: Path, page: Page) -> None:
    """Whoever is not known sees the public page and the way in; who speaks for one sees its point at once."""
    folder = shutil.copytree(made, tmp_path / "hub")
    with Hub.open(folder) as hub:
        hub.people.add("eva", "person", [Grant(Role.ADMINISTRATOR)])
        code = hub.people.add("mia", "person", [Grant(Role.MEMBER, "member/3")])
    assert code is not None

    with node("hub", "run", folder) as address:
        page.goto(f"{address}/observatory")
        expect(card(page, "Who sees what")).to_be_visible()
        expect(page.get_by_role("link", name="Surface")).to_have_count(0)
        page.goto(f"{address}/login")
        page.get_by_role("button", name="I have a one-time code").click()
        enter(page, "mia", code)
        page.get_by_role("banner").get_by_role("link", name="Point").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("Works 2")
        expect(page.locator(".row").first).to_be_visible()
        page.goto("about:blank")  # it asks again by itself, also a hub that has just ended
