"""Searches without end: each step of a generator is a schedule as an order, often a better one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lineside.twin.schedule.annealing import Walk, anneal
from lineside.twin.schedule.decoding import IMPOSSIBLE, floor_of, schedule
from lineside.twin.schedule.shop import Ints, Shop, is_classical
from lineside.twin.schedule.tabu import HEAD, net_of, tabu_search

_PATIENCE = 4_000
_FAMILY = 16
_PLACED = 300_000
"""Operations placed in one step of annealing."""
_HOT, _WARM, _COLD = 0.02, 0.005, 0.00002
"""Temperatures, as shares of the cost: of the first annealing, of the later ones, and of the end of each."""


@dataclass(frozen=True, slots=True)
class Found:
    """A schedule as the order its operations are placed in, the option each takes, and what it costs."""

    cost: int
    order: Ints
    choice: Ints


def search(shop: Shop, seed: int, bound: int) -> Iterator[Found]:
    """Schedules of a problem, one a step of a moment, until one costs no more than the bound."""
    rng = np.random.default_rng(seed)
    for found in (_bred if is_classical(shop) else _annealed)(shop, rng, bound):
        yield found
        if found.cost <= bound:
            return


def _bred(shop: Shop, rng: np.random.Generator, bound: int) -> Iterator[Found]:
    """Tabu search from random orders, then from orders merged of two found before."""
    improve, family = _Tabu(shop, rng, bound), list[Found]()
    while True:
        child = _grown(shop, rng, family)
        for better in improve(child):
            yield better
            child = better
        _keep(family, child, rng)


def _annealed(shop: Shop, rng: np.random.Generator, bound: int) -> Iterator[Found]:
    """Annealing, twice as long each time, from the best so far; a step is a part of it."""
    del bound
    start, floor = random_order(shop, rng), floor_of(shop)
    best = np.array([schedule(shop, floor, start.order, start.choice)])
    walk = Walk(start.order.copy(), start.choice.copy(), start.order.copy(), start.choice.copy(), best, _luck(rng))
    turns, parts = _PLACED // len(shop.job) + 1, 4
    while True:
        cost = min(int(best[0]), 1_000_000_000)
        hot = (_HOT if parts == 4 else _WARM) * cost + 1.0
        cooling = (_COLD * cost + 0.1) / hot
        walk.order[:], walk.choice[:] = walk.best_order, walk.best_choice
        for part in range(parts):
            anneal(shop, floor, walk, turns, hot * cooling ** (part / parts), hot * cooling ** ((part + 1) / parts))
            schedule(shop, floor, walk.best_order, walk.best_choice)
            order = walk.best_order[np.argsort(floor.start[walk.best_order], kind="stable")]
            yield Found(int(best[0]), order, walk.best_choice.copy())
        parts *= 2


def _grown(shop: Shop, rng: np.random.Generator, family: list[Found]) -> Found:
    """Where a step begins: a random order at first, then one merged from two of the family."""
    if len(family) < _FAMILY:
        return random_order(shop, rng)
    one, other = rng.choice(len(family), 2, replace=False)
    return merged(family[one], family[other], rng)


def _keep(family: list[Found], child: Found, rng: np.random.Generator) -> None:
    """Lets a child take the place of the worst, unless it is one of the family already or worse than all."""
    if len(family) < _FAMILY:
        family.append(child)
        return
    worst = max(range(len(family)), key=lambda i: family[i].cost)
    twin = any(f.cost == child.cost and np.array_equal(f.choice, child.choice) and _like(f, child) for f in family)
    if not twin and child.cost <= family[worst].cost:
        family[worst] = child
    if len({f.cost for f in family}) == 1 and rng.random() < 0.05:
        family[:] = [min(family, key=lambda f: f.cost)]


def _like(one: Found, other: Found) -> bool:
    """Whether two orders differ in few places."""
    return float(np.mean(one.order == other.order)) > 0.95


def random_order(shop: Shop, rng: np.random.Generator) -> Found:
    """An order in which each operation stands anywhere after those it waits for, each on a random good option."""
    n = len(shop.job)
    key = rng.random(n)
    for v in range(n):
        before = shop.before[shop.before_at[v] : shop.before_at[v + 1]]
        low = max((key[w] for w in before), default=0.0)
        key[v] = low + (1.0 - low) * key[v] / (1 + np.sum(shop.job[v:] == shop.job[v]))
    choice = np.array([_good_option(shop, rng, v) for v in range(n)], np.int64)
    return Found(IMPOSSIBLE, np.argsort(key, kind="stable"), choice)


def _good_option(shop: Shop, rng: np.random.Generator, v: int) -> int:
    """A quick option rather than a slow one."""
    first, last = int(shop.option_at[v]), int(shop.option_at[v + 1])
    speed = 1.0 / shop.duration[first:last] ** 2
    return first + int(rng.choice(last - first, p=speed / speed.sum()))


def merged(one: Found, other: Found, rng: np.random.Generator) -> Found:
    """An order taken from the heads of two others at random: what both agree on, it keeps."""
    n = len(one.order)
    taken = np.zeros(n, np.bool_)
    order, places = np.zeros(n, np.int64), [0, 0]
    lists, picks = (one.order.tolist(), other.order.tolist()), rng.random(n) < 0.5
    for k in range(n):
        side = int(picks[k])
        while taken[lists[side][places[side]]]:
            places[side] += 1
        order[k] = v = lists[side][places[side]]
        taken[v] = True
    return Found(IMPOSSIBLE, order, np.where(rng.random(n) < 0.5, one.choice, other.choice))


class _Tabu:
    """Improves an order of a classical shop by tabu search."""

    def __init__(self, shop: Shop, rng: np.random.Generator, bound: int) -> None:
        self._shop, self._net, self._luck = shop, net_of(shop), _luck(rng)
        self._target = bound // int(shop.weights[0])

    def __call__(self, found: Found) -> Iterator[Found]:
        shop, net, better = self._shop, self._net, True
        while better:
            choice = found.choice.copy()
            made = tabu_search(shop, net, found.order, choice, self._luck, _PATIENCE, self._target)
            better = made * int(shop.weights[0]) < found.cost
            found = Found(int(made * shop.weights[0]), np.argsort(net.rows[HEAD, : len(choice)], kind="stable"), choice)
            yield found


def _luck(rng: np.random.Generator) -> Ints:
    return rng.integers(1, 2**62, 1, dtype=np.int64)
