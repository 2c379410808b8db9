from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineside.errors import LinesideError
from lineside.twin.model import Line
from lineside.twin.oracle import simulate, switches
from lineside.twin.tally import BLOCKED, DOWN, OFF, SETUP, STARVED, STATES, WAITING, WORKING, Tally
from tests.twin.exact import CASES, Case


def run(  # one line, read and simulated
    stations: Mapping[str, Any], horizon: float = 100.0, warmup: float = 0.0, seed: int = 1, **rest: Any
) -> Tally:
    """Simulate a line of these stations once, departures kept."""
    line = Line.model_validate({"schema": "lineside.line/1", "stations": stations, **rest})
    return simulate(line, seed=seed, replication=0, horizon=horizon, warmup=warmup, keep_departures=True)


def queue(initial: int | Mapping[str, int] | list[str] = 0, capacity: int | None = None) -> dict[str, Any]:
    """Return a buffer that holds parts from the start."""
    return {"capacity": capacity, "initial": initial}


# Buffers and blocking


@pytest.mark.parametrize(
    ("buffer", "first", "blocked"), [(0, [1, 4, 7, 10], 6), (1, [1, 2, 4, 7], 3), (None, [1, 2, 3, 4], 0)]
)
def test_a_buffer_lets_the_faster_station_run_ahead(buffer: int | None, first: list[int], blocked: float) -> None:
    """Before a slower station a fast one gets ahead by the places between them, and then is blocked."""
    tally = run(
        {"a": {"work": 1, "buffer": queue(4), "to": "b"}, "b": {"work": 3, "buffer": buffer, "to": "out"}}, horizon=20
    )

    assert tally.departures == {0: first, 1: [4, 7, 10, 13]}
    assert tally.station_time[0, BLOCKED] == blocked
    assert tally.out.tolist() == [4]
    assert tally.lead_sum.tolist() == [34]
    assert math.isnan(tally.stuck)


def test_blocking_before_waits_for_a_place_with_the_part_untouched() -> None:
    """A station that blocks before its work begins only when the next one is ready, and then both stand in turn."""
    tally = run(
        {
            "a": {"work": 1, "buffer": queue(3), "to": "b", "blocking": "before"},
            "b": {"work": 3, "buffer": 0, "to": "out"},
        },
        horizon=12,
    )

    assert tally.departures == {0: [1, 5, 9], 1: [4, 8, 12]}
    assert tally.station_time[0].tolist() == [3, 0, 0, 6, 0, 0, 3]


def test_a_transfer_claims_its_place_before_it_sets_out() -> None:
    """A part on its way holds a place, so the next one waits in its server until another is free."""
    tally = run(
        {
            "a": {"work": 1, "buffer": queue(2), "to": {"to": "b", "transfer": 5}},
            "b": {"work": 1, "buffer": 0, "to": "out"},
        }
    )

    assert tally.departures == {0: [1, 7], 1: [7, 13]}
    assert tally.wip_area == tally.lead_sum.sum() == 20


def test_places_are_given_by_priority_then_to_who_waited_longest() -> None:
    """Of blocked stations the one of greater priority goes first, though another has waited longer."""
    stations: dict[str, Any] = {
        "a": {"work": 1, "buffer": queue(2), "to": "c"},
        "b": {"work": 2, "buffer": queue(2), "to": "c"},
        "c": {"work": 10, "buffer": 0, "to": "out"},
    }
    alike = run(stations, horizon=50)
    favoured = run(stations | {"b": stations["b"] | {"priority": 1}}, horizon=50)

    assert (alike.departures[0], alike.departures[1]) == ([1, 11], [21, 31])
    assert (favoured.departures[0], favoured.departures[1]) == ([1, 31], [11, 21])


def test_servers_go_before_sources() -> None:
    """A part blocked in a server goes before one that has waited longer at a source."""
    tally = run(
        {"a": {"work": 1, "buffer": queue(1), "to": "b"}, "b": {"work": 10, "buffer": 0, "to": "out"}},
        sources={"s": {"to": "b", "limit": 2}},
        horizon=40,
    )

    assert tally.departures == {0: [10], 1: [10, 20, 30]}
    assert tally.source_came.tolist() == [2]


def test_a_product_of_greater_priority_goes_first_in_the_queue() -> None:
    """In a queue products of greater priority stand before the others, which keep their order."""
    tally = run(
        {
            "a": {
                "work": 1,
                "buffer": queue({"plain": 2, "urgent": 2}),
                "to": [{"to": "out", "product": "plain"}, {"to": "scrap", "product": "urgent"}],
            }
        },
        products={"plain": {}, "urgent": {"priority": 1}},
    )

    assert tally.lead_sum.tolist() == [3 + 4, 0]
    assert tally.scrapped.tolist() == [0, 2]


