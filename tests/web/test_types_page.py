"""Classes and types in a browser, on a real hub: learned by an analyst, read and objected to by a member."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.axe import broken_rules
from tests.web.stage import program
from tests.web.types_program import MEMBER, PASSWORD

pytestmark = pytest.mark.browser

As = Callable[..., Page]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One whose members told two years, and that has not learned yet."""
    with program("types_program", tmp_path_factory.mktemp("park")) as address:
        yield address


@pytest.fixture
def as_(chromium: Browser) -> Iterator[As]:
    """A tab of somebody who logged in, which must not complain in its console."""
    complaints: list[str] = []
    with ExitStack() as stack:

        def opened(hub: str, name: str, locale: str = "en-GB", width: int = 1440) -> Page:
            context = stack.enter_context(chromium.new_context(locale=locale, viewport={"width": width, "height": 900}))
            told = {"name": name, "password": PASSWORD}
            assert context.request.post(f"{hub}/api/login", data=told, headers={"Origin": hub}).ok
            tab = context.new_page()
            tab.on("pageerror", lambda error: complaints.append(str(error)))
            tab.on("console", lambda one: complaints.append(one.text) if one.type in ("error", "warning") else None)
            return tab

        yield opened
    assert complaints == []


def in_both_themes(page: Page) -> None:
    """Axe finds nothing, by day and by night, and nothing is cut off."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert broken_rules(page) == [], scheme
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def card(page: Page, title: str | re.Pattern[str]) -> Locator:
    """A part of the page by its heading."""
    return page.locator("section.card", has=page.get_by_role("heading", name=title))


def test_types_are_learned_by_hand_read_by_a_member_and_objected_to(hub: str, as_: As) -> None:
    """The analyst sees exact sizes, the member at least; its objection goes to a reviewer and takes it out."""
    anna = as_(hub, "anna")
    anna.goto(f"{hub}/types")
    expect(anna.get_by_text("No types have been learned yet")).to_be_visible()
    anna.get_by_role("button", name="Learn types to Oct 2026 now").click()
    expect(card(anna, "Type A").get_by_text(re.compile(r"exactly \d+"))).to_be_visible()
    expect(anna.get_by_role("button", name=re.compile("Learn types"))).to_have_count(0)
    expect(anna.get_by_text("Exact counts, as you see all figures.")).to_be_visible()
    in_both_themes(anna)

    mia = as_(hub, "mia")
    mia.goto(f"{hub}/types")
    expect(mia.get_by_role("heading", name=f"What Works {MEMBER - 1} is")).to_be_visible()
    own = mia.get_by_text(re.compile("it is of type [AB]"))
    expect(own).to_be_visible()
    expect(mia.get_by_text(re.compile(r"exactly \d+"))).to_have_count(0)
    first = mia.locator("section.card", has=mia.get_by_role("heading", name=re.compile("^Its type: [AB]$")))
    expect(first.locator("ul.traits > li")).to_have_count(3)
    expect(first.get_by_text("Pack Faster recovery", exact=True).first).to_be_visible()
    expect(first.get_by_text("seen together, not proven", exact=True).first).to_be_visible()
    first.get_by_role("button", name=re.compile("^Table")).click()
    expect(first.get_by_role("row", name=re.compile("this type")).first).to_be_visible()
    in_both_themes(mia)

    mia.get_by_role("button", name=re.compile("Object to type")).click()
    mia.get_by_label("What is wrong with this class?").fill("Half of our machines were connected in October.")
    mia.get_by_role("button", name="Object", exact=True).click()
    expect(mia.get_by_text(re.compile("nobody has decided 1"))).to_be_visible()
    rita = as_(hub, "rita")
    raised = rita.request.get(f"{hub}/api/objections").json()[0]
    assert (raised["member"], raised["against"]) == (MEMBER, "class")
    assert set(raised["subject"]) == {"type", "edition", "month"}
    decided = rita.request.post(
        f"{hub}/api/objections/{raised['id']}/decision",
        data={"upheld": True, "reasons": "Seen on site."},
        headers={"Origin": hub},
    )
    assert decided.ok
    mia.reload()
    expect(mia.get_by_text("Its objection against the type was upheld")).to_be_visible()


def test_what_is_not_known_or_not_told_says_why_in_both_languages(hub: str, as_: As) -> None:
    """On a phone: classes with their source, counts in whole groups, and reasons in place of figures."""
    page = as_(hub, "mia", width=390)
    page.goto(f"{hub}/types")
    reported = card(page, "What an authority reports")
    expect(reported.get_by_role("heading", name="Runs AI")).to_be_visible()
    expect(reported.get_by_text("Not told, because: told to those alone who see all figures").first).to_be_visible()
    expect(reported.get_by_text("Not told, because: Members are whole factories")).to_be_visible()
    expect(reported.get_by_text(re.compile(r"at least \d+")).first).to_be_visible()
    expect(reported.get_by_text("fewer than 7, or not told").first).to_be_visible()
    expect(page.get_by_text("The register names no such recognition").first).to_be_visible()
    in_both_themes(page)
    reported.get_by_role("button", name=re.compile("^Table")).click()
    expect(reported.get_by_role("row", name=re.compile("Little giant"))).to_be_visible()
    reported.get_by_role("button", name=re.compile("^Chart")).click()

    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("类别与类型")
    expect(page.get_by_role("heading", name="应用人工智能")).to_be_visible()
    in_both_themes(page)


def test_generated_members_are_marked_and_can_be_left_out(tmp_path: Path, as_: As) -> None:
    """Every card says so; without them nothing of this hub is left to tell."""
    with program("types_program", tmp_path, "generated") as hub:
        page = as_(hub, "anna")
        page.goto(f"{hub}/types")
        expect(page.get_by_role("note")).to_contain_text("No figure here is of a real factory.")
        expect(card(page, "Type A").get_by_text("Demonstration data").first).to_be_visible()
        expect(card(page, "What an authority reports").get_by_text("Demonstration data").first).to_be_visible()
        in_both_themes(page)

        page.get_by_role("checkbox", name="Count generated members").uncheck()
        expect(page).to_have_url(re.compile("generated=no"))
        expect(page.get_by_role("heading", name=re.compile("^Type "))).to_have_count(0)
        expect(page.get_by_text("Demonstration data", exact=True)).to_have_count(0)
