"""How the views of an ERP's database are doing, and reading one now."""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath

from lineside.api.guard import needs
from lineside.api.order_routes import taken_json
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.connect import without_password
from lineside.node import FeedHealth
from lineside.trust import Permission


@get("/api/feeds", opt=needs(Permission.READ_ORDERS), sync_to_thread=False)
def feeds(node: TheNode, request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
    """Every feed: what it reads of which database, how it is doing, and what became of the last reading's rows."""
    return [_feed(health, language_of(request)) for health in node.feeds.health.values()]


@post("/api/feeds/{feed:str}/read", opt=needs(Permission.WRITE_ORDERS), status_code=202)
async def feed_read(node: TheNode, feed: FromPath[str]) -> dict[str, str]:
    """Reads a feed now and from its beginning; how it went is told by the list."""
    node.feeds.read_now(feed)
    return {"feed": feed}


def _feed(health: FeedHealth, language: str) -> dict[str, Any]:
    settings = health.settings
    return {
        "id": settings.id,
        "name": settings.name,
        "kind": settings.kind,
        "url": without_password(settings.url),
        "select": settings.select,
        "every_s": settings.every_s,
        "state": health.state.value,
        "reason": health.reason(language),
        "cure": health.cure(language),
        "tried_ms": _ms(health.tried_us),
        "read_ms": _ms(health.read_us),
        "taken": None if health.taken is None else taken_json(health.taken, language),
    }


def _ms(us: int | None) -> int | None:
    return None if us is None else us // 1000
