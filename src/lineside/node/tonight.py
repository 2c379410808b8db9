"""What a line will have made by the end of the shift, and which orders will be on time, from its state now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lineside.errors import ConfigurationError
from lineside.measure import order_span, pace_of, planned_time, shifts_of
from lineside.node.twins import Twins
from lineside.plant import Order, ShiftSpan, rank_of_order
from lineside.twin import OUT
from lineside.twin.fit import REJECTED, Record, Twin
from lineside.twin.validate import LEVEL, Ahead, Moment, Past, ahead, chance, moment_of

_HOUR_US = 3_600_000_000
_BEHIND_US = 36 * _HOUR_US
_FARTHEST_US = 24 * _HOUR_US
_POINTS = 60

Moments = npt.NDArray[np.float64]


def tonight(twins: Twins, line: str) -> dict[str, Any]:
    """The forecast of a line as JSON, times in epoch milliseconds.

    Raises ConfigurationError when the line has no twin, one that was not tried or is worse than plain guesses, or no
    running shift.
    """
    return _Tonight(twins, twins.trusted(line), line).told()


class _Tonight:
    """One forecast."""

    def __init__(self, twins: Twins, twin: Twin, line: str) -> None:
        self.twins, self.twin, self.line = twins, twin, line
        self.now, self.plant = twins.now(), twins.timeline().newest
        self.shift = self._shift()
        begin = min(self.now - _BEHIND_US, self.shift.start)
        self.past = Past(twins.record(line, begin, self.now))
        self.zero = begin / 1e6
        self.outs = [s for s, name in enumerate(self.past.record.stations) if self._goes_out(name)]
        self.orders = [order for order in self.plant.orders if order.line == line]

    def told(self) -> dict[str, Any]:
        seen = ahead(self.twin, self._from_now(self.shift.end))
        made = self._made(self.past.record, self.shift.start / 1e6 - self.zero)
        path = [
            {"time_ms": self._ms(t), "mean": len(made) + mean, "low": len(made) + low, "high": len(made) + high}
            for t, mean, low, high in seen.band()
        ]
        shift = {"name": self.shift.name, "start_ms": self.shift.start // 1000, "end_ms": self.shift.end // 1000}
        last = {end: path[-1][end] for end in ("mean", "low", "high")}
        return {
            "line": self.line,
            "made_ms": self.now // 1000,
            "shift": shift,
            "units": {"now": len(made), **last, "level": LEVEL},
            "made": self._steps(made),
            "path": path,
            "orders": list(self._orders(seen)),
        }

    def _ms(self, seconds_ahead: float) -> int:
        return self.now // 1000 + round(seconds_ahead * 1000)

    def _shift(self) -> ShiftSpan:
        machines = self.plant.machines_of(self.line)
        machine = self.plant.machines[pace_of(self.plant, self.line) or machines[0].id]
        spans = shifts_of(self.plant, machine, self.now, self.now + 1)
        running = next((span for span in spans if span.start <= self.now < span.end), None)
        if running is None:
            raise ConfigurationError("node.no_shift", line=self.line)
        return running

    def _goes_out(self, station: str) -> bool:
        known = self.twin.line.stations.get(station)
        return known is not None and any(route.to == OUT for route in known.to)

    def _from_now(self, until: int) -> Moment:
        """The state now, with the planned time and the orders up to `until`."""
        at = self.now / 1e6 - self.zero
        moment = moment_of(self.past, at, until / 1e6 - self.zero)
        on = {}
        for machine in self.plant.machines_of(self.line):
            planned = planned_time(self.plant, machine, self.now, until).spans
            spans = [(self.now, until)] if planned is None else planned
            on[machine.id] = np.array([((a - self.now) / 1e6, (b - self.now) / 1e6) for a, b in spans]).reshape(-1, 2)
        planned_due = self._due(until)
        due = dict.fromkeys(moment.due, planned_due) if planned_due else moment.due
        return replace(moment, on=on, due=due)

    def _due(self, until: int) -> list[tuple[float, str]]:
        """From when on which product, by the orders; of those that begin together by the most urgent."""
        due: list[tuple[float, str]] = []
        begins = sorted(
            (order_span(order, self.plant)[0], -rank_of_order(order.priority), order.product) for order in self.orders
        )
        for start, _, product in begins:
            if start < until and product in self.past.record.products:
                ahead_s = max((start - self.now) / 1e6, 0.0)
                due = [one for one in due if one[0] < ahead_s] + [(ahead_s, product)]
        return due if due and due[0][0] == 0.0 else []

    def _made(self, record: Record, since: float, product: str | None = None) -> Moments:
        """When good units left the line since a time, in order."""
        visits = record.visits
        which = np.isin(visits.station, self.outs) & (visits.finished >= since) & (visits.result != REJECTED)
        if product is not None and product in record.products:
            which &= visits.product == record.products.index(product)
        return np.sort(visits.finished[which])

    def _steps(self, made: Moments) -> list[dict[str, Any]]:
        times = np.linspace(self.shift.start / 1e6 - self.zero, self.now / 1e6 - self.zero, _POINTS)
        counts = np.searchsorted(made, times, side="right")
        pairs = zip(times.tolist(), counts.tolist(), strict=True)
        return [{"time_ms": round((time + self.zero) * 1000), "units": count} for time, count in pairs]

    def _orders(self, seen: Ahead) -> Iterator[dict[str, Any]]:
        """Orders that are running, with the chance that all their units are made by their end."""
        for order in self.orders:
            start, end = order_span(order, self.plant)
            if start <= self.now < end:
                yield self._order(order, start, end, seen)

    def _order(self, order: Order, start: int, end: int, seen: Ahead) -> dict[str, Any]:
        if start / 1e6 >= self.zero:
            record, since = self.past.record, start / 1e6 - self.zero
        else:
            record, since = self.twins.record(self.line, start, self.now), 0.0
        made = len(self._made(record, since, order.product))
        told: dict[str, Any] = {
            "id": order.id,
            "product": order.product,
            "quantity": order.quantity,
            "made": made,
            "due_ms": end // 1000,
            "on_time": None,
            "expected": None,
        }
        if end - self.now > _FARTHEST_US:
            return told
        whole = seen if end == self.shift.end else ahead(self.twin, self._from_now(end))
        if order.product in whole.products:
            gone = whole.by_product[:, whole.products.index(order.product)]
            told |= {"on_time": chance(made, order.quantity, gone), "expected": made + float(gone.mean())}
        return told
