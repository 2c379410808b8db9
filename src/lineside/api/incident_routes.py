"""Incidents over HTTP, by need to know: a list tells next to nothing, and who looks says what for."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from lineside.api.guard import TheCaller, TheReach, Within, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.incident_view import listed_json, looked_json, own_json
from lineside.trust import Permission


class IncidentLooking(Struct, forbid_unknown_fields=True):
    """What somebody looks at an incident for; its member reads it."""

    purpose: str


class IncidentSharing(Struct, forbid_unknown_fields=True):
    """Whoever looks after another concern may look, too, and why."""

    concern: str
    reasons: str


class IncidentClosing(Struct, forbid_unknown_fields=True):
    """Why nothing more is to be done."""

    reasons: str


@get("/api/incidents", opt=needs(Permission.READ_INCIDENTS, Within.FILTERED), sync_to_thread=True)
def incident_list(hub: TheHub, reach: TheReach) -> dict[str, Any]:
    """Those of the concerns in reach, without what was told; and in full those of the member itself."""
    mine = [] if reach.whole else [number for number in hub.register.members if reach.member(number)]
    return {
        "listed": [listed_json(hub, one) for one in hub.incidents.listed(reach.concern)],
        "own": [own_json(hub, one) for one in hub.incidents.of(mine)] if mine else [],
        "concerns": [one.model_dump() for one in hub.settings.concerns],
    }


@get("/api/incidents/counts", opt=needs(Permission.OPEN), sync_to_thread=True)
def incident_counts(hub: TheHub) -> dict[str, Any]:
    """How many members at least told of incidents, by quarter, concern and severity, for everybody."""
    found, generated = hub.incidents.counts()
    step = hub.settings.protection.group + hub.settings.protection.colluders
    told = [
        {"quarter": one.quarter, "concern": one.concern, "severity": one.severity, "at_least": one.members}
        for one in found
    ]
    return {"step": step, "generated": generated, "counts": told}


@post(
    "/api/incidents/{incident:int}/looks",
    opt=needs(Permission.FOLLOW_INCIDENTS, Within.FILTERED),
    status_code=200,
    sync_to_thread=True,
)
def incident_look(
    hub: TheHub, caller: TheCaller, reach: TheReach, incident: FromPath[int], data: JSONBody[IncidentLooking]
) -> dict[str, Any]:
    """All of an incident; the look is in the ledger, and its member is told of it."""
    return looked_json(hub, *hub.incidents.look(incident, data.purpose, reach.concern, by=caller.who))


@post(
    "/api/incidents/{incident:int}/shares",
    opt=needs(Permission.FOLLOW_INCIDENTS, Within.FILTERED),
    status_code=200,
    sync_to_thread=True,
)
def incident_share(
    hub: TheHub, caller: TheCaller, reach: TheReach, incident: FromPath[int], data: JSONBody[IncidentSharing]
) -> dict[str, Any]:
    """Lets whoever looks after another concern look, too."""
    one = hub.incidents.share(incident, data.concern, data.reasons, reach.concern, by=caller.who)
    return listed_json(hub, one)


@post(
    "/api/incidents/{incident:int}/closure",
    opt=needs(Permission.FOLLOW_INCIDENTS, Within.FILTERED),
    status_code=200,
    sync_to_thread=True,
)
def incident_close(
    hub: TheHub, caller: TheCaller, reach: TheReach, incident: FromPath[int], data: JSONBody[IncidentClosing]
) -> dict[str, Any]:
    """Closes an incident, as far as it was told until now."""
    return listed_json(hub, hub.incidents.close(incident, data.reasons, reach.concern, by=caller.who))


INCIDENT_ROUTES = [incident_list, incident_counts, incident_look, incident_share, incident_close]
