from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from lineside.demo.assembly import Assembly
from lineside.demo.line import EXECUTE, Happened
from lineside.demo.shifts import DAY_US, HOUR_US, LineClock, Timetable
from lineside.demo.signals import GOOD, POWER, REJECTED, SIGNALS, SITE_POWER, STATE, Rows, address_of, joined
from lineside.demo.stations import STATIONS
from lineside.measure import read_facts
from lineside.node import Node

SEED = 7
PLACES = range(len(STATIONS))
NAMES = [station.id for station in STATIONS]


def own(rows: Rows, place: int, signal: int) -> Rows:
    """The rows of one signal of one station."""
    return rows[rows.address == address_of(place, signal)]


def falls(rows: Rows, place: int, signal: int) -> list[tuple[float, float]]:
    """Where a counter fell: from what to what."""
    value = own(rows, place, signal).number
    return [(float(value[i]), float(value[i + 1])) for i in np.flatnonzero(np.diff(value) < 0)]


def same(one: Rows, other: Rows) -> bool:
    """Whether each signal says the same in both."""
    one, other = (rows[np.argsort(rows.address, kind="stable")] for rows in (one, other))
    pairs = ((one.time, other.time), (one.address, other.address), (one.number, other.number), (one.word, other.word))
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)


@pytest.mark.parametrize("place", PLACES, ids=NAMES)
def test_units_are_right_in_spite_of_restarts_and_rollovers(
    node: Node, simulated: tuple[LineClock, Sequence[Happened]], times: Timetable, now: int, place: int
) -> None:
    """What is measured from the counters is what the simulation made, part by part."""
    clock, happened = simulated
    seen = happened[place]
    before = clock.wall(np.array(seen.unit_time)) < now
    good = np.array(seen.unit_good)[before]

    facts = read_facts(node.history, node.timeline, [NAMES[place]], times.start, now)[NAMES[place]]

    counted = {role: sum(part.units[role].amount.sum() for part in facts.parts) for role in ("good", "rejected")}
    assert len(good) > 20_000
    assert counted == {"good": good.sum(), "rejected": (~good).sum()}


def test_one_controller_restarts_on_its_day(rows: Rows, times: Timetable) -> None:
    """The counter of the packing station begins again at zero once, in a break of the planned day."""
    pack = NAMES.index("pack")
    counter = own(rows, pack, GOOD)
    restart = int(counter.time[1:][np.diff(counter.number) < 0][0])

    assert [after for _, after in falls(rows, pack, GOOD)] == [0.0]
    assert (restart - times.start) // DAY_US == STATIONS[pack].restarts_on_day
    assert any(start <= restart < end for span in times.spans(times.now) for start, end in span.breaks)


def test_one_controller_counts_in_sixteen_bits(rows: Rows) -> None:
    """The counter of the weld station goes from 65535 to 0 once."""
    weld = NAMES.index("weld")

    assert falls(rows, weld, GOOD) == [(65_535.0, 0.0)]


def test_other_counters_never_fall(rows: Rows) -> None:
    """No counter but those two is smaller than it was."""
    planned = {(NAMES.index("pack"), GOOD), (NAMES.index("weld"), GOOD)}
    others = [(p, signal) for p in PLACES for signal in (GOOD, REJECTED) if (p, signal) not in planned]

    assert [falls(rows, *counter) for counter in others] == [[] for _ in others]


def test_the_live_line_goes_on_from_the_history_without_a_jump(times: Timetable, now: int) -> None:
    """Asked at once or moment by moment across the seam, the line says the same."""
    at_once, by_steps = (Assembly.from_history(times, SEED) for _ in range(2))
    end = now + HOUR_US

    whole = at_once.advance(end)
    parts = [by_steps.advance(moment) for moment in [now, *range(now + 1_700_000, end, 1_700_000), end]]

    assert same(joined(parts), whole)
    assert all(len(own(whole[whole.time >= now], p, GOOD)) > 40 for p in PLACES)


def test_what_is_in_force_when_going_live_is_the_end_of_the_history(node: Node, times: Timetable, live: int) -> None:
    """The last value of every counter in the history is the one the live line shows first."""
    line = Assembly.from_history(times, SEED)
    line.advance(live)
    last = {name: node.history.last(node.history.series(f"{name}/good")) for name in NAMES}

    shown = {name: line.current[address_of(place, GOOD)][:2] for place, name in enumerate(NAMES)}

    assert {name: (one.time, one.number) for name, one in last.items() if one is not None} == shown


def test_the_line_stands_in_breaks_and_without_an_order(rows: Rows, times: Timetable) -> None:
    """No station works in a closure of the line."""
    for place in PLACES:
        state = own(rows, place, STATE)
        for start, end in times.line_clock(times.start).closed[:60]:
            if end > times.now:
                break
            in_force = state.word[np.searchsorted(state.time, start, "right") - 1]
            inside = state.word[(state.time > start) & (state.time < end)]
            assert EXECUTE not in {int(in_force), *inside.tolist()}


def test_a_demo_continued_later_counts_from_zero(times: Timetable, now: int) -> None:
    """Afresh the line has parts in it, its counters are at zero, and it says nothing about the time before."""
    later = now + 3 * DAY_US

    line = Assembly.afresh(times, SEED, later)
    line.advance(later + 1)

    counters = [line.current[address_of(p, signal)] for p in PLACES for signal in (GOOD, REJECTED)]
    assert {number for _, number, _ in counters} == {0.0}
    assert {time for time, _, _ in line.current.values()} == {later}
    assert EXECUTE in line.states


@pytest.mark.parametrize("days", [3, 390, 900])
def test_a_demo_continued_much_later_goes_on(times: Timetable, now: int, days: int) -> None:
    """Whenever a demo is continued, its line makes parts from then on."""
    later = now + days * DAY_US
    line = Assembly.afresh(times, SEED, later)

    said = line.advance(later + 12 * HOUR_US)

    assert said.time.min() >= later
    assert own(said, 0, GOOD).number.max() > 100
    assert falls(said, 0, GOOD) == []


def test_every_signal_is_said(rows: Rows) -> None:
    """Each station says each of its signals, a process value where it measures one; the main meter its power."""
    expected = {
        address_of(place, signal)
        for place, station in enumerate(STATIONS)
        for signal in range(len(SIGNALS) - (station.process is None))
    }

    assert set(np.unique(rows.address).tolist()) == {*expected, SITE_POWER}


def test_the_works_takes_what_its_stations_take_and_more(rows: Rows) -> None:
    """At each moment of its own grid the main meter tells their sum, and what light and compressed air need."""
    site = rows[rows.address == SITE_POWER]
    stations = sum(own(rows, place, POWER).number for place in range(len(STATIONS)))

    assert len(site) > 1000
    assert (own(rows, 0, POWER).time == site.time).all()
    assert (site.number - stations).min() > 30
    assert (site.number - stations).max() < 46
