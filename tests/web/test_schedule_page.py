"""The page of schedules: planned, changed by hand and compared, in a real browser on a running demo plant."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lineside.twin.schedule import parse_problem
from tests.web.axe import broken_rules

pytestmark = pytest.mark.browser

EXAMPLE: dict[str, Any] = json.loads((Path(__file__).parents[2] / "web/src/schedule/example.json").read_text("utf-8"))
CROSSING = {
    "schema": "lineside.schedule/1",
    "name": "crossing",
    "machines": {"m": {}, "n": {}},
    "jobs": {
        "a": {"operations": [{"name": "x", "on": {"m": 5}}, {"name": "y", "on": {"n": 5}}]},
        "b": {"operations": [{"name": "y", "on": {"n": 5}}, {"name": "x", "on": {"m": 5}}]},
    },
}
OPERATIONS = sum(len(job["operations"]) for job in EXAMPLE["jobs"].values())
PLAN_MS = 600_000
"""A search, on a machine that does other things as well and may have to compile first."""


@pytest.fixture(scope="module")
def planned(plant: str) -> str:
    """The address of the plan of the example."""
    with httpx.Client(base_url=f"{plant}/api/", timeout=60) as node:  # each new one reads all certificates
        number = node.post("schedule", json={"problem": EXAMPLE, "seconds": 3}).json()["id"]
        while node.get(f"jobs/{number}").json()["state"] in ("queued", "running"):
            time.sleep(0.5)
    return f"{plant}/schedule/{number}"


def shown(page: Page, address: str) -> None:
    """Opens a plan and waits for its chart."""
    page.goto(address)
    expect(page.locator(".track .bar").first).to_be_visible(timeout=PLAN_MS)
    expect(page.get_by_text(re.compile("^(Live|实时)$"))).to_be_visible()  # nothing above the chart comes and moves it


def opened(page: Page) -> None:
    """Opens the part that takes a new problem: it is there once the plans are known."""
    page.get_by_text("Plan anew").or_(page.get_by_text("重新排程")).wait_for()
    page.locator("details.load").evaluate("(one) => (one.open = true)")


def row(page: Page, machine: str) -> Locator:
    """What a machine does, in the chart."""
    return page.locator(f".track[data-machine='{machine}']")


def first_weld(page: Page) -> Locator:
    """The first operation of the welding machine, chosen."""
    bar = row(page, "weld").locator(".bar").first
    bar.click()
    return bar


def test_the_example_is_a_problem() -> None:
    """What the page ships can be planned."""
    assert len(parse_problem(EXAMPLE).jobs) == 8


def test_the_example_becomes_a_plan(page: Page, plant: str, planned: str) -> None:
    """From the plant page a click leads to a search with its progress, and that to a chart with every operation.

    The search is stopped once it tells of a plan, as it would use all its time. An earlier plan of the problem, chosen
    from the list, stands beside it.
    """
    page.goto(plant)
    page.get_by_role("link", name="Schedule", exact=True).click()
    expect(page).to_have_title(re.compile("^Schedule"))
    opened(page)
    page.get_by_role("button", name="Take the example").click()
    expect(page.get_by_text("8 jobs, 6 machines")).to_be_visible()
    page.get_by_label("Seconds at most").fill("600")  # it must not be over before somebody has seen it

    page.get_by_role("button", name="Plan", exact=True).click()

    expect(page.get_by_role("progressbar", name="Looking for the best plan: Pumps, week 48")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^best so far [\d,]+, no plan below [\d,]+$"))).to_be_visible(timeout=PLAN_MS)
    page.get_by_role("button", name="Stop, keep the best").click()
    expect(page.locator(".track .bar")).to_have_count(OPERATIONS, timeout=PLAN_MS)
    expect(page.get_by_text(re.compile("^The search was stopped after"))).to_be_visible()
    earlier = planned.rpartition("/")[2]
    page.get_by_label("Beside").select_option(earlier)
    expect(page.locator(".track .ghost")).to_have_count(OPERATIONS)
    expect(page.get_by_role("columnheader", name=f"no. {earlier}", exact=True)).to_be_visible()
    page.get_by_role("button", name=re.compile("^Table")).click()
    expect(page.get_by_role("region", name="Operations", exact=True).locator("tbody tr")).to_have_count(OPERATIONS)
    expect(page.get_by_role("region", name="Jobs", exact=True).locator("tbody tr")).to_have_count(8)


def test_an_operation_is_moved_by_its_buttons_and_outlives_the_page(page: Page, planned: str) -> None:
    """The plan is timed anew and stands beside the one before, also after a reload; undo brings the old one back."""
    shown(page, planned)
    before = row(page, "weld").locator(".bar").count()
    first_weld(page)

    page.get_by_role("button", name=re.compile("^To hand-weld")).click()

    expect(row(page, "weld").locator(".bar")).to_have_count(before - 1)
    expect(row(page, "weld").locator(".ghost")).to_have_count(before)
    table = page.get_by_role("table", name="The figures of both plans")
    expect(table.get_by_role("row", name=re.compile(r"^Mean cost"))).to_be_visible()
    page.reload()
    expect(row(page, "weld").locator(".bar")).to_have_count(before - 1)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(row(page, "weld").locator(".bar")).to_have_count(before)
    expect(table).to_have_count(0)


def test_an_operation_is_moved_by_keys(page: Page, planned: str) -> None:
    """Arrows go from bar to bar; with Alt they move the operation."""
    shown(page, planned)
    names = row(page, "press").locator(".bar")
    order = names.all_inner_texts()
    names.first.focus()

    page.keyboard.press("ArrowRight")
    expect(names.nth(1)).to_be_focused()
    page.keyboard.press("Alt+ArrowLeft")

    expect(names).to_have_text([order[1], order[0], *order[2:]])
    page.get_by_role("button", name="As planned").click()
    expect(names).to_have_text(order)


def test_an_operation_is_dragged_to_another_machine(page: Page, planned: str) -> None:
    """Rows that cannot do it fade; where it is let go, it is planned."""
    shown(page, planned)
    start, goal = row(page, "weld").locator(".bar").first.bounding_box(), row(page, "hand-weld").bounding_box()
    assert start is not None
    assert goal is not None
    count = row(page, "hand-weld").locator(".bar").count()

    page.mouse.move(start["x"] + 3, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 20, goal["y"] + 10, steps=8)
    expect(page.locator(".row.barred")).to_have_count(4)
    page.mouse.up()

    expect(row(page, "hand-weld").locator(".bar")).to_have_count(count + 1)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(row(page, "hand-weld").locator(".bar")).to_have_count(count)


def test_an_impossible_change_is_told_in_words(chromium: Browser, plant: str, tmp_path: Path) -> None:
    """Of a problem chosen as a file: where two jobs would wait for each other, the circle is named; the plan stays."""
    file = tmp_path / "crossing.json"
    file.write_text(json.dumps(CROSSING), "utf-8")
    page = chromium.new_page(locale="en-GB")
    page.goto(f"{plant}/schedule")
    opened(page)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.locator(".track .bar")).to_have_count(4, timeout=PLAN_MS)

    for machine in ("m", "n"):
        row(page, machine).locator(".bar").first.click()
        page.get_by_role("button", name="Later", exact=True).click()
        expect(page.get_by_role("button", name="Undo", exact=True)).to_be_visible()

    expect(page.get_by_text(re.compile("wait for each other in a circle")).first).to_be_visible()
    expect(page.locator(".track .bar")).to_have_count(4)
    page.close()


def test_a_wrong_problem_is_refused_with_every_finding(chromium: Browser, plant: str, tmp_path: Path) -> None:
    """Each says where and what; a file that is no JSON is told before anything is sent."""
    wrong, torn = tmp_path / "wrong.json", tmp_path / "torn.json"
    wrong.write_text(json.dumps(CROSSING | {"machines": {"m": {}}}), "utf-8")
    torn.write_text('{"schema": ', "utf-8")
    page = chromium.new_page(locale="en-GB")
    page.goto(f"{plant}/schedule")
    opened(page)

    page.locator("input[type=file]").set_input_files(torn)
    expect(page.get_by_text("This file is no JSON")).to_be_visible()
    page.locator("input[type=file]").set_input_files(wrong)
    page.get_by_role("button", name="Plan", exact=True).click()

    expect(page.get_by_text("jobs.a.operations[2].on.n")).to_be_visible()
    expect(page.get_by_text("jobs.b.operations[1].on.n")).to_be_visible()
    page.close()


def test_without_the_solver_the_page_says_what_to_install(page: Page, planned: str, plant: str) -> None:
    """And plans made before are still shown."""
    told = httpx.get(f"{plant}/api/schedule", timeout=60).json()
    page.route("**/api/schedule", lambda route: route.fulfill(json=told | {"solver": False}))
    shown(page, planned)

    page.get_by_text("Plan anew").click()

    expect(page.get_by_text('pip install "lineside[scheduling]"')).to_be_visible()
    expect(page.get_by_role("button", name="Take the example")).to_have_count(0)


@pytest.mark.parametrize(
    ("scheme", "language", "width"), [("light", "en", 1440), ("dark", "zh", 1440), ("dark", "en", 390)]
)
def test_axe_finds_nothing(chromium: Browser, planned: str, scheme: str, language: str, width: int) -> None:
    """No violation with a changed plan beside the old one, an operation chosen, as chart and as table."""
    dark = scheme == "dark"
    context = chromium.new_context(color_scheme="dark" if dark else "light", viewport={"width": width, "height": 900})
    page = context.new_page()
    shown(page, f"{planned}?lang={language}")
    opened(page)
    first_weld(page)
    page.locator(".moves .button").last.click()
    expect(page.locator(".ghost").first).to_be_visible()

    as_chart = broken_rules(page)
    page.locator("section.card .tools button[aria-pressed='false']").click()
    as_table = broken_rules(page)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")

    context.close()
    assert (as_chart, as_table) == ([], [])
    assert wide <= 0
