"""The node's web application: REST under /api, one WebSocket, and the built web app."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Litestar, Router, WebSocket, websocket
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException, WebSocketDisconnect, WebSocketException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import Method
from litestar.types.internal_types import PathParameterDefinition

from lineside import __version__
from lineside.api import (
    discovery_routes,
    fact_routes,
    job_routes,
    metrics,
    mtconnect_routes,
    plant_routes,
    push_routes,
    schedule_routes,
    source_routes,
    twin_routes,
)
from lineside.api.guard import guard, identity_of, needs, undeclared
from lineside.api.live import Client, LiveHub, Topic
from lineside.api.problems import http_problem, lineside_problem, unforeseen_problem
from lineside.api.push_body import Gate
from lineside.api.security import SECURITY
from lineside.api.static import bundle, index
from lineside.errors import LinesideError, NotPermitted
from lineside.node import Node
from lineside.trust import Permission, require

_PUBLISH_S = 0.5
_BODY_LIMIT = 1_000_000
_FORBIDDEN = 4403


def topics(node: Node) -> list[Topic]:
    """What a tab can subscribe to."""

    async def now() -> dict[str, Any]:
        return node.now

    async def sources() -> dict[str, Any]:
        return {source["id"]: source for source in source_routes.sources_json(node, "en")}

    async def jobs() -> dict[str, Any]:
        return {str(job["id"]): job for job in await asyncio.to_thread(job_routes.jobs_json, node, "en")}

    return [
        Topic("now", Permission.READ_FACTS, now),
        Topic("sources", Permission.READ_SOURCES, sources),
        Topic("jobs", Permission.READ_JOBS, jobs),
    ]


class _Application(Litestar):
    """Answers HEAD as GET, without the body."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("method") != "HEAD":
            await super().__call__(scope, receive, send)
            return

        async def head(message: Any) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        asked: Any = {**scope, "method": "GET"}
        answer: Any = head
        await super().__call__(asked, receive, answer)


def create_app(node: Node) -> Litestar:
    """The application of an open node."""
    hub, gate = LiveHub(topics(node)), Gate()

    @contextlib.asynccontextmanager
    async def serve(_: Litestar) -> AsyncIterator[None]:
        publisher = asyncio.create_task(_publish(hub))
        try:
            yield
        finally:
            publisher.cancel()
            await asyncio.gather(publisher, return_exceptions=True)

    @websocket("/api/live", opt=needs(Permission.READ_PLANT))
    async def live_socket(socket: WebSocket[Any, Any, Any]) -> None:
        """Subscribe to topics; each gives a snapshot, then deltas."""
        await socket.accept()
        client = hub.join()
        sender = asyncio.create_task(_send(socket, client))
        try:
            while True:
                await _obey(hub, client, socket)
        except WebSocketDisconnect:
            return
        finally:
            hub.leave(client)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    app = _Application(
        [
            twin_routes.twin_list,
            twin_routes.twin_view,
            twin_routes.twin_document,
            twin_routes.twin_fit,
            twin_routes.twin_ask,
            twin_routes.twin_answers,
            twin_routes.twin_candidates,
            twin_routes.twin_tonight,
            discovery_routes.pack_list,
            discovery_routes.discovery_submit,
            discovery_routes.discovery_fragment,
            schedule_routes.schedule_list,
            schedule_routes.schedule_submit,
            schedule_routes.schedule_view,
            schedule_routes.schedule_edit,
            schedule_routes.schedule_beside,
            plant_routes.plant_structure,
            plant_routes.present,
            plant_routes.keeping,
            source_routes.source_list,
            source_routes.source_types,
            source_routes.source_view,
            source_routes.heard,
            source_routes.source_fragment,
            source_routes.source_listen,
            plant_routes.shift_list,
            fact_routes.lanes,
            fact_routes.kpi_table,
            fact_routes.number,
            fact_routes.samples,
            fact_routes.minutes,
            fact_routes.texts,
            fact_routes.tally,
            job_routes.job_list,
            job_routes.job_state,
            job_routes.job_submit,
            job_routes.job_cancel,
            push_routes.write_lines,
            push_routes.write_lines_v2,
            push_routes.ping,
            push_routes.health,
            push_routes.push_rows,
            push_routes.push_unwanted,
            metrics.prometheus,
            mtconnect_routes.mtconnect,
            live_socket,
            index,
            bundle,
        ],
        guards=[guard],
        dependencies={
            "node": Provide(lambda: node, sync_to_thread=False),
            "gate": Provide(lambda: gate, sync_to_thread=False),
        },
        exception_handlers={
            LinesideError: lineside_problem,
            HTTPException: http_problem,
            Exception: unforeseen_problem,
        },
        lifespan=[serve],
        compression_config=CompressionConfig("gzip", minimum_size=1000, gzip_compress_level=5, exclude=["^/mtconnect"]),
        openapi_config=OpenAPIConfig(
            "Lineside node",
            __version__,
            path="/api/docs",
            use_handler_docstrings=True,
            operation_id_creator=_operation_id,
            render_plugins=[JsonRenderPlugin()],
            openapi_router=Router(
                "/api/docs", route_handlers=[], opt=needs(Permission.READ_PLANT), include_in_schema=False
            ),
        ),
        state=State({"node": node}),
        request_max_body_size=_BODY_LIMIT,
        response_headers=SECURITY,
        logging_config=None,
    )
    if missing := undeclared(app):
        raise RuntimeError(f"routes without a permission: {missing}")
    return app


def _operation_id(_: HTTPRouteHandler, method: Method, path: list[str | PathParameterDefinition]) -> str:
    """What generated clients call a route: `get_api_jobs`."""
    return "_".join([method.lower(), *(part if isinstance(part, str) else part.name for part in path)])


async def _publish(hub: LiveHub) -> None:
    while True:
        await asyncio.sleep(_PUBLISH_S)
        await hub.publish()


async def _send(socket: WebSocket[Any, Any, Any], client: Client) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.send_text((await client.next()).decode())


async def _obey(hub: LiveHub, client: Client, socket: WebSocket[Any, Any, Any]) -> None:
    """One message of a client: `{"subscribe": [...]}` or `{"unsubscribe": [...]}`; anything else is ignored.

    Whoever asks for a topic that is not theirs to read is hung up on.
    """
    try:
        message = msgspec.json.decode(await socket.receive_text(), type=dict[str, list[str]])
    except msgspec.DecodeError:
        return
    for name in message.get("subscribe", []):
        if name in hub.topics:
            _require(socket, hub.topics[name].permission)
            await hub.subscribe(client, name)
    for name in message.get("unsubscribe", []):
        client.topics.discard(name)


def _require(socket: WebSocket[Any, Any, Any], permission: Permission) -> None:
    try:
        require(identity_of(socket), permission)
    except NotPermitted as error:
        raise WebSocketException(detail=str(error), code=_FORBIDDEN) from error
