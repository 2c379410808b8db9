from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.history import History, Last, Quality

Batch = Callable[..., pa.Table]

DAY_US = 86_400_000_000


@pytest.mark.parametrize("age_us", [1, DAY_US // 2, 3 * DAY_US, 400 * DAY_US])
@pytest.mark.parametrize("newer", [False, True], ids=["newest", "not newest"])
@pytest.mark.parametrize("compacted", [False, True], ids=["hot", "cold"])
def test_a_state_that_began_before_the_window_is_carried_into_it(
    history: History,
    batch: Batch,
    age_us: int,
    *,
    newer: bool,
    compacted: bool,
) -> None:
    """However old it is, the sample that holds at the start of the window comes first, at its own time."""
    series = history.series("press/execution", kind="state")
    start = 500 * DAY_US
    history.append(batch((series, start - age_us - 5, "OFF"), (series, start - age_us, "ACTIVE")))
    if newer:
        history.append(batch((series, start + 50, "READY")))
    if compacted:
        history.compact(start + 2 * DAY_US)

    samples = history.read(series, start, start + 10)

    assert (samples.time.tolist(), list(samples.texts())) == ([start - age_us], ["ACTIVE"])
    assert len(history.read(series, start, start + 10, carry=False)) == 0


def test_a_sample_at_the_start_needs_no_carry(history: History, batch: Batch) -> None:
    """The window is half-open: a sample at its start is in it, one at its end is not."""
    series = history.series("press/execution", kind="state")
    history.append(batch((series, 1, "OFF"), (series, 10, "ACTIVE"), (series, 20, "READY")))

    samples = history.read(series, 10, 20)

    assert (samples.time.tolist(), list(samples.texts())) == ([10], ["ACTIVE"])


def test_of_samples_at_one_time_the_last_is_carried(history: History, batch: Batch) -> None:
    """When several samples share the time before the window, the one that came last holds."""
    series = history.series("press/execution", kind="state")
    history.append(batch((series, 5, "OFF"), (series, 5, "ACTIVE"), (series, 99, "READY")))

    assert list(history.read(series, 10, 20).texts()) == ["ACTIVE"]


def test_many_series_read_as_each_alone(history: History, batch: Batch) -> None:
    """Reading series together gives what reading each alone gives, also for those without samples."""
    ids = [history.series(f"m{key}/execution") for key in range(7)]
    rows = [(ids[key % 6], key * 7 % 50, f"S{key % 4}") for key in range(60)]
    history.append(batch(*rows[:30]), bulk=True)
    history.append(batch(*rows[30:]))

    together = history.read_many(ids, 10, 40)

    for series in ids:
        alone = history.read(series, 10, 40)
        assert together[series].time.tolist() == alone.time.tolist()
        assert list(together[series].texts()) == list(alone.texts())
    assert len(together[ids[6]]) == 0


def test_the_newest_samples_are_known_after_a_restart(tmp_path: Path, batch: Batch) -> None:
    """Opening finds the last sample of each series, also of one that has been silent for a year."""
    with History.open(tmp_path) as history:
        busy, silent, empty = (history.series(key) for key in ("m/busy", "m/silent", "m/empty"))
        history.append(batch((silent, 5, "IDLE"), (busy, 5, 1.0)))
        history.compact(400 * DAY_US)
        history.append(batch((busy, 400 * DAY_US, 2.0)))
        history.append(batch((busy, 400 * DAY_US, None), quality=Quality.NO_DATA))

    with History.open(tmp_path) as history:
        assert history.last(silent) == Last(5, None, "IDLE", Quality.GOOD)
        assert history.last(busy) == Last(400 * DAY_US, None, None, Quality.NO_DATA)
        assert history.last(empty) is None
        assert history.extent() == (5, 400 * DAY_US)
        assert history.extent([silent]) == (5, 5)
        assert history.extent([empty]) is None


def test_a_series_keeps_its_id_and_takes_a_new_unit(tmp_path: Path) -> None:
    """The id belongs to the key for good; kind and unit are what was said last."""
    with History.open(tmp_path) as history:
        first = history.series("press/force", kind="measure", unit="N")
        other = history.series("press/speed")
        assert history.series("press/force", unit="kN") == first != other

    with History.open(tmp_path) as history:
        force = history.catalogue()["press/force"]
        assert (force.id, force.kind, force.unit) == (first, "measure", "kN")
        assert history.series("press/force") == first


def test_many_series_are_made_at_once_as_one_by_one(tmp_path: Path) -> None:
    """New ones, known ones, one that is said twice and one with a new unit; all are there after a restart."""
    wanted = [("a", "measure", ""), ("b", "state", ""), ("a", "", "mm"), ("old", "", "kN")]
    with History.open(tmp_path) as history:
        old = history.series("old", kind="measure", unit="N")
        ids = history.series_of(wanted)
        assert ids == [old + 1, old + 2, old + 1, old]

    with History.open(tmp_path) as history:
        known = history.catalogue()
        assert [(one.id, one.kind, one.unit) for one in known.values()] == [
            (old, "measure", "kN"),
            (old + 1, "measure", "mm"),
            (old + 2, "state", ""),
        ]
        assert history.series_of(wanted) == ids
        assert history.series("new") == old + 3


def test_threads_read_whole_batches_while_others_write(history: History, batch: Batch) -> None:
    """A reader sees all of a batch or none of it, in every thread, while batches come and hours move."""
    series = history.series("press/force")
    done = threading.Event()
    torn: list[int] = []

    def read() -> None:
        while not done.is_set():
            size = len(history.read(series, 0, DAY_US))
            if size % 10:
                torn.append(size)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(60):
        history.append(batch(*((series, number * 1000 + row, float(row)) for row in range(10))), bulk=number % 2 == 0)
        if number % 20 == 0:
            history.compact(DAY_US)
    done.set()
    for reader in readers:
        reader.join()

    assert torn == []
    assert len(history.read(series, 0, DAY_US)) == 600


SAMPLE = st.one_of(st.none(), st.floats(-5, 5).map(lambda number: round(number, 1)))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """One history for many examples."""
    with History.open(tmp_path_factory.mktemp("plant")) as opened:
        yield opened


@given(values=st.lists(SAMPLE, min_size=1, max_size=120), points=st.integers(1, 12), bulk=st.booleans())
def test_thinned_samples_keep_peaks_and_gaps_and_invent_nothing(
    shared: History,
    batch: Batch,
    values: list[float | None],
    points: int,
    *,
    bulk: bool,
) -> None:
    """The least and greatest number, the ends and a sample of every gap stay; all are stored samples."""
    series = shared.series(f"example/{len(shared.catalogue())}")
    shared.append(batch(*((series, time * 3, value) for time, value in enumerate(values))), bulk=bulk)

    thin = shared.thin(series, 0, 1000, points)

    kept = dict(zip(thin.time.tolist(), thin.number.tolist(), strict=True))
    assert thin.time.tolist() == sorted(kept)
    assert all(
        kept[time] == values[time // 3] or (values[time // 3] is None and kept[time] != kept[time]) for time in kept
    )
    assert {0, (len(values) - 1) * 3} <= kept.keys()
    numbers = [value for value in values if value is not None]
    if numbers:
        assert {min(numbers), max(numbers)} <= set(kept.values())
    assert (None in values) == (not thin.present.all())
    assert len(thin) <= max(2 * points, 4 * points + 2)


def test_a_thinned_plain_line_has_two_samples_a_point(history: History, batch: Batch) -> None:
    """A line without gaps comes back as about two samples for each point asked for."""
    series = history.series("press/force")
    history.append(batch(*((series, time, float(time * 7919 % 1000)) for time in range(5000))))

    assert 100 <= len(history.thin(series, 0, 5000, 100)) <= 202
    assert len(history.thin(series, 0, 5000, 2500)) == 5000


def test_thinned_texts_are_the_ends_of_each_bucket(history: History, batch: Batch) -> None:
    """Of a text series the first and last sample of every bucket stay."""
    series = history.series("press/execution", kind="state")
    history.append(batch(*((series, time, "ON" if time % 2 else "OFF") for time in range(100))))

    thin = history.thin(series, 0, 100, 4)

    assert thin.time.tolist() == [0, 24, 25, 49, 50, 74, 75, 99]
    assert list(thin.texts())[:2] == ["OFF", "OFF"]
