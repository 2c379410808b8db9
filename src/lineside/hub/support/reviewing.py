"""Who may go on with an application, and how: beside the rules of its own, those of the accounts of a hub."""

from __future__ import annotations

from collections.abc import Iterable

from lineside.errors import NotPermitted
from lineside.hub.applications import Application, State
from lineside.hub.changes import about
from lineside.trust import Grant

OF_MEMBER = ("applied", "answered", "appealed", "withdrawn")
OF_REVIEWER = ("asked", "decided", "judged", "paid", "recovered", "measured")
_MEMBER: dict[State, frozenset[str]] = {
    State.DRAFTED: frozenset({"applied", "withdrawn"}),
    State.APPLIED: frozenset({"withdrawn"}),
    State.ASKED: frozenset({"answered", "withdrawn"}),
    State.APPEALED: frozenset({"withdrawn"}),
}


def open_to_member(application: Application) -> frozenset[str]:
    """The steps that the member may take next."""
    if application.state in (State.GRANTED, State.REFUSED):
        return frozenset() if application.appealed or application.paid else frozenset({"appealed"})
    return _MEMBER.get(application.state, frozenset())


def open_to_reviewer(application: Application, account: int) -> frozenset[str]:
    """The steps that this account of the hub may take next, as far as the application itself tells."""
    if account == 0 or account in application.applicants:
        return frozenset()
    decided = account in application.reviewers
    if application.state in (State.APPLIED, State.APPEALED):
        return frozenset() if application.appealed and decided else frozenset({"asked", "decided"})
    if application.state is not State.GRANTED or application.decision is None:
        return frozenset()
    found = {"measured"}
    if any(one.id not in application.judged for one in application.decision.milestones):
        found.add("judged")
    if application.payable() and not decided:
        found.add("paid")
    if sum(application.paid.values()) > application.recovered:
        found.add("recovered")
    return frozenset(found)


def not_of_member(member: int, grants: Iterable[Grant]) -> None:
    """Raises NotPermitted for an account that has any role for the member that an application is of.

    Whatever it shows itself by now: a token that says nothing of that role changes nothing.
    """
    if any(grant.scope == about(member) for grant in grants):
        raise NotPermitted("support.own_member", member=member)
