from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from lineside.measure import Number, number_json
from lineside.plant import Timeline

Make = Callable[..., Timeline]
Do = Callable[..., None]
Change = Callable[..., str]
Open = Callable[..., Number]

HOUR = 3_600_000_000
MIDNIGHT = 20_000 * 24 * HOUR
THIN = "\N{NARROW NO-BREAK SPACE}"


def at(hour: float) -> int:
    """A moment of the day."""
    return MIDNIGHT + int(hour * HOUR)


@pytest.fixture
def shift(tell: Do, hear: Do) -> None:
    """Running 06:00-12:00 (through the break), cleaning to 13:00, down to 14:00; 900 parts, 90 of them scrap.

    PBT = 28 800 - 1 800 - 3 600 = 23 400 s; APT = 21 600 - 1 800 = 19 800 s; PRI x PQ = 900 x 20 = 18 000 s
    """
    hear("press")
    tell("press/execution", (at(6), "ACTIVE"), (at(12), "CLEANING"), (at(13), "FAULT"))
    tell("press/parts", (at(5), 0.0), (at(7), 900.0))
    tell("press/scrap", (at(5), 0.0), (at(8), 90.0))


@pytest.mark.usefixtures("shift")
@pytest.mark.parametrize(
    ("kpi", "formula", "substituted", "inputs"),
    [
        ("availability", "APT / PBT", f"19{THIN}800 s / 23{THIN}400 s", {"APT": 19_800, "PBT": 23_400}),
        (
            "effectiveness",
            "PRI × PQ / APT",
            f"20 s × 900 / 19{THIN}800 s",
            {"PRI×PQ": 18_000, "PRI": 20, "PQ": 900, "APT": 19_800},
        ),
        ("quality", "GQ / PQ", "810 / 900", {"GQ": 810, "PQ": 900}),
        ("oee", "A × E × Q", "84.6 % × 90.9 % × 90.0 %", {"A": 198 / 234, "E": 180 / 198, "Q": 0.9}),
    ],
)
def test_a_number_opens_to_its_formula_and_inputs(
    open_kpi: Open, timeline: Make, plant_text: str, kpi: str, formula: str, substituted: str, inputs: dict[str, float]
) -> None:
    """The formula in the standard's symbols, the same with the values put in, and each input by its symbol."""
    number = open_kpi(timeline(plant_text), "machine/press", kpi, at(6), at(14))

    assert (number.formula, number.substituted) == (formula, substituted)
    assert {i.id: i.value for i in number.inputs} == pytest.approx(inputs)


@pytest.mark.usefixtures("shift")
def test_each_ideal_cycle_time_is_an_input(
    tell: Do, open_kpi: Open, timeline: Make, plant_text: str, change: Change
) -> None:
    """Two products, and one of them timed anew at 11:00: three times, the edition named where one product has two."""
    tell("press/program", (at(5), "lid"), (at(7) + 1, "P-40"))
    tell("press/parts", (at(8), 1000.0), (at(11.5), 1100.0))
    text = change(plant_text, ("[machine.press.units]\n", '[machine.press.units]\nproduct = "program"\n'))
    plant = timeline(text, (at(11), change(text, ("ideal_cycle_s = 40.0", "ideal_cycle_s = 44.0"))))

    number = open_kpi(plant, "machine/press", "effectiveness", at(6), at(14))

    told = number_json(number, plant.newest, plant)
    assert [(i["id"], i["name"], i["value"]) for i in told["inputs"] if i["id"].startswith("PRI")] == [
        ("PRI×PQ", "Planned runtime per item × produced quantity", 900 * 20 + 100 * 40 + 100 * 44),
        ("PRI1", "Planned runtime per item: lid", 20),
        ("PRI2", "Planned runtime per item: pot, from edition 1 on", 40),
        ("PRI3", "Planned runtime per item: pot, from edition 2 on", 44),
    ]
    assert told["substituted"] == f"26{THIN}400 s / 19{THIN}800 s"


@pytest.mark.usefixtures("shift")
def test_inputs_say_where_they_come_from(open_kpi: Open, timeline: Make, plant_text: str) -> None:
    """Planned busy time says whether calendar or orders planned it."""
    order = (
        '[[order]]\nid = "1"\nproduct = "lid"\nline = "press"\nquantity = 9\n'
        "start = 2024-10-04T06:00:00\nend = 2024-10-04T14:00:00\n"
    )

    for text, basis in ((plant_text, "calendar"), (plant_text + order, "orders")):
        number = open_kpi(timeline(text), "machine/press", "availability", at(6), at(14))
        assert {i.id: (i.unit, i.origin) for i in number.inputs} == {"APT": ("s", "states"), "PBT": ("s", basis)}


