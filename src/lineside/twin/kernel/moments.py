"""What happens when a clock runs out, and what follows from it at that moment."""

from __future__ import annotations

import math

from lineside.twin import cells as cell
from lineside.twin.draws import compiled, inlined
from lineside.twin.kernel.clocks import (
    CALLING,
    NOTHING_HELD,
    REPAIRING,
    UP,
    book_parts,
    look_at,
    set_clock,
    show,
    time_of,
)
from lineside.twin.kernel.parts import destroy, hand_over, load_pallet, pop, way_event
from lineside.twin.kernel.places import depart, is_free, offer, serve, source_event
from lineside.twin.kernel.work import (
    choose,
    fail,
    failure_of,
    give_back,
    grant,
    run_for,
    segment,
    unwatch,
    want,
    watch,
    wear,
    work,
)
from lineside.twin.layout import DONE, EMPTY, NONE, PLACE, SETTING, WORK, World


@inlined
def _first_ready(w: World, station: int) -> int:
    server = w.n[station + cell.STATION_SERVERS]
    while w.n[server + cell.SERVER_PHASE] != EMPTY or w.n[server + cell.SERVER_DOWN] != UP:
        server += cell.SERVER_SIZE
    return server


@inlined
def _gather(w: World, station: int) -> int:
    """Takes all that one part is made of out of the buffers; gives back the part that goes on."""
    if w.n[station + cell.STATION_SINGLE] and not w.n[station + cell.STATION_LOAD_N]:
        part = pop(w, w.n[w.n[station + cell.STATION_TAKES]])
    else:
        part = _assemble(w, station)
    if w.n[station + cell.STATION_MAKES]:
        w.n[part + cell.PART_PRODUCT] = w.n[station + cell.STATION_MAKES] - 1
    return part


@compiled
def _assemble(w: World, station: int) -> int:
    """Takes several parts, or puts them on pallets; the first goes on."""
    part = NONE
    takes, loads = w.n[station + cell.STATION_TAKES], w.n[station + cell.STATION_LOADS]
    for k in range(takes, takes + 2 * w.n[station + cell.STATION_TAKE_N], 2):
        for _ in range(w.n[k + 1]):
            taken = pop(w, w.n[k])
            if part == NONE:
                part = taken
                for load in range(w.n[station + cell.STATION_LOAD_N]):
                    load_pallet(w, w.n[loads + load], part)
            else:
                w.x[part + cell.PART_ENTERED] = min(w.x[part + cell.PART_ENTERED], w.x[taken + cell.PART_ENTERED])
                book_parts(w, -1)
                hand_over(w, taken, part)
                destroy(w, taken)
    return part


@compiled
def _start(w: World, station: int) -> None:
    """Begins a part on the first ready server of a station that finds all it takes."""
    server = _first_ready(w, station)
    part = _gather(w, station)
    w.n[server + cell.SERVER_PART] = part
    w.n[station + cell.STATION_READY] -= 1
    takes = w.n[station + cell.STATION_TAKES]
    for k in range(takes, takes + 2 * w.n[station + cell.STATION_TAKE_N], 2):
        if w.n[w.n[k] + cell.BUFFER_OFFER_HEAD] != NONE:
            serve(w, w.n[k])
    if w.n[station + cell.STATION_BEFORE]:
        choose(w, server)
        to = w.n[w.n[server + cell.SERVER_ROUTE] + cell.ROUTE_TO]
        if to > 0:
            if not is_free(w, to):
                w.n[server + cell.SERVER_PHASE] = PLACE
                show(w, server)
                offer(w, to, server)
                serve(w, to)
                return
            w.n[to + cell.BUFFER_CLAIMED] += 1
    want(w, server)


@inlined
def able(w: World, station: int) -> bool:
    """Whether a station can begin a part now."""
    if not w.n[station + cell.STATION_READY]:
        return False
    takes = w.n[station + cell.STATION_TAKES]
    if w.n[station + cell.STATION_SINGLE] and not w.n[station + cell.STATION_LOAD_N]:
        return w.n[w.n[takes] + cell.BUFFER_LEVEL] > 0
    for k in range(takes, takes + 2 * w.n[station + cell.STATION_TAKE_N], 2):
        if w.n[w.n[k] + cell.BUFFER_LEVEL] < w.n[k + 1]:
            return False
    loads = w.n[station + cell.STATION_LOADS]
    for k in range(w.n[station + cell.STATION_LOAD_N]):
        pallets, first = w.n[loads + k], w.n[w.n[takes] + cell.BUFFER_HEAD]
        has_one = w.n[first + cell.PART_PALLETS] & w.n[pallets + cell.PALLETS_BIT]
        if not w.n[pallets + cell.PALLETS_FREE] and not has_one:
            return False
    return True


