"""Which months and quarters are ripe: so long over that those who are late have spoken, too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def last_ripe(now_us: int, zone: ZoneInfo, days: int) -> int:
    """The last month (since the year 0) that ended `days` days ago or earlier, by the calendar of the zone."""
    moment = datetime.fromtimestamp(now_us / 1_000_000, UTC).astimezone(zone) - timedelta(days=days)
    return moment.year * 12 + moment.month - 2


def day(now_us: int, zone: ZoneInfo) -> str:
    """The day it is in the zone, as 2026-11-20."""
    return datetime.fromtimestamp(now_us / 1_000_000, UTC).astimezone(zone).date().isoformat()


def quarters(first: int, last: int) -> list[tuple[str, int]]:
    """The quarters of which every month lies from `first` to `last`: name, as 2026-Q3, and first month."""
    begin = -(-first // 3)
    return [(f"{at // 4:04d}-Q{at % 4 + 1}", at * 3) for at in range(begin, (last + 1) // 3)]
