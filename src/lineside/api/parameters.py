"""Query parameters that several routes take."""

from __future__ import annotations

from typing import Annotated

from litestar.params import QueryParameter

_MOMENT = "ISO 8601, local to the plant without an offset, or epoch milliseconds."

From = Annotated[str, QueryParameter(name="from", description=f"Start: {_MOMENT}")]
To = Annotated[str, QueryParameter(name="to", description=f"End, not included: {_MOMENT}")]
Start = Annotated[str | None, QueryParameter(name="from", description=f"Start, or 31 days before the end: {_MOMENT}")]
Until = Annotated[str | None, QueryParameter(name="to", description=f"End, or the last thing heard: {_MOMENT}")]
