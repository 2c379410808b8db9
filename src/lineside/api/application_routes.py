"""Applications for support over HTTP. A member drafts, applies, answers and appeals; the hub asks, decides and pays."""

from __future__ import annotations

import base64
from datetime import date
from typing import Annotated, Any, TypeAlias

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct, field

from lineside.api.application_steps import Apply, Measure, OfMember, OfReviewer
from lineside.api.application_view import Eyes, application_json, list_json
from lineside.api.conflict_routes import CONFLICT_ROUTES
from lineside.api.guard import TheCaller, TheReach, Within, in_path, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.problems import language_of
from lineside.errors import ConfigurationError, NotPermitted
from lineside.hub import Hub
from lineside.hub.applications import APPLICATION, Kept, Proof, State, signed_content
from lineside.hub.support import open_to_member, open_to_reviewer
from lineside.trust import Identity, Permission, Reach

MOST = 500
"""So many are listed at most, the newest."""
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=60)]
Said: TypeAlias = float | bool | Annotated[str, Meta(max_length=60)]
# not called `state` in handlers: Litestar keeps that name
MaybeState = Annotated[State | None, QueryParameter(name="state", description="Where they stand; all when left out.")]
_Request: TypeAlias = Request[Any, Any, Any]


class DraftAsked(Struct, forbid_unknown_fields=True):
    """An application to be: what the member told is in it, `stated` is beside that, by the names of the rule."""

    programme: Name
    purpose: str
    on: date | None = None
    stated: dict[Name, Said] = field(default_factory=dict)


class ContentAsked(Struct, forbid_unknown_fields=True):
    """What shows that it is so."""

    proofs: list[Proof]


@get("/api/applications", opt=needs(Permission.READ_OBJECTIONS, Within.FILTERED), sync_to_thread=True)
def application_list(hub: TheHub, request: _Request, reach: TheReach, standing: MaybeState = None) -> dict[str, Any]:
    """The newest first; with what is left of each budget for who sees all of the hub."""
    language, desk = language_of(request), hub.support.applications
    numbers = desk.list(reach.member, standing)
    found = list_json(hub, desk.several(numbers[:MOST]), language)
    budgets = _budgets(hub, frozenset(one["programme"] for one in found), language) if reach.whole else None
    return {"applications": found, "more": len(numbers) > MOST, "budgets": budgets}


@get("/api/applications/{application:int}", opt=needs(Permission.READ_OBJECTIONS, Within.FILTERED), sync_to_thread=True)
def application_one(
    hub: TheHub, request: _Request, caller: TheCaller, reach: TheReach, application: FromPath[int]
) -> dict[str, Any]:
    """One in full, and how the caller may go on with it."""
    return _full(hub, in_reach(hub, application, reach), caller, language_of(request))


@post(
    "/api/members/{member:int}/applications",
    opt=needs(Permission.RAISE_OBJECTIONS, in_path("member")),
    sync_to_thread=True,
)
def application_draft(
    hub: TheHub, request: _Request, caller: TheCaller, member: FromPath[int], data: JSONBody[DraftAsked]
) -> dict[str, Any]:
    """Begins one; nobody looks at it before the member's node has signed it."""
    on = data.on or hub.support.today()
    number = hub.support.draft(member, data.programme, on, data.stated, data.purpose.strip(), caller.account or 0)
    return _full(hub, hub.support.applications.get(number), caller, language_of(request))


@post(
    "/api/applications/{application:int}/content",
    opt=needs(Permission.RAISE_OBJECTIONS, Within.FILTERED),
    status_code=200,
    sync_to_thread=True,
)
def application_content(
    hub: TheHub, reach: TheReach, application: FromPath[int], data: JSONBody[ContentAsked]
) -> dict[str, str]:
    """What the member's node has to sign, as DSSE has it: the kind of the payload, and the payload in base64."""
    kept = in_reach(hub, application, reach)
    payload = signed_content(kept.number, kept.application, data.proofs)
    return {"payloadType": APPLICATION, "payload": base64.b64encode(payload).decode()}


