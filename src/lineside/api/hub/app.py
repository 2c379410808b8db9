"""The hub's web application: what every house has, with the routes of a hub.

No valve stands behind it, as a hub has none: what it tells is bound by the data agreement, by the permissions of each
route, and by what was computed to be told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from litestar.types import ControllerRouterHandler

from lineside.api.application import Application, Special, application
from lineside.api.door import Door
from lineside.api.exchange_routes import Counter
from lineside.api.house import House
from lineside.api.hub_routes import HUB_ROUTES
from lineside.api.live import Topic
from lineside.trust import AT_HUB


def create_hub_app(
    hub: House,
    door: Door = Door(),  # noqa: B008 - a value that never changes
    routes: Sequence[ControllerRouterHandler] = HUB_ROUTES,
    topics: Sequence[Topic] = (),
    dependencies: Mapping[str, Any] | None = None,
) -> Application:
    """The application of a hub that is not closed yet, served as `door` says.

    `routes` and `topics` are beside those of every house, and `dependencies` what they take, by name; `hub` is one, and
    so is the `counter` at which members are served. What its jobs give back is for who looks after it, so no figure of
    a member may be in it. Raises RuntimeError where its duties are not those of a hub.
    """
    if hub.people.duties is not AT_HUB:
        raise RuntimeError("a hub whose duties are not divided as those of a hub")
    taken = {"counter": Counter(), **(dependencies or {}), "hub": hub}
    return application(hub, door, Special(routes, topics, taken))
