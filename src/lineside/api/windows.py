"""Windows of time as a caller writes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from litestar.params import QueryParameter

from lineside.errors import ConfigurationError
from lineside.plant import Plant, microseconds

From = Annotated[str, QueryParameter(name="from", description="Start: ISO 8601 or epoch milliseconds.")]
To = Annotated[str, QueryParameter(name="to", description="End, not included.")]
_LONGEST = timedelta(days=3660)


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
        raise ConfigurationError("api.moment", value=text) from None


def parse_window(start: str, end: str, plant: Plant) -> tuple[int, int]:
    """A half-open window. Raises ConfigurationError when it is empty, backwards or longer than ten years."""
    first, last = parse_moment(start, plant), parse_moment(end, plant)
    if last <= first:
        raise ConfigurationError("api.window_empty", start=start, end=end)
    if last - first > _LONGEST // timedelta(microseconds=1):
        raise ConfigurationError("api.window_long", days=(last - first) // 86_400_000_000)
    return first, last
