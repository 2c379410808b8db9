from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from lineside.connect import source
from lineside.demo import DEMO_FILE, DemoPlan, catch_up, fill_in
from lineside.demo.recordings import RECORDED
from lineside.demo.shifts import DAY_US, Timetable
from lineside.demo.stations import STATIONS
from lineside.errors import ConfigurationError
from lineside.measure import KPIS, Scope, kpi_rows, read_facts
from lineside.node import PASSIVE, Node, submit_import
from lineside.plant import CODE, PLANT_FILE, State, read_plant

PUMPS = Scope("line", "pumps")
BROKEN = {
    "no TOML": ("seed = ", "seed = = "),
    "no seed": ("seed = ", "seat = "),
    "no ports": ("[ports]", "[doors]"),
    "a source without a port": ("hurco = ", "hurko = "),
    "a port that is a word": ("hurco = ", 'hurco = "x"  # '),
    "a port no computer has": ("hurco = ", "hurco = 9999999  # "),
    "a zone nobody knows": ("Europe/Berlin", "Mars/Phobos"),
    "a time beyond all time": ("set_up_us = ", "set_up_us = 99999999999"),
}


def without_ports(text: str) -> str:
    """The text with every port left out."""
    return re.sub(r"(127\.0\.0\.1:|^[\w-]+ = )\d{4,5}(?=/?\"?$)", r"\1PORT", text, flags=re.MULTILINE)


def test_the_same_arguments_give_the_same_bytes(
    plan: DemoPlan, make: Callable[[Path], DemoPlan], tmp_path: Path
) -> None:
    """A demo made again holds the same history, byte for byte, and the same plant but for its ports."""
    again = make(tmp_path / "again")

    assert [file.path.name for file in again.files] == [file.path.name for file in plan.files]
    for mine, other in zip(plan.files, again.files, strict=True):
        assert mine.path.read_bytes() == other.path.read_bytes(), mine.path.name
    for name in (PLANT_FILE, DEMO_FILE):
        one, two = ((folder / name).read_text("utf-8") for folder in (plan.folder, again.folder))
        assert without_ports(one) == without_ports(two)
        assert without_ports(one) != one


def test_the_plant_file_is_fine_and_every_source_can_be_run(plan: DemoPlan) -> None:
    """What `prepare` writes is accepted, and each source has a type and options that exist."""
    plant = read_plant(plan.folder).plant

    for settings in plant.sources.values():
        wanted = {
            s.address: s.kind for m in plant.machines.values() if m.source == settings.id for s in m.signals.values()
        }
        assert wanted
        if settings.type not in PASSIVE:
            assert source(settings, wanted).wanted == wanted
    assert {settings.type for settings in plant.sources.values()} == {"shdr", "opcua", "tally"}


def test_nobody_takes_the_demo_for_a_real_factory(plan: DemoPlan) -> None:
    """Recorded machines say that their data is moved, stations that they are simulated."""
    machines = read_plant(plan.folder).plant.machines

    assert {machines[machine.id].label for machine in RECORDED} == {"recorded, shifted"}
    assert {machines[station.id].label for station in STATIONS} == {"simulated"}


