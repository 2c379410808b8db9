"""Conflicts of interest over HTTP: said by whom they concern, read by reviewers, ended by somebody else."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from lineside.api.guard import TheCaller, needs
from lineside.api.hub_parameters import TheHub
from lineside.errors import NotPermitted
from lineside.hub import Hub
from lineside.hub.applications import Conflict
from lineside.trust import Identity, Permission


class ConflictSaid(Struct, forbid_unknown_fields=True):
    """What ties somebody to a member, or why it does no more."""

    why: str


@get("/api/members/{member:int}/conflicts", opt=needs(Permission.DECIDE_OBJECTIONS), sync_to_thread=True)
def conflict_list(hub: TheHub, caller: TheCaller, member: FromPath[int]) -> dict[str, Any]:
    """Those with a member, the newest first, ended ones among them."""
    return _told(hub, member, caller)


@post("/api/members/{member:int}/conflicts", opt=needs(Permission.DECIDE_OBJECTIONS), sync_to_thread=True)
def conflict_say(hub: TheHub, caller: TheCaller, member: FromPath[int], data: JSONBody[ConflictSaid]) -> dict[str, Any]:
    """Says that the caller has an interest of their own with a member, and so does not review it from now on."""
    account = _account(caller)
    hub.support.applications.conflict(account, hub.register.get(member).number, data.why, account)
    return _told(hub, member, caller)


@post(
    "/api/members/{member:int}/conflicts/{account:int}/end",
    opt=needs(Permission.DECIDE_OBJECTIONS),
    status_code=200,
    sync_to_thread=True,
)
def conflict_end(
    hub: TheHub, caller: TheCaller, member: FromPath[int], account: FromPath[int], data: JSONBody[ConflictSaid]
) -> dict[str, Any]:
    """Ends that of somebody else, with the reason; nobody ends their own."""
    hub.support.applications.conflict_over(account, hub.register.get(member).number, data.why, _account(caller))
    return _told(hub, member, caller)


CONFLICT_ROUTES = [conflict_list, conflict_say, conflict_end]


def _account(caller: Identity) -> int:
    """Who says so. Raises NotPermitted for who has no account."""
    if caller.account is None:
        raise NotPermitted("applications.needs_account")
    return caller.account


def _told(hub: Hub, member: int, caller: Identity) -> dict[str, Any]:
    found = hub.support.applications.conflicts(hub.register.get(member).number)
    return {"conflicts": [_conflict(hub, one, caller) for one in found]}


def _conflict(hub: Hub, one: Conflict, caller: Identity) -> dict[str, Any]:
    return {
        "account": one.account,
        "who": hub.people.numbered(one.account).name,
        "mine": one.account == caller.account,
        "why": one.why,
        "since_ms": one.since_us // 1000,
        "until_ms": None if one.until_us is None else one.until_us // 1000,
        "ended_by": None if one.ended_by is None else hub.people.numbered(one.ended_by).name,
        "ended_why": one.ended_why,
    }
