"""Sandboxes over HTTP: offered, extended and ended by overseers, read by their member and by who reads replies."""

from __future__ import annotations

from typing import Any, TypeAlias

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from lineside.api.guard import TheCaller, TheReach, Within, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.problems import language_of
from lineside.api.sandbox_view import sandbox_json
from lineside.errors import ConfigurationError
from lineside.hub.sandboxes import Offer
from lineside.trust import Permission

MOST = 500
"""So many are listed at most, the newest."""
_Request: TypeAlias = Request[Any, Any, Any]


class SandboxEnding(Struct, forbid_unknown_fields=True):
    """Why a sandbox ends."""

    reasons: str


@get("/api/sandboxes", opt=needs(Permission.READ_REPLIES, Within.FILTERED), sync_to_thread=True)
def sandbox_list(hub: TheHub, request: _Request, reach: TheReach) -> list[dict[str, Any]]:
    """Those of members in reach, the newest first."""
    mine = None if reach.whole else [number for number in hub.register.members if reach.member(number)]
    return [sandbox_json(hub, one, language_of(request)) for one in hub.sandboxes.listed(mine)[:MOST]]


@get("/api/sandboxes/{sandbox:int}", opt=needs(Permission.READ_REPLIES, Within.FILTERED), sync_to_thread=True)
def sandbox_one(hub: TheHub, request: _Request, reach: TheReach, sandbox: FromPath[int]) -> dict[str, Any]:
    """One of them, with the terms and the report as the hub signed them."""
    found = hub.sandboxes.get(sandbox)
    if not reach.member(found.member):
        raise ConfigurationError("sandboxes.none", number=sandbox)
    return sandbox_json(hub, found, language_of(request))


@post("/api/members/{member:int}/sandboxes", opt=needs(Permission.ASK_MEMBERS), sync_to_thread=True)
def sandbox_offer(
    hub: TheHub, request: _Request, caller: TheCaller, member: FromPath[int], data: JSONBody[Offer]
) -> dict[str, Any]:
    """Signs terms for a member, whose node agrees to them or not."""
    return sandbox_json(hub, hub.sandboxes.offer(member, data, by=caller.who), language_of(request))


@post("/api/sandboxes/{sandbox:int}/extension", opt=needs(Permission.ASK_MEMBERS), sync_to_thread=True)
def sandbox_extend(
    hub: TheHub, request: _Request, caller: TheCaller, sandbox: FromPath[int], data: JSONBody[Offer]
) -> dict[str, Any]:
    """Signs terms that go on from those of a sandbox; the member agrees again."""
    return sandbox_json(hub, hub.sandboxes.extend(sandbox, data, by=caller.who), language_of(request))


@post("/api/sandboxes/{sandbox:int}/end", opt=needs(Permission.ASK_MEMBERS), status_code=200, sync_to_thread=True)
def sandbox_end(
    hub: TheHub, request: _Request, caller: TheCaller, sandbox: FromPath[int], data: JSONBody[SandboxEnding]
) -> dict[str, Any]:
    """Ends a sandbox at once, or takes an offer back."""
    return sandbox_json(hub, hub.sandboxes.end(sandbox, data.reasons, by=caller.who), language_of(request))


SANDBOX_ROUTES = [sandbox_list, sandbox_one, sandbox_offer, sandbox_extend, sandbox_end]
