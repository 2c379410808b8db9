"""The schedule an order of operations stands for: each begins as soon as it can, on the machine chosen for it.

Machines and resources take operations in the order's sequence. Whatever is best by a measure that only earliness
improves is the schedule of some order, so searches go through orders alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lineside.twin.draws import compiled, entry
from lineside.twin.schedule.shop import NEVER, Ints, Shop

IMPOSSIBLE = 2**61
"""The cost of no schedule."""
START, END, WORKED = range(3)


# Calendars are handed on as their two arrays: a call with all arrays of a shop takes longer than what it does.


@compiled
def span_of(span_at: Ints, spans: Any, calendar: int, time: Any) -> int:
    """The first span of a calendar that ends after a time; the calendar's end when there is none."""
    first, last = span_at[calendar], span_at[calendar + 1]
    # Spans repeat, so the share of the time is nearly the share of the spans.
    share = min(float(time) / spans[END, last - 1], 1.0)
    k = min(first + int(share * (last - first)), last - 1)
    while k < last and spans[END, k] <= time:
        k += 1
    while k > first and spans[END, k - 1] > time:
        k -= 1
    return int(k)


@compiled
def finish(span_at: Ints, spans: Any, calendar: int, start: Any, work: Any) -> Any:
    """When some work is done that may go on in every span from a start on."""
    if calendar < 0 or start >= NEVER:
        return start + work
    if work == 0:
        return start
    k, last = span_of(span_at, spans, calendar, start), span_at[calendar + 1]
    if k == last:
        return NEVER
    # On the axis of time on, the work ends so much after the calendar's begin.
    end = spans[WORKED, k] + max(start - spans[START, k], 0) + work
    while k < last - 1 and spans[WORKED, k + 1] < end:
        k += 1
    done = spans[START, k] + end - spans[WORKED, k]
    return done if done <= spans[END, k] else NEVER


@compiled
def first_start(span_at: Ints, spans: Any, calendar: int, time: Any, work: Any, whole: int) -> Any:
    """The first moment from a time on at which some work can begin; `whole` work must fit into one span."""
    if calendar < 0 or time >= NEVER:
        return time
    for k in range(span_of(span_at, spans, calendar, time), span_at[calendar + 1]):
        start = max(time, spans[START, k])
        if not whole or start + work <= spans[END, k]:
            return start
    return NEVER


@compiled
def setup_time(shop: Shop, machine: int, before: int, after: int) -> int:
    """The set-up between two products on a machine."""
    table = shop.setup_at[machine]
    return shop.setup[table + before * shop.products[0] + after] if table >= 0 else 0


class Floor(NamedTuple):
    """What a schedule is written into, and the state of machines and resources while it grows."""

    start: Ints
    end: Ints
    free: Ints
    """When each machine is."""
    made: Ints
    units: Ints
    """When each unit of each resource is free, resource after resource, ascending in each."""
    unit_at: Ints


def floor_of(shop: Shop) -> Floor:
    """Room for one schedule after the other."""
    n, machines = len(shop.job), len(shop.calendar)
    unit_at = np.concatenate((np.zeros(1, np.int64), np.cumsum(shop.capacity)))
    empty = np.zeros
    return Floor(
        empty(n, np.int64),
        empty(n, np.int64),
        empty(machines, np.int64),
        empty(machines, np.int64),
        empty(int(unit_at[-1]), np.int64),
        unit_at,
    )


@compiled
def _take(units: Ints, first: int, last: int, count: int, end: int) -> None:
    """Lets an operation hold so many of a resource's units, those that are free first, until its end."""
    i = first
    while i + count < last and units[i + count] < end:
        units[i] = units[i + count]
        i += 1
    units[i : i + count] = end


@compiled
def decode(shop: Shop, floor: Floor, order: Ints, choice: Ints) -> int:
    """Builds the schedule of an order into `floor`; its cost, `IMPOSSIBLE` when a calendar ends too soon.

    In one piece, as a call that hands a shop on takes longer than placing an operation.
    """
    span_at, spans, free, units, ends = shop.span_at, shop.spans, floor.free, floor.units, floor.end
    free[:] = 0
    units[:] = 0
    floor.made[:] = shop.made
    makespan = 0
    for v in order:
        machine, work = shop.machine[choice[v]], shop.duration[choice[v]]
        calendar, time = shop.calendar[machine], free[machine]
        table = shop.setup_at[machine]
        if table >= 0:
            change = shop.setup[table + floor.made[machine] * shop.products[0] + shop.product[v]]
            time = finish(span_at, spans, calendar, time, change)
            floor.made[machine] = shop.product[v]
        time = max(time, shop.release[shop.job[v]])
        for k in range(shop.before_at[v], shop.before_at[v + 1]):
            time = max(time, ends[shop.before[k]])
        for k in range(shop.need_at[v], shop.need_at[v + 1]):
            time = max(time, units[floor.unit_at[shop.need[k]] + shop.need_count[k] - 1])
        time = first_start(span_at, spans, calendar, time, work, shop.whole[v])
        end = time + work if shop.whole[v] else finish(span_at, spans, calendar, time, work)
        floor.start[v], ends[v], free[machine] = time, end, end
        for k in range(shop.need_at[v], shop.need_at[v + 1]):
            first, last = floor.unit_at[shop.need[k]], floor.unit_at[shop.need[k] + 1]
            _take(units, first, last, shop.need_count[k], end)
        makespan = max(makespan, end)
    if makespan >= NEVER:
        return IMPOSSIBLE
    return cost_of(shop, ends, makespan)


@compiled
def cost_of(shop: Shop, end: Ints, makespan: int) -> int:
    """The objective of a schedule."""
    cost = shop.weights[0] * makespan
    if shop.weights[1]:
        late, job = 0, 0
        done = 0
        for v in range(len(end)):
            if shop.job[v] != job:
                late += shop.weight[job] * max(done - shop.due[job], 0)
                job, done = shop.job[v], 0
            done = max(done, end[v])
        late += shop.weight[job] * max(done - shop.due[job], 0)
        cost += shop.weights[1] * late
    return cost


@entry
def schedule(shop: Shop, floor: Floor, order: Ints, choice: Ints) -> int:
    """`decode` for Python."""
    return decode(shop, floor, order, choice)


@entry
def finished(shop: Shop, calendar: int, start: int, work: int) -> int:
    """`finish` for Python."""
    return finish(shop.span_at, shop.spans, calendar, start, work)


@entry
def setup_between(shop: Shop, machine: int, before: int, after: int) -> int:
    """`setup_time` for Python."""
    return setup_time(shop, machine, before, after)
