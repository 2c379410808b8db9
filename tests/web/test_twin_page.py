"""The page of a line's twin: built, judged, asked, in a real browser on a running demo plant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from lineside.demo import stations as demo
from lineside.plant import local_zone, moment
from tests.web.axe import broken_rules
from tests.web.stage import node

pytestmark = pytest.mark.browser

LINE, STATIONS = "pumps", 6
NAMES = [station.name for station in demo.STATIONS]
BUILD_MS = 900_000
"""A fit with its trial, or code that is compiled, on a machine that does other things as well."""


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo plant of its own: whoever plans on a common one would wait behind what is asked here."""
    with node("demo", tmp_path_factory.mktemp("plants") / "demo") as address:
        yield address


@pytest.fixture(scope="module")
def twin(chromium: Browser, plant: str) -> str:
    """The address of the page of a line whose twin was built by its button."""
    address = f"{plant}/twin/{LINE}"
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name="Build the twin").click()
    expect(page.get_by_role("progressbar", name="The twin is being built")).to_be_visible()
    expect(page.get_by_role("heading", name="Trust it for this, not for that")).to_be_visible(timeout=BUILD_MS)
    context.close()
    return address


def view(address: str) -> dict[str, Any]:
    """What the API tells of the twin."""
    found: dict[str, Any] = httpx.get(address.replace("/twin/", "/api/twin/"), timeout=60).json()
    return found


def answered(route: Route, told: dict[str, Any]) -> None:
    """Answers a request of the page in the node's stead."""
    route.fulfill(json=told)


def shown(page: Page, address: str) -> None:
    """Opens the page and waits until it is live and nothing loads."""
    page.goto(address)
    expect(page.get_by_text(re.compile("^(Live|实时)$"))).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0, timeout=BUILD_MS)


def test_a_line_without_a_twin_says_what_one_is(page: Page, plant: str) -> None:
    """Without a twin the page says in a sentence what it is and offers to build it."""
    page.goto(f"{plant}/twin/cell")

    expect(page.get_by_role("heading", name="This line has no twin yet")).to_be_visible()
    expect(page.get_by_role("button", name="Build the twin")).to_be_enabled()


def test_the_plant_page_leads_to_the_twin(page: Page, plant: str) -> None:
    """Each line's card has the way to its twin."""
    page.goto(plant)

    page.locator(f"a[href='/twin/{LINE}']").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Twin of Pump line")
    expect(page).to_have_title(re.compile("^Pump line"))


def test_an_unknown_line_leads_back(page: Page, plant: str) -> None:
    """The twin of a line that is not there says so."""
    page.goto(f"{plant}/twin/nobody")

    expect(page.get_by_text("The plant has no line nobody here.")).to_be_visible()


def test_the_line_is_drawn_as_the_twin_has_it(page: Page, twin: str) -> None:
    """Every station is there with its state and two bars, the table holds the same, and one limits the line."""
    shown(page, twin)
    stations = page.locator("ol.line > li")

    expect(stations).to_have_count(STATIONS)
    for station in stations.all():
        expect(station.locator(".share")).to_have_count(2)
    expect(page.locator("ol.line .chip")).to_have_count(1)
    page.get_by_role("button", name=re.compile("^Table.*The line$")).click()
    expect(page.get_by_role("region", name="The line: table").locator("tbody tr")).to_have_count(STATIONS * 7)


def test_the_forecast_holds_what_is_made(page: Page, twin: str) -> None:
    """By the end of the shift there are no fewer parts than now, within the band."""
    shown(page, twin)
    numbers = page.locator("section", has=page.get_by_role("heading", name="By the end of the shift")).locator("dd")
    expect(numbers).to_have_count(4)

    by_end, _, now, _ = (re.sub(r"\D", "", text) for text in numbers.all_inner_texts())

    assert int(by_end) >= int(now)


def test_a_question_is_asked_and_its_answer_outlives_the_page(page: Page, twin: str) -> None:
    """A change is chosen and compared; after a reload the answer is still there, with its interval."""
    shown(page, twin)
    page.get_by_label("Weld: cycle 10 % shorter").check()

    page.get_by_role("button", name="What if: compare the chosen").click()
    bar = page.get_by_role("progressbar", name="What if: Weld: cycle 10 % shorter")
    expect(bar).to_be_visible()
    page.reload()

    answer = page.locator("details.box", has_text="What if: Weld: cycle 10 % shorter").first
    expect(answer).to_be_visible(timeout=BUILD_MS)
    expect(answer.get_by_text(re.compile(r"\+\d+\.\d\d \[\+\d+\.\d\d to \+\d+\.\d\d\] /h")).first).to_be_visible()


def test_a_question_can_be_stopped(page: Page, twin: str) -> None:
    """A stopped question leaves the page."""
    shown(page, twin)
    page.get_by_role("button", name="What first: rank them").click()
    stop = page.get_by_role("button", name=re.compile("^Stop"))
    expect(stop).to_be_visible()

    stop.click()

    expect(stop).to_have_count(0)
    expect(page.get_by_role("progressbar", name="What first")).to_have_count(0)


