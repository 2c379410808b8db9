"""A row of single machines, part by part: when a part leaves a station follows from the parts before it alone.

A part is taken up when it has come and the part before it has left; it leaves when it is done and there is room: the
part that many places ahead of it in the next queue has been taken up. No queue of events is kept. Every number drawn
and every sum of two times is that of the event engine. Times are cut to what is measured as they are booked.
"""

from __future__ import annotations

import math

from lineside.twin import cells as cell
from lineside.twin.draws import compiled, draw, inlined, uniform
from lineside.twin.kernel.clocks import ENDLESS, PAUSED, REACHED
from lineside.twin.kernel.moments import next_switch
from lineside.twin.kernel.places import draw_product
from lineside.twin.layout import ALWAYS, NONE, TO_OUT, World
from lineside.twin.tally import BLOCKED, DOWN, OFF, SETUP, STARVED, WORKING

MOST_STILL = 1_000_000


@inlined
def _cut(w: World, path: int, time: float) -> float:
    """A time, or the end of what is measured that is nearer."""
    warmup, horizon = w.x[path + cell.PATH_WARMUP], w.x[path + cell.PATH_HORIZON]
    late = max(warmup, time)
    return min(horizon, late)


# Shifts: every station goes through its calendar at its own pace


@compiled
def _switch(w: World, path: int, step: int) -> None:
    """Goes over the next change of the shift."""
    time = w.x[step + cell.STEP_SWITCH]
    if w.n[step + cell.STEP_ON]:
        w.x[step + cell.STEP_OFF_SINCE] = time
    else:
        w.x[step + cell.STEP_OFF] += _cut(w, path, time) - _cut(w, path, w.x[step + cell.STEP_OFF_SINCE])
    w.n[step + cell.STEP_ON] = 1 - w.n[step + cell.STEP_ON]
    w.x[step + cell.STEP_SWITCH] = next_switch(w, w.n[step + cell.STEP_SHIFTS])


@compiled
def _on_shift(w: World, path: int, step: int, time: float) -> float:
    """When the station is on shift from a time on; it still is at the moment in which it ends."""
    if time > w.x[path + cell.PATH_HORIZON]:
        return math.inf
    while w.x[step + cell.STEP_SWITCH] < time:
        _switch(w, path, step)
    if w.n[step + cell.STEP_ON]:
        return time
    switch = w.x[step + cell.STEP_SWITCH]
    if switch < math.inf:
        _switch(w, path, step)
    return switch


@compiled
def _spend(w: World, path: int, step: int, since: float, until: float, sum_: int) -> None:
    """Books the time on shift between two times."""
    until = min(until, w.x[path + cell.PATH_HORIZON])
    while w.x[step + cell.STEP_SWITCH] < until:
        if w.n[step + cell.STEP_ON]:
            w.x[sum_] += _cut(w, path, w.x[step + cell.STEP_SWITCH]) - _cut(w, path, since)
        since = w.x[step + cell.STEP_SWITCH]
        _switch(w, path, step)
    if w.n[step + cell.STEP_ON]:
        w.x[sum_] += _cut(w, path, until) - _cut(w, path, since)


@compiled
def _last(w: World, path: int, step: int, now: float, duration: float, sum_: int) -> float:
    """When something ends that lasts so long on shift; books it."""
    end = now + duration
    if w.n[step + cell.STEP_SHIFTS] != NONE:
        while end > w.x[step + cell.STEP_SWITCH]:
            halt = w.x[step + cell.STEP_SWITCH]
            w.x[sum_] += _cut(w, path, halt) - _cut(w, path, now)
            _switch(w, path, step)
            now = w.x[step + cell.STEP_SWITCH]
            if now > w.x[path + cell.PATH_HORIZON]:
                return math.inf
            end = now + (end - halt)
            _switch(w, path, step)
    w.x[sum_] += _cut(w, path, end) - _cut(w, path, now)
    return end


# What a station does with a part


