"""When the demo plant works: three shifts, their breaks, the orders of the assembly line, and the line's own clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lineside.plant import Calendar, Shift, ShiftSpan, Span, microseconds, moment, shift_spans, subtract
from lineside.plant import union as together

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
HISTORY_DAYS = 14
ORDERS_AHEAD_DAYS = 14
CLOCK_DAYS = 400
"""How far ahead the line's clock is laid out; a demo that runs longer is started again in between."""

DAY_STARTS = time(6)
_EVERY_DAY = frozenset(range(7))
SHIFTS = (("early", time(6), time(14)), ("late", time(14), time(22)), ("night", time(22), time(6)))
_BREAK_AFTER = (timedelta(hours=4), timedelta(hours=2))
_BREAK = timedelta(minutes=30)

_PRODUCTS_BY_SHIFT = ("pump-a", "pump-a", "pump-a", "pump-a", "pump-b", "pump-b")
_CLEANING_EVERY = 21
_CLEANING_IN = 10


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """A stretch of shifts in which the assembly line makes one product."""

    number: int
    product: str
    start: int
    end: int
    working_s: float


@dataclass(frozen=True, slots=True)
class Timetable:
    """Everything about time that follows from the zone and the moment the demo was set up."""

    zone: ZoneInfo
    now: int
    start: int
    breaks: tuple[tuple[time, time], ...]

    def calendar(self) -> Calendar:
        """The plant's calendar: three shifts on seven days, one break each."""
        shifts = tuple(
            Shift(name=name, days=_EVERY_DAY, start=begin, end=end, breaks=(pause,))
            for (name, begin, end), pause in zip(SHIFTS, self.breaks, strict=True)
        )
        return Calendar(id="three-shift", name="Three shifts", shift=shifts, holidays=(), override=())

    def spans(self, end: int) -> list[ShiftSpan]:
        """The shifts from the start of the history to `end`, in order."""
        return [
            s for s in shift_spans(self.calendar(), self.zone, DAY_STARTS, self.start, end) if s.start >= self.start
        ]

    def runs(self, end: int) -> list[PlannedRun]:
        """What the line is asked to make up to `end`; the cleaning shift between two runs has no order."""
        spans = self.spans(end)
        today = sum(span.end <= self.now for span in spans)
        runs: list[PlannedRun] = []
        for index, span in enumerate(spans):
            if (index - today - _CLEANING_IN) % _CLEANING_EVERY == 0:
                continue
            product = _PRODUCTS_BY_SHIFT[index % len(_PRODUCTS_BY_SHIFT)]
            working = sum(b - a for a, b in span.planned) / 1e6
            last = runs[-1] if runs else None
            if last is not None and last.product == product and last.end == span.start:
                runs[-1] = PlannedRun(last.number, product, last.start, span.end, last.working_s + working)
            else:
                runs.append(PlannedRun(len(runs) + 1, product, span.start, span.end, working))
        return runs

    def line_clock(self, start: int) -> LineClock:
        """The assembly line's own clock from `start` on: it stands in breaks and where no order is."""
        end = max(self.now, start) + CLOCK_DAYS * DAY_US
        pauses = [pause for span in self.spans(end) for pause in span.breaks]
        idle = subtract([(self.start, end)], [(run.start, run.end) for run in self.runs(end)])
        return LineClock(start, [(max(a, start), b) for a, b in together([*pauses, *idle]) if b > start])


def timetable(now: int, zone: ZoneInfo, days: int = HISTORY_DAYS) -> Timetable:
    """The timetable of a demo set up at `now`: so many days back to a production day's start, no break within the hour.

    A demo opened in a break would show a standing line; so each shift takes its break where `now` leaves room.
    """
    first = moment(now, zone).date() - timedelta(days=days)
    start = _local(first, DAY_STARTS, zone)
    breaks = tuple(_break(begin, now, zone) for _, begin, _ in SHIFTS)
    return Timetable(zone, now, start, breaks)


def _break(shift_start: time, now: int, zone: ZoneInfo) -> tuple[time, time]:
    today = moment(now, zone).date()
    for after in _BREAK_AFTER:
        begin = _later(shift_start, after)
        days = (today - timedelta(days=1), today, today + timedelta(days=1))
        starts = [_local(day, begin, zone) for day in days]
        if all(s + _BREAK // timedelta(microseconds=1) <= now or s >= now + HOUR_US for s in starts):
            break
    return begin, _later(begin, _BREAK)


def _local(day: date, clock: time, zone: ZoneInfo) -> int:
    return microseconds(moment(0, zone).combine(day, clock, tzinfo=zone))


def _later(clock: time, by: timedelta) -> time:
    minutes = clock.hour * 60 + clock.minute + by // timedelta(minutes=1)
    return time(minutes // 60 % 24, minutes % 60)


class LineClock:
    """Turns working seconds of the line into wall time and back; it stands still in every closure."""

    def __init__(self, start: int, closures: Sequence[Span]) -> None:
        spans = np.asarray(closures, np.int64).reshape(-1, 2)
        lengths = spans[:, 1] - spans[:, 0]
        before = np.concatenate(([0], np.cumsum(lengths)))
        self.start = start
        self.closed = spans
        self.stands_at: NDArray[np.float64] = (spans[:, 0] - start - before[:-1]) / 1e6
        self._skipped = before

    def wall(self, working_s: NDArray[np.float64]) -> NDArray[np.int64]:
        """Wall time in microseconds of moments on the line's clock; a moment at a closure is its end."""
        skipped = self._skipped[np.searchsorted(self.stands_at, working_s, "right")]
        micro = np.rint(working_s * 1e3).astype(np.int64) * 1000
        wall: NDArray[np.int64] = micro + (skipped + self.start)
        return wall

    def wall_of(self, working_s: float) -> int:
        """Wall time of one moment on the line's clock."""
        return int(self.wall(np.array([working_s]))[0])

    def working_s(self, wall: int) -> float:
        """The line's clock at a wall time."""
        index = int(np.searchsorted(self.closed[:, 0], wall, "right"))
        if index and wall < self.closed[index - 1, 1]:
            return float(self.stands_at[index - 1])
        return float(wall - self.start - self._skipped[index]) / 1e6
