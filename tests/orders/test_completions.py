"""What was made for each order, as the counters tell it or as somebody entered it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from lineside.history import SAMPLES, History, Quality
from lineside.orders import Completion, completions
from tests.orders.office import HOUR, NOON, Office


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """The history of a press that was heard all the time."""
    with History.open(tmp_path) as opened:
        opened.hear("press", NOON - 100 * HOUR, NOON + 100 * HOUR)
        yield opened


def make(history: History, signal: str, *made: tuple[float, int]) -> None:
    """Counts units at hours after noon."""
    history.append(
        pa.table(
            {
                "series": [history.series(f"press/{signal}", kind="count")] * len(made),
                "time": pa.array([NOON + round(at * HOUR) for at, _ in made], pa.timestamp("us", "UTC")),
                "number": pa.array([float(count) for _, count in made]),
                "text": pa.array([None] * len(made), pa.string()),
                "quality": [int(Quality.GOOD)] * len(made),
            }
        ).cast(SAMPLES)
    )


def done(office: Office, history: History, now: float = 20) -> dict[str, Completion]:
    """Return what was made for the orders of the day."""
    timeline, moment = office.timeline, NOON + round(now * HOUR)
    return completions(history, timeline, office.ledger, NOON - 24 * HOUR, NOON + 48 * HOUR, moment)


def test_units_belong_to_the_order_they_were_made_in(office: Office, history: History) -> None:
    """Two orders one after the other share the counts by time, with rejects and the time from first to last unit."""
    office.order(0, 4, now=-1, quantity=10)
    office.order(4, 8, now=-1, id="B", quantity=10)
    make(history, "good", (0.5, 6), (1, 4), (5, 3))
    make(history, "scrap", (0.75, 2))

    found = done(office, history)

    assert [(c.order, c.good, c.rejected, c.basis) for c in found.values()] == [
        ("A1", 10.0, 2.0, "counted"),
        ("B", 3.0, 0.0, "counted"),
    ]
    assert (found["A1"].start_us - NOON, found["A1"].end_us - NOON) == (HOUR // 2, HOUR)


def test_a_late_order_goes_on_until_it_is_full(office: Office, history: History) -> None:
    """After its planned end it takes units while it lacks some, and until the next order begins."""
    office.order(0, 2, now=-1, quantity=10)
    office.order(6, 8, now=-1, id="B", quantity=10)
    make(history, "good", (1, 6), (3, 4), (4, 5), (6.5, 1))

    found = done(office, history)

    assert {name: one.good for name, one in found.items()} == {"A1": 10.0, "B": 1.0}


def test_what_was_entered_stands_instead_of_what_was_counted(office: Office, history: History) -> None:
    """Confirmations of an ERP are summed by order; a confirmation sent again is the same one."""
    office.order(0, 4, now=-1)
    make(history, "good", (1, 90))
    entry = {"order": "A1", "good": 60, "rejected": 1, "id": "C1", "start": "2026-12-01 12:00"}
    office.tell(entry, {**entry, "id": "C2", "good": 38, "end": "2026-12-01 15:30"}, kind="completions")
    office.tell(entry, kind="completions")

    one = done(office, history)["A1"]

    assert (one.good, one.rejected, one.basis) == (98.0, 2.0, "entered")
    assert (one.start_us, one.end_us) == (NOON, NOON + 7 * HOUR // 2)


def test_a_completion_needs_a_known_order_and_a_key(office: Office) -> None:
    """What belongs to no order, or could not be told from another when it is sent again, is refused."""
    office.order(0, 4, now=-1)

    taken = office.tell({"order": "ghost", "good": 1, "id": "1"}, {"order": "A1", "good": 1}, kind="completions")

    assert sorted((f.path, f.key) for f in taken.findings) == [("2", "orders.unknown_order"), ("3", "orders.no_key")]


def test_an_order_nobody_counts_for_has_no_completion(office: Office, history: History) -> None:
    """A line without counters claims nothing."""
    office.order(0, 4, now=-1, line="weld")

    assert done(office, history) == {}
