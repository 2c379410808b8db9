"""What a member's node is told of looks at its incidents when it asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lineside.exchange import Ask
from lineside.hub.incidents.incidents import Incidents
from lineside.hub.incidents.threads import Closure, Look, Share, Thread
from lineside.hub.member import Member
from lineside.hub.settings import HubSettings

MOST = 500
"""Acts in one answer, the newest incidents first."""


def told_looks(incidents: Incidents, settings: Callable[[], HubSettings]) -> Callable[[Member, Ask], dict[str, Any]]:
    """What the hub answers: who looked at which incident for what, who else may, and what is closed.

    With the concerns of this hub, by which incidents are told.
    """

    def told(member: Member, ask: Ask) -> dict[str, Any]:
        found: list[dict[str, Any]] = []
        room = MOST
        for one in incidents.of([member.number]):
            acts = len(one.looks) + len(one.shares) + len(one.closures)
            if found and acts + 1 > room:
                break
            room -= acts + 1
            found.append({"statement": one.statement, "closed": one.closed, **acts_json(one)})
        names = [{"id": one.id, "name": getattr(one.name, ask.language)} for one in settings().concerns]
        return {"incidents": found, "concerns": names}

    return told


def acts_json(one: Thread) -> dict[str, Any]:
    """What the hub's people did with an incident, as its member may know it: accounts by their numbers."""
    return {
        "looks": [_look(each) for each in one.looks],
        "shares": [_share(each) for each in one.shares],
        "closures": [_closure(each) for each in one.closures],
    }


def _look(one: Look) -> dict[str, Any]:
    return {"by": one.by, "at_ms": one.at_us // 1000, "purpose": one.purpose, "entry": one.entry}


def _share(one: Share) -> dict[str, Any]:
    return {"by": one.by, "at_ms": one.at_us // 1000, "concern": one.concern, "reasons": one.reasons}


def _closure(one: Closure) -> dict[str, Any]:
    return {"by": one.by, "at_ms": one.at_us // 1000, "last": one.last, "reasons": one.reasons}
