"""What the groups that a provider names may do here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lineside.errors import NotIdentified
from lineside.plant import SignIn
from lineside.trust.roles import Grant

MOST = 1_000


def grants_of(groups: Iterable[str], settings: SignIn) -> tuple[Grant, ...]:
    """The roles that these groups give; letters count as they are, and what is not named gives nothing."""
    return tuple(sorted({Grant.parse(role) for group in groups for role in settings.groups.get(group, ())}))


def groups_in(claims: Mapping[str, Any], settings: SignIn) -> tuple[str, ...]:
    """The groups that claims name. Raises NotIdentified where they name none at all, or too many to be told.

    Entra ID leaves out more than 200 groups and says so in `_claim_names` or `hasgroups`.
    """
    found = value_at(claims, settings.groups_claim)
    where = {"provider": settings.name, "claim": settings.groups_claim}
    elsewhere = claims.get("_claim_names")
    overflown = isinstance(elsewhere, Mapping) and settings.groups_claim in elsewhere
    if found is None and (overflown or claims.get("hasgroups") in (True, "true")):
        raise NotIdentified("sign_in.too_many_groups", **where)
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list | Mapping) or not all(isinstance(one, str) for one in found):
        raise NotIdentified("sign_in.no_groups", **where)
    if len(found) > MOST:
        raise NotIdentified("sign_in.too_many_groups", **where)
    return tuple(found)


def value_at(claims: Mapping[str, Any], claim: str) -> Any:
    """The value of a claim: by its whole name, else by the names between its dots; None where there is none."""
    if claim in claims:
        return claims[claim]
    found: Any = claims
    for part in claim.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
