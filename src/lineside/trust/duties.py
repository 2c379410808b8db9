"""What each role may do in a house, which is a node or a hub, and the identity that comes of somebody's roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lineside.errors import ConfigurationError
from lineside.trust.permissions import CONCERN, MEMBER, SITE, Identity, Layers, Permission
from lineside.trust.roles import PLACES, Grant, Role

_EVERYBODY = {Permission.READ_PLANT}
_OF_HUBS = frozenset(
    {
        Permission.READ_MEMBERS,
        Permission.WRITE_MEMBERS,
        Permission.READ_FIGURES,
        Permission.READ_OBJECTIONS,
        Permission.RAISE_OBJECTIONS,
        Permission.DECIDE_OBJECTIONS,
        Permission.WRITE_PILOTS,
        Permission.OFFER_PACKS,
        Permission.PUBLISH_PACKS,
        Permission.ASK_MEMBERS,
        Permission.READ_REPLIES,
        Permission.READ_INCIDENTS,
        Permission.FOLLOW_INCIDENTS,
        Permission.READ_EXPOSURES,
        Permission.TRY_RULES,
        Permission.LEARN_TYPES,
    }
)
_OF_NODES = frozenset(Permission) - _OF_HUBS - {Permission.OPEN, Permission.SELF}
_READS = {permission for permission in _OF_NODES if permission.value.endswith(".read")}
_LOOKS = _EVERYBODY | {Permission.READ_FACTS}
_REGISTER = _EVERYBODY | {Permission.READ_MEMBERS}

_AT_NODE: Mapping[Role, frozenset[Permission]] = {
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
    Role.ADMINISTRATOR: _OF_NODES,
    Role.COLLECTOR: frozenset({Permission.WRITE_FACTS, Permission.READ_SOURCES}),
    Role.MONITOR: frozenset({Permission.READ_SOURCES}),
    Role.READER: frozenset({Permission.READ_PLANT, Permission.READ_FACTS}),
}
"""An administrator may do everything, also what is added later; an auditor may read everything and do nothing."""

_AT_HUB: Mapping[Role, frozenset[Permission]] = {
    Role.REGISTRAR: frozenset(_REGISTER | {Permission.WRITE_MEMBERS}),
    Role.ANALYST: frozenset(
        _REGISTER
        | {Permission.READ_FIGURES, Permission.TRY_RULES, Permission.READ_EXPOSURES}
        | {Permission.WRITE_PILOTS, Permission.OFFER_PACKS, Permission.PUBLISH_PACKS, Permission.LEARN_TYPES}
    ),
    Role.REVIEWER: frozenset(_REGISTER | {Permission.READ_OBJECTIONS, Permission.DECIDE_OBJECTIONS}),
    Role.OVERSEER: frozenset(
        _REGISTER
        | {Permission.TRY_RULES, Permission.ASK_MEMBERS, Permission.READ_REPLIES}
        | {Permission.READ_INCIDENTS, Permission.FOLLOW_INCIDENTS, Permission.READ_EXPOSURES}
    ),
    Role.PROVIDER: frozenset(_EVERYBODY | {Permission.OFFER_PACKS}),
    Role.MEMBER: frozenset(
        _REGISTER
        | {Permission.READ_FIGURES, Permission.READ_OBJECTIONS, Permission.RAISE_OBJECTIONS}
        | {Permission.READ_REPLIES, Permission.READ_INCIDENTS, Permission.READ_EXPOSURES}
    ),
    Role.AUDITOR: frozenset(
        _REGISTER
        | {Permission.READ_FIGURES, Permission.READ_OBJECTIONS, Permission.READ_REPLIES}
        | {Permission.READ_INCIDENTS, Permission.READ_EXPOSURES}
        | {Permission.READ_JOBS, Permission.READ_PEOPLE, Permission.READ_LEDGER}
    ),
    Role.ADMINISTRATOR: frozenset(
        _EVERYBODY
        | {Permission.READ_JOBS, Permission.RUN_JOBS, Permission.KEEP_NODE}
        | {Permission.READ_PEOPLE, Permission.WRITE_PEOPLE, Permission.READ_LEDGER, Permission.KEEP_LEDGER}
    ),
}
"""Who gives roles sees no figure, who admits members sees none, and who sees them admits nobody.

There is no security officer: grades and a valve, which are theirs, a hub has not; an auditor reads the rest.
"""


_OF_CONCERNS = frozenset(_EVERYBODY | {Permission.READ_INCIDENTS, Permission.FOLLOW_INCIDENTS})
"""Of what a role may do, that which holds for a concern: who looks after one needs to know of its incidents alone."""


@dataclass(frozen=True, slots=True)
class Duties:
    """How a house divides its work: the roles it has, what each may do, and where each may hold.

    A role or a scope of another house, as in books that came from elsewhere, gives nothing.
    """

    permissions: Mapping[Role, frozenset[Permission]]
    places: frozenset[str]
    """The kinds of scope that a part of it is."""
    separate: bool = False
    """Whether nobody changes their own roles, and who administers has no other."""

    def require(self, grants: Iterable[Grant]) -> None:
        """Raises ConfigurationError for roles that are not for this house, or not for one and the same account."""
        given = set(grants)
        for grant in given:
            if grant.role not in self.permissions:
                raise ConfigurationError("trust.no_role", role=grant.role.value, known=", ".join(self.permissions))
            if not self._has(grant):
                raise ConfigurationError("trust.no_scope", scope=grant.scope[:80])
        if self.separate and len(given) > 1 and any(grant.role is Role.ADMINISTRATOR for grant in given):
            raise ConfigurationError("trust.apart", role=Role.ADMINISTRATOR.value)

    def layers_of(self, grants: Iterable[Grant]) -> dict[Permission, frozenset[str]]:
        """Each permission that grants give here, with the scopes they give it for."""
        held: dict[Permission, set[str]] = {}
        for grant in filter(self._has, grants):
            for permission in self.held(grant):
                held.setdefault(permission, set()).add(grant.scope)
        return {permission: frozenset(scopes) for permission, scopes in held.items()}

    def held(self, grant: Grant) -> frozenset[Permission]:
        """What a role may do where it is given."""
        every = self.permissions.get(grant.role, frozenset())
        return every & _OF_CONCERNS if grant.place == CONCERN else every

    def _has(self, grant: Grant) -> bool:
        if grant.place == CONCERN and grant.role is not Role.OVERSEER:
            return False
        return grant.place in self.places or (grant.place == SITE and grant.role is not Role.MEMBER)


AT_NODE = Duties(_AT_NODE, PLACES - {MEMBER, CONCERN})
AT_HUB = Duties(_AT_HUB, frozenset({MEMBER, CONCERN}), separate=True)


def identity_of(
    name: str,
    grants: Iterable[Grant],
    limit: Grant | None = None,
    *,
    duties: Duties = AT_NODE,
    account: int | None = None,
    session: int | None = None,
    token: int | None = None,
) -> Identity:
    """Somebody with these roles; with a `limit` not more than that role, and not outside of its scope.

    What is open to anybody is open to them too; about themselves people only who have logged in.
    """
    held = duties.layers_of(grants)
    within = held if limit is None else duties.layers_of([limit])
    layers: dict[Permission, Layers] = {one: (held[one], within[one]) for one in held.keys() & within.keys()}
    own = {Permission.OPEN} if session is None else {Permission.OPEN, Permission.SELF}
    kept = {one: layers[one] for one in layers.keys() - own}
    return Identity(name, frozenset(layers) | own, kept, account, session, token)