@compiled
def _labour(w: World, path: int, step: int, now: float, work: float) -> float:
    """When work is done that shifts or failures interrupt; infinity when that is beyond the horizon."""
    failures, lives, n = w.n[step + cell.STEP_FAILURES], w.n[step + cell.STEP_LIVES], w.n[step + cell.STEP_FAILURE_N]
    horizon, still = w.x[path + cell.PATH_HORIZON], 0
    while True:
        segment, strikes = work, -1
        for f in range(n):
            if w.x[lives + f] < segment:
                segment, strikes = w.x[lives + f], f
        began = now
        now = _last(w, path, step, now, segment, step + cell.STEP_WORKING)
        if now > horizon:
            return math.inf
        work -= segment
        for f in range(n):
            w.x[lives + f] -= segment
        if strikes < 0:
            return now
        failure = failures + strikes * cell.FAILURE_SIZE
        repair = draw(w, w.n[failure + cell.FAILURE_REPAIR_LAW], w.n[failure + cell.FAILURE_REPAIR_STREAM])
        w.x[lives + strikes] = draw(w, w.n[failure + cell.FAILURE_LIFE_LAW], w.n[failure + cell.FAILURE_LIFE_STREAM])
        now = _last(w, path, step, now, repair, step + cell.STEP_DOWN)
        if now > horizon:
            return math.inf
        still = still + 1 if now == began else 0
        if still > MOST_STILL:
            w.n[cell.RUN_CODE] = ENDLESS
            return math.inf


@inlined
def _done(w: World, path: int, step: int, now: float, product: int) -> float:
    """When the part that is taken up now is done."""
    setups = w.n[step + cell.STEP_SETUPS]
    if setups != NONE:
        law = w.n[setups + w.n[step + cell.STEP_LAST] * w.n[cell.RUN_PRODUCTS] + product]
        w.n[step + cell.STEP_LAST] = product + 1
        if law != NONE:
            stream = w.n[w.n[step + cell.STEP_STATION] + cell.STATION_SETUP_STREAM]
            now = _last(w, path, step, now, draw(w, law, stream), step + cell.STEP_SETTING)
    work = draw(w, w.n[w.n[step + cell.STEP_WORKS] + product], w.n[step + cell.STEP_WORK_STREAM])
    smooth = w.n[step + cell.STEP_SHIFTS] == NONE
    lives, n = w.n[step + cell.STEP_LIVES], w.n[step + cell.STEP_FAILURE_N]
    for f in range(n):
        smooth = smooth and w.x[lives + f] >= work
    if not smooth:
        return _labour(w, path, step, now, work)
    for f in range(n):
        w.x[lives + f] -= work
    w.x[step + cell.STEP_WORKING] += _cut(w, path, now + work) - _cut(w, path, now)
    return now + work


@inlined
def _room(w: World, path: int, step: int, time: float) -> float:
    """When, from a time on, the station has room for its next part."""
    places = w.n[step + cell.STEP_PLACES]
    if places > 0:
        taken = w.x[w.n[step + cell.STEP_OLDEST]]
        return max(time, taken)
    if places < 0:
        return time
    free = w.x[step + cell.STEP_FREE]
    time = max(time, free)
    return time if w.n[step + cell.STEP_SHIFTS] == NONE else _on_shift(w, path, step, time)


@inlined
def _take_up(w: World, path: int, step: int, came: float) -> float:
    """When the station takes up a part that has come; books its queue."""
    free = w.x[step + cell.STEP_FREE]
    start = max(came, free)
    if w.n[step + cell.STEP_SHIFTS] != NONE:
        start = _on_shift(w, path, step, start)
    from_, to = _cut(w, path, came), _cut(w, path, start)
    w.x[step + cell.STEP_AREA] += to - from_
    empty = from_ - w.x[step + cell.STEP_TAKEN]
    w.x[step + cell.STEP_EMPTY] += max(0.0, empty)
    w.x[step + cell.STEP_TAKEN] = to
    places = w.n[step + cell.STEP_PLACES]
    if places > 0:
        oldest, ring = w.n[step + cell.STEP_OLDEST], w.n[step + cell.STEP_RING]
        w.x[oldest] = start
        oldest = ring if oldest + 1 == ring + places else oldest + 1
        w.n[step + cell.STEP_OLDEST] = oldest
        full = _cut(w, path, w.x[oldest]) - from_
        w.x[step + cell.STEP_FULL] += max(0.0, full)
    return start


@inlined
def _target(w: World, step: int, product: int) -> int:
    """Where a part goes that is done."""
    routes = w.n[step + cell.STEP_ROUTES] + 2 * product
    route = w.n[routes]
    if w.n[routes + 1] > 1:
        share = uniform(w.bits, w.n[w.n[step + cell.STEP_STATION] + cell.STATION_ROUTE_STREAM])
        while w.x[route + cell.ROUTE_EDGE] <= share:
            route += cell.ROUTE_SIZE
    return w.n[route + cell.ROUTE_TO]


