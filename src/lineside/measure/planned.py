"""Planned busy time: by orders where the plant has them for the machine, by its calendar where not."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal

from lineside.plant import (
    Machine,
    Order,
    Plant,
    ShiftSpan,
    Span,
    clip,
    intersect,
    microseconds,
    shift_spans,
    subtract,
    union,
)

Basis = Literal["orders", "calendar"]


@dataclass(frozen=True, slots=True)
class Excluded:
    """Time that is not planned busy time, and why: a key under `measure.excluded`."""

    start: int
    end: int
    reason: Literal["break", "no_shift", "no_order", "no_machine", "planned_stop", "not_yet_heard"]


@dataclass(frozen=True, slots=True)
class Planned:
    """Planned busy time in a window; `spans` is None when nothing says what is planned."""

    spans: tuple[Span, ...] | None
    basis: Basis | None
    excluded: tuple[Excluded, ...] = ()

    def near(self, start: int, end: int) -> tuple[Span, ...]:
        """Those of the spans, which are disjoint and in order, that touch [start, end), whole."""
        spans = self.spans or ()
        first = bisect_right(spans, start, key=itemgetter(1))
        return spans[first : bisect_left(spans, end, key=itemgetter(0))]


def shifts_of(plant: Plant, machine: Machine, start: int, end: int) -> list[ShiftSpan]:
    """The shifts that plan this machine in [start, end), whole; empty without a calendar."""
    calendar = plant.calendar_of(machine)
    if calendar is None:
        return []
    return shift_spans(calendar, plant.site.zone, plant.site.production_day_starts, start, end)


def order_span(order: Order, plant: Plant) -> Span:
    """Planned start and end of an order in microseconds UTC."""
    zone = plant.site.zone
    ends = (t if t.tzinfo else t.replace(tzinfo=zone) for t in (order.start, order.end))
    start, end = (microseconds(t) for t in ends)
    return start, end


def planned_time(plant: Plant, machine: Machine, start: int, end: int) -> Planned:
    """When this machine was planned to be busy in [start, end)."""
    ordered = plant.ordered_from(machine)
    by_orders = ordered is not None and ordered < end
    orders = union([(s.start, s.end) for s in plant.spans_of(machine) if s.start < end and s.end > start])
    if plant.calendar_of(machine) is None:
        if not by_orders:
            return Planned(None, None)
        spans = clip(orders, start, end)
        return Planned(spans, "orders", _because("no_order", subtract([(start, end)], spans)))
    shifts = shifts_of(plant, machine, start, end)
    attended = clip(union([(s.start, s.end) for s in shifts]), start, end)
    operation = clip(union([span for s in shifts for span in s.planned]), start, end)
    excluded = (
        *_because("no_shift", subtract([(start, end)], attended)),
        *_because("break", subtract(attended, operation)),
    )
    if ordered is None or ordered >= end:
        return Planned(operation, "calendar", excluded)
    before = [(start, ordered)] if start < ordered else []
    spans = intersect(operation, union([*before, *orders]))
    return Planned(spans, "orders", (*excluded, *_because("no_order", subtract(operation, spans))))


def _because(reason: Literal["break", "no_shift", "no_order"], spans: tuple[Span, ...]) -> tuple[Excluded, ...]:
    return tuple(Excluded(start, end, reason) for start, end in spans)
