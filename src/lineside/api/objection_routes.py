"""Objections of members: raised, read with the figures that they are about, decided with reasons."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from lineside.api.guard import TheCaller, TheReach, Within, in_path, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.hub_view import figures_json, objection_json
from lineside.errors import ConfigurationError
from lineside.hub import Against, Hub, Objection
from lineside.trust import Permission, Reach

_Text = Annotated[str, Meta(max_length=200)]


class Raising(Struct, forbid_unknown_fields=True):
    """What a member objects to, and why."""

    against: Against
    words: str
    subject: Annotated[dict[_Text, _Text | int], Meta(max_length=10)] = {}
    """Which one: `{"indicator": "oee", "month": "2026-10"}`, `{"statement": 7}`."""


class Appealing(Struct, forbid_unknown_fields=True):
    """Why the member does not accept what was decided."""

    words: str


class Deciding(Struct, forbid_unknown_fields=True):
    """Whether the member was right, and why."""

    upheld: bool
    reasons: str


@get("/api/objections", opt=needs(Permission.READ_OBJECTIONS, Within.FILTERED), sync_to_thread=True)
def objection_list(hub: TheHub, reach: TheReach) -> list[dict[str, Any]]:
    """Those that nobody decided first, then the newest."""
    mine = None if reach.whole else [number for number in hub.register.members if reach.member(number)]
    return [objection_json(one) for one in hub.objections.listed(mine)]


@get("/api/objections/{objection:int}", opt=needs(Permission.READ_OBJECTIONS, Within.FILTERED), sync_to_thread=True)
def objection_one(hub: TheHub, reach: TheReach, objection: FromPath[int]) -> dict[str, Any]:
    """One of them, with the figures of the member that it concerns."""
    found = _in_reach(hub, reach, objection)
    return objection_json(found) | {"figures": figures_json(hub, hub.register.get(found.member))}


@post(
    "/api/members/{member:int}/objections",
    opt=needs(Permission.RAISE_OBJECTIONS, in_path("member")),
    status_code=200,
    sync_to_thread=True,
)
def objection_raise(hub: TheHub, caller: TheCaller, member: FromPath[int], data: JSONBody[Raising]) -> dict[str, Any]:
    """Objects in the name of a member; a reviewer decides."""
    return objection_json(hub.objections.raise_one(member, data.against, data.subject, data.words, by=caller.who))


@post(
    "/api/objections/{objection:int}/appeal",
    opt=needs(Permission.RAISE_OBJECTIONS, Within.FILTERED),
    status_code=200,
    sync_to_thread=True,
)
def objection_appeal(
    hub: TheHub, caller: TheCaller, reach: TheReach, objection: FromPath[int], data: JSONBody[Appealing]
) -> dict[str, Any]:
    """Appeals in the name of the member, once; another reviewer decides for good."""
    _in_reach(hub, reach, objection)
    return objection_json(hub.objections.appeal(objection, data.words, by=caller.who))


@post(
    "/api/objections/{objection:int}/decision",
    opt=needs(Permission.DECIDE_OBJECTIONS),
    status_code=200,
    sync_to_thread=True,
)
def objection_decide(
    hub: TheHub, caller: TheCaller, objection: FromPath[int], data: JSONBody[Deciding]
) -> dict[str, Any]:
    """Decides an objection, or the appeal against what was decided on it, with reasons."""
    return objection_json(hub.objections.decide(objection, data.reasons, upheld=data.upheld, by=caller.who))


def _in_reach(hub: Hub, reach: Reach, objection: int) -> Objection:
    """One of them, in the same words whether it is not there or not theirs to see."""
    found = hub.objections.get(objection)
    if not reach.member(found.member):
        raise ConfigurationError("hub.no_objection", objection=objection)
    return found
