"""The problem as a model of CP-SAT, exact in everything: calendars, set-ups and resources too.

An operation takes one *mode*: an option and how long it is interrupted by off-shift time. Of a mode the elapsed time
is fixed, and so are the moments at which it may start; so the solver meets nothing but fixed intervals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lineside.errors import ConfigurationError
from lineside.twin.schedule.bounds import heads_and_tails
from lineside.twin.schedule.decoding import Floor, finished
from lineside.twin.schedule.search import Found
from lineside.twin.schedule.shop import Shop


def solver() -> Any:
    """CP-SAT. Raises ConfigurationError where the extra that brings it is not installed."""
    try:
        from ortools.sat.python import cp_model
    except ImportError as error:
        raise ConfigurationError("schedule.no_solver") from error
    return cp_model


@dataclass(slots=True)
class Mode:
    """One way to do an operation: `literal` says whether it is taken."""

    option: int
    machine: int
    elapsed: int
    starts: list[tuple[int, int]] | None
    literal: Any = None


def pieces(shop: Shop, calendar: int, work: int, *, whole: bool, until: int) -> dict[int, list[tuple[int, int]]]:
    """By the time off inside it, the moments (first, last) at which some work can start."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    first, last = int(shop.span_at[calendar]), int(shop.span_at[calendar + 1])
    for k in range(first, last):
        start, end = int(shop.spans[0, k]), int(shop.spans[1, k])
        if start > until:
            break
        for m in range(k, last):
            # Started at x in span k it ends in span m when its end on the axis of time on lies there.
            off = int(shop.spans[0, m] - shop.spans[2, m]) - int(start - shop.spans[2, k])
            low = max(start, int(shop.spans[0, m]) + 1 - work - off)
            high = min(end - 1, int(shop.spans[1, m]) - work - off)
            if low <= high:
                found[off].append((low, high))
            if whole or high >= end - 1:
                break
    return found


@dataclass(slots=True)
class Exact:
    """A model with the variables a solution is read from."""

    model: Any
    start: list[Any]
    modes: list[list[Mode]]
    cost: Any
    makespan: Any
    horizon: int
    arcs: list[tuple[int, int, Any]] = field(default_factory=list)


