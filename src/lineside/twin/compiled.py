"""Runs the compiled engine: replications in threads, with progress, until they are done or unwanted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TypeAlias

import numpy as np

from lineside.errors import LinesideError
from lineside.twin import cells as cell
from lineside.twin.laying import world_of
from lineside.twin.layout import FIRST_PARTS, Names, World
from lineside.twin.model import Line
from lineside.twin.tally import STATES, Floats, Tally

Tell: TypeAlias = Callable[[float], None]
"""Hears how much is done, from 0 to 1; may raise to stop the run."""

_EVENTS_A_TURN = 2_000_000


def row_size(names: Names) -> int:
    """How many numbers one replication gives."""
    return sum(_sizes(names))


def tally_of(row: Floats, names: Names, span: float, departures: dict[int, list[float]] | None = None) -> Tally:
    """A row as a tally."""
    parts = np.split(row, np.cumsum(_sizes(names))[:-1])
    made, wip, stations, buffers, sources, done = parts
    out, scrapped, lead_sum = made.reshape(3, -1)
    by_station = stations.reshape(-1, 1 + len(STATES))
    by_buffer = buffers.reshape(-1, 5)
    by_source = sources.reshape(-1, 2)[: len(names.sources)]
    return Tally(
        span=span,
        out=out.astype(np.int64),
        scrapped=scrapped.astype(np.int64),
        lead_sum=lead_sum,
        wip_area=float(wip[0]),
        station_left=by_station[:, 0].astype(np.int64),
        station_time=by_station[:, 1:],
        buffer_area=by_buffer[:, 0],
        buffer_empty=by_buffer[:, 1],
        buffer_full=by_buffer[:, 2],
        buffer_waited=by_buffer[:, 4].astype(np.int64),
        buffer_wait=by_buffer[:, 3],
        source_came=by_source[:, 0].astype(np.int64),
        source_lost=by_source[:, 1].astype(np.int64),
        order_done=done,
        stuck=float(wip[1]),
        departures=departures or {},
    )


def _sizes(names: Names) -> list[int]:
    """How many numbers of a row are of products, the whole line, stations, buffers, sources and orders."""
    return [
        3 * len(names.products),
        2,
        (1 + len(STATES)) * len(names.stations),
        5 * len(names.buffers),
        2 * names.feeds,
        len(names.orders),
    ]


class Runner:
    """One thread's World of a line, used for one replication after the other."""

    def __init__(self, line: Line, horizon: float, warmup: float, seed: int, departures: int = 0) -> None:
        self._line = line
        self._horizon, self._warmup, self._seed = horizon, warmup, seed
        self._departures = departures
        self._parts = FIRST_PARTS
        self.world: World = world_of(line, departures, self._parts)

    def run(self, replication: int, row: Floats, tell: Tell) -> None:
        """Runs one replication and writes what it counted into `row`.

        `tell` hears the share of the time that is done. Raises LinesideError with `twin.endless` for a line in
        which time stands still.
        """
        from lineside.twin import events

        while True:
            events.begin(self.world, self._seed, replication)
            if self._to(np.nextafter(self._warmup, 0.0) if self._warmup else None, tell) and self._to(
                self._horizon, tell
            ):
                break
            self._parts *= 4
            self.world = world_of(self._line, self._departures, self._parts)
        events.collect(self.world, row)

    def _to(self, until: float | None, tell: Tell) -> bool:
        """Lets events happen up to a time; False when there is no room for the parts."""
        from lineside.twin import events
        from lineside.twin.kernel.clocks import ENDLESS, PAUSED, REACHED

        if until is None:
            return True
        while True:
            code = events.advance(self.world, until, _EVENTS_A_TURN)
            tell(float(self.world.x[cell.RUN_NOW]) / self._horizon)
            if code == ENDLESS:
                raise LinesideError("twin.endless", time=float(self.world.x[cell.RUN_NOW]), station="-")
            if code != PAUSED:
                break
        if code == REACHED and until < self._warmup:
            events.clear(self.world)
        return bool(code == REACHED)

    def departures(self) -> dict[int, list[float]]:
        """When parts left each station, of the last replication."""
        world, first = self.world, int(self.world.n[cell.RUN_STATIONS])
        at, n = int(world.n[cell.RUN_DEPARTED]), int(world.n[cell.RUN_DEPARTED_N])
        found: dict[int, list[float]] = {i: [] for i in range(len(self._line.stations))}
        for k in range(n):
            station = (int(world.n[at + 2 * k]) - first) // cell.STATION_SIZE
            found[station].append(float(world.x[at + 2 * k + 1]))
        return found


def replicate(
    make: Callable[[], Runner], *, size: int, replications: int, threads: int, tell: Tell, first: int = 0
) -> Floats:
    """One row a replication from `first` on, (replications, size); the same whatever the number of threads.

    Each thread makes its runner.
    """
    rows = np.zeros((replications, size))
    numbers = count()
    done = [0.0] * threads
    lock = threading.Lock()
    stopped = threading.Event()

    def work(thread: int) -> None:
        runner = make()
        finished = 0

        def told(share: float) -> None:
            done[thread] = finished + share
            if stopped.is_set():
                raise _Stopped
            with lock:
                tell(min(sum(done) / replications, 1.0))

        while (replication := next(numbers)) < replications:
            runner.run(first + replication, rows[replication], told)
            finished += 1

    if threads == 1:
        work(0)
        return rows
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(_watched, work, thread, stopped) for thread in range(threads)]
    for future in futures:
        future.result()
    return rows


class _Stopped(Exception):
    """Another thread has failed."""


def _watched(work: Callable[[int], None], thread: int, stopped: threading.Event) -> None:
    try:
        work(thread)
    except _Stopped:
        return
    except BaseException:
        stopped.set()
        raise
