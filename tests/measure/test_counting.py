from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.history import Quality, Samples
from lineside.measure import increments

MINUTE = 60_000_000
SHOWN = st.lists(
    st.tuples(st.integers(0, 3), st.one_of(st.none(), st.sampled_from((0.0, 5.0)), st.integers(0, 100).map(float))),
    max_size=25,
)
"""Steps of up to 12 minutes, and what the counter shows then."""


def counter(*pairs: tuple[int, float | None], quality: dict[int, Quality] | None = None) -> Samples:
    """A counter's samples at these times; None is UNAVAILABLE."""
    given_quality = quality or {}
    return Samples(
        np.array([time for time, _ in pairs], dtype=np.int64),
        np.array([np.nan if value is None else value for _, value in pairs], dtype=np.float64),
        np.full(len(pairs), -1, dtype=np.int32),
        (),
        np.array(
            [given_quality.get(t, Quality.NO_DATA if v is None else Quality.GOOD) for t, v in pairs], dtype=np.int16
        ),
    )


def by_hand(pairs: list[tuple[int, float | None]], rollover: int | None, start: int, end: int) -> float:
    """What a person with a sheet of paper counts, reading by reading."""
    made = 0.0
    before: float | None = None
    out: float | None = None
    readings = [(time, value) for time, value in pairs if value is not None]
    for number, (time, value) in enumerate(readings):
        if out is not None and value != before:
            before, out = out, None  # it is back from a dropout
        if before is not None and value < before and comes_back(readings[number:], before):
            out = before
        if before is not None and start <= time < end:
            if value >= before:
                made += value - before
            elif out is not None:
                pass
            elif rollover is not None and before < rollover and (rollover - before) + value <= rollover / 2:
                made += (rollover - before) + value
            elif value * 2 <= before:
                made += value
        before = value
    return made


def comes_back(readings: list[tuple[int, float]], total: float) -> bool:
    """Whether a counter that just fell shows `total` or more ten minutes later at most, and nothing else before."""
    (fell, low), *later = readings
    others = [(time, value) for time, value in later if value != low]
    return bool(others) and others[0][0] <= fell + 10 * MINUTE and others[0][1] >= total


def clock(steps: list[tuple[int, float | None]]) -> list[tuple[int, float | None]]:
    """The steps at their times: four minutes a step's unit."""
    times = np.cumsum([step for step, _ in steps]).tolist()
    return [(time * 4 * MINUTE, value) for time, (_, value) in zip(times, steps, strict=True)]


@given(steps=SHOWN, rollover=st.sampled_from((None, 101, 150)), start=st.integers(0, 30), length=st.integers(1, 40))
def test_increments_equal_counting_by_hand(
    steps: list[tuple[int, float | None]],
    rollover: int | None,
    start: int,
    length: int,
) -> None:
    """Under resets, roll-overs, restarts and gaps the units are those of a person with a sheet of paper."""
    pairs = clock(steps)
    start, end = start * 4 * MINUTE, (start + length) * 4 * MINUTE

    made = increments(counter(*pairs), "counter", rollover, start, end)

    assert made.amount.sum() == by_hand(pairs, rollover, start, end)
    assert all(start <= time < end for time in made.time.tolist())
    assert (made.amount > 0).all()


@given(steps=SHOWN, rollover=st.sampled_from((None, 101)), cut=st.integers(1, 79))
def test_a_window_cut_in_two_counts_the_same(
    steps: list[tuple[int, float | None]],
    rollover: int | None,
    cut: int,
) -> None:
    """No unit is lost or counted twice where two windows meet."""
    trace, cut, end = counter(*clock(steps)), cut * 4 * MINUTE, 80 * 4 * MINUTE

    left = increments(trace, "counter", rollover, 0, cut)
    right = increments(trace, "counter", rollover, cut, end)

    whole = increments(trace, "counter", rollover, 0, end)
    assert left.amount.tolist() + right.amount.tolist() == whole.amount.tolist()
    assert left.falls + right.falls == whole.falls