def test_servers_of_a_station_share_its_queue() -> None:
    """Two servers work two parts at a time."""
    tally = run({"a": {"work": 3, "servers": 2, "buffer": queue(3), "to": "out"}}, horizon=10)

    assert tally.departures == {0: [3, 3, 6]}
    assert tally.station_time[0].sum() == 20
    assert tally.buffer_wait.tolist() == [3]


def test_a_level_is_measured_over_time() -> None:
    """A buffer's level, and its times empty and full, are those of the parts in it; capacity is no part of a server."""
    tally = run({"a": {"work": 2, "buffer": queue(3, 2), "to": "out"}}, horizon=10)

    assert tally.buffer_area.tolist() == [2 * 2 + 1 * 2]
    assert tally.buffer_full.tolist() == [2]
    assert tally.buffer_empty.tolist() == [6]


# Sources and orders


@pytest.mark.parametrize(
    ("full", "departures", "lost"),
    [("lose", [12, 14, 22, 24, 32, 34], 3), ("wait", [12, 14, 16, 24, 26, 28, 36], 0)],
)
def test_a_batch_without_place_waits_or_is_lost(full: str, departures: list[int], lost: int) -> None:
    """What finds no place is lost part by part, or waits and holds the next interval back until all of it is in."""
    tally = run(
        {"a": {"work": 2, "buffer": 1, "to": "out"}},
        sources={"s": {"to": "a", "interval": 10, "batch": 3, "full": full}},
        horizon=37,
    )

    assert tally.departures == {0: departures}
    assert (tally.source_came.tolist(), tally.source_lost.tolist()) == ([9], [lost])


def test_a_source_keeps_to_its_first_time_and_its_limit() -> None:
    """The first batch comes at `first`, and the last is cut where the limit ends it."""
    tally = run(
        {"a": {"work": 0, "buffer": None, "to": "out"}},
        sources={"s": {"to": "a", "interval": 10, "first": 3, "batch": 2, "limit": 3}},
    )

    assert tally.departures == {0: [3, 3, 13]}
    assert tally.source_came.tolist() == [3]


def test_a_source_mixes_products_by_weight() -> None:
    """Products come in proportion to their weights."""
    tally = run(
        {"a": {"work": 0, "buffer": None, "to": "out"}},
        sources={"s": {"to": "a", "interval": 1, "product": {"x": 3, "y": 1}}},
        products={"y": {}, "x": {}},
        horizon=4000,
    )

    assert tally.out.sum() == 4000
    assert abs(tally.out[1] - 3000) < 4 * math.sqrt(4000 * 3 / 16)


def test_an_order_is_complete_with_its_last_part() -> None:
    """Orders are released by time, then one after the other, and are complete when their last part is out or scrap."""
    tally = run(
        {"a": {"work": 1, "buffer": 0, "to": [{"to": "out", "product": "x"}, {"to": "scrap", "product": "y"}]}},
        orders=[
            {"id": "late", "to": "a", "quantity": 2, "release": 5},
            {"id": "large", "to": "a", "quantity": 3, "product": "y"},
            {"id": "small", "to": "a", "quantity": 1},
            {"id": "never", "to": "a", "quantity": 100, "release": 50},
        ],
        products={"x": {}, "y": {}},
        warmup=10,
    )

    assert tally.order_done[:3].tolist() == [7, 3, 4]
    assert math.isnan(tally.order_done[3])
    assert tally.out.tolist() == [50, 0]


# Assembly and pallets


def test_a_station_puts_parts_together() -> None:
    """It takes as many of each as it needs; the first goes on as what is made, and what cannot be used is stuck."""
    tally = run(
        {"asm": {"takes": {"frames": 1, "wheels": 2}, "work": 4, "makes": "car", "to": "out"}},
        products={"frame": {}, "wheel": {}, "car": {}},
        buffers={"frames": queue({"frame": 3}), "wheels": queue({"wheel": 5})},
    )

    assert tally.departures == {0: [4, 8]}
    assert tally.out.tolist() == [0, 0, 2]
    assert tally.wip_area == 6 * 4 + 3 * 4 + 2 * 92
    assert (tally.buffer_waited.tolist(), tally.buffer_wait.tolist()) == ([2, 4], [4, 8])
    assert tally.stuck == 8