def test_the_history_covers_two_weeks_up_to_going_live(node: Node, times: Timetable, live: int) -> None:
    """Every machine that speaks was heard without a gap from its first working period to the moment it goes live."""
    sources = [*(machine.id for machine in RECORDED), "assembly"]

    heard = {source: node.history.heard(source, 0, 2**62).tolist() for source in sources}

    assert all(len(spans) == 1 and spans[0][1] == live for spans in heard.values())
    assert all(times.start <= spans[0][0] < times.start + DAY_US // 8 for spans in heard.values())
    assert (live - times.start) / DAY_US > 14


def test_the_bench_is_counted_by_hand_every_hour(node: Node, times: Timetable, now: int) -> None:
    """The tally of the bench holds an entry for each full hour of its shifts, at most an hour apart in a shift."""
    entries = node.history.read(node.history.series("bench/good"), times.start, now).time.tolist()
    planned = [span for shift in times.spans(now) for span in shift.planned]

    assert all(any(start < entry <= end for start, end in planned) for entry in entries)
    for start, end in planned:
        told = [start, *(entry for entry in entries if start < entry <= end)]
        assert all(b - a <= DAY_US // 24 for a, b in pairwise(told))


def test_the_line_has_its_whole_oee(node: Node, times: Timetable, now: int) -> None:
    """In each shift with an order every KPI of the pump line is there and lies between nothing and all."""
    rows = kpi_rows(node.history, node.timeline, [PUMPS], times.start, now, "shift")

    worked = [row for row in rows if row.planned_busy_s]
    assert len(worked) > 35
    for row in worked:
        assert row.lacks == ()
        assert row.coverage == 1.0
        assert all(0 < (row.values[kpi] or 0) < 1 for kpi in KPIS)


def test_the_last_finished_shift_tells_everything(node: Node, times: Timetable, now: int) -> None:
    """The shift before the one that runs has every KPI of the line, and OEE is their product."""
    last = [span for span in times.spans(now) if span.end <= now][-1]

    row = kpi_rows(node.history, node.timeline, [PUMPS], last.start, last.end)[0]

    availability, effectiveness, quality, oee = (row.values[kpi] for kpi in KPIS)
    assert availability is not None
    assert effectiveness is not None
    assert quality is not None
    assert oee is not None
    assert oee == pytest.approx(availability * effectiveness * quality)
    assert 0.3 < oee < 1


def test_the_stations_show_no_hole_at_the_seam(node: Node, now: int, live: int) -> None:
    """Between the end of the first import and going live no station is without data."""
    names = [station.id for station in STATIONS]

    facts = read_facts(node.history, node.timeline, names, now - 60_000_000, live)

    assert all(CODE[State.NO_DATA] not in fact.states.codes for fact in facts.values())


def test_the_seconds_before_the_node_heard_everything_are_filled_in(
    tmp_path: Path, make: Callable[[Path], DemoPlan], now: int, live: int
) -> None:
    """What the line said while nobody listened yet comes in by a file that reaches to the moment it was heard."""
    plan, heard = make(tmp_path / "plant"), live + 20_000_000
    assert plan.line is not None
    with Node.open(plan.folder) as node:
        for files in ([file.path for file in plan.files], catch_up(plan, live)):
            node.jobs.wait(submit_import(node.jobs, {"files": [str(file) for file in files]}).id, 300)
        plan.line.advance(heard)

        node.jobs.wait(submit_import(node.jobs, {"files": [str(file) for file in fill_in(plan, heard)]}).id, 300)

        names = [station.id for station in STATIONS]
        facts = read_facts(node.history, node.timeline, names, now, heard)
        assert all(CODE[State.NO_DATA] not in fact.states.codes for fact in facts.values())
        assert fill_in(plan, heard)[-1].name != "assembly-latest.parquet"


def test_a_plan_is_found_again(plan: DemoPlan) -> None:
    """What belongs to a demo folder is read from its demo.toml: seed, timetable and ports, without the line's past."""
    found = DemoPlan.load(plan.folder)

    assert (found.seed, found.timetable, found.ports) == (plan.seed, plan.timetable, plan.ports)
    assert (found.files, found.line) == ((), None)


@pytest.mark.parametrize(("old", "new"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_demo_file_is_named(plan: DemoPlan, tmp_path: Path, old: str, new: str) -> None:
    """A demo.toml that cannot be used is refused with its path, a reason and a cure."""
    text = (plan.folder / DEMO_FILE).read_text("utf-8")
    assert old in text
    (tmp_path / DEMO_FILE).write_text(text.replace(old, new), "utf-8")

    with pytest.raises(ConfigurationError) as raised:
        DemoPlan.load(tmp_path)

    assert raised.value.key == "demo.file_broken"
    assert raised.value.fields["file"] == str(tmp_path / DEMO_FILE)
    assert raised.value.fields["reason"]
    assert raised.value.cure()


def test_a_folder_without_a_demo_file_is_no_demo(tmp_path: Path) -> None:
    """Without demo.toml a folder is an ordinary plant, and the error says how to make a demo."""
    with pytest.raises(ConfigurationError) as raised:
        DemoPlan.load(tmp_path)

    assert raised.value.key == "demo.no_file"
    assert "lineside demo" in str(raised.value.cure())
