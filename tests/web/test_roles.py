"""What people of each role see in a browser: a page asks for nothing that its reader may not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser

from lineside.node import Node
from lineside.trust import Grant, Role
from tests.web.stage import node
from tests.web.test_valve_page import PASSWORD, PLANT

pytestmark = pytest.mark.browser

ROLES = [Role(name) for name in ("administrator", "operator", "engineer", "manager", "finance", "security", "auditor")]


class Shop(NamedTuple):
    """A plant with somebody of each role: where it is, and the cookie of each."""

    url: str
    cookies: dict[Role, str]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One node for the file."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "plant.toml").write_text(PLANT.partition("[sparkplug]")[0], "utf-8")
    with Node.open(folder) as opened:
        cookies = {role: _cookie(opened, role) for role in ROLES}
    with node("run", folder, opened=False) as url:
        yield Shop(url, cookies)


def _cookie(opened: Node, role: Role) -> str:
    code = opened.people.add(role.value, "person", [Grant(role)])
    assert code is not None
    return opened.people.begin_session(opened.people.redeem(role.value, code, PASSWORD))


@pytest.mark.parametrize("role", ROLES)
def test_no_page_of_a_role_asks_for_what_is_refused(chromium: Browser, shop: Shop, role: Role) -> None:
    """The first page, and each that the header leads to, load without a refusal and without an error in the console."""
    refused: list[str] = []
    with chromium.new_context(locale="en-GB", viewport={"width": 1440, "height": 900}) as context:
        context.add_cookies([{"name": "lineside", "value": shop.cookies[role], "url": shop.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: refused.append(str(error)))
        page.on(
            "console", lambda one: refused.append(f"{one.text} {one.location['url']}") if one.type == "error" else None
        )
        page.goto(shop.url)
        links = page.get_by_role("banner").get_by_role("link")
        page.get_by_role("heading", level=1).first.wait_for(state="attached")
        page.wait_for_load_state("networkidle")
        for at in range(links.count()):
            links.nth(at).click()
            page.wait_for_load_state("networkidle")
    assert refused == []
