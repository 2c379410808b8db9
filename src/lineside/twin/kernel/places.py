"""Waiting for places in buffers: servers that hold a part, and sources."""

from __future__ import annotations

import math

from lineside.twin import cells as cell
from lineside.twin.draws import compiled, draw, first_above, first_above_or_last, inlined, uniform
from lineside.twin.kernel.clocks import UP, book_parts, is_on, is_up, look_at, set_clock, show
from lineside.twin.kernel.parts import create, has_room, leave, push, send, send_back
from lineside.twin.kernel.work import want
from lineside.twin.layout import ALWAYS, EMPTY, INTERVAL, NONE, ORDERED, PLACE, World


@compiled
def offer(w: World, buffer: int, entity: int) -> None:
    """Lets a server or source wait for a place, behind all of at least its rank."""
    before, after = w.n[buffer + cell.BUFFER_OFFER_TAIL], NONE
    if before != NONE and w.n[before + cell.SERVER_RANK] < w.n[entity + cell.SERVER_RANK]:
        before, after = NONE, w.n[buffer + cell.BUFFER_OFFER_HEAD]
        while w.n[after + cell.SERVER_RANK] >= w.n[entity + cell.SERVER_RANK]:
            before, after = after, w.n[after + cell.SERVER_PLACE_NEXT]
    w.n[entity + cell.SERVER_PLACE_NEXT] = after
    if after == NONE:
        w.n[buffer + cell.BUFFER_OFFER_TAIL] = entity
    if before == NONE:
        w.n[buffer + cell.BUFFER_OFFER_HEAD] = entity
    else:
        w.n[before + cell.SERVER_PLACE_NEXT] = entity


@inlined
def _withdraw(w: World, buffer: int, before: int, entity: int) -> None:
    """Takes one who waits for a place, and who is behind `before`, off the list."""
    after = w.n[entity + cell.SERVER_PLACE_NEXT]
    if before == NONE:
        w.n[buffer + cell.BUFFER_OFFER_HEAD] = after
    else:
        w.n[before + cell.SERVER_PLACE_NEXT] = after
    if after == NONE:
        w.n[buffer + cell.BUFFER_OFFER_TAIL] = before


@inlined
def is_free(w: World, buffer: int) -> bool:
    """Whether a buffer has room that nobody waits for."""
    return w.n[buffer + cell.BUFFER_OFFER_HEAD] == NONE and has_room(w, buffer)


@compiled
def serve(w: World, buffer: int) -> None:
    """Gives the places of a buffer to those who wait for them; who cannot use one now keeps its turn."""
    before, entity = NONE, w.n[buffer + cell.BUFFER_OFFER_HEAD]
    while entity != NONE and has_room(w, buffer):
        if entity < w.n[cell.RUN_SOURCES]:
            claims = w.n[entity + cell.SERVER_PHASE] == PLACE
            if claims and not is_up(w, entity):
                before, entity = entity, w.n[entity + cell.SERVER_PLACE_NEXT]
                continue
            _withdraw(w, buffer, before, entity)
            if claims:
                w.n[buffer + cell.BUFFER_CLAIMED] += 1
                want(w, entity)
            else:
                depart(w, entity)
        else:
            _withdraw(w, buffer, before, entity)
            _enter(w, entity)
        before, entity = NONE, w.n[buffer + cell.BUFFER_OFFER_HEAD]


@inlined
def _note_departure(w: World, station: int) -> None:
    w.n[station + cell.STATION_LEFT] += 1
    if w.n[cell.RUN_DEPARTED_N] < w.n[cell.RUN_DEPARTED_SIZE]:
        note = w.n[cell.RUN_DEPARTED] + 2 * w.n[cell.RUN_DEPARTED_N]
        w.n[note] = station
        w.x[note + 1] = w.x[cell.RUN_NOW]
        w.n[cell.RUN_DEPARTED_N] += 1


@inlined
def depart(w: World, server: int) -> None:
    """The part leaves the server for where it goes next, which has room."""
    station, part, route = (
        w.n[server + cell.SERVER_STATION],
        w.n[server + cell.SERVER_PART],
        w.n[server + cell.SERVER_ROUTE],
    )
    _note_departure(w, station)
    to, way = w.n[route + cell.ROUTE_TO], w.n[route + cell.ROUTE_WAY]
    if way != NONE:
        if to > 0:
            w.n[to + cell.BUFFER_CLAIMED] += 1
        send(w, way, part, draw(w, w.n[route + cell.ROUTE_LAW], w.n[station + cell.STATION_TRANSFER_STREAM]))
    elif to > 0:
        push(w, to, part)
    else:
        leave(w, part, to)
    w.n[server + cell.SERVER_PHASE] = EMPTY
    if w.n[server + cell.SERVER_DOWN] == UP and is_on(w, station):
        w.n[station + cell.STATION_READY] += 1
    look_at(w, station)
    show(w, server)
    kinds = w.n[part + cell.PART_PALLETS] & w.n[station + cell.STATION_UNLOADS]
    if kinds:
        w.n[part + cell.PART_PALLETS] &= ~kinds
        send_back(w, kinds)


@compiled
def due_product(w: World, source: int, time: float) -> int:
    """The product that the plan of a source says is due at a time."""
    plan, n, period = (
        w.n[source + cell.SOURCE_PLAN],
        w.n[source + cell.SOURCE_PLAN_N],
        w.x[source + cell.SOURCE_PLAN_PERIOD],
    )
    if period < math.inf:
        time %= period
    return w.n[plan + n + max(first_above_or_last(w.x, plan, n, time) - 1, 0)]


