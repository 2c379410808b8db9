"""The pages keep to their own policy, in a browser that enforces it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser

PAGES = ("/", "/schedule", "/connect", "/orders", "/people", "/nowhere")
WATCH = "document.addEventListener('securitypolicyviolation', e => (window.broken ??= []).push(e.violatedDirective))"
INJECT = """() => {
  const script = document.createElement('script');
  script.textContent = 'window.ran = 1';
  document.body.append(script);
  const image = document.createElement('img');
  image.setAttribute('onerror', 'window.ran = 2');
  image.src = '/api/nothing';
  document.body.append(image);
}"""


def test_no_page_breaks_the_policy_and_what_is_injected_does_not_run(chromium: Browser, plant: str) -> None:
    """No page needs a script of its text or a file of elsewhere; one that somebody slips in is stopped, and told."""
    context = chromium.new_context(locale="en-GB")
    context.add_init_script(WATCH)
    page = context.new_page()
    broken: list[tuple[str, str]] = []
    line = page.request.get(f"{plant}/api/plant").json()["areas"][0]["lines"][0]
    machine = line["machines"][0]
    for path in (*PAGES, f"/twin/{line['id']}", f"/machine/{machine['id']}"):
        page.goto(plant + path)
        expect(page.get_by_role("heading", level=1).first).to_be_attached()
        expect(page.locator(".skeleton")).to_have_count(0)  # not the idle network: pages ask again and again
        broken += [(path, one) for one in page.evaluate("window.broken ?? []")]
    page.evaluate(INJECT)
    page.wait_for_function("window.broken?.length >= 2")
    ran = page.evaluate("window.ran")
    context.close()

    assert broken == []
    assert ran is None


def test_no_other_page_frames_the_node(chromium: Browser, plant: str) -> None:
    """Nor does it hand its files to one."""
    context = chromium.new_context()
    page = context.new_page()
    answer = page.goto(plant)
    assert answer is not None
    headers = answer.headers
    context.close()

    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"].partition("script-src")[2].partition(";")[0]
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
