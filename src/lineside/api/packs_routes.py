"""Solution packs over HTTP: the shelf, drafts and publishing, needs and the answers to them."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from lineside.api.guard import TheCaller, TheReach, Within, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.packs_view import Eyes, draft_json, needs_json, pack_json, shelf_json
from lineside.api.problems import language_of
from lineside.hub import Hub
from lineside.hub.packs import Draft, Drafted, draft_of
from lineside.trust import Identity, Permission

_Request: TypeAlias = Request[Any, Any, Any]
Sha: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Reasons: TypeAlias = Annotated[str, Meta(max_length=5000)]


class Publishing(Struct, forbid_unknown_fields=True):
    """Why a draft is published, with the plans of pilots that measured it; `members_cost`: as members told it."""

    reasons: Reasons
    plans: Annotated[list[Sha], Meta(max_length=20)] = []
    members_cost: bool = False


class Withdrawing(Struct, forbid_unknown_fields=True):
    """Why a pack is not to be used any more."""

    reasons: Reasons


class Offering(Struct, forbid_unknown_fields=True):
    """An answer to a need: a published pack by its hash, an own draft by its number, or words alone."""

    words: Annotated[str, Meta(max_length=2000)] = ""
    pack: Sha | None = None
    draft: int | None = None


@get("/api/packs", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=True)
def pack_list(hub: TheHub, request: _Request, caller: TheCaller) -> dict[str, Any]:
    """The shelf; drafts for who may go on with them."""
    return shelf_json(hub, _eyes(hub, request, caller))


@get("/api/packs/{sha256:str}", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=True)
def pack_one(hub: TheHub, request: _Request, caller: TheCaller, sha256: FromPath[str]) -> dict[str, Any]:
    """A pack in full, what came of it and how far it spread: exact for who reads the figures of the whole hub."""
    return pack_json(hub, hub.packs.shelf.get(sha256), _eyes(hub, request, caller))


@get("/api/packs/{sha256:str}/file", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=True)
def pack_file(hub: TheHub, sha256: FromPath[str]) -> Response[bytes]:
    """The signed file, for a stick."""
    found = hub.packs.shelf.get(sha256)
    name = f"{found.pack.id}-{found.pack.edition}.pack.json"
    told = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(found.envelope, media_type="application/json", headers=told)


@post("/api/packs/{sha256:str}/withdraw", opt=needs(Permission.PUBLISH_PACKS), status_code=200, sync_to_thread=True)
def pack_withdraw(
    hub: TheHub, request: _Request, caller: TheCaller, sha256: FromPath[str], data: JSONBody[Withdrawing]
) -> dict[str, Any]:
    """It is not to be used any more; who adopted it is told."""
    found = hub.packs.shelf.withdraw(sha256, data.reasons, by=caller.who)
    return pack_json(hub, found, _eyes(hub, request, caller))


@get("/api/packs/{sha256:str}/draft", opt=needs(Permission.OFFER_PACKS), sync_to_thread=True)
def pack_as_draft(hub: TheHub, sha256: FromPath[str]) -> Draft:
    """What a draft of its next edition begins with."""
    return draft_of(hub.packs.shelf.get(sha256).pack)


@post("/api/drafts", opt=needs(Permission.OFFER_PACKS), sync_to_thread=True)
def draft_begin(hub: TheHub, request: _Request, caller: TheCaller, data: JSONBody[Draft]) -> dict[str, Any]:
    """A new draft; what is wrong about it is told all at once."""
    return draft_json(hub, hub.packs.drafts.begin(data, by=caller.who), _eyes(hub, request, caller))


@get("/api/drafts/{draft:int}", opt=needs(Permission.OFFER_PACKS), sync_to_thread=True)
def draft_one(hub: TheHub, request: _Request, caller: TheCaller, draft: FromPath[int]) -> dict[str, Any]:
    """One draft, for who had a hand in it, or publishes."""
    return draft_json(hub, _open_to(hub, caller, draft), _eyes(hub, request, caller))


@put("/api/drafts/{draft:int}", opt=needs(Permission.OFFER_PACKS), sync_to_thread=True)
def draft_revise(
    hub: TheHub, request: _Request, caller: TheCaller, draft: FromPath[int], data: JSONBody[Draft]
) -> dict[str, Any]:
    """The draft as it is from now on; the editions before are kept."""
    _open_to(hub, caller, draft)
    return draft_json(hub, hub.packs.drafts.revise(draft, data, by=caller.who), _eyes(hub, request, caller))


@post("/api/drafts/{draft:int}/drop", opt=needs(Permission.OFFER_PACKS), status_code=200, sync_to_thread=True)
def draft_drop(hub: TheHub, request: _Request, caller: TheCaller, draft: FromPath[int]) -> dict[str, Any]:
    """It is not to be published."""
    _open_to(hub, caller, draft)
    return draft_json(hub, hub.packs.drafts.drop(draft, by=caller.who), _eyes(hub, request, caller))


@post("/api/drafts/{draft:int}/publish", opt=needs(Permission.PUBLISH_PACKS), sync_to_thread=True)
def draft_publish(
    hub: TheHub, request: _Request, caller: TheCaller, draft: FromPath[int], data: JSONBody[Publishing]
) -> dict[str, Any]:
    """Signs a draft as the next edition of its pack, by somebody who had no hand in it."""
    found = hub.packs.publish(draft, data.reasons, plans=data.plans, members_cost=data.members_cost, by=caller.who)
    return pack_json(hub, found, _eyes(hub, request, caller))


@get("/api/needs", opt=needs(Permission.READ_PLANT, Within.FILTERED), sync_to_thread=True)
def need_list(hub: TheHub, request: _Request, caller: TheCaller, reach: TheReach) -> dict[str, Any]:
    """Needs of the members in reach with the answers to them, and those of others that may be read."""
    return needs_json(hub, _eyes(hub, request, caller), whole=reach.whole)


@post("/api/needs/{need:int}/offers", opt=needs(Permission.OFFER_PACKS), sync_to_thread=True)
def need_answer(
    hub: TheHub, request: _Request, caller: TheCaller, need: FromPath[int], data: JSONBody[Offering]
) -> dict[str, Any]:
    """Answers a need with a pack, a draft or words; its member reads it by its node, and here."""
    hub.packs.offer(need, data.words, pack=data.pack, draft=data.draft, by=caller.who)
    return needs_json(hub, _eyes(hub, request, caller), whole=True)


@post("/api/offers/{offer:int}/end", opt=needs(Permission.OFFER_PACKS), status_code=200, sync_to_thread=True)
def offer_end(hub: TheHub, request: _Request, caller: TheCaller, offer: FromPath[int]) -> dict[str, Any]:
    """Takes back an own answer."""
    hub.packs.offers.end(offer, by=caller.who)
    return needs_json(hub, _eyes(hub, request, caller), whole=True)


PACKS_ROUTES = [
    pack_list,
    pack_one,
    pack_file,
    pack_withdraw,
    pack_as_draft,
    draft_begin,
    draft_one,
    draft_revise,
    draft_drop,
    draft_publish,
    need_list,
    need_answer,
    offer_end,
]


def _open_to(hub: Hub, caller: Identity, number: int) -> Drafted:
    """A draft in which the caller had a hand, or any for who publishes. Raises NotPermitted, ConfigurationError."""
    found = hub.packs.drafts.get(number)
    if Permission.PUBLISH_PACKS not in caller.permissions:
        hub.packs.drafts.require_author(number, caller.who)
    return found


def _eyes(hub: Hub, request: _Request, caller: Identity) -> Eyes:
    reads = Permission.READ_FIGURES in caller.permissions
    reach = caller.reach(Permission.READ_FIGURES, lambda: hub.ground)
    mine = [one for one in hub.register.members if reach.member(one)] if reads and not reach.whole else []
    return Eyes(
        language_of(request),
        caller.who,
        reads and reach.whole,
        Permission.OFFER_PACKS in caller.permissions,
        Permission.PUBLISH_PACKS in caller.permissions,
        frozenset(mine),
    )