@inlined
def _note(w: World, step: int, time: float) -> None:
    """Notes a departure where they are asked for."""
    if w.n[cell.RUN_DEPARTED_N] < w.n[cell.RUN_DEPARTED_SIZE]:
        note = w.n[cell.RUN_DEPARTED] + 2 * w.n[cell.RUN_DEPARTED_N]
        w.n[note], w.x[note + 1] = w.n[step + cell.STEP_STATION], time
        w.n[cell.RUN_DEPARTED_N] += 1


@compiled
def _count(w: World, to: int, product: int, lead: float) -> None:
    """Counts a part that leaves the line."""
    made, products = w.n[cell.RUN_MADE] + product, w.n[cell.RUN_PRODUCTS]
    if to == TO_OUT:
        w.x[made] += 1.0
        w.x[made + 2 * products] += lead
    else:
        w.x[made + products] += 1.0


@compiled
def _through(w: World, path: int, entered: float, product: int) -> float:
    """Leads a part through the line; gives back when it leaves, infinity when that is beyond the horizon."""
    warmup, horizon = w.x[path + cell.PATH_WARMUP], w.x[path + cell.PATH_HORIZON]
    step, came = w.n[path + cell.PATH_STEPS], entered
    while True:
        now = _take_up(w, path, step, came)
        w.x[step + cell.STEP_FREE] = math.inf
        if now > horizon:
            return math.inf
        if now >= warmup:
            w.n[step + cell.STEP_WAITED] += 1
            w.x[step + cell.STEP_WAIT] += now - came
        if w.n[step + cell.STEP_MAKES]:
            product = w.n[step + cell.STEP_MAKES] - 1
        now = _done(w, path, step, now, product)
        if now > horizon:
            return math.inf
        to = _target(w, step, product)
        if to > 0:
            left = _room(w, path, step + cell.STEP_SIZE, now)
            if w.n[step + cell.STEP_SHIFTS] == NONE:
                w.x[step + cell.STEP_BLOCKED] += _cut(w, path, left) - _cut(w, path, now)
            else:
                _spend(w, path, step, now, left, step + cell.STEP_BLOCKED)
            now = left
            if now > horizon:
                return math.inf
        w.x[step + cell.STEP_FREE] = came = now
        w.n[step + cell.STEP_LEFT] += now >= warmup
        _note(w, step, now)
        if to < 0:
            if now >= warmup:
                _count(w, to, product, now - entered)
            return now
        step += cell.STEP_SIZE


@compiled
def follow(w: World, path: int, budget: int) -> int:
    """Leads so many parts through the line; REACHED when the next would come beyond the horizon."""
    warmup, horizon = w.x[path + cell.PATH_WARMUP], w.x[path + cell.PATH_HORIZON]
    source = w.n[path + cell.PATH_SOURCE]
    always = w.n[source + cell.SOURCE_KIND] == ALWAYS
    while budget:
        budget -= 1
        time = w.x[path + cell.PATH_NEXT]
        if time > horizon or w.n[source + cell.SOURCE_MADE] == w.n[source + cell.SOURCE_LIMIT]:
            return REACHED
        w.n[source + cell.SOURCE_MADE] += 1
        entered = _room(w, path, w.n[path + cell.PATH_STEPS], time)
        if (entered if always else time) >= warmup and (not always or entered <= horizon):
            w.n[source + cell.SOURCE_CAME] += 1
        if entered > horizon:
            return REACHED
        still = w.n[path + cell.PATH_STILL] + 1 if entered == w.x[path + cell.PATH_ENTERED] else 0
        w.n[path + cell.PATH_STILL], w.x[path + cell.PATH_ENTERED] = still, entered
        left = _through(w, path, entered, draw_product(w, source, entered))
        w.x[cell.RUN_WIP_AREA] += _cut(w, path, left) - _cut(w, path, entered)
        w.x[cell.RUN_NOW] = entered
        if still > MOST_STILL or w.n[cell.RUN_CODE] == ENDLESS:
            return ENDLESS
        w.x[path + cell.PATH_NEXT] = entered
        if not always:
            w.x[path + cell.PATH_NEXT] += draw(w, w.n[source + cell.SOURCE_LAW], w.n[source + cell.SOURCE_STREAM])
    return PAUSED


# Before and after


