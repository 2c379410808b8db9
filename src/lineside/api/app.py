"""The node's web application: REST under /api, one WebSocket, and the built web app."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Litestar, Request, WebSocket, websocket
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException, WebSocketDisconnect, WebSocketException

from lineside.api import (
    authority_routes,
    discovery_routes,
    fact_routes,
    feed_routes,
    grade_routes,
    job_routes,
    ledger_routes,
    login_routes,
    metrics,
    mtconnect_routes,
    order_routes,
    pairing_routes,
    people_routes,
    plant_routes,
    publish_routes,
    push_routes,
    schedule_routes,
    sign_in_routes,
    source_routes,
    twin_routes,
    upload_routes,
    valve_routes,
)
from lineside.api.description import DESCRIPTION
from lineside.api.door import Door, Doorkeeper
from lineside.api.guard import Within, allow, guard, identity_of, needs, undeclared
from lineside.api.limits import Limits, has_body, paced, refuse, worded
from lineside.api.live import Client, LiveHub, Topic
from lineside.api.outward import Outward, plain
from lineside.api.problems import Asked, http_problem, lineside_problem, unforeseen_problem
from lineside.api.push_body import Gate
from lineside.api.security import SECURITY
from lineside.api.static import bundle, index
from lineside.errors import LinesideError, NotIdentified, NotPermitted
from lineside.node import Node
from lineside.trust import Identity, Permission, Reach

_log = logging.getLogger(__name__)
_PUBLISH_S = 0.5
_KEEP_UP_S = 30.0
_LOOK_S = 1.0
"""How often it is asked anew whether a socket may stay, where nothing is sent on it."""
_BODY_LIMIT = 1_000_000
_UNKNOWN, _FORBIDDEN = 4401, 4403


def topics(node: Node) -> list[Topic]:
    """What a tab can subscribe to."""

    async def now() -> dict[str, Any]:
        return node.now

    async def sources() -> dict[str, Any]:
        return {source["id"]: source for source in source_routes.sources_json(node, "en")}

    async def jobs() -> dict[str, Any]:
        return {str(job["id"]): job for job in await asyncio.to_thread(job_routes.jobs_json, node, "en")}

    return [
        Topic("now", Permission.READ_FACTS, now, plant_routes.now_within),
        Topic("sources", Permission.READ_SOURCES, sources, source_routes.sources_within),
        Topic("jobs", Permission.READ_JOBS, jobs),
    ]


class Application(Litestar):
    """Refuses who must wait before anything is read, and answers HEAD as GET, without the body."""

    limits: Limits

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers a request or a socket."""
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
            return
        scope = plain(scope)
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


def create_app(node: Node, door: Door = Door()) -> Application:  # noqa: B008 - a value that never changes
    """The application of a node that is not closed yet, served as `door` says."""
    hub, gate, keeper = LiveHub(topics(node)), Gate(), Doorkeeper(node, door)

    @contextlib.asynccontextmanager
    async def serve(_: Litestar) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_publish(hub)), asyncio.create_task(_keep_up(keeper))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            keeper.close()
            with contextlib.suppress(LinesideError):  # as in _keep_up, but there is no next time
                keeper.people.keep_up()

    @websocket("/api/live", opt=needs(Permission.READ_PLANT, Within.ANYWHERE))
    async def live_socket(socket: WebSocket[Any, Any, Any]) -> None:
        """Subscribe to topics; each gives a snapshot, then deltas."""
        await socket.accept()
        client = hub.join()
        sender = asyncio.create_task(_send(socket, client, node))
        try:
            while True:
                await _obey(hub, client, socket, node)
        except WebSocketDisconnect:
            return
        finally:
            hub.leave(client)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    app = Application(
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
            authority_routes.the_authority,
            plant_routes.plant_structure,
            plant_routes.present,
            plant_routes.keeping,
            source_routes.source_list,
            source_routes.source_types,
            source_routes.source_view,
            source_routes.heard,
            publish_routes.publishing,
            source_routes.source_fragment,
            source_routes.source_listen,
            pairing_routes.pairing_view,
            pairing_routes.pairing_decide,
            pairing_routes.certificate_make,
            pairing_routes.certificate_own,
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
            upload_routes.upload,
            upload_routes.upload_preview,
            upload_routes.upload_import,
            upload_routes.upload_drop,
            push_routes.write_lines,
            push_routes.write_lines_v2,
            push_routes.ping,
            push_routes.health,
            push_routes.push_rows,
            push_routes.push_unwanted,
            order_routes.erp_list,
            order_routes.erp_take,
            order_routes.erp_versions,
            order_routes.erp_file,
            order_routes.erp_take_file,
            order_routes.erp_mappings,
            order_routes.erp_save_mapping,
            order_routes.erp_drop_mapping,
            feed_routes.feeds,
            feed_routes.feed_read,
            grade_routes.grade_list,
            grade_routes.grade_view,
            grade_routes.grade_preview,
            grade_routes.grade_set,
            grade_routes.label_set,
            grade_routes.label_drop,
            grade_routes.grade_table,
            grade_routes.grade_take_table,
            metrics.prometheus,
            mtconnect_routes.mtconnect,
            valve_routes.valve_state,
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
            valve_routes.valve_view,
            valve_routes.valve_shut,
            valve_routes.valve_open,
            valve_routes.release_ask,
            valve_routes.release_view,
            valve_routes.release_preview,
            valve_routes.release_allow,
            valve_routes.release_close,
            ledger_routes.ledger_list,
            ledger_routes.ledger_head,
            ledger_routes.ledger_head_file,
            ledger_routes.ledger_proof,
            ledger_routes.ledger_export,
            ledger_routes.ledger_verify,
            ledger_routes.ledger_receipt,
            people_routes.people_list,
            people_routes.people_add,
            people_routes.people_roles,
            people_routes.people_disable,
            people_routes.people_forget,
            people_routes.people_reset,
            people_routes.people_log_out,
            people_routes.token_add,
            people_routes.token_revoke,
            live_socket,
            index,
            bundle,
        ],
        guards=[guard],
        middleware=[Outward],
        dependencies={
            "node": Provide(lambda: node, sync_to_thread=False),
            "gate": Provide(lambda: gate, sync_to_thread=False),
            "keeper": Provide(lambda: keeper, sync_to_thread=False),
            "caller": Provide(_caller, sync_to_thread=False),
            "reach": Provide(_reach, sync_to_thread=False),
        },
        exception_handlers={
            LinesideError: lineside_problem,
            HTTPException: http_problem,
            Exception: unforeseen_problem,
        },
        lifespan=[serve],
        compression_config=CompressionConfig("gzip", minimum_size=1000, gzip_compress_level=5, exclude=["^/mtconnect"]),
        openapi_config=DESCRIPTION,
        request_class=Asked,
        state=State({"node": node, "keeper": keeper}),
        request_max_body_size=_BODY_LIMIT,
        response_headers=SECURITY,
        logging_config=None,
    )
    app.limits = Limits(keeper)
    if missing := undeclared(app):
        raise RuntimeError(f"routes without a permission: {missing}")
    return app


