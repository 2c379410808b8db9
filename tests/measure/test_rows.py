from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from lineside.errors import ConfigurationError
from lineside.measure import Row
from lineside.plant import State, Timeline, microseconds

Make = Callable[..., Timeline]
Do = Callable[..., None]
Change = Callable[..., str]
Ask = Callable[..., list[Row]]

HOUR = 3_600_000_000
MONDAY = microseconds(datetime(2026, 3, 2, tzinfo=UTC))

EARLY = 'name = "early"\nstart = "06:00"\nend = "14:00"\nbreaks = ["09:00-09:30"]\n'
THREE = (
    EARLY,
    EARLY + '[[calendar.early.shift]]\nname = "late"\nstart = "14:00"\nend = "22:00"\n'
    '[[calendar.early.shift]]\nname = "night"\nstart = "22:00"\nend = "06:00"\n',
)
BY_SIGNAL = ("[machine.press.units]\n", '[machine.press.units]\nproduct = "program"\n')


def order(start: int, end: int) -> str:
    """An order for lids on Monday between two hours."""
    return (
        '[[order]]\nid = "1"\nproduct = "lid"\nline = "press"\nquantity = 9\n'
        f"start = 2026-03-02T{start:02}:00:00\nend = 2026-03-02T{end:02}:00:00\n"
    )


@pytest.fixture
def busy(tell: Do, hear: Do) -> None:
    """A press that runs for two days and makes a lid at every full hour."""
    hear("press")
    tell("press/execution", (MONDAY - HOUR, "ACTIVE"))
    tell("press/parts", *((MONDAY + hour * HOUR, float(hour)) for hour in range(-1, 50)))
    tell("press/scrap", (MONDAY - HOUR, 0.0))


def spans(rows: list[Row]) -> list[tuple[float, float]]:
    """Hours since Monday, 00:00 UTC, that the rows speak of."""
    return [((row.domain.start - MONDAY) / HOUR, (row.domain.end - MONDAY) / HOUR) for row in rows]


@pytest.mark.usefixtures("busy")
def test_rows_by_shift_cut_the_window_at_shifts(ask: Ask, timeline: Make, plant_text: str, change: Change) -> None:
    """Each shift has a row of its own, cut to the window; the night belongs to the day on which it started."""
    plant = timeline(change(plant_text, THREE))

    rows = ask(plant, "machine/press", MONDAY + 4 * HOUR, MONDAY + 32 * HOUR, "shift")

    assert spans(rows) == [(4, 6), (6, 14), (14, 22), (22, 30), (30, 32)]
    assert [(row.domain.shift, row.domain.production_day) for row in rows] == [
        ("night", date(2026, 3, 1)),
        ("early", date(2026, 3, 2)),
        ("late", date(2026, 3, 2)),
        ("night", date(2026, 3, 2)),
        ("early", date(2026, 3, 3)),
    ]
    assert [row.planned_busy_s for row in rows] == [7200, 27_000, 28_800, 28_800, 7200]
    assert [row.produced for row in rows] == [2, 7, 8, 8, 2]  # the lid of 09:00 is the break's


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("by", ["shift", "day", "product"])
def test_rows_of_a_window_sum_to_the_whole(
    tell: Do, ask: Ask, timeline: Make, plant_text: str, change: Change, by: str
) -> None:
    """Around the clock, by shift, day or product: times, units and planned busy time add up to those of the whole."""
    plant = timeline(change(plant_text, THREE, BY_SIGNAL))
    tell("press/execution", *((MONDAY + hour * HOUR + 7, "FAULT" if hour % 3 else "ACTIVE") for hour in range(48)))
    tell("press/program", (MONDAY - HOUR, "lid"), (MONDAY + 9 * HOUR + 5, "P-40"), (MONDAY + 30 * HOUR, "lid"))
    window = (MONDAY + 3 * HOUR, MONDAY + 41 * HOUR)
    (whole,) = ask(plant, "machine/press", *window)

    rows = ask(plant, "machine/press", *window, by)

    assert sum(sum(row.times.values()) for row in rows) == pytest.approx(38 * 3600)
    for state, length in whole.times.items():
        assert sum(row.times.get(state, 0.0) for row in rows) == pytest.approx(length)
    assert sum(row.planned_busy_s or 0 for row in rows) == pytest.approx(whole.planned_busy_s)
    assert sum(row.produced or 0 for row in rows) == whole.produced == 38 - 2  # two in breaks
    assert sum(row.ideal_s or 0 for row in rows) == pytest.approx(whole.ideal_s)