@compiled
def reset(w: World, path: int) -> None:
    """Puts the line at time 0, empty."""
    source = w.n[path + cell.PATH_SOURCE]
    first = w.x[source + cell.SOURCE_FIRST]
    if first < 0.0:
        first = draw(w, w.n[source + cell.SOURCE_LAW], w.n[source + cell.SOURCE_STREAM])
    w.x[path + cell.PATH_NEXT], w.x[path + cell.PATH_ENTERED] = first, -1.0
    w.n[path + cell.PATH_STILL] = w.n[source + cell.SOURCE_MADE] = 0
    w.n[cell.RUN_CODE] = w.n[cell.RUN_DEPARTED_N] = 0
    w.x[cell.RUN_STUCK] = math.nan
    for step in range(w.n[path + cell.PATH_STEPS], w.n[path + cell.PATH_END], cell.STEP_SIZE):
        for sum_ in range(step + cell.STEP_FREE, step + cell.STEP_SIZE):
            w.n[sum_] = 0
        w.x[step + cell.STEP_TAKEN] = w.x[path + cell.PATH_WARMUP]
        w.n[step + cell.STEP_LAST] = NONE
        w.n[step + cell.STEP_OLDEST] = ring = w.n[step + cell.STEP_RING]
        for place in range(ring, ring + w.n[step + cell.STEP_PLACES]):
            w.x[place] = 0.0
        for f in range(w.n[step + cell.STEP_FAILURE_N]):
            failure = w.n[step + cell.STEP_FAILURES] + f * cell.FAILURE_SIZE
            life = draw(w, w.n[failure + cell.FAILURE_LIFE_LAW], w.n[failure + cell.FAILURE_LIFE_STREAM])
            w.x[w.n[step + cell.STEP_LIVES] + f] = life
        shifts = w.n[step + cell.STEP_SHIFTS]
        if shifts != NONE:
            w.n[step + cell.STEP_ON], w.n[shifts + cell.CALENDAR_PLACE] = w.n[shifts + cell.CALENDAR_FIRST], 0
            w.x[step + cell.STEP_OFF_SINCE] = 0.0
            w.x[step + cell.STEP_SWITCH] = next_switch(w, shifts)


@compiled
def close(w: World, path: int) -> None:
    """Books what is left up to the horizon where every engine has its sums."""
    horizon = w.x[path + cell.PATH_HORIZON]
    span = horizon - w.x[path + cell.PATH_WARMUP]
    for step in range(w.n[path + cell.PATH_STEPS], w.n[path + cell.PATH_END], cell.STEP_SIZE):
        if w.n[step + cell.STEP_SHIFTS] != NONE:
            while w.x[step + cell.STEP_SWITCH] < horizon:
                _switch(w, path, step)
            if not w.n[step + cell.STEP_ON]:
                w.x[step + cell.STEP_OFF] += horizon - _cut(w, path, w.x[step + cell.STEP_OFF_SINCE])
        station, buffer = w.n[step + cell.STEP_STATION], w.n[step + cell.STEP_BUFFER]
        states = w.n[station + cell.STATION_TIME_IN]
        w.x[states + WORKING], w.x[states + SETUP] = w.x[step + cell.STEP_WORKING], w.x[step + cell.STEP_SETTING]
        w.x[states + BLOCKED], w.x[states + DOWN] = w.x[step + cell.STEP_BLOCKED], w.x[step + cell.STEP_DOWN]
        w.x[states + OFF] = w.x[step + cell.STEP_OFF]
        starved = span
        for state in (WORKING, SETUP, BLOCKED, DOWN, OFF):
            starved -= w.x[states + state]
        w.x[states + STARVED] = max(starved, 0.0)
        w.n[station + cell.STATION_LEFT] = w.n[step + cell.STEP_LEFT]
        w.x[buffer + cell.BUFFER_AREA] = w.x[step + cell.STEP_AREA]
        w.x[buffer + cell.BUFFER_EMPTY] = w.x[step + cell.STEP_EMPTY] + horizon - w.x[step + cell.STEP_TAKEN]
        w.x[buffer + cell.BUFFER_FULL] = w.x[step + cell.STEP_FULL] if w.n[step + cell.STEP_PLACES] else span
        w.x[buffer + cell.BUFFER_WAIT] = w.x[step + cell.STEP_WAIT]
        w.n[buffer + cell.BUFFER_WAITED] = w.n[step + cell.STEP_WAITED]
