"""What authorities ask of this factory over HTTP: it is seen before it is said, and a person says it."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from lineside.api.guard import TheCaller, needs
from lineside.api.overseen_asked import AnswerAsked, ConsentAsked, ExposureAsked, IncidentAsked
from lineside.api.overseen_view import answer_json, draft_json, exposure_basis_json, overseen_json, problem_json
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.errors import ConfigurationError
from lineside.trust import Identity, Permission

_MOST_FILE = 32_000_000
_QUESTION = "/api/member/questions/{sha256:str}"
_SANDBOX = "/api/member/sandboxes/{sha256:str}"
_Asked = Request[Any, Any, Any]


class DocumentsBrought(Struct, forbid_unknown_fields=True):
    """The text of a file of signed documents, one a line."""

    text: Annotated[str, Meta(max_length=_MOST_FILE)]


class Nothing(Struct, forbid_unknown_fields=True):
    """There is nothing to say beside the address."""


def _person(caller: Identity) -> str:
    """Who it is, as the ledger names them. Raises ConfigurationError for a program."""
    if caller.token is not None:
        raise ConfigurationError("member.by_people")
    return caller.who


@get("/api/member/questions", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def overseen_view(node: TheNode, request: _Asked) -> dict[str, Any]:
    """Questions with their state and answers, sandboxes with their limits, incidents with who looked, the exposure."""
    return overseen_json(node, language_of(request))


@post("/api/member/questions/fetch", opt=needs(Permission.ASK_RELEASES), status_code=200, sync_to_thread=True)
def overseen_fetch(node: TheNode, request: _Asked, data: JSONBody[Nothing]) -> dict[str, Any]:
    """Asks the hub now; `problem` tells what went wrong."""
    del data
    node.overseen.fetching.fetch()
    return overseen_json(node, language_of(request))


@post("/api/member/questions/take", opt=needs(Permission.ASK_RELEASES), status_code=200, sync_to_thread=True)
def overseen_take(node: TheNode, request: _Asked, data: JSONBody[DocumentsBrought]) -> dict[str, Any]:
    """Takes signed questions and terms that somebody carried here."""
    taken, language = node.overseen.fetching.take(data.text.encode()), language_of(request)
    problems = [problem_json(one, language) for one in taken.problems]
    return {"new": taken.new, "known": taken.known, "problems": problems} | overseen_json(node, language)


@post(f"{_QUESTION}/preview", opt=needs(Permission.READ_RELEASES), status_code=200, sync_to_thread=True)
def question_preview(
    node: TheNode, request: _Asked, sha256: FromPath[str], data: JSONBody[AnswerAsked]
) -> dict[str, Any]:
    """What would be answered: in words, of which values, byte for byte, with what it shows; nothing is said."""
    return answer_json(node.overseen.answering.look(sha256, data.wish()), language_of(request))


@post(f"{_QUESTION}/reply", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def question_reply(
    node: TheNode, request: _Asked, caller: TheCaller, sha256: FromPath[str], data: JSONBody[AnswerAsked]
) -> dict[str, Any]:
    """Signs exactly what was seen, past the valve; it leaves with the next run."""
    node.overseen.answering.say(sha256, data.wish(), data.digest, _person(caller))
    return overseen_json(node, language_of(request))


@post("/api/member/incidents/preview", opt=needs(Permission.READ_RELEASES), status_code=200, sync_to_thread=True)
def incident_preview(node: TheNode, request: _Asked, data: JSONBody[IncidentAsked]) -> dict[str, Any]:
    """What would be told of an incident, byte for byte; nothing is said."""
    return draft_json(node.overseen.incidents.look(data.happened()), language_of(request))


@post("/api/member/incidents", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def incident_tell(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[IncidentAsked]) -> dict[str, Any]:
    """Signs exactly what was seen, past the valve."""
    node.overseen.incidents.say(data.happened(), data.digest, _person(caller))
    return overseen_json(node, language_of(request))


@post(f"{_SANDBOX}/preview", opt=needs(Permission.READ_RELEASES), status_code=200, sync_to_thread=True)
def sandbox_preview(
    node: TheNode, request: _Asked, sha256: FromPath[str], data: JSONBody[ConsentAsked]
) -> dict[str, Any]:
    """What would be said on the terms of a sandbox, byte for byte; nothing is said."""
    draft = node.overseen.terms.look(sha256, agrees=data.agrees, why=data.why)
    return draft_json(draft, language_of(request))


@post(f"{_SANDBOX}/consent", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def sandbox_consent(
    node: TheNode, request: _Asked, caller: TheCaller, sha256: FromPath[str], data: JSONBody[ConsentAsked]
) -> dict[str, Any]:
    """Signs exactly what was seen, past the valve: that this factory agrees, or ends it."""
    who = _person(caller)
    node.overseen.terms.say(sha256, data.digest, agrees=data.agrees, why=data.why, who=who)
    return overseen_json(node, language_of(request))


@get("/api/member/exposure", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def exposure_basis(node: TheNode) -> dict[str, Any]:
    """What could go into it: the power that signals tell of the last whole month, and what twins answered to shocks."""
    return exposure_basis_json(node)


@post("/api/member/exposure/preview", opt=needs(Permission.READ_RELEASES), status_code=200, sync_to_thread=True)
def exposure_preview(node: TheNode, request: _Asked, data: JSONBody[ExposureAsked]) -> dict[str, Any]:
    """What would be told of what the plant depends on, byte for byte; nothing is said."""
    return draft_json(node.overseen.exposures.look(data.depends()), language_of(request))


@post("/api/member/exposure", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def exposure_tell(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[ExposureAsked]) -> dict[str, Any]:
    """Signs exactly what was seen, past the valve; it takes the place of what was said before."""
    node.overseen.exposures.say(data.depends(), data.digest, _person(caller))
    return overseen_json(node, language_of(request))
