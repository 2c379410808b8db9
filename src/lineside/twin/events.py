"""The event engine: any line there is, compiled; it follows the manual's page on the line model to the letter.

A server, source, calendar or way has one clock; a tree of winners knows the next. An event changes one thing, and the
stations it touched are looked at until nothing more can happen at that moment. Records are named by their addresses
in the World, see `layout`.
"""

from __future__ import annotations

import math
from typing import Any

from lineside.twin import cells as cell
from lineside.twin.draws import compiled, draw, entry, seed_streams, unchecked
from lineside.twin.kernel.clocks import (
    ENDLESS,
    NO_PARTS,
    NOTHING_HELD,
    PAUSED,
    REACHED,
    UP,
    book_level,
    book_parts,
    is_on,
    look_at,
    next_clock,
    set_clock,
    show,
    time_of,
)
from lineside.twin.kernel.moments import happen, next_switch, settle
from lineside.twin.kernel.parts import create, destroy, push
from lineside.twin.kernel.places import all_in
from lineside.twin.kernel.standstill import stuck_since
from lineside.twin.kernel.starting import start_servers
from lineside.twin.kernel.sums import set_to_zero, write_row
from lineside.twin.kernel.work import watch
from lineside.twin.layout import BLOCK, EMPTY, NONE, World
from lineside.twin.tally import OFF, STARVED

MOST_STILL = 1_000_000


@compiled
def _advance(w: World, until: float, budget: int) -> int:
    """Lets events happen up to a time; gives back why it stopped."""
    while True:
        clock = next_clock(w)
        time = time_of(w, clock)
        if time > until:
            return REACHED
        if budget == 0:
            return PAUSED
        budget -= 1
        if time > w.x[cell.RUN_NOW]:
            w.x[cell.RUN_NOW] = time
            w.n[cell.RUN_STILL] = 0
        else:
            w.n[cell.RUN_STILL] += 1
            if w.n[cell.RUN_STILL] > MOST_STILL:
                return ENDLESS
        w.n[cell.RUN_EVENTS] += 1
        w.n[cell.RUN_FIRED] = clock
        happen(w, clock)
        settle(w)
        if w.n[cell.RUN_FIRED] >= 0:
            set_clock(w, clock, math.inf)
        if w.n[cell.RUN_CODE] == NO_PARTS:
            return NO_PARTS


@compiled
def _close(w: World, time: float) -> None:
    """Books everything up to a time."""
    w.x[cell.RUN_NOW] = time
    for i in range(w.n[cell.RUN_SERVER_N]):
        show(w, w.n[cell.RUN_SERVERS] + i * cell.SERVER_SIZE)
    for i in range(w.n[cell.RUN_BUFFER_N]):
        book_level(w, w.n[cell.RUN_BUFFERS] + i * cell.BUFFER_SIZE)
    book_parts(w, 0)


@compiled
def _empty(w: World) -> None:
    """Empties the memory of the run: parts, clocks, lists."""
    w.x[cell.RUN_NOW] = w.x[cell.RUN_SINCE] = w.x[cell.RUN_MOVED] = 0.0
    w.n[cell.RUN_IN_LINE] = w.n[cell.RUN_LIST_AT] = w.n[cell.RUN_LIST_N] = w.n[cell.RUN_EVENTS] = w.n[
        cell.RUN_STILL
    ] = 0
    w.n[cell.RUN_CODE] = w.n[cell.RUN_DEPARTED_N] = 0
    w.n[cell.RUN_FIRED] = -1
    w.n[cell.RUN_CALLS] = w.n[cell.RUN_FREE] = NONE
    for i in range(w.n[cell.RUN_PART_N] - 1, -1, -1):
        destroy(w, w.n[cell.RUN_PARTS] + i * cell.PART_SIZE)
    for block in range(w.n[cell.RUN_BLOCK_N]):
        w.n[w.n[cell.RUN_FIRSTS] + block] = block * BLOCK
        for clock in range(block * BLOCK, (block + 1) * BLOCK):
            w.x[w.n[cell.RUN_CLOCKS] + clock] = math.inf
    for i in range(w.n[cell.RUN_RESOURCE_N]):
        resource = w.n[cell.RUN_RESOURCES] + i * cell.RESOURCE_SIZE
        w.n[resource + cell.RESOURCE_FREE] = w.n[resource + cell.RESOURCE_COUNT]
    for i in range(w.n[cell.RUN_WAY_N]):
        way = w.n[cell.RUN_WAYS] + i * cell.WAY_SIZE
        w.n[way + cell.WAY_HEAD] = w.n[way + cell.WAY_TAIL] = NONE
    for i in range(w.n[cell.RUN_PALLETS_N]):
        pallets = w.n[cell.RUN_PALLETS] + i * cell.PALLETS_SIZE
        w.n[pallets + cell.PALLETS_FREE] = w.n[pallets + cell.PALLETS_COUNT]
    for i in range(w.n[cell.RUN_ORDER_N]):
        order = w.n[cell.RUN_ORDERS] + i * cell.ORDER_SIZE
        w.n[order + cell.ORDER_GONE] = 0
        w.x[order + cell.ORDER_DONE] = math.nan
    for i in range(w.n[cell.RUN_BUFFER_N]):
        buffer = w.n[cell.RUN_BUFFERS] + i * cell.BUFFER_SIZE
        w.n[buffer + cell.BUFFER_LEVEL] = w.n[buffer + cell.BUFFER_CLAIMED] = 0
        w.n[buffer + cell.BUFFER_HEAD] = w.n[buffer + cell.BUFFER_TAIL] = NONE
        w.n[buffer + cell.BUFFER_OFFER_HEAD] = w.n[buffer + cell.BUFFER_OFFER_TAIL] = NONE
        w.x[buffer + cell.BUFFER_SINCE] = 0.0


