"""Where others push values: InfluxDB's way to write, and rows of JSON."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, TypeAlias

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, QueryParameter

from lineside import __version__
from lineside.api.guard import TheReach, Within, needs
from lineside.api.parameters import TheNode
from lineside.api.problems import RETRY_AFTER_S, language_of, status_of
from lineside.api.push_body import Gate
from lineside.api.security import SECURITY
from lineside.connect import PUSH, UNITS_NS, Found, PushSource, RowsRefused
from lineside.errors import ConfigurationError, LinesideError
from lineside.node import Node
from lineside.texts import say
from lineside.trust import Permission, Reach

_log = logging.getLogger(__name__)
_NAMED = 10
_CODES = {
    400: "invalid",
    401: "unauthorized",
    403: "forbidden",
    404: "not found",
    413: "request too large",
    503: "unavailable",
}
_LATER = {"history.disk_full": HTTPStatus.SERVICE_UNAVAILABLE}
INFLUX_VERSION = "1.8.10"
"""The version whose writes are answered the same way; programs that ask want a number they know."""
_SAYS_WHO = {"X-Influxdb-Version": INFLUX_VERSION, "X-Influxdb-Build": f"lineside-{__version__}"}

TheGate = NamedDependency[Gate]
_NAME = "The source; where there is only one, any name means it, as none does."
Database = Annotated[str | None, QueryParameter(name="db", description=_NAME)]
Bucket = Annotated[str | None, QueryParameter(name="bucket", description=_NAME)]
Precision = Annotated[str, QueryParameter(description="What times count: ns, us, ms, s, m or h; ns when left out.")]


def influx_problem(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """Any error as InfluxDB tells it, in the way of the version that was asked."""
    if isinstance(error, LinesideError):
        language = language_of(request)
        text = " ".join(filter(None, (error.sentence(language), error.cure(language))))
        return _refusal(request, _LATER.get(error.key, status_of(error)), text)
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _refusal(request, HTTPStatus(error.status_code), error.detail)
    _log.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
    return _refusal(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal error")


def _refusal(request: Request[Any, Any, Any], status: HTTPStatus, text: str) -> Response[dict[str, Any]]:
    line = "".join(one if " " <= one <= "~" else "?" for one in " ".join(text.split()))
    headers = {**SECURITY, **_SAYS_WHO, "X-Influxdb-Error": line}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = RETRY_AFTER_S
    content: dict[str, Any] = {"error": text}
    if request.scope["path"].startswith("/api/v2"):
        content = {"code": _CODES.get(status, "internal error"), "message": text}
    return Response(content, status_code=status, headers=headers)


_Handler: TypeAlias = Callable[[Request[Any, Any, Any], Any], Response[Any]]
_KINDS: tuple[type[Exception], ...] = (LinesideError, HTTPException, Exception)
_AS_INFLUX: dict[int | type[Exception], _Handler] = dict.fromkeys(_KINDS, influx_problem)


@post(
    "/write",
    opt=needs(Permission.WRITE_FACTS, Within.FILTERED),
    request_max_body_size=None,
    exception_handlers=_AS_INFLUX,
)
async def write_lines(
    node: TheNode,
    gate: TheGate,
    request: Request[Any, Any, Any],
    reach: TheReach,
    db: Database = None,
    precision: Precision = "",
) -> Response[Any]:
    """Line protocol, as InfluxDB 1 takes it."""
    return await _write(gate, request, _pushed_to(node, db, reach), precision)


@post(
    "/api/v2/write",
    opt=needs(Permission.WRITE_FACTS, Within.FILTERED),
    request_max_body_size=None,
    exception_handlers=_AS_INFLUX,
)
async def write_lines_v2(
    node: TheNode,
    gate: TheGate,
    request: Request[Any, Any, Any],
    reach: TheReach,
    bucket: Bucket = None,
    precision: Precision = "",
) -> Response[Any]:
    """Line protocol, as InfluxDB 2 takes it."""
    return await _write(gate, request, _pushed_to(node, bucket, reach), precision)


async def _write(gate: Gate, request: Request[Any, Any, Any], source: PushSource, precision: str) -> Response[Any]:
    if precision not in UNITS_NS:
        raise ConfigurationError("api.push_precision", precision=precision)
    async with gate.body(request) as body:
        found = await source.take_lines(body, UNITS_NS[precision])
    if found.refused:
        return _refusal(request, HTTPStatus.BAD_REQUEST, _refused_lines(found, language_of(request)))
    return Response(None, status_code=HTTPStatus.NO_CONTENT, headers=_SAYS_WHO)


def _refused_lines(found: Found, language: str) -> str:
    """Which lines were refused and why. Clients look for the English words `partial write` and `unable to parse`."""
    lines = [
        f"line {bad.line}: unable to parse '{bad.text}': {say(f'connect.line.{bad.reason}', language)}"
        for bad in found.bad[:_NAMED]
    ]
    more = f" and {found.refused - len(lines)} more" if found.refused > len(lines) else ""
    told = "\n".join(lines) + more
    return f"partial write: {told} dropped={found.refused}" if found.values or found.unwanted else told


def _pushed_to(node: Node, name: str | None, reach: Reach) -> PushSource:
    """The source that a database or bucket means; where there is one only, any name means it."""
    there, known = _sources(node), _sources(node, reach)
    if len(there) == 1:
        name = there[0]
    if there and not name:
        raise ConfigurationError("api.push_which", known=", ".join(known) or "-")
    if name not in known:
        raise LinesideError("api.push_nowhere", name=name or "", known=", ".join(known) or "-")
    return node.intake.pushed_to(name)


@get("/ping", opt=needs(Permission.OPEN), sync_to_thread=False, status_code=HTTPStatus.NO_CONTENT)
def ping() -> Response[None]:
    """That somebody is there, as InfluxDB says it."""
    return Response(None, headers=_SAYS_WHO)


@get("/health", opt=needs(Permission.OPEN), sync_to_thread=True)
def health(node: TheNode) -> Response[dict[str, Any]]:
    """Whether writes can be taken, as InfluxDB says it."""
    free, reserve = node.history.room()
    well = free >= reserve
    content: dict[str, Any] = {
        "name": "lineside",
        "message": "ready for writes" if well else LinesideError("history.disk_full", folder="data").sentence(),
        "status": "pass" if well else "fail",
        "checks": [],
        "version": __version__,
        "commit": "",
    }
    return Response(content, status_code=HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE, headers=_SAYS_WHO)


Edge = Annotated[bool, QueryParameter(description="A `lineside edge` says these: with when it heard, what it lost.")]


@post(
    "/api/push/{source:str}",
    opt=needs(Permission.WRITE_FACTS, Within.FILTERED),
    request_max_body_size=None,
    status_code=200,
)
async def push_rows(
    node: TheNode,
    gate: TheGate,
    request: Request[Any, Any, Any],
    source: FromPath[str],
    reach: TheReach,
    edge: Edge = False,  # noqa: FBT002 a parameter of the address
) -> dict[str, int]:
    """Rows `{"address", "time", "value", "quality"}`, a list or one a line; durable when answered.

    Rows that are wrong are named in `findings` and the others stored; sending rows again stores nothing twice.
    """
    taker = _source(node, source, reach)
    async with gate.body(request) as body:
        told = await (taker.take_edge(body) if edge else taker.take_rows(body))
    if told.refused:
        raise RowsRefused(told)
    return {"rows": told.rows, "taken": told.taken, "unwanted": told.unwanted.total()}


@get("/api/push/{source:str}", opt=needs(Permission.READ_SOURCES, Within.FILTERED), sync_to_thread=False)
def push_unwanted(node: TheNode, source: FromPath[str], reach: TheReach) -> dict[str, Any]:
    """What a source wants, by address with the kind; and what is pushed to it in vain, with the number of values."""
    taker = _source(node, source, reach)
    unwanted, further = taker.unwanted
    return {
        "wanted": taker.wanted,
        "unwanted": [{"address": name, "values": count} for name, count in unwanted.items()],
        "further": further,
    }


def _sources(node: Node, reach: Reach | None = None) -> list[str]:
    """The sources that take what is pushed; of somebody's, those that feed nothing out of reach."""
    there = [source.id for source in node.plant.sources.values() if source.type == PUSH]
    return there if reach is None else [name for name in there if reach.feeds(name)]


def _source(node: Node, name: str, reach: Reach) -> PushSource:
    there = _sources(node, reach)
    if name not in there:
        raise LinesideError("api.push_nowhere", name=name, known=", ".join(there) or "-")
    return node.intake.pushed_to(name)
