"""Roles, and where each is given. What each may do depends on the house: see `duties`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from lineside.errors import ConfigurationError
from lineside.trust.permissions import CONCERN, MEMBER, SITE

_FORMS = {MEMBER: re.compile(r"[1-9][0-9]{0,8}"), CONCERN: re.compile(r"\w[\w.-]{0,63}")}
"""How places are named that no plant file names."""


class Role(StrEnum):
    """What somebody is to a plant or a hub."""

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
    """These three are for programs."""
    REGISTRAR = "registrar"
    """Invites, admits, pairs and closes the members of a hub; sees no value of theirs."""
    ANALYST = "analyst"
    """Reads what members of a hub released; changes nothing in the register."""
    REVIEWER = "reviewer"
    """Decides what members of a hub object to and apply for."""
    OVERSEER = "overseer"
    """Asks members of a hub, and follows obligations, incidents and sandboxes."""
    PROVIDER = "provider"
    """Offers solution packs to the members of a hub, and answers their needs; sees nobody's figures."""
    MEMBER = "member"
    """Speaks for one member of a hub: reads what is its own, and objects."""


SITE_ONLY = frozenset(
    {Role.SECURITY, Role.ADMINISTRATOR, Role.REGISTRAR, Role.ANALYST, Role.REVIEWER, Role.OVERSEER, Role.PROVIDER},
)
"""What they look after is not divided by lines or members; an overseer's may be, by what incidents concern."""

PLACES = frozenset({"area", "line", "machine", MEMBER, CONCERN})
"""The kinds of scope in which another role may hold."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role, and where it holds: "site" (or all of a hub), "area/hall", "line/cell", "machine/press", "member/17".

    An overseer's may be "concern/security", too.
    """

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
        form = _FORMS.get(level)
        if scope != SITE and (level not in PLACES or not name or (form is not None and not form.fullmatch(name))):
            raise ConfigurationError("trust.no_scope", scope=scope[:80])
        if level == CONCERN and role != Role.OVERSEER:
            raise ConfigurationError("trust.concern_only", role=role)
        if scope != SITE and role in SITE_ONLY and level != CONCERN:
            raise ConfigurationError("trust.site_only", role=role)
        if level != MEMBER and role == Role.MEMBER:
            raise ConfigurationError("trust.member_only", role=role)
        return cls(Role(role), scope)

    @property
    def place(self) -> str:
        """The kind of its scope: "site", "line", "member"."""
        return self.scope.partition("/")[0]

    def __str__(self) -> str:
        return self.role if self.scope == SITE else f"{self.role}@{self.scope}"
