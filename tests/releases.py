"""Releases for tests of what leaves."""

from __future__ import annotations

from lineside.connect import without_password
from lineside.node import Node, now_us
from lineside.trust import Grade
from lineside.valve import Limits, Terms

DAY_US = 86_400_000_000
SAID = ("plant", "states/*", "units/*", "kpi/*")
"""What an edge node may say."""


def spoken(node: Node) -> int:
    """Lets the edge node say all that it can."""
    assert node.plant.sparkplug is not None
    return allowed(node, "sparkplug", without_password(node.plant.sparkplug.url), *SAID)


def allowed(node: Node, flow: str, address: str, *content: str, limits: Limits = Limits()) -> int:  # noqa: B008
    """Asks for a release as who sits at the machine, and allows it; gives its number."""
    now = now_us()
    terms = Terms(
        name="test",
        purpose="to try",
        recipient="a test",
        flow=flow,
        address=address,
        content=content,
        grade=Grade.GENERAL,
        since_us=now,
        until_us=now + DAY_US,
        limits=limits,
    )
    release = node.valve.ask(terms, 0)
    node.valve.releases.allow(release.id, release.digest, 0)
    return release.id
