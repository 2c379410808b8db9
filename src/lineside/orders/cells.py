"""Reads single values: texts, quantities, moments, as people and ERPs write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from lineside.orders.entries import Reading, Value
from lineside.orders.fields import COSTS, STATES, FieldType, cost_of, rank_of, state_of
from lineside.orders.writing import bare
from lineside.plant import Plant, microseconds, production_day_span

LONGEST = 200
_SERIALS = (25_569, 80_000)
"""Days since 1899-12-30 as Excel counts them: from 1970 into 2119."""
_YEAR_FIRST = re.compile(r"(\d{4})(?:[-./年](\d{1,2})[-./月](\d{1,2})日?|(\d\d)(\d\d))(?!\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})([-./])(\d{1,2})[-./](\d{4})(?!\d)")
_CLOCK = re.compile(r"[T ,]*(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*([AaPp][Mm])?\s*(Z|UTC|[+-]\d\d:?\d\d)?")
_NUMBER = re.compile(r"[+-]?[\d.,'\s]*\d(?:[.,]\d+)?")
_WITH_UNIT = re.compile(r"([+-]?[\d.,'\s]*\d)\s*([^\d\s.,'].*)")
_CURRENCIES = {"€": "EUR", "$": "USD", "£": "GBP", "元": "CNY", "人民币": "CNY", "rmb": "CNY"}


class Wrong(Exception):
    """A value that is not what its field needs: a key under `orders` and its fields."""

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key)
        self.key = f"orders.{key}"
        self.fields = fields


def read_value(value: Value, type: FieldType, reading: Reading, plant: Plant) -> object:
    """The value as it is stored: text, number, list, or microseconds UTC. Raises Wrong."""
    if type in ("begin", "finish"):
        return _moment(value, reading, plant, ends=type == "finish")
    if type in ("number", "whole"):
        number = _number(value, reading)
        if number < 0 or (type == "whole" and (number != int(number) or number == 0)):
            raise Wrong("whole" if type == "whole" else "negative", value=value)
        return int(number) if type == "whole" else number
    if type == "rank":
        return _rank(value, reading)
    return _TEXTS[type](_text(value))


def _text(value: Value) -> str:
    """A text without blanks around it; numbers as people write them (Excel makes 4711 of "4711")."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = bare(" ".join(str(value).split()))
    if len(text) > LONGEST or not text.isprintable():
        raise Wrong("long", value=text[:40], most=LONGEST)
    return text


def _rank(value: Value, reading: Reading) -> int:
    if isinstance(value, str) and (rank := rank_of(value)) is not None:
        return rank
    try:
        number = _number(value, reading)
    except Wrong:
        number = -1.0
    if number < 0 or number != int(number):
        raise Wrong("rank", value=value)
    return int(number)


def _state(text: str) -> str:
    if (state := state_of(text)) is None:
        raise Wrong("state", value=text, known=", ".join(STATES))
    return state


def _what(text: str) -> str:
    if (what := cost_of(text)) is None:
        raise Wrong("what", value=text, known=", ".join(COSTS))
    return what


def _currency(text: str) -> str:
    code = _CURRENCIES.get(text.casefold(), text.upper())
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise Wrong("currency", value=text)
    return code


_TEXTS: Mapping[FieldType, Callable[[str], object]] = {
    "id": lambda text: text,
    "text": lambda text: text,
    "codes": lambda text: [part for part in map(str.strip, re.split(r"[,;|，；、]", text)) if part],
    "state": _state,
    "what": _what,
    "currency": _currency,
}


def _number(value: Value, reading: Reading) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise Wrong("number", value=value)
    if not isinstance(value, str):
        number = float(value)
        if number - number != 0:
            raise Wrong("number", value=value)
        return number
    if unit := _WITH_UNIT.fullmatch(value.strip()):
        raise Wrong("unit", value=value, number=unit[1].strip(), unit=unit[2])
    if not _NUMBER.fullmatch(value.strip()):
        raise Wrong("number", value=value)
    return float(_pointed(re.sub(r"[\s']", "", value), reading.decimal))