@compiled
def _reset(w: World, seed: int, replication: int) -> None:
    """Puts the line at time 0, with its first parts and lives."""
    seed_streams(w, seed, replication)
    _empty(w)
    set_to_zero(w)
    for i in range(w.n[cell.RUN_CALENDAR_N]):
        calendar = w.n[cell.RUN_CALENDARS] + i * cell.CALENDAR_SIZE
        w.n[calendar + cell.CALENDAR_ON], w.n[calendar + cell.CALENDAR_PLACE] = w.n[calendar + cell.CALENDAR_FIRST], 0
        set_clock(w, w.n[calendar + cell.CALENDAR_CLOCK], next_switch(w, calendar))
    for i in range(w.n[cell.RUN_STATION_N]):
        station = w.n[cell.RUN_STATIONS] + i * cell.STATION_SIZE
        calendar = w.n[station + cell.STATION_CALENDAR]
        on = calendar == NONE or w.n[calendar + cell.CALENDAR_ON] != 0
        w.n[station + cell.STATION_ON], w.n[station + cell.STATION_LISTED] = on, 0
        w.n[station + cell.STATION_READY] = w.n[station + cell.STATION_SERVER_N] if on else 0
    for i in range(w.n[cell.RUN_SERVER_N]):
        _reset_server(w, w.n[cell.RUN_SERVERS] + i * cell.SERVER_SIZE)
    for i in range(w.n[cell.RUN_BUFFER_N]):
        buffer = w.n[cell.RUN_BUFFERS] + i * cell.BUFFER_SIZE
        initial = w.n[buffer + cell.BUFFER_INITIAL]
        for pair in range(initial + 1, initial + 1 + 2 * w.n[initial], 2):
            for _ in range(w.n[pair + 1]):
                part = create(w, w.n[pair], NONE)
                if part != NONE:
                    book_parts(w, 1)
                    push(w, buffer, part)
    for i in range(w.n[cell.RUN_SOURCE_N]):
        _reset_source(w, w.n[cell.RUN_SOURCES] + i * cell.SOURCE_SIZE)
    w.n[cell.RUN_LIST_AT] = w.n[cell.RUN_LIST_N] = 0
    for i in range(w.n[cell.RUN_STATION_N]):
        w.n[w.n[cell.RUN_STATIONS] + i * cell.STATION_SIZE + cell.STATION_LISTED] = 0
    for i in range(w.n[cell.RUN_STATION_N]):
        look_at(w, w.n[cell.RUN_STATIONS] + i * cell.STATION_SIZE)


@compiled
def _reset_server(w: World, server: int) -> None:
    station = w.n[server + cell.SERVER_STATION]
    w.n[server + cell.SERVER_PHASE], w.n[server + cell.SERVER_DOWN] = EMPTY, UP
    w.n[server + cell.SERVER_PART] = w.n[server + cell.SERVER_LAST] = NONE
    w.x[server + cell.SERVER_LEFT] = w.x[server + cell.SERVER_HELD] = NOTHING_HELD
    w.x[server + cell.SERVER_SINCE] = w.x[server + cell.SERVER_SYNCED] = 0.0
    w.n[server + cell.SERVER_SHOWN] = STARVED if is_on(w, station) else OFF
    for f in range(w.n[station + cell.STATION_FAILURE_N]):
        failure = w.n[station + cell.STATION_FAILURES] + f * cell.FAILURE_SIZE
        life = draw(w, w.n[failure + cell.FAILURE_LIFE_LAW], w.n[failure + cell.FAILURE_LIFE_STREAM])
        w.x[w.n[server + cell.SERVER_LIVES] + f] = life
    if is_on(w, station):
        watch(w, server)


@compiled
def _reset_source(w: World, source: int) -> None:
    w.n[source + cell.SOURCE_PENDING] = w.n[source + cell.SOURCE_MADE] = 0
    if w.x[source + cell.SOURCE_FIRST] < 0.0:
        all_in(w, source)
    else:
        set_clock(w, w.n[source + cell.SOURCE_CLOCK], w.x[source + cell.SOURCE_FIRST])


def begin(world: World, seed: int, replication: int) -> None:
    """Puts the line at time 0 of a replication."""
    reset(world, seed, replication)
    if world.n[cell.RUN_STARTS]:
        start(world)


@entry
def reset(world: World, seed: int, replication: int) -> None:
    """Puts the line at time 0 of a replication, all servers idle."""
    _reset(unchecked(world), seed, replication)


@entry
def start(world: World) -> None:
    """Puts servers into the states they start in; an entry of its own, as most lines never need it compiled."""
    start_servers(unchecked(world))


@entry
def advance(world: World, until: float, budget: int) -> int:
    """Lets events happen up to a time, that included, and books the time up to it.

    Gives back REACHED; or PAUSED after `budget` events (call again to go on), NO_PARTS (a World with more parts must
    begin anew) or ENDLESS.
    """
    w = unchecked(world)
    settle(w)
    if w.n[cell.RUN_CODE] == NO_PARTS:
        return NO_PARTS
    code = _advance(w, until, budget)
    if code == REACHED:
        w.x[cell.RUN_STUCK] = stuck_since(w)
        _close(w, until)
    return code


@entry
def clear(world: World) -> None:
    """Sets every sum to zero, as at the end of the warm-up."""
    set_to_zero(unchecked(world))


@entry
def collect(world: World, row: Any) -> None:
    """Writes what was counted into a row, in the order `tally_of` reads it."""
    write_row(unchecked(world), row)
