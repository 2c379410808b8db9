from __future__ import annotations

import pytest

from lineside.trust import browser_of

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (CHROME, "Chrome, Linux"),
        (f"{CHROME} Edg/140.0.0.0", "Edge, Linux"),
        (SAFARI, "Safari, iPhone"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox, Android"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("x" * 5000, "x" * 40),
        ("\x1b[31m\n", "[31m"),
        ("", None),
    ],
)
def test_a_browser_is_named_as_people_know_it(agent: str, said: str | None) -> None:
    """However many others it claims to be; of what is no browser its own first word, short and harmless."""
    assert browser_of(agent) == said
