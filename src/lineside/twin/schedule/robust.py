"""How sure a plan is: the chance of each job to be on time, and which of several plans to take."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from lineside.errors import ConfigurationError
from lineside.twin import cells as cell
from lineside.twin.estimates import mean_of_sample, wilson
from lineside.twin.layout import World
from lineside.twin.memory import Memory
from lineside.twin.schedule.plan import Plan
from lineside.twin.schedule.problem import Problem, operation_names
from lineside.twin.schedule.shop import Ints, Naming, Shop, option_on, shop_of
from lineside.twin.schedule.verify import violations
from lineside.twin.streams import name_hash
from lineside.twin.tally import Floats

_TURN = 200
"""Replications between two looks at whether to go on."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Estimate(_Part):
    """An estimate with its 95 % interval."""

    mean: float
    low: float
    high: float


class JobProspect(_Part):
    """What to expect of a job."""

    on_time: Estimate | None
    """The chance; None without a due date."""
    completed_mean: float
    completed_95: float
    """Done by then in 95 of 100 runs."""


class Prospect(_Part):
    """What to expect of a plan."""

    replications: int
    seed: int
    cost: Estimate
    makespan_mean: float
    makespan_5: float
    makespan_95: float
    all_on_time: Estimate | None
    """The chance that no job is late; None where no job has a due date."""
    jobs: Mapping[str, JobProspect]


def varies(problem: Problem) -> bool:
    """Whether the problem says anything about how times vary or machines fail."""
    by_machine = any(m.variation is not None or m.failures for m in problem.machines.values())
    return by_machine or any(o.variation is not None for job in problem.jobs.values() for o in job.operations)


def evaluate(
    problem: Problem,
    plan: Plan,
    *,
    replications: int = 1000,
    seed: int = 1,
    tell: Callable[[float], None] = lambda _: None,
) -> Prospect:
    """What becomes of a plan over many runs with the variation that the problem names.

    The luck of each operation and machine is the same for every plan of one seed, so plans can be compared run by
    run. `tell` hears the share done and may raise to stop. Raises ConfigurationError for a plan of another problem.
    """
    shop, _ = shop_of(problem)
    return _prospect(problem, shop, completions(problem, plan, replications, seed, tell), seed)


def most_robust(
    problem: Problem, plans: Sequence[Plan], *, replications: int = 1000, seed: int = 1
) -> tuple[int, list[Prospect]]:
    """The place of the plan whose mean cost over the same runs is least, and the prospect of each."""
    prospects = [evaluate(problem, plan, replications=replications, seed=seed) for plan in plans]
    return min(range(len(plans)), key=lambda i: prospects[i].cost.mean), prospects


def completions(
    problem: Problem, plan: Plan, replications: int, seed: int, tell: Callable[[float], None] = lambda _: None
) -> Floats:
    """When each job is done in each replication."""
    from lineside.twin.schedule.execution import execute

    if broken := violations(problem, plan):
        first = f"{broken[0].path}: {broken[0].sentence()}"
        raise ConfigurationError("schedule.other_plan", count=len(broken), first=first)
    shop, naming = shop_of(problem)
    order, choice = _sequences(problem, shop, naming, plan)
    fate, world = _fate(problem, shop, naming)
    completed = np.zeros((replications, len(problem.jobs)))
    for k in range(0, replications, _TURN):
        execute(shop, fate, world, order, choice, seed, k, completed[k : k + _TURN])
        tell(min(k + _TURN, replications) / replications)
    return completed


def numbers_of(problem: Problem, shop: Shop, naming: Naming) -> dict[tuple[str, str], int]:
    """The number of each operation, by its job's name and its own."""
    names = {job: operation_names(spec) for job, spec in problem.jobs.items()}
    return {
        (naming.jobs[job], names[naming.jobs[job]][place]): v
        for v, (job, place) in enumerate(zip(shop.job.tolist(), naming.operations, strict=True))
    }


def _sequences(problem: Problem, shop: Shop, naming: Naming, plan: Plan) -> tuple[Ints, Ints]:
    """The plan's order and the option each operation takes."""
    number = numbers_of(problem, shop, naming)
    machines = {name: i for i, name in enumerate(naming.machines)}
    choice = shop.option_at[:-1].copy()
    start = np.zeros(len(choice), np.int64)
    for o in plan.operations:
        v = number[o.job, o.operation]
        choice[v] = option_on(shop, v, machines[o.machine])
        start[v] = o.start
    return np.argsort(start, kind="stable"), choice


