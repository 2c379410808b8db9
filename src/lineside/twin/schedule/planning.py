"""Makes the plan that people read from an order."""

from __future__ import annotations

import numpy as np

from lineside.twin.schedule.decoding import Floor, floor_of, schedule, setup_between
from lineside.twin.schedule.plan import PLAN, Plan, PlannedJob, PlannedMachine, PlannedOperation, Step
from lineside.twin.schedule.problem import Problem, operation_names
from lineside.twin.schedule.search import Found
from lineside.twin.schedule.shop import NEVER, Ints, Naming, Shop


def settled(shop: Shop, floor: Floor, found: Found) -> tuple[Ints, int]:
    """An order by starts in which nothing could start earlier, and its cost; no operation starts later than before."""
    order, cost = found.order, int(schedule(shop, floor, found.order, found.choice))
    while True:
        start = floor.start.copy()
        order = order[np.argsort(start[order], kind="stable")]
        cost = int(schedule(shop, floor, order, found.choice))
        if np.array_equal(start, floor.start):
            return order, cost


def plan_of(
    problem: Problem, shop: Shop, naming: Naming, found: Found, *, bound: int, seed: int, history: tuple[Step, ...]
) -> Plan:
    """The plan of an order."""
    floor = floor_of(shop)
    order, cost = settled(shop, floor, found)
    names = [operation_names(job) for job in problem.jobs.values()]
    made = shop.made.copy()
    operations = []
    for v in order.tolist():
        machine = int(shop.machine[found.choice[v]])
        setup = int(setup_between(shop, machine, made[machine], shop.product[v]))
        made[machine] = shop.product[v]
        job = int(shop.job[v])
        operations.append(
            PlannedOperation(
                job=naming.jobs[job],
                operation=names[job][naming.operations[v]],
                machine=naming.machines[machine],
                start=int(floor.start[v]),
                end=int(floor.end[v]),
                setup=setup,
            )
        )
    makespan = int(floor.end.max())
    jobs = {name: _job(shop, floor.end, j) for j, name in enumerate(naming.jobs)}
    worked = np.bincount(shop.machine[found.choice], shop.duration[found.choice], len(naming.machines))
    setups = {m: sum(o.setup for o in operations if o.machine == m) for m in naming.machines}
    return Plan(
        schema=PLAN,
        name=problem.name,
        time_unit=problem.time_unit,
        cost=cost,
        bound=min(bound, cost),
        optimal=bound >= cost,
        makespan=makespan,
        weighted_tardiness=sum(spec.weight * jobs[name].late for name, spec in problem.jobs.items()),
        operations=tuple(sorted(operations, key=lambda o: o.start)),
        jobs=jobs,
        machines={
            name: _machine(shop, m, makespan, int(worked[m]), setups[name]) for m, name in enumerate(naming.machines)
        },
        seed=seed,
        seconds=history[-1].seconds if history else 0.0,
        history=history,
    )


def _job(shop: Shop, end: Ints, job: int) -> PlannedJob:
    completed = int(end[shop.job == job].max())
    due = int(shop.due[job])
    known = due < NEVER
    late = max(completed - due, 0)
    return PlannedJob(completed=completed, due=due if known else None, late=late, on_time=not late)


def _machine(shop: Shop, machine: int, makespan: int, working: int, setup: int) -> PlannedMachine:
    calendar = int(shop.calendar[machine])
    on = makespan
    if calendar >= 0:
        spans = slice(int(shop.span_at[calendar]), int(shop.span_at[calendar + 1]))
        on = int((np.minimum(shop.spans[1, spans], makespan) - np.minimum(shop.spans[0, spans], makespan)).sum())
    return PlannedMachine(working=working, setup=setup, on=on, utilisation=working / on if on else 0.0)
