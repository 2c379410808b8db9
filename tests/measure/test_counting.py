from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.history import Quality, Samples
from lineside.measure import increments

SHOWN = st.lists(
    st.tuples(st.integers(0, 3), st.one_of(st.none(), st.integers(0, 100).map(float))),
    max_size=25,
)


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
    for time, value in pairs:
        if value is None:
            continue
        if before is not None and start <= time < end:
            if value >= before:
                made += value - before
            elif rollover is not None and before < rollover and (rollover - before) + value <= rollover / 2:
                made += (rollover - before) + value
            elif value * 2 <= before:
                made += value
        before = value
    return made


@given(steps=SHOWN, rollover=st.sampled_from((None, 101, 150)), start=st.integers(0, 30), length=st.integers(1, 40))
def test_increments_equal_counting_by_hand(
    steps: list[tuple[int, float | None]],
    rollover: int | None,
    start: int,
    length: int,
) -> None:
    """Under resets, roll-overs, restarts and gaps the units are those of a person with a sheet of paper."""
    times = np.cumsum([step for step, _ in steps]).tolist()
    pairs = list(zip(times, [value for _, value in steps], strict=True))

    made = increments(counter(*pairs), "counter", rollover, start, start + length)

    assert made.amount.sum() == by_hand(pairs, rollover, start, start + length)
    assert all(start <= time < start + length for time in made.time.tolist())
    assert (made.amount > 0).all()


@given(steps=SHOWN, rollover=st.sampled_from((None, 101)), cut=st.integers(1, 79))
def test_a_window_cut_in_two_counts_the_same(
    steps: list[tuple[int, float | None]],
    rollover: int | None,
    cut: int,
) -> None:
    """No unit is lost or counted twice where two windows meet."""
    times = np.cumsum([step for step, _ in steps]).tolist()
    trace = counter(*zip(times, [value for _, value in steps], strict=True))

    left = increments(trace, "counter", rollover, 0, cut)
    right = increments(trace, "counter", rollover, cut, 80)

    whole = increments(trace, "counter", rollover, 0, 80)
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
