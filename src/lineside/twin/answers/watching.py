"""What the servers of a simulated line do, span by span."""

from __future__ import annotations

from lineside.errors import LinesideError
from lineside.twin import cells as cell
from lineside.twin.fit.record import NOBODY, Spans
from lineside.twin.laying import world_of
from lineside.twin.layout import BLOCK, FIRST_PARTS, World
from lineside.twin.model import Line

_MOST_EVENTS = 200_000


def watched(line: Line, *, horizon: float, seed: int, replication: int = 0) -> tuple[Spans, float]:
    """The spans of all servers from time 0 on, and the time up to which they go.

    That is the horizon, or earlier after very many events: here each is stopped at, which takes its time. Raises
    LinesideError with `twin.endless` for a line in which time stands still.
    """
    parts = FIRST_PARTS
    while (seen := _seen(world_of(line, 0, parts), horizon, seed, replication)) is None:
        parts *= 4
    return seen


def _seen(world: World, horizon: float, seed: int, replication: int) -> tuple[Spans, float] | None:
    """The spans, or None when the World has too few parts."""
    import numpy as np

    from lineside.twin import events
    from lineside.twin.kernel.clocks import ENDLESS, NO_PARTS

    n, x = world.n, world.x
    events.begin(world, seed, replication)
    servers = n[cell.RUN_SERVERS] + cell.SERVER_SIZE * np.arange(n[cell.RUN_SERVER_N])
    shown = servers + cell.SERVER_SHOWN
    clocks = x[n[cell.RUN_CLOCKS] : n[cell.RUN_CLOCKS] + BLOCK * n[cell.RUN_BLOCK_N]]
    code = events.advance(world, 0.0, _MOST_EVENTS)
    doing, since, now = n[shown], [0.0] * len(servers), 0.0
    rows: list[tuple[int, int, float, float]] = []
    for _ in range(_MOST_EVENTS):
        if code == NO_PARTS:
            return None
        if code == ENDLESS:
            raise LinesideError("twin.endless", time=now, station="-")
        now = float(clocks.min())
        if now > horizon:
            now = horizon
            break
        code = events.advance(world, horizon, 1)
        does = n[shown]
        for i in map(int, np.flatnonzero(does != doing)):
            rows += [(i, int(doing[i]), since[i], now)] * (now > since[i])
            since[i] = now
        doing = does
    rows += [(i, int(doing[i]), since[i], now) for i in range(len(servers)) if now > since[i]]
    who, state, start, end = (np.array(column) for column in zip(*sorted(rows), strict=True))
    order = np.lexsort((start, who))
    station = (n[servers + cell.SERVER_STATION] - n[cell.RUN_STATIONS]) // cell.STATION_SIZE
    first = np.searchsorted(station, station)
    who = who[order].astype(int)
    return Spans(
        station[who].astype(np.int32),
        (who - first[who]).astype(np.int32),
        state[order].astype(np.int32),
        start[order],
        end[order],
        np.full(len(who), NOBODY, np.int32),
    ), now