@compiled
def draw_product(w: World, source: int, time: float) -> int:
    """The product of the part of a source that enters the line at a time."""
    if w.n[source + cell.SOURCE_PLAN_N]:
        return due_product(w, source, time)
    product = w.n[source + cell.SOURCE_PRODUCT]
    if product >= 0:
        return product
    weights, n = w.n[source + cell.SOURCE_WEIGHTS], w.n[source + cell.SOURCE_WEIGHT_N]
    share = uniform(w.bits, w.n[source + cell.SOURCE_PRODUCT_STREAM])
    return int(w.x[weights + first_above(w.x, weights + n, n, share)])


@compiled
def _bring(w: World, source: int) -> None:
    """Puts the next part of a source into its buffer, which has room."""
    w.n[source + cell.SOURCE_PENDING] -= 1
    if w.n[source + cell.SOURCE_KIND] == ORDERED:
        order = w.n[w.n[source + cell.SOURCE_ORDERS] + w.n[source + cell.SOURCE_MADE] - 1]
        part = create(w, w.n[order + cell.ORDER_PRODUCT], order)
    else:
        part = create(w, draw_product(w, source, w.x[cell.RUN_NOW]), NONE)
    if part != NONE:
        book_parts(w, 1)
        push(w, w.n[source + cell.SOURCE_TO], part)


@compiled
def _enter(w: World, source: int) -> None:
    """A source that waited for a place gets it; the rest of its batch keeps the turn."""
    buffer = w.n[source + cell.SOURCE_TO]
    _bring(w, source)
    if w.n[source + cell.SOURCE_PENDING]:
        after = w.n[buffer + cell.BUFFER_OFFER_HEAD]
        if after == NONE or w.n[after + cell.SERVER_RANK] <= w.n[source + cell.SERVER_RANK]:
            w.n[source + cell.SERVER_PLACE_NEXT] = after
            w.n[buffer + cell.BUFFER_OFFER_HEAD] = source
            if after == NONE:
                w.n[buffer + cell.BUFFER_OFFER_TAIL] = source
        else:
            _offer_first(w, buffer, source)
    else:
        all_in(w, source)


@compiled
def _offer_first(w: World, buffer: int, source: int) -> None:
    """Puts a source back in front of its equals."""
    before = w.n[buffer + cell.BUFFER_OFFER_HEAD]
    after = w.n[before + cell.SERVER_PLACE_NEXT]
    while after != NONE and w.n[after + cell.SERVER_RANK] > w.n[source + cell.SERVER_RANK]:
        before, after = after, w.n[after + cell.SERVER_PLACE_NEXT]
    w.n[source + cell.SERVER_PLACE_NEXT] = after
    w.n[before + cell.SERVER_PLACE_NEXT] = source
    if after == NONE:
        w.n[buffer + cell.BUFFER_OFFER_TAIL] = source


@compiled
def all_in(w: World, source: int) -> None:
    """What came is in the line: the next interval begins, the next order may come, or the next part waits at once."""
    kind, made = w.n[source + cell.SOURCE_KIND], w.n[source + cell.SOURCE_MADE]
    if made == w.n[source + cell.SOURCE_LIMIT] and kind != ALWAYS:
        return
    if kind == INTERVAL:
        pause = draw(w, w.n[source + cell.SOURCE_LAW], w.n[source + cell.SOURCE_STREAM])
        set_clock(w, w.n[source + cell.SOURCE_CLOCK], w.x[cell.RUN_NOW] + pause)
    elif kind == ORDERED:
        release = w.x[w.n[w.n[source + cell.SOURCE_ORDERS] + made] + cell.ORDER_RELEASE]
        set_clock(w, w.n[source + cell.SOURCE_CLOCK], max(w.x[cell.RUN_NOW], release))
    else:
        w.n[source + cell.SOURCE_CAME] += 1
        if made < w.n[source + cell.SOURCE_LIMIT]:
            w.n[source + cell.SOURCE_MADE] += 1
            w.n[source + cell.SOURCE_PENDING] = 1
            offer(w, w.n[source + cell.SOURCE_TO], source)


@compiled
def source_event(w: World, source: int) -> None:
    """Something comes: it goes into the buffer as far as there is room; the rest waits, or is lost."""
    buffer, kind = w.n[source + cell.SOURCE_TO], w.n[source + cell.SOURCE_KIND]
    left = w.n[source + cell.SOURCE_LIMIT] - w.n[source + cell.SOURCE_MADE]
    batch = min(w.n[source + cell.SOURCE_BATCH], left) if kind == INTERVAL else 1
    w.n[source + cell.SOURCE_MADE] += batch
    w.n[source + cell.SOURCE_PENDING] = batch
    if kind == INTERVAL:
        w.n[source + cell.SOURCE_CAME] += batch
    elif kind == ORDERED:
        order = w.n[w.n[source + cell.SOURCE_ORDERS] + w.n[source + cell.SOURCE_MADE] - 1]
        w.n[source + cell.SOURCE_PENDING] = w.n[order + cell.ORDER_QUANTITY]
    if w.n[source + cell.SOURCE_LOSES]:
        serve(w, buffer)
        while w.n[source + cell.SOURCE_PENDING]:
            if has_room(w, buffer):
                _bring(w, source)
            else:
                draw_product(w, source, w.x[cell.RUN_NOW])
                w.n[source + cell.SOURCE_PENDING] -= 1
                w.n[source + cell.SOURCE_LOST] += 1
        all_in(w, source)
    else:
        offer(w, buffer, source)
        serve(w, buffer)
