"""Clocks, states and levels: what every change is booked in."""

from __future__ import annotations

from lineside.twin import cells as cell
from lineside.twin.draws import compiled, inlined
from lineside.twin.layout import BLOCK, World
from lineside.twin.tally import DOWN, OFF

UP, CALLING, REPAIRING = range(3)
REACHED, PAUSED, NO_PARTS, ENDLESS = range(4)
NOTHING_HELD = -1.0


@inlined
def set_clock(w: World, clock: int, time: float) -> None:
    """Sets a clock and finds the first of its block anew: eight looks cost less than a heap's doubtful branches."""
    if clock == w.n[cell.RUN_FIRED]:
        w.n[cell.RUN_FIRED] = -1
    clocks = w.n[cell.RUN_CLOCKS]
    w.x[clocks + clock] = time
    block = clock // BLOCK
    first = block * BLOCK
    least = w.x[clocks + first]
    for other in range(first + 1, first + BLOCK):
        sooner = w.x[clocks + other] < least
        first = other if sooner else first
        least = w.x[clocks + other] if sooner else least
    w.n[w.n[cell.RUN_FIRSTS] + block] = first


@inlined
def next_clock(w: World) -> int:
    """The clock that runs out first; of equal ones the lowest."""
    clocks, firsts = w.n[cell.RUN_CLOCKS], w.n[cell.RUN_FIRSTS]
    first = w.n[firsts]
    least = w.x[clocks + first]
    for block in range(1, w.n[cell.RUN_BLOCK_N]):
        other = w.n[firsts + block]
        sooner = w.x[clocks + other] < least
        first = other if sooner else first
        least = w.x[clocks + other] if sooner else least
    return first


@inlined
def time_of(w: World, clock: int) -> float:
    """When a clock runs out."""
    return w.x[w.n[cell.RUN_CLOCKS] + clock]


@inlined
def is_on(w: World, station: int) -> bool:
    """Whether a station is on shift."""
    return w.n[station + cell.STATION_ON] != 0


@inlined
def is_up(w: World, server: int) -> bool:
    """Whether a server is up and on shift."""
    return w.n[server + cell.SERVER_DOWN] == UP and is_on(w, w.n[server + cell.SERVER_STATION])


@inlined
def _doing(w: World, server: int) -> int:
    """What the server does now, as a place in STATES."""
    if w.n[server + cell.SERVER_DOWN] != UP or not w.n[w.n[server + cell.SERVER_STATION] + cell.STATION_ON]:
        return DOWN if w.n[w.n[server + cell.SERVER_STATION] + cell.STATION_ON] else OFF
    return w.n[cell.RUN_SIZE + w.n[server + cell.SERVER_PHASE]]


@compiled
def show(w: World, server: int) -> None:
    """Books the time since the server's last change and notes what it does now."""
    now, since = w.x[cell.RUN_NOW], w.x[server + cell.SERVER_SINCE]
    if now > since:
        shown = w.n[server + cell.SERVER_TIME_IN] + w.n[server + cell.SERVER_SHOWN]
        w.x[shown] += now - since
        w.x[server + cell.SERVER_SINCE] = now
    w.n[server + cell.SERVER_SHOWN] = _doing(w, server)


@inlined
def book_level(w: World, buffer: int) -> None:
    """Books the level of a buffer since its last change."""
    passed = w.x[cell.RUN_NOW] - w.x[buffer + cell.BUFFER_SINCE]
    if passed > 0.0:
        level = w.n[buffer + cell.BUFFER_LEVEL]
        w.x[buffer + cell.BUFFER_AREA] += level * passed
        if level == 0:
            w.x[buffer + cell.BUFFER_EMPTY] += passed
        if level >= w.n[buffer + cell.BUFFER_CAPACITY]:
            w.x[buffer + cell.BUFFER_FULL] += passed
        w.x[buffer + cell.BUFFER_SINCE] = w.x[cell.RUN_NOW]


@inlined
def book_parts(w: World, change: int) -> None:
    """Books the parts in the line since the last change, and changes them."""
    w.x[cell.RUN_WIP_AREA] += w.n[cell.RUN_IN_LINE] * (w.x[cell.RUN_NOW] - w.x[cell.RUN_SINCE])
    w.x[cell.RUN_SINCE] = w.x[cell.RUN_NOW]
    w.n[cell.RUN_IN_LINE] += change


@compiled
def look_at(w: World, station: int) -> None:
    """Puts a station on the list of those to look at, unless it is there."""
    if not w.n[station + cell.STATION_LISTED]:
        w.n[station + cell.STATION_LISTED] = 1
        place = w.n[cell.RUN_LIST_AT] + w.n[cell.RUN_LIST_N]
        if place >= w.n[cell.RUN_LIST_SIZE]:
            place -= w.n[cell.RUN_LIST_SIZE]
        w.n[w.n[cell.RUN_LISTED] + place] = station
        w.n[cell.RUN_LIST_N] += 1