@pytest.mark.usefixtures("shift")
def test_intervals_tile_the_window_and_sum_to_the_inputs(open_kpi: Open, timeline: Make, plant_text: str) -> None:
    """Every moment of the window is in one interval, and those counted as APT last as long as APT says."""
    number = open_kpi(timeline(plant_text), "machine/press", "availability", at(5), at(15))

    shown = number.intervals
    assert (shown[0].start, shown[-1].end) == (at(5), at(15))
    assert all(before.end == after.start for before, after in pairwise(shown))
    counted = [(i.state.value, i.counted_as, (i.end - i.start) / HOUR) for i in shown]
    assert counted == [
        ("no_data", None, 1),
        ("running", "APT", 3),
        ("running", None, 0.5),
        ("running", "APT", 2.5),
        ("planned_stop", "PDOT", 1),
        ("down", "ADOT", 1),
        ("down", None, 1),
    ]


@pytest.mark.usefixtures("shift")
def test_what_was_left_out_is_listed_with_its_reason(open_kpi: Open, timeline: Make, plant_text: str) -> None:
    """Time outside shifts, the break and the planned stop: with planned busy time they make up the window."""
    number = open_kpi(timeline(plant_text), "machine/press", "availability", at(5), at(15))

    left_out = [((e.start - MIDNIGHT) / HOUR, (e.end - MIDNIGHT) / HOUR, e.reason) for e in number.excluded]
    assert left_out == [
        (5, 6, "no_shift"),
        (9, 9.5, "break"),
        (12, 13, "planned_stop"),
        (14, 15, "no_shift"),
    ]
    assert sum(b - a for a, b, _ in left_out) * 3600 + (number.row.planned_busy_s or 0) == 10 * 3600


@pytest.mark.usefixtures("shift")
def test_a_missing_input_leaves_the_formula_open(
    open_kpi: Open, timeline: Make, plant_text: str, change: Change
) -> None:
    """Without a calendar neither planned busy time nor production inside it is made up."""
    plant = timeline(change(plant_text, ('calendar = "early"\n', "")))

    number = open_kpi(plant, "machine/press", "availability", at(6), at(14))

    assert number.substituted is None
    assert [(i.id, i.value) for i in number.inputs] == [("APT", None), ("PBT", None)]
    assert {i.counted_as for i in number.intervals} == {None}


@pytest.mark.usefixtures("shift")
def test_a_lines_number_opens_to_its_pace_station(open_kpi: Open, timeline: Make, plant_text: str) -> None:
    """A line shows the inputs and intervals of the machine that judges it."""
    plant = timeline(plant_text)

    line = open_kpi(plant, "line/press", "oee", at(6), at(14))
    machine = open_kpi(plant, "machine/press", "oee", at(6), at(14))

    assert (line.inputs, line.intervals, line.excluded) == (machine.inputs, machine.intervals, machine.excluded)
    assert [m.scope for m in line.row.members] == ["machine/press"]


@pytest.mark.usefixtures("shift")
def test_an_opened_number_over_two_editions_shows_each_part_by_its_own(
    open_kpi: Open, timeline: Make, plant_text: str, change: Change
) -> None:
    """From 10:00 on there is no break any more and FAULT means stopped: the intervals before stay as they were."""
    later = change(
        plant_text, ('breaks = ["09:00-09:30"]', 'breaks = ["10:30-11:00"]'), ('state = "down"', 'state = "off"')
    )

    number = open_kpi(timeline(plant_text, (at(10), later)), "machine/press", "availability", at(8), at(14))

    assert [((e.start - MIDNIGHT) / HOUR, e.reason) for e in number.excluded] == [
        (9, "break"),
        (10.5, "break"),
        (12, "planned_stop"),
    ]
    assert number.intervals[-1].state.value == "off"
    assert number.row.editions == (1, 2)


@pytest.mark.usefixtures("shift")
def test_time_before_the_plant_knew_the_machine_is_left_out_with_its_reason(
    open_kpi: Open, timeline: Make, plant_text: str
) -> None:
    """The machine came into the plant file at 10:00: nothing before is planned or judged, and the list says why."""
    without = plant_text[: plant_text.index("[machine.press]")].replace('pace = "press"\n', "")
    plant = timeline(without, (at(10), plant_text))

    number = open_kpi(plant, "machine/press", "availability", at(8), at(14))

    assert [((e.start - MIDNIGHT) / HOUR, e.reason) for e in number.excluded] == [
        (8, "no_machine"),
        (12, "planned_stop"),
    ]
    assert (number.row.planned_busy_s, number.row.production_s, number.row.produced) == (3 * 3600, 2 * 3600, 0)
    told = number_json(number, plant.newest, plant)
    assert told["excluded"][0]["text"] == "not in the plant file then"