@pytest.mark.parametrize(("back", "first", "second"), [(2, [1, 5, 9], [2, 6, 10]), (None, [1, 3, 5], [2, 4, 6])])
def test_a_pallet_goes_round(back: float | None, first: list[int], second: list[int]) -> None:
    """With one pallet a part begins only when the one before has left the loop and the pallet is back."""
    tally = run(
        {"a": {"work": 1, "buffer": queue(3), "to": "b"}, "b": {"work": 1, "buffer": None, "to": "out"}},
        pallets={"p": {"count": 1, "load": "a", "unload": "b", "back": back}},
    )

    assert tally.departures == {0: first, 1: second}


def test_scrap_gives_its_pallet_back() -> None:
    """A part scrapped inside the loop leaves its pallet behind for the next."""
    tally = run(
        {
            "a": {"work": 1, "buffer": queue(20), "to": [{"to": "scrap"}, {"to": "b"}]},
            "b": {"work": 1, "buffer": None, "to": "out"},
        },
        pallets={"p": {"count": 1, "load": "a", "unload": "b"}},
        horizon=1000,
    )

    assert tally.out.sum() + tally.scrapped.sum() == 20


def test_pallets_of_parts_put_together_go_back() -> None:
    """Of pallets of one loop the whole keeps the first to the unload station, and the others go back at once."""
    tally = run(
        {
            "kit": {"work": 1, "buffer": queue(4), "to": "kits"},
            "asm": {"takes": {"bodies": 1, "kits": 2}, "work": 3, "to": "out"},
        },
        buffers={"bodies": queue(2), "kits": None},
        pallets={"p": {"count": 2, "load": "kit", "unload": "asm"}},
    )

    assert tally.departures == {0: [1, 2, 3, 6], 1: [5, 9]}
    assert math.isnan(tally.stuck)


# Resources and set-ups


def test_operators_go_by_priority() -> None:
    """One operator serves three stations: the first that asks, then the one of greater priority, then the other."""
    station = {"work": 2, "buffer": queue(1), "to": "out", "needs": {"op": 1}}
    tally = run({"a": station, "b": station, "c": station | {"priority": 1}}, resources={"op": {"count": 1}})

    assert tally.departures == {0: [2], 1: [6], 2: [4]}
    assert tally.station_time[:, WAITING].tolist() == [0, 4, 2]


def test_needs_that_cannot_be_met_are_passed_over() -> None:
    """A station that needs two operators does not hold up one that needs the only one there is."""
    station = {"work": 4, "buffer": queue(1), "to": "out"}
    tally = run(
        {
            "a": station | {"needs": {"op": 1}},
            "b": station | {"needs": {"op": 2}, "priority": 1},
            "c": station | {"needs": {"op": 1}, "work": 1},
        },
        resources={"op": {"count": 2}},
    )

    assert tally.departures == {0: [4], 1: [8], 2: [1]}


@pytest.mark.parametrize(
    ("rules", "departures"), [([], [2, 3, 9]), ([{"from": "x", "to": "x", "time": 2}], [2, 5, 11])]
)
def test_set_ups_go_by_the_sequence_of_products(rules: list[Any], departures: list[int]) -> None:
    """The most exact rule counts; the first part is set up from any, and the same product only where a rule says so."""
    tally = run(
        {
            "a": {
                "work": 1,
                "buffer": queue({"x": 2, "y": 1}),
                "to": "out",
                "setups": [
                    {"time": 50},
                    {"to": "x", "time": 1},
                    {"to": "y", "time": 3},
                    {"from": "x", "to": "y", "time": 5},
                    *rules,
                ],
            }
        },
        products={"x": {}, "y": {}},
    )

    assert tally.departures == {0: departures}
    assert tally.station_time[0, SETUP] == departures[-1] - 3


def test_recorded_times_of_products_run_on_apart() -> None:
    """Each product's recorded times go on in their own order, whatever is made in between."""
    tally = run(
        {
            "a": {
                "work": {
                    "x": {"type": "block_bootstrap", "values": [1] * 50, "block": 50},
                    "y": {"type": "block_bootstrap", "values": [10, 20], "block": 50},
                },
                "buffer": queue({"x": 4, "y": 4}),
                "to": "out",
            }
        },
        products={"x": {}, "y": {}},
    )

    assert tally.departures[0][-1] == 4 + 60


# Failures and calendars


def failing(**failure: Any) -> dict[str, Any]:
    """Return a station with three parts of 4 to make and one failure."""
    return {"work": 4, "buffer": queue(3), "to": "out", "failures": {"f": {"repair": 10} | failure}}


