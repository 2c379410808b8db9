"""When the disk will be full: a pure function of what is stored, how fast it grows and how long it is kept."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

HORIZON_DAYS = 3650
_WARN_DAYS = 7
_NOTE_DAYS = 60


@dataclass(frozen=True, slots=True)
class Growth:
    """Samples of one kind: how many there are, how many come a day, and how long they are kept (None: for ever).

    After `raw_days` only `thin_rows_per_day` of a day are left, until they are `kept_days` old.
    """

    rows: float
    rows_per_day: float
    kept_days: float | None = None
    raw_days: float | None = None
    thin_rows_per_day: float = 0.0

    def slope(self, rows: float) -> float:
        """How many more there are a day later, when there are `rows` now."""
        raw = math.inf if self.raw_days is None else self.raw_days
        kept = math.inf if self.kept_days is None else self.kept_days
        if rows < self.rows_per_day * min(raw, kept):
            return self.rows_per_day
        if kept <= raw or rows >= self.rows_per_day * raw + self.thin_rows_per_day * (kept - raw):
            return 0.0
        return self.thin_rows_per_day


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes: used by the history, taken by its files, free beside them, and meant for it (None: all of the disk)."""

    used: int
    files: int
    free: int
    budget: int | None

    @property
    def room(self) -> int:
        """How much the history may hold."""
        most = self.files + self.free
        return most if self.budget is None else min(self.budget, most)


def days_until_full(disk: Disk, kinds: Iterable[Growth], bytes_per_row: float) -> int | None:
    """The whole days left until `room` is used up; None when it is not within ten years."""
    growing = list(kinds)
    rows = [kind.rows for kind in growing]
    begun = sum(rows)
    for day in range(HORIZON_DAYS):
        if disk.used + (sum(rows) - begun) * bytes_per_row >= disk.room:
            return day
        rows = [now + kind.slope(now) for kind, now in zip(growing, rows, strict=True)]
    return None


def verdict(days: int | None) -> str:
    """`wrong` a week before the disk is full, `note` two months before, else `well`."""
    if days is None or days > _NOTE_DAYS:
        return "well"
    return "note" if days > _WARN_DAYS else "wrong"