@pytest.mark.parametrize(
    ("before", "after", "rollover", "made", "taken_as"),
    [
        (65_530.0, 4.0, 65_536, 10.0, None),
        (65_530.0, 4.0, None, 4.0, "restart"),
        (100.0, 50.0, None, 50.0, "restart"),
        (100.0, 51.0, None, 0.0, "set_back"),
        (100.0, 51.0, 65_536, 0.0, "set_back"),
        (30_000.0, 0.0, 65_536, 0.0, "restart"),
        (70_000.0, 4.0, 65_536, 4.0, "restart"),
    ],
)
def test_a_fall_is_named_and_counted_for_what_it_was(
    before: float,
    after: float,
    rollover: int | None,
    made: float,
    taken_as: str | None,
) -> None:
    """A counter that falls has rolled over, as was to be expected, or restarted or been set back, which is told."""
    found = increments(counter((1, before), (2, after)), "counter", rollover, 0, 10)

    assert found.amount.sum() == made
    told = [] if taken_as is None else [(2, before, after, taken_as)]
    assert [(f.time, f.before, f.after, f.taken_as) for f in found.falls] == told


@pytest.mark.parametrize(
    ("trace", "made", "taken_as"),
    [
        (((0, 2963.0), (1, 0.0), (2, 2994.0)), [(2, 31.0)], "dropout"),
        (((0, 2963.0), (1, 0.0), (11, 2994.0)), [(11, 31.0)], "dropout"),
        (((0, 2963.0), (1, 0.0), (12, 2994.0)), [(12, 2994.0)], "restart"),
        (((0, 2963.0), (1, 0.0), (2, 0.0), (3, None), (4, 2963.0)), [], "dropout"),
        (((0, 2963.0), (1, 0.0), (2, 2.0), (3, 2994.0)), [(2, 2.0), (3, 2992.0)], "restart"),
        (((0, 2963.0), (1, 0.0), (2, 40.0)), [(2, 40.0)], "restart"),
        (((0, 100.0), (1, 99.0), (2, 101.0)), [(2, 1.0)], "dropout"),
    ],
    ids=["at once", "in time", "too late", "still zero", "counting between", "below", "a little"],
)
def test_a_counter_that_drops_out_and_comes_back_made_only_the_difference(
    trace: tuple[tuple[int, float | None], ...], made: list[tuple[int, float]], taken_as: str
) -> None:
    """A controller that shows 0 for some minutes after power-on has not made its whole total again."""
    found = increments(counter(*((m * MINUTE, v) for m, v in trace)), "counter", None, 0, 60 * MINUTE)

    assert list(zip((found.time // MINUTE).tolist(), found.amount.tolist(), strict=True)) == made
    assert [fall.taken_as for fall in found.falls] == [taken_as]


def test_a_dropout_is_no_roll_over() -> None:
    """A 16-bit counter that shows 0 for a minute at 60 000 did not roll over."""
    trace = counter((0, 60_000.0), (MINUTE, 0.0), (2 * MINUTE, 60_002.0))

    found = increments(trace, "counter", 65_536, 0, 60 * MINUTE)

    assert (found.amount.tolist(), [fall.taken_as for fall in found.falls]) == ([2.0], ["dropout"])


def test_the_first_value_ever_seen_counts_nothing() -> None:
    """A counter that shows 500 when it is first heard made those before anybody listened."""
    found = increments(counter((5, 500.0), (6, 503.0)), "counter", None, 0, 10)

    assert (found.time.tolist(), found.amount.tolist()) == ([6], [3.0])


def test_units_made_during_a_gap_are_counted_when_the_counter_is_back() -> None:
    """Across UNAVAILABLE and bad values the counter goes on from its last usable value."""
    trace = counter((1, 10.0), (2, None), (3, 999.0), (4, 14.0), quality={3: Quality.BAD})

    found = increments(trace, "counter", None, 0, 10)

    assert (found.time.tolist(), found.amount.tolist(), found.falls) == ([4], [4.0], ())


def test_a_count_is_the_number_of_units_itself() -> None:
    """Of a signal of kind count every value inside the window counts, none before it and none without value."""
    found = increments(counter((1, 7.0), (4, 2.0), (5, None), (6, 3.0), (9, 5.0)), "count", None, 4, 9)

    assert (found.time.tolist(), found.amount.tolist()) == ([4, 6], [2.0, 3.0])
