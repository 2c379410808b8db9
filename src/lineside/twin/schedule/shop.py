"""A scheduling problem as arrays: what the compiled searches and the model builder read.

Operations are numbered job after job, each after those it waits for. Machines, resources and calendars are numbered
as the file lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lineside.twin.model import ANY
from lineside.twin.schedule.check import merged
from lineside.twin.schedule.problem import Change, Operation, Problem, WorkCalendar, before_each, order_of

Ints: TypeAlias = NDArray[np.int64]

NEVER = 2**50
"""A time that does not come; sums of a few of it stay whole numbers."""
_SPANS = 200_000


class Shop(NamedTuple):
    """The problem's arrays. `x_at` are the starts of each operation's or calendar's stretch in `x`."""

    job: Ints
    before_at: Ints
    before: Ints
    option_at: Ints
    machine: Ints
    duration: Ints
    need_at: Ints
    need: Ints
    need_count: Ints
    whole: Ints
    """1 for an operation that must fit into one span."""
    product: Ints
    release: Ints
    due: Ints
    weight: Ints
    calendar: Ints
    """Of each machine; -1 is always on."""
    span_at: Ints
    spans: Ints
    """Three rows: the start and the end of each span, and the time on before it."""
    setup_at: Ints
    """Of each machine, into `setup`; -1 has none."""
    setup: Ints
    products: Ints
    """How many there are; a table of set-ups is before times after."""
    made: Ints
    """Product of each machine at time 0."""
    capacity: Ints
    weights: Ints
    """Of makespan and tardiness."""


def option_on(shop: Shop, operation: int, machine: int) -> int:
    """The option by which an operation is done on a machine. Raises StopIteration where it cannot be."""
    options = range(int(shop.option_at[operation]), int(shop.option_at[operation + 1]))
    return next(option for option in options if shop.machine[option] == machine)


class Naming(NamedTuple):
    """What the numbers stand for."""

    jobs: list[str]
    operations: list[int]
    """Place of each operation in its job's list."""
    machines: list[str]


def shop_of(problem: Problem) -> tuple[Shop, Naming]:
    """The arrays of a problem that has been checked, and their names."""
    machines = {name: i for i, name in enumerate(problem.machines)}
    resources = {name: i for i, name in enumerate(problem.resources)}
    calendars = {name: i for i, name in enumerate(problem.calendars)}
    products = {name: i for i, name in enumerate(dict.fromkeys(_products(problem)))}
    job: list[int] = []
    product: list[int] = []
    places: list[int] = []
    before: list[list[int]] = []
    operations: list[Operation] = []
    for j, spec in enumerate(problem.jobs.values()):
        first, order = len(job), order_of(spec) or []
        number = {place: first + i for i, place in enumerate(order)}
        waits = before_each(spec)
        for place in order:
            job.append(j)
            product.append(products[spec.product or ""])
            places.append(place)
            before.append([number[p] for p in waits[place]])
            operations.append(spec.operations[place])
    spans = [_unrolled(calendar, horizon_of(problem)) for calendar in problem.calendars.values()]
    setup_at, setups = _setups(problem, products)
    jobs = list(problem.jobs.values())
    shop = Shop(
        job=_ints(job),
        before_at=_starts(before),
        before=_ints(b for some in before for b in some),
        option_at=_starts(operation.on for operation in operations),
        machine=_ints(machines[m] for operation in operations for m in operation.on),
        duration=_ints(d for operation in operations for d in operation.on.values()),
        need_at=_starts(operation.needs for operation in operations),
        need=_ints(resources[r] for operation in operations for r in operation.needs),
        need_count=_ints(c for operation in operations for c in operation.needs.values()),
        whole=_ints(not operation.interruptible for operation in operations),
        product=_ints(product),
        release=_ints(spec.release for spec in jobs),
        due=_ints(NEVER if spec.due is None else spec.due for spec in jobs),
        weight=_ints(spec.weight for spec in jobs),
        calendar=_ints(-1 if m.calendar is None else calendars[m.calendar] for m in problem.machines.values()),
        span_at=_starts(spans),
        spans=_rows(spans),
        setup_at=_ints(setup_at),
        setup=_ints(setups),
        products=_ints((len(products),)),
        made=_ints(products[m.made or ""] for m in problem.machines.values()),
        capacity=_ints(r.count for r in problem.resources.values()),
        weights=_ints((problem.objective.makespan, problem.objective.tardiness)),
    )
    return shop, Naming(list(problem.jobs), places, list(problem.machines))


