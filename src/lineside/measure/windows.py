"""Windows of time as a caller writes them, or all of the time there is."""

from __future__ import annotations

from datetime import datetime, timedelta

from lineside.errors import ConfigurationError
from lineside.history import History
from lineside.plant import Plant, Span, microseconds

_LONGEST = timedelta(days=3660)
_A_MONTH = 31 * 86_400_000_000
_EVER = 2**62


def parse_moment(text: str, plant: Plant) -> int:
    """Microseconds UTC from epoch milliseconds or ISO 8601; without an offset in the plant's zone.

    Raises ConfigurationError for anything else.
    """
    try:
        if text.lstrip("-").isdigit() and len(text) > 8:
            return int(text) * 1000
        # a plus sign of an offset arrives as a blank when a caller forgot to escape it
        moment = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
        return microseconds(moment if moment.tzinfo else moment.replace(tzinfo=plant.site.zone))
    except (ValueError, OverflowError):
        raise ConfigurationError("measure.moment", value=text) from None


def parse_window(start: str, end: str, plant: Plant) -> Span:
    """A half-open window. Raises ConfigurationError when it is empty, backwards or longer than ten years."""
    first, last = parse_moment(start, plant), parse_moment(end, plant)
    if last <= first:
        raise ConfigurationError("measure.window_empty", start=start, end=end)
    if last - first > _LONGEST // timedelta(microseconds=1):
        raise ConfigurationError("measure.window_long", days=(last - first) // 86_400_000_000)
    return first, last


def window_of(history: History, plant: Plant, start: str | None, end: str | None, now: int) -> Span:
    """The window a caller means: an end left out is the last thing heard, a start 31 days before the end.

    A start left out is never before the first thing heard.
    Raises ConfigurationError when nothing was ever heard and an end is left out.
    """
    if start is not None and end is not None:
        return parse_window(start, end, plant)
    spans = [tuple(map(int, span)) for s in plant.sources for span in history.heard(s, -_EVER, now)]
    if not spans:
        raise ConfigurationError("measure.no_history")
    last = max(b for _, b in spans) if end is None else parse_moment(end, plant)
    first = max(min(a for a, _ in spans), last - _A_MONTH) if start is None else parse_moment(start, plant)
    if last <= first:
        raise ConfigurationError("measure.window_empty", start=start or "-", end=end or "-")
    return first, last
