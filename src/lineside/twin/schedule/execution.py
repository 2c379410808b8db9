"""What becomes of a plan when times vary and machines fail: the plan's sequences, executed many times.

Nothing is resequenced: each machine and each resource takes the operations in the plan's order, each as soon as it
can. An operation that may not be interrupted begins in a span its planned time fits into, and is ended even beyond it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lineside.twin.draws import compiled, draw, entry, seed_streams
from lineside.twin.layout import World
from lineside.twin.schedule.decoding import finish, first_start, setup_time
from lineside.twin.schedule.shop import Ints, Shop
from lineside.twin.tally import Floats


class Fate(NamedTuple):
    """Laws and streams, by their addresses in the memory; 0 is no law."""

    factor: Ints
    """Of each operation and option: the law of its factor."""
    factor_stream: Ints
    mode_at: Ints
    """For each machine where its failures start."""
    life: Ints
    life_stream: Ints
    repair: Ints
    repair_stream: Ints


@compiled
def _with_repairs(w: World, fate: Fate, left: Floats, machine: int, work: float) -> float:
    """The working time an operation takes with the repairs that fall into it."""
    total = work
    while work > 0.0:
        next_mode, ahead = -1, work
        for mode in range(fate.mode_at[machine], fate.mode_at[machine + 1]):
            if left[mode] < ahead:
                next_mode, ahead = mode, left[mode]
        for mode in range(fate.mode_at[machine], fate.mode_at[machine + 1]):
            left[mode] -= ahead
        work -= ahead
        if next_mode < 0:
            break
        total += draw(w, fate.repair[next_mode], fate.repair_stream[next_mode])
        left[next_mode] = draw(w, fate.life[next_mode], fate.life_stream[next_mode])
    return total


@compiled
def _run(shop: Shop, fate: Fate, w: World, order: Ints, choice: Ints, end: Floats, units: Floats, left: Floats) -> None:
    """Executes the plan once; the end of each operation into `end`."""
    free = np.zeros(len(shop.calendar))
    units[:] = 0.0
    made = shop.made.copy()
    for mode in range(len(left)):
        left[mode] = draw(w, fate.life[mode], fate.life_stream[mode])
    for v in order:
        option = choice[v]
        machine, planned = shop.machine[option], float(shop.duration[option])
        calendar = shop.calendar[machine]
        work = planned
        if fate.factor[option] > 0:
            work *= draw(w, fate.factor[option], fate.factor_stream[v])
        work = _with_repairs(w, fate, left, machine, work)
        time = free[machine]
        time = float(
            finish(
                shop.span_at,
                shop.spans,
                calendar,
                time,
                float(setup_time(shop, machine, made[machine], shop.product[v])),
            )
        )
        made[machine] = shop.product[v]
        time = max(time, float(shop.release[shop.job[v]]))
        for k in range(shop.before_at[v], shop.before_at[v + 1]):
            time = max(time, end[shop.before[k]])
        at = 0
        for k in range(shop.need_at[v], shop.need_at[v + 1]):
            at = _first_unit(shop, shop.need[k])
            time = max(time, units[at + shop.need_count[k] - 1])
        time = float(first_start(shop.span_at, shop.spans, calendar, time, planned, shop.whole[v]))
        done = time + work if shop.whole[v] else float(finish(shop.span_at, shop.spans, calendar, time, work))
        end[v], free[machine] = done, done
        for k in range(shop.need_at[v], shop.need_at[v + 1]):
            at = _first_unit(shop, shop.need[k])
            units[at : at + shop.need_count[k]] = done
            units[at : at + shop.capacity[shop.need[k]]].sort()


@compiled
def _first_unit(shop: Shop, resource: int) -> int:
    """Where a resource's units begin."""
    at = 0
    for r in range(resource):
        at += shop.capacity[r]
    return at


@entry
def execute(
    shop: Shop, fate: Fate, w: World, order: Ints, choice: Ints, seed: int, first: int, completed: Floats
) -> None:
    """One row a replication, numbered from `first` on: when each job is done."""
    end = np.zeros(len(shop.job))
    units = np.zeros(shop.capacity.sum())
    left = np.zeros(len(fate.life))
    for k in range(len(completed)):
        seed_streams(w, seed, first + k)
        _run(shop, fate, w, order, choice, end, units, left)
        completed[k] = 0.0
        for v in range(len(end)):
            completed[k, shop.job[v]] = max(completed[k, shop.job[v]], end[v])
