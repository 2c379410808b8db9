"""Takes the manual's pictures from a running demo plant: `make pictures`.

A real browser shows the real pages; nothing is drawn or touched up. Both languages, one light and one dark.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import Browser, ViewportSize, expect

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.web.stage import browser, node  # noqa: E402 the path to it was just made

PICTURES = ROOT / "docs" / "pictures"
SIZE: ViewportSize = {"width": 1280, "height": 860}
VIEWS = {
    "plant": ("/", "light"),
    "machine": ("/machine/weld?range=8h", "light"),
    "number": ("/machine/weld?range=8h&number=oee&scope=machine/weld", "dark"),
    "twin": ("/twin/pumps", "light"),
    "connect": ("/connect", "light"),
    "valve": ("/valve", "light"),
}
FIT_S = 600


def build_twin(plant: str) -> None:
    """Have the twin of the pump line fitted and tried, as the page's button does."""
    job = httpx.post(f"{plant}/api/twin/pumps/fit", json={}, timeout=30).raise_for_status().json()["id"]
    until = time.monotonic() + FIT_S
    while (told := httpx.get(f"{plant}/api/jobs/{job}", timeout=30).json())["state"] in ("queued", "running"):
        if time.monotonic() > until:
            raise TimeoutError(told)
        time.sleep(1)
    if told["state"] != "done":
        raise RuntimeError(told["error"])


def ask_releases(plant: str) -> None:
    """Have one release allowed and one wait, so that the page of the valve has something to show."""
    for name, recipient, flow, content in (
        ("OEE for Acme", "Acme Ltd", ("token/1", "203.0.113.5"), ["kpi/line/*"]),
        ("States for the fitter", "Pump Service Ltd", ("token/2", "203.0.113.9"), ["states/*"]),
    ):
        terms = {"name": name, "purpose": "monthly talk", "recipient": recipient, "content": content}
        asked = {**terms, "flow": flow[0], "address": flow[1]}
        release = httpx.post(f"{plant}/api/valve/releases", json=asked, timeout=30).raise_for_status().json()
        if name == "OEE for Acme":
            path = f"{plant}/api/valve/releases/{release['id']}/allow"
            httpx.post(path, json={"digest": release["digest"]}, timeout=30).raise_for_status()


def take(running: Browser, plant: str, language: str, name: str) -> Path:
    """Take one picture."""
    path, scheme = VIEWS[name]
    locale = {"en": "en-GB", "zh": "zh-CN"}[language]
    dark = scheme == "dark"
    context = running.new_context(viewport=SIZE, locale=locale, color_scheme="dark" if dark else "light")
    page = context.new_page()
    page.goto(plant + path)
    expect(page.get_by_text("Live" if language == "en" else "实时", exact=True)).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0, timeout=60_000)
    page.evaluate("document.activeElement?.blur()")
    page.wait_for_timeout(500)
    file = PICTURES / f"{name}-{language}.png"
    page.screenshot(path=file)
    context.close()
    return file


def main() -> None:
    """Take all pictures."""
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        node("demo", Path(folder) / "demo") as plant,
        browser() as running,
    ):
        build_twin(plant)
        ask_releases(plant)
        for language in ("en", "zh"):
            for name in VIEWS:
                print(take(running, plant, language, name).relative_to(ROOT))


if __name__ == "__main__":
    main()
