"""A plan that a person changed: the machines' sequences as they were put, timed anew and checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import pairwise

import numpy as np

from lineside.errors import ConfigurationError, LinesideError
from lineside.twin.reading import Finding
from lineside.twin.schedule.plan import Plan
from lineside.twin.schedule.problem import Problem, operation_names
from lineside.twin.schedule.robust import numbers_of
from lineside.twin.schedule.shop import Ints, Naming, Shop, option_on, shop_of
from lineside.twin.schedule.verify import violations


class EditRefused(ConfigurationError):
    """Sequences that nobody could keep; `findings` holds every reason."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("schedule.edit_refused", count=len(findings), first=findings[0].sentence())
        self.findings = tuple(findings)


def retimed(problem: Problem, sequences: Mapping[str, Sequence[tuple[str, str]]], before: Plan) -> Plan:
    """The plan of these sequences, (job, operation) by machine, in which nothing could start earlier.

    Where resources are short, those go first that did in the plan before. Raises EditRefused for sequences that no
    plan can keep.
    """
    from lineside.twin.schedule.decoding import IMPOSSIBLE, floor_of, schedule
    from lineside.twin.schedule.planning import plan_of
    from lineside.twin.schedule.search import Found

    shop, naming = shop_of(problem)
    number = numbers_of(problem, shop, naming)
    if wrong := list(_misplaced(problem, sequences, number)):
        raise EditRefused(wrong)
    rows = [(machine, [number[job, operation] for job, operation in row]) for machine, row in sequences.items()]
    choice = _choice(shop, naming, rows)
    order = _order(shop, [row for _, row in rows], number, before)
    cost = int(schedule(shop, floor_of(shop), order, choice))
    if cost >= IMPOSSIBLE:
        raise EditRefused([Finding("plan", "schedule.impossible", {})])
    plan = plan_of(problem, shop, naming, Found(cost, order, choice), bound=before.bound, seed=before.seed, history=())
    if broken := violations(problem, plan):
        raise LinesideError("schedule.broken", count=len(broken), first=f"{broken[0].path}: {broken[0].sentence()}")
    return plan


def _misplaced(
    problem: Problem, sequences: Mapping[str, Sequence[tuple[str, str]]], number: Mapping[tuple[str, str], int]
) -> Iterator[Finding]:
    """Operations that stand nowhere, twice, or on a machine that cannot do them."""
    placed = Counter((job, operation) for row in sequences.values() for job, operation in row)
    for job, operation in {**dict.fromkeys(number), **placed}:
        if placed[job, operation] != 1 or (job, operation) not in number:
            yield Finding(f"{job}.{operation}", "schedule.not_once", {"times": placed[job, operation]})
    can = {
        (job, name): operation.on
        for job, spec in problem.jobs.items()
        for name, operation in zip(operation_names(spec), spec.operations, strict=True)
    }
    for machine, row in sequences.items():
        for job, operation in row:
            if (job, operation) in can and machine not in can[job, operation]:
                yield Finding(f"{job}.{operation}", "schedule.wrong_machine", {"machine": machine})


def _choice(shop: Shop, naming: Naming, rows: Sequence[tuple[str, list[int]]]) -> Ints:
    """The option each operation takes on the machine it stands on."""
    choice = shop.option_at[:-1].copy()
    for name, row in rows:
        machine = naming.machines.index(name)
        for v in row:
            choice[v] = option_on(shop, v, machine)
    return choice


def _order(shop: Shop, rows: Sequence[list[int]], number: Mapping[tuple[str, str], int], before: Plan) -> Ints:
    """An order of all operations that keeps the sequences; of those that may be next, the one that was earlier goes."""
    waits = {v: shop.before[shop.before_at[v] : shop.before_at[v + 1]].tolist() for v in number.values()}
    for row in rows:
        for one, other in pairwise(row):
            waits[other].append(one)
    start = {number[o.job, o.operation]: o.start for o in before.operations}
    after: dict[int, list[int]] = {v: [] for v in waits}
    for v, them in waits.items():
        for w in them:
            after[w].append(v)
    left = {v: len(them) for v, them in waits.items()}
    ready = sorted((start[v], v) for v, count in left.items() if not count)
    order: list[int] = []
    while ready:
        _, v = heappop(ready)
        order.append(v)
        for w in after[v]:
            left[w] -= 1
            if not left[w]:
                heappush(ready, (start[w], w))
    if len(order) < len(waits):
        raise EditRefused([_circle({v for v, count in left.items() if count}, waits, number)])
    return np.array(order, np.int64)


def _circle(stuck: set[int], waits: Mapping[int, list[int]], number: Mapping[tuple[str, str], int]) -> Finding:
    """Some operations that wait for each other, in the order in which each would have to be before the next."""
    names = {v: f"{job}.{operation}" for (job, operation), v in number.items()}
    path = [min(stuck)]
    while (earlier := next(w for w in waits[path[-1]] if w in stuck)) not in path:
        path.append(earlier)
    circle = [*path[path.index(earlier) :], earlier]
    return Finding(names[earlier], "schedule.edit_circle", {"chain": " → ".join(names[v] for v in reversed(circle))})