def test_what_is_no_change_is_refused_with_words(page: Page, twin: str) -> None:
    """A text that holds no changes is told so beside the field."""
    shown(page, twin)
    page.get_by_text("Changes of your own").click()
    page.get_by_label("Changes as JSON").fill('{"name": "nothing"}')

    page.get_by_role("button", name="Add these").click()

    expect(page.get_by_role("alert").filter(has_text="These are no changes")).to_be_visible()


def test_changes_that_do_not_fit_are_told_one_by_one(chromium: Browser, twin: str) -> None:
    """Beside the refusal stand the place in the model and what is wrong there."""
    context = chromium.new_context()  # not the tab that must not complain: browsers log each refusal
    page = context.new_page()
    shown(page, f"{twin}?lang=en")
    page.get_by_text("Changes of your own").click()
    page.get_by_label("Changes as JSON").fill('{"name": "red", "set": {"/stations/weld/colour": "red"}}')
    page.get_by_role("button", name="Add these").click()

    page.get_by_role("button", name="What if: compare the chosen").click()

    expect(page.get_by_text(re.compile(r"stations\.weld\.colour: There is no such key"))).to_be_visible()
    context.close()


def test_every_kind_of_shock_is_offered(page: Page, twin: str) -> None:
    """A station that stands, material that is late, power that is short; of power one says how much."""
    shown(page, twin)
    page.get_by_text("Buffers and shocks").click()
    what = page.get_by_label("What goes wrong")
    offered = what.locator("option").all_inner_texts()
    assert offered == [
        *(f"{name} stands still" for name in NAMES),
        f"Material for {NAMES[0]} comes late",
        "Too little power",
    ]

    what.select_option("Too little power")
    page.get_by_label("Missing, %").fill("40")
    page.get_by_role("button", name="Tell the cost").click()
    bar = page.get_by_role("progressbar", name=re.compile("What if 40 % of the power is missing for 4.h"))
    expect(bar).to_be_visible()

    page.get_by_role("button", name=re.compile("^Stop")).click()

    expect(bar).to_have_count(0)


def test_every_trial_tells_how_it_went_and_a_change_made_can_be_stated(page: Page, twin: str) -> None:
    """Structure, forecasts and a known change each have their verdict; what was changed is sent with the next fit."""
    asked: list[Any] = []
    made = moment(view(twin)["twin"]["to_ms"] * 1000, local_zone()).replace(second=0, microsecond=0) - timedelta(days=2)

    def heard(route: Route) -> None:
        asked.append(route.request.post_data_json)
        answered(route, {})

    shown(page, twin)
    page.route(f"**/api/twin/{LINE}/fit", heard)
    trials = page.get_by_role("list", name="What was tried").get_by_role("listitem")
    expect(trials).to_have_text(
        [re.compile("^ ?Structure: "), re.compile("^ ?Forecasts: "), "A known change: not tried"]
    )
    page.get_by_text("Try it on a change you made").click()
    form = page.locator("form", has=page.get_by_label("Since"))
    form.get_by_label("Station").select_option("Weld")
    form.get_by_label("What").select_option("repair")
    form.get_by_label("% of before").fill("50")
    form.get_by_label("Since").fill(made.strftime("%Y-%m-%dT%H:%M"))

    form.get_by_role("button", name="Build and try").click()

    expect(page.get_by_text("Try it on a change you made")).to_be_visible()
    (stated,) = (told["change"] for told in asked)
    assert int(stated["since"]) == made.timestamp() * 1000
    (change,) = stated["changes"]
    assert change["name"] == "Weld: repair 50 % of before"
    assert set(change["scale"].values()) == {0.5}
    assert all(place.startswith("/stations/weld/failures/") for place in change["scale"])


@pytest.mark.parametrize("verdict", ["worse", "untested"])
def test_a_twin_that_cannot_be_trusted_answers_nothing(page: Page, twin: str, verdict: str) -> None:
    """The forecast, the bottleneck and the questions are closed with the reason."""
    told = view(twin)
    told["twin"]["trust"]["verdict"] = verdict
    page.route(f"**/api/twin/{LINE}", lambda route: answered(route, told))

    shown(page, twin)

    expect(page.get_by_text(re.compile("^Closed:"))).to_have_count(3)
    expect(page.get_by_role("button", name=re.compile("^What (if|first)"))).to_have_count(0)
    expect(page.locator("ol.line .chip")).to_have_count(0)


@pytest.mark.parametrize(
    ("scheme", "language", "width"), [("light", "en", 1440), ("dark", "zh", 1440), ("dark", "en", 390)]
)
def test_axe_finds_nothing(chromium: Browser, twin: str, scheme: str, language: str, width: int) -> None:
    """No violation with everything opened, as charts and as tables; and the page is no wider than the screen."""
    dark = scheme == "dark"
    context = chromium.new_context(color_scheme="dark" if dark else "light", viewport={"width": width, "height": 900})
    page = context.new_page()
    shown(page, f"{twin}?lang={language}")
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    page.locator("main button[aria-expanded]").click()

    as_charts = broken_rules(page)
    for button in page.locator("section.card .tools button[aria-pressed='false']").element_handles():
        button.click()
    as_tables = broken_rules(page)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")

    context.close()
    assert (as_charts, as_tables) == ([], [])
    assert wide <= 0
