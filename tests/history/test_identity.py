from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineside.errors import UnusableData
from lineside.history import History, Quality

Batch = Callable[..., pa.Table]
Value = float | str | None

ROUNDS = count()
VALUES = st.sampled_from([1.0, 2.0, float("nan"), "ON", "OFF", None])
SAMPLES_OF_A_CALL = st.lists(st.tuples(st.integers(0, 3), VALUES), max_size=8)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """One history for many examples, each with a series of its own."""
    with History.open(tmp_path_factory.mktemp("plant")) as opened:
        yield opened


def is_part(part: list[Value], whole: list[Value]) -> bool:
    """Whether the part occurs in the whole, row after row."""
    size = len(part)
    return any(whole[at : at + size] == part for at in range(len(whole) - size + 1))


def goes_on(whole: list[Value], part: list[Value]) -> int:
    """How many rows the part begins with that the whole ends with."""
    return next((size for size in range(min(len(whole), len(part)), 0, -1) if whole[-size:] == part[:size]), 0)


def expected(calls: list[list[tuple[int, Value]]]) -> list[tuple[int, Value]]:
    """The law of repeats, spelled out in the plainest way."""
    stored: dict[int, list[Value]] = {}
    for call in calls:
        groups: dict[int, list[Value]] = {}
        for time, value in call:
            groups.setdefault(time, []).append(None if value != value else value)  # NaN is no number  # noqa: PLR0124
        for time, group in groups.items():
            held = stored.setdefault(time, [])
            if not is_part(group, held):
                held.extend(group[goes_on(held, group) :])
    return [(time, value) for time in sorted(stored) for value in stored[time]]


def found(history: History, series: int) -> list[tuple[int, Value]]:
    """What the history holds of the series, NaN told as None."""
    samples = history.read(series, 0, 10)
    return [
        (time, text if text is not None else None if number != number else number)  # noqa: PLR0124
        for time, number, text in zip(samples.time.tolist(), samples.number.tolist(), samples.texts(), strict=True)
    ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(st.tuples(SAMPLES_OF_A_CALL, st.booleans(), st.booleans()), max_size=5))
def test_a_value_is_stored_once_however_it_comes(
    shared: History, batch: Batch, calls: list[tuple[list[tuple[int, Value]], bool, bool]]
) -> None:
    """Live or bulk, compacted or not, late or restated: what is stored follows one plain law."""
    series = shared.series(f"example/{next(ROUNDS)}")

    for rows, bulk, compact in calls:
        told = shared.append(batch(*((series, time, value) for time, value in rows)), bulk=bulk)
        assert told.stored + told.repeated == len(rows)
        if compact:
            shared.compact(10_000_000_000)

    assert found(shared, series) == expected([rows for rows, _, _ in calls])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=SAMPLES_OF_A_CALL, first=st.booleans(), second=st.booleans())
def test_the_same_batch_twice_is_stored_once(
    shared: History,
    batch: Batch,
    rows: list[tuple[int, Value]],
    *,
    first: bool,
    second: bool,
) -> None:
    """Giving a batch again stores nothing and changes nothing."""
    series = shared.series(f"example/{next(ROUNDS)}")
    same = batch(*((series, time, value) for time, value in rows))

    stored = shared.append(same, bulk=first)
    before = found(shared, series)
    again = shared.append(same, bulk=second)

    assert (stored.stored, again.stored, again.repeated) == (len(rows), 0, len(rows))
    assert found(shared, series) == before


def test_the_same_value_with_another_quality_is_another_sample(history: History, batch: Batch) -> None:
    """A value that turns out doubtful is news, not a repeat."""
    series = history.series("press/force")
    history.append(batch((series, 5, 1.0)))

    told = history.append(batch((series, 5, 1.0), quality=Quality.UNCERTAIN))

    assert told.stored == 1
    assert history.read(series, 0, 9).quality.tolist() == [Quality.GOOD, Quality.UNCERTAIN]


@pytest.mark.parametrize(
    ("first", "again", "kept"),
    [
        ([1.0], [1.0, 2.0], [1.0, 2.0]),
        ([1.0, 1.0], [1.0, 1.0, 2.0], [1.0, 1.0, 2.0]),
        ([3.0, 1.0], [1.0, 2.0], [3.0, 1.0, 2.0]),
        ([1.0, 2.0], [2.0, 1.0, 2.0], [1.0, 2.0, 1.0, 2.0]),
        ([1.0], [2.0, 1.0], [1.0, 2.0, 1.0]),
    ],
)
@pytest.mark.parametrize("bulk", [False, True])
def test_what_is_sent_again_with_what_came_since_is_counted_once(
    history: History, batch: Batch, first: list[float], again: list[float], kept: list[float], *, bulk: bool
) -> None:
    """Of values at one moment, a retry that has grown adds what is new in it."""
    series = history.series("press/count", kind="count")
    history.append(batch(*((series, 5, value) for value in first)), bulk=bulk)

    told = history.append(batch(*((series, 5, value) for value in again)), bulk=bulk)

    assert history.read(series, 0, 9).number.tolist() == kept
    assert told.stored == len(kept) - len(first)


def test_late_samples_land_in_order(history: History, batch: Batch) -> None:
    """Samples that come late are read at their own time, and the newest stays the newest."""
    series = history.series("press/force")
    history.append(batch((series, 10, 1.0), (series, 30, 3.0)))

    history.append(batch((series, 20, 2.0), (series, 5, 0.5)))

    assert history.read(series, 0, 99).time.tolist() == [5, 10, 20, 30]
    last = history.last(series)
    assert last is not None
    assert (last.time, last.number) == (30, 3.0)


def test_a_stopped_clock_does_not_stop_the_history(history: History, batch: Batch) -> None:
    """A source that sends every value under one time has them all kept, in order."""
    series = history.series("press/force")

    for number in range(50):
        history.append(batch((series, 7, float(number))))

    assert history.read(series, 0, 9).number.tolist() == [float(number) for number in range(50)]


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda table: table.drop_columns(["quality"]), "history.missing_columns"),
        (
            lambda table: table.set_column(
                1, pa.field("time", pa.timestamp("us", "UTC")), pa.nulls(1, pa.timestamp("us", "UTC"))
            ),
            "history.empty_columns",
        ),
        (
            lambda table: table.set_column(0, pa.field("series", pa.int32()), pa.array([99], pa.int32())),
            "history.unknown_series",
        ),
    ],
    ids=["column missing", "time missing", "series unknown"],
)
def test_a_batch_that_makes_no_sense_is_refused(
    history: History, batch: Batch, spoil: Callable[[pa.Table], pa.Table], key: str
) -> None:
    """A broken batch is refused as a whole, by name of what is wrong."""
    series = history.series("press/force")

    with pytest.raises(UnusableData) as raised:
        history.append(spoil(batch((series, 1, 1.0))))

    assert raised.value.key == key
    assert str(raised.value)
    assert history.extent() is None


def test_everything_that_may_come_comes_back(tmp_path: Path, batch: Batch) -> None:
    """Infinities, empty and long texts, times before 1970 and dictionary columns survive a restart."""
    long = "块" * 5000
    with History.open(tmp_path) as history:
        number, text = history.series("press/force"), history.series("press/program", kind="text")
        table = batch((number, -5, float("inf")), (text, 1, ""), (text, 2, long))
        history.append(table.set_column(3, "text", table["text"].dictionary_encode()))

    with History.open(tmp_path) as history:
        assert history.read(number, -9, 9).number.tolist() == [float("inf")]
        assert list(history.read(text, 0, 9).texts()) == ["", long]
        assert history.extent() == (-5, 2)
