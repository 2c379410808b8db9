"""The web application of a house: the door, the limits, the routes that nodes and hubs share, and the built web app.

What is special to a node or a hub is handed in.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Litestar, Request
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler, Guard, Middleware

from lineside.api import (
    authority_routes,
    house_routes,
    job_routes,
    ledger_routes,
    login_routes,
    own_routes,
    people_routes,
    sign_in_routes,
)
from lineside.api.description import description
from lineside.api.door import Door, Doorkeeper
from lineside.api.guard import guard, undeclared
from lineside.api.house import House
from lineside.api.limits import Limits, has_body, paced, refuse, worded
from lineside.api.live import LiveHub, Topic
from lineside.api.live_socket import live_route
from lineside.api.problems import Asked, http_problem, lineside_problem, unforeseen_problem
from lineside.api.security import SECURITY
from lineside.api.static import bundle, bundle_files, index
from lineside.errors import LinesideError
from lineside.trust import Identity, Permission, Reach

_log = logging.getLogger(__name__)
_PUBLISH_S = 0.5
_KEEP_UP_S = 30.0
_BODY_LIMIT = 1_000_000


def _as_it_is(scope: Any) -> Any:
    return scope


@dataclass(frozen=True, slots=True)
class Special:
    """What the application of one kind of house has beside what every house has."""

    routes: Sequence[ControllerRouterHandler] = ()
    topics: Sequence[Topic] = ()
    dependencies: Mapping[str, Any] = field(default_factory=dict)
    """What the routes take, by name; the application's state holds it, too."""
    guards: Sequence[Guard] = ()
    """Asked after that of every house."""
    middleware: Sequence[Middleware] = ()
    prepared: Callable[[Any], Any] = _as_it_is
    """A request as it is to be looked at."""
    unpacked: Sequence[str] = ()
    """Patterns of the paths whose answers are never compressed."""


class Application(Litestar):
    """Refuses who must wait before anything is read, and answers HEAD as GET, without the body."""

    limits: Limits
    prepared: Callable[[Any], Any]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers a request or a socket."""
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
            return
        scope = self.prepared(scope)
        if (error := self.limits.wait(scope)) is not None:
            await refuse(scope, send, error)
            return
        if scope["type"] == "websocket":
            await super().__call__(scope, receive, worded(scope, send))
            return
        if has_body(scope):
            receive = paced(scope, receive)
        if scope.get("method") != "HEAD":
            await super().__call__(scope, receive, send)
            return

        async def head(message: Any) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        asked: Any = {**scope, "method": "GET"}
        answer: Any = head
        await super().__call__(asked, receive, answer)


def application(house: House, door: Door, special: Special) -> Application:
    """The application of a house that is not closed yet, served as `door` says.

    Raises RuntimeError where any route or socket declares no permission.
    """
    bundle_files()
    live, keeper = LiveHub([*special.topics, *shared_topics(house)]), Doorkeeper(house, door)
    taken = {**special.dependencies, "house": house, "keeper": keeper}
    app = Application(
        [*special.routes, *_shared(), live_route(live, house), index, bundle],
        guards=[guard, *special.guards],
        middleware=list(special.middleware),
        dependencies={
            **{name: Provide(_giving(one), sync_to_thread=False) for name, one in taken.items()},
            "caller": Provide(_caller, sync_to_thread=False),
            "reach": Provide(_reach, sync_to_thread=False),
        },
        exception_handlers={
            LinesideError: lineside_problem,
            HTTPException: http_problem,
            Exception: unforeseen_problem,
        },
        lifespan=[_lifespan(live, keeper)],
        compression_config=CompressionConfig(
            "gzip", minimum_size=1000, gzip_compress_level=5, exclude=list(special.unpacked) or None
        ),
        openapi_config=description(house.kind),
        request_class=Asked,
        state=State(taken),
        request_max_body_size=_BODY_LIMIT,
        response_headers=SECURITY,
        logging_config=None,
    )
    app.limits, app.prepared = Limits(keeper), special.prepared
    if missing := undeclared(app):
        raise RuntimeError(f"routes without a permission: {missing}")
    return app


def _shared() -> list[ControllerRouterHandler]:
    """The routes of every house."""
    return [
        house_routes.the_house,
        authority_routes.the_authority,
        job_routes.job_list,
        job_routes.job_state,
        job_routes.job_cancel,
        login_routes.me,
        login_routes.log_in,
        login_routes.use_code,
        login_routes.log_out,
        login_routes.my_password,
        login_routes.begin_app,
        login_routes.prove_app,
        login_routes.forget_app,
        sign_in_routes.sign_in_begin,
        sign_in_routes.sign_in_end,
        ledger_routes.ledger_list,
        ledger_routes.ledger_head,
        ledger_routes.ledger_head_file,
        ledger_routes.ledger_proof,
        ledger_routes.ledger_export,
        ledger_routes.ledger_verify,
        ledger_routes.ledger_receipt,
        people_routes.people_list,
        people_routes.second_factor,
        people_routes.second_factor_demand,
        people_routes.people_add,
        people_routes.people_roles,
        people_routes.people_disable,
        people_routes.people_forget,
        people_routes.people_reset,
        people_routes.people_log_out,
        people_routes.people_session_end,
        own_routes.my_access,
        own_routes.my_session_end,
        own_routes.my_token_revoke,
        people_routes.token_add,
        people_routes.token_revoke,
    ]


def shared_topics(house: House) -> list[Topic]:
    """What a tab can subscribe to in every house: its newest jobs, for who reaches all of it."""

    async def jobs() -> dict[str, Any]:
        return {str(job["id"]): job for job in await asyncio.to_thread(job_routes.jobs_json, house, "en")}

    return [Topic("jobs", Permission.READ_JOBS, jobs)]


def _lifespan(live: LiveHub, keeper: Doorkeeper) -> Callable[[Litestar], Any]:
    @contextlib.asynccontextmanager
    async def serve(_: Litestar) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_publish(live)), asyncio.create_task(_keep_up(keeper))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            keeper.close()
            with contextlib.suppress(LinesideError):  # as in _keep_up, but there is no next time
                keeper.people.keep_up()

    return serve


def _giving(one: Any) -> Callable[[], Any]:
    return lambda: one


def _caller(request: Request[Any, Any, Any]) -> Identity:
    found: Identity = request.state["caller"]
    return found


def _reach(request: Request[Any, Any, Any]) -> Reach:
    found: Reach = request.state["reach"]
    return found


async def _publish(live: LiveHub) -> None:
    while True:
        await asyncio.sleep(_PUBLISH_S)
        await live.publish()


async def _keep_up(keeper: Doorkeeper) -> None:
    """Writes down now and then who was seen; a full disk or a busy file is told, and tried again."""
    while True:
        await asyncio.sleep(_KEEP_UP_S)
        try:
            await asyncio.to_thread(keeper.people.keep_up)
        except LinesideError as error:
            _log.error("who was seen when is not written down: %s", error)
