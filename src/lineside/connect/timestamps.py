"""Reads the timestamps machines write, exactly to the microsecond."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,12}))?(Z|[+-]\d\d:?\d\d)?(?:@\d+(?:\.\d*)?)?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_REMEMBERED_SECONDS = 4096

EARLIEST = (datetime(1990, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""A machine's clock before 1990 was never set."""
AHEAD = timedelta(days=1) // _MICROSECOND
"""How far ahead of ours a machine's clock may run before its times are set aside."""


class Timestamps:
    """Turns ISO 8601 texts into microseconds; it remembers the second last read, as machines repeat it."""

    def __init__(self) -> None:
        self._seconds: dict[str, int | None] = {}

    def read(self, text: str) -> int | None:
        """Microseconds since 1970 UTC, or None for a text that is no moment.

        A text without offset is UTC, as MTConnect says. Digits beyond the microsecond are cut; a duration
        behind `@` is ignored.
        """
        match = _STAMP.fullmatch(text)
        if match is None:
            return None
        second, fraction, offset = match.groups()
        known = self._seconds.get(second, -1)
        if known == -1:
            known = self._remember(second)
        if known is None:
            return None
        time = known + (int(fraction[:6].ljust(6, "0")) if fraction else 0)
        return time if offset is None or offset == "Z" else time - _offset(offset)

    def _remember(self, second: str) -> int | None:
        if len(self._seconds) >= _REMEMBERED_SECONDS:
            self._seconds.clear()
        try:
            known = (datetime.fromisoformat(second).replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
        except ValueError:
            known = None
        self._seconds[second] = known
        return known


def _offset(text: str) -> int:
    hours, minutes = int(text[1:3]), int(text[-2:])
    return (hours * 60 + minutes) * (60_000_000 if text[0] == "+" else -60_000_000)


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970 UTC of an aware moment; a naive one is taken as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


def plausible(time: int, now: int) -> bool:
    """True when a machine's clock can have said this: from 1990 to a day ahead of `now`."""
    return EARLIEST <= time <= now + AHEAD
