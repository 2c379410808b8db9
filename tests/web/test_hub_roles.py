"""What people of each role of a hub see in a browser: a page asks for nothing that its reader may not have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from lineside.trust import AT_HUB
from tests.web.hub_program import PASSWORD, PEOPLE
from tests.web.stage import program

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one with members and with somebody of each role."""
    with program("hub_program", tmp_path_factory.mktemp("hub")) as url:
        yield url


def test_somebody_of_each_role_is_there() -> None:
    """A role that is added is walked, too."""
    assert {grant.role for grant in PEOPLE.values()} == AT_HUB.permissions.keys()


@pytest.mark.parametrize("name", sorted({grant.role: name for name, grant in PEOPLE.items()}.values()))
def test_no_page_of_a_role_of_a_hub_asks_for_what_is_refused(chromium: Browser, hub: str, name: str) -> None:
    """The first page, and each that the header leads to, load without a refusal and without an error in the console."""
    refused: list[str] = []
    with chromium.new_context(locale="en-GB", viewport={"width": 1440, "height": 900}) as context:
        told = {"name": name, "password": PASSWORD}
        assert context.request.post(f"{hub}/api/login", data=told, headers={"Origin": hub}).ok
        page = context.new_page()
        page.on("pageerror", lambda error: refused.append(str(error)))
        page.on(
            "console", lambda one: refused.append(f"{one.text} {one.location['url']}") if one.type == "error" else None
        )
        page.goto(hub)
        page.get_by_role("heading", level=1).first.wait_for(state="attached")
        links = page.get_by_role("banner").get_by_role("link")
        page.wait_for_load_state("networkidle")
        assert links.count() > 3
        for at in range(links.count()):
            links.nth(at).click()
            page.wait_for_load_state("networkidle")
    assert refused == []
