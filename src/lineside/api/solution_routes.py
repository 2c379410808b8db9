"""Solution packs over HTTP: look, ask the twin, put to use, give up, and what the factory looks for."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct, field

from lineside.api.guard import TheCaller, needs
from lineside.api.job_routes import job_json
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.api.solution_view import (
    applied_json,
    asked_json,
    need_json,
    needs_json,
    offers_json,
    pack_draft_json,
    solution_json,
    solutions_json,
)
from lineside.errors import ConfigurationError
from lineside.node import Node
from lineside.trust import Identity, Permission, require

_MOST_PACK = 600_000
_Asked = Request[Any, Any, Any]
_PACK = "/api/solutions/{sha256:str}"
_USE = "/api/solutions/applied/{number:int}"
Value = str | float
Amount = Annotated[float, Meta(ge=0)]


class Brought(Struct, forbid_unknown_fields=True):
    """The text of a pack's signed file."""

    content: Annotated[str, Meta(max_length=_MOST_PACK)]


class Chosen(Struct, forbid_unknown_fields=True):
    """A value for each parameter of a pack that has no default."""

    values: dict[str, Value] = field(default_factory=dict)


class Applying(Struct, forbid_unknown_fields=True):
    """The values, the SHA-256 of the plant file that was looked at (`seen`), and the job of the twin's answer, if any.

    With `tell` the hub is told of it, of its cost, once, and of what the twin foresaw.
    """

    seen: str
    values: dict[str, Value] = field(default_factory=dict)
    answer: int | None = None
    cost_cny: Amount | None = None
    tell: bool = False


class Ending(Struct, forbid_unknown_fields=True):
    """Whether the plant file of before is put back, and why, for the hub's people."""

    restore: bool = True
    why: Annotated[str, Meta(max_length=2000)] = ""


class Nothing(Struct, forbid_unknown_fields=True):
    """There is nothing to say beside the address."""


class NeedAsked(Struct, forbid_unknown_fields=True):
    """What is looked for; `to_members`: who may read it, but nobody reads whose it is but the hub."""

    title: Annotated[str, Meta(max_length=200)]
    words: Annotated[str, Meta(max_length=2000)] = ""
    indicator: str | None = None
    worth_cny: Amount | None = None
    to_members: bool = False


@get("/api/solutions", opt=needs(Permission.READ_FACTS), sync_to_thread=True)
def solution_list(node: TheNode, request: _Asked) -> dict[str, Any]:
    """The packs that are here, and those that were put to use, with what came of them."""
    return solutions_json(node, language_of(request))


@get(_PACK, opt=needs(Permission.READ_FACTS), sync_to_thread=True)
def solution_view(node: TheNode, request: _Asked, sha256: FromPath[str]) -> dict[str, Any]:
    """A pack in full, what may be chosen, and what the twin was asked about it."""
    return solution_json(node, sha256, language_of(request))


@post("/api/solutions/fetch", opt=needs(Permission.ASK_RELEASES), status_code=200, sync_to_thread=True)
def solution_fetch(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[Nothing]) -> dict[str, Any]:
    """Asks the hub for its packs, which tells it no more than that this member asks; keeps those that are new."""
    del data
    language, fetched = language_of(request), node.packs.shelf.fetch(caller.who)
    problems = [{"sentence": one.sentence(language), "cure": one.cure(language)} for one in fetched.problems]
    told = {"new": fetched.new, "listed": fetched.listed, "problems": problems}
    return {**told, **solutions_json(node, language)}


@post("/api/solutions/take", opt=needs(Permission.ASK_RELEASES), status_code=200, sync_to_thread=True)
def solution_take(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[Brought]) -> dict[str, Any]:
    """Keeps the pack in a file that somebody carried here, signed by this node's hub."""
    kept = node.packs.shelf.take(data.content.encode(), caller.who)
    return solution_json(node, kept.sha256, language_of(request))


@post(f"{_PACK}/preview", opt=needs(Permission.PLAN), status_code=200, sync_to_thread=True)
def solution_preview(node: TheNode, request: _Asked, sha256: FromPath[str], data: JSONBody[Chosen]) -> dict[str, Any]:
    """What a pack would change here, with these values; nothing is written by looking."""
    return pack_draft_json(node.packs.draft(sha256, data.values), language_of(request))


