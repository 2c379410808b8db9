"""What is odd in a submission: it is taken all the same, and whoever can act sees why.

Pure functions of what is said now and what the same member said of other months.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from lineside.exchange import Catalogue, Indicator, Remark, Value, month_name
from lineside.hub.combinations import combined

SAME_MONTHS = 6
"""A share that is the same to the last digit for so many months is looked at."""
NEAR_MONTHS = 3
"""So far back a value is compared with the last one, so that a month that is left out hides no jump."""
LOSING = frozenset({"availability", "performance", "quality", "oee", "first_pass_yield"})
"""Of these something is always lost: exactly 1 for long says that losses are not counted."""

Before = Callable[[int], Mapping[str, float]]
"""What was said of a month (since the year 0), by indicator; what is absent is not in it."""


def remarks(month: int, values: Sequence[Value], catalogue: Catalogue, before: Before) -> tuple[Remark, ...]:
    """Everything odd of a month (since the year 0), by indicator in the order in which they were said.

    What was said of the month itself before is what a correction takes the place of.
    """
    found: list[Remark] = []
    for one in values:
        if one.value is not None:
            indicator = catalogue.indicators[one.indicator]
            found += _impossible(one.value, indicator)
            found += _sudden(one.value, indicator, month, before)
            if one.origin == "measured":
                found += _unproven(one, indicator)
                found += _still(one.value, indicator, month, before)
    return (*found, *combined(values, before(month), catalogue))


def _impossible(value: float, indicator: Indicator) -> Iterator[Remark]:
    if not indicator.low <= value <= indicator.high:
        yield _remark("bounds", indicator, value=value, low=indicator.low, high=indicator.high)
    elif indicator.nonzero and value == 0:
        yield _remark("nothing", indicator)
    elif indicator.whole and not value.is_integer():
        yield _remark("whole", indicator, value=value)


def _sudden(value: float, indicator: Indicator, month: int, before: Before) -> Iterator[Remark]:
    """Against the last month that was told, the next one where that came first, and what is corrected."""
    back = range(month - 1, month - 1 - NEAR_MONTHS, -1)
    last = next((at for at in back if indicator.id in before(at)), None)
    for at in [last, month + 1]:
        if at is not None and (other := before(at).get(indicator.id)) is not None:
            yield from _apart("jump", value, other, indicator, at)
    if (corrected := before(month).get(indicator.id)) is not None:
        yield from _apart("corrected", value, corrected, indicator, month)


def _apart(key: str, value: float, other: float, indicator: Indicator, at: int) -> Iterator[Remark]:
    told: dict[str, str | float] = {"value": value, "before": other, "month": month_name(at)}
    if abs(value - other) > indicator.jump:
        yield _remark(key, indicator, **told, jump=indicator.jump)
    elif indicator.times and max(value, other) > indicator.times * min(value, other):
        yield _remark(f"{key}_times", indicator, **told, times=indicator.times)


def _unproven(told: Value, indicator: Indicator) -> Iterator[Remark]:
    if told.coverage is None:
        yield _remark("no_coverage", indicator)
    elif told.coverage < indicator.coverage:
        yield _remark("coverage", indicator, coverage=told.coverage, least=indicator.coverage)
    if told.evidence is None:
        yield _remark("no_evidence", indicator)


def _still(value: float, indicator: Indicator, month: int, before: Before) -> Iterator[Remark]:
    """A share of time or units that has not moved at all; shares of machines may well stand, and so may 0 and 1."""
    whole = value in (0.0, 1.0)
    if indicator.unit != "share" or not indicator.coverage or (whole and (not value or indicator.id not in LOSING)):
        return
    if all(before(month - back).get(indicator.id) == value for back in range(1, SAME_MONTHS)):
        yield _remark("lossless" if whole else "still", indicator, value=value, months=SAME_MONTHS)


def _remark(key: str, indicator: Indicator, **fields: str | float) -> Remark:
    return Remark(key=key, indicator=indicator.id, fields=dict(fields))
