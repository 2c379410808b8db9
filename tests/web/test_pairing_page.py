"""A server's certificate compared and trusted on the page Connect, in a real browser, on a plant with a real server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from cryptography import x509
from playwright.sync_api import Browser, Page, expect

from lineside.connect import fingerprint, make_certificate
from tests.connect.opcua_secured import apart, application
from tests.web.axe import broken_rules
from tests.web.stage import node

pytestmark = pytest.mark.browser

PLANT = """\
[site]
id = "works"
timezone = "UTC"
[area.hall]
[line.cell]
area = "hall"
[source.press]
type = "opcua"
url = "{url}"
options = {{ security = "Basic256Sha256,SignAndEncrypt,{own},{key}" }}
[source.open]
type = "opcua"
url = "{url}"
[machine.press]
line = "cell"
source = "press"
[machine.press.signals]
load = {{ address = "ns=2;s=Load", kind = "measure" }}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, x509.Certificate]]:
    """A server in a thread of its own: its address and certificate."""
    key, certificate = application("Press", "urn:press")
    with apart(tmp_path_factory.mktemp("server"), key, certificate) as url:
        yield url, certificate


@pytest.fixture(scope="module")
def paired(server: tuple[str, x509.Certificate], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a plant with that server."""
    folder = tmp_path_factory.mktemp("works")
    own, key = make_certificate(folder / "keys")
    (folder / "plant.toml").write_text(PLANT.format(url=server[0], own=own, key=key), "utf-8")
    with node("run", folder) as address:
        yield address


def assert_fit(chromium: Browser, url: str, language: str, width: int, theme: Literal["light", "dark"]) -> None:
    """The certificate to compare fits, and axe finds nothing in it."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    page.goto(f"{url}?lang={language}")
    expect(page.locator("input[type=checkbox]")).to_be_visible()

    found = broken_rules(page)
    wide = page.evaluate("document.documentElement.scrollWidth")

    context.close()
    assert found == []
    assert wide <= width


def test_a_server_is_compared_and_trusted(
    page: Page, chromium: Browser, paired: str, server: tuple[str, x509.Certificate]
) -> None:
    """Not before a person says that they compared; then values come, and our own certificate can be taken along."""
    assert_fit(chromium, f"{paired}/connect/press", "en", 1440, "light")
    assert_fit(chromium, f"{paired}/connect/press", "zh", 390, "dark")
    page.goto(f"{paired}/connect/press")
    card = page.get_by_role("region", name="Encryption and trust")
    expect(card).to_contain_text("Nobody has said yet")
    shown = card.locator("dt", has_text="SHA-256").first.locator("xpath=following-sibling::dd[1]").inner_text()
    trust = card.get_by_role("button", name="Trust this server")
    expect(trust).to_be_disabled()

    card.get_by_label(re.compile("I have compared")).check()
    trust.click()

    expect(card).to_contain_text("the server's certificate is trusted")
    expect(card).to_contain_text("Trusted by local owner")
    expect(page.get_by_role("region", name="Signals: press")).to_contain_text("12.5")
    assert re.sub(r"\W", "", shown) == fingerprint(server[1]).replace(":", "")
    with page.expect_download() as saved:
        card.get_by_role("link", name="Download it").click()
    assert x509.load_der_x509_certificate(saved.value.path().read_bytes()).subject.rfc4514_string() == "CN=Lineside"


def test_a_source_that_is_not_encrypted_is_told_how_to_be(page: Page, paired: str) -> None:
    """With the line to write."""
    page.goto(f"{paired}/connect/open")

    card = page.get_by_role("region", name="Encryption and trust")

    expect(card).to_contain_text("is not encrypted")
    expect(card).to_contain_text("options = { security = ")