@post(f"{_PACK}/ask", opt=needs(Permission.PLAN), sync_to_thread=True)
def solution_ask(node: TheNode, request: _Asked, sha256: FromPath[str], data: JSONBody[Chosen]) -> dict[str, Any]:
    """Queues the question to the line's twin what the pack would bring with these values."""
    job = node.packs.ask(node.jobs, sha256, data.values)
    return asked_json(job, node.packs.shelf.get(sha256).pack, language_of(request))


@post(f"{_PACK}/apply", opt=needs(Permission.KEEP_NODE), status_code=200, sync_to_thread=True)
def solution_apply(
    node: TheNode, request: _Asked, caller: TheCaller, sha256: FromPath[str], data: JSONBody[Applying]
) -> dict[str, Any]:
    """Puts a pack to use as it was looked at: writes the plant file, and keeps the old text."""
    if data.tell:
        _speaks(caller)
    applied = node.packs.apply(
        node.packs.draft(sha256, data.values),
        data.seen,
        answer=None if data.answer is None else node.jobs.get(data.answer),
        cost_cny=data.cost_cny,
        tell=data.tell,
        who=caller.who,
    )
    return _applied(node, applied.id, request)


@post(f"{_USE}/tell", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def solution_tell(
    node: TheNode, request: _Asked, caller: TheCaller, number: FromPath[int], data: JSONBody[Nothing]
) -> dict[str, Any]:
    """Tells the hub of a pack in use that it was not told of."""
    del data
    _speaks(caller)
    node.packs.tell(number, caller.who)
    return _applied(node, number, request)


@post(f"{_USE}/end", opt=needs(Permission.KEEP_NODE), status_code=200, sync_to_thread=True)
def solution_end(
    node: TheNode, request: _Asked, caller: TheCaller, number: FromPath[int], data: JSONBody[Ending]
) -> dict[str, Any]:
    """Gives a pack up, and tells the hub if it knows of it."""
    if node.packs.uses.get(number).told is not None:
        _speaks(caller)
    node.packs.end(number, restore=data.restore, why=data.why, who=caller.who)
    return _applied(node, number, request)


@post(f"{_USE}/measure", opt=needs(Permission.PLAN), sync_to_thread=True)
def solution_measure(node: TheNode, request: _Asked, number: FromPath[int], data: JSONBody[Nothing]) -> dict[str, Any]:
    """Queues the months of the pack's indicator, before and after it was put to use."""
    del data
    return job_json(node.packs.measure(node.jobs, number), language_of(request))


@get("/api/needs", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def need_list(node: TheNode, request: _Asked) -> dict[str, Any]:
    """What this factory told its hub that it looks for."""
    return needs_json(node, language_of(request))


@post("/api/needs", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def need_post(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[NeedAsked]) -> dict[str, Any]:
    """Signs a need, which leaves past the valve with the next run."""
    _speaks(caller)
    posted = node.packs.needs.post(
        data.title, data.words, data.indicator, data.worth_cny, to_members=data.to_members, who=caller.who
    )
    return need_json(posted, language_of(request))


@post("/api/needs/{number:int}/back", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def need_back(
    node: TheNode, request: _Asked, caller: TheCaller, number: FromPath[int], data: JSONBody[Nothing]
) -> dict[str, Any]:
    """Signs that a need is over."""
    del data
    _speaks(caller)
    return need_json(node.packs.needs.take_back(number, caller.who), language_of(request))


@post("/api/needs/offers", opt=needs(Permission.ASK_RELEASES), status_code=200, sync_to_thread=True)
def need_offers(node: TheNode, request: _Asked, data: JSONBody[Nothing]) -> list[dict[str, Any]]:
    """Asks the hub what was offered for this factory's needs."""
    del data
    return offers_json(node, language_of(request))


def _speaks(caller: Identity) -> None:
    """Raises NotPermitted for who may not speak for the factory, ConfigurationError for a program."""
    require(caller, Permission.ALLOW_RELEASES)
    if caller.token is not None:
        raise ConfigurationError("member.by_people")


def _applied(node: Node, number: int, request: _Asked) -> dict[str, Any]:
    return applied_json(node, node.packs.uses.get(number), language_of(request))
