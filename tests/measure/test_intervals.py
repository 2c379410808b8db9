from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.measure import Intervals, seconds_by_state
from lineside.measure.intervals import constant, join, pieces, tile
from lineside.plant import CODE, STATES, Span, State, union

SECOND = 1_000_000
LENGTH = 60
"""Examples live in one minute, so that an oracle can look at every second of it."""

STEPS = st.lists(
    st.tuples(st.integers(0, LENGTH - 1), st.integers(0, len(STATES) - 1)),
    max_size=15,
).map(lambda steps: sorted([(0, 0), *steps], key=lambda step: step[0]))
SPANS = st.lists(st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=6).map(union)


def tiled(steps: list[tuple[int, int]]) -> Intervals:
    """The intervals that begin at these seconds with these states, to the end of the minute."""
    edges = np.array([*(second for second, _ in steps), LENGTH], dtype=np.int64) * SECOND
    return tile(edges, np.array([code for _, code in steps], dtype=np.int8))


def each_second(steps: list[tuple[int, int]]) -> list[State]:
    """The state of every second, by looking back for the last step."""
    return [STATES[next(code for begin, code in reversed(steps) if begin <= second)] for second in range(LENGTH)]


@given(steps=STEPS)
def test_states_tile_the_window_without_gap_or_overlap(steps: list[tuple[int, int]]) -> None:
    """Intervals begin at the start, end at the end, touch one another, are never empty, and neighbours differ."""
    intervals = tiled(steps)

    found = [intervals[i] for i in range(len(intervals))]

    assert (found[0][0], found[-1][1]) == (0, LENGTH * SECOND)
    assert all(before[1] == after[0] and before[2] != after[2] for before, after in pairwise(found))
    assert all(start < end for start, end, _ in found)
    assert intervals.last == found[-1]


@given(steps=STEPS, spans=SPANS)
def test_seconds_by_state_equal_counting_second_by_second(
    steps: list[tuple[int, int]],
    spans: tuple[Span, ...],
) -> None:
    """The sums are those of somebody who looks at the machine every second with a tally sheet."""
    looked = each_second(steps)
    tally: dict[State, float] = {}
    for start, end in spans:
        for second in range(start, end):
            tally[looked[second]] = tally.get(looked[second], 0.0) + 1

    summed = seconds_by_state(tiled(steps), [(a * SECOND, b * SECOND) for a, b in spans])

    assert summed == tally


@given(steps=STEPS, cuts=st.sets(st.integers(1, LENGTH - 1), max_size=5))
def test_pieces_of_a_window_sum_to_the_whole(steps: list[tuple[int, int]], cuts: set[int]) -> None:
    """However a window is cut, its pieces together hold the seconds of the whole."""
    intervals = tiled(steps)
    edges = [edge * SECOND for edge in (0, *sorted(cuts), LENGTH)]

    parts = [seconds_by_state(intervals, [span]) for span in pairwise(edges)]

    whole = seconds_by_state(intervals, [(0, LENGTH * SECOND)])
    assert {state: sum(part.get(state, 0.0) for part in parts) for state in whole} == whole
    assert sum(whole.values()) == LENGTH


@given(steps=STEPS, cut=st.integers(1, LENGTH - 1))
def test_a_tiling_cut_and_joined_is_the_same_tiling(steps: list[tuple[int, int]], cut: int) -> None:
    """A state that goes on over the joint is one interval, not two."""
    whole = tiled(steps)
    parts = []
    for start, end in ((0, cut * SECOND), (cut * SECOND, LENGTH * SECOND)):
        starts, _, codes = pieces(whole, [(start, end)])
        parts.append(tile(np.append(starts, end), codes))

    joined = join(parts)

    assert joined.edges.tolist() == whole.edges.tolist()
    assert joined.codes.tolist() == whole.codes.tolist()


def test_of_states_that_begin_together_the_last_counts() -> None:
    """Two changes at one moment leave no interval of length zero: what was said last holds."""
    intervals = tiled([(0, CODE[State.RUNNING]), (10, CODE[State.DOWN]), (10, CODE[State.SETUP])])

    assert [intervals[i] for i in range(len(intervals))] == [
        (0, 10 * SECOND, State.RUNNING),
        (10 * SECOND, LENGTH * SECOND, State.SETUP),
    ]


@pytest.mark.parametrize("spans", [[], [(90 * SECOND, 95 * SECOND)]], ids=["no span", "a span outside"])
def test_no_time_has_no_seconds(spans: list[Span]) -> None:
    """Where nothing is asked of the tiling, nothing is counted."""
    intervals = constant(State.RUNNING, 0, LENGTH * SECOND)

    assert seconds_by_state(intervals, spans) == {}
