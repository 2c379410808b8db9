"""Shocks over HTTP: what everybody is told, what analysts and overseers try, and what one factory sees of itself."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import FromPath, QueryParameter

from lineside.api.guard import TheCaller, Within, in_path, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.problems import language_of
from lineside.api.shock_view import effect_json, own_json, told_json
from lineside.hub.shocks import Shock, ShockKind
from lineside.trust import Permission

_Request = Request[Any, Any, Any]
OfKind = Annotated[ShockKind, QueryParameter(name="kind", description="supplier, power or price.")]
OfSize = Annotated[
    float, QueryParameter(name="size", description="The share that is lost or cut, or by which the price rises.")
]
OfDays = Annotated[float, QueryParameter(name="days", description="So long it lasts.")]
OfWhat = Annotated[
    str, QueryParameter(name="what", max_length=200, description="Which input; empty: of each the one it misses most.")
]
WithGenerated = Annotated[bool, QueryParameter(name="generated", description="Whether generated members count.")]


@get("/api/shocks", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=True)
def shocks_told(hub: TheHub, request: _Request) -> dict[str, Any]:
    """What everybody is told of the published shocks: shares of groups."""
    return told_json(hub, hub.shocks.told(), language_of(request))


@get("/api/shocks/effect", opt=needs(Permission.READ_EXPOSURES), sync_to_thread=True)
def shock_effect(
    hub: TheHub,
    request: _Request,
    kind: OfKind,
    *,
    size: OfSize = 1.0,
    days: OfDays = 30.0,
    what: OfWhat = "",
    generated: WithGenerated = True,
) -> dict[str, Any]:
    """What a shock of one's own choice does, by day, industry and factory."""
    found = hub.shocks.effect(Shock(kind, size, days, what.strip()), generated=generated)
    return effect_json(hub, found, hub.shocks.inputs(), language_of(request))


@get("/api/members/{member:int}/shocks", opt=needs(Permission.READ_EXPOSURES, in_path("member")), sync_to_thread=True)
def shocks_of_member(hub: TheHub, request: _Request, member: FromPath[int]) -> dict[str, Any]:
    """What the published shocks cost one member, by what it released itself."""
    return own_json(hub.shocks.of_member(member), language_of(request))


@post("/api/shocks/told", opt=needs(Permission.ASK_MEMBERS), status_code=200, sync_to_thread=True)
def shocks_tell(hub: TheHub, request: _Request, caller: TheCaller) -> dict[str, Any]:
    """Tells everybody of the published shocks anew."""
    return told_json(hub, hub.shocks.tell(by=caller.who), language_of(request))


SHOCK_ROUTES = [shocks_told, shock_effect, shocks_of_member, shocks_tell]
"""To be given to `create_hub_app`, with those of the rest of a hub."""