@pytest.mark.usefixtures("busy")
def test_rows_by_day_follow_the_production_day(ask: Ask, timeline: Make, plant_text: str) -> None:
    """A production day from 06:00 to 06:00 has a row; the window cuts the first and the last."""
    rows = ask(timeline(plant_text), "machine/press", MONDAY, MONDAY + 40 * HOUR, "day")

    assert spans(rows) == [(0, 6), (6, 30), (30, 40)]
    assert [row.domain.production_day for row in rows] == [date(2026, 3, day) for day in (1, 2, 3)]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 10, 24), 25), (date(2026, 3, 28), 23), (date(2026, 6, 1), 24)],
    ids=["October", "March", "June"],
)
def test_a_day_on_which_clocks_change_is_as_long_as_it_is(
    hear: Do, tell: Do, ask: Ask, timeline: Make, plant_text: str, change: Change, day: date, hours: int
) -> None:
    """In Berlin the production day of the last Saturday of October lasts 25 hours, and every one of them counts."""
    hear("press")
    tell("press/execution", (0, "ACTIVE"))
    plant = timeline(change(plant_text, THREE, ('"UTC"', '"Europe/Berlin"')))
    noon = microseconds(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))

    rows = ask(plant, "machine/press", noon - 36 * HOUR, noon + 48 * HOUR, "day")

    (row,) = [row for row in rows if row.domain.production_day == day]
    assert row.times == {State.RUNNING: hours * 3600}
    assert row.planned_busy_s == hours * 3600 - 1800
    assert all(before.domain.end == after.domain.start for before, after in pairwise(rows))


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize(
    ("by", "start", "end", "cut"),
    [
        ("day", 6, 54, [None, None]),
        ("day", 0, 48, [(-18, 6), None, (30, 54)]),
        ("shift", 6, 14, [None]),
        ("shift", 0, 24, [None]),
        ("shift", 7, 14, [(6, 14)]),
        ("shift", 6, 13, [(6, 14)]),
    ],
)
def test_a_piece_the_window_cuts_says_how_long_it_is(
    ask: Ask, timeline: Make, plant_text: str, by: str, start: int, end: int, cut: list[tuple[int, int] | None]
) -> None:
    """Nobody takes six hours of a day for the day."""
    rows = ask(timeline(plant_text), "line/press", MONDAY + start * HOUR, MONDAY + end * HOUR, by)

    wholes = [row.domain.whole for row in rows]
    assert [w and ((w[0] - MONDAY) // HOUR, (w[1] - MONDAY) // HOUR) for w in wholes] == cut


@pytest.mark.usefixtures("busy")
def test_a_change_of_edition_cuts_no_piece(ask: Ask, timeline: Make, plant_text: str, change: Change) -> None:
    """A shift judged by two editions is whole; cut at its start it is told with its end in the newer one."""
    longer = change(plant_text, ('end = "14:00"', 'end = "16:00"'))
    plant = timeline(plant_text, (MONDAY + 10 * HOUR, longer))

    (whole,) = ask(plant, "machine/press", MONDAY, MONDAY + 24 * HOUR, "shift")
    (late,) = ask(plant, "machine/press", MONDAY + 7 * HOUR, MONDAY + 24 * HOUR, "shift")

    assert (whole.domain.whole, late.domain.whole) == (None, (MONDAY + 6 * HOUR, MONDAY + 16 * HOUR))


@pytest.mark.usefixtures("busy")
def test_more_pieces_than_anybody_reads_are_refused(ask: Ask, timeline: Make, plant_text: str, change: Change) -> None:
    """Ten years of three shifts are told to be too many, before they are judged."""
    plant = timeline(change(plant_text, THREE))

    with pytest.raises(ConfigurationError) as refused:
        ask(plant, "machine/press", MONDAY, MONDAY + 3650 * 24 * HOUR, "shift")

    assert refused.value.key == "measure.pieces"


@pytest.mark.usefixtures("busy")
def test_rows_by_product_change_in_the_middle_of_a_window(
    tell: Do, ask: Ask, timeline: Make, plant_text: str, change: Change
) -> None:
    """Lids until 10:00 and again from 12:00, pots between: one row for each, judged by its own cycle time."""
    tell("press/program", (MONDAY, "lid"), (MONDAY + 10 * HOUR, "P-40"), (MONDAY + 12 * HOUR, "lid"))
    plant = timeline(change(plant_text, BY_SIGNAL))

    rows = ask(plant, "machine/press", MONDAY + 6 * HOUR, MONDAY + 14 * HOUR, "product")

    assert [row.domain.product for row in rows] == ["lid", "pot"]
    assert [row.planned_busy_s for row in rows] == [5.5 * 3600, 2 * 3600]
    assert [row.produced for row in rows] == [5, 2]
    assert [row.ideal_s for row in rows] == [5 * 20, 2 * 40]


@pytest.mark.usefixtures("busy")
def test_time_of_an_unknown_product_has_a_row_of_its_own(
    tell: Do, ask: Ask, timeline: Make, plant_text: str, change: Change
) -> None:
    """A product the plant does not know is not mixed into the others: its row lacks the product."""
    tell("press/program", (MONDAY, "lid"), (MONDAY + 10 * HOUR, "?"))
    plant = timeline(change(plant_text, BY_SIGNAL))

    rows = ask(plant, "machine/press", MONDAY + 6 * HOUR, MONDAY + 14 * HOUR, "product")

    assert [(row.domain.product, [lack.code for lack in row.lacks]) for row in rows] == [
        ("lid", []),
        (None, ["product"]),
    ]


@pytest.mark.usefixtures("busy")
def test_without_a_calendar_the_row_by_shift_says_what_is_missing(
    ask: Ask, timeline: Make, plant_text: str, change: Change
) -> None:
    """Nobody knows the shifts, so the window stays whole and its row lacks the calendar."""
    plant = timeline(change(plant_text, ('calendar = "early"\n', "")))

    (row,) = ask(plant, "machine/press", MONDAY, MONDAY + 24 * HOUR, "shift")

    assert (row.domain.shift, [lack.code for lack in row.lacks]) == (None, ["calendar"])
    assert row.produced == 24


@pytest.mark.usefixtures("busy")
def test_a_shift_over_a_change_of_edition_is_one_row(ask: Ask, timeline: Make, plant_text: str, change: Change) -> None:
    """Another cycle time from 10:00 on does not cut the early shift in two."""
    faster = change(plant_text, ("ideal_cycle_s = 20.0", "ideal_cycle_s = 10.0"))
    plant = timeline(plant_text, (MONDAY + 10 * HOUR, faster))

    rows = ask(plant, "machine/press", MONDAY, MONDAY + 24 * HOUR, "shift")

    assert (spans(rows), rows[0].editions) == ([(6, 14)], (1, 2))
    assert rows[0].ideal_s == 3 * 20 + 4 * 10


@pytest.mark.usefixtures("busy")
def test_a_shift_lengthened_by_a_new_edition_is_one_row_without_overlap(
    ask: Ask, timeline: Make, plant_text: str, change: Change
) -> None:
    """An edition from 10:00 on lets the early shift end at 16:00: one row from 06:00 to 16:00."""
    longer = change(plant_text, ('end = "14:00"', 'end = "16:00"'))
    plant = timeline(plant_text, (MONDAY + 10 * HOUR, longer))

    rows = ask(plant, "machine/press", MONDAY, MONDAY + 24 * HOUR, "shift")

    assert (spans(rows), rows[0].planned_busy_s) == ([(6, 16)], 9.5 * 3600)


@pytest.mark.usefixtures("busy")
def test_each_row_says_by_which_basis_and_edition_it_was_planned(ask: Ask, timeline: Make, plant_text: str) -> None:
    """Monday's calendar is Monday's basis, also when Tuesday's edition plans by orders."""
    plant = timeline(plant_text, (MONDAY + 30 * HOUR, plant_text + order(6, 8)))

    rows = ask(plant, "machine/press", MONDAY + 6 * HOUR, MONDAY + 48 * HOUR, "day")

    assert [(row.basis, row.editions) for row in rows] == [("calendar", (1,)), ("orders", (2,))]
