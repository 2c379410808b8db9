"""The two threads of a search: one climbs, the other climbs for a while and then asks CP-SAT."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lineside.twin.schedule.bounds import simple_bound
from lineside.twin.schedule.decoding import IMPOSSIBLE, floor_of, schedule
from lineside.twin.schedule.exact import Exact, hint, model_of, read, solver
from lineside.twin.schedule.plan import Step
from lineside.twin.schedule.search import Found, search
from lineside.twin.schedule.shop import Shop, is_classical

_HEAD_START = 0.06
_SLICE = 0.25


class Run:
    """One search: what it knows, and what its two threads do."""

    def __init__(self, shop: Shop, horizon: int, seconds: float, seed: int, tell: Callable[[Step], None]) -> None:
        self.best: Found | None = None
        self.bound = simple_bound(shop)
        self.history: list[Step] = []
        self.failure: BaseException | None = None
        self._shop, self._seed, self._tell, self._seconds = shop, seed, tell, seconds
        self._began: float | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._solver: Any = None
        self._building = 0.0
        self._floor = floor_of(shop)
        self._horizon, self._classical = horizon, is_classical(shop)

    def left(self) -> float:
        """Seconds; they begin with the first schedule, as a computer's first search has to be compiled before."""
        return self._seconds - self._spent()

    def _spent(self) -> float:
        return 0.0 if self._began is None else time.monotonic() - self._began

    def over(self) -> bool:
        """Whether the best is proven, or the end is wanted."""
        return self._over.is_set()

    def stop(self) -> None:
        """Ends both threads soon."""
        self._over.set()
        with self._lock:
            if self._solver is not None:
                self._solver.stop_search()

    def guarded(self, work: Callable[[], None]) -> None:
        """Does a thread's work; a failure of it ends the search and is kept."""
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told by the thread that waits
            self.failure = error
            self.stop()

    def offer(self, found: Found) -> None:
        """Takes a schedule that is better than the best."""
        with self._lock:
            if self._began is None:
                self._began = time.monotonic()
            if found.cost >= (IMPOSSIBLE if self.best is None else self.best.cost):
                return
            self.best = found
            self._told()

    def learn(self, bound: float) -> None:
        """Takes a bound that says more."""
        with self._lock:
            if bound <= self.bound:
                return
            self.bound = int(bound)
            self._told()

    def _told(self) -> None:
        if self.best is not None:
            cost = self.best.cost
            self.history.append(Step(seconds=round(self._spent(), 3), cost=cost, bound=min(self.bound, cost)))
            self._tell(self.history[-1])
            if self.bound >= cost:
                self._over.set()

    def climb(self) -> None:
        """Searches until the end."""
        for found in search(self._shop, self._seed, self.bound):
            self.offer(found)
            if self.over():
                return
        self.stop()

    def prove(self) -> None:
        """Searches for a while, then lets CP-SAT look for what is better, or prove that nothing is."""
        until = self.left() - _HEAD_START * self._seconds
        for found in search(self._shop, self._seed + 1_000_003, self.bound):
            self.offer(found)
            if self.over() or self.left() < until:
                break
        part = _SLICE * self._seconds
        while not self.over() and self.left() > 0.05 + self._building:
            self._ask(min(part, self.left()))
            part *= 2

    def _ask(self, seconds: float) -> None:
        """Lets CP-SAT work for some seconds."""
        cp, shop, best, left = solver(), self._shop, self.best, self.left()
        exact = model_of(shop, self._horizon, best.cost if best and self._classical else None)
        if best and not self._classical:
            schedule(shop, self._floor, best.order, best.choice)
            hint(shop, exact, best, self._floor)
        self._building = left - self.left()
        asked = cp.CpSolver()
        asked.parameters.num_workers = 1
        asked.parameters.random_seed = self._seed
        asked.best_bound_callback = self.learn
        with self._lock:
            if self.over() or self.left() <= 0:
                return
            self._solver = asked
            asked.parameters.max_time_in_seconds = min(seconds, self.left())
        status = asked.solve(exact.model, _listener(cp, self._heard, exact))
        with self._lock:
            self._solver = None
        if status == cp.INFEASIBLE:
            self.learn(best.cost if best else IMPOSSIBLE)
        elif status == cp.OPTIMAL:
            self.learn(round(asked.objective_value))
        if status == cp.INFEASIBLE and best is None:
            self.stop()

    def _heard(self, found: Found) -> None:
        """Takes a solution of CP-SAT."""
        cost = int(schedule(self._shop, self._floor, found.order, found.choice))
        self.offer(replace(found, cost=cost))


def _listener(cp: Any, hear: Callable[[Found], None], exact: Exact) -> Any:
    class Listener(cp.CpSolverSolutionCallback):  # type: ignore[misc]
        def on_solution_callback(self) -> None:
            hear(read(exact, self.value, self.boolean_value))

    return Listener()
