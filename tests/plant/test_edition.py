from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.plant import Edition, PlantFileError, Timeline, parse_plant

PLANT = '[site]\nid = "a"\ntimezone = "UTC"\n'


def timeline(*begins: int | None) -> Timeline:
    """Editions numbered from 1 that are valid from these moments."""
    return Timeline(tuple(Edition(number, begin, "", PLANT) for number, begin in enumerate(begins, 1)))


def judges(editions: Timeline, start: int, end: int) -> list[tuple[int, int, int]]:
    """Which edition judges which part of a window, by number."""
    return [(first, last, edition.number) for first, last, edition in editions.during(start, end)]


def test_each_edition_judges_its_own_time() -> None:
    """Facts are judged by the plant as it was then."""
    assert judges(timeline(None, 10, 20), 5, 25) == [(5, 10, 1), (10, 20, 2), (20, 25, 3)]


def test_time_before_the_first_edition_is_judged_by_the_first() -> None:
    """A plant had to be somehow before anybody wrote it down."""
    assert judges(timeline(10, 20), 0, 15) == [(0, 15, 1)]


def test_of_two_editions_that_begin_together_the_newer_counts() -> None:
    """A correction replaces what it corrects."""
    assert judges(timeline(None, 10, 10), 0, 20) == [(0, 10, 1), (10, 20, 3)]


def test_an_edition_valid_from_earlier_takes_the_place_of_those_after() -> None:
    """Whoever dates a change back rewrites the time from then on."""
    assert judges(timeline(None, 10, 20, 5), 0, 30) == [(0, 5, 1), (5, 30, 4)]
    assert judges(timeline(None, 10, None), 0, 30) == [(0, 30, 3)]


def test_the_newest_is_the_last_that_was_noticed() -> None:
    """What runs now is the last edition, whenever it is valid from."""
    newer = PLANT.replace('"a"', '"b"')

    assert Timeline((Edition(1, None, "", PLANT), Edition(2, 5, "", newer))).newest.site.id == "b"


def test_an_edition_is_read_when_it_is_asked_for() -> None:
    """A window costs the reading of the editions it needs, once, however many there are."""
    plant = Timeline((Edition(1, None, "", "nonsense"), Edition(2, 5, "", PLANT)))

    asked = [edition.plant for _, _, edition in plant.during(6, 9)]

    assert asked == [plant.newest]
    assert asked[0] is plant.newest


@given(
    begins=st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=1, max_size=6),
    start=st.integers(-5, 30),
    length=st.integers(1, 30),
)
def test_editions_tile_every_window(begins: list[int | None], start: int, length: int) -> None:
    """Without gap or overlap, and each moment is judged by the newest edition that had begun."""
    parts = judges(timeline(*begins), start, start + length)

    assert (parts[0][0], parts[-1][1]) == (start, start + length)
    assert all(one[1] == two[0] for one, two in pairwise(parts))
    for first, last, number in parts:
        for at in range(first, last):
            begun = [n for n, begin in enumerate(begins, 1) if begin is None or begin <= at]
            assert number == (begun[-1] if begun else number)


COUNTER_BY_HAND = """
[area.hall]
[line.cell]
area = "hall"
[source.hand]
type = "tally"
[machine.bench]
line = "cell"
source = "hand"
[machine.bench.signals]
made = { kind = "counter" }
[machine.bench.units]
good = "made"
"""


def test_what_was_accepted_once_is_not_taken_back_by_later_checks() -> None:
    """A plant of years ago is still readable when a newer program would refuse its file."""
    text = PLANT + COUNTER_BY_HAND

    with pytest.raises(PlantFileError):
        parse_plant(text)

    assert list(Edition(1, None, "", text).plant.machines) == ["bench"]
