"""What the plant says of itself to others, and how that fares."""

from __future__ import annotations

from typing import Any

from litestar import Request, get

from lineside.api.guard import needs
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.connect import SourceState
from lineside.errors import LinesideError
from lineside.trust import Permission


@get("/api/publishing", opt=needs(Permission.READ_SOURCES), sync_to_thread=False)
def publishing(node: TheNode, request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
    """The Sparkplug edge node where the plant file asks for one: to whom it speaks, what it sent and what waits."""
    one, language = node.publisher.standing, language_of(request)
    if one is None:
        return []
    told = LinesideError(one.key, **one.fields)
    return [
        {
            "type": "sparkplug",
            "url": one.url,
            "name": one.name,
            "host": one.host or None,
            "host_online": one.host_online,
            "state": one.state.value,
            "reason": told.sentence(language),
            "cure": None if one.state is SourceState.ACTIVE else told.cure(language),
            "born_ms": one.born_ms,
            "sent_ms": one.sent_ms,
            "waits_since_ms": one.waits_since_ms,
            "given_up_ms": one.given_up,
            "messages": one.messages,
            "values": one.metrics,
            "historical": one.historical,
            "births": one.births,
            "refused": one.refused,
        }
    ]