def _fate(problem: Problem, shop: Shop, naming: Naming) -> tuple[Any, World]:
    """The laws of all that varies, with a stream for each operation, failure and repair."""
    from lineside.twin.schedule.execution import Fate

    memory = Memory()
    memory.record(cell.RUN_SIZE)
    factors: list[int] = []
    factor_streams: list[str] = []
    machines = list(problem.machines.values())
    for v, place in enumerate(naming.operations):
        job = naming.jobs[int(shop.job[v])]
        spec = problem.jobs[job].operations[place]
        stream = f"job/{job}/{operation_names(problem.jobs[job])[place]}/work"
        factor_streams.append(stream)
        can = shop.machine[int(shop.option_at[v]) : int(shop.option_at[v + 1])].tolist()
        factors += [memory.law(spec.variation or machines[machine].variation, stream) for machine in can]
    modes = [
        (f"machine/{name}/{{}}/{mode}", failure)
        for name, machine in problem.machines.items()
        for mode, failure in machine.failures.items()
    ]
    lives, repairs = [path.format("life") for path, _ in modes], [path.format("repair") for path, _ in modes]
    life = [memory.law(f.time_to_failure, s) for (_, f), s in zip(modes, lives, strict=True)]
    repair = [memory.law(f.repair, s) for (_, f), s in zip(modes, repairs, strict=True)]
    names = [*factor_streams, *lives, *repairs]
    first = memory.record(cell.STREAM_SIZE, len(names))
    at = {name: first + i * cell.STREAM_SIZE for i, name in enumerate(names)}
    memory.write(0, "RUN", streams=first, stream_n=len(names))
    memory.write(0, "RUN", tables=memory.store(memory.tables), table_n=len(memory.tables))
    fate = Fate(
        _ints(factors),
        _ints([at[name] for name in factor_streams]),
        _ints(list(accumulate((len(m.failures) for m in machines), initial=0))),
        _ints(life),
        _ints([at[name] for name in lives]),
        _ints(repair),
        _ints([at[name] for name in repairs]),
    )
    cells = np.zeros(len(memory.cells), np.int64)
    world = World(cells, cells.view(np.float64), cells.view(np.uint64))
    for place, value in enumerate(memory.cells):
        (world.x if isinstance(value, float) else world.n)[place] = value
    for name, place in at.items():
        world.bits[place + cell.STREAM_NAME] = name_hash(name)
    return fate, world


def _ints(values: list[int]) -> Ints:
    return np.array(values, np.int64)


def _prospect(problem: Problem, shop: Shop, completed: Floats, seed: int) -> Prospect:
    late = np.maximum(completed - shop.due, 0.0)
    makespan = completed.max(axis=1)
    cost = problem.objective.makespan * makespan + problem.objective.tardiness * (late * shop.weight).sum(axis=1)
    n, due = len(completed), [spec.due is not None for spec in problem.jobs.values()]
    on_time = late <= 0
    jobs = {
        name: JobProspect(
            on_time=_share(int(on_time[:, j].sum()), n) if due[j] else None,
            completed_mean=float(completed[:, j].mean()),
            completed_95=float(np.quantile(completed[:, j], 0.95)),
        )
        for j, name in enumerate(problem.jobs)
    }
    mean = mean_of_sample(cost)
    half = mean.high - mean.mean if math.isfinite(mean.high) else 0.0
    return Prospect(
        replications=n,
        seed=seed,
        cost=Estimate(mean=mean.mean, low=mean.mean - half, high=mean.mean + half),
        makespan_mean=float(makespan.mean()),
        makespan_5=float(np.quantile(makespan, 0.05)),
        makespan_95=float(np.quantile(makespan, 0.95)),
        all_on_time=_share(int(on_time.all(axis=1).sum()), n) if any(due) else None,
        jobs=jobs,
    )


def _share(inside: int, of: int) -> Estimate:
    told = wilson(inside, of)
    return Estimate(mean=told.mean, low=told.low, high=told.high)
