"""Every route says which permission it needs and where; this enforces it, and that no other site's page is asking.

A route that says nothing of where is for who holds its permission for the whole site or hub: a new one fails closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Any, TypeAlias

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler

from lineside.api.door import Doorkeeper
from lineside.api.house import House
from lineside.errors import NotIdentified, NotPermitted
from lineside.trust import Identity, Permission, Reach, is_own_origin, require

PERMISSION = "permission"
WITHIN = "within"
_SAFE = {"GET", "HEAD"}
_Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]


class Within(Enum):
    """For whom a route is that holds its permission for a part of the site or the hub only."""

    SITE = auto()
    """Not for them."""
    FILTERED = auto()
    """It answers with what is in their reach, which it takes as `reach: TheReach`."""
    ANYWHERE = auto()
    """It tells nothing of the parts."""


Named: TypeAlias = Callable[[_Connection], Iterable[str]]
"""The scopes that a request names, each of which must be in reach; what it does not name the route filters."""

TheReach = NamedDependency[Reach]
"""Of the plant or hub what the caller may touch with the route's permission."""
TheCaller = NamedDependency[Identity]
TheKeeper = NamedDependency[Doorkeeper]


def needs(permission: Permission, within: Within | Named = Within.SITE) -> dict[str, Any]:
    """The declaration a route handler carries: `@get("/x", opt=needs(Permission.READ_FACTS))`."""
    return {PERMISSION: permission, WITHIN: within}


def in_path(kind: str) -> Named:
    """The line, source or member that the address names, as `{line:str}` or `{member:int}`."""
    return lambda connection: [f"{kind}/{connection.path_params[kind]}"]


def in_query(name: str) -> Named:
    """The scopes, machines or series that the query names."""

    def named(connection: _Connection) -> Iterable[str]:
        told = connection.query_params.getall(name, [])
        return told if name == "scope" else [f"machine/{one.partition('/')[0]}" for one in told]

    return named


def guard(connection: _Connection, handler: BaseRouteHandler) -> None:
    """Refuses foreign origins, and callers who lack the permission the handler declares, or lack it there.

    What is out of reach is refused in the same words whether it exists or not.
    """
    keeper: Doorkeeper = connection.app.state.keeper
    host = connection.headers.get("host", "")
    origin = connection.headers.get("origin")
    if not is_own_origin(origin, host, keeper.door.names):
        raise NotPermitted("trust.foreign_origin", origin=origin or host)
    permission = handler.opt.get(PERMISSION)
    if permission is None:  # the framework's own answers to OPTIONS declare nothing, so nobody gets them
        raise NotPermitted("trust.undeclared", path=connection.scope["path"])
    identity = connection.state["caller"] = identity_of(connection)
    allow(identity, permission)
    if identity.session is not None and origin is None and connection.scope.get("method", "GET") not in _SAFE:
        raise NotPermitted("trust.foreign_origin", origin="-")  # a browser says where its page is from
    house: House = connection.app.state.house
    reach = identity.reach(permission, lambda: house.ground)
    _within(handler.opt.get(WITHIN, Within.SITE), reach, connection)
    connection.state["reach"] = reach


def _within(within: Within | Named, reach: Reach, connection: _Connection) -> None:
    if reach.whole or within in (Within.FILTERED, Within.ANYWHERE):
        return
    if isinstance(within, Within):
        raise NotPermitted("trust.whole_site")
    if not all(map(reach.covers, within(connection))):
        raise NotPermitted("trust.out_of_reach")


def allow(identity: Identity, permission: Permission) -> None:
    """Raises NotIdentified for who lacks a permission and has not said who they are, else NotPermitted."""
    if permission not in identity.permissions and not identity.known:
        raise NotIdentified("trust.who")
    require(identity, permission)


def identity_of(connection: _Connection) -> Identity:
    """Who is calling."""
    keeper: Doorkeeper = connection.app.state.keeper
    return keeper.recognise(connection)


def who_of(connection: _Connection) -> str:
    """How the ledger names who was let in."""
    caller: Identity = connection.state["caller"]
    return caller.who


def undeclared(app: Litestar) -> list[str]:
    """The routes that declare no permission; an application with any of them does not start."""
    return [
        f"{route.path} ({handler})"
        for route in app.routes
        for handler in getattr(route, "route_handlers", [getattr(route, "route_handler", None)])
        if handler is not None
        and PERMISSION not in handler.opt
        and getattr(handler, "http_methods", None) != {"OPTIONS"}
    ]
