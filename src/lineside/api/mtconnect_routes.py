"""The door of the MTConnect agent: every document that leaves the node for an MTConnect client passes here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from time import monotonic
from typing import Any, TypeAlias

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from lineside.api.guard import TheReach, Within, allow, identity_of, needs
from lineside.api.mtconnect_path import items_of
from lineside.api.mtconnect_text import Refused, Writer, error_document
from lineside.api.outward import still_open
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of, status_of
from lineside.api.security import SECURITY
from lineside.errors import LinesideError, NotPermitted
from lineside.node import Agent, Bools, Node, now_us
from lineside.plant import Machine, MTConnectAgent
from lineside.texts import say
from lineside.trust import Permission, Reach

_log = logging.getLogger(__name__)
XML = "text/xml"
MOST_STREAMS = 32
_REQUESTS = ("probe", "current", "sample", "asset", "assets")
_COUNT = 100
_HEARTBEAT_MS, _SHORTEST_MS, _LONGEST_MS = 10_000, 10, 600_000
_BOUNDARY = "lineside"
_PARTS = f"multipart/x-mixed-replace;boundary={_BOUNDARY}"  # as a header: a stream is given the route's media type
_OFF = MTConnectAgent.model_validate({})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, understood as far as its path goes."""

    node: Node
    agent: Agent
    kind: str
    machines: tuple[Machine, ...]
    asset: str
    query: Mapping[str, str]
    uri: str
    language: str
    allowed: Callable[[], bool]
    """Whether who asked may still have what they asked for."""

    def refuse(self, status: int, code: str, key: str, parameter: str = "", **fields: object) -> Refused:
        """What is wrong, in the reader's language."""
        return Refused(
            status, code, say(f"api.mtconnect_{key}", self.language, **fields), parameter, self.value(parameter)
        )

    def value(self, name: str) -> str:
        """What a parameter says."""
        return self.query.get(name, "")

    def number(self, name: str, low: int, high: int, default: int) -> int:
        """A whole number within bounds."""
        text = self.query.get(name)
        if text is None:
            return default
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
            raise self.refuse(400, "INVALID_REQUEST", "number", name, name=name, value=text)
        if not low <= int(text) <= high:
            raise self.refuse(400, "OUT_OF_RANGE", "range", name, name=name, value=text, low=low, high=high)
        return int(text)

    @property
    def writer(self) -> Writer:
        """Writes documents as of now."""
        return Writer(self.agent, now_us())

    def wanted(self) -> Bools:
        """The items of the machines asked for, those alone that `path` means where there is one."""
        names = {machine.id for machine in self.machines}
        ids = {item.id for item in self.agent.items if item.machine in names}
        if path := self.value("path"):
            found = items_of(path, self.writer.devices(self.machines))
            if found is None:
                raise self.refuse(400, "INVALID_PATH", "path", "path", path=path)
            ids &= found
        return self.agent.wanted(ids)


def understood(node: Node, request: Request[Any, Any, Any], place: str, reach: Reach) -> Asked:
    """What a request asks for. Raises Refused for what there is not."""
    agent, language = node.agent, language_of(request)
    if agent is None:
        raise Refused(404, "UNSUPPORTED", say("api.mtconnect_off", language))
    parts = [part for part in place.split("/") if part]
    machines = {name: machine for name, machine in agent.plant.machines.items() if reach.machine(name)}
    query = dict(request.query_params)
    still = partial(_still, node, request, reach)
    asked = Asked(node, agent, "probe", tuple(machines.values()), "", query, str(request.url), language, still)
    if parts and parts[0] not in _REQUESTS:
        device = parts.pop(0)
        found = [m for m in machines.values() if device in (m.id, f"{agent.plant.site.id}.{m.id}")]
        if not found:
            raise asked.refuse(404, "NO_DEVICE", "device", device=device, known=", ".join(machines))
        asked = replace(asked, machines=tuple(found))
    kind, *rest = parts or ["probe"]
    asset = rest.pop(0) if rest and kind.startswith("asset") else ""
    if kind not in _REQUESTS or rest:
        raise asked.refuse(404, "UNSUPPORTED", "request", path=request.scope["path"])
    return replace(asked, kind="asset" if kind == "assets" else kind, asset=asset)


def answered(asked: Asked) -> str:
    """The document that answers a request for one."""
    if asked.kind == "probe":
        return asked.writer.devices(asked.machines)
    if asked.kind == "asset":
        if asked.asset:
            raise Refused(404, "ASSET_NOT_FOUND", say("api.mtconnect_asset", asked.language), "", asked.asset)
        return asked.writer.assets()
    wanted, standing = asked.wanted(), asked.agent.standing
    if asked.kind == "current":
        return _current(asked, wanted)
    start = asked.number("from", standing.first, standing.next, standing.first)
    count = asked.number("count", 1, asked.agent.settings.buffer, _COUNT)
    return _sample(asked, wanted, start, count)[0]


def _current(asked: Asked, wanted: Bools) -> str:
    standing = asked.agent.standing
    at = asked.number("at", standing.first, standing.next - 1, standing.next - 1) if "at" in asked.query else None
    found = asked.agent.current(at, wanted)
    if found is None:
        raise _gone(asked, "at")
    return asked.writer.streams(found[0], found[1].next, found[1], asked.machines)


def _sample(asked: Asked, wanted: Bools, start: int, count: int) -> tuple[str, int, int]:
    """The document, where to go on, and how many values it holds."""
    found = asked.agent.sample(start, wanted, count)
    if found is None:
        raise _gone(asked, "from")
    told, goes_on, standing = found
    return asked.writer.streams(told, goes_on, standing, asked.machines), goes_on, len(told)