def is_classical(shop: Shop) -> bool:
    """Whether it is a (flexible) job shop whose makespan counts: serial jobs, and nothing but machines and work."""
    first = np.append(True, shop.job[1:] != shop.job[:-1])
    serial = len(shop.before) == len(shop.job) - int(first.sum()) and bool(
        np.all(np.diff(shop.before_at) == ~first) and np.all(shop.before == np.flatnonzero(~first) - 1)
    )
    plain = not len(shop.need) and bool(np.all(shop.calendar < 0) and np.all(shop.setup_at < 0))
    return serial and plain and shop.weights[1] == 0


def _ints(values: object) -> Ints:
    return np.fromiter(values, np.int64)  # type: ignore[call-overload]


def _starts(parts: object) -> Ints:
    return np.fromiter(accumulate((len(part) for part in parts), initial=0), np.int64)  # type: ignore[attr-defined]


def _rows(calendars: list[list[tuple[int, int]]]) -> Ints:
    rows = [
        (start, end, worked)
        for spans in calendars
        for (start, end), worked in zip(spans, accumulate((e - s for s, e in spans), initial=0), strict=False)
    ]
    return np.array(rows, np.int64).reshape(-1, 3).T.copy()


def _products(problem: Problem) -> list[str]:
    made = [machine.made or "" for machine in problem.machines.values()]
    return ["", *made, *(job.product or "" for job in problem.jobs.values())]


def _setups(problem: Problem, products: Mapping[str, int]) -> tuple[list[int], list[int]]:
    """For each machine where its table starts, and the tables: before times after."""
    at: list[int] = []
    tables: list[int] = []
    for machine in problem.machines.values():
        rules = {(change.before, change.after): change for change in machine.setups}
        table = [change_time(rules, before, after) for before in products for after in products]
        at.append(len(tables) if any(table) else -1)
        tables += table if any(table) else []
    return at, tables


def change_time(rules: Mapping[tuple[str, str], Change], before: str, after: str) -> int:
    """The time of a set-up, by the most exact rule; from a product to itself only a rule that names both counts."""
    if before == after and before:
        pairs = [(before, after)]
    elif before:
        pairs = [(before, after), (ANY, after), (before, ANY), (ANY, ANY)]
    else:
        pairs = [(ANY, after), (ANY, ANY)]
    return next((rules[pair].time for pair in pairs if pair in rules), 0)


def horizon_of(problem: Problem) -> int:
    """A time by which everything is done when nothing is ever done at the same time as anything else."""
    slowest = max((change.time for machine in problem.machines.values() for change in machine.setups), default=0)
    total = max(job.release for job in problem.jobs.values())
    for job in problem.jobs.values():
        for operation in job.operations:
            total += max(_elapsed(problem, m, time, slowest, operation) for m, time in operation.on.items())
    return total


def _elapsed(problem: Problem, machine: str, work: int, setup: int, operation: Operation) -> int:
    """The most time that passes for some work on a machine with its set-up, begun at the worst moment."""
    calendar = problem.calendars.get(problem.machines[machine].calendar or "")
    if calendar is None:
        return work + setup
    if calendar.period is None:
        return calendar.on[-1][1]
    on = sum(end - start for start, end in calendar.on)
    whole = 0 if operation.interruptible else 2
    return calendar.period * (-(-work // on) + -(-setup // on) + 2 + whole)


def _unrolled(calendar: WorkCalendar, horizon: int) -> list[tuple[int, int]]:
    """The spans of a calendar from 0 to a horizon, those that touch as one."""
    if calendar.period is None:
        return merged(calendar.on)
    times = min(-(-horizon // calendar.period) + 1, _SPANS // len(calendar.on) + 1)
    return merged((s + k * calendar.period, e + k * calendar.period) for k in range(times) for s, e in calendar.on)
