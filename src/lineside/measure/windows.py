"""Windows of time as a caller writes them, or all of the time there is."""

from __future__ import annotations

from contextlib import suppress
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from zoneinfo import ZoneInfo

from lineside.errors import ConfigurationError
from lineside.history import History
from lineside.measure.rows import By
from lineside.plant import Plant, Span, microseconds, moment, production_day_of, production_day_span

_LONGEST = timedelta(days=3660)
_A_MONTH = 31 * 86_400_000_000
_EVER = 2**62


def parse_moment(text: str, plant: Plant) -> int:
    """Microseconds UTC from epoch milliseconds or ISO 8601; without an offset in the plant's zone.

    Raises ConfigurationError for anything else.
    """
    return parse_moment_in(text, plant.site.zone)


def parse_moment_in(text: str, zone: ZoneInfo) -> int:
    """The same; without an offset in this zone."""
    try:
        return _moment(text, zone)
    except (ValueError, OverflowError):
        raise ConfigurationError("measure.moment", value=text) from None


def _moment(text: str, zone: ZoneInfo) -> int:
    if text.lstrip("-").isdigit() and len(text) > 8:
        us = int(text) * 1000
    else:
        # a plus sign of an offset arrives as a blank when a caller forgot to escape it
        told = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
        us = microseconds(told if told.tzinfo else told.replace(tzinfo=zone))
    if not MINYEAR < moment(us, zone).year < MAXYEAR:  # the days around it must exist too
        raise ValueError(text)
    return us


def parse_window(start: str, end: str, plant: Plant, by: By | None = None) -> Span:
    """A half-open window. Raises ConfigurationError when it is empty, backwards or longer than ten years."""
    return _checked(_edge(start, plant, by), _edge(end, plant, by), start, end)


def window_of(
    history: History, plant: Plant, start: str | None, end: str | None, now: int, by: By | None = None
) -> Span:
    """The window a caller means: an end left out is the last thing heard, a start 31 days before the end.

    What people counted was heard too. A start left out is never before the first thing heard. By shift or day a date
    is the start of that production day, and a start left out is that of the first whole one.
    Raises ConfigurationError as `parse_window` does, and when nothing was ever heard and an end is left out.
    """
    if start is not None and end is not None:
        return parse_window(start, end, plant, by)
    spans = heard_of(history, plant, now)
    if not spans:
        raise ConfigurationError("measure.no_history")
    last = max(b for _, b in spans) if end is None else _edge(end, plant, by)
    if start is not None:
        first = _edge(start, plant, by)
    else:
        month_ago = last - _A_MONTH if by in (None, "product") else _next_day(last - _A_MONTH, plant)
        first = max(min(a for a, _ in spans), month_ago)
    return _checked(first, last, start or "-", end or "-")


def heard_of(history: History, plant: Plant, now: int) -> list[Span]:
    """When anything was heard of the plant's sources, or counted by people."""
    spans = [(int(a), int(b)) for source in plant.sources for a, b in history.heard(source, -_EVER, now)]
    return spans + _told_by_hand(history, plant)


def _edge(text: str, plant: Plant, by: By | None) -> int:
    """A moment; of a date alone, where production days or shifts are asked for, the start of that production day."""
    if by in ("shift", "day"):
        with suppress(ValueError):
            day = date.fromisoformat(text.strip())
            if MINYEAR < day.year < MAXYEAR:
                return production_day_span(day, plant.site.zone, plant.site.production_day_starts)[0]
    return parse_moment(text, plant)


def _next_day(us: int, plant: Plant) -> int:
    """The first start of a production day at or after a moment."""
    zone, starts = plant.site.zone, plant.site.production_day_starts
    start, end = production_day_span(production_day_of(us, zone, starts), zone, starts)
    return start if start == us else end


def _told_by_hand(history: History, plant: Plant) -> list[Span]:
    """From the first to the last tally: a source people fill is never heard."""
    benches = [m for m in plant.machines.values() if plant.counted_by_hand(m)]
    extent = history.extent([history.series(f"{m.id}/{s}") for m in benches for s in m.signals]) if benches else None
    return [] if extent is None else [(extent[0], extent[1] + 1)]


def _checked(first: int, last: int, start: str, end: str) -> Span:
    if last <= first:
        raise ConfigurationError("measure.window_empty", start=start, end=end)
    if last - first > _LONGEST // timedelta(microseconds=1):
        raise ConfigurationError("measure.window_long", days=(last - first) // 86_400_000_000)
    return first, last