def _gone(asked: Asked, name: str) -> Refused:
    """The buffer has moved on since the number was looked at."""
    now = asked.agent.standing
    return asked.refuse(
        400, "OUT_OF_RANGE", "range", name, name=name, value=asked.value(name), low=now.first, high=now.next
    )


def streamed(asked: Asked) -> AsyncIterator[bytes]:
    """The documents of a stream, begun only after everything about the request was found right."""
    pause = asked.number("interval", 0, _LONGEST_MS, 0)
    heartbeat = asked.number("heartbeat", 1, _LONGEST_MS, _HEARTBEAT_MS)
    standing = asked.agent.standing
    start = asked.number("from", standing.first, standing.next, standing.first)
    count = asked.number("count", 1, asked.agent.settings.buffer, _COUNT)
    wanted = asked.wanted()
    if asked.agent.streams >= MOST_STREAMS:
        raise asked.refuse(503, "INTERNAL_ERROR", "busy", most=MOST_STREAMS)
    pause_s = max(pause, _SHORTEST_MS) / 1000
    if asked.kind == "current":
        return _parts(asked, _currents(asked, wanted, pause_s))
    return _parts(asked, _samples(asked, wanted, start, count, pause_s, max(heartbeat, _SHORTEST_MS) / 1000))


async def _parts(asked: Asked, documents: AsyncIterator[str]) -> AsyncIterator[bytes]:
    """Documents as parts of one answer; what goes wrong on the way is the last of them."""
    asked.agent.streams += 1
    try:
        try:
            async for text in documents:
                yield _part(text)
        except Refused as error:
            yield _part(_told(error, asked.agent, asked.uri))
        yield f"--{_BOUNDARY}--\r\n".encode()
    finally:
        asked.agent.streams -= 1


def _part(text: str) -> bytes:
    body = text.encode()
    return f"--{_BOUNDARY}\r\nContent-type: {XML}\r\nContent-length: {len(body)}\r\n\r\n".encode() + body + b"\r\n"


def _goes_on(asked: Asked) -> bool:
    """Whether the instance that is streamed is still the node's, and the stream for who asked for it."""
    return asked.node.agent is asked.agent and not asked.node.leaving and asked.allowed()


def _still(node: Node, request: Request[Any, Any, Any], reach: Reach) -> bool:
    try:
        identity = identity_of(request)
        allow(identity, Permission.READ_FACTS)
    except NotPermitted:
        return False
    if not still_open(request):
        return False
    return identity.reach(Permission.READ_FACTS, lambda: node.plant).key == reach.key


async def _currents(asked: Asked, wanted: Bools, pause_s: float) -> AsyncIterator[str]:
    while _goes_on(asked):
        yield await asyncio.to_thread(_current, asked, wanted)
        await asyncio.sleep(pause_s)


async def _samples(
    asked: Asked, wanted: Bools, place: int, count: int, pause_s: float, heartbeat_s: float
) -> AsyncIterator[str]:
    sent = -heartbeat_s
    while _goes_on(asked):
        due = monotonic() - sent >= heartbeat_s
        if due or asked.agent.standing.next != place:
            text, place, values = await asyncio.to_thread(_sample, asked, wanted, place, count)
            if values or due:
                yield text
                sent = monotonic()
        await asyncio.sleep(min(pause_s, heartbeat_s))


def _told(error: Refused, agent: Agent | None, uri: str) -> str:
    now = now_us()
    settings = _OFF if agent is None else agent.settings
    header: dict[str, object] = {
        "instanceId": 1 if agent is None else agent.instance,
        "sender": "lineside" if agent is None else agent.plant.site.id,
        "bufferSize": settings.buffer,
    }
    return error_document(error, settings.version, header, uri, now)


def _answer(request: Request[Any, Any, Any], node: Node, place: str, reach: Reach) -> Response[Any] | Stream:
    asked = understood(node, request, place, reach)
    if asked.kind in ("current", "sample") and "interval" in asked.query:
        return Stream(streamed(asked), headers={"Content-Type": _PARTS})
    return Response(answered(asked).encode(), media_type=XML)


def mtconnect_problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Any error as MTConnect tells it."""
    language = language_of(request)
    if isinstance(error, LinesideError):
        code = "UNAUTHORIZED" if isinstance(error, NotPermitted) else "INTERNAL_ERROR"
        told = Refused(status_of(error), code, " ".join(filter(None, (error.sentence(language), error.cure(language)))))
    elif isinstance(error, Refused):
        told = error
    else:
        _log.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
        told = Refused(
            HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", LinesideError("api.fault").sentence(language)
        )
    node: Node = request.app.state.node
    text = _told(told, node.agent, request.scope["path"])  # what it says of the host may be no address
    return Response(text.encode(), status_code=told.status, media_type=XML, headers=SECURITY)


_Handler: TypeAlias = Callable[[Request[Any, Any, Any], Any], Response[Any]]
_AS_MTCONNECT: dict[int | type[Exception], _Handler] = dict.fromkeys((LinesideError, Exception), mtconnect_problem)


@get(
    ["/mtconnect", "/mtconnect/{place:path}"],
    opt=needs(Permission.READ_FACTS, Within.FILTERED),
    exception_handlers=_AS_MTCONNECT,
    media_type=XML,
)
async def mtconnect(node: TheNode, request: Request[Any, Any, Any], reach: TheReach, place: FromPath[str] = "") -> Any:
    """The plant's machines as an MTConnect agent tells them, where `plant.toml` has a table `[mtconnect]`.

    `probe`, `current` (`at`, `path`), `sample` (`from`, `count`, `path`), `asset`; of one machine behind its id. With
    `interval` (and `heartbeat`), in milliseconds, the answer goes on as a multipart stream.
    """
    return await asyncio.to_thread(_answer, request, node, place, reach)
