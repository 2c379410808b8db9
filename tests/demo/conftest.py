"""One demo plant for all tests of the room: made in Berlin, four days after the clocks went forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lineside.demo import DemoPlan, catch_up, prepare
from lineside.demo.assembly import Assembly, history
from lineside.demo.line import Happened, Line
from lineside.demo.shifts import LineClock, Timetable, timetable
from lineside.demo.signals import Rows
from lineside.demo.stations import STATIONS
from lineside.node import Node, submit_import
from lineside.plant import microseconds

ZONE = ZoneInfo("Europe/Berlin")
NOW = microseconds(datetime(2025, 4, 3, 10, 20, 30, 123_456, tzinfo=ZONE))
LIVE = NOW + 20_000_000
SEED = 7


@pytest.fixture(scope="session")
def now() -> int:
    """When the demo was set up, in microseconds UTC."""
    return NOW


@pytest.fixture(scope="session")
def live() -> int:
    """When the demo went live: some seconds later, when its history was imported."""
    return LIVE


@pytest.fixture(scope="session")
def times() -> Timetable:
    """The timetable of the demo."""
    return timetable(NOW, ZONE)


@pytest.fixture(scope="session")
def make() -> Callable[[Path], DemoPlan]:
    """Makes the same demo in another folder."""
    return lambda folder: prepare(folder, now_us=NOW, seed=SEED, zone=ZONE)


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory, make: Callable[[Path], DemoPlan]) -> DemoPlan:
    """The demo as `prepare` made it; nothing moves its line."""
    return make(tmp_path_factory.mktemp("demo") / "plant")


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory, make: Callable[[Path], DemoPlan]) -> Iterator[Node]:
    """A node with the demo's history, imported as the command does it."""
    plan = make(tmp_path_factory.mktemp("imported") / "plant")
    with Node.open(plan.folder) as opened:
        for files in ([file.path for file in plan.files], catch_up(plan, LIVE)):
            job = submit_import(opened.jobs, {"files": [str(file) for file in files]})
            assert opened.jobs.wait(job.id, 300).error_key is None
        yield opened


@pytest.fixture(scope="session")
def rows(times: Timetable) -> Rows:
    """Everything the assembly line said in the two weeks."""
    return history(Assembly.from_history(times, SEED), times.start, NOW)


@pytest.fixture(scope="session")
def simulated(times: Timetable) -> tuple[LineClock, Sequence[Happened]]:
    """The same line run part by part, without controllers: its clock, and what happened by station."""
    clock = times.line_clock(times.start)
    runs = times.runs(int(clock.closed[-1, 1]))

    def product_at(working_s: float) -> str:
        wall = clock.wall_of(working_s)
        return next((run.product for run in reversed(runs) if run.start <= wall), runs[0].product)

    line = Line(STATIONS, SEED, product_at)
    while line.known_until < clock.working_s(NOW):
        line.next_part()
    return clock, line.take()