def _caller(request: Request[Any, Any, Any]) -> Identity:
    found: Identity = request.state["caller"]
    return found


def _reach(request: Request[Any, Any, Any]) -> Reach:
    found: Reach = request.state["reach"]
    return found


async def _publish(hub: LiveHub) -> None:
    while True:
        await asyncio.sleep(_PUBLISH_S)
        await hub.publish()


async def _keep_up(keeper: Doorkeeper) -> None:
    """Writes down now and then who was seen; a full disk or a busy file is told, and tried again."""
    while True:
        await asyncio.sleep(_KEEP_UP_S)
        try:
            await asyncio.to_thread(keeper.people.keep_up)
        except LinesideError as error:
            _log.error("who was seen when is not written down: %s", error)


async def _send(socket: WebSocket[Any, Any, Any], client: Client, node: Node) -> None:
    """Sends frames while the caller may still have them: a session that ended gets not even one more.

    Where nothing is sent it ends within moments, too.
    """
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            frame = await client.next(_LOOK_S)
            try:
                allow(identity_of(socket), Permission.READ_PLANT)
                changed = any(_required(socket, one.topic, node).key != one.key for one in client.topics.values())
            except NotPermitted as error:
                await socket.close(_UNKNOWN if isinstance(error, NotIdentified) else _FORBIDDEN, error.key)
                return
            if changed:  # who asks again gets what is theirs now
                await socket.close(_FORBIDDEN, "trust.out_of_reach")
                return
            if frame is not None:
                await socket.send_text(frame.decode())


async def _obey(hub: LiveHub, client: Client, socket: WebSocket[Any, Any, Any], node: Node) -> None:
    """One message of a client: `{"subscribe": [...]}` or `{"unsubscribe": [...]}`; anything else is ignored.

    Whoever asks for a topic that is not theirs to read is hung up on.
    """
    try:
        message = msgspec.json.decode(await socket.receive_text(), type=dict[str, list[str]])
    except msgspec.DecodeError:
        return
    for name in message.get("subscribe", []):
        if name in hub.topics:
            try:
                reach = _required(socket, hub.topics[name], node)
            except NotPermitted as error:
                raise WebSocketException(detail=str(error), code=_FORBIDDEN) from error
            await hub.subscribe(client, name, reach)
    for name in message.get("unsubscribe", []):
        client.topics.pop(name, None)


def _required(socket: WebSocket[Any, Any, Any], topic: Topic, node: Node) -> Reach:
    """What of the plant a socket may see of a topic. Raises NotPermitted where that is nothing."""
    identity = identity_of(socket)
    allow(identity, topic.permission)
    reach = identity.reach(topic.permission, lambda: node.plant)
    if topic.narrow is None and not reach.whole:
        raise NotPermitted("trust.whole_site")
    return reach
