"""The screens of a hub: the way in, who may what, the ledger, and what a first look costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.hub_house import NAME
from tests.web.axe import broken_rules
from tests.web.stage import FIRST_CODE, told
from tests.web.test_budgets import FIRST_LOAD_BYTES, fresh, transferred
from tests.web.test_policy import WATCH

pytestmark = pytest.mark.browser

PASSWORD = "a horse on the staircase"


@dataclass
class Served:
    """A hub that nobody has entered yet: where it is, and its first code."""

    url: str
    code: str


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Served]:
    """One that was started for the first time."""
    (tmp_path / "hub.toml").write_text("", "utf-8")
    with told("tests.cli.hub_program", tmp_path, pattern=FIRST_CODE) as found:
        yield Served(found[1], found[2])


def enter(page: Page, name: str, code: str) -> None:
    """Sets a first password by a one-time code."""
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("One-time code").fill(code)
    page.get_by_label("New password").fill(PASSWORD)
    page.locator("form button.main").click()


def test_from_the_first_start_of_a_hub_to_somebody_of_a_member(hub: Served, page: Page) -> None:
    """Its public name is there before anybody is known; roles are those of a hub, and a member's says for which."""
    page.goto(f"{hub.url}/login")
    expect(page.get_by_text(NAME)).to_be_visible()
    expect(page.get_by_role("link", name="People")).to_have_count(0)
    enter(page, "eva", hub.code)
    expect(page.get_by_role("heading", name=NAME, level=1)).to_be_visible()

    page.get_by_role("navigation").get_by_role("link", name="People").click()
    form = page.locator("form", has=page.get_by_role("heading", name="New account"))
    form.get_by_label("Name", exact=True).fill("otto")
    roles = form.get_by_label("Role")
    offered = roles.locator("option").all_text_contents()
    roles.select_option("member")
    form.get_by_label("Member number").fill("17")
    form.get_by_role("button", name="Make the account").click()
    expect(page.get_by_text("Member 17")).to_be_visible()

    assert "Registrar" in offered
    assert "Operator" not in offered
    assert broken_rules(page) == []


def test_a_hub_speaks_two_languages_and_lets_people_go(hub: Served, page: Page) -> None:
    """The ledger, which a node has too, is read in Chinese; whoever logs out sees nothing but the way in."""
    page.goto(f"{hub.url}/login")
    enter(page, "eva", hub.code)
    expect(page.get_by_role("heading", name=NAME, level=1)).to_be_visible()

    page.get_by_role("button", name="中文").click()
    page.get_by_role("navigation").get_by_role("link", name="账本").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("账本")
    expect(page.get_by_text("eva").first).to_be_visible()
    page.goto(f"{hub.url}/nowhere")
    expect(page.get_by_text("没有这个页面。")).to_be_visible()
    page.get_by_role("button", name="退出").click()

    expect(page.locator("input[type=password]")).to_be_visible()
    expect(page.get_by_role("link", name="账本")).to_have_count(0)


def test_the_first_load_of_a_hub_is_small(hub: Served, chromium: Browser) -> None:
    """All of it, headers and the way in included, arrives in 80 kB, and breaks no policy."""
    page, session = fresh(chromium)
    page.add_init_script(WATCH)
    sizes = transferred(session)

    page.goto(hub.url)
    expect(page.locator("input[type=password]")).to_be_visible()
    page.wait_for_load_state("networkidle")

    loaded, broken = sum(size for _, size in sizes), page.evaluate("window.broken ?? []")
    page.context.close()
    assert 10_000 < loaded <= FIRST_LOAD_BYTES
    assert broken == []
