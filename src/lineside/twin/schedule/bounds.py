"""Costs that no schedule is below, known without any search."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from lineside.twin.schedule.shop import Ints, Shop


def heads_and_tails(shop: Shop) -> tuple[Ints, Ints]:
    """The least time before the start and after the end of each operation."""
    n = len(shop.job)
    least = np.minimum.reduceat(shop.duration, shop.option_at[:-1])
    head, tail = shop.release[shop.job].copy(), np.zeros(n, np.int64)
    for v in range(n):
        for w in shop.before[shop.before_at[v] : shop.before_at[v + 1]]:
            head[v] = max(head[v], head[w] + least[w])
    for v in range(n - 1, -1, -1):
        for w in shop.before[shop.before_at[v] : shop.before_at[v + 1]]:
            tail[w] = max(tail[w], tail[v] + least[v])
    return head, tail


def simple_bound(shop: Shop) -> int:
    """A cost that no schedule is below: by the longest job and the busiest machine."""
    head, tail = heads_and_tails(shop)
    least = np.minimum.reduceat(shop.duration, shop.option_at[:-1])
    longest = int((head + least + tail).max())
    single = np.diff(shop.option_at) == 1
    for machine in range(len(shop.calendar)):
        own = np.flatnonzero(single & (shop.machine[shop.option_at[:-1]] == machine))
        longest = max(longest, preemptive(head[own].tolist(), least[own].tolist(), tail[own].tolist()))
    longest = max(longest, -(-int(least.sum()) // len(shop.calendar)))
    done = head + least
    late = 0
    for job in range(len(shop.release)):
        late += int(shop.weight[job]) * max(int(done[shop.job == job].max() - shop.due[job]), 0)
    return int(shop.weights[0]) * longest + int(shop.weights[1]) * late


def preemptive(heads: list[int], works: list[int], tails: list[int]) -> int:
    """The least time by which one machine can do works with heads and tails when it may interrupt them (Jackson, 1955).

    Whenever a work comes or ends, the one with the longest tail goes on.
    """
    coming = sorted(range(len(heads)), key=lambda i: heads[i])
    left, ready, time, longest = list(works), list[tuple[int, int]](), 0, 0
    while coming or ready:
        if not ready:
            time = max(time, heads[coming[0]])
        while coming and heads[coming[0]] <= time:
            i = coming.pop(0)
            heappush(ready, (-tails[i], i))
        tail, i = ready[0]
        worked = min(left[i], heads[coming[0]] - time) if coming else left[i]
        time += worked
        left[i] -= worked
        if not left[i]:
            heappop(ready)
            longest = max(longest, time - tail)
    return longest