def test_an_operating_failure_strikes_inside_work() -> None:
    """Work goes on where it stopped, and a life that ends with the work does not strike it."""
    tally = run({"a": failing(time_to_failure=6)}, horizon=30)

    assert tally.departures == {0: [4, 18, 22]}
    assert tally.station_time[0].tolist() == [12, 0, 0, 0, 10, 0, 8]


def test_a_calendar_failure_strikes_an_idle_server_too() -> None:
    """A calendar life goes on while there is no work, and begins anew after the repair."""
    tally = run({"a": failing(time_to_failure=6, clock="calendar")}, horizon=30)

    assert tally.departures == {0: [4, 18, 22]}
    assert tally.station_time[0].tolist() == [12, 0, 0, 0, 18, 0, 0]


def test_a_finished_part_leaves_a_server_that_is_down() -> None:
    """A blocked server can fail; its part leaves all the same, and until the repair it takes no other."""
    tally = run(
        {
            "a": failing(time_to_failure=2, clock="calendar") | {"work": 1, "buffer": queue(2), "to": "b"},
            "b": {"work": 5, "buffer": queue(1, 0), "to": "out"},
        },
        horizon=13,
    )

    assert tally.departures == {0: [5, 13], 1: [5, 10]}
    assert tally.station_time[0].tolist() == [2, 0, 0, 1, 10, 0, 0]


def test_one_crew_repairs_one_machine_at_a_time() -> None:
    """The second machine to fail waits for the crew, and is down all the while."""
    station = {
        "work": 2,
        "buffer": queue(1),
        "to": "out",
        "failures": {"f": {"time_to_failure": 1, "repair": 5, "needs": {"crew": 1}}},
    }
    tally = run({"a": station, "b": station}, resources={"crew": {"count": 1}})

    assert tally.departures == {0: [7], 1: [12]}
    assert tally.station_time[:, DOWN].tolist() == [5, 10]


def test_work_and_repair_wait_for_the_next_shift() -> None:
    """Off shift all stands still; what ends with the shift has ended."""
    shifts = {"day": {"on": [[0, 4], [10, 14]], "period": 20}}
    station = {"work": 6, "buffer": queue(2), "to": "out", "calendar": "day"}
    whole = run({"a": station}, calendars=shifts, horizon=30)
    failing_too = {"failures": {"f": {"time_to_failure": 3, "repair": 4}}}
    broken = run({"a": station | failing_too | {"buffer": queue(1)}}, calendars=shifts, horizon=22)

    assert whole.departures == {0: [12, 24]}
    assert whole.station_time[0].tolist() == [12, 0, 0, 0, 0, 18, 0]
    assert broken.departures == {0: [22]}
    assert broken.station_time[0].tolist() == [6, 0, 0, 0, 4, 12, 0]


def test_a_station_off_shift_takes_no_operator() -> None:
    """An operator passes over a station that is off shift, which keeps its turn."""
    station = {"work": 4, "buffer": queue(1), "to": "out", "needs": {"op": 1}}
    tally = run(
        {"a": station, "b": station | {"calendar": "late", "priority": 1}, "c": station},
        resources={"op": {"count": 1}},
        calendars={"late": {"on": [[0, 2], [6, 50]]}},
    )

    assert tally.departures == {0: [4], 1: [12], 2: [8]}
    assert tally.station_time[1].tolist() == [4, 0, 2 + 2, 0, 0, 4 + 50, 38]


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        ({"on": [[0, 8], [8, 16]], "period": 24}, [16, 24, 40]),
        ({"on": [[8, 16], [20, 24]], "period": 24}, [8, 16, 20, 24, 32]),
        ({"on": [[0, 8], [20, 24]], "period": 24}, [8, 20, 32, 44]),
        ({"on": [[0, 24]], "period": 24}, [math.inf]),
        ({"on": [[2, 5]]}, [2, 5, math.inf]),
        ({"on": [[8, 16], [20, 24]], "period": 24, "from": 10}, [6, 10, 14, 22, 30, 34]),
        ({"on": [[8, 16]], "period": 24, "from": 40}, [16, 24, 40]),
        ({"on": [[2, 5]], "from": 3}, [2, math.inf]),
    ],
)
def test_a_calendar_switches_where_its_spans_end(calendar: dict[str, Any], expected: list[float]) -> None:
    """Spans that touch, also across the period's end, are one."""
    line = Line.model_validate(
        {
            "schema": "lineside.line/1",
            "calendars": {"c": calendar},
            "stations": {"a": {"work": 1, "buffer": None, "to": "out"}},
        }
    )

    times = switches(line.calendars["c"])

    assert [next(times) for _ in expected] == expected


