"""Improves orders of a problem of any kind: simulated annealing over sequences and machines."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from lineside.twin.draws import compiled, entry
from lineside.twin.schedule.decoding import Floor, decode
from lineside.twin.schedule.shop import Ints, Shop

_1, _7, _9, _11 = (np.uint64(n) for n in (1, 7, 9, 11))


@compiled
def chance(luck: Ints) -> float:
    """The next number in [0, 1), by xorshift."""
    state = np.uint64(luck[0])
    state ^= state << _7
    state ^= state >> _9
    luck[0] = np.int64(state)
    return np.int64(state >> _11) * 2.0**-53


@compiled
def below(luck: Ints, n: int) -> int:
    """The next whole number below n."""
    return int(chance(luck) * n)


@compiled
def _waits_for(shop: Shop, later: int, earlier: int) -> bool:
    """Whether an operation of the same job must be done directly before another."""
    k, last = shop.before_at[later], shop.before_at[later + 1]
    while k < last and shop.before[k] != earlier:
        k += 1
    return bool(k < last)


@compiled
def _goal(shop: Shop, order: Ints, choice: Ints, at: int, luck: Ints) -> int:
    """Where to move the operation at a place: past some of its machine or resources, and none it waits for."""
    v, n = order[at], len(order)
    machine = shop.machine[choice[v]]
    step = 1 if chance(luck) < 0.5 else -1
    left = 1
    while chance(luck) < 0.4:
        left += 1
    goal, k = at, at + step
    while 0 <= k < n:
        w = order[k]
        if shop.job[w] == shop.job[v] and (_waits_for(shop, w, v) if step > 0 else _waits_for(shop, v, w)):
            break
        if shop.machine[choice[w]] == machine or (shop.need_at[w + 1] > shop.need_at[w] and chance(luck) < 0.3):
            goal = k
            left -= 1
            if left == 0:
                break
        k += step
    return goal


@compiled
def _shift(order: Ints, at: int, goal: int) -> None:
    """Moves what stands at a place to another."""
    v, step = order[at], 1 if goal > at else -1
    for k in range(at, goal, step):
        order[k] = order[k + step]
    order[goal] = v


class Walk(NamedTuple):
    """Where a walk stands, and the best it has come by."""

    order: Ints
    choice: Ints
    best_order: Ints
    best_choice: Ints
    best: Ints
    """Its cost, in one cell."""
    luck: Ints


@entry
def anneal(shop: Shop, floor: Floor, walk: Walk, turns: int, hot: float, cold: float) -> None:
    """Goes on with a walk for some turns while the temperature falls."""
    order, choice, luck, n = walk.order, walk.choice, walk.luck, len(walk.order)
    now = decode(shop, floor, order, choice)
    for turn in range(turns):
        at = below(luck, n)
        v = order[at]
        options = shop.option_at[v + 1] - shop.option_at[v]
        old, goal = choice[v], at
        if options > 1 and chance(luck) < 0.5:
            choice[v] = shop.option_at[v] + below(luck, options)
        if choice[v] == old or chance(luck) < 0.5:
            goal = _goal(shop, order, choice, at, luck)
        if goal == at and choice[v] == old:
            continue
        _shift(order, at, goal)
        cost = decode(shop, floor, order, choice)
        warmth = hot * (cold / hot) ** (turn / turns)
        if cost <= now or chance(luck) < math.exp((now - cost) / warmth):
            now = cost
            if now < walk.best[0]:
                walk.best[0] = now
                walk.best_order[:], walk.best_choice[:] = order, choice
        else:
            _shift(order, goal, at)
            choice[v] = old
