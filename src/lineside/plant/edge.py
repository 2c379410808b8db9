"""The file of an edge, which reads machines beside them for a node elsewhere: `edge.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lineside.plant.model import SourceSettings
from lineside.plant.table import Identifier, Seconds, by_name
from lineside.plant.wording import Misworded

EDGE_FILE = "edge.toml"


def _parse_node(raw: object) -> str:
    """The address of a node, without a slash at its end."""
    try:
        parts = urlsplit(str(raw))
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise Misworded("plant.node_url", value=raw)
    return str(raw).rstrip("/")


class Edge(BaseModel):
    """What an edge reads, for which node, and how much it keeps while the node is away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    node: Annotated[str, BeforeValidator(_parse_node)] = Field(description="Address of the node.")
    buffer_mb: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        1000.0, description="How many megabytes waiting values may take; then the oldest are dropped."
    )
    values_per_s: Seconds = Field(20_000.0, description="How many values a second are sent of a backlog.")
    token_file: str | None = Field(
        None, description="File with the token of a service of the node that has the role collector; from this folder."
    )
    trust: str | None = Field(
        None,
        description="By what an https node is known: the fingerprint of its authority, as lineside certificate prints "
        "it, or a file with its certificate, from this folder. Without it, as this computer's system trusts.",
    )
    sources: Annotated[Mapping[Identifier, SourceSettings], BeforeValidator(by_name), Field(min_length=1)] = Field(
        alias="source", description="The sources, each with the id of a source of type push of the node."
    )
