from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineside.history import SAMPLES, History, Quality

Batch = Callable[..., pa.Table]

SECOND = 1_000_000
DAY = 86_400 * SECOND
EVER = 2**60


def freely() -> None:
    """Nobody wants the work to stop."""


def numbers(series: int, time: np.ndarray, number: np.ndarray) -> pa.Table:
    """Samples of one series."""
    return pa.table(
        {
            "series": np.full(len(time), series, np.int32),
            "time": pa.array(time, pa.timestamp("us", "UTC")),
            "number": pa.array(number, from_pandas=True),
            "text": pa.nulls(len(time), pa.string()),
            "quality": np.zeros(len(time), np.int16),
        }
    ).cast(SAMPLES)


@pytest.fixture
def dense(history: History) -> History:
    """A day of one number every two seconds, and of another every minute."""
    rng = np.random.default_rng(7)
    for key, step in (("m/power", 2), ("m/heat", 60)):
        time = np.arange(0, DAY, step * SECOND)
        number = np.round(rng.normal(50, 10, len(time)), 2)
        history.append(numbers(history.series(key, kind="measure"), time, number), bulk=True)
    return history


def test_a_minute_keeps_its_first_least_greatest_and_last_value(dense: History) -> None:
    """Peaks stay under their own time, so that a chart, a limit and a running total read the same."""
    before = dense.read(1, 0, DAY)
    removed = dense.thin_out([1, 2], DAY, freely)
    after = dense.read(1, 0, DAY)

    assert removed == len(before) - len(after)
    assert len(after) <= 4 * 1440
    kept = set(zip(after.time.tolist(), after.number.tolist(), strict=True))
    assert kept <= set(zip(before.time.tolist(), before.number.tolist(), strict=True))
    for minute in range(0, 1440, 60):
        inside = before.time // (60 * SECOND) == minute
        left = after.number[after.time // (60 * SECOND) == minute]
        old = before.number[inside]
        assert (left[0], left[-1], left.min(), left.max()) == (old[0], old[-1], old.min(), old.max())


def test_what_is_thin_stays_as_it_is(dense: History) -> None:
    """Thinning again removes nothing, nor does it touch a series with few values or a day not over at the limit."""
    sparse = dense.read(2, 0, DAY)

    assert dense.thin_out([1, 2], DAY - 1, freely) == 0
    assert dense.thin_out([1, 2], DAY, freely) > 0
    assert dense.thin_out([1, 2], 2 * DAY, freely) == 0
    assert np.array_equal(dense.read(2, 0, DAY).number, sparse.number)


def test_only_the_series_named_are_thinned(dense: History) -> None:
    """What a KPI reads is not named, and stays whole beside the others."""
    assert dense.thin_out([2], DAY, freely) == 0
    assert len(dense.read(1, 0, DAY)) == 43_200


def test_a_gap_in_a_minute_is_not_thinned_away(history: History) -> None:
    """The first and last sample without a number stay: silence is not turned into a value."""
    time = np.arange(0, DAY, SECOND)
    number = np.where((time // SECOND % 60 >= 20) & (time // SECOND % 60 < 40), np.nan, 1.0)
    history.append(numbers(history.series("m/power"), time, number), bulk=True)

    history.thin_out([1], DAY, freely)

    first = history.read(1, 0, 60 * SECOND)
    assert (first.time // SECOND).tolist() == [0, 20, 39, 59]
    assert np.isnan(first.number).tolist() == [False, True, True, False]


def test_thinned_values_sent_again_are_thinned_again(dense: History) -> None:
    """A recording imported once more brings back its values until the next run; those that stayed are repeats."""
    time = np.arange(0, DAY, 2 * SECOND)
    number = dense.read(1, 0, DAY).number
    dense.thin_out([1], DAY, freely)
    left = dense.read(1, 0, DAY)

    again = dense.append(numbers(1, time, number), bulk=True)
    dense.thin_out([1], DAY, freely)

    assert again.repeated == len(left)
    assert np.array_equal(dense.read(1, 0, DAY).time, left.time)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 10 * 60), min_size=1, max_size=60), st.integers(0, 11 * 60))
def test_whatever_is_removed_the_value_in_force_stays(
    tmp_path_factory: pytest.TempPathFactory, times: list[int], limit: int
) -> None:
    """From the limit on every value reads as before, carried from however long ago."""
    time = np.array(sorted(set(times))) * SECOND
    with History.open(tmp_path_factory.mktemp("h")) as history:
        history.append(numbers(history.series("m/x"), time, time.astype(float)), bulk=True)
        before = history.read(1, limit * SECOND, EVER)
        removed = history.remove([1], limit * SECOND, freely)

        assert removed == max(int((time < limit * SECOND).sum()) - 1, 0)
        assert np.array_equal(history.read(1, limit * SECOND, EVER).time, before.time)
        assert history.remove([1], limit * SECOND, freely) == 0


def test_texts_are_removed_by_series(history: History, batch: Batch) -> None:
    """Another series of the same time stays."""
    one, two = history.series("m/program"), history.series("m/mode")
    rows = [(series, day * DAY, f"P{day}") for series in (one, two) for day in range(5)]
    history.append(batch(*rows), bulk=True)

    assert history.remove([one], 3 * DAY, freely) == 2
    assert list(history.read(one, 0, EVER).texts()) == ["P2", "P3", "P4"]
    assert len(history.read(two, 0, EVER)) == 5


def test_what_was_heard_is_forgotten_for_good(tmp_path: Path) -> None:
    """Time before the limit is unheard, now and after a restart; a span across it begins at it."""
    with History.open(tmp_path) as history:
        for start in (0, 100, 200):
            history.hear("mill", start, start + 50)
        history.forget_heard(120)
        assert history.heard("mill", 0, EVER).tolist() == [[120, 150], [200, 250]]

    with History.open(tmp_path) as history:
        assert history.heard("mill", 0, EVER).tolist() == [[120, 150], [200, 250]]
        assert history.removed(-EVER, EVER).tolist() == [[0, 120]]
        history.forget_heard(210)
        history.forget_heard(210)
        assert history.removed(-EVER, EVER).tolist() == [[0, 210]]


def test_live_values_flow_while_old_ones_go(dense: History) -> None:
    """Writers are not refused while rows are thinned and removed, and lose nothing."""
    stored, ending = 0, threading.Event()

    def write() -> None:
        nonlocal stored
        while not ending.is_set():
            dense.append(numbers(2, np.array([3 * DAY + stored]), np.array([1.0])))
            stored += 1

    writer = threading.Thread(target=write)
    writer.start()
    dense.thin_out([1], DAY, freely)
    dense.remove([1, 2], DAY, freely)
    ending.set()
    writer.join()

    assert stored > 0
    assert len(dense.read(2, 3 * DAY, EVER, carry=False)) == stored
    assert (len(dense.read(1, 0, EVER)), len(dense.read(2, 0, DAY))) == (1, 1)


def test_freed_room_is_used_again(tmp_path: Path) -> None:
    """What was removed is no longer counted as used, once the log is written into the file."""
    time = np.arange(0, 4 * DAY, SECOND)
    with History.open(tmp_path) as history:
        history.append(numbers(history.series("m/power"), time, np.sqrt(time)), bulk=True)
    with History.open(tmp_path) as history:
        before, files, free = history.disk()
        history.remove([1], 3 * DAY, freely)
    with History.open(tmp_path) as history:
        after = history.disk()[0]

    assert after < before <= files
    assert free > 0


def test_the_stock_tells_what_grows(dense: History, batch: Batch) -> None:
    """All samples of each series, those of a span of time and when they begin, and from when to when each goes."""
    dense.append(batch((2, DAY + 5, 1.0), quality=Quality.GOOD))

    stock = dense.stock(DAY, 2 * DAY)

    assert stock.rows == {1: 43_200, 2: 1441}
    assert (stock.recent, stock.first) == ({1: 0, 2: 1}, DAY + 5)
    assert stock.extent[2] == (0, DAY + 5)


def test_what_a_minute_held_on_the_mean_is_kept(dense: History) -> None:
    """The means by time of what was thinned add up to what all values did, so that energy can be told from power."""
    before = dense.read(1, 0, DAY)
    dense.thin_out([1, 2], DAY, freely)
    time, mean, seconds = dense.minutes(1, 0, DAY)
    part = dense.minutes(1, 60 * SECOND, 120 * SECOND)

    assert (mean * seconds).sum() == pytest.approx((before.number * 2).sum())
    assert time.tolist() == list(range(0, DAY, 60 * SECOND))
    assert set(seconds.tolist()) == {60.0}
    assert part[1].tolist() == [pytest.approx(before.number[30:60].mean())]
    assert len(dense.minutes(2, 0, DAY)[0]) == 0


def test_means_go_with_their_minutes(dense: History) -> None:
    """Made once, and removed with the samples."""
    time = np.arange(0, DAY, 2 * SECOND)
    dense.thin_out([1], DAY, freely)
    made = dense.minutes(1, 0, DAY)[1]
    dense.append(numbers(1, time[1::2] + 1, np.zeros(len(time) // 2)), bulk=True)
    dense.thin_out([1], DAY, freely)

    assert np.array_equal(dense.minutes(1, 0, DAY)[1], made)
    dense.remove([1], DAY // 2, freely)
    assert dense.minutes(1, 0, DAY)[0][0] == DAY // 2
