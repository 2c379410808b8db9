from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineside.history import History, Quality
from lineside.measure import MachineFacts, read_facts
from lineside.measure.facts import _tile_products
from lineside.plant import State, Timeline

Make = Callable[..., Timeline]
Do = Callable[..., None]
Change = Callable[..., str]

HOUR = 3_600_000_000
DAY = 24 * HOUR
MIDNIGHT = 20_000 * DAY


@pytest.fixture
def facts(history: History) -> Callable[..., MachineFacts]:
    """Reads the facts of the press between two hours of the day."""

    def read(timeline: Timeline, first: float, last: float) -> MachineFacts:
        start, end = MIDNIGHT + int(first * HOUR), MIDNIGHT + int(last * HOUR)
        return read_facts(history, timeline, ["press"], start, end)["press"]

    return read


Facts = Callable[..., MachineFacts]


def units(found: MachineFacts, role: str = "total") -> float:
    """Units of one role in the whole window."""
    return sum(float(part.units[role].amount.sum()) for part in found.parts)


def products(found: MachineFacts) -> list[tuple[float, float, str | None]]:
    """Hours of the day and the product in force in them."""
    return [
        ((start - MIDNIGHT) / HOUR, (end - MIDNIGHT) / HOUR, product)
        for part in found.parts
        for start, end, product in part.product_spans
    ]


# -- counters ---------------------------------------------------------------------------------------------------


def test_a_counter_counts_on_from_its_value_before_the_window(
    tell: Do, timeline: Make, facts: Facts, plant_text: str
) -> None:
    """Units made since the last value before the window belong to the window in which the counter shows them."""
    tell("press/parts", (MIDNIGHT - 20 * DAY, 100.0), (MIDNIGHT + 7 * HOUR, 103.0))

    assert units(facts(timeline(plant_text), 6, 8)) == 3


@pytest.mark.parametrize("first", [5.0, 6.0, 6.5, 7.0])
def test_a_step_shown_exactly_at_the_start_of_a_window_is_counted_in_it(
    tell: Do, timeline: Make, facts: Facts, plant_text: str, first: float
) -> None:
    """Windows are half-open: a step at 07:00 sharp is in the window that begins at 07:00."""
    tell("press/parts", (MIDNIGHT, 100.0), (MIDNIGHT + 7 * HOUR, 103.0), (MIDNIGHT + 8 * HOUR, 108.0))

    assert units(facts(timeline(plant_text), first, 8)) == 3


@pytest.mark.parametrize("gap", [10 * HOUR, 10 * DAY, 400 * DAY], ids=["10 h", "10 d", "400 d"])
@pytest.mark.parametrize("unusable", [Quality.NO_DATA, Quality.BAD])
def test_a_counter_unusable_before_the_window_counts_on_from_its_last_usable_value(
    tell: Do, timeline: Make, facts: Facts, plant_text: str, gap: int, unusable: Quality
) -> None:
    """Neither UNAVAILABLE nor a bad value in front of the window loses the units made meanwhile."""
    bad = None if unusable is Quality.NO_DATA else 0.0
    tell("press/parts", (MIDNIGHT - gap, 100.0), (MIDNIGHT + 7 * HOUR, 103.0))
    tell("press/parts", (MIDNIGHT - gap + HOUR, bad), (MIDNIGHT + 5 * HOUR, bad), quality=unusable)

    assert units(facts(timeline(plant_text), 6, 8)) == 3


def test_a_counter_without_any_usable_value_before_the_window_begins_inside_it(
    tell: Do, timeline: Make, facts: Facts, plant_text: str
) -> None:
    """When all before was UNAVAILABLE the first value inside counts nothing."""
    tell("press/parts", (MIDNIGHT, None), (MIDNIGHT + 7 * HOUR, 100.0), (MIDNIGHT + 7 * HOUR + 1, 101.0))

    assert units(facts(timeline(plant_text), 6, 8)) == 1


