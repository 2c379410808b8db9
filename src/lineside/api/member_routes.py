"""The register of a hub: invite, admit, close; and what one member released."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from lineside.api.guard import TheCaller, TheReach, Within, in_path, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.hub_view import (
    figures_json,
    invited_json,
    keys_json,
    member_json,
    refused_json,
    remarks_json,
    settings_json,
    spoken_json,
    waiting_json,
)
from lineside.api.problems import language_of
from lineside.hub import DAYS, spoken
from lineside.trust import Permission

_MEMBER = "/api/members/{member:int}"
Before = Annotated[
    int | None,
    QueryParameter(name="before", ge=0, le=2**53 - 1, description="Those with an entry below this; else the last."),
]
Language = Annotated[str, Meta(pattern="^(en|zh)$")]


class Inviting(Struct, forbid_unknown_fields=True):
    """Whom to invite: a label for each, as the hub's people call them."""

    labels: Annotated[list[str], Meta(min_length=1, max_length=10_000)]
    days: int = DAYS
    language: Language = "en"
    """Of the agreement that they are shown."""


class InvitingAgain(Struct, forbid_unknown_fields=True):
    """How a member that lost its key is invited."""

    days: int = DAYS
    language: Language = "en"


class Admitting(Struct, forbid_unknown_fields=True):
    """The fingerprint that was compared with the member's people."""

    fingerprint: str


class Ending(Struct, forbid_unknown_fields=True):
    """Why a membership ends, and which member goes on for it after a merger."""

    why: str
    into: int | None = None


@get("/api/hub/settings", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=False)
def hub_settings(hub: TheHub) -> dict[str, Any]:
    """By which rules the hub goes: regions, sizes, protection of groups, edition of the catalogue, its fingerprint."""
    return settings_json(hub)


@get("/api/members", opt=needs(Permission.READ_MEMBERS, Within.FILTERED), sync_to_thread=True)
def member_list(hub: TheHub, reach: TheReach) -> list[dict[str, Any]]:
    """The register, by number; no value of anybody."""
    return [member_json(hub, one) for one in hub.register.everybody() if reach.member(one.number)]


@get(_MEMBER, opt=needs(Permission.READ_MEMBERS, in_path("member")), sync_to_thread=True)
def member_one(hub: TheHub, request: Request[Any, Any, Any], member: FromPath[int]) -> dict[str, Any]:
    """A member with its keys, why it ended, and what was said in its name and not taken."""
    found = hub.register.get(member)
    refused = [refused_json(one, language_of(request)) for one in hub.registrar.refused(member)]
    told = {"keys": keys_json(found), "why": hub.registrar.why(member), "refused": refused}
    return member_json(hub, found) | told


@get("/api/invitations", opt=needs(Permission.READ_MEMBERS), sync_to_thread=True)
def invitation_list(hub: TheHub) -> list[dict[str, Any]]:
    """Invitations that nobody used, the newest first."""
    return [waiting_json(one) for one in hub.registrar.invitations()]


@post("/api/invitations", opt=needs(Permission.WRITE_MEMBERS), status_code=200, sync_to_thread=True)
def invite(hub: TheHub, caller: TheCaller, data: JSONBody[Inviting]) -> list[dict[str, Any]]:
    """Makes an invitation for each label; the files are in the answer, and nowhere else."""
    made = hub.invitations.invite(data.labels, by=caller.who, days=data.days, language=data.language)
    return [invited_json(one) for one in made]


@post(f"{_MEMBER}/again", opt=needs(Permission.WRITE_MEMBERS), status_code=200, sync_to_thread=True)
def invite_again(
    hub: TheHub, caller: TheCaller, member: FromPath[int], data: JSONBody[InvitingAgain]
) -> dict[str, Any]:
    """Closes the key of a member that lost it, and invites it to come again with another."""
    made = hub.invitations.again(member, by=caller.who, days=data.days, language=data.language)
    return invited_json(made)


@post(f"{_MEMBER}/admit", opt=needs(Permission.WRITE_MEMBERS), status_code=200, sync_to_thread=True)
def admit(hub: TheHub, caller: TheCaller, member: FromPath[int], data: JSONBody[Admitting]) -> dict[str, Any]:
    """Lets a member speak, as somebody compared the fingerprint with its people."""
    return member_json(hub, hub.registrar.admit(member, data.fingerprint, by=caller.who))


@post(f"{_MEMBER}/refuse", opt=needs(Permission.WRITE_MEMBERS), status_code=200, sync_to_thread=True)
def refuse_member(hub: TheHub, caller: TheCaller, member: FromPath[int], data: JSONBody[Ending]) -> dict[str, Any]:
    """Ends a membership that was never admitted."""
    return member_json(hub, hub.registrar.refuse(member, data.why, by=caller.who))


@post(f"{_MEMBER}/close", opt=needs(Permission.WRITE_MEMBERS), status_code=200, sync_to_thread=True)
def close_member(hub: TheHub, caller: TheCaller, member: FromPath[int], data: JSONBody[Ending]) -> dict[str, Any]:
    """Ends a membership: nothing more is taken."""
    return member_json(hub, hub.registrar.close(member, data.why, into=data.into, by=caller.who))


@get(f"{_MEMBER}/figures", opt=needs(Permission.READ_FIGURES, in_path("member")), sync_to_thread=True)
def member_figures(hub: TheHub, request: Request[Any, Any, Any], member: FromPath[int]) -> dict[str, Any]:
    """What a member released, month by month, with its statements and what was odd in them."""
    found = hub.register.get(member)
    said = [spoken_json(one, language_of(request)) for one in spoken(hub.books, member)]
    return figures_json(hub, found) | {"statements": said}


@get("/api/remarks", opt=needs(Permission.READ_FIGURES, Within.FILTERED), sync_to_thread=True)
def remark_list(hub: TheHub, request: Request[Any, Any, Any], reach: TheReach, before: Before = None) -> dict[str, Any]:
    """What was odd in what members said last, as far as it is in reach."""
    mine = None if reach.whole else [number for number in hub.register.members if reach.member(number)]
    return remarks_json(hub, mine, before, language_of(request))
