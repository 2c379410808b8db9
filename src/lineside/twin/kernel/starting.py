"""Time 0: what servers are doing."""

from __future__ import annotations

from lineside.twin import cells as cell
from lineside.twin.draws import compiled, draw
from lineside.twin.kernel.clocks import CALLING, book_parts, is_on, show
from lineside.twin.kernel.parts import create
from lineside.twin.kernel.places import depart, offer, serve
from lineside.twin.kernel.work import call, choose, grant, hold, proceed, segment, unwatch
from lineside.twin.layout import DONE, EMPTY, NEED, NONE, PLACE, SETTING, World


@compiled
def start_servers(w: World) -> None:
    """Puts servers into their states, then gives resources and places to those who wait for them."""
    for i in range(w.n[cell.RUN_SERVER_N]):
        server = w.n[cell.RUN_SERVERS] + i * cell.SERVER_SIZE
        entry = w.n[w.n[cell.RUN_STARTS] + i]
        if entry != NONE:
            _start_server(w, server, entry)
    grant(w)
    for i in range(w.n[cell.RUN_BUFFER_N]):
        serve(w, w.n[cell.RUN_BUFFERS] + i * cell.BUFFER_SIZE)


@compiled
def _start_server(w: World, server: int, entry: int) -> None:
    station = w.n[server + cell.SERVER_STATION]
    w.n[server + cell.SERVER_LAST] = w.n[entry + cell.START_LAST]
    failure, busy = w.n[entry + cell.START_FAILURE], w.n[entry + cell.START_PHASE] != EMPTY
    if (failure or busy) and is_on(w, station):
        w.n[station + cell.STATION_READY] -= 1
    if failure:
        unwatch(w, server)
        w.n[server + cell.SERVER_FAILURE], w.n[server + cell.SERVER_DOWN] = failure - 1, CALLING
        repair, stream = w.n[entry + cell.START_REPAIR], w.n[entry + cell.START_REPAIR_STREAM]
        w.x[server + cell.SERVER_LEFT] = draw(w, repair, stream)
        call(w, server + cell.SERVER_CREW_NEXT)
    if busy:
        part = create(w, w.n[entry + cell.START_PRODUCT], NONE)
        if part != NONE:
            book_parts(w, 1)
            w.n[server + cell.SERVER_PART] = part
            _place(w, server, entry)
    show(w, server)


@compiled
def _place(w: World, server: int, entry: int) -> None:
    """Puts a server where it is with its part."""
    station, phase = w.n[server + cell.SERVER_STATION], w.n[entry + cell.START_PHASE]
    before = w.n[station + cell.STATION_BEFORE] != 0
    if before or phase == DONE:
        choose(w, server)
        to = w.n[w.n[server + cell.SERVER_ROUTE] + cell.ROUTE_TO]
        w.n[server + cell.SERVER_PHASE] = phase
        if phase == DONE and to < 0:
            depart(w, server)
            return
        if phase == DONE or (phase == PLACE and to > 0):
            offer(w, to, server)
            return
        if phase == PLACE:
            phase = NEED
        elif to > 0:
            w.n[to + cell.BUFFER_CLAIMED] += 1
    w.n[server + cell.SERVER_PHASE] = phase
    if phase == NEED:
        call(w, server + cell.SERVER_NEED_NEXT)
        return
    hold(w, w.n[station + cell.STATION_NEEDS], w.n[station + cell.STATION_NEED_N])
    left = draw(w, w.n[entry + cell.START_LEFT], w.n[entry + cell.START_LEFT_STREAM])
    if phase == SETTING:
        proceed(w, server, left)
    else:
        w.x[server + cell.SERVER_WORK_LEFT] = left
        segment(w, server)
