"""What authorities ask, in a browser at the factory: seen before it is said, and said past the valve."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from lineside.exchange import Consent, Exposure, Incident, Limit, Reply
from lineside.node import now_us
from tests.exchange.questions import question, sandbox
from tests.hub_peer import REGION, HubPeer, served
from tests.node.overseen.conftest import EVERYTHING, Authority
from tests.web.axe import broken_rules
from tests.web.stage import node
from tests.web.test_member_page import LOOKS, PLANT

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubPeer]:
    """A hub that answers; its clock is set before it is asked."""
    peer = HubPeer(tmp_path_factory.mktemp("hub") / "hub", now_us())
    with served(peer):
        yield peer
    peer.hub.close()


@pytest.fixture(scope="module")
def authority(hub: HubPeer) -> Authority:
    """Asks three questions and offers a sandbox."""
    found = Authority(hub)
    found.asks(question("yes_no", hub=hub.id, number=1, duty=True, due_ms=now_us() // 1000 + 864_000_000))
    found.asks(
        question("band", hub=hub.id, number=2, edges=(0.2, 0.5, 0.8), indicators=("connected_share",), month="2026-09")
    )
    found.asks(question("proof", hub=hub.id, number=3, indicators=("connected_share",), month="2026-10"))
    judged = [{"month": "2026-10", "limits": [{"indicator": "connected_share", "verdict": "kept"}]}]
    limits = Limit(indicator="connected_share", least=0.9), Limit(indicator="lead_time", least=5, most=40, months=2)
    found.offers(sandbox(hub.id, 1, *limits), months=judged)
    return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, hub: HubPeer, authority: Authority) -> Iterator[str]:
    """The address of a node that is a member, and told its October; people looked at nothing yet."""
    made = tmp_path_factory.mktemp("shop")
    (made / "plant.toml").write_text(PLANT, "utf-8")
    with node("run", made) as url:
        told = asked(url, "member/invitation", invitation=hub.invitation().decode())
        profile = {"name": "Shop", "industry": "34", "region": REGION}
        asked(url, "member/enrol", profile=profile, agreement=told["membership"]["agreement"]["sha256"])
        terms = {"name": "Park", "purpose": "oversight", "recipient": "Park", "flow": "hub", "address": hub.id}
        release = asked(url, "valve/releases", **terms, schedule="month", content=list(EVERYTHING))
        asked(url, f"valve/releases/{release['id']}/allow", digest=release["digest"])
        asked(url, "member/send")
        hub.admit()
        asked(url, "member/enter", month="2026-10", indicator="lead_time", value=31, note="list")
        asked(url, "member/send", first="2026-09")
        yield url
    del authority


def asked(url: str, path: str, **content: Any) -> Any:
    """What the node answers."""
    answer = httpx.post(f"{url}/api/{path}", json=content, timeout=60)
    assert answer.is_success, answer.text
    return answer.json()


def test_people_see_what_would_be_said_and_say_it(page: Page, shop: str, hub: HubPeer, authority: Authority) -> None:  # noqa: PLR0915 - it is one story
    """From the page of the hub: an answer by hand, a computed one, a proof, terms, an incident, what it depends on."""
    hub.now_us = now_us()
    page.goto(f"{shop}/member")
    page.get_by_role("link", name="Questions, sandboxes and incidents").click()
    page.get_by_role("button", name="Ask the hub now").click()

    by_hand = page.get_by_role("article", name="1. Asked")
    expect(by_hand).to_contain_text("has to be answered")
    by_hand.locator("summary").click()
    by_hand.get_by_role("combobox", name="Answer").select_option("no")
    by_hand.get_by_role("button", name="Show what would be said").click()
    expect(by_hand.get_by_role("status")).to_contain_text("no")
    by_hand.get_by_role("combobox", name="Answer").select_option("yes")
    expect(by_hand.get_by_role("button", name="Say exactly this")).to_have_count(0)
    by_hand.get_by_role("button", name="Show what would be said").click()
    by_hand.get_by_role("button", name="Say exactly this").click()
    expect(by_hand).to_contain_text("Answered: yes")

    for number, words in (("2", "band 4: 0.8 or more"), ("3", "the document of evidence")):
        card = page.get_by_role("article", name=f"{number}. Asked")
        card.locator("summary").click()
        card.get_by_role("button", name="Show what would be said").click()
        expect(card.get_by_role("status")).to_contain_text(words)
        if number == "3":
            expect(card.get_by_role("status")).to_contain_text("machines: press")
        card.get_by_role("button", name="Say exactly this").click()
        expect(card).to_contain_text(f"Answered: {words}")

    box = page.get_by_role("article", name="1. Night shift")
    expect(box.get_by_role("img").first).to_have_accessible_name(
        "Machines connected of the last months against the limit: at least 90 %. The table holds the same."
    )
    expect(box.get_by_role("row", name="as told").first).to_contain_text("100.0 %")
    box.locator("summary").click()
    box.get_by_label("Agree to the terms").check()
    box.get_by_role("button", name="Show what would be said").click()
    box.get_by_role("button", name="Say exactly this").click()
    expect(box).to_contain_text("This plant agreed.")

    incidents = page.get_by_role("region", name="Incidents")
    incidents.get_by_text("Tell of an incident").click()
    incidents.get_by_label("What happened, in few words").fill("Fire")
    incidents.get_by_label("Began").fill("2026-11-02T06:10")
    incidents.get_by_role("button", name="Show what would be said").click()
    incidents.get_by_role("button", name="Say exactly this").click()
    expect(incidents.get_by_role("article")).to_contain_text("Nobody at the hub has looked")

    depends = page.get_by_role("region", name="What the plant depends on")
    depends.get_by_text("Enter it").click()
    depends.get_by_role("button", name="Add an input").click()
    for label, text in (("Supplier or good", "steel"), ("Output that stops, %", "80"), ("Stock, days", "5")):
        depends.get_by_label(label).fill(text)
    depends.get_by_label("Power, kW").fill("120")
    depends.get_by_role("button", name="Show what would be said").click()
    depends.get_by_role("button", name="Say exactly this").click()
    expect(depends).to_contain_text("steel: 80.0 % of the output stops without it")

    hub.now_us = now_us()
    asked(shop, "member/send")
    said = [one for one in hub.said() if not hasattr(one, "values")]
    assert [type(one) for one in said] == [Reply, Reply, Reply, Consent, Incident, Exposure]
    (incident,) = [one for one in said if isinstance(one, Incident)]
    authority.looks[incident.number] = [{"at_ms": 5, "by": "account/3", "purpose": "inspection"}]
    page.get_by_role("button", name="Ask the hub now").click()
    expect(incidents.get_by_role("row", name="account/3")).to_contain_text("inspection")


def test_what_no_release_names_is_told_with_what_to_ask_for(page: Page, shop: str) -> None:
    """The answer cannot be said; the page names the things that are wanting, and the way to the valve."""
    told = httpx.get(f"{shop}/api/member/questions").json()
    for_valve = json.loads(json.dumps(told))
    for_valve["released"]["replies"] = False
    page.route("**/api/member/questions", lambda route: route.fulfill(json=for_valve))
    page.goto(f"{shop}/member/authorities")

    asks = page.get_by_role("region", name="Park", exact=True)
    expect(asks).to_contain_text("does not name: replies")
    expect(asks.get_by_role("link", name="To the valve")).to_have_attribute("href", "/valve")


@pytest.mark.parametrize(("scheme", "language", "width"), LOOKS)
def test_it_is_in_order(chromium: Browser, shop: str, hub: HubPeer, scheme: str, language: str, width: int) -> None:
    """Axe finds nothing and nothing is wider than the window, in every look, with what is folded opened."""
    hub.now_us = now_us()
    asked(shop, "member/questions/fetch")
    colours: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=colours)
    page = context.new_page()
    page.goto(f"{shop}/member/authorities?lang={language}")
    expect(page.locator("#exposure-title")).to_be_visible()
    for fold in page.locator("main details.fold > summary").all():
        fold.click()
    if folder := os.environ.get("LINESIDE_SHOTS"):
        page.screenshot(path=f"{Path(folder)}/overseen-{scheme}-{language}-{width}.png", full_page=True)

    assert broken_rules(page) == []
    wide = "e => e.getBoundingClientRect().right > innerWidth && !e.closest('.scroller, .text') && e.outerHTML"
    assert page.evaluate(f"[...document.querySelectorAll('main *, header *')].map({wide}).filter(Boolean)") == []
    context.close()