@post(
    "/api/applications/{application:int}/steps",
    opt=needs(Permission.RAISE_OBJECTIONS, Within.FILTERED),
    status_code=200,
    sync_to_thread=True,
)
def application_step(
    hub: TheHub,
    request: _Request,
    caller: TheCaller,
    reach: TheReach,
    application: FromPath[int],
    data: JSONBody[OfMember],
) -> dict[str, Any]:
    """A step of the member: it applies with what its node signed, answers, appeals or withdraws."""
    kept = in_reach(hub, application, reach)
    if isinstance(data, Apply):
        hub.support.applications.apply(kept.number, data.parsed(), caller.account or 0)
    else:
        hub.support.answer(kept.number, data.by(caller.account or 0))
    return _full(hub, hub.support.applications.get(kept.number), caller, language_of(request))


@post(
    "/api/applications/{application:int}/review",
    opt=needs(Permission.DECIDE_OBJECTIONS),
    status_code=200,
    sync_to_thread=True,
)
def application_review(
    hub: TheHub, request: _Request, caller: TheCaller, application: FromPath[int], data: JSONBody[OfReviewer]
) -> dict[str, Any]:
    """A step of the hub: somebody asks, decides, judges, pays, takes back or tells what was measured."""
    if isinstance(data, Measure):
        hub.support.measure(application, data.comparison, caller.account or 0)
    else:
        hub.support.review(application, data.by(caller.account or 0))
    return _full(hub, hub.support.applications.get(application), caller, language_of(request))


APPLICATION_ROUTES = [
    application_list,
    application_one,
    application_draft,
    application_content,
    application_step,
    application_review,
    *CONFLICT_ROUTES,
]


def in_reach(hub: Hub, number: int, reach: Reach) -> Kept:
    """An application of a member in reach; another is as if there were none. Raises ConfigurationError."""
    kept = hub.support.applications.get(number)
    if not reach.member(kept.application.draft.member):
        raise ConfigurationError("applications.none", number=number)
    return kept


def _full(hub: Hub, kept: Kept, caller: Identity, language: str) -> dict[str, Any]:
    return application_json(hub, kept, _eyes(hub, kept, caller, language))


def _eyes(hub: Hub, kept: Kept, caller: Identity, language: str) -> Eyes:
    """What somebody may do next with an application, and why no more where they else could."""
    application, account = kept.application, caller.account or 0
    of_member = _reaches(hub, caller, Permission.RAISE_OBJECTIONS, kept)
    may = set(open_to_member(application)) if of_member and account not in application.reviewers else set()
    why_not = None
    if Permission.DECIDE_OBJECTIONS in caller.permissions:
        try:
            hub.support.require_other(kept, account)
        except NotPermitted as error:
            why_not = error.sentence(language)
        else:
            may |= open_to_reviewer(application, account)
    whole = caller.reach(Permission.READ_OBJECTIONS, lambda: hub.ground).whole
    return Eyes(language, account, whole, frozenset(may), why_not, of_member)


def _reaches(hub: Hub, caller: Identity, permission: Permission, kept: Kept) -> bool:
    reach = caller.reach(permission, lambda: hub.ground)
    return permission in caller.permissions and reach.member(kept.application.draft.member)


def _budgets(hub: Hub, applied_for: frozenset[str], language: str) -> list[dict[str, Any]]:
    """Of the budgets of programmes that somebody applied for what there is, and what applications take of it."""
    on, desk = hub.support.today(), hub.support.applications
    found = []
    for one in hub.support.shelf.read().in_force(on):
        budget = one.parameters[one.budget].on(on) if one.budget and one.id in applied_for else None
        if budget is not None:
            told = {"programme": one.id, "name": one.names[language], "unit": str(one.unit), "budget": budget}
            found.append(told | {"committed": desk.committed(one)})
    return found
