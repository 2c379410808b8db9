from __future__ import annotations

import gzip
from datetime import datetime
from importlib.resources import files
from itertools import pairwise

import pytest

from lineside.demo.recordings import RECORDED, RecordedMachine
from lineside.demo.shifts import Timetable
from lineside.demo.tape import Placed, Tape
from lineside.measure import read_facts, seconds_by_state
from lineside.node import Node
from lineside.plant import State, microseconds

MACHINES = pytest.mark.parametrize("machine", RECORDED, ids=[machine.id for machine in RECORDED])
SECOND = 1_000_000


def shipped(name: str) -> list[tuple[int, str]]:
    """The lines of a shipped recording, with microseconds since the first."""
    data = files("lineside.demo").joinpath("data", f"{name}.shdr.gz").read_bytes()
    lines = [line.split("|", 1) for line in gzip.decompress(data).decode().splitlines()]
    times = [microseconds(datetime.fromisoformat(stamp)) for stamp, _ in lines]
    return [(time - times[0], rest) for time, (_, rest) in zip(times, lines, strict=True)]


def address(machine: RecordedMachine, signal: str | None) -> str:
    """The data item behind a signal."""
    return next((item.address for item in machine.items if item.id == signal), "")


def active_us(machine: RecordedMachine, name: str) -> int:
    """How long a shipped recording is ACTIVE and not stopped in an emergency, summed line by line."""
    lines = shipped(name)
    execution, stop = address(machine, machine.execution), address(machine, machine.emergency_stop)
    until = [*(time for time, _ in lines[1:]), (lines[-1][0] // SECOND + 1) * SECOND]
    state = emergency = ""
    total = 0
    for (time, rest), end in zip(lines, until, strict=True):
        item, value = rest.split("|")[:2]
        state = value if item == execution else state
        emergency = value if item == stop else emergency
        total += (end - time) * (state == "ACTIVE" and emergency != "TRIGGERED")
    return total


def whole_periods(machine: RecordedMachine, times: Timetable) -> list[Placed]:
    """The periods that begin and end inside the demo's history."""
    placed = Tape(machine, times.now).placed(times.start, times.now)
    return [one for one in placed if one.start >= times.start and one.end < times.now]


@MACHINES
def test_a_period_is_moved_as_one_piece(machine: RecordedMachine, times: Timetable) -> None:
    """Order and distances inside a working period are as recorded; it begins on a whole second."""
    tape = Tape(machine, times.now)

    for placed in whole_periods(machine, times)[:6]:
        said = [(time - placed.start, line) for time, line in tape.lines(placed.start, placed.end)]
        assert said == shipped(placed.period.name)
        assert placed.start % SECOND == 0


@MACHINES
def test_every_recording_is_played_in_turn(machine: RecordedMachine, times: Timetable) -> None:
    """The periods follow each other in the order of their recording, none left out, none over another."""
    placed = whole_periods(machine, times)
    names = [one.period.name for one in placed]

    turn = sorted(set(names))
    assert all(turn[(turn.index(a) + 1) % len(turn)] == b for a, b in pairwise(names))
    assert all(name.startswith(machine.recording) for name in turn)
    assert all(a.end < b.start for a, b in pairwise(placed))


@MACHINES
def test_between_two_periods_nothing_is_known(machine: RecordedMachine, times: Timetable) -> None:
    """At the end of a period every item becomes UNAVAILABLE, and nothing is said until the next begins."""
    tape = Tape(machine, times.now)
    items = {item.address for item in machine.items}

    for before, after in pairwise(whole_periods(machine, times)[:8]):
        said = list(tape.lines(before.end, after.start))
        assert {time for time, _ in said} == {before.end}
        assert {line.split("|")[0] for _, line in said} == items
        assert {line.split("|")[1] for _, line in said} == {"UNAVAILABLE"}
        assert tape.playing(before.end) is None


@MACHINES
def test_a_machine_works_when_the_demo_opens(machine: RecordedMachine, now: int) -> None:
    """At the anchor of its tape a machine is ACTIVE, so that there is something to see."""
    tape = Tape(machine, now)
    execution = address(machine, machine.execution)

    playing = tape.playing(now)

    assert playing is not None
    said = [line.split("|")[1] for _, line in tape.lines(playing.start, now) if line.startswith(f"{execution}|")]
    assert said[-1] == "ACTIVE"


@MACHINES
def test_running_time_is_that_of_the_recordings(node: Node, machine: RecordedMachine, times: Timetable) -> None:
    """The state a node derives from the imported tape sums up to what the shipped files say, to the millisecond."""
    placed = whole_periods(machine, times)
    expected_s = sum(active_us(machine, one.period.name) for one in placed) / SECOND

    facts = read_facts(node.history, node.timeline, [machine.id], times.start, placed[-1].end)[machine.id]

    measured = seconds_by_state(facts.states, [(times.start, placed[-1].end)])
    assert expected_s > 3600
    assert measured[State.RUNNING] == pytest.approx(expected_s, abs=0.001)
