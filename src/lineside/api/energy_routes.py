"""The energy and carbon of the site."""

from __future__ import annotations

from typing import Any

from litestar import Request, get

from lineside.api.guard import needs
from lineside.api.parameters import Start, TheNode, Until
from lineside.api.problems import language_of
from lineside.measure import energy_json
from lineside.node import now_us
from lineside.trust import Permission


@get("/api/energy", opt=needs(Permission.READ_FACTS), sync_to_thread=True)
def energy(node: TheNode, request: Request[Any, Any, Any], start: Start = None, end: Until = None) -> dict[str, Any]:
    """Energy by carrier, carbon, good units and coverage of a window, and of each production day of it."""
    return energy_json(node.history, node.timeline, start, end, now_us(), language_of(request))
