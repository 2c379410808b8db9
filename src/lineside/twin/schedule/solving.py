"""Looks for the best schedule within a time: searches on one core, CP-SAT on the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

from lineside.errors import LinesideError
from lineside.twin.schedule.plan import Plan, Step
from lineside.twin.schedule.problem import Problem
from lineside.twin.schedule.shop import horizon_of, shop_of
from lineside.twin.schedule.verify import violations

Tell: TypeAlias = Callable[[Step], None]
"""Hears the best cost and the bound whenever one of them improves."""


def solve(
    problem: Problem,
    *,
    seconds: float = 60.0,
    seed: int = 1,
    tell: Tell = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Plan:
    """The best plan found in so many seconds, checked; its bound, and "optimal" only where that is proven.

    `stopped` is asked ten times a second; once it says so, the best plan so far is given. Raises ConfigurationError
    without CP-SAT, LinesideError where no schedule exists or none was found.
    """
    from lineside.twin.schedule.decoding import IMPOSSIBLE
    from lineside.twin.schedule.exact import solver
    from lineside.twin.schedule.planning import plan_of
    from lineside.twin.schedule.running import Run

    solver()
    shop, naming = shop_of(problem)
    run = Run(shop, horizon_of(problem), seconds, seed, tell)
    threads = [threading.Thread(target=run.guarded, args=(work,), daemon=True) for work in (run.climb, run.prove)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if stopped() or run.left() <= 0 or run.over():
            run.stop()
        threads[0].join(0.05)
        threads[1].join(0.05)
    if run.failure is not None:
        raise run.failure
    if run.best is None:
        raise LinesideError(
            "schedule.impossible" if run.bound >= IMPOSSIBLE else "schedule.none_found", seconds=seconds
        )
    plan = plan_of(problem, shop, naming, run.best, bound=run.bound, seed=seed, history=tuple(run.history))
    if broken := violations(problem, plan):
        raise LinesideError("schedule.broken", count=len(broken), first=f"{broken[0].path}: {broken[0].sentence()}")
    return plan