@compiled
def settle(w: World) -> None:
    """Looks at the listed stations until nothing more can happen now."""
    while w.n[cell.RUN_LIST_N]:
        place = w.n[cell.RUN_LIST_AT]
        station = w.n[w.n[cell.RUN_LISTED] + place]
        place += 1
        w.n[cell.RUN_LIST_AT] = 0 if place == w.n[cell.RUN_LIST_SIZE] else place
        w.n[cell.RUN_LIST_N] -= 1
        w.n[station + cell.STATION_LISTED] = 0
        while able(w, station):
            _start(w, station)
        if w.n[station + cell.STATION_SINGLE]:
            buffer = w.n[w.n[station + cell.STATION_TAKES]]
            if w.n[buffer + cell.BUFFER_OFFER_HEAD] != NONE:
                serve(w, buffer)


@inlined
def _server_event(w: World, server: int) -> None:
    """The clock of a server has run out."""
    if w.n[server + cell.SERVER_DOWN] == REPAIRING:
        _repaired(w, server)
    elif w.n[server + cell.SERVER_PHASE] == SETTING:
        w.x[cell.RUN_MOVED] = w.x[cell.RUN_NOW]
        work(w, server)
    else:
        w.x[cell.RUN_MOVED] = w.x[cell.RUN_NOW]
        station, segment = w.n[server + cell.SERVER_STATION], w.x[server + cell.SERVER_SEGMENT]
        w.x[server + cell.SERVER_WORK_LEFT] -= segment
        failures, lives = w.n[station + cell.STATION_FAILURES], w.n[server + cell.SERVER_LIVES]
        for f in range(w.n[station + cell.STATION_FAILURE_N]):
            if not w.n[failures + f * cell.FAILURE_SIZE + cell.FAILURE_CALENDAR]:
                w.x[lives + f] -= segment
        if w.n[server + cell.SERVER_NEXT_FAILURE] >= 0:
            w.x[server + cell.SERVER_HELD] = NOTHING_HELD
            fail(w, server, w.n[server + cell.SERVER_NEXT_FAILURE])
        else:
            _finish(w, server)


@compiled
def _finish(w: World, server: int) -> None:
    """The part is done: it goes on, or waits for room."""
    station = w.n[server + cell.SERVER_STATION]
    w.n[server + cell.SERVER_PHASE] = DONE
    if w.n[station + cell.STATION_NEED_N]:
        give_back(w, w.n[station + cell.STATION_NEEDS], w.n[station + cell.STATION_NEED_N])
    if w.n[station + cell.STATION_BEFORE]:
        to = w.n[w.n[server + cell.SERVER_ROUTE] + cell.ROUTE_TO]
        if to > 0:
            w.n[to + cell.BUFFER_CLAIMED] -= 1
        depart(w, server)
        return
    choose(w, server)
    to = w.n[w.n[server + cell.SERVER_ROUTE] + cell.ROUTE_TO]
    if to < 0 or is_free(w, to):
        depart(w, server)
    else:
        show(w, server)
        offer(w, to, server)
        serve(w, to)


@compiled
def _alarm_event(w: World, server: int) -> None:
    """A calendar life ends, whatever the server does."""
    station, clock = w.n[server + cell.SERVER_STATION], w.n[server + cell.SERVER_CLOCK]
    w.x[server + cell.SERVER_HELD] = NOTHING_HELD
    if w.n[server + cell.SERVER_PHASE] == SETTING or w.n[server + cell.SERVER_PHASE] == WORK:
        w.x[server + cell.SERVER_HELD] = time_of(w, clock) - w.x[cell.RUN_NOW]
        set_clock(w, clock, math.inf)
    if w.n[server + cell.SERVER_PHASE] == EMPTY:
        w.n[station + cell.STATION_READY] -= 1
    fail(w, server, wear(w, server))


