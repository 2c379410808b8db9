"""Point, line and surface of a hub, and what anybody may know of it.

Surface and line hold nothing but what all members are told, so whoever may read figures anywhere may read them; a point
is one member's own.
"""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get
from litestar.params import FromPath, QueryParameter

from lineside.api.guard import TheCaller, Within, in_path, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.hub_view import objection_json
from lineside.api.problems import language_of
from lineside.hub.compare import Worth
from lineside.hub.tiers import Reader, about, chain, line, observatory, point, surface
from lineside.trust import Permission

_Request = Request[Any, Any, Any]
Industry = Annotated[str, QueryParameter(name="industry", description="Two digits of GB/T 4754.")]
Chain = Annotated[str, QueryParameter(name="chain", description="As the settings of the hub name it.")]
OfIndicator = Annotated[str, QueryParameter(name="indicator", description="As the catalogue names it.")]
Month = Annotated[
    str | None,
    QueryParameter(name="month", pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="As 2026-10; the last one if not."),
]
Generated = Annotated[
    bool, QueryParameter(name="generated", description="Whether figures in which generated members count are wanted.")
]
Quarter = Annotated[str | None, QueryParameter(name="period", description="As 2026-Q3; the last one if not.")]
Worths = Annotated[
    str | None,
    QueryParameter(
        name="worth",
        pattern=r"^[a-z_0-9]+:\d{1,15}(\.\d{1,6})?(,[a-z_0-9]+:\d{1,15}(\.\d{1,6})?)*$",
        description="What one unit of indicators is worth a year in yuan, by the own estimate: oee:2000000.",
    ),
]
OEE = "oee"


@get("/api/hub", opt=needs(Permission.OPEN), sync_to_thread=True)
def hub_about(hub: TheHub, request: _Request) -> dict[str, Any]:
    """What the hub measures and where, and how it protects its members."""
    return about(hub.tiers, language_of(request))


@get("/api/surface", opt=needs(Permission.READ_FIGURES, Within.ANYWHERE), sync_to_thread=True)
def hub_surface(
    hub: TheHub, request: _Request, *, indicator: OfIndicator = OEE, month: Month = None, generated: Generated = True
) -> dict[str, Any]:
    """An indicator of the whole cluster in a month."""
    return surface(hub.tiers, indicator, month, Reader(language_of(request), generated))


@get("/api/line", opt=needs(Permission.READ_FIGURES, Within.ANYWHERE), sync_to_thread=True)
def hub_line(
    hub: TheHub,
    request: _Request,
    industry: Industry,
    *,
    indicator: OfIndicator = OEE,
    month: Month = None,
    generated: Generated = True,
) -> dict[str, Any]:
    """An industry by size class, its course, its movement and what holds it back."""
    return line(hub.tiers, industry, indicator, month, Reader(language_of(request), generated))


@get("/api/chain", opt=needs(Permission.READ_FIGURES, Within.ANYWHERE), sync_to_thread=True)
def hub_chain(
    hub: TheHub,
    request: _Request,
    chain_: Chain,
    *,
    indicator: OfIndicator = OEE,
    month: Month = None,
    generated: Generated = True,
) -> dict[str, Any]:
    """The industries of a supply chain in their order, their movement, and where the chain is held back."""
    return chain(hub.tiers, chain_, indicator, month, Reader(language_of(request), generated))


@get("/api/point/{member:int}", opt=needs(Permission.READ_FIGURES, in_path("member")), sync_to_thread=True)
def hub_point(
    hub: TheHub,
    request: _Request,
    caller: TheCaller,
    member: FromPath[int],
    *,
    month: Month = None,
    generated: Generated = True,
    worth: Worths = None,
) -> dict[str, Any]:
    """One member beside its peers, and what it objects to, for who may read that."""
    stated = dict(one.split(":") for one in worth.split(",")) if worth else {}
    money = {name: Worth(float(amount), "CNY") for name, amount in stated.items()}
    told = point(hub.tiers, member, month, Reader(language_of(request), generated), money)
    asked = Permission.READ_OBJECTIONS
    may = asked in caller.permissions and caller.reach(asked, lambda: hub.ground).member(member)
    objections = hub.objections.listed([member]) if may else []
    return told | {"objections": [objection_json(one) for one in objections]}


@get("/api/observatory", opt=needs(Permission.OPEN), sync_to_thread=True)
def hub_observatory(hub: TheHub, request: _Request, period: Quarter = None) -> dict[str, Any]:
    """What the public is told of a quarter."""
    return observatory(hub.tiers, period, language_of(request))
