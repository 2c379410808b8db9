"""What a server does with a part, and the resources and repairs that takes."""

from __future__ import annotations

import math

from lineside.twin import cells as cell
from lineside.twin.draws import compiled, draw, inlined, uniform
from lineside.twin.kernel.clocks import CALLING, NOTHING_HELD, REPAIRING, UP, is_on, set_clock, show
from lineside.twin.layout import NEED, NONE, SETTING, WORK, World


@inlined
def run_for(w: World, server: int, duration: float) -> None:
    """Lets the server's clock run for a time on shift."""
    if is_on(w, w.n[server + cell.SERVER_STATION]):
        set_clock(w, w.n[server + cell.SERVER_CLOCK], w.x[cell.RUN_NOW] + duration)
    else:
        w.x[server + cell.SERVER_LEFT] = duration


@inlined
def proceed(w: World, server: int, duration: float) -> None:
    """Lets set-up or work run for a time, once the server is up."""
    if w.n[server + cell.SERVER_DOWN] == UP:
        run_for(w, server, duration)
    else:
        w.x[server + cell.SERVER_HELD] = duration


@compiled
def is_there(w: World, needs: int, n: int) -> bool:
    """Whether the resources of a list of needs are free."""
    for k in range(needs, needs + 2 * n, 2):  # noqa: SIM110 (generators cannot be compiled)
        if w.n[w.n[k] + cell.RESOURCE_FREE] < w.n[k + 1]:
            return False
    return True


@compiled
def hold(w: World, needs: int, n: int) -> None:
    """Takes the resources of a list of needs, which are free."""
    for k in range(needs, needs + 2 * n, 2):
        w.n[w.n[k] + cell.RESOURCE_FREE] -= w.n[k + 1]


@compiled
def _take(w: World, needs: int, n: int) -> bool:
    """Takes the resources of a list of needs, all or none."""
    if not is_there(w, needs, n):
        return False
    hold(w, needs, n)
    return True


@compiled
def _priority_of(w: World, server: int) -> int:
    return w.n[w.n[server + cell.SERVER_STATION] + cell.STATION_PRIORITY]


@compiled
def call(w: World, call: int) -> None:
    """Lets a server wait for the resources of its part or for its crew, behind all of at least its priority."""
    priority = _priority_of(w, w.n[call + cell.CALL_SERVER])
    before, after = NONE, w.n[cell.RUN_CALLS]
    while after != NONE and _priority_of(w, w.n[after + cell.CALL_SERVER]) >= priority:
        before, after = after, w.n[after + cell.CALL_NEXT]
    w.n[call + cell.CALL_NEXT] = after
    if before == NONE:
        w.n[cell.RUN_CALLS] = call
    else:
        w.n[before + cell.CALL_NEXT] = call


@compiled
def failure_of(w: World, server: int) -> int:
    """The failure a server is down by."""
    failures = w.n[w.n[server + cell.SERVER_STATION] + cell.STATION_FAILURES]
    return failures + w.n[server + cell.SERVER_FAILURE] * cell.FAILURE_SIZE


@inlined
def choose(w: World, server: int) -> None:
    """Chooses where the part goes next."""
    station = w.n[server + cell.SERVER_STATION]
    routes = w.n[station + cell.STATION_ROUTES] + 2 * w.n[w.n[server + cell.SERVER_PART] + cell.PART_PRODUCT]
    route, n = w.n[routes], w.n[routes + 1]
    if n > 1:
        share = uniform(w.bits, w.n[station + cell.STATION_ROUTE_STREAM])
        while w.x[route + cell.ROUTE_EDGE] <= share:
            route += cell.ROUTE_SIZE
    w.n[server + cell.SERVER_ROUTE] = route


@compiled
def want(w: World, server: int) -> None:
    """Takes the resources the part needs, or waits for them."""
    station = w.n[server + cell.SERVER_STATION]
    n = w.n[station + cell.STATION_NEED_N]
    if n == 0:
        _begin(w, server)
        return
    able = is_on(w, station) and w.n[server + cell.SERVER_DOWN] == UP
    if able and _take(w, w.n[station + cell.STATION_NEEDS], n):
        _begin(w, server)
    else:
        w.n[server + cell.SERVER_PHASE] = NEED
        call(w, server + cell.SERVER_NEED_NEXT)
        show(w, server)


@compiled
def _begin(w: World, server: int) -> None:
    """Sets the server up for the part if it must be, else begins to work."""
    station = w.n[server + cell.SERVER_STATION]
    setups = w.n[station + cell.STATION_SETUPS]
    if setups != NONE:
        product = w.n[w.n[server + cell.SERVER_PART] + cell.PART_PRODUCT]
        law = w.n[setups + w.n[server + cell.SERVER_LAST] * w.n[cell.RUN_PRODUCTS] + product]
        if law != NONE:
            w.n[server + cell.SERVER_PHASE] = SETTING
            proceed(w, server, draw(w, law, w.n[station + cell.STATION_SETUP_STREAM]))
            show(w, server)
            return
    work(w, server)


@compiled
def work(w: World, server: int) -> None:
    """Begins to work."""
    station = w.n[server + cell.SERVER_STATION]
    product = w.n[w.n[server + cell.SERVER_PART] + cell.PART_PRODUCT]
    w.n[server + cell.SERVER_PHASE], w.n[server + cell.SERVER_LAST] = WORK, product + 1
    law = w.n[w.n[station + cell.STATION_WORKS] + product]
    w.x[server + cell.SERVER_WORK_LEFT] = draw(w, law, w.n[station + cell.STATION_WORK_STREAM])
    segment(w, server)
    show(w, server)