@compiled
def _repaired(w: World, server: int) -> None:
    """The server is up again and goes on where it stopped."""
    station, failure = w.n[server + cell.SERVER_STATION], failure_of(w, server)
    w.n[server + cell.SERVER_DOWN] = UP
    watch(w, server)
    phase = w.n[server + cell.SERVER_PHASE]
    if phase == EMPTY:
        w.n[station + cell.STATION_READY] += 1
        look_at(w, station)
    elif phase in (SETTING, WORK):
        if w.x[server + cell.SERVER_HELD] >= 0.0:
            run_for(w, server, w.x[server + cell.SERVER_HELD])
        else:
            segment(w, server)
    show(w, server)
    give_back(w, w.n[failure + cell.FAILURE_NEEDS], w.n[failure + cell.FAILURE_NEED_N])
    _claim_again(w, server)


@compiled
def _claim_again(w: World, server: int) -> None:
    """A server that waits for a place before it works can use one again."""
    if w.n[server + cell.SERVER_PHASE] == PLACE:
        serve(w, w.n[w.n[server + cell.SERVER_ROUTE] + cell.ROUTE_TO])


@compiled
def next_switch(w: World, calendar: int) -> float:
    """When a calendar switches next; moves on to the switch after that."""
    n, place = w.n[calendar + cell.CALENDAR_SWITCH_N], w.n[calendar + cell.CALENDAR_PLACE]
    time = 0.0
    while n and time <= 0.0:
        cycle = place // n
        if cycle and w.x[calendar + cell.CALENDAR_PERIOD] == math.inf:
            break
        time = w.x[w.n[calendar + cell.CALENDAR_SWITCHES] + place % n]
        if cycle:
            time += cycle * w.x[calendar + cell.CALENDAR_PERIOD]
        place += 1
    w.n[calendar + cell.CALENDAR_PLACE] = place
    return time if time > 0.0 else math.inf


@compiled
def _switch(w: World, calendar: int) -> None:
    """A calendar switches its stations on or off."""
    on = 1 - w.n[calendar + cell.CALENDAR_ON]
    w.n[calendar + cell.CALENDAR_ON] = on
    set_clock(w, w.n[calendar + cell.CALENDAR_CLOCK], next_switch(w, calendar))
    for i in range(w.n[cell.RUN_STATION_N]):
        station = w.n[cell.RUN_STATIONS] + i * cell.STATION_SIZE
        if w.n[station + cell.STATION_CALENDAR] == calendar:
            w.n[station + cell.STATION_ON], w.n[station + cell.STATION_READY] = on, 0
            for k in range(w.n[station + cell.STATION_SERVER_N]):
                _switch_server(w, w.n[station + cell.STATION_SERVERS] + k * cell.SERVER_SIZE, on)
            if on:
                look_at(w, station)
    if on:
        grant(w)
        for i in range(w.n[cell.RUN_SERVER_N]):
            _claim_again(w, w.n[cell.RUN_SERVERS] + i * cell.SERVER_SIZE)


@compiled
def _switch_server(w: World, server: int, on: int) -> None:
    """Lets what the server does stand still, or go on."""
    station, clock = w.n[server + cell.SERVER_STATION], w.n[server + cell.SERVER_CLOCK]
    if on:
        if w.x[server + cell.SERVER_LEFT] >= 0.0 and w.n[server + cell.SERVER_DOWN] != CALLING:
            set_clock(w, clock, w.x[cell.RUN_NOW] + w.x[server + cell.SERVER_LEFT])
            w.x[server + cell.SERVER_LEFT] = NOTHING_HELD
        if w.n[server + cell.SERVER_PHASE] == EMPTY and w.n[server + cell.SERVER_DOWN] == UP:
            w.n[station + cell.STATION_READY] += 1
    elif time_of(w, clock) < math.inf:
        w.x[server + cell.SERVER_LEFT] = time_of(w, clock) - w.x[cell.RUN_NOW]
        set_clock(w, clock, math.inf)
    if w.n[server + cell.SERVER_DOWN] == UP:
        if on:
            watch(w, server)
        else:
            unwatch(w, server)
    show(w, server)


@compiled
def happen(w: World, clock: int) -> None:
    """Lets the event of a clock happen."""
    owner = w.n[w.n[cell.RUN_OWNERS] + clock]
    if clock < w.n[cell.RUN_SOURCE_N]:
        w.x[cell.RUN_MOVED] = w.x[cell.RUN_NOW]
        source_event(w, owner)
    elif clock < w.n[cell.RUN_ALARMS_AT]:
        _server_event(w, owner)
    elif clock < w.n[cell.RUN_CALENDARS_AT]:
        _alarm_event(w, owner)
    elif clock < w.n[cell.RUN_WAYS_AT]:
        _switch(w, owner)
    else:
        w.x[cell.RUN_MOVED] = w.x[cell.RUN_NOW]
        way_event(w, owner)