def _pointed(text: str, decimal: str | None) -> str:
    """The digits of a number with a decimal point and without marks between thousands. Raises Wrong."""
    marks = [mark for mark in text if mark in ".,"]
    if not marks:
        return text
    decimal = decimal or decimal_mark(text)
    if decimal is None:
        raise Wrong("thousands", value=text)
    other = "," if decimal == "." else "."
    if not re.fullmatch(rf"[+-]?(\d+|\d{{1,3}}(\{other}\d{{3}})+)(\{decimal}\d*)?", text):
        raise Wrong("decimal", value=text, mark=decimal)
    return text.replace(other, "").replace(decimal, ".")


def decimal_mark(text: str) -> str | None:
    """The decimal mark that a number cannot do without; None where it has none or could do without."""
    marks = [mark for mark in text if mark in ".,"]
    if not marks:
        return None
    last = marks[-1]
    if len(set(marks)) == 2 and marks.count(last) == 1:
        return last
    if len(marks) > 1:
        return "," if last == "." else "."
    whole, _, rest = text.partition(last)
    return last if len(rest) != 3 or len(whole.lstrip("+-")) > 3 or whole.strip("+-") in ("", "0") else None


def _moment(value: Value, reading: Reading, plant: Plant, *, ends: bool) -> int:
    """Microseconds UTC; of a date alone the begin or the end of its production day."""
    try:
        told = _told_time(value, reading)
        if isinstance(told, datetime):
            return microseconds(told if told.tzinfo else told.replace(tzinfo=plant.site.zone))
        return production_day_span(told, plant.site.zone, plant.site.production_day_starts)[int(ends)]
    except (ValueError, OverflowError):
        raise Wrong("moment", value=value) from None


def _told_time(value: Value, reading: Reading) -> date | datetime:
    if isinstance(value, date):
        return value
    if value is None or isinstance(value, bool | time | timedelta):
        raise ValueError(value)
    text = str(value).strip()
    if re.fullmatch(r"\d{4,5}(\.\d+)?", text) and _SERIALS[0] <= float(text) <= _SERIALS[1]:
        return serial(float(text))
    day, rest = _day(text, reading)
    if not rest.strip():
        return day
    clock = _CLOCK.fullmatch(rest)
    if clock is None:
        raise ValueError(text)
    hour = int(clock[1])
    if clock[4]:
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + 12 * (clock[4].lower() == "pm")
    later = day if (hour, int(clock[2])) != (24, 0) else day + timedelta(days=1)
    told = datetime.combine(later, time(hour % 24 if later != day else hour, int(clock[2]), int(clock[3] or 0)))
    return datetime.fromisoformat(f"{told.isoformat()}{_offset(clock[5])}") if clock[5] else told


def _offset(text: str) -> str:
    return "+00:00" if text in ("Z", "UTC") else text


def serial(days: float) -> date | datetime:
    """What Excel's count of days means: a date, or with a fraction a moment to the second."""
    told = datetime(1899, 12, 30) + timedelta(seconds=round(days * 86_400))  # noqa: DTZ001 local to the plant
    return told.date() if days.is_integer() else told


def _day(text: str, reading: Reading) -> tuple[date, str]:
    """The day a text begins with, and the rest. Raises Wrong where day and month cannot be told apart."""
    if found := _YEAR_FIRST.match(text):
        year, month, day = (int(part) for part in found.groups() if part)
    elif found := _YEAR_LAST.match(text):
        first, mark, second, year = int(found[1]), found[2], int(found[3]), int(found[4])
        day_first = reading.day_first
        if day_first is None:
            day_first = True if mark == "." or first > 12 else False if second > 12 else None
        if day_first is None and first != second:
            raise Wrong("day_month", value=text)
        day, month = (first, second) if day_first else (second, first)
    else:
        raise ValueError(text)
    return date(year, month, day), text[found.end() :]


def day_first(text: str) -> bool | None:
    """What a date proves of the order of day and month; None: nothing."""
    found = _YEAR_LAST.match(text.strip())
    if found is None:
        return None
    if found[2] == "." or int(found[1]) > 12:
        return True
    return False if int(found[3]) > 12 else None
