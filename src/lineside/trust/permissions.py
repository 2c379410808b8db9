"""Who may do what. Every route and socket topic declares one of these permissions.

Until identities exist there is one: the owner at the machine itself, reached over loopback only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lineside.errors import NotPermitted


class Permission(StrEnum):
    """What a route or topic needs its caller to be allowed."""

    READ_PLANT = "plant.read"
    READ_FACTS = "facts.read"
    WRITE_FACTS = "facts.write"
    READ_SOURCES = "sources.read"
    READ_JOBS = "jobs.read"
    RUN_JOBS = "jobs.run"


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody known to the node, with what they may do."""

    name: str
    permissions: frozenset[Permission]


LOCAL_OWNER = Identity("local owner", frozenset(Permission))
"""The one identity of a node that serves loopback only."""


def require(identity: Identity, permission: Permission) -> None:
    """Raises NotPermitted when `identity` lacks `permission`."""
    if permission not in identity.permissions:
        raise NotPermitted("trust.not_permitted", name=identity.name, permission=permission.value)
