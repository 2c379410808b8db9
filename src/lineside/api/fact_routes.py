"""States, KPIs, opened numbers and signals of any window."""

from __future__ import annotations

import struct
from typing import Annotated, Any

import numpy as np
from litestar import Request, Response, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from lineside.api.guard import TheCaller, TheReach, Within, in_query, needs
from lineside.api.parameters import From, ScopeName, ScopeNames, Start, TheNode, To, Until
from lineside.api.problems import language_of
from lineside.errors import ConfigurationError, NotPermitted
from lineside.history import Quality
from lineside.measure import (
    By,
    Kpi,
    Scope,
    kpi_rows,
    number_json,
    opened,
    parse_moment,
    parse_window,
    read_facts,
    row_json,
    window_of,
)
from lineside.node import Node, Tally, now_us, record_tally
from lineside.plant import STATES
from lineside.trust import Kind, Permission


@get("/api/lanes", opt=needs(Permission.READ_FACTS, in_query("machine")), sync_to_thread=True)
def lanes(
    node: TheNode, start: From, end: To, reach: TheReach, machine: FromQuery[list[str] | None] = None
) -> dict[str, Any]:
    """States of machines as edges and codes; the future is left out."""
    plant, now = node.plant, now_us()
    first, last = parse_window(start, end, plant)
    last = max(min(last, now), first + 1)
    names = (
        [Scope.parse(f"machine/{m}", plant).id for m in machine]
        if machine
        else [m for m in plant.machines if reach.machine(m)]
    )
    facts = read_facts(node.history, node.timeline, names, first, last)
    return {
        "from_ms": first // 1000,
        "to_ms": last // 1000,
        "now_ms": now // 1000,
        "states": [state.value for state in STATES],
        "machines": {
            name: {"t": (fact.states.edges // 1000).tolist(), "s": fact.states.codes.tolist()}
            for name, fact in facts.items()
        },
    }


@get("/api/kpi", opt=needs(Permission.READ_FACTS, in_query("scope")), sync_to_thread=True)
def kpi_table(
    node: TheNode,
    request: Request[Any, Any, Any],
    reach: TheReach,
    start: Start = None,
    end: Until = None,
    within: ScopeNames = None,
    by: FromQuery[By | None] = None,
) -> dict[str, Any]:
    """KPI rows of the scopes named, or of all there are, whole or by shift, production day or product.

    The future is left out. By shift or day a date alone is the start of that production day.
    """
    plant, now = node.plant, now_us()
    first, last = window_of(node.history, plant, start, end, now, by)
    last = max(min(last, now), first + 1)
    there = [one for one in Scope.every(plant) if reach.covers(f"{one.level}/{one.id}")]
    scopes = [Scope.parse(text, plant) for text in within] if within else there
    rows = kpi_rows(node.history, node.timeline, scopes, first, last, by)
    return {"rows": [row_json(row, plant, language_of(request), now) for row in rows]}


@get("/api/number", opt=needs(Permission.READ_FACTS, in_query("scope")), sync_to_thread=True)
def number(
    node: TheNode, request: Request[Any, Any, Any], kpi: FromQuery[Kpi], within: ScopeName, start: From, end: To
) -> dict[str, Any]:
    """A KPI opened: formula, inputs, intervals, excluded time, coverage, editions."""
    plant = node.plant
    first, last = parse_window(start, end, plant)
    last = max(min(last, now_us()), first + 1)
    found = opened(node.history, node.timeline, Scope.parse(within, plant), kpi, first, last)
    return number_json(found, plant, node.timeline, language_of(request))


Points = Annotated[
    int, QueryParameter(ge=10, le=20_000, description="Buckets; each gives its least and greatest value.")
]


@get(
    "/api/samples",
    opt=needs(Permission.READ_FACTS, in_query("series")),
    media_type="application/octet-stream",
    sync_to_thread=True,
)
def samples(node: TheNode, series: FromQuery[str], start: From, end: To, points: Points = 1200) -> Response[bytes]:
    """A number-valued signal, thinned min-max: int32 n, float64 epoch ms[n], float64 value[n], little-endian.

    NaN marks a gap.
    """
    first, last = parse_window(start, end, node.plant)
    found = node.history.thin(_series(node, series), first, last, points)
    value = np.where(found.quality <= Quality.UNCERTAIN, found.number, np.nan)
    time_ms = found.time.astype("<f8") / 1000
    body = struct.pack("<i", len(value)) + time_ms.tobytes() + value.astype("<f8").tobytes()
    return Response(body, media_type="application/octet-stream")


@get("/api/minutes", opt=needs(Permission.READ_FACTS, in_query("series")), sync_to_thread=True)
def minutes(node: TheNode, series: FromQuery[str], start: From, end: To) -> dict[str, Any]:
    """The means of a number over minutes that [keep] has thinned out: epoch ms, mean, and the seconds it is made of."""
    first, last = parse_window(start, end, node.plant)
    time, mean, seconds = node.history.minutes(_series(node, series), first, last)
    return {"t": (time // 1000).tolist(), "mean": mean.tolist(), "seconds": seconds.tolist()}


Limit = Annotated[int, QueryParameter(ge=1, le=20_000, description="At most so many changes, the newest.")]


@get("/api/texts", opt=needs(Permission.READ_FACTS, in_query("series")), sync_to_thread=True)
def texts(node: TheNode, series: FromQuery[str], start: From, end: To, limit: Limit = 5000) -> dict[str, Any]:
    """A text-valued signal: epoch ms and values, null where it had none; the newest `limit` changes."""
    first, last = parse_window(start, end, node.plant)
    found = node.history.read(_series(node, series), first, last)
    values = list(found.texts())[-limit:]
    return {"t": (found.time[-limit:] // 1000).tolist(), "v": values, "total": len(found)}


def _series(node: Node, key: str) -> int:
    machine, _, signal = key.partition("/")
    known = node.plant.machines.get(machine)
    if known is None or signal not in known.signals:
        raise ConfigurationError("api.no_series", series=key)
    return node.history.series(key)


class TallyEntry(Struct, forbid_unknown_fields=True):
    """Units somebody counted by hand."""

    machine: str
    good: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    rejected: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    time: str | None = None


@post("/api/tally", opt=needs(Permission.WRITE_FACTS, Within.FILTERED), sync_to_thread=True)
def tally(node: TheNode, data: JSONBody[TallyEntry], reach: TheReach, caller: TheCaller) -> dict[str, Any]:
    """Records units counted by hand; durable when answered. `repeated` when a count was there already at that time."""
    if not reach.machine(data.machine):
        raise NotPermitted("trust.out_of_reach")
    time = parse_moment(data.time, node.plant) if data.time else now_us()
    new = record_tally(node.history, node.plant, Tally(data.machine, data.good, data.rejected, time), now_us())
    if new:
        counts = {"good": data.good, "rejected": data.rejected, "at_us": time}
        node.ledger.append(Kind.TALLY, who=caller.who, about=f"machine/{data.machine}", **counts)
    return {
        "machine": data.machine,
        "good": data.good,
        "rejected": data.rejected,
        "time_ms": time // 1000,
        "repeated": not new,
    }
