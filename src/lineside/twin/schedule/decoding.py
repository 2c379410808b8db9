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


@compiled
def span_of(shop: Shop, calendar: int, time: Any) -> int:
    """The first span of a calendar that ends after a time; the calendar's end when there is none."""
    low, high = shop.span_at[calendar], shop.span_at[calendar + 1]
    while low < high:
        middle = (low + high) // 2
        if shop.span_end[middle] > time:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def finish(shop: Shop, calendar: int, start: Any, work: Any) -> Any:
    """When some work is done that may go on in every span from a start on."""
    if calendar < 0 or start >= NEVER:
        return start + work
    if work == 0:
        return start
    k, last = span_of(shop, calendar, start), shop.span_at[calendar + 1]
    if k == last:
        return NEVER
    # On the axis of time on, the work ends so much after the calendar's begin.
    end = shop.span_worked[k] + max(start - shop.span_start[k], 0) + work
    low, high = k, last - 1
    while low < high:
        middle = (low + high + 1) // 2
        if shop.span_worked[middle] < end:
            low = middle
        else:
            high = middle - 1
    done = shop.span_start[low] + end - shop.span_worked[low]
    return done if done <= shop.span_end[low] else NEVER


@compiled
def first_start(shop: Shop, calendar: int, time: Any, work: Any, whole: int) -> Any:
    """The first moment from a time on at which some work can begin; `whole` work must fit into one span."""
    if calendar < 0 or time >= NEVER:
        return time
    for k in range(span_of(shop, calendar, time), shop.span_at[calendar + 1]):
        start = max(time, shop.span_start[k])
        if not whole or start + work <= shop.span_end[k]:
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
def _take(shop: Shop, floor: Floor, v: int, end: int) -> None:
    """Lets an operation hold its resources, those units that are free first, until its end."""
    for k in range(shop.need_at[v], shop.need_at[v + 1]):
        first, last = floor.unit_at[shop.need[k]], floor.unit_at[shop.need[k] + 1]
        count = shop.need_count[k]
        i = first
        while i + count < last and floor.units[i + count] < end:
            floor.units[i] = floor.units[i + count]
            i += 1
        for u in range(i, i + count):
            floor.units[u] = end


@compiled
def place(shop: Shop, floor: Floor, v: int, option: int) -> int:
    """Puts an operation after all that were put before, as early as it can be; its end."""
    machine, work = shop.machine[option], shop.duration[option]
    calendar = shop.calendar[machine]
    time = floor.free[machine]
    if shop.setup_at[machine] >= 0:
        change = setup_time(shop, machine, floor.made[machine], shop.product[v])
        time = finish(shop, calendar, time, change)
        floor.made[machine] = shop.product[v]
    time = max(time, shop.release[shop.job[v]])
    for k in range(shop.before_at[v], shop.before_at[v + 1]):
        time = max(time, floor.end[shop.before[k]])
    for k in range(shop.need_at[v], shop.need_at[v + 1]):
        time = max(time, floor.units[floor.unit_at[shop.need[k]] + shop.need_count[k] - 1])
    time = first_start(shop, calendar, time, work, shop.whole[v])
    end = time + work if shop.whole[v] else finish(shop, calendar, time, work)
    floor.start[v], floor.end[v], floor.free[machine] = time, end, end
    _take(shop, floor, v, end)
    return end


@compiled
def decode(shop: Shop, floor: Floor, order: Ints, choice: Ints) -> int:
    """Builds the schedule of an order into `floor`; its cost, `IMPOSSIBLE` when a calendar ends too soon."""
    floor.free[:] = 0
    floor.units[:] = 0
    floor.made[:] = shop.made
    makespan = 0
    for v in order:
        makespan = max(makespan, place(shop, floor, v, choice[v]))
    if makespan >= NEVER:
        return IMPOSSIBLE
    return cost_of(shop, floor.end, makespan)


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
    return finish(shop, calendar, start, work)


@entry
def setup_between(shop: Shop, machine: int, before: int, after: int) -> int:
    """`setup_time` for Python."""
    return setup_time(shop, machine, before, after)
