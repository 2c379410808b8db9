"""What a replication counts: set to zero, and written out."""

from __future__ import annotations

from typing import Any

from lineside.twin import cells as cell
from lineside.twin.draws import compiled
from lineside.twin.layout import World


@compiled
def set_to_zero(w: World) -> None:
    """Sets every sum to zero."""
    w.x[cell.RUN_WIP_AREA] = 0.0
    for i in range(3 * w.n[cell.RUN_PRODUCTS]):
        w.x[w.n[cell.RUN_MADE] + i] = 0.0
    for i in range(w.n[cell.RUN_STATION_N]):
        station = w.n[cell.RUN_STATIONS] + i * cell.STATION_SIZE
        w.n[station + cell.STATION_LEFT] = 0
        for state in range(w.n[cell.RUN_STATES]):
            w.x[w.n[station + cell.STATION_TIME_IN] + state] = 0.0
    for i in range(w.n[cell.RUN_BUFFER_N]):
        buffer = w.n[cell.RUN_BUFFERS] + i * cell.BUFFER_SIZE
        w.n[buffer + cell.BUFFER_WAITED] = 0
        w.x[buffer + cell.BUFFER_AREA] = w.x[buffer + cell.BUFFER_WAIT] = 0.0
        w.x[buffer + cell.BUFFER_EMPTY] = w.x[buffer + cell.BUFFER_FULL] = 0.0
    for i in range(w.n[cell.RUN_SOURCE_N]):
        source = w.n[cell.RUN_SOURCES] + i * cell.SOURCE_SIZE
        w.n[source + cell.SOURCE_CAME] = w.n[source + cell.SOURCE_LOST] = 0


@compiled
def write_row(w: World, row: Any) -> None:
    """Writes what a replication counted, in the order `tally_of` reads it."""
    made = 3 * w.n[cell.RUN_PRODUCTS]
    for i in range(made):
        row[i] = w.x[w.n[cell.RUN_MADE] + i]
    row[made], row[made + 1] = w.x[cell.RUN_WIP_AREA], w.x[cell.RUN_STUCK]
    at = made + 2
    for i in range(w.n[cell.RUN_STATION_N]):
        station, states = w.n[cell.RUN_STATIONS] + i * cell.STATION_SIZE, w.n[cell.RUN_STATES]
        time_in = w.n[station + cell.STATION_TIME_IN]
        row[at] = w.n[station + cell.STATION_LEFT]
        for state in range(states):
            row[at + 1 + state] = w.x[time_in + state]
        at += 1 + states
    for i in range(w.n[cell.RUN_BUFFER_N]):
        buffer = w.n[cell.RUN_BUFFERS] + i * cell.BUFFER_SIZE
        row[at], row[at + 1] = w.x[buffer + cell.BUFFER_AREA], w.x[buffer + cell.BUFFER_EMPTY]
        row[at + 2], row[at + 3] = w.x[buffer + cell.BUFFER_FULL], w.x[buffer + cell.BUFFER_WAIT]
        row[at + 4] = w.n[buffer + cell.BUFFER_WAITED]
        at += 5
    for i in range(w.n[cell.RUN_SOURCE_N]):
        source = w.n[cell.RUN_SOURCES] + i * cell.SOURCE_SIZE
        row[at], row[at + 1] = w.n[source + cell.SOURCE_CAME], w.n[source + cell.SOURCE_LOST]
        at += 2
    for i in range(w.n[cell.RUN_ORDER_N]):
        row[at] = w.x[w.n[cell.RUN_ORDERS] + i * cell.ORDER_SIZE + cell.ORDER_DONE]
        at += 1
