"""What is odd in a submission: it is taken all the same, and whoever can act sees why.

Pure functions of what is said now and what the same member said of the months before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from lineside.exchange import Catalogue, Indicator, Remark, Value, month_name

SAME_MONTHS = 6
"""A share that is the same to the last digit for so many months is looked at."""
ROUNDING = 0.005
"""So far OEE may lie from what its factors allow, as each may have been rounded to a tenth of a percent."""
_FACTORS = ("availability", "performance", "quality")

Before = Callable[[int], Mapping[str, float]]
"""What was said of a month (since the year 0), by indicator; what is absent is not in it."""


def remarks(month: int, values: Sequence[Value], catalogue: Catalogue, before: Before) -> tuple[Remark, ...]:
    """Everything odd of a month (since the year 0), by indicator in the order in which they were said."""
    last = before(month - 1)
    found: list[Remark] = []
    for one in values:
        if one.value is not None:
            indicator = catalogue.indicators[one.indicator]
            found += _of_one(one, one.value, indicator, last.get(one.indicator), month)
            if one.origin == "measured" and last.get(one.indicator) == one.value:
                found += _still(one.value, indicator, month, before)
    return (*found, *_product(values, catalogue))


def _of_one(told: Value, value: float, indicator: Indicator, last: float | None, month: int) -> Iterator[Remark]:
    if not indicator.low <= value <= indicator.high:
        yield _remark("bounds", indicator, value=value, low=indicator.low, high=indicator.high)
    if last is not None and abs(value - last) > indicator.jump:
        yield _remark("jump", indicator, value=value, before=last, month=month_name(month - 1), jump=indicator.jump)
    if told.origin == "measured":
        yield from _measured(told, indicator)


def _measured(told: Value, indicator: Indicator) -> Iterator[Remark]:
    if told.coverage is None:
        yield _remark("no_coverage", indicator)
    elif told.coverage < indicator.coverage:
        yield _remark("coverage", indicator, coverage=told.coverage, least=indicator.coverage)
    if told.evidence is None:
        yield _remark("no_evidence", indicator)


def _still(value: float, indicator: Indicator, month: int, before: Before) -> Iterator[Remark]:
    """A share of time or units that has not moved at all; shares of machines may well stand, and so may 0 and 1."""
    if indicator.unit != "share" or not indicator.coverage or value in (0.0, 1.0):
        return
    if all(before(month - back).get(indicator.id) == value for back in range(2, SAME_MONTHS)):
        yield _remark("still", indicator, value=value, months=SAME_MONTHS)


def _product(told: Sequence[Value], catalogue: Catalogue) -> Iterator[Remark]:
    """An OEE that no lines with these factors have.

    Of one line it is their product. Of several all four are means, and their OEE need not be: it lies between what the
    factors leave when their losses never fall together, and the least of what each alone allows.
    """
    values = {one.indicator: one.value for one in told if one.value is not None}
    if not {"oee", *_FACTORS} <= values.keys():
        return
    availability, performance, quality = (values[name] for name in _FACTORS)
    fastest = catalogue.of("performance").high
    least = max(0.0, availability + performance + quality - 2)
    most = min(performance, fastest * availability, fastest * quality)
    if not least - ROUNDING <= values["oee"] <= most + ROUNDING:
        yield Remark(key="product", indicator="oee", fields={"value": values["oee"], "least": least, "most": most})


def _remark(key: str, indicator: Indicator, **fields: str | float) -> Remark:
    return Remark(key=key, indicator=indicator.id, fields=dict(fields))
