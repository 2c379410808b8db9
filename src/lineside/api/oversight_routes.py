"""Oversight over HTTP: members read what is asked, overseers ask, and a reply is for overseers and its own member."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct, field

from lineside.api.guard import TheCaller, TheReach, Within, in_path, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.oversight_view import counts_json, question_json, stand_json
from lineside.api.problems import language_of
from lineside.exchange import Addressed, Both
from lineside.hub.oversight import State
from lineside.trust import Permission

MOST = 200
"""So many replies are listed at once."""
_Request: TypeAlias = Request[Any, Any, Any]
_Text = Annotated[str, Meta(max_length=200)]
After = Annotated[int, QueryParameter(name="after", description="Members with higher numbers.")]
# not called `state` in handlers: Litestar keeps that name
MaybeState = Annotated[State | None, QueryParameter(name="state", description="Where they stand; all when left out.")]


class Draft(Struct, forbid_unknown_fields=True):
    """A question to be, as the record of its name has it; with `follows` and `why` it takes another one's place."""

    title: Both
    words: Both
    purpose: Both
    basis: str
    kind: str
    due_ms: int
    to: Addressed = field(default_factory=Addressed)
    indicators: Annotated[list[_Text], Meta(max_length=40)] = []
    month: str | None = None
    rule: str = ""
    edges: Annotated[list[float], Meta(max_length=40)] = []
    unit: str = ""
    duty: bool = False
    follows: int | None = None
    why: str = ""

    def told(self) -> dict[str, Any]:
        """What of it the question says."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return {name: value for name, value in found.items() if name not in ("follows", "why")}


class Reasons(Struct, forbid_unknown_fields=True):
    """Why something is withdrawn."""

    reasons: str


class Waiving(Struct, forbid_unknown_fields=True):
    """Which member is let off and why, or until when it gets more time."""

    member: int
    reasons: str
    due_ms: int | None = None


@get("/api/questions", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=True)
def question_list(hub: TheHub, request: _Request) -> dict[str, Any]:
    """What is asked and was asked, the newest first."""
    language = language_of(request)
    found = [question_json(hub, one, language) for one in hub.oversight.questions.listed()]
    return {"now_ms": hub.oversight.now_ms, "questions": found}


@get("/api/questions/{question:int}", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=True)
def question_one(hub: TheHub, request: _Request, question: FromPath[int]) -> dict[str, Any]:
    """One of them, with the envelope that the hub signed."""
    asked = hub.oversight.questions.get(question)
    return question_json(hub, asked, language_of(request)) | {"envelope": msgspec.json.decode(asked.envelope)}


@post("/api/questions/check", opt=needs(Permission.ASK_MEMBERS), status_code=200, sync_to_thread=True)
def question_check(hub: TheHub, data: JSONBody[Draft]) -> dict[str, Any]:
    """For how many members a draft would be; it is not published. What may not be asked is refused with the reason."""
    question, members = hub.oversight.questions.preview(data.told(), data.follows)
    return {"number": question.number, "members": len(members)}


@post("/api/questions", opt=needs(Permission.ASK_MEMBERS), status_code=200, sync_to_thread=True)
def question_publish(hub: TheHub, request: _Request, caller: TheCaller, data: JSONBody[Draft]) -> dict[str, Any]:
    """Publishes a question for good."""
    asked = hub.oversight.questions.publish(data.told(), by=caller.who, follows=data.follows, why=data.why)
    return question_json(hub, asked, language_of(request))


@post(
    "/api/questions/{question:int}/withdrawal", opt=needs(Permission.ASK_MEMBERS), status_code=200, sync_to_thread=True
)
def question_withdraw(
    hub: TheHub, request: _Request, caller: TheCaller, question: FromPath[int], data: JSONBody[Reasons]
) -> dict[str, Any]:
    """Asks it no more, with reasons."""
    asked = hub.oversight.questions.withdraw(question, data.reasons, by=caller.who)
    return question_json(hub, asked, language_of(request))


@post("/api/questions/{question:int}/waivers", opt=needs(Permission.ASK_MEMBERS), status_code=200, sync_to_thread=True)
def question_waive(
    hub: TheHub, request: _Request, caller: TheCaller, question: FromPath[int], data: JSONBody[Waiving]
) -> dict[str, Any]:
    """Lets a member off, or gives it more time, with reasons."""
    told = hub.oversight
    told.questions.waive(question, data.member, data.reasons, by=caller.who, due_ms=data.due_ms)
    asked = told.questions.get(question)
    return stand_json(hub, asked, told.stand_of(asked, data.member), language_of(request))


@get("/api/obligations", opt=needs(Permission.READ_REPLIES, Within.FILTERED), sync_to_thread=True)
def obligation_list(hub: TheHub, request: _Request, reach: TheReach) -> dict[str, Any]:
    """The duties by when they are due, with how many members in reach are where with each."""
    language, found = language_of(request), []
    for asked in sorted(hub.oversight.questions.listed(), key=lambda one: one.due_ms):
        members = [number for number in asked.members if reach.member(number)]
        if asked.question.duty and members:
            states = hub.oversight.states(asked, members)
            counted = {one.value: states[one] for one in State}
            found.append({"question": question_json(hub, asked, language), "states": counted})
    return {"now_ms": hub.oversight.now_ms, "obligations": found}


@get("/api/questions/{question:int}/replies", opt=needs(Permission.READ_REPLIES, Within.FILTERED), sync_to_thread=True)
def reply_list(
    hub: TheHub,
    request: _Request,
    reach: TheReach,
    question: FromPath[int],
    *,
    standing: MaybeState = None,
    after: After = 0,
) -> dict[str, Any]:
    """Where members are with a question, by number; exact counts for who sees all of the hub."""
    language = language_of(request)
    asked = hub.oversight.questions.get(question)
    stands = [one for one in hub.oversight.stands(asked) if reach.member(one.member)]
    shown = [one for one in stands if one.member > after and standing in (None, one.state)]
    return {
        "question": asked.number,
        "replies": [stand_json(hub, asked, one, language) for one in shown[:MOST]],
        "more": len(shown) > MOST,
        "counts": counts_json(asked, stands) if reach.whole else None,
    }


@get(
    "/api/questions/{question:int}/replies/{member:int}",
    opt=needs(Permission.READ_REPLIES, in_path("member")),
    sync_to_thread=True,
)
def reply_one(hub: TheHub, request: _Request, question: FromPath[int], member: FromPath[int]) -> dict[str, Any]:
    """One of them, with the document of a proof as it came."""
    asked = hub.oversight.questions.get(question)
    found = hub.oversight.stand_of(asked, member)
    document = None if found.reply is None else found.reply.told.document or None
    return stand_json(hub, asked, found, language_of(request)) | {"document": document}


@get("/api/members/{member:int}/questions", opt=needs(Permission.READ_REPLIES, in_path("member")), sync_to_thread=True)
def member_questions(hub: TheHub, request: _Request, member: FromPath[int]) -> dict[str, Any]:
    """What a member is asked, the newest first, and where it is with each."""
    language, found = language_of(request), hub.register.get(member)
    told = [
        {"question": question_json(hub, asked, language), **stand_json(hub, asked, now, language)}
        for asked, now in hub.oversight.of_member(found)
    ]
    return {"member": found.number, "questions": told}


OVERSIGHT_ROUTES = [
    question_list,
    question_one,
    question_check,
    question_publish,
    question_withdraw,
    question_waive,
    obligation_list,
    reply_list,
    reply_one,
    member_questions,
]