@settings(max_examples=40)
@given(cuts=st.sets(st.integers(1, 23), max_size=4), step=st.sampled_from((HOUR, HOUR // 15)), data=st.data())
def test_days_cut_into_windows_count_the_same_units(
    timeline: Make,
    plant_text: str,
    cuts: set[int],
    step: int,
    data: st.DataObject,
    shared: History,
    shared_tell: Do,
) -> None:
    """Counter steps where windows meet, dropouts over a cut too, are counted once however the day is cut."""
    text = plant_text.replace("[machine.press", f"[machine.m{len(shared.catalogue())}")
    text = text.replace('pace = "press"\n', "")
    name = text[text.index("[machine.") + 9 : text.index("]", text.index("[machine."))]
    shown = st.one_of(st.none(), st.just(0.0), st.integers(0, 60).map(float))
    values = data.draw(st.lists(shown, min_size=24, max_size=24))
    shared_tell(f"{name}/parts", *((MIDNIGHT + hour * step, value) for hour, value in enumerate(values)))
    plant = timeline(text)
    edges = [MIDNIGHT + hour * step for hour in (0, *sorted(cuts), 24)]

    pieces = [read_facts(shared, plant, [name], a, b)[name] for a, b in pairwise(edges)]

    whole = read_facts(shared, plant, [name], edges[0], edges[-1])[name]
    assert sum(units(piece) for piece in pieces) == units(whole)


# -- editions ---------------------------------------------------------------------------------------------------


def test_each_part_of_a_window_is_judged_by_its_own_edition(
    tell: Do, hear: Do, timeline: Make, facts: Facts, plant_text: str, change: Change
) -> None:
    """A rule changed at 10:00 changes what READY means from 10:00 on and nothing before."""
    hear("press")
    tell("press/execution", (MIDNIGHT, "READY"))
    ready_is_off = change(plant_text, ('state = "stopped"', 'state = "off"'))

    found = facts(timeline(plant_text, (MIDNIGHT + 10 * HOUR, ready_is_off)), 8, 12)

    states = [found.states[i] for i in range(len(found.states))]
    change_at = MIDNIGHT + 10 * HOUR
    assert states == [(change_at - 2 * HOUR, change_at, State.STOPPED), (change_at, change_at + 2 * HOUR, State.OFF)]
    assert [part.edition.number for part in found.parts] == [1, 2]


def test_a_machine_absent_in_an_edition_has_no_data_there(
    tell: Do, hear: Do, timeline: Make, facts: Facts, plant_text: str
) -> None:
    """Before the plant file knew the machine nothing is claimed of it, whatever was recorded."""
    hear("press")
    tell("press/execution", (MIDNIGHT, "ACTIVE"))
    tell("press/parts", (MIDNIGHT, 0.0), (MIDNIGHT + 9 * HOUR, 9.0), (MIDNIGHT + 11 * HOUR, 12.0))
    without = plant_text[: plant_text.index("[machine.press]")].replace('pace = "press"\n', "")

    found = facts(timeline(without, (MIDNIGHT + 10 * HOUR, plant_text)), 8, 12)

    assert [found.states[i][2] for i in range(len(found.states))] == [State.NO_DATA, State.RUNNING]
    assert [part.machine is None for part in found.parts] == [True, False]
    assert found.parts[1].units["total"].amount.tolist() == [3.0]
    assert found.parts[0].planned.spans == ()


def test_units_are_counted_once_over_a_change_of_edition(
    tell: Do, timeline: Make, facts: Facts, plant_text: str, change: Change
) -> None:
    """A step shown at the very moment of the change belongs to the new edition, and to no other."""
    tell("press/parts", *((MIDNIGHT + hour * HOUR, float(hour)) for hour in range(13)))
    faster = change(plant_text, ("ideal_cycle_s = 20.0", "ideal_cycle_s = 10.0"))

    found = facts(timeline(plant_text, (MIDNIGHT + 10 * HOUR, faster)), 8, 12)

    assert [part.units["total"].amount.sum() for part in found.parts] == [2, 2]


# -- products ---------------------------------------------------------------------------------------------------

BY_SIGNAL = ("[machine.press.units]\n", '[machine.press.units]\nproduct = "program"\n')


def test_without_orders_or_signal_the_lines_product_is_in_force(timeline: Make, facts: Facts, plant_text: str) -> None:
    """The line's planned product holds when nothing else tells."""
    assert products(facts(timeline(plant_text), 6, 14)) == [(6, 14, "lid")]


def test_a_product_signal_names_the_product_by_id_or_code(
    tell: Do, timeline: Make, facts: Facts, plant_text: str, change: Change
) -> None:
    """The product changes when the machine says so; a word the plant does not know is no product."""
    tell("press/program", (MIDNIGHT, "lid"), (MIDNIGHT + 8 * HOUR, "P-40"), (MIDNIGHT + 9 * HOUR, "?"))

    found = facts(timeline(change(plant_text, BY_SIGNAL)), 6, 10)

    assert products(found) == [(6, 8, "lid"), (8, 9, "pot"), (9, 10, None)]


@pytest.mark.parametrize("quality", [Quality.BAD, Quality.NO_DATA])
def test_an_unusable_product_signal_names_no_product(
    tell: Do, timeline: Make, facts: Facts, plant_text: str, change: Change, quality: Quality
) -> None:
    """A product marked bad or UNAVAILABLE is unknown, as a state would be."""
    tell("press/program", (MIDNIGHT, "lid"))
    tell("press/program", (MIDNIGHT + 8 * HOUR, "lid" if quality is Quality.BAD else None), quality=quality)

    found = facts(timeline(change(plant_text, BY_SIGNAL)), 6, 10)

    assert products(found) == [(6, 8, "lid"), (8, 10, None)]


def test_orders_say_the_product_and_the_line_fills_the_rest(timeline: Make, facts: Facts, plant_text: str) -> None:
    """In the time of an order its product is in force, around it the line's; other machines' orders do not count."""
    orders = "".join(
        f'[[order]]\nid = "{number}"\nproduct = "pot"\n{where}\nquantity = 9\n'
        f"start = 2024-10-04T{start:02}:00:00\nend = 2024-10-04T{end:02}:00:00\n"
        for number, where, start, end in ((1, 'line = "press"', 8, 9), (2, 'machine = "press"', 11, 12))
    )

    assert products(facts(timeline(plant_text + orders), 6, 14)) == [
        (6, 8, "lid"),
        (8, 9, "pot"),
        (9, 11, "lid"),
        (11, 12, "pot"),
        (12, 14, "lid"),
    ]


ORDERS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.sampled_from("ab")), max_size=6)


@given(orders=ORDERS)
def test_products_tile_the_window_and_the_earlier_of_two_orders_goes_on(orders: list[tuple[int, int, str]]) -> None:
    """At every moment one product is in force: that of the first order begun, to its end."""
    spans = sorted((a, b, p) for a, b, p in orders if a < b)
    expected: list[str | None] = []
    for moment in range(30):
        running = [p for a, b, p in spans if a <= moment < b]
        expected.append(running[0] if running else None)

    tiled = _tile_products(spans, 0, 30)

    assert [p for a, b, p in tiled for _ in range(a, b)] == expected
    assert all(before[1] == after[0] and before[2] != after[2] for before, after in pairwise(tiled))