def model_of(shop: Shop, horizon: int, below: int | None) -> Exact:
    """The model of all schedules that end by a horizon and, where told, cost less than `below`."""
    cp = solver()
    model = cp.CpModel()
    head, tail = heads_and_tails(shop)
    n = len(shop.job)
    if below is not None and shop.weights[0]:
        horizon = min(horizon, (below - 1) // int(shop.weights[0]))
    horizon = max(horizon, int((head + tail).max()))
    start = [model.new_int_var(int(head[v]), max(horizon - int(tail[v]), int(head[v])), "") for v in range(n)]
    modes = [_modes(shop, v, horizon) for v in range(n)]
    end = [_take_one(cp, model, start[v], modes[v], horizon - int(tail[v])) for v in range(n)]
    for v in range(n):
        for w in shop.before[shop.before_at[v] : shop.before_at[v + 1]]:
            model.add(end[w] <= start[v])
    exact = Exact(model, start, modes, None, model.new_int_var(0, horizon, ""), horizon)
    _machines(shop, exact, end)
    _resources(shop, exact, end)
    _objective(shop, exact, end, horizon, below)
    return exact


def _modes(shop: Shop, v: int, horizon: int) -> list[Mode]:
    found = []
    for option in range(int(shop.option_at[v]), int(shop.option_at[v + 1])):
        machine, work = int(shop.machine[option]), int(shop.duration[option])
        calendar = int(shop.calendar[machine])
        if calendar < 0:
            found.append(Mode(option, machine, work, None))
        else:
            starts = pieces(shop, calendar, work, whole=bool(shop.whole[v]), until=horizon)
            found += [Mode(option, machine, work + off, when) for off, when in starts.items()]
    return found


def _take_one(cp: Any, model: Any, start: Any, modes: list[Mode], latest: int) -> Any:
    """Lets an operation take one of its modes; its end."""
    if not modes:
        model.add_bool_or([])
        return start
    for mode in modes:
        mode.literal = model.new_bool_var("") if len(modes) > 1 else model.new_constant(1)
        if mode.starts is not None:
            domain = cp.Domain.from_intervals([list(pair) for pair in mode.starts])
            model.add_linear_expression_in_domain(start, domain).only_enforce_if(mode.literal)
    if len(modes) == 1:
        model.add(start + modes[0].elapsed <= latest)
        return start + modes[0].elapsed
    model.add_exactly_one(mode.literal for mode in modes)
    end = model.new_int_var(0, max(latest, 0), "")
    model.add(end == start + sum(mode.elapsed * mode.literal for mode in modes))
    return end


def _machines(shop: Shop, exact: Exact, end: list[Any]) -> None:
    """One operation at a time on each machine, set-ups between them."""
    model = exact.model
    for machine in range(len(shop.calendar)):
        here = [(v, mode) for v, modes in enumerate(exact.modes) for mode in modes if mode.machine == machine]
        if not here:
            continue
        model.add_no_overlap(
            model.new_optional_fixed_size_interval_var(exact.start[v], mode.elapsed, mode.literal, "")
            if len(exact.modes[v]) > 1
            else model.new_fixed_size_interval_var(exact.start[v], mode.elapsed, "")
            for v, mode in here
        )
        if shop.setup_at[machine] >= 0:
            _setups(shop, exact, end, machine, here)


def _setups(shop: Shop, exact: Exact, end: list[Any], machine: int, here: list[tuple[int, Mode]]) -> None:
    """A tour through the machine's operations; between neighbours on it the set-up is done in time on."""
    model, products = exact.model, int(shop.products[0])
    table = shop.setup[int(shop.setup_at[machine]) :][: products * products].reshape(products, products)
    literals: dict[int, list[Any]] = defaultdict(list)
    for v, mode in here:
        literals[v].append(mode.literal)
    nodes = {v: i for i, v in enumerate(literals, 1)}
    arcs = [(0, 0, empty := model.new_bool_var(""))]
    done: dict[tuple[int, int], Any] = {}
    for v, node in nodes.items():
        present = sum(literals[v])
        away = model.new_bool_var("")
        model.add(present + away == 1)
        model.add_implication(empty, away)
        first, last = model.new_bool_var(""), model.new_bool_var("")
        arcs += [(node, node, away), (0, node, first), (node, 0, last)]
        change = int(table[shop.made[machine], shop.product[v]])
        model.add(exact.start[v] >= _done_by(shop, machine, 0, change)).only_enforce_if(first)
        for w, other in nodes.items():
            if v == w:
                continue
            follows = model.new_bool_var("")
            arcs.append((node, other, follows))
            exact.arcs.append((v, w, follows))
            change = int(table[shop.product[v], shop.product[w]])
            if (v, change) not in done:
                done[v, change] = _after_setup(shop, exact, end[v], machine, change)
            model.add(exact.start[w] >= done[v, change]).only_enforce_if(follows)
    model.add_circuit(arcs)


def _done_by(shop: Shop, machine: int, time: int, work: int) -> int:
    return int(finished(shop, int(shop.calendar[machine]), time, work))


def _after_setup(shop: Shop, exact: Exact, end: Any, machine: int, change: int) -> Any:
    """When a set-up is done that begins at an operation's end."""
    calendar = int(shop.calendar[machine])
    if calendar < 0 or change == 0:
        return end + change
    cp, model, literals = solver(), exact.model, []
    # The end is one moment after a moment on; so the set-up with that moment is work that starts there.
    for off, when in pieces(shop, calendar, change + 1, whole=False, until=exact.horizon).items():
        literal = model.new_bool_var("")
        domain = cp.Domain.from_intervals([[a + 1, b + 1] for a, b in when])
        model.add_linear_expression_in_domain(end, domain).only_enforce_if(literal)
        literals.append((off, literal))
    free = model.new_bool_var("")  # where the operation is done elsewhere, its end need not lie in this calendar
    model.add_exactly_one([free, *(literal for _, literal in literals)])
    return end + change + sum(off * literal for off, literal in literals) + _LATE * free


_LATE = 2**40


def _resources(shop: Shop, exact: Exact, end: list[Any]) -> None:
    model = exact.model
    users: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for v in range(len(shop.job)):
        for k in range(int(shop.need_at[v]), int(shop.need_at[v + 1])):
            users[int(shop.need[k])].append((v, int(shop.need_count[k])))
    for resource, taken in users.items():
        intervals = []
        for v, _ in taken:
            size = model.new_int_var(0, exact.horizon, "")
            model.add(size == end[v] - exact.start[v])
            intervals.append(model.new_interval_var(exact.start[v], size, end[v], ""))
        model.add_cumulative(intervals, [count for _, count in taken], int(shop.capacity[resource]))


def _objective(shop: Shop, exact: Exact, end: list[Any], horizon: int, below: int | None) -> None:
    model, cost = exact.model, int(shop.weights[0]) * exact.makespan
    waited = set(shop.before.tolist())
    for v in range(len(shop.job)):
        if v not in waited and shop.weights[0]:
            model.add(exact.makespan >= end[v])
    if shop.weights[1]:
        for job in range(len(shop.release)):
            weight = int(shop.weight[job] * shop.weights[1])
            if weight and shop.due[job] < horizon:
                late = model.new_int_var(0, horizon, "")
                for last in set(np.flatnonzero(shop.job == job).tolist()) - waited:
                    model.add(late >= end[last] - int(shop.due[job]))
                cost += weight * late
    exact.cost = cost
    if below is not None:
        model.add(cost <= below - 1)
    model.minimize(cost)


def hint(shop: Shop, exact: Exact, found: Found, floor: Floor) -> None:
    """Tells the solver a schedule to begin with."""
    model, start, end = exact.model, floor.start, floor.end
    for v, variable in enumerate(exact.start):
        model.add_hint(variable, int(start[v]))
        for mode in exact.modes[v]:
            if len(exact.modes[v]) > 1:
                taken = mode.option == found.choice[v] and mode.elapsed == end[v] - start[v]
                model.add_hint(mode.literal, bool(taken))
    following = dict(_neighbours(shop, found))
    for v, w, literal in exact.arcs:
        model.add_hint(literal, following.get(v) == w)
    model.add_hint(exact.makespan, int(end.max()))


def _neighbours(shop: Shop, found: Found) -> Iterator[tuple[int, int]]:
    last: dict[int, int] = {}
    for v in found.order.tolist():
        machine = int(shop.machine[found.choice[v]])
        if machine in last:
            yield last[machine], v
        last[machine] = v


def read(exact: Exact, value: Any, boolean: Any) -> Found:
    """The schedule of a solution as an order; its cost is still to be told."""
    start = np.array([value(variable) for variable in exact.start], np.int64)
    choice = np.array(
        [next(mode.option for mode in modes if len(modes) == 1 or boolean(mode.literal)) for modes in exact.modes],
        np.int64,
    )
    return Found(0, np.argsort(start, kind="stable"), choice)
