"""What one replication counted, as every engine gives it back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

WORKING, SETUP, WAITING, BLOCKED, DOWN, OFF, STARVED = range(7)
STATES = ("working", "setup", "waiting", "blocked", "down", "off", "starved")


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Counts and sums from the warm-up to the horizon, by position in the model: products, stations, buffers, ...

    Buffers are the stations' own queues in the order of the stations, then the named ones. A line without products
    has one, without a name.
    """

    span: float
    out: Ints
    """Parts gone out, by product."""
    scrapped: Ints
    lead_sum: Floats
    """Sum of (time gone out - time entered) of the parts gone out, by product."""
    wip_area: float
    """Integral of the number of parts in the line."""
    station_left: Ints
    """Parts that left each station."""
    station_time: Floats
    """(stations, 7) time of all its servers in each of STATES."""
    buffer_area: Floats
    """Integral of the level."""
    buffer_empty: Floats
    buffer_full: Floats
    """Time at capacity or above; 0 for a buffer without limit."""
    buffer_waited: Ints
    """Parts that left each buffer, those included that went straight on."""
    buffer_wait: Floats
    """Sum of their waits."""
    source_came: Ints
    source_lost: Ints
    order_done: Floats
    """When each order was complete; NaN when it never was. Not cut by the warm-up."""
    stuck: float
    """When nothing could happen any more though parts were in the line (a deadlock); NaN when it went on."""
    departures: dict[int, list[float]] = field(default_factory=dict)
    """When parts left each station, from time 0 on; kept only on request."""
