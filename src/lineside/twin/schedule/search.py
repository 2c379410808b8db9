"""Searches without end: each step of a generator is a schedule as an order, often a better one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lineside.twin.schedule.annealing import anneal
from lineside.twin.schedule.decoding import IMPOSSIBLE, floor_of, schedule
from lineside.twin.schedule.shop import Ints, Shop, is_classical
from lineside.twin.schedule.tabu import HEAD, net_of, tabu_search

_PATIENCE = 4_000
_FAMILY = 16
_ANNEALED = 200_000
"""Operations placed in the first annealing; each later one places more."""


@dataclass(frozen=True, slots=True)
class Found:
    """A schedule as the order its operations are placed in, the option each takes, and what it costs."""

    cost: int
    order: Ints
    choice: Ints


def search(shop: Shop, seed: int, bound: int) -> Iterator[Found]:
    """Schedules of a problem, one a step, until one costs no more than the bound."""
    rng = np.random.default_rng(seed)
    improve = (_Tabu if is_classical(shop) else _Annealing)(shop, rng, bound)
    family: list[Found] = []
    while True:
        child = improve(_grown(shop, rng, family))
        yield child
        if child.cost <= bound:
            return
        _keep(family, child, rng)


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

    def __call__(self, start: Found) -> Found:
        shop, net, choice = self._shop, self._net, start.choice.copy()
        made = tabu_search(shop, net, start.order, choice, self._luck, _PATIENCE, 50 * _PATIENCE, self._target)
        return Found(int(made * shop.weights[0]), np.argsort(net.rows[HEAD, : len(choice)], kind="stable"), choice)


class _Annealing:
    """Improves an order of any problem by annealing, each time for longer."""

    def __init__(self, shop: Shop, rng: np.random.Generator, bound: int) -> None:
        del bound
        self._shop, self._floor, self._luck = shop, floor_of(shop), _luck(rng)
        self._turns = _ANNEALED // len(shop.job) + 1

    def __call__(self, start: Found) -> Found:
        shop, order, choice = self._shop, start.order.copy(), start.choice.copy()
        first = schedule(shop, self._floor, order, choice)
        hot = max(0.02 * (first if first < IMPOSSIBLE else 1000), 1.0)
        cost = anneal(shop, self._floor, order, choice, self._luck, self._turns, hot, max(hot / 1000, 0.1))
        self._turns = min(int(self._turns * 1.3), 50 * _ANNEALED // len(shop.job) + 1)
        schedule(shop, self._floor, order, choice)
        return Found(int(cost), order[np.argsort(self._floor.start[order], kind="stable")], choice)


def _luck(rng: np.random.Generator) -> Ints:
    return rng.integers(1, 2**62, 1, dtype=np.int64)
