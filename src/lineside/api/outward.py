"""Which answers leave the plant, by which way and what they tell: decided here for every route.

Outward is what a token is told that is used from beyond the networks of the plant, or for which a release was ever
asked, wherever it is used from; and what people download as a file. What a route tells stands in `TOLD`, in one place:
a token outside gets nothing of a route that does not stand there, so that a new route stays inside until somebody has
thought about it. The body of each answer passes the valve as it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from lineside.api.problems import answer_of, spoken
from lineside.node import Node
from lineside.plant import METER
from lineside.trust import LOCAL_OWNER, Identity, Parcel, Permission, Reach, Withheld, is_near
from lineside.valve import DOWNLOAD, OWN_PEOPLE, State, Valve

_Connection = ASGIConnection[Any, Any, Any, Any]
_Things = Callable[[_Connection, Node, Reach], Iterable[str]]
_STATE = "outward"
MTCONNECT = "mtconnect"
WAITING = f"valve.is_{State.WAITING}"
_REQUESTS = ("probe", "current", "sample", "asset", "assets")


@dataclass(frozen=True, slots=True)
class Way:
    """A way out: by which flow, to whom, what is told and what that is called."""

    flow: str
    recipient: str
    things: frozenset[str]
    what: str


def _of_kinds(node: Node, reach: Reach, *kinds: str) -> Iterable[str]:
    """The things of some kinds that are in reach."""
    for thing in node.catalogue.judgement.things.values():
        if thing.kind in kinds and not thing.gone and (reach.whole or (thing.places and reach.covers(thing.places[0]))):
            yield thing.id


def _now(_: _Connection, node: Node, reach: Reach) -> Iterable[str]:
    return _of_kinds(node, reach, "states", "units", "kpi", "heard")


def _lanes(connection: _Connection, node: Node, reach: Reach) -> Iterable[str]:
    named = connection.query_params.getall("machine", [])
    return [f"states/{one}" for one in named] or _of_kinds(node, reach, "states")


def _kpi(connection: _Connection, node: Node, reach: Reach) -> Iterable[str]:
    named = connection.query_params.getall("scope", [])
    starts = tuple(f"kpi/{one}/" for one in named)
    return [one for one in _of_kinds(node, reach, "kpi") if not starts or one.startswith(starts)]


def _series(connection: _Connection, node: Node, reach: Reach) -> Iterable[str]:
    del node, reach
    return [f"signal/{one}" for one in connection.query_params.getall("series", [])]


def _energy(_: _Connection, node: Node, reach: Reach) -> Iterable[str]:
    meters = [one for one in _of_kinds(node, reach, "signal") if one.startswith(f"signal/{METER}/")]
    return [*meters, *_of_kinds(node, reach, "units")]


def _metrics(_: _Connection, node: Node, reach: Reach) -> Iterable[str]:
    return [*_of_kinds(node, reach, "heard", "states"), "jobs"]


def _mtconnect(connection: _Connection, node: Node, reach: Reach) -> Iterable[str]:
    first = str(connection.path_params.get("place", "")).strip("/").partition("/")[0]
    device = "" if first in _REQUESTS else first.removeprefix(f"{node.plant.site.id}.")
    yield "plant"
    for one in _of_kinds(node, reach, "signal", "states", "units"):
        if not device or one.split("/")[1] == device:
            yield one


def _nothing(_: _Connection, node: Node, reach: Reach) -> Iterable[str]:
    del node, reach
    return ()


TOLD: Mapping[str, _Things] = {
    "/api/now": _now,
    "/api/lanes": _lanes,
    "/api/kpi": _kpi,
    "/api/energy": _energy,
    "/api/samples": _series,
    "/api/minutes": _series,
    "/api/texts": _series,
    "/metrics": _metrics,
    "/mtconnect": _mtconnect,
    "/mtconnect/{place:path}": _mtconnect,
}
"""What each route tells, by the names of the catalogue; the routes that are not here tell nothing outside."""
TAKEN: frozenset[str] = frozenset({"/write", "/api/v2/write", "/api/push/{source:str}", "/api/tally"})
"""What is posted here is taken in; the answer says how much, and nothing of the plant."""
DOWNLOADED: Mapping[str, str] = {
    "/api/ledger/export": "accounts",
    "/api/ledger/head/file": "accounts",
    "/api/grades/table": "gradings",
    "/api/erp/{kind:str}/file": "orders",
}
"""What people download as files, with the kind of things it is made of."""

FILES = ("/api/ledger/", "/api/grades/table", "/api/erp/")
"""How the addresses of these begin."""


def plain(scope: Any) -> Any:
    """A request whose answer is not compressed, if it may leave: its bytes are to be looked at."""
    headers = scope["headers"]
    if scope["path"].startswith(FILES) or any(name == b"authorization" for name, _ in headers):
        return {**scope, "headers": [one for one in headers if one[0] != b"accept-encoding"]}
    return scope


def leaving(connection: _Connection, handler: BaseRouteHandler) -> None:
    """The guard of a node, after that of every house: finds the way that an answer takes, if it leaves.

    Raises Withheld where nothing may leave on it. A hub has none: no valve is its rule, but the data agreement and
    what it computes for others to see.
    """
    way = _way_of(connection, handler, connection.state["caller"], connection.state["reach"])
    if way is None:
        return
    why = _valve(connection).why_not(way.flow, way.recipient)
    if why is not None and why.key != WAITING:  # else it is made, and withheld, for who decides to see
        _valve(connection).refuse(Parcel(way.flow, way.recipient, way.things, b"", "", way.what), why)
    connection.state[_STATE] = way


def still_open(connection: _Connection) -> bool:
    """Whether an answer that goes on by itself may go on."""
    way: Way | None = connection.state.get(_STATE)
    return way is None or _valve(connection).is_open(way.flow, way.recipient)


def _valve(connection: _Connection) -> Valve:
    found: Valve = connection.app.state.node.valve
    return found


def _way_of(connection: _Connection, handler: BaseRouteHandler, caller: Identity, reach: Reach) -> Way | None:
    path = next(iter(handler.paths), "")
    if caller.token is not None:
        return _of_token(connection, handler, caller, reach)
    if path in DOWNLOADED and (caller.session is not None or caller is LOCAL_OWNER):
        things = _of_kinds(connection.app.state.node, reach, DOWNLOADED[path])
        return Way(DOWNLOAD, OWN_PEOPLE, frozenset(things), connection.scope["path"])
    return None


def _of_token(connection: _Connection, handler: BaseRouteHandler, caller: Identity, reach: Reach) -> Way | None:
    """The way of what a token is told; None where that stays inside, or tells nothing."""
    if handler.opt.get("permission") is Permission.OPEN:
        return None
    place = next((one for one in sorted(handler.paths) if one in TOLD), "")
    host = connection.client.host if connection.client is not None else ""
    spoken = MTCONNECT in place
    flow, recipient = (MTCONNECT, caller.name) if spoken else (f"token/{caller.token}", host)
    valve, near = _valve(connection), _is_inside(connection, host)
    if near and not valve.names(flow, recipient if spoken else None):
        return None
    if not place:
        if connection.scope.get("method") == "POST" and handler.paths & TAKEN:
            return None
        raise Withheld("valve.not_declared", path=connection.scope["path"])
    things = frozenset(TOLD[place](connection, connection.app.state.node, reach))
    return Way(flow, recipient, things, connection.scope["path"])


def _is_inside(connection: _Connection, host: str) -> bool:
    """Whether an address is of the plant's own networks; who serves this computer alone is asked by nobody else."""
    return is_near(host) or not connection.app.state.keeper.door.names


