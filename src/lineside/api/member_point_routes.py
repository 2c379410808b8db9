"""Where this factory stands among the members of its hub, and pilots that concern it, as the hub told it."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from litestar import Request, get, post

from lineside.api.guard import needs
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.exchange import catalogue
from lineside.node import Language, PilotsTold, Standpoint, Unread
from lineside.trust import Permission


@get("/api/member/point", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def member_point(node: TheNode, request: Request[Any, Any, Any]) -> dict[str, Any] | None:
    """What the hub told last; nothing while it was never asked in this language. Nothing leaves.

    An answer that this version cannot read is `unread`: the hub is to be asked again.
    """
    language = cast("Language", language_of(request))
    found = node.member.standpoints.last(language)
    return None if found is None else standpoint_json(found, language)


@post("/api/member/point", opt=needs(Permission.ASK_RELEASES), status_code=200, sync_to_thread=True)
def member_point_ask(node: TheNode, request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Asks the hub now, past the valve, and keeps what it tells."""
    language = cast("Language", language_of(request))
    return standpoint_json(node.member.standpoints.ask(language), language)


@get("/api/member/pilots", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def member_pilots(node: TheNode, request: Request[Any, Any, Any]) -> dict[str, Any] | None:
    """What the hub told last of pilots; nothing while it was never asked in this language. Nothing leaves."""
    found = node.member.pilots.last(cast("Language", language_of(request)))
    return None if found is None else pilots_json(found)


@post("/api/member/pilots", opt=needs(Permission.ASK_RELEASES), status_code=200, sync_to_thread=True)
def member_pilots_ask(node: TheNode, request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Asks the hub for pilots now, past the valve, and keeps what it tells."""
    return pilots_json(node.member.pilots.ask(cast("Language", language_of(request))))


def pilots_json(found: PilotsTold | Unread) -> dict[str, Any]:
    """Pilots that this factory is in, or could copy."""
    if isinstance(found, Unread):
        return {"made_ms": found.made_ms, "unread": True}
    return {"made_ms": found.made_ms, "unread": False, "pilots": msgspec.to_builtins(found.pilots)}


def standpoint_json(found: Standpoint | Unread, language: str) -> dict[str, Any]:
    """An answer with the names, units and grids of its indicators; of one that this edition does not know, its id."""
    if isinstance(found, Unread):
        return {"made_ms": found.made_ms, "unread": True}
    known = catalogue().indicators
    told: dict[str, Any] = msgspec.to_builtins(found.point)
    for row in told["rows"]:
        one = known.get(row["indicator"])
        row["name"] = row["indicator"] if one is None else one.names[language]
        row["unit"] = "" if one is None else one.unit
        row["step"] = None if one is None else one.step
        row["ratio"] = one is not None and one.ratio
    return {"made_ms": found.made_ms, "unread": False, "point": told, "classes": msgspec.to_builtins(found.classes)}
