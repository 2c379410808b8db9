"""The page Hub of a factory that is in a secure sum and in a pilot: whom it is with, before anything leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lineside.exchange import month_name, month_number
from lineside.hub.pilots import Hypothesis, Plan
from lineside.hub.sums import Sum
from lineside.node import Node, now_us
from lineside.trust import fingerprint
from tests.hub.factories import Factory
from tests.hub_peer import HubPeer, served
from tests.node.test_member import PROFILE, Works
from tests.node.test_sums import ASKED, CONTENT, Others
from tests.web.axe import broken_rules
from tests.web.stage import node
from tests.web.test_member_page import LOOKS, PLANT, shot

pytestmark = pytest.mark.browser
SUMS, PILOTS = "section[aria-labelledby=sums-title]", "section[aria-labelledby=pilots-title]"


def staged(hub: HubPeer, folder: Path) -> Sum:
    """A plant in the first round of a sum with others, and in a pilot with them."""
    plant = folder / "plant"
    plant.mkdir()
    (plant / "plant.toml").write_text(PLANT, "utf-8")
    works = Works(Node.open(plant), hub, now_us())
    works.joined(hub, *CONTENT)
    others = Others(hub, folder)
    last = Factory.make(folder, others.clock, "last").joined(hub.hub, "last", PROFILE)
    own = works.member.memberships.speaking().member
    assert own is not None
    four = tuple(each.factory.number for each in others.all[:3])
    rest = (*(each.factory.number for each in others.all[3:]), last.number)
    start = month_number(month_name(hub.hub.pilots.planning.month)) + 2
    plan = Plan("Shorter changeovers", Hypothesis("oee", 0.05, 0.02), (own, *four), rest, start)
    hub.hub.pilots.fix(plan)
    one = hub.hub.sums.call(replace(ASKED, month=month_name(start - 3)))
    others.join(one)
    works.member.sums.join(one.sha256, 5.0)
    works.speak()
    works.close()
    hub.now_us = one.call.keys_until_ms * 1000
    hub.hub.sums.keep()
    hub.now_us = now_us()
    return hub.hub.sums.get(one.id)


def test_a_person_looks_at_a_round_and_says_yes(chromium: Browser, tmp_path: Path) -> None:
    """Every member by its fingerprint, then a yes; the pilot says in which group the factory is; axe finds nothing."""
    hub = HubPeer(tmp_path / "hub", now_us())
    with served(hub):
        one = staged(hub, tmp_path)
        with node("run", tmp_path / "plant") as url:
            for scheme, language, width in LOOKS:
                context = chromium.new_context(
                    viewport={"width": width, "height": 844}, color_scheme="dark" if scheme == "dark" else "light"
                )
                page = context.new_page()
                page.goto(f"{url}/member?lang={language}")
                asked(page, hub)
                for member in one.rounds[0].told.members:
                    key = hub.hub.register.get(member.member).keys[0].public
                    expect(page.locator(SUMS).get_by_text(fingerprint(key))).to_be_visible()
                assert broken_rules(page) == []
                shot(page, f"sums-{scheme}-{language}-{width}")
                context.close()
            assert not hub.hub.sums.get(one.id).rounds[0].sent

            page = chromium.new_page()
            page.goto(f"{url}/member?lang=en")
            asked(page, hub)
            expect(page.locator(PILOTS)).to_contain_text("this factory takes part")
            page.get_by_role("button", name="Yes, send the share").click()
            expect(page.locator(SUMS)).to_contain_text("Agreed to; the share leaves with the next run.")
            hub.now_us = now_us()
            page.get_by_role("button", name="Say now what is due").click()
            expect(page.get_by_text("No. 2")).to_be_visible()
            page.close()
        assert hub.hub.sums.get(one.id).rounds[0].sent == {1}
    hub.hub.close()


def asked(page: Page, hub: HubPeer) -> None:
    """Asks the hub for sums, for the round and for pilots, now by its clock."""
    hub.now_us = now_us()
    page.locator(f"{SUMS} button").last.click()
    page.locator(f"{SUMS} article button").first.click()
    expect(page.locator(f"{SUMS} table")).to_be_visible()
    page.locator(f"{PILOTS} button").click()
    expect(page.locator(f"{PILOTS} p[role=status]")).to_be_visible()
