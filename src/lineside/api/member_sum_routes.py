"""Secure sums that this factory may take part in."""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from lineside.api.guard import TheCaller, needs
from lineside.api.membership_routes import person
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.errors import LinesideError
from lineside.node import CalledSum, Node, SeenRound
from lineside.trust import Permission


class SumTaken(Struct, forbid_unknown_fields=True):
    """In which sum, by its hash; a value only where people enter it."""

    sum: str
    value: float | None = None


@get("/api/member/sums", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def member_sums(node: TheNode, request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
    """What the hub calls for, asked now, with what this factory would give to each."""
    return [called_json(node, one, language_of(request)) for one in node.member.sums.called()]


@post("/api/member/sums", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def member_sum_join(
    node: TheNode, request: Request[Any, Any, Any], caller: TheCaller, data: JSONBody[SumTaken]
) -> dict[str, Any]:
    """Takes part with a value that stays here; the shares of all rounds leave by themselves."""
    return called_json(node, node.member.sums.join(data.sum, data.value, person(caller)), language_of(request))


class RoundAgreed(Struct, forbid_unknown_fields=True):
    """Yes to a round as it was seen, by its hash, while at least so many of its members are left."""

    round: str
    least: int | None = None


@get("/api/member/sums/{call:str}/round", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def member_sum_round(node: TheNode, call: FromPath[str]) -> dict[str, Any]:
    """Whom the round holds that waits for a share of this factory, asked now; `round` is null while none waits."""
    return {"round": seen_json(node.member.sums.look(call))}


@post("/api/member/sums/{call:str}/round", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def member_sum_agree(
    node: TheNode, caller: TheCaller, call: FromPath[str], data: JSONBody[RoundAgreed]
) -> dict[str, Any]:
    """Says yes to it: the share leaves with the next run, and those of later rounds among some of the same."""
    return {"round": seen_json(node.member.sums.agree(call, data.round, data.least, person(caller)))}


def seen_json(one: SeenRound | None) -> dict[str, Any] | None:
    """A round with its members, each by the fingerprint that people compare."""
    if one is None:
        return None
    return {
        "sha256": one.sha256,
        "attempt": one.attempt,
        "closes_ms": one.closes_ms,
        "least": one.least,
        "agreed": one.agreed,
        "members": [
            {"member": each.member, "fingerprint": each.fingerprint, "entry": each.entry, "own": each.own}
            for each in one.members
        ],
    }


def called_json(node: Node, one: CalledSum, language: str) -> dict[str, Any]:
    """A call with the value that this factory gives, or would give where the node has it."""
    call, would, problem = one.call, None, None
    if one.own is None and call.indicator is not None and one.state == "called":
        try:
            would = node.member.sums.value_of(call, None)[0] * call.resolution
        except LinesideError as error:
            problem = error.sentence(language)
    return {
        "sha256": one.sha256,
        "title": getattr(call.title, language),
        "purpose": getattr(call.purpose, language),
        "quantity": getattr(call.quantity, language),
        "indicator": call.indicator,
        "month": call.month,
        "unit": call.unit,
        "resolution": call.resolution,
        "most": call.most,
        "least": call.least,
        "keys_until_ms": call.keys_until_ms,
        "state": one.state,
        "total": one.total,
        "members": one.members,
        "own": one.own,
        "would": would,
        "problem": problem,
    }
