"""Every route says which permission it needs; this enforces it, and that only this machine is talking."""

from __future__ import annotations

from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from lineside.errors import NotPermitted
from lineside.trust import LOCAL_OWNER, Identity, Permission, is_own_origin, require

PERMISSION = "permission"


def needs(permission: Permission) -> dict[str, Any]:
    """The declaration a route handler carries: `@get("/x", opt=needs(Permission.READ_FACTS))`."""
    return {PERMISSION: permission}


def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuses foreign origins and callers who lack the permission the handler declares."""
    host = connection.headers.get("host", "")
    origin = connection.headers.get("origin")
    if not is_own_origin(origin, host):
        raise NotPermitted("trust.foreign_origin", origin=origin or host)
    permission = handler.opt.get(PERMISSION)
    if permission is None:  # the framework's own answers to OPTIONS declare nothing, so nobody gets them
        raise NotPermitted("trust.undeclared", path=connection.url.path)
    require(identity_of(connection), permission)


def identity_of(_: ASGIConnection[Any, Any, Any, Any]) -> Identity:
    """Who is calling: until identities exist, the owner at this machine."""
    return LOCAL_OWNER


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
