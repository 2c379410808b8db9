"""The months that indicators tell of, as numbers that can be counted."""

from __future__ import annotations

import re

from lineside.errors import UnusableData

_MONTH = re.compile(r"([12]\d{3})-(0[1-9]|1[0-2])")


def month_number(name: str) -> int:
    """Months since the year 0: of "2026-10" it is 24321. Raises UnusableData for what names no month."""
    found = _MONTH.fullmatch(name)
    if found is None:
        raise UnusableData("exchange.no_month", month=name[:20])
    return int(found[1]) * 12 + int(found[2]) - 1


def month_name(number: int) -> str:
    """The name of a month by its number."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
