"""How a person writes times, days and zones in the plant file; each parser says what it expected."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lineside.plant.states import ASSIGNABLE, State


class Misworded(ValueError):
    """A value the file words in a way nobody can read; carries the key of its sentence."""

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key)
        self.key = key
        self.fields = fields


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$")


def parse_clock(raw: object) -> time:
    """A local time of day from "06:00" (or a TOML local time); "24:00" is midnight."""
    if isinstance(raw, time):
        return raw
    match = _CLOCK.match(raw.strip()) if isinstance(raw, str) else None
    if match is None:
        raise Misworded("plant.clock", value=raw)
    hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return time(0 if (hour, minute, second) == (24, 0, 0) else hour, minute, second)
    except ValueError:
        raise Misworded("plant.clock", value=raw) from None


def parse_moment(raw: object) -> date | datetime | None:
    """A date, or a date and time, as TOML or in quotes."""
    if raw is None or isinstance(raw, date):
        return raw
    for kind in (date, datetime):
        try:
            return kind.fromisoformat(str(raw))
        except ValueError:
            continue
    raise Misworded("plant.moment", value=raw)


def parse_break(raw: object) -> tuple[time, time]:
    """A break from "09:00-09:15"."""
    if isinstance(raw, tuple):
        return raw
    parts = re.split(r"\s*[-–]\s*", raw) if isinstance(raw, str) else []
    if len(parts) != 2:
        raise Misworded("plant.break", value=raw)
    return parse_clock(parts[0]), parse_clock(parts[1])


def parse_days(raw: object) -> frozenset[int]:
    """Weekdays (0 = Monday) from "mon-fri", "sat,sun", "daily" or a list of them."""
    if isinstance(raw, frozenset):
        return raw
    words = raw if isinstance(raw, list) else re.split(r"\s*,\s*", raw) if isinstance(raw, str) else None
    if not words:
        raise Misworded("plant.days", value=raw)
    days: set[int] = set()
    for word in words:
        days |= _day_range(str(word).strip().lower())
    return frozenset(days)


def _day_range(word: str) -> set[int]:
    if word == "daily":
        return set(range(7))
    ends = [_DAYS.index(part[:3]) if part[:3] in _DAYS else None for part in re.split(r"\s*-\s*", word)]
    if None in ends or len(ends) > 2:
        raise Misworded("plant.days", value=word)
    first, last = ends[0] or 0, ends[-1] or 0
    return {day % 7 for day in range(first, (last if last >= first else last + 7) + 1)}


def parse_zone(raw: object) -> str:
    """An IANA time zone name that this machine knows."""
    try:
        return ZoneInfo(str(raw)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Misworded("plant.zone", value=raw) from None


def parse_state(raw: object) -> State:
    """A state a rule may name."""
    if raw in [state.value for state in ASSIGNABLE]:
        return State(str(raw))
    raise Misworded("plant.state", value=raw, known=", ".join(ASSIGNABLE))


def parse_topic_part(raw: object) -> str:
    """A name that stands between two slashes of an MQTT topic."""
    if isinstance(raw, str) and raw.strip() == raw and raw and not set(raw) & set("/+#\0"):
        return raw
    raise Misworded("plant.topic_part", value=raw)