class Outward:
    """Leads the body of an answer that leaves past the valve, piece by piece; nothing of it is sent before."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun: list[Any] = []
        form, over = "", False

        async def led(message: Any) -> None:
            nonlocal form, over
            way: Way | None = scope.get("state", {}).get(_STATE)
            if way is None:
                await send(message)
            elif over:
                return
            elif message["type"] == "http.response.start":
                form = dict(message["headers"]).get(b"content-type", b"").decode("latin-1")
                begun.append(message)
            elif (why := _withheld(scope, way, message.get("body", b""), form)) is None:
                while begun:
                    await send(begun.pop())
                await send(message)
            else:
                over = True
                if begun:  # where the answer has begun, it breaks off, which its reader notices
                    await _refuse(scope, send, why)

        await self._app(scope, receive, led)


def _withheld(scope: Any, way: Way, body: bytes, form: str) -> Withheld | None:
    """Why a piece may not leave."""
    valve: Valve = scope["litestar_app"].state.node.valve
    try:
        if body:
            valve.let_out(Parcel(way.flow, way.recipient, way.things, bytes(body), form, way.what))
    except Withheld as withheld:
        return withheld
    return None


async def _refuse(scope: Any, send: Any, why: Withheld) -> None:
    """Answers that nothing may leave, instead of what was to leave."""
    status, headers, body = answer_of(why, spoken(scope))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
