"""The energy and carbon of the site."""

from __future__ import annotations

from typing import Any

from litestar import Request, get

from lineside.api.guard import needs
from lineside.api.parameters import Start, TheNode, Until
from lineside.api.problems import language_of
from lineside.measure import consumption, consumption_json, window_of
from lineside.node import now_us
from lineside.trust import Permission


@get("/api/energy", opt=needs(Permission.READ_FACTS), sync_to_thread=True)
def energy(node: TheNode, request: Request[Any, Any, Any], start: Start = None, end: Until = None) -> dict[str, Any]:
    """Energy by carrier, carbon, good units and coverage of a window, and of each production day of it.

    `declared` is false where the plant file has no `[energy]`. The future is left out.
    """
    plant, now, language = node.plant, now_us(), language_of(request)
    first, last = window_of(node.history, plant, start, end, now, "day")
    whole, *days = consumption(node.history, node.timeline, first, max(min(last, now), first + 1))
    return {
        "declared": plant.energy is not None,
        "whole": consumption_json(whole, plant, language),
        "days": [consumption_json(day, plant, language) for day in days],
    }
