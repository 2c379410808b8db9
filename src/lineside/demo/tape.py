"""Lays recorded working periods over the demo's calendar, for ever, with whole seconds between them.

A period is moved as one piece, so order and distances inside it stay as recorded. Between two periods the
machine is UNAVAILABLE, as the originals were when the machines were switched off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lineside.demo.recordings import Period, RecordedMachine, periods

_MINUTE = 60_000_000
_LOOK_AHEAD_MIN = 20


@dataclass(frozen=True, slots=True)
class Placed:
    """A period that begins at `start` (microseconds UTC)."""

    start: int
    period: Period

    @property
    def end(self) -> int:
        """When the machine becomes unavailable again."""
        return self.start + self.period.length


class Tape:
    """The endless repetition of one machine's periods; at `anchor` the machine is in the midst of work."""

    def __init__(self, machine: RecordedMachine, anchor: int) -> None:
        self.machine = machine
        self._places: list[tuple[int, Period]] = []
        at = 0
        for period in periods(machine.recording):
            self._places.append((at, period))
            at += period.length + machine.pause_min * _MINUTE
        self._cycle = at + (machine.rest_min - machine.pause_min) * _MINUTE
        self._origin = anchor // 1_000_000 * 1_000_000 - _liveliest(self._places, self._cycle)

    def placed(self, start: int, end: int) -> Iterator[Placed]:
        """Every period that touches [start, end), in order."""
        turn = (start - self._origin) // self._cycle - 1
        while (begin := self._origin + turn * self._cycle) < end:
            for at, period in self._places:
                placed = Placed(begin + at, period)
                if placed.end > start and placed.start < end:
                    yield placed
            turn += 1

    def playing(self, time: int) -> Placed | None:
        """The period that covers `time`, or None between two."""
        return next(self.placed(time, time + 1), None)

    def silence(self) -> list[str]:
        """Lines that say of every item that nothing is known."""
        return [f"{item.address}|UNAVAILABLE" + "||||" * (item.kind == "condition") for item in self.machine.items]

    def lines(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """Everything the adapter says in [start, end): moment and line without its time."""
        for placed in self.placed(start - 1, end):
            offset = placed.period.offset
            first, last = np.searchsorted(offset, (start - placed.start, end - placed.start)).tolist()
            moments = (offset[first:last] + placed.start).tolist()
            yield from zip(moments, placed.period.lines[first:last], strict=True)
            if start <= placed.end < end:
                yield from ((placed.end, line) for line in self.silence())


def _liveliest(places: Sequence[tuple[int, Period]], cycle: int) -> int:
    """The moment of the cycle, to the minute, with most ACTIVE time just ahead of it while ACTIVE itself."""
    active = [(at + a, at + b) for at, period in places for a, b in period.active]

    def worth(moment: int) -> tuple[bool, int]:
        end = moment + _LOOK_AHEAD_MIN * _MINUTE
        ahead = sum(min(b, end) - max(a, moment) for a, b in active if a < end and b > moment)
        return any(a <= moment < b for a, b in active), ahead

    return max(range(0, cycle, _MINUTE), key=worth)
