"""Whether a line has come to a stand for good."""

from __future__ import annotations

import math

from lineside.twin import cells as cell
from lineside.twin.draws import compiled
from lineside.twin.kernel.clocks import UP, time_of
from lineside.twin.kernel.moments import able
from lineside.twin.kernel.parts import has_room
from lineside.twin.kernel.work import is_there
from lineside.twin.layout import EMPTY, NONE, SETTING, WORK, World


@compiled
def stuck_since(w: World) -> float:
    """Since when nothing but calendars and calendar lives can happen though parts are in the line, else NaN.

    Stations off shift count as they would on shift; a line in which a server is down does not stand still.
    """
    if w.n[cell.RUN_IN_LINE] == 0 or _is_at_work(w):
        return math.nan
    _shift(w, 1)
    still = not _could_move(w)
    _shift(w, 0)
    return w.x[cell.RUN_MOVED] if still else math.nan


@compiled
def _is_at_work(w: World) -> bool:
    """Whether something is on its way into or through the line, at work, in set-up or down."""
    ways = w.n[cell.RUN_WAYS_AT]
    for clock in range(ways + w.n[cell.RUN_WAY_N]):
        if (clock < w.n[cell.RUN_SOURCE_N] or clock >= ways) and time_of(w, clock) < math.inf:
            return True
    for i in range(w.n[cell.RUN_SERVER_N]):
        server = w.n[cell.RUN_SERVERS] + i * cell.SERVER_SIZE
        phase = w.n[server + cell.SERVER_PHASE]
        if w.n[server + cell.SERVER_DOWN] != UP or phase in (SETTING, WORK):
            return True
    return False


@compiled
def _shift(w: World, every: int) -> None:
    """Puts every station on shift, or each back to what its calendar says; no server is down."""
    for i in range(w.n[cell.RUN_STATION_N]):
        station = w.n[cell.RUN_STATIONS] + i * cell.STATION_SIZE
        calendar = w.n[station + cell.STATION_CALENDAR]
        on = every != 0 or calendar == NONE or w.n[calendar + cell.CALENDAR_ON] != 0
        ready = 0
        for k in range(w.n[station + cell.STATION_SERVER_N]):
            server = w.n[station + cell.STATION_SERVERS] + k * cell.SERVER_SIZE
            ready += on and w.n[server + cell.SERVER_PHASE] == EMPTY
        w.n[station + cell.STATION_ON], w.n[station + cell.STATION_READY] = on, ready


@compiled
def _could_move(w: World) -> bool:
    """Whether a station could begin, or one who waits have the place or the resources."""
    for i in range(w.n[cell.RUN_STATION_N]):
        if able(w, w.n[cell.RUN_STATIONS] + i * cell.STATION_SIZE):
            return True
    for i in range(w.n[cell.RUN_BUFFER_N]):
        buffer = w.n[cell.RUN_BUFFERS] + i * cell.BUFFER_SIZE
        if w.n[buffer + cell.BUFFER_OFFER_HEAD] != NONE and has_room(w, buffer):
            return True
    call = w.n[cell.RUN_CALLS]
    while call != NONE:
        station = w.n[w.n[call + cell.CALL_SERVER] + cell.SERVER_STATION]
        if is_there(w, w.n[station + cell.STATION_NEEDS], w.n[station + cell.STATION_NEED_N]):
            return True
        call = w.n[call + cell.CALL_NEXT]
    return False
