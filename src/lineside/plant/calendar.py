"""Shifts and production days of a calendar, as spans of UTC time.

Local times are turned to UTC by the plant's zone, so a day of 23 or 25 hours is exactly that long. A shift
belongs to the production day in which it starts, also when it runs over midnight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from lineside.plant.model import Calendar, Shift

Span: TypeAlias = tuple[int, int]
"""Start and end in microseconds since 1970 UTC, half-open."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ShiftSpan:
    """One occurrence of a shift."""

    name: str
    start: int
    end: int
    breaks: tuple[Span, ...]
    production_day: date

    @property
    def planned(self) -> tuple[Span, ...]:
        """The shift without its breaks: planned operation time."""
        return subtract([(self.start, self.end)], self.breaks)


def microseconds(moment: datetime) -> int:
    """An aware time as microseconds since 1970 UTC."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def moment(us: int, zone: ZoneInfo) -> datetime:
    """Microseconds since 1970 UTC as a time in `zone`."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).astimezone(zone)


def local_us(day: date, clock: time, zone: ZoneInfo) -> int:
    """The moment a wall clock in `zone` shows `clock` on `day` (the first of the two when clocks go back)."""
    return microseconds(datetime.combine(day, clock, tzinfo=zone))


def production_day_of(us: int, zone: ZoneInfo, starts: time | None) -> date:
    """The production day that `us` lies in."""
    day = moment(us, zone).date()
    return day if us >= local_us(day, starts or time(), zone) else day - _ONE_DAY


def production_day_span(day: date, zone: ZoneInfo, starts: time | None) -> Span:
    """Start and end of a production day."""
    begin = starts or time()
    return local_us(day, begin, zone), local_us(day + _ONE_DAY, begin, zone)


def production_days(start: int, end: int, zone: ZoneInfo, starts: time | None) -> Iterator[tuple[date, int, int]]:
    """Every production day that touches [start, end), with its whole span."""
    day = production_day_of(start, zone, starts)
    while True:
        first, last = production_day_span(day, zone, starts)
        if first >= end:
            return
        yield day, first, last
        day += _ONE_DAY


def shift_spans(calendar: Calendar, zone: ZoneInfo, day_starts: time | None, start: int, end: int) -> list[ShiftSpan]:
    """Every shift that touches [start, end), whole, in order of start."""
    found = []
    day = moment(start, zone).date() - 2 * _ONE_DAY
    last = moment(end, zone).date()
    while day <= last:
        found += [_occurrence(shift, day, zone, day_starts) for shift in _shifts_on(calendar, day)]
        day += _ONE_DAY
    return sorted((s for s in found if s.end > start and s.start < end), key=lambda s: s.start)


def _shifts_on(calendar: Calendar, day: date) -> Sequence[Shift]:
    for override in calendar.override:
        if override.date == day:
            return override.shifts
    if day in calendar.holidays:
        return ()
    return [shift for shift in calendar.shift if day.weekday() in shift.days]


def _occurrence(shift: Shift, day: date, zone: ZoneInfo, day_starts: time | None) -> ShiftSpan:
    def at(clock: time, after: time) -> int:
        return local_us(day if clock > after else day + _ONE_DAY, clock, zone)

    start = local_us(day, shift.start, zone)
    breaks = []
    for begin, finish in shift.breaks:
        first = start if begin == shift.start else at(begin, shift.start)
        breaks.append((first, at(finish, shift.start)))
    return ShiftSpan(
        shift.name,
        start,
        at(shift.end, shift.start),
        tuple(breaks),
        production_day_of(start, zone, day_starts),
    )


def clip(spans: Sequence[Span], start: int, end: int) -> tuple[Span, ...]:
    """The parts of `spans` inside [start, end)."""
    return tuple((max(a, start), min(b, end)) for a, b in spans if a < end and b > start)


def union(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The same time as disjoint spans in order."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def subtract(spans: Sequence[Span], holes: Sequence[Span]) -> tuple[Span, ...]:
    """The time of `spans` that no hole covers."""
    merged = union(holes)
    left: list[Span] = []
    for start, end in union(spans):
        at = start
        for hole_start, hole_end in merged:
            if hole_end <= at or hole_start >= end:
                continue
            if hole_start > at:
                left.append((at, hole_start))
            at = max(at, hole_end)
        if at < end:
            left.append((at, end))
    return tuple(left)


def intersect(left: Sequence[Span], right: Sequence[Span]) -> tuple[Span, ...]:
    """The time both cover."""
    merged = union(right)
    return tuple(part for start, end in union(left) for part in clip(merged, start, end))


def seconds(spans: Sequence[Span]) -> float:
    """Length of disjoint spans in seconds."""
    return sum(end - start for start, end in spans) / 1_000_000
