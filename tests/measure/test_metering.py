from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.history import Quality, Samples
from lineside.measure.metering import BRIDGE_US, HOLD_US, counted, heard_within, integrated
from lineside.plant import Span

TICK = 10 * 60_000_000
"""So that a running total bridges twelve ticks and a power holds for six."""
HOUR = 3_600_000_000
GAPS = st.sampled_from((1, 2, 5, 11, 12, 13, 20))
VALUES = st.one_of(st.none(), st.integers(0, 9).map(float))
TRACES = st.lists(st.tuples(GAPS, VALUES), min_size=1, max_size=12)
EDGES = st.lists(st.integers(0, 120), min_size=2, max_size=6, unique=True).map(sorted)
HEARD = st.lists(st.integers(-10, 140), min_size=2, max_size=8, unique=True).map(sorted)


def samples(pairs: list[tuple[int, float | None]]) -> Samples:
    """Values at these ticks; None is bad."""
    return Samples(
        np.array([tick * TICK for tick, _ in pairs], np.int64),
        np.array([np.nan if value is None else value for _, value in pairs], np.float64),
        np.full(len(pairs), -1, np.int32),
        (),
        np.array([Quality.BAD if value is None else Quality.GOOD for _, value in pairs], np.int16),
    )


def at_ticks(steps: list[tuple[int, float | None]]) -> list[tuple[int, float | None]]:
    """The first value at tick 0, each other so long after the one before."""
    ticks = np.cumsum([0, *(gap for gap, _ in steps[1:])]).tolist()
    return [(tick, value) for tick, (_, value) in zip(ticks, steps, strict=True)]


def spans_of(edges: list[int]) -> list[Span]:
    """Windows that touch, from edges in ticks."""
    return [(a * TICK, b * TICK) for a, b in pairwise(edges)]


def heard_of(edges: list[int]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Disjoint spans, from edges in ticks."""
    whole = edges[: len(edges) // 2 * 2]
    return np.array(whole, np.int64).reshape(-1, 2) * TICK


@given(TRACES, EDGES, HEARD)
def test_a_power_is_what_adding_it_up_tick_by_tick_gives(
    steps: list[tuple[int, float | None]], edges: list[int], listened: list[int]
) -> None:
    """Each tick has the value in force, where it was heard and the value, unless zero, is not older than an hour."""
    pairs, heard = at_ticks(steps), heard_of(listened)
    told = integrated(samples(pairs), heard, spans_of(edges))

    for (start, end), found in zip(spans_of(edges), told, strict=True):
        energy, ticks = 0.0, 0
        for tick in range(start // TICK, end // TICK):
            in_force = [(at, value) for at, value in pairs if at <= tick]
            if not in_force or in_force[-1][1] is None or not any(a <= tick * TICK < b for a, b in heard):
                continue
            at, value = in_force[-1]
            if value == 0 or tick - at < HOLD_US // TICK:
                energy, ticks = energy + (value or 0.0) * TICK / HOUR, ticks + 1
        assert found.amount == pytest.approx(energy)
        assert found.covered_us == ticks * TICK


@given(TRACES, EDGES, HEARD)
def test_a_running_total_is_what_a_person_with_paper_gives(
    steps: list[tuple[int, float | None]], edges: list[int], listened: list[int]
) -> None:
    """A step is shared by time; one between far readings counts at its end if heard through, else whole or not."""
    total, pairs = 0.0, list[tuple[int, float | None]]()
    for tick, grown in at_ticks(steps):
        total += grown or 0.0
        pairs.append((tick, None if grown is None else total))
    heard = heard_of(listened)
    told = counted(samples(pairs), heard, None, spans_of(edges))

    readings = [(tick, value) for tick, value in pairs if value is not None]
    for (start, end), found in zip(spans_of(edges), told, strict=True):
        energy, lost = 0.0, 0
        for (a, low), (b, high) in pairwise(readings):
            begin, over = a * TICK, b * TICK
            inside = max(min(over, end) - max(begin, start), 0)
            if over - begin <= BRIDGE_US:
                energy += (high - low) * inside / (over - begin)
            elif heard_within(heard, begin, over) == over - begin:
                energy += high - low if start < over <= end else 0.0
            elif start <= begin and over <= end:
                energy += high - low
            elif high > low:
                lost += inside
        assert found.amount == pytest.approx(energy)
        if readings:
            first, last = readings[0][0] * TICK, readings[-1][0] * TICK
            known = max(min(last, end) - max(first, start), 0)
            after = heard_within(heard, max(last, start), end) if end > last else 0
            assert found.covered_us == known - lost + after
        else:
            assert found.covered_us == 0


@given(TRACES, EDGES, HEARD)
def test_windows_together_never_tell_more_than_the_whole(
    steps: list[tuple[int, float | None]], edges: list[int], listened: list[int]
) -> None:
    """Days add up to the month, but for what lies over an edge and nobody knows when."""
    pairs = [(tick, None if value is None else float(tick)) for tick, value in at_ticks(steps)]
    heard, whole = heard_of(listened), [(edges[0] * TICK, edges[-1] * TICK)]

    parts = counted(samples(pairs), heard, None, spans_of(edges))
    (all_of_it,) = counted(samples(pairs), heard, None, whole)

    assert sum(one.amount for one in parts) <= all_of_it.amount + 1e-9
    assert sum(one.covered_us for one in parts) <= all_of_it.covered_us


def test_a_rollover_counts_on_and_a_restart_is_told() -> None:
    """A meter of five digits passes 99,999; one that begins anew from zero is told beside what it counted since."""
    heard = np.array([[0, 10 * TICK]], np.int64)

    (passed,) = counted(samples([(0, 99_990.0), (1, 5.0)]), heard, 100_000.0, [(0, 10 * TICK)])
    (anew,) = counted(samples([(0, 99_990.0), (1, 5.0)]), heard, None, [(0, 10 * TICK)])

    assert passed.amount == pytest.approx(15.0)
    assert passed.falls == ()
    assert anew.amount == pytest.approx(5.0)
    assert [one.taken_as for one in anew.falls] == ["restart"]


def test_without_any_value_nothing_is_covered() -> None:
    """Of a meter that never told, and of one before its first value, nothing is known."""
    heard = np.array([[0, 10 * TICK]], np.int64)

    (never,) = counted(samples([]), heard, None, [(0, 10 * TICK)])
    (later,) = counted(samples([(5, 1.0)]), heard, None, [(0, 4 * TICK)])
    (power,) = integrated(samples([]), heard, [(0, 10 * TICK)])

    assert (never.amount, never.covered_us) == (later.amount, later.covered_us) == (power.amount, power.covered_us)
    assert never.covered_us == 0
