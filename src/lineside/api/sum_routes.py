"""Secure sums of a hub over HTTP: what is called for, how far it is, and what came of it."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct, to_builtins

from lineside.api.guard import TheCaller, Within, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.problems import language_of
from lineside.errors import ConfigurationError
from lineside.exchange import Addressed, Both
from lineside.hub import Hub
from lineside.hub.sums import AskedSum, Sum
from lineside.trust import Permission

_Unit: TypeAlias = Annotated[str, Meta(min_length=1, max_length=40)]
_Asked: TypeAlias = Request[Any, Any, Any]


class SumAsked(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be summed: an indicator of a month, or a number that people enter, in steps of `resolution`."""

    title: Both
    purpose: Both
    quantity: Both
    month: str
    unit: _Unit
    resolution: float
    most: float
    indicator: Annotated[str, Meta(max_length=200)] | None = None
    to: Addressed = Addressed()
    least: Annotated[int, Meta(ge=0, le=500)] = 0
    days: int = 14
    hours: int = 72


class SumStopped(Struct, forbid_unknown_fields=True):
    """Why it is stopped."""

    why: Annotated[str, Meta(max_length=2000)]


@get("/api/sums", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=True)
def sum_list(hub: TheHub, request: _Asked) -> list[dict[str, Any]]:
    """All of them, the newest first; nobody is told who takes part."""
    return [sum_json(hub, one, language_of(request)) for one in hub.sums.listed()]


@post("/api/sums", opt=needs(Permission.ASK_MEMBERS), status_code=201, sync_to_thread=True)
def sum_call(hub: TheHub, request: _Asked, caller: TheCaller, data: JSONBody[SumAsked]) -> dict[str, Any]:
    """Calls for a sum."""
    asked = AskedSum(**{name: getattr(data, name) for name in SumAsked.__struct_fields__})
    return sum_json(hub, hub.sums.call(asked, caller.who), language_of(request))


@post("/api/sums/{sum_:int}/stop", opt=needs(Permission.ASK_MEMBERS), status_code=200, sync_to_thread=True)
def sum_stop(
    hub: TheHub, request: _Asked, caller: TheCaller, sum_: FromPath[int], data: JSONBody[SumStopped]
) -> dict[str, Any]:
    """Stops one before it is told, with reasons."""
    return sum_json(hub, hub.sums.stop(sum_, data.why, caller.who), language_of(request))


def sum_json(hub: Hub, one: Sum, language: str) -> dict[str, Any]:
    """A sum as pages show it; times in milliseconds."""
    call, last = one.call, one.rounds[-1].told if one.rounds else None
    made_up = [each for each in (last.members if last else ()) if hub.register.get(each.member).profile.generated]
    why = ConfigurationError(one.why).sentence(language) if one.why.startswith("sums.") else one.why
    return {
        "id": one.id,
        "sha256": one.sha256,
        "title": getattr(call.title, language),
        "purpose": getattr(call.purpose, language),
        "quantity": getattr(call.quantity, language),
        "indicator": call.indicator,
        "month": call.month,
        "unit": call.unit,
        "resolution": call.resolution,
        "to": to_builtins(call.to),
        "least": call.least,
        "state": one.state.value,
        "keys": one.keys,
        "keys_until_ms": call.keys_until_ms,
        "attempt": len(one.rounds),
        "closes_ms": last.closes_ms if last else None,
        "expected": len(last.members) if last else 0,
        "sent": len(one.rounds[-1].sent) if one.rounds else 0,
        "total": one.total,
        "members": one.members,
        "mean": one.mean,
        "generated": len(made_up),
        "why": why,
    }
