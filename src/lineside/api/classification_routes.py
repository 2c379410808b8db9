"""Classes and learned types over HTTP: what all members are told, what one member is, what an authority reports."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import FromPath, QueryParameter

from lineside.api.classification_view import edition_json, own_json, reported_json
from lineside.api.guard import TheCaller, Within, in_path, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.job_routes import job_json
from lineside.api.problems import language_of
from lineside.api.tier_routes import Generated
from lineside.hub import Hub
from lineside.hub.tiers import Reader
from lineside.trust import Identity, Permission

_Request = Request[Any, Any, Any]
OfEdition = Annotated[
    int | None, QueryParameter(name="edition", description="By its number; the newest one when left out.")
]


@get("/api/types", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=True)
def type_list(
    hub: TheHub, request: _Request, caller: TheCaller, *, edition: OfEdition = None, generated: Generated = True
) -> dict[str, Any]:
    """An edition of learned types and of the paths of classes and types, as all members are told it."""
    reader = Reader(language_of(request), generated)
    kept = hub.classification.edition(edition)
    return {
        "editions": [{"edition": number, "month": month} for number, month in hub.classification.editions()],
        "told": None if kept is None else edition_json(hub, kept, reader, exact=_sees_figures(caller, hub)),
        "due": hub.classification.learning.due(),
        "may_learn": Permission.LEARN_TYPES in caller.permissions,
    }


@post("/api/types/learn", opt=needs(Permission.LEARN_TYPES), status_code=200, sync_to_thread=True)
def type_learn(hub: TheHub, request: _Request, caller: TheCaller) -> dict[str, Any]:
    """Queues the learning of the last ripe month; refused where it was learned of already."""
    return job_json(hub.classification.learn(hub.jobs, caller.who), language_of(request))


@get("/api/members/{member:int}/classes", opt=needs(Permission.READ_FIGURES, in_path("member")), sync_to_thread=True)
def member_classes(
    hub: TheHub, request: _Request, member: FromPath[int], *, generated: Generated = True
) -> dict[str, Any]:
    """What a member is: by law and scheme with the source, and of which learned type; with paths and its objections."""
    return own_json(hub, hub.classification.of(member), Reader(language_of(request), generated))


@get("/api/reported", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=True)
def reported(hub: TheHub, request: _Request, caller: TheCaller, *, generated: Generated = True) -> dict[str, Any]:
    """The figures an authority reports: exact for who sees all figures, in whole groups for everybody else."""
    return reported_json(hub, Reader(language_of(request), generated), exact=_sees_figures(caller, hub))


CLASSIFICATION_ROUTES = [type_list, type_learn, member_classes, reported]


def _sees_figures(caller: Identity, hub: Hub) -> bool:
    asked = Permission.READ_FIGURES
    return asked in caller.permissions and caller.reach(asked, lambda: hub.ground).whole
