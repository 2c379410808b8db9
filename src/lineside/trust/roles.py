"""Roles: which permissions each gives, where it is given, and the identity that comes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lineside.errors import ConfigurationError
from lineside.trust.permissions import SITE, Identity, Layers, Permission


class Role(StrEnum):
    """What somebody is to the plant; the last three are for programs."""

    OPERATOR = "operator"
    ENGINEER = "engineer"
    MANAGER = "manager"
    FINANCE = "finance"
    SECURITY = "security"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    COLLECTOR = "collector"
    MONITOR = "monitor"
    READER = "reader"


_EVERYBODY = {Permission.READ_PLANT}
_READS = {permission for permission in Permission if permission.value.endswith(".read")}
_LOOKS = _EVERYBODY | {Permission.READ_FACTS}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.OPERATOR: frozenset(_LOOKS | {Permission.WRITE_FACTS, Permission.SHUT_VALVE}),
    Role.ENGINEER: frozenset(
        _LOOKS
        | {Permission.WRITE_FACTS, Permission.READ_ORDERS, Permission.READ_SOURCES, Permission.TRUST_SOURCES}
        | {Permission.READ_JOBS, Permission.RUN_JOBS, Permission.PLAN, Permission.READ_GRADES}
        | {Permission.READ_RELEASES, Permission.ASK_RELEASES, Permission.SHUT_VALVE}
    ),
    Role.MANAGER: frozenset(
        _LOOKS
        | {Permission.READ_ORDERS, Permission.WRITE_ORDERS, Permission.READ_SOURCES}
        | {Permission.READ_JOBS, Permission.PLAN, Permission.READ_GRADES}
        | {Permission.READ_RELEASES, Permission.ASK_RELEASES, Permission.SHUT_VALVE}
    ),
    Role.FINANCE: frozenset(_LOOKS | {Permission.READ_ORDERS}),
    Role.SECURITY: frozenset(
        _EVERYBODY
        | {Permission.READ_SOURCES, Permission.READ_JOBS, Permission.READ_PEOPLE}
        | {Permission.READ_LEDGER, Permission.KEEP_LEDGER}
        | {Permission.READ_GRADES, Permission.WRITE_GRADES}
        | {Permission.READ_RELEASES, Permission.ASK_RELEASES, Permission.ALLOW_RELEASES, Permission.SHUT_VALVE}
    ),
    Role.AUDITOR: frozenset(_EVERYBODY | _READS),
    Role.ADMINISTRATOR: frozenset(Permission) - {Permission.OPEN, Permission.SELF},
    Role.COLLECTOR: frozenset({Permission.WRITE_FACTS, Permission.READ_SOURCES}),
    Role.MONITOR: frozenset({Permission.READ_SOURCES}),
    Role.READER: frozenset({Permission.READ_PLANT, Permission.READ_FACTS}),
}
"""An administrator may do everything, also what is added later; an auditor may read everything and do nothing."""

SITE_ONLY = frozenset({Role.SECURITY, Role.ADMINISTRATOR})
"""What they look after is not divided by lines."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role, and where it holds: "site", "area/hall", "line/cell" or "machine/press"."""

    role: Role
    scope: str = SITE

    @classmethod
    def parse(cls, text: str) -> Grant:
        """The grant that `engineer` or `operator@line/cell` names. Raises ConfigurationError for anything else."""
        name, _, scope = text.partition("@")
        return cls.of(name.strip(), scope.strip() or SITE)

    @classmethod
    def of(cls, role: str, scope: str) -> Grant:
        """A role by its name, and where. Raises ConfigurationError for what is no role or no scope.

        A scope may name what is not there yet: the plant file may be edited before or after.
        """
        if role not in set(Role):
            raise ConfigurationError("trust.no_role", role=role[:40], known=", ".join(Role))
        level, _, name = scope.partition("/")
        if scope != SITE and (level not in {"area", "line", "machine"} or not name):
            raise ConfigurationError("trust.no_scope", scope=scope[:80])
        if scope != SITE and role in SITE_ONLY:
            raise ConfigurationError("trust.site_only", role=role)
        return cls(Role(role), scope)

    def __str__(self) -> str:
        return self.role if self.scope == SITE else f"{self.role}@{self.scope}"


def layers_of(grants: Iterable[Grant]) -> dict[Permission, frozenset[str]]:
    """Each permission that grants give, with the scopes they give it for."""
    held: dict[Permission, set[str]] = {}
    for grant in grants:
        for permission in PERMISSIONS[grant.role]:
            held.setdefault(permission, set()).add(grant.scope)
    return {permission: frozenset(scopes) for permission, scopes in held.items()}


def identity_of(
    name: str,
    grants: Iterable[Grant],
    limit: Grant | None = None,
    *,
    account: int | None = None,
    session: int | None = None,
    token: int | None = None,
) -> Identity:
    """Somebody with these roles; with a `limit` not more than that role, and not outside of its scope.

    What is open to anybody is open to them too; about themselves people only who have logged in.
    """
    held = layers_of(grants)
    within = held if limit is None else layers_of([limit])
    layers: dict[Permission, Layers] = {one: (held[one], within[one]) for one in held.keys() & within.keys()}
    own = {Permission.OPEN} if session is None else {Permission.OPEN, Permission.SELF}
    kept = {one: layers[one] for one in layers.keys() - own}
    return Identity(name, frozenset(layers) | own, kept, account, session, token)
