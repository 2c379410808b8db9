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


CELL = """
[area.hall]
[line.cell]
area = "hall"
pace = "press"
product = "bolt"
[product.bolt]
ideal_cycle_s = 2.0
[source.plc]
type = "shdr"
[machine.press]
line = "cell"
source = "plc"
[machine.press.signals]
mode = { kind = "state" }
parts = { kind = "counter" }
load = { kind = "measure" }
[[machine.press.states]]
state = "running"
when = { mode = "ACTIVE" }
[[machine.press.states]]
state = "stopped"
when = { mode = "READY" }
[machine.press.units]
total = "parts"
[[order]]
id = "A"
product = "bolt"
line = "cell"
quantity = 5
start = 2026-03-01T06:00:00
end = 2026-03-01T14:00:00
"""


@pytest.mark.parametrize(
    ("was", "then", "named", "gone"),
    [
        ('pace = "press"', 'pace = "press"\ncolour = "red"', "line.cell.colour", ""),
        ("ideal_cycle_s = 2.0", "ideal_cycle_s = 0", "product.bolt.ideal_cycle_s", "cycle"),
        ('state = "running"', 'state = "warming"', "machine.press.states[1].state", "states"),
        ('parts = { kind = "counter" }', 'parts = { kind = "tally" }', "machine.press.signals.parts.kind", "units"),
        ("quantity = 5", "quantity = 0", "order[1].quantity", "orders"),
        ('area = "hall"', "area = 7", "line.cell.area", "machine"),
        ("[area.hall]", '[robot.r1]\nkind = "arm"\n[area.hall]', "robot", ""),
    ],
)
def test_what_an_earlier_version_took_and_this_one_cannot_read_is_set_aside(
    was: str, then: str, named: str, gone: str
) -> None:
    """It is named, what rests on it judges nothing rather than otherwise, and the rest is as it was."""
    text = PLANT + CELL

    edition = Edition(1, None, "", text.replace(was, then, 1))

    plant = edition.plant
    press = plant.machines.get("press")
    left = {
        "cycle": plant.ideal_cycle_s("bolt", "press") == 2.0,
        "states": press is None or len(press.states) == 2,
        "units": press is None or (press.units is not None and press.units.total == "parts"),
        "orders": len(plant.orders) == 1 or press is None,
        "machine": press is not None,
    }
    assert [finding.key for finding in edition.set_aside] == [named]
    assert [what for what, there in left.items() if not there] == ([gone] if gone else [])
    assert press is None or plant.calendar_of(press) is None
    assert not Edition(1, None, "", text).set_aside


def test_what_was_set_aside_counts_as_read_by_kpis() -> None:
    """Values that a rule of an earlier version read are not removed because this one cannot read the rule."""
    text = PLANT + CELL

    assert Edition(1, None, "", text).kpi_series == {"press/mode", "press/parts"}
    for was, then in (('state = "running"', 'state = "warming"'), ('kind = "counter"', 'kind = "tally"')):
        assert Edition(1, None, "", text.replace(was, then, 1)).kpi_series == {
            "press/mode",
            "press/parts",
            "press/load",
        }
