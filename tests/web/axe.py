"""What axe finds in a page: the rules of WCAG and of best practice, for every test of the pages alike."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_SCRIPT = Axe().axe_script
_RUN = "axe.run({resultTypes: ['violations']}).then((found) => found.violations)"
SHOWN = 160
"""Of the elements a rule is broken by, so many characters."""


def broken_rules(page: Page) -> list[tuple[str, str, list[str]]]:
    """Each rule that the page as it stands breaks, how grave that is, and where."""
    page.emulate_media(reduced_motion="reduce")  # colours on their way to others are not what anybody reads
    if not page.evaluate("'axe' in window"):  # it takes as long to read as a quarter of what it looks at
        page.evaluate(_SCRIPT)
    return [(one["id"], one["impact"], [node["html"][:SHOWN] for node in one["nodes"]]) for one in page.evaluate(_RUN)]