@inlined
def segment(w: World, server: int) -> None:
    """Works up to the finish, or to the failure that comes before it."""
    station = w.n[server + cell.SERVER_STATION]
    segment, failure = w.x[server + cell.SERVER_WORK_LEFT], -1
    failures, lives = w.n[station + cell.STATION_FAILURES], w.n[server + cell.SERVER_LIVES]
    for f in range(w.n[station + cell.STATION_FAILURE_N]):
        if not w.n[failures + f * cell.FAILURE_SIZE + cell.FAILURE_CALENDAR] and w.x[lives + f] < segment:
            segment, failure = w.x[lives + f], f
    w.x[server + cell.SERVER_SEGMENT], w.n[server + cell.SERVER_NEXT_FAILURE] = segment, failure
    proceed(w, server, segment)


@compiled
def _repair(w: World, server: int) -> None:
    w.n[server + cell.SERVER_DOWN] = REPAIRING
    duration = w.x[server + cell.SERVER_LEFT]
    w.x[server + cell.SERVER_LEFT] = NOTHING_HELD
    run_for(w, server, duration)


@compiled
def wear(w: World, server: int) -> int:
    """Uses up calendar lives by the time since they were last looked at; gives back the one that ends first."""
    station = w.n[server + cell.SERVER_STATION]
    passed = w.x[cell.RUN_NOW] - w.x[server + cell.SERVER_SYNCED]
    w.x[server + cell.SERVER_SYNCED] = w.x[cell.RUN_NOW]
    failures, lives = w.n[station + cell.STATION_FAILURES], w.n[server + cell.SERVER_LIVES]
    first, least = 0, math.inf
    for f in range(w.n[station + cell.STATION_FAILURE_N]):
        if w.n[failures + f * cell.FAILURE_SIZE + cell.FAILURE_CALENDAR]:
            w.x[lives + f] -= passed
            if w.x[lives + f] < least:
                first, least = f, w.x[lives + f]
    return first


@compiled
def watch(w: World, server: int) -> None:
    """Sets the alarm of a server that is up and on shift: when its first calendar life ends."""
    if w.n[server + cell.SERVER_ALARM] != NONE:
        w.x[server + cell.SERVER_SYNCED] = w.x[cell.RUN_NOW]
        life = w.x[w.n[server + cell.SERVER_LIVES] + wear(w, server)]
        set_clock(w, w.n[server + cell.SERVER_ALARM], w.x[cell.RUN_NOW] + life)


@compiled
def unwatch(w: World, server: int) -> None:
    """Stops the alarm of a server and uses up its calendar lives."""
    if w.n[server + cell.SERVER_ALARM] != NONE:
        wear(w, server)
        set_clock(w, w.n[server + cell.SERVER_ALARM], math.inf)


@compiled
def fail(w: World, server: int, f: int) -> None:
    """The server goes down and calls its crew."""
    unwatch(w, server)
    w.n[server + cell.SERVER_FAILURE], w.n[server + cell.SERVER_DOWN] = f, CALLING
    failure = failure_of(w, server)
    w.x[server + cell.SERVER_LEFT] = draw(
        w, w.n[failure + cell.FAILURE_REPAIR_LAW], w.n[failure + cell.FAILURE_REPAIR_STREAM]
    )
    life = draw(w, w.n[failure + cell.FAILURE_LIFE_LAW], w.n[failure + cell.FAILURE_LIFE_STREAM])
    w.x[w.n[server + cell.SERVER_LIVES] + f] = life
    n = w.n[failure + cell.FAILURE_NEED_N]
    if n == 0 or _take(w, w.n[failure + cell.FAILURE_NEEDS], n):
        _repair(w, server)
    else:
        call(w, server + cell.SERVER_CREW_NEXT)
    show(w, server)


@compiled
def _granted(w: World, call: int) -> bool:
    """Whether a waiting server gets what it waits for; then it has it."""
    server = w.n[call + cell.CALL_SERVER]
    station = w.n[server + cell.SERVER_STATION]
    if not is_on(w, station):
        return False
    if w.n[call + cell.CALL_CREW]:
        failure = failure_of(w, server)
        return _take(w, w.n[failure + cell.FAILURE_NEEDS], w.n[failure + cell.FAILURE_NEED_N])
    return w.n[server + cell.SERVER_DOWN] == UP and _take(
        w, w.n[station + cell.STATION_NEEDS], w.n[station + cell.STATION_NEED_N]
    )


@compiled
def grant(w: World) -> None:
    """Gives resources to those who wait for them, as far as they reach."""
    before, call = NONE, w.n[cell.RUN_CALLS]
    while call != NONE:
        after = w.n[call + cell.CALL_NEXT]
        if _granted(w, call):
            if before == NONE:
                w.n[cell.RUN_CALLS] = after
            else:
                w.n[before + cell.CALL_NEXT] = after
            server = w.n[call + cell.CALL_SERVER]
            if w.n[call + cell.CALL_CREW]:
                _repair(w, server)
            else:
                _begin(w, server)
        else:
            before = call
        call = after


@compiled
def give_back(w: World, needs: int, n: int) -> None:
    """Gives resources back, and on to those who wait for them."""
    for k in range(needs, needs + 2 * n, 2):
        w.n[w.n[k] + cell.RESOURCE_FREE] += w.n[k + 1]
    grant(w)