@pytest.mark.parametrize(("begun", "departures"), [(0, [12]), (10, [2, 24]), (15, [21]), (40, [])])
def test_a_line_can_begin_in_the_middle_of_a_shift(begun: float, departures: list[float]) -> None:
    """Time 0 lies at `from` of the calendar: on shift or off, and the next switches come sooner."""
    tally = run(
        {
            "a": {
                "work": 4,
                "buffer": queue(2),
                "calendar": "c",
                "to": "out",
                "start": [{"state": "working", "left": 2}] if begun == 10 else [],
            }
        },
        calendars={"c": {"on": [[8, 14]], "from": begun, "period": None if begun == 40 else 24}},
        horizon=26,
    )

    assert tally.departures == {0: departures}


# Time 0


def test_recorded_times_are_replayed_in_their_order() -> None:
    """From the first value in each replication, from the first again after the last, and the shift on top."""
    tally = run({"a": {"work": {"type": "recorded", "values": [1, 2, 4], "shift": 1}, "buffer": queue(5), "to": "out"}})

    assert np.diff([0, *tally.departures[0]]).tolist() == [2, 3, 5, 2, 3]


def test_equal_recorded_times_of_two_products_run_on_apart() -> None:
    """Two products with the same recording have a place of their own in it."""
    work = {name: {"type": "recorded", "values": [1, 10]} for name in "xy"}
    tally = run({"a": {"work": work, "buffer": queue(["x", "y", "x", "y"]), "to": "out"}}, products={"x": {}, "y": {}})

    assert np.diff([0, *tally.departures[0]]).tolist() == [1, 1, 10, 10]


def test_parts_wait_in_the_order_they_are_told() -> None:
    """A list of products is a queue as it stands; counts by product stand in the order they are written."""
    stations = {"a": {"work": {"x": 1, "y": 10}, "to": "out"}}
    in_order, by_count = (
        run({"a": stations["a"] | {"buffer": queue(initial)}}, products={"x": {}, "y": {}})
        for initial in (["x", "y", "x"], {"y": 1, "x": 2})
    )

    assert in_order.departures[0] == [1, 11, 12]
    assert by_count.departures[0] == [10, 11, 12]
    assert in_order.lead_sum.tolist() == [13, 11]


def row_from(a: Mapping[str, Any], b: Mapping[str, Any], **rest: Any) -> Tally:
    """Two stations that start in the middle of things, with one part more before the first."""
    return run(
        {
            "a": {"work": 4, "buffer": queue(1), "to": "b", **a},
            "b": {"work": 3, "buffer": 0, "to": "out", **b},
        },
        **{"horizon": 20.0} | rest,
    )


@pytest.mark.parametrize(
    ("a", "b", "departures"),
    [
        ({"state": "working", "left": 1}, {"state": "idle"}, {0: [1, 5], 1: [4, 8]}),
        ({"state": "working"}, {"state": "idle"}, {0: [4, 8], 1: [7, 11]}),
        ({"state": "blocked"}, {"state": "working", "left": 2}, {0: [2, 6], 1: [2, 5, 9]}),
        ({"state": "blocked"}, {"state": "idle"}, {0: [0, 4], 1: [3, 7]}),
        ({"state": "idle"}, {"state": "blocked"}, {0: [4], 1: [0, 7]}),
        ({"state": "down", "failure": "jam", "left": 5}, {"state": "idle"}, {0: [9], 1: [12]}),
        ({"state": "down", "failure": "jam"}, {"state": "idle"}, {0: [11], 1: [14]}),
        (
            {"state": "down", "failure": "jam", "left": 5, "doing": {"state": "working", "left": 1}},
            {"state": "idle"},
            {0: [6, 10], 1: [9, 13]},
        ),
        (
            {"state": "down", "failure": "jam", "left": 5, "doing": {"state": "blocked"}},
            {"state": "working", "left": 1},
            {0: [1, 9], 1: [1, 4, 12]},
        ),
        ({"state": "setup", "left": 2}, {"state": "idle"}, {0: [6, 10], 1: [9, 13]}),
        (
            {"state": "down", "failure": "jam", "left": 5, "doing": {"state": "setup", "left": 2}},
            {"state": "idle"},
            {0: [11, 15], 1: [14, 18]},
        ),
    ],
)
def test_a_line_begins_in_the_middle_of_things(a: Any, b: Any, departures: dict[int, list[float]]) -> None:
    """What servers do at time 0 goes on from there: work, set-ups and repairs for the time that is left of them."""
    jam = {"jam": {"time_to_failure": 1000, "repair": 7}}
    tally = row_from({"start": [a], "failures": jam}, {"start": [b]})

    assert tally.departures == departures
    assert tally.out.sum() == len(departures[1])
    assert tally.wip_area == sum(departures[1])


