"""What a browser says it is, in two words that people know."""

from __future__ import annotations

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
"""A mark in the header and whose it is; the first counts, as Edge names Chrome too, and Chrome Safari."""
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_LONGEST = 40


def browser_of(agent: str) -> str | None:
    """Browser and system of a User-Agent header, as in "Firefox, Windows"; its first word where it is of no browser.

    None of an empty one. It is what the caller says of itself: enough to know one's own, and no proof.
    """
    told = [next((name for mark, name in marks if mark in agent), None) for marks in (_BROWSERS, _SYSTEMS)]
    if told[0] is None:
        first = "".join(c for c in agent.partition("/")[0].strip() if c.isprintable())
        return first[:_LONGEST] or None
    return ", ".join(filter(None, told))
