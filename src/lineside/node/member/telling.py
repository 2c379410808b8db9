"""What a hub is told of a month, which months are due, and what differs from what it was told before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from lineside.exchange import Catalogue, Value, catalogue, month_name, month_number
from lineside.history import History
from lineside.node.indicators import Evidence, MonthFacts, TwinsOf, computed, month_of, read_month
from lineside.node.member.entered import Entered
from lineside.node.member.speaking import SILENT
from lineside.node.things import indicator_thing
from lineside.orders import Ledger as Orders
from lineside.plant import Plant, Timeline, moment

TOLD_AFTER_US = 86_400_000_000
"""So long after its end a month is told: what machines said late is in it."""
ANEW = 3
"""So many of the last months are computed anew with each run."""
_COVERAGE_STEP = 0.005
_OUTPUT_VALUE = "output_value"
_MONTH_US = 31 * TOLD_AFTER_US

Released = Callable[[str], bool]
"""Whether a release lets a thing out."""


@dataclass(frozen=True, slots=True)
class MonthTold:
    """The values of a month as a hub would be told them, and the evidence of those that were computed."""

    month: str
    values: tuple[Value, ...]
    evidence: Mapping[str, Evidence]
    """By indicator."""


class Months:
    """Makes them of the facts of a plant."""

    def __init__(
        self,
        history: History,
        timeline: Callable[[], Timeline],
        orders: Callable[[], Orders],
        entered: Entered,
        twins: TwinsOf,
    ) -> None:
        self._history, self._timeline, self._orders, self._entered = history, timeline, orders, entered
        self._twins = twins

    def told(self, month: str, released: Released, now: int, *, generated: bool = False) -> MonthTold:
        """What would be said of a month. Raises UnusableData for what names none."""
        edition = catalogue()
        facts = self.facts(month, now)
        found, entered = computed(facts, edition), self._entered.of(month)
        values, evidence = [], {}
        for name in edition.indicators:
            value, document = found[name].value, found[name].evidence
            if value.absent == "not_computed" and name not in entered:
                values.append(value)
            elif not released(indicator_thing(name)):
                values.append(Value(indicator=name, absent="not_released"))
            elif value.value is None and name in entered:
                values.append(Value(indicator=name, value=entered[name].value, origin="entered"))
            else:
                values.append(value)
                if document is not None:
                    evidence[name] = document
        if generated:
            values = [_generated(one) for one in values]
        return MonthTold(month, tuple(values), evidence)

    def facts(self, month: str, now: int) -> MonthFacts:
        """All that is known of a month. Raises UnusableData for what names none."""
        worth = self._entered.of(month).get(_OUTPUT_VALUE)
        value = None if worth is None else worth.value
        return read_month(self._history, self._timeline(), self._orders(), month, now, self._twins, value)

    def window(self, month: str) -> tuple[int, int]:
        """Begin and end of a month, in microseconds since 1970."""
        return month_of(month, self._timeline().newest)

    @property
    def catalogue(self) -> Catalogue:
        """By which its values are meant."""
        return catalogue()


def _generated(value: Value) -> Value:
    """As a factory says it that is none."""
    return value if value.value is None else msgspec.structs.replace(value, origin="generated")


def over(since_us: int, now_us: int, plant: Plant) -> list[str]:
    """The months that ended after `since_us` and are over for a day, the oldest first."""
    found = []
    number = month_number(f"{moment(since_us, plant.site.zone):%Y-%m}") - 1  # the 1st may begin after midnight
    while (end := month_of(month_name(number), plant)[1]) + TOLD_AFTER_US <= now_us:
        if end > since_us:
            found.append(month_name(number))
        number += 1
    return found


def months_due(
    since_us: int, now_us: int, plant: Plant, said: Iterable[str], first: str | None = None
) -> tuple[list[str], list[str]]:
    """Months that have yet to be told, and those told that are computed anew: the last ones.

    From `first` on where it is given, whenever the release began.
    """
    known = set(said)
    begin = since_us if first is None else min(month_of(first, plant)[0], since_us)
    news = [one for one in over(begin, now_us, plant) if one not in known]
    last = over(now_us - (ANEW + 1) * _MONTH_US, now_us, plant)[-ANEW:] if first is None else over(begin, now_us, plant)
    return news, [one for one in last if one in known]


def differing(before: Mapping[str, Value], now: Iterable[Value]) -> Iterator[Value]:
    """The values that are not as they were told. What is released no more stays as it was said.

    Of an indicator that is newer than what was told, that the hub does not get it is no news.
    """
    for value in now:
        old = before.get(value.indicator)
        if old is None:
            if value.absent not in SILENT:
                yield value
            continue
        if value.absent == "not_released" and old.value is not None:
            continue
        if (old.value, old.absent, old.origin) != (value.value, value.absent, value.origin) or _moved(old, value):
            yield value


def _moved(old: Value, new: Value) -> bool:
    """Whether the coverage is another one, as when facts came late."""
    if old.coverage is None or new.coverage is None:
        return old.coverage is not new.coverage
    return abs(old.coverage - new.coverage) > _COVERAGE_STEP


def reason(before: Mapping[str, Value], changed: Iterable[Value]) -> str:
    """Why a correction is said, in words for the hub's people."""
    parts = {"entered": [], "late": [], "released": [], "new": []}  # type: dict[str, list[str]]
    for value in changed:
        old = before.get(value.indicator)
        if old is None:
            parts["new"].append(value.indicator)
        elif old.absent == "not_released":
            parts["released"].append(value.indicator)
        elif "entered" in (value.origin, old.origin):
            parts["entered"].append(value.indicator)
        else:
            parts["late"].append(value.indicator)
    words = {
        "late": "facts came late or were corrected",
        "entered": "entered by hand",
        "released": "released since",
        "new": "told for the first time",
    }
    return "; ".join(f"{words[part]}: {', '.join(parts[part])}" for part in words if parts[part])
