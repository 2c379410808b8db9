"""A history in a folder of its own, and batches for it in a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from lineside.history import SAMPLES, History, Quality
from tests.once import each_time

Row = tuple[int, int, float | str | None]


def make_batch(rows: Sequence[Row], quality: int) -> pa.Table:
    """The rows as the history takes them."""
    return pa.table(
        {
            "series": [series for series, _, _ in rows],
            "time": pa.array([time for _, time, _ in rows], pa.timestamp("us", "UTC")),
            "number": pa.array(
                [None if value is None or isinstance(value, str) else value for *_, value in rows],
                pa.float64(),
            ),
            "text": pa.array([value if isinstance(value, str) else None for *_, value in rows], pa.string()),
            "quality": [quality] * len(rows),
        }
    ).cast(SAMPLES)


@pytest.fixture(autouse=True)
def _made() -> Iterator[None]:
    """Here every history makes its own tables, as a person's does."""
    with each_time():
        yield


@pytest.fixture(scope="session")
def batch() -> Callable[..., pa.Table]:
    """Makes a batch of (series, time, value) rows; a str is a text, None is no data."""
    return lambda *rows, quality=Quality.GOOD: make_batch(rows, quality)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """An open history, closed after the test."""
    with History.open(tmp_path) as opened:
        yield opened
