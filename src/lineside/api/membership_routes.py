"""Membership of a hub over HTTP: what stands, what would be said, and what people decide."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct, to_builtins

from lineside.api.guard import TheCaller, needs
from lineside.api.membership_view import membership_json, membership_preview_json, profile_of
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.errors import ConfigurationError
from lineside.trust import Identity, Permission

_MOST_INVITATION = 400_000
_MOST_ANSWERS = 32_000_000
_MOST_CONTENT = 200_000
_Asked = Request[Any, Any, Any]
Month = Annotated[str | None, QueryParameter(name="month", description="2026-10; the last whole one when left out.")]


class Invited(Struct, forbid_unknown_fields=True):
    """The text of an invitation file."""

    invitation: Annotated[str, Meta(max_length=_MOST_INVITATION)]


class ProfileAsked(Struct, forbid_unknown_fields=True):
    """What a factory says it is: industry by two to four digits of GB/T 4754, region as the hub names it."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    industry: Annotated[str, Meta(min_length=1, max_length=200)]
    region: Annotated[str, Meta(min_length=1, max_length=200)]
    employees: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None
    revenue_cny: Annotated[float, Meta(ge=0)] | None = None
    turnover_eur: Annotated[float, Meta(ge=0)] | None = None
    balance_eur: Annotated[float, Meta(ge=0)] | None = None
    traits: Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(max_length=20)] = []
    generated: bool = False


class EnrolAsked(Struct, forbid_unknown_fields=True):
    """A profile, and the hash of the agreement that somebody read and accepts."""

    profile: ProfileAsked
    agreement: str


class Changing(Struct, forbid_unknown_fields=True):
    """Another profile."""

    profile: ProfileAsked


class EnterAsked(Struct, forbid_unknown_fields=True):
    """A value of a month by hand, and where it comes from; null takes it back."""

    month: str
    indicator: str
    value: float | None
    note: Annotated[str, Meta(max_length=500)] = ""


class SendAsked(Struct, forbid_unknown_fields=True):
    """From which month on; what is due when left out."""

    first: str | None = None


class LeaveAsked(Struct, forbid_unknown_fields=True):
    """Why, for the hub's people."""

    why: Annotated[str, Meta(max_length=2000)] = ""


class Carried(Struct, forbid_unknown_fields=True):
    """The text of a file of answers."""

    answers: Annotated[str, Meta(max_length=_MOST_ANSWERS)]


class ApplicationBrought(Struct, forbid_unknown_fields=True):
    """The text of a file that the hub gave out to be signed."""

    content: Annotated[str, Meta(max_length=_MOST_CONTENT)]


class Nothing(Struct, forbid_unknown_fields=True):
    """There is nothing to say beside the address."""


def person(caller: Identity) -> str:
    """Who it is, as the ledger names them; a token is a program's, whoever made it. Raises ConfigurationError."""
    if caller.token is not None:
        raise ConfigurationError("member.by_people")
    return caller.who


@get("/api/member", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def member_view(node: TheNode, request: _Asked) -> dict[str, Any]:
    """The membership, both fingerprints, what was said month by month, receipts and remarks, what is due next."""
    return membership_json(node, language_of(request))


@get("/api/member/preview", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def member_preview(node: TheNode, request: _Asked, month: Month = None) -> dict[str, Any]:
    """What would be said of a month, raw and in words; nothing is said by looking."""
    return membership_preview_json(node, month, language_of(request))


@get("/api/member/evidence/{sha256:str}", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def member_evidence(node: TheNode, sha256: FromPath[str]) -> Response[bytes]:
    """The document that a value rests on, byte for byte as its hash names it."""
    return Response(node.member.evidence(sha256), media_type="application/json")


@post("/api/member/invitation", opt=needs(Permission.ASK_RELEASES), status_code=200, sync_to_thread=True)
def member_invitation(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[Invited]) -> dict[str, Any]:
    """Takes the invitation of a hub, and makes the key by which this node will be known there; nothing leaves."""
    node.member.memberships.take(data.invitation.encode(), caller.who)
    return membership_json(node, language_of(request))


@post("/api/member/enrol", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def member_enrol(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[EnrolAsked]) -> dict[str, Any]:
    """Signs the enrolment, which leaves with the next run, once a release lets it."""
    profile = profile_of(to_builtins(data.profile))
    node.member.memberships.enrol(profile, data.agreement, person(caller))
    return membership_json(node, language_of(request))


@post("/api/member/profile", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def member_profile(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[Changing]) -> dict[str, Any]:
    """Signs that the factory is something else from now on; said with the next run."""
    node.member.change_profile(profile_of(to_builtins(data.profile)), person(caller))
    return membership_json(node, language_of(request))


@post("/api/member/enter", opt=needs(Permission.ASK_RELEASES), status_code=200, sync_to_thread=True)
def member_enter(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[EnterAsked]) -> dict[str, Any]:
    """Keeps a value that somebody enters for what the node does not compute; it always looks like that."""
    member = node.member
    member.entered.enter(member.months.catalogue, data.month, data.indicator, data.value, data.note, caller.who)
    return membership_json(node, language_of(request))


@post("/api/member/send", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def member_send(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[SendAsked]) -> dict[str, Any]:
    """Says what is due now, past the valve; `membership.problem` tells what went wrong."""
    node.member.speak(data.first, person(caller))
    return membership_json(node, language_of(request))


@post("/api/member/rotate", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def member_rotate(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[Nothing]) -> dict[str, Any]:
    """Signs that another key follows, by both; it speaks once the hub has that."""
    del data
    node.member.rotate(person(caller))
    return membership_json(node, language_of(request))


@post("/api/member/leave", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def member_leave(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[LeaveAsked]) -> dict[str, Any]:
    """Signs that nothing more will be said; once the hub has that, its release is closed."""
    node.member.leave(data.why, person(caller))
    return membership_json(node, language_of(request))


@post("/api/member/recover", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def member_recover(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[Nothing]) -> dict[str, Any]:
    """Goes on after a stop: takes back from the hub what was said with this node's key."""
    del data
    node.member.recover(person(caller))
    return membership_json(node, language_of(request))


@post("/api/member/letters", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def member_letters(node: TheNode, caller: TheCaller, data: JSONBody[SendAsked]) -> dict[str, Any]:
    """What the hub has yet to take, as the text of a file that somebody carries; the valve has let it out."""
    return {"letters": node.member.letters(data.first, person(caller)).decode()}


@post("/api/member/application", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def member_application(node: TheNode, caller: TheCaller, data: JSONBody[ApplicationBrought]) -> dict[str, Any]:
    """Signs an application for support; the valve has let it out, and somebody puts the envelope in at the hub."""
    person(caller)
    says, envelope = node.member.sign(data.content.encode())
    return {"number": says.application, "proofs": len(says.proofs), "envelope": envelope.json().decode()}


@post("/api/member/answers", opt=needs(Permission.ASK_RELEASES), status_code=200, sync_to_thread=True)
def member_answers(node: TheNode, request: _Asked, data: JSONBody[Carried]) -> dict[str, Any]:
    """Takes the answers that somebody carried back: how many statements were taken, and why others were not."""
    carried, language = node.member.carry(data.answers.encode()), language_of(request)
    problems = [{"sentence": one.sentence(language), "cure": one.cure(language)} for one in carried.problems]
    return {"taken": carried.taken, "problems": problems, **membership_json(node, language)}