def test_a_part_that_has_its_place_keeps_it_from_the_start() -> None:
    """With blocking before, a part in work at time 0 has claimed its place; one that is blocked has not begun."""
    before = {"blocking": "before", "servers": 2}
    tally = row_from(before | {"start": [{"state": "blocked"}, {"state": "working", "left": 1}]}, {"priority": 1})

    assert tally.departures == {0: [1, 8, 15], 1: [4, 11, 18]}
    assert tally.station_time[0, BLOCKED] == 4 + 10


def test_the_set_up_that_a_server_stands_in_counts() -> None:
    """What it made before time 0 decides the next set-up; a set-up in work is drawn where its rest is not said."""
    rules = [{"from": "x", "to": "y", "time": 5}, {"time": 1}]
    products = {"products": {"x": {}, "y": {}}, "horizon": 30.0}
    a = {"buffer": queue(["y"]), "setups": rules}
    idle, unused, begun = (
        row_from(a | {"start": [entry]}, {}, **products).departures[0]
        for entry in (
            {"state": "idle", "made": "x"},
            {"state": "idle"},
            {"state": "setup", "product": "y", "made": "x"},
        )
    )

    assert (idle, unused, begun) == ([9], [5], [9, 13])


def test_parts_in_work_hold_their_resources_and_others_wait_for_them() -> None:
    """The operator is with the part in work; of the two that wait the station of greater priority has him next."""
    needs = {"buffer": None, "needs": {"man": 1}, "to": "out"}
    tally = run(
        {
            "a": needs | {"work": 4, "start": [{"state": "waiting"}]},
            "b": needs | {"work": 3, "start": [{"state": "working", "left": 2}]},
            "c": needs | {"work": 5, "start": [{"state": "waiting"}], "priority": 1},
        },
        resources={"man": {"count": 1}},
    )

    assert tally.departures == {0: [11], 1: [2], 2: [7]}


def test_of_two_machines_down_one_waits_for_the_crew() -> None:
    """A repair at time 0 takes its crew if it is free; off shift it waits for the shift."""
    jam = {"failures": {"jam": {"time_to_failure": 1000, "repair": 7, "needs": {"crew": 1}}}}
    down = jam | {"start": [{"state": "down", "failure": "jam", "left": 3}]}
    both = row_from(down, down | {"priority": 1}, resources={"crew": {"count": 1}})
    late = row_from(
        down | {"calendar": "day"},
        {},
        resources={"crew": {"count": 1}},
        calendars={"day": {"on": [[0, 8]], "period": 24, "from": 14}},
    )

    assert both.departures == {0: [10], 1: [13]}
    assert late.departures == {0: [17], 1: [20]}


def test_what_is_left_is_drawn_from_a_stream_of_its_own() -> None:
    """A start leaves the luck of the work that follows as it was."""
    work = {"type": "exponential", "mean": 1}
    left = {"start": [{"state": "working", "left": {"type": "uniform", "low": 1, "high": 2}}]}
    idle, busy = (run({"a": {"work": work, "buffer": queue(5), "to": "out", **start}}) for start in ({}, left))

    first, *others = busy.departures[0]
    assert 1 < first < 2
    assert np.diff([first, *others]) == pytest.approx(np.diff([0, *idle.departures[0]]))


# Ends


def test_the_warm_up_is_left_out_and_what_happens_at_its_end_counts() -> None:
    """Sums begin at the warm-up, before what happens at that moment; departures are kept from the start."""
    tally = run({"a": {"work": 1, "buffer": queue(20), "to": "out"}}, horizon=10, warmup=5)

    assert tally.span == 5
    assert tally.out.tolist() == tally.station_left.tolist() == [6]
    assert tally.station_time[0, WORKING] == 5
    assert len(tally.departures[0]) == 10


def test_a_deadlock_is_told() -> None:
    """Two stations that wait for each other's places are stuck from the moment of the last event."""
    tally = run(
        {"a": {"work": 1, "buffer": 1, "to": "b"}, "b": {"work": 1, "buffer": 1, "to": "a"}},
        sources={"s": {"to": "a"}},
        horizon=10,
    )

    assert tally.stuck == 3
    assert tally.station_time[:, BLOCKED].tolist() == [7, 8]


