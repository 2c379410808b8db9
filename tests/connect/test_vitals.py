from __future__ import annotations

import sys
from typing import Any

import pytest

from lineside.connect import MemorySink, SourceSettings, Vitals
from lineside.connect.live import Delivery, now_us
from lineside.connect.observations import Observation
from lineside.connect.vitals import Failure
from lineside.history import Quality

SECOND_US = 1_000_000


class Moments:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The moment it was set to."""
        return self.now


@pytest.fixture
def clock() -> Moments:
    """A clock of this test's own."""
    return Moments()


def test_a_rate_is_that_of_the_last_minute(clock: Moments) -> None:
    """At first over the time since it began; what lies a minute back is forgotten."""
    vitals = Vitals(clock)

    vitals.heard.note(20)
    clock.now += 10
    early = vitals.heard.per_second
    clock.now += 45
    vitals.heard.note(60)
    clock.now += 30
    late = vitals.heard.per_second
    clock.now += 60

    assert (early, late, vitals.heard.per_second) == (2.0, 1.0, 0.0)


def test_the_skew_is_the_least_delay_of_ten_minutes(clock: Moments) -> None:
    """Values that come late do not hide how the clocks stand; a clock that was set right is believed after a while."""
    vitals = Vitals(clock)

    unknown = vitals.skew_s
    vitals.arrived(3_600 * SECOND_US)
    vitals.arrived(-2 * SECOND_US)
    ahead = vitals.skew_s
    clock.now += 601
    vitals.arrived(SECOND_US // 2)

    assert (unknown, ahead, vitals.skew_s) == (None, -2.0, 0.5)


def test_the_longest_queue_of_a_minute_is_kept(clock: Moments) -> None:
    """With what the conversation has not read, which is nothing once that has ended."""
    vitals = Vitals(clock)

    vitals.inbox = lambda: 7
    vitals.waits(100)
    vitals.waits(0)
    shown = vitals.waiting, vitals.most_waiting
    vitals.failed(Failure(0, "connect.closed", {}))
    vitals.waits(0)
    clock.now += 61

    assert (shown, vitals.waiting, vitals.most_waiting) == ((7, 107), 0, 0)


def test_a_year_of_figures_takes_no_more_memory_than_an_hour(clock: Moments) -> None:
    """Whatever comes, each figure keeps its few steps."""
    vitals = Vitals(clock)
    sizes = []

    for _ in range(2):
        for _ in range(2000):
            clock.now += 37.7
            vitals.heard.note(10)
            vitals.arrived(1)
            vitals.waits(3)
        sizes.append([sys.getsizeof(vars(part)) + _held(part) for part in (vitals.heard._recent, vitals._behind)])  # noqa: SLF001

    assert sizes[0] == sizes[1]


def _held(recent: Any) -> int:
    return sum(sys.getsizeof(part) for part in vars(recent).values())


async def test_a_delivery_measures_what_passes_through_it(clock: Moments) -> None:
    """Repeats count as heard, first values tell nothing of clocks, and an impossible time is dropped."""
    sink, vitals = MemorySink(), Vitals(clock)
    settings = SourceSettings.model_validate({"id": "mill", "type": "shdr", "url": "tcp://me:hush@h:1"})
    delivery = Delivery(sink, settings, {"load": "measure"}, {}, vitals)

    def load(number: float, behind_us: int) -> Observation:
        return Observation("load", now_us() - behind_us, number, None, Quality.GOOD)

    delivery.connected()
    await delivery.put([load(1.0, 3_600 * SECOND_US)])
    at_first = vitals.skew_s
    again = load(2.0, 5 * SECOND_US)
    await delivery.put([again, again, load(3.0, -2 * 86_400 * SECOND_US)])
    waiting = vitals.waiting
    await delivery.flush()
    delivery.lost("connect.closed")

    assert at_first is None
    assert vitals.skew_s is not None
    assert 5.0 <= vitals.skew_s < 8.0
    assert vitals.heard.per_second == 4.0
    assert (waiting, vitals.waiting, vitals.dropped, vitals.failures) == (3, 0, 1, 1)
    assert vitals.failure is not None
    assert vitals.failure.fields == {"source": "mill", "url": "tcp://h:1"}


async def test_what_was_kept_under_an_impossible_time_counts_as_dropped(clock: Moments) -> None:
    """As what comes now does; the rest of what a peer kept is handed on."""
    sink, vitals = MemorySink(), Vitals(clock)
    settings = SourceSettings.model_validate({"id": "mill", "type": "sparkplug", "url": "mqtt://h"})
    delivery = Delivery(sink, settings, {"load": "measure"}, {}, vitals)
    kept = Observation("load", now_us() - 3_600 * SECOND_US, 1.0, None, Quality.GOOD)

    await delivery.recall([kept, kept._replace(time=0), kept._replace(address="other", time=0)])
    await delivery.flush()

    assert sink.observations == [kept]
    assert vitals.dropped == 1
