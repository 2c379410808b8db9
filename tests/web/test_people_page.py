"""The way in, and the page People, in a browser."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lineside.trust.totp import digits_at
from tests.web.axe import broken_rules
from tests.web.stage import FIRST_CODE, told

pytestmark = pytest.mark.browser

PASSWORD = "a horse on the staircase"
PLANT = """\
[site]
id = "shop"
name = "Shop"
timezone = "UTC"
notice = "For people of the shop only.\\nWho logs in, and tries to, is written down."
[area.a]
name = "Hall"
[line.l]
area = "a"
name = "Cell"
[line.m]
area = "a"
name = "Packing"
[source.bench]
type = "tally"
[source.table]
type = "tally"
[machine.bench]
line = "l"
name = "Bench"
source = "bench"
[machine.bench.signals]
good = { kind = "count" }
[machine.bench.units]
good = "good"
[machine.table]
line = "m"
name = "Table"
source = "table"
[machine.table.signals]
good = { kind = "count" }
[machine.table.units]
good = "good"
"""


@dataclass
class Closed:
    """A closed node: where it is, and its first code."""

    url: str
    code: str


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Closed]:
    """A node of a new plant, started as a person does."""
    (tmp_path / "plant.toml").write_text(PLANT, "utf-8")
    with told("lineside", "run", tmp_path, "--no-browser", "--port", "0", pattern=FIRST_CODE) as found:
        yield Closed(found[1], found[2])


def in_order(page: Page) -> None:
    """Fails on what axe finds."""
    found = broken_rules(page)
    assert found == []


def shot(page: Page, name: str) -> None:
    """Keeps a picture where LINESIDE_SHOTS asks for it."""
    if folder := os.environ.get("LINESIDE_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_from_the_first_start_to_a_second_person(  # noqa: PLR0915 - it is one story
    chromium: Browser, closed: Closed
) -> None:
    """The code makes the administrator, who makes an operator of one line, who sees that line alone."""
    eva = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    page = eva.new_page()
    page.goto(f"{closed.url}/people")
    expect(page.get_by_role("heading", name="The first administrator")).to_be_visible()
    expect(page.get_by_text("Who logs in, and tries to, is written down.")).to_be_visible()
    in_order(page)
    shot(page, "first")
    page.get_by_label("Name").fill("Eva")
    page.get_by_label("One-time code").fill(closed.code)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()

    expect(page.get_by_role("heading", name="You are eva")).to_be_visible()
    form = page.locator("form", has=page.get_by_role("heading", name="New account"))
    form.get_by_label("Name").fill("otto")
    form.get_by_label("Where").select_option("line/l")
    form.get_by_role("button", name="Make the account").click()
    code = form.locator("code").inner_text()
    expect(page.get_by_label("otto", exact=True)).to_contain_text("Operator · Cell")
    page.get_by_role("button", name="I have noted it").click()
    card = page.get_by_label("otto", exact=True)
    card.get_by_role("button", name="New token").click()
    card.get_by_label("What for").fill("Telegraf")
    card.get_by_role("button", name="Make the token").click()
    expect(card.locator("code")).to_contain_text("ls_")
    in_order(page)
    shot(page, "people")

    otto = chromium.new_context(locale="zh-CN", viewport={"width": 390, "height": 800}, color_scheme="dark")
    phone = otto.new_page()
    phone.goto(f"{closed.url}/")
    expect(phone.get_by_role("heading", name="登录")).to_be_visible()
    expect(phone.get_by_text("For people of the shop only.")).to_be_visible()
    in_order(phone)
    shot(phone, "login-phone")
    phone.get_by_label("名称").fill("otto")
    phone.get_by_label("密码").fill("wrong wrong wrong")
    phone.get_by_role("button", name="登录", exact=True).click()
    expect(phone.get_by_role("alert")).to_contain_text("名称或密码错误")
    phone.get_by_role("button", name="我有一次性代码").click()
    phone.get_by_label("一次性代码").fill(code)
    phone.get_by_label("新密码").fill(PASSWORD)
    phone.get_by_role("button", name="设置密码").click()
    expect(phone.get_by_text("Bench").first).to_be_visible()
    expect(phone.get_by_text("Table")).to_have_count(0)
    expect(phone.get_by_role("alert")).to_have_count(0)
    shot(phone, "plant-phone")
    phone.goto(f"{closed.url}/people")
    expect(phone.get_by_role("heading", name="您是 otto")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    in_order(phone)
    shot(phone, "people-phone")

    card.get_by_role("button", name="Shut out").click()
    expect(card).to_contain_text("Shut out")
    expect(phone.get_by_role("heading", name="登录")).to_be_visible(timeout=5_000)
    card.get_by_role("button", name="Forget", exact=True).click()
    expect(card).to_contain_text("It cannot be undone.")
    card.get_by_role("button", name="Forget for good").click()
    former = page.get_by_label(re.compile(r"^former-\d+$"))
    expect(former).to_contain_text("Forgotten")
    expect(former.get_by_role("button")).to_have_count(0)
    expect(page.get_by_text("otto")).to_have_count(0)
    page.get_by_role("button", name="Log out", exact=True).first.click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    eva.close()
    otto.close()


def test_who_needs_a_second_factor_adds_it_before_anything_else(chromium: Browser, closed: Closed) -> None:
    """The administrator demands it, is led to add an app, notes the recovery codes, and is back on the page."""
    eva = chromium.new_context(locale="zh-CN", viewport={"width": 390, "height": 800}, color_scheme="dark")
    page = eva.new_page()
    page.goto(f"{closed.url}/people")
    page.get_by_label("名称").fill("eva")
    page.get_by_label("一次性代码").fill(closed.code)
    page.get_by_label("新密码").fill(PASSWORD)
    page.get_by_role("button", name="设置密码").click()
    card = page.locator("form", has=page.get_by_role("heading", name="第二因素"))
    card.get_by_label("管理员").check()
    in_order(page)
    shot(page, "second-factor-phone")
    card.get_by_role("button", name="按此要求").click()

    expect(page.get_by_role("heading", name="需要第二因素")).to_be_visible()
    in_order(page)
    shot(page, "app-needed-phone")
    page.goto(f"{closed.url}/valve")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="显示密钥").click()
    key = page.locator("code").inner_text().replace(" ", "")
    page.get_by_label("六位数字").fill(digits_at(key, time.time_ns() // 30_000_000_000))
    page.get_by_role("button", name="可以使用").click()
    expect(page.locator("code")).to_contain_text(re.compile(r"(\w{4}(-\w{4}){3}\s*){8}"))
    in_order(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, "recovery-phone")
    page.get_by_role("button", name="已记下，继续").click()
    expect(page.get_by_role("heading", name="阀门", level=1)).to_be_visible()

    page.goto(f"{closed.url}/people")
    expect(page.get_by_label("eva", exact=True)).to_contain_text("应用")
    expect(card.get_by_label("管理员")).to_be_checked()
    eva.close()


def test_a_demo_says_that_it_is_open(page: Page, plant: str) -> None:
    """In the header of every page, and on the page People with what ends it."""
    page.goto(plant)
    expect(page.get_by_role("banner").get_by_text("no log-in")).to_be_visible()
    page.get_by_role("link", name="People", exact=True).click()
    expect(page.get_by_role("note")).to_contain_text("anybody at this computer may do everything")
    expect(page.get_by_role("heading", name="New account")).to_be_visible()
    expect(page.get_by_role("button", name="Log out")).to_have_count(0)
