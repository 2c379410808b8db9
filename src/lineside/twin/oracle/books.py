"""What is counted, and the time that passes in each state."""

from __future__ import annotations

import math

import numpy as np

from lineside.twin import model
from lineside.twin.oracle.parts import Buffer
from lineside.twin.oracle.stations import Station
from lineside.twin.tally import STATES, Tally


class Sums:
    """What is counted from the warm-up on."""

    def __init__(self, line: model.Line, buffers: int) -> None:
        products, stations, sources = max(1, len(line.products)), len(line.stations), len(line.sources)
        self.out = np.zeros(products, np.int64)
        self.scrapped = np.zeros(products, np.int64)
        self.lead_sum = np.zeros(products)
        self.wip_area = 0.0
        self.station_left = np.zeros(stations, np.int64)
        self.station_time = np.zeros((stations, len(STATES)))
        self.buffer_area = np.zeros(buffers)
        self.buffer_empty = np.zeros(buffers)
        self.buffer_full = np.zeros(buffers)
        self.buffer_waited = np.zeros(buffers, np.int64)
        self.buffer_wait = np.zeros(buffers)
        self.source_came = np.zeros(sources, np.int64)
        self.source_lost = np.zeros(sources, np.int64)


class Books:
    """The time, the parts in the line, and the sums from the warm-up on."""

    def __init__(self, line: model.Line, stations: list[Station], buffers: list[Buffer], warmup: float) -> None:
        self.now = 0.0
        self.in_line = 0
        self.sums = Sums(line, len(buffers))
        self.departures: dict[int, list[float]] = {station.index: [] for station in stations}
        self.order_left = [order.quantity for order in line.orders]
        self.order_done = np.full(len(line.orders), math.nan)
        self._line, self._stations, self._buffers = line, stations, buffers
        self._warmup = warmup
        self._warm = warmup == 0

    def pass_time(self, to: float) -> bool:
        """Let time pass up to then; whether any did."""
        if not self._warm and to >= self._warmup:
            self._weigh(self._warmup)
            self.sums = Sums(self._line, len(self._buffers))
            self._warm = True
        return self._weigh(to)

    def _weigh(self, to: float) -> bool:
        """Add the time from now up to the states and levels it passes in."""
        if to <= self.now:  # lives that end together can leave a clock a rounding error behind
            return False
        span, sums = to - self.now, self.sums
        sums.wip_area += span * self.in_line
        for station in self._stations:
            for server in station.servers:
                sums.station_time[station.index, server.state()] += span
        for i, buffer in enumerate(self._buffers):
            level = len(buffer.parts)
            sums.buffer_area[i] += span * level
            sums.buffer_empty[i] += span * (level == 0)
            sums.buffer_full[i] += span * (level >= buffer.capacity)
        self.now = to
        return True

    def count_for_order(self, index: int) -> None:
        """Count a part that has gone for its order."""
        self.order_left[index] -= 1
        if self.order_left[index] == 0:
            self.order_done[index] = self.now

    def tally(self, horizon: float, stuck: float, *, keep_departures: bool) -> Tally:
        """What was counted."""
        return Tally(
            span=horizon - self._warmup,
            **vars(self.sums),
            order_done=self.order_done,
            stuck=stuck,
            departures=self.departures if keep_departures else {},
        )
