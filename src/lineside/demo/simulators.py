"""Runs the machines of a demo plant inside the running event loop: SHDR adapters and the OPC UA server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from lineside.demo.adapter import ShdrAdapter
from lineside.demo.assembly import Assembly
from lineside.demo.plan import DemoPlan
from lineside.demo.plantfile import ASSEMBLY
from lineside.demo.tape import Tape


def wall_clock() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


class Simulators:
    """The machines of a demo plant, live from entering the context until leaving it.

    Right after `prepare` they go on from where the history ended. Later they begin afresh at the clock's
    time: counters at zero, recordings at a lively place, and no claim about the time in between.
    """

    def __init__(self, plan: DemoPlan, clock: Callable[[], int] = wall_clock) -> None:
        self._plan = plan
        self._clock = clock
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        from lineside.demo.opcua import AssemblyServer

        plan, now = self._plan, self._clock()
        anchor, since = (plan.timetable.now, 0) if plan.line is not None else (now, now)
        line = plan.line or Assembly.afresh(plan.timetable, plan.seed, now)
        async with AsyncExitStack() as stack:
            plays = []
            for machine in plan.recorded:
                adapter = ShdrAdapter(Tape(machine, anchor), plan.ports[machine.id], self._clock, since)
                plays.append((await stack.enter_async_context(adapter)).play)
            server = AssemblyServer(line, plan.ports[ASSEMBLY], self._clock)
            plays.append((await stack.enter_async_context(server)).play)
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            for play in plays:
                stack.callback(tasks.create_task(play()).cancel)
            self._running = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.aclose()
