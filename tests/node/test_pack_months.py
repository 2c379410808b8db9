"""What came of a pack: the months before it against those after, and the twin's word against both."""

from __future__ import annotations

import random
from typing import Any

import pytest
from scipy import stats

from lineside.exchange import Foreseen
from lineside.node.packs import MonthValue, compared, months_looked_at, outlook


def months(*values: float | None, coverage: float | None = 0.95) -> list[MonthValue]:
    """Months with these values."""
    return [MonthValue(f"2026-{at + 1:02}", value, coverage) for at, value in enumerate(values)]


def test_the_months_around_it() -> None:
    """Six whole months before the one it was applied in, and those from its first on that are over."""
    before, after = months_looked_at("2026-02", "2026-03", "2026-05", None)

    assert before == ["2025-08", "2025-09", "2025-10", "2025-11", "2025-12", "2026-01"]
    assert after == ["2026-03", "2026-04", "2026-05"]


def test_the_month_in_which_it_ended_does_not_count() -> None:
    """Given up in May, the first month without it is June: April is the last one that had it whole."""
    assert months_looked_at("2026-02", "2026-03", "2026-09", "2026-06")[1] == ["2026-03", "2026-04"]
    assert months_looked_at("2026-02", "2026-03", "2026-09", "2026-03")[1] == []


@pytest.mark.parametrize("relative", [False, True])
def test_the_change_and_its_interval_are_welchs(relative: bool) -> None:
    """The same as another tool computes of the same months."""
    luck = random.Random(4)
    old, new = ([luck.gauss(mean, 0.03) for _ in range(n)] for mean, n in ((0.6, 6), (0.66, 4)))

    told = compared(months(*old), months(*new), 0.8, None, relative=relative)

    scale = 1 / (sum(old) / 6) if relative else 1.0
    bounds = stats.ttest_ind(new, old, equal_var=False).confidence_interval(0.95)
    assert told.change == pytest.approx((sum(new) / 4 - sum(old) / 6) * scale)
    assert (told.low, told.high) == pytest.approx((bounds.low * scale, bounds.high * scale))


def test_months_with_little_coverage_are_left_out_and_counted() -> None:
    """So are those without a value; with one month after there is a change and no interval."""
    after = [*months(0.9, None), *months(0.1, coverage=0.5)]

    told = compared(months(0.5, 0.7), after, 0.8, None, relative=False)

    assert (told.months_before, told.months_after, told.left_out) == (2, 1, 2)
    assert told.change == pytest.approx(0.3)
    assert (told.low, told.high, told.stand) == (None, None, None)


@pytest.mark.parametrize(
    ("foreseen", "stand"),
    [((0.05, 0.15), "inside"), ((0.11, 0.2), "below"), ((0.0, 0.09), "above"), ((0.5, 0.9), "apart")],
)
def test_what_was_foreseen_is_held_against_it(foreseen: tuple[float, float], stand: str) -> None:
    """The change is a tenth: it lies inside an interval, outside it, or apart from it with its own."""
    low, high = foreseen

    told = compared(
        months(0.50, 0.51, 0.49),
        months(0.60, 0.61, 0.59),
        0.8,
        Foreseen(indicator="oee", low=low, high=high),
        relative=False,
    )

    assert told.change == pytest.approx(0.1)
    assert told.stand == stand


def test_nothing_is_said_without_both_sides() -> None:
    """A share of nothing is no number either."""
    assert compared(months(0.5), [], 0.8, None, relative=False).change is None
    assert compared(months(0.0), months(1.0), 0.8, None, relative=True).change is None


# -- the twin's word ---------------------------------------------------------------------------------------


def answer(
    aim: str, mean: float, half: float | None, relative: float | None = 0.1, deadlocks: int = 0
) -> dict[str, Any]:
    """An answer to "what if"."""
    share = None if relative is None else {"mean": relative, "half_width": half}
    gap = {"mean": mean, "half_width": half, "relative": share}
    return {"changes": [{"name": "x", "measures": {aim: {"difference": gap}}, "deadlocks": deadlocks}]}


def test_throughput_says_what_oee_becomes() -> None:
    """In proportion, and of a line only by its part of the plant."""
    alone = outlook("oee", answer("throughput", 3.0, 0.02), 1.0)
    part = outlook("oee", answer("throughput", 3.0, 0.02), 0.25)

    assert alone.foreseen is not None
    assert part.foreseen is not None
    assert (alone.foreseen.low, alone.foreseen.high) == pytest.approx((0.08, 0.12))
    assert (part.foreseen.low, part.foreseen.high) == pytest.approx((0.02, 0.03))
    assert alone.foreseen.relative


@pytest.mark.parametrize(
    ("indicator", "told", "part", "silence"),
    [
        ("recovery_time", answer("throughput", 1.0, 0.1), 1.0, "other"),
        ("schedule_adherence", answer("throughput", 1.0, 0.1), 1.0, "other"),
        ("oee", answer("throughput", 1.0, None), 1.0, "no_interval"),
        ("oee", answer("throughput", 1.0, 0.1, None), 1.0, "no_interval"),
        ("oee", answer("throughput", 1.0, 0.1, deadlocks=2), 1.0, "stuck"),
        ("oee", answer("throughput", 1.0, 0.1), None, "lines"),
        ("lead_time", answer("lead_time", 1.0, 0.1), 0.5, "lines"),
    ],
)
def test_where_a_twin_says_nothing_it_is_said_why(
    indicator: str, told: dict[str, Any], part: float | None, silence: str
) -> None:
    """It has no such measure, no interval, or is of one line among several."""
    found = outlook(indicator, told, part)

    assert (found.foreseen, found.silence) == (None, silence)
