from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.history import History, compaction
from lineside.history.compaction import MINUTE_US, runs, steps

Batch = Callable[..., pa.Table]

HOUR_US = 3_600_000_000


def test_closed_hours_move_and_the_running_one_stays(history: History, batch: Batch) -> None:
    """Compacting moves what lies before the running hour, and reading does not notice."""
    series = history.series("press/force")
    history.append(batch(*((series, hour * HOUR_US + 7, float(hour)) for hour in range(30))))
    before = history.read(series, 0, 99 * HOUR_US)

    moved = [
        history.compact(28 * HOUR_US + 5),
        history.compact(28 * HOUR_US + 5),
        history.compact(29 * HOUR_US),
    ]

    assert moved == [28, 0, 1]
    after = history.read(series, 0, 99 * HOUR_US)
    assert (after.time.tolist(), after.number.tolist()) == (before.time.tolist(), before.number.tolist())


def test_a_minute_of_very_many_rows_is_moved_in_parts(
    history: History, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is taken for a step, however fast the values came; each row is moved once."""
    monkeypatch.setattr(compaction, "ROWS_MOVED", 7)
    series = history.series("press/force")
    history.append(batch(*((series, second * 1_000_000, float(second)) for second in range(120))))

    assert history.compact(HOUR_US) == 120

    with history._database.cursor() as cursor:  # noqa: SLF001 each step enters what it moved
        moved = [rows for (rows,) in cursor.execute("SELECT loose FROM arrivals").fetchall()]
    assert sum(moved) == 120
    assert max(moved) <= 7
    assert history.read(series, 0, HOUR_US).number.tolist() == [float(second) for second in range(120)]


@given(st.lists(st.integers(1, 40), min_size=1), st.integers(1, 30))
def test_steps_cover_all_time_that_has_rows(counts: list[int], limit: int) -> None:
    """One after the other, without a gap, and each of a minute that has too many rows is shorter than that."""
    found = list(steps([(minute, count) for minute, count in enumerate(counts)], limit))

    assert found[0][0] == 0
    assert found[-1][1] == len(counts) * MINUTE_US
    assert all(one[1] == two[0] for one, two in pairwise(found))
    assert all(start < end for start, end in found)


def test_a_closed_day_lies_sorted_by_series(tmp_path: Path, batch: Batch) -> None:
    """After its day is closed, the rows of one series lie together, also those that came late."""
    with History.open(tmp_path) as history:
        a, b = history.series("a/force"), history.series("b/force")
        for hour in range(24):
            history.append(batch((b, hour * HOUR_US, 1.0), (a, hour * HOUR_US, 2.0)), bulk=hour % 2 == 0)
        history.compact(20 * HOUR_US)
        history.compact(25 * HOUR_US)
        history.append(batch(*((a, hour * HOUR_US + 1, 3.0) for hour in range(20))), bulk=True)
        history.compact(26 * HOUR_US)

    with duckdb.connect(tmp_path / "data" / "history.duckdb") as connection:
        rows = connection.execute("SELECT series, time, seq FROM cold").fetchall()
        assert len(rows) == 68
        assert rows == sorted(rows)
        assert connection.execute("SELECT sum(loose), sum(sorted) FROM arrivals").fetchall() == [(0, 68)]


def test_a_day_of_very_many_rows_is_sorted_span_by_span(
    tmp_path: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost or doubled; within each span the rows of one series lie together."""
    monkeypatch.setattr(compaction, "ROWS_AT_ONCE", 7)
    monkeypatch.setattr(compaction, "ROWS_SORTED", 20)
    with History.open(tmp_path) as history:
        ids = [history.series(f"{name}/force") for name in "abc"]
        for minute in range(30):
            history.append(batch(*((one, minute * MINUTE_US + one, 1.0) for one in reversed(ids))))
        history.compact(25 * HOUR_US)

    with duckdb.connect(tmp_path / "data" / "history.duckdb") as connection:
        rows = connection.execute("SELECT series, epoch_us(time) FROM cold").fetchall()
    assert sorted(rows) == sorted((one, minute * MINUTE_US + one) for one in ids for minute in range(30))
    spans = [rows[at : at + 18] for at in range(0, 90, 18)]
    assert spans == [sorted(span) for span in spans]
    assert [span[0] for span in spans] == [(ids[0], minute * MINUTE_US + ids[0]) for minute in range(0, 30, 6)]


@given(counts=st.lists(st.integers(1, 9), max_size=20), limit=st.integers(1, 20))
def test_runs_cover_every_key_once_within_the_limit(counts: list[int], limit: int) -> None:
    """Neighbouring keys join while they hold no more rows than allowed; one key may exceed it alone."""
    keyed = [(key * 3, rows) for key, rows in enumerate(counts)]

    joined = list(runs(keyed, limit))

    assert sum(rows for *_, rows in joined) == sum(counts)
    for first, last, rows in joined:
        assert rows == sum(count for key, count in keyed if first <= key <= last)
        assert rows <= limit or first == last