@pytest.mark.parametrize(
    "line",
    [
        {"stations": {"a": {"work": 0, "buffer": queue(1), "to": "a"}}},
        {"stations": {"a": {"work": 1, "buffer": None, "to": "out"}}, "sources": {"a": {"to": "a"}}},
    ],
)
def test_a_line_in_which_time_stands_still_is_refused(line: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that takes no time, or an endless source before a boundless buffer, is told with its place."""
    monkeypatch.setattr("lineside.twin.oracle.run.MOST_AT_ONCE", 1000)

    with pytest.raises(LinesideError) as told:
        run(**line)

    assert told.value.key == "twin.endless"
    assert told.value.fields == {"time": 0.0, "station": "a"}


def test_too_many_events_are_refused() -> None:
    """A run that needs more events than allowed ends with an error that says how far it came."""
    line = Line.model_validate(
        {"schema": "lineside.line/1", "stations": {"a": {"work": 1, "buffer": queue(9), "to": "out"}}}
    )

    with pytest.raises(LinesideError) as told:
        simulate(line, seed=1, replication=0, horizon=100, most_events=5)

    assert (told.value.key, told.value.fields) == ("twin.too_many", {"events": 5, "time": 5.0})


# Laws


@st.composite
def serial(draw: st.DrawFn) -> tuple[list[list[int]], list[int], list[str]]:
    """Return work times by part and station, places before each station but the first, and how each blocks."""
    stations, parts = draw(st.integers(2, 4)), draw(st.integers(1, 8))
    times = draw(
        st.lists(st.lists(st.integers(0, 9), min_size=stations, max_size=stations), min_size=parts, max_size=parts)
    )
    places = draw(st.lists(st.integers(0, 3), min_size=stations - 1, max_size=stations - 1))
    blocking = draw(st.lists(st.sampled_from(["after", "before"]), min_size=stations, max_size=stations))
    return times, places, blocking


def recursion(times: list[list[int]], places: list[int], blocking: list[str]) -> list[list[int]]:
    """Departures by the max-plus recursion of a line with places between its stations."""
    left = [[0] * len(times[0]) for _ in times]
    for n, works in enumerate(times):
        for j, work in enumerate(works):
            begin = max(left[n][j - 1] if j else 0, left[n - 1][j] if n else 0)
            behind = n - places[j] - 1 if j < len(places) else -1
            room = left[behind][j + 1] if behind >= 0 else 0
            left[n][j] = max(begin + work, room) if blocking[j] == "after" else max(begin, room) + work
    return left


@given(serial())
def test_a_serial_line_keeps_to_the_recursion(line: tuple[list[list[int]], list[int], list[str]]) -> None:
    """Part n leaves when it is done and part n - places - 1 has left the next station."""
    times, places, blocking = line
    names = [f"p{n}" for n in range(len(times))]
    stations = {
        f"s{j}": {
            "work": {name: times[n][j] for n, name in enumerate(names)},
            "buffer": places[j - 1] if j else queue(dict.fromkeys(names, 1)),
            "to": f"s{j + 1}" if j < len(places) else "out",
            "blocking": blocking[j],
        }
        for j in range(len(places) + 1)
    }

    tally = run(stations, horizon=1000, products={name: {} for name in names})

    assert tally.departures == {j: list(column) for j, column in enumerate(zip(*recursion(*line), strict=True))}


@st.composite
def lines(draw: st.DrawFn, *, scrap: bool) -> dict[str, Any]:
    """Return a line of two to four stations that comes to its end, with any features that agree with that."""
    names = [f"s{j}" for j in range(draw(st.integers(2, 4)))]
    exits = ["out", "scrap"] if scrap else ["out"]
    time = st.one_of(
        st.integers(0, 5),
        st.sampled_from([{"type": "exponential", "mean": 2.0}, {"type": "gamma", "shape": 0.5, "mean": 3.0}]),
    )
    often = [7, {"type": "exponential", "mean": 10.0}]
    seldom = [90, {"type": "exponential", "mean": 100.0}]  # so that one crew is enough for all
    failure = st.one_of(
        [
            st.fixed_dictionaries(
                {
                    "time_to_failure": st.sampled_from(lives),
                    "repair": st.sampled_from([3, {"type": "uniform", "low": 0.0, "high": 4.0}]),
                    "clock": st.sampled_from(["operating", "calendar"]),
                    "needs": st.just(needs),
                }
            )
            for lives, needs in ((often, {}), (seldom, {"crew": 1}))
        ]
    )
    stations = {}
    for j, name in enumerate(names):
        ends = exits if j == len(names) - 1 else [names[j + 1], *exits[1:]]
        stations[name] = {
            "work": draw(st.one_of(time, st.fixed_dictionaries({"x": time, "*": time}))),
            "servers": draw(st.integers(1, 3)),
            "buffer": draw(st.sampled_from([0, 1, 3, None])),
            "to": [{"to": end, "transfer": draw(st.sampled_from([None, 1, 2.5]))} for end in ends],
            "blocking": draw(st.sampled_from(["after", "before"])),
            "failures": draw(st.dictionaries(st.sampled_from(["f", "g"]), failure)),
            "setups": draw(st.sampled_from([[], [{"time": 1}], [{"from": "x", "to": "y", "time": 2}]])),
            "needs": draw(st.sampled_from([{}, {"operators": 1}, {"operators": 2}])),
            "priority": draw(st.integers(-1, 1)),
            "calendar": draw(st.sampled_from([None, "day"])),
        }
    source = st.fixed_dictionaries(
        {
            "to": st.sampled_from(names),
            "product": st.sampled_from([None, "y", {"x": 1, "y": 2}]),
            "interval": st.sampled_from([None, 3, {"type": "exponential", "mean": 2.0}]),
            "batch": st.integers(1, 3),
            "limit": st.integers(1, 9),
            "full": st.sampled_from(["wait", "lose"]),
        }
    )
    return {
        "stations": stations,
        "sources": draw(st.dictionaries(st.sampled_from(["a", "b"]), source, min_size=1)),
        "products": {"x": {}, "y": {"priority": draw(st.integers(0, 1))}},
        "resources": {"crew": {"count": 1}, "operators": {"count": 2}},
        "calendars": {"day": {"on": [[1, 5], [6, 9]], "period": 10}},
        "pallets": draw(
            st.sampled_from([{}, {"p": {"count": 2, "load": names[0], "unload": names[-1], "back": 1}}]),
        ),
        "horizon": 2000.0,
    }


@settings(max_examples=60, deadline=None)
@given(lines(scrap=True), st.integers(0, 3))
def test_nothing_is_made_or_lost_on_the_way(line: dict[str, Any], seed: int) -> None:
    """All that came and was not lost goes out or is scrapped, and the states of a station fill its servers' time."""
    tally = run(**line, seed=seed)

    assert tally.out.sum() + tally.scrapped.sum() == tally.source_came.sum() - tally.source_lost.sum()
    assert math.isnan(tally.stuck)
    servers = [station["servers"] for station in line["stations"].values()]
    np.testing.assert_allclose(tally.station_time.sum(axis=1), np.multiply(servers, tally.span))
    assert (tally.station_time >= 0).all()
    assert tally.station_time.shape[1] == len(STATES)


@settings(max_examples=60, deadline=None)
@given(lines(scrap=False), st.integers(0, 3))
def test_little_s_law_holds_from_empty_to_empty(line: dict[str, Any], seed: int) -> None:
    """The parts in the line, and in each buffer, add up over time to the time the parts spend there."""
    tally = run(**line, seed=seed)

    np.testing.assert_allclose(tally.wip_area, tally.lead_sum.sum(), rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(tally.buffer_area, tally.buffer_wait, rtol=1e-9, atol=1e-6)


def test_the_same_seed_gives_the_same_run_and_another_station_leaves_its_luck_alone() -> None:
    """A run is told by its seed, and a change at one station leaves the draws of the others."""
    station = {"work": {"type": "exponential", "mean": 1.0}, "buffer": queue(50), "to": "out"}

    alone, beside = run({"a": station}), run({"b": station | {"work": 2}, "a": station})

    assert alone.departures[0] == beside.departures[1] == run({"a": station}).departures[0]
    assert alone.departures[0] != run({"a": station}, seed=2).departures[0]
    assert alone.station_time[0, OFF] == alone.station_time[0, STARVED] - max(0, 100 - alone.departures[0][-1])


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in CASES
        if case.name
        in {
            "three",
            "two failing, blocking before",
            "four machines, one crew",
            "four pallets with a way back",
            "closed loop",
            "assembly of two",
            "3 of 1 phases from empty",
        }
    ],
    ids=lambda case: str(case.name),
)
def test_chance_averages_out_to_the_exact_answer(case: Case) -> None:
    """Replications spread around the exact mean by no more than chance allows (four standard errors)."""
    line = Line.model_validate({"schema": "lineside.line/1"} | dict(case.line))
    warmup = min(case.warmup, 100.0)

    values = [
        case.measure(simulate(line, seed=3, replication=r, horizon=min(case.horizon, 600.0), warmup=warmup))
        for r in range(12)
    ]

    assert abs(np.mean(values) - case.value) < 4 * np.std(values, ddof=1) / math.sqrt(len(values))
