"""What several routes take: the node, and query parameters."""

from __future__ import annotations

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from lineside.node import Node

_MOMENT = "ISO 8601, local to the plant without an offset, or epoch milliseconds."

TheNode = NamedDependency[Node]
"""The node that is asked."""

From = Annotated[str, QueryParameter(name="from", description=f"Start: {_MOMENT}")]
To = Annotated[str, QueryParameter(name="to", description=f"End, not included: {_MOMENT}")]
ScopeName = Annotated[str, QueryParameter(name="scope", description="machine/ID, line/ID, area/ID or site.")]
MaybeScope = Annotated[str | None, QueryParameter(name="scope", description="Whose; the site's when left out.")]
ScopeNames = Annotated[
    list[str] | None, QueryParameter(name="scope", description="Several of them; all when left out.")
]
"""Handlers give these another name: Litestar keeps `scope` for the ASGI scope."""
Start = Annotated[str | None, QueryParameter(name="from", description=f"Start, or 31 days before the end: {_MOMENT}")]
Until = Annotated[str | None, QueryParameter(name="to", description=f"End, or the last thing heard: {_MOMENT}")]
