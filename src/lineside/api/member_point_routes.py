"""Where this factory stands among the members of its hub, as the hub told it."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from litestar import Request, get, post

from lineside.api.guard import needs
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.exchange import catalogue
from lineside.node import Language, Standpoint
from lineside.trust import Permission


@get("/api/member/point", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def member_point(node: TheNode, request: Request[Any, Any, Any]) -> dict[str, Any] | None:
    """What the hub told last; nothing while it was never asked in this language. Nothing leaves."""
    language = cast("Language", language_of(request))
    found = node.member.standpoints.last(language)
    return None if found is None else standpoint_json(found, language)


@post("/api/member/point", opt=needs(Permission.ASK_RELEASES), status_code=200, sync_to_thread=True)
def member_point_ask(node: TheNode, request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Asks the hub now, past the valve, and keeps what it tells."""
    language = cast("Language", language_of(request))
    return standpoint_json(node.member.standpoints.ask(language), language)


def standpoint_json(found: Standpoint, language: str) -> dict[str, Any]:
    """An answer with the names, units and grids of its indicators; of one that this edition does not know, its id."""
    known = catalogue().indicators
    told: dict[str, Any] = msgspec.to_builtins(found.point)
    for row in told["rows"]:
        one = known.get(row["indicator"])
        row["name"] = row["indicator"] if one is None else one.names[language]
        row["unit"] = "" if one is None else one.unit
        row["step"] = None if one is None else one.step
        row["ratio"] = one is not None and one.ratio
    return {"made_ms": found.made_ms, "point": told, "classes": msgspec.to_builtins(found.classes)}
