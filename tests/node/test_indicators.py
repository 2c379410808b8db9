"""Indicators of a month: from facts alone, the numbers of the screens, each with why it is absent and its evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from lineside.errors import UnusableData
from lineside.exchange import Value, catalogue, shown
from lineside.history import SAMPLES
from lineside.jobs import JobRecord, JobState
from lineside.measure import Intervals, Scope, kpi_rows
from lineside.node import Node, computed, read_month
from lineside.node.indicators import Computed, Evidence, Stops, ended_stops, month_of
from lineside.plant import CODE, State
from lineside.twin.fit import keep_twin

ZONE = ZoneInfo("Asia/Shanghai")
MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000
PLANT = """\
[site]
id = "works"
timezone = "Asia/Shanghai"
production_day_starts = "06:00"
calendar = "days"
[calendar.days]
[[calendar.days.shift]]
name = "day"
start = "06:00"
end = "16:00"
[area.hall]
[line.cell]
area = "hall"
pace = "press"
product = "lid"
[product.lid]
ideal_cycle_s = 30.0
[source.plc]
type = "push"
[source.clerk]
type = "tally"
"""
MACHINE = """
[machine.{name}]
line = "cell"
source = "plc"
[machine.{name}.signals]
mode = {{ kind = "state" }}
parts = {{ kind = "counter" }}
scrap = {{ kind = "counter" }}
[[machine.{name}.states]]
state = "running"
when = {{ mode = "ACTIVE" }}
[[machine.{name}.states]]
state = "down"
when = {{ mode = "FAULT" }}
[[machine.{name}.states]]
state = "stopped"
when = {{ mode = "READY" }}
[machine.{name}.units]
total = "parts"
rejected = "scrap"
"""
BENCH = """
[machine.bench]
line = "cell"
source = "clerk"
[machine.bench.signals]
good = { kind = "count" }
[machine.bench.units]
good = "good"
"""
ORDER = '[[order]]\nid = "{id}"\nproduct = "lid"\nline = "cell"\nquantity = {quantity}\nstart = {start}\nend = {end}\n'


def at(day: int, hour: float = 6, month: int = 5) -> int:
    """A moment of 2026 at the plant, in microseconds UTC."""
    return int(datetime(2026, month, day, tzinfo=ZONE).timestamp() * 1_000_000 + hour * HOUR_US)


class Works:
    """A plant whose machines said what a test wants."""

    def __init__(self, folder: Path, text: str) -> None:
        (folder / "plant.toml").write_text(text, "utf-8")
        self.node = Node.open(folder)

    def put(self, key: str, *rows: tuple[int, float | str]) -> None:
        """Stores values of a series."""
        table = {
            "series": [self.node.history.series(key)] * len(rows),
            "time": pa.array([time for time, _ in rows], pa.timestamp("us", "UTC")),
            "number": pa.array([None if isinstance(v, str) else v for _, v in rows], pa.float64()),
            "text": pa.array([v if isinstance(v, str) else None for _, v in rows], pa.string()),
            "quality": [0] * len(rows),
        }
        self.node.history.append(pa.table(table).cast(SAMPLES))

    def hear(self, first: int, last: int) -> None:
        """The source was heard."""
        self.node.history.hear("plc", first, last)

    def may(self) -> dict[str, Computed]:
        """The indicators of May."""
        node = self.node
        facts = read_month(node.history, node.timeline, node.editions.ledger, "2026-05", at(3, month=6))
        return computed(facts, catalogue())

    def values(self) -> dict[str, Value]:
        """Their values."""
        return {name: one.value for name, one in self.may().items()}


@pytest.fixture
def folder() -> Iterator[list[Works]]:
    """Nodes to close."""
    made = list[Works]()
    yield made
    for one in made:
        one.node.close()


def opened(folder: list[Works], path: Path, *parts: str) -> Works:
    """A plant of two machines, and what else a test wants."""
    text = PLANT + MACHINE.format(name="press") + MACHINE.format(name="saw") + "".join(parts)
    folder.append(Works(path, text))
    return folder[0]


def busy(works: Works) -> None:
    """On the 4th of May both machines run; the press fails for 20 and for 40 minutes, the saw stands at the end."""
    press = [(6.0, "ACTIVE"), (8.0, "FAULT"), (8 + 1 / 3, "ACTIVE"), (10.0, "FAULT"), (10 + 2 / 3, "ACTIVE")]
    works.put("press/mode", *((at(4, hour), mode) for hour, mode in press))
    works.put("saw/mode", (at(4, 6), "ACTIVE"), (at(4, 14), "READY"))
    for name, scrap in (("press", 20.0), ("saw", 50.0)):
        works.put(f"{name}/parts", (at(4, 5), 0.0), (at(4, 7), 500.0), (at(4, 15), 1000.0))
        works.put(f"{name}/scrap", (at(4, 5), 0.0), (at(4, 7), scrap), (at(4, 15), scrap))
    works.hear(at(4, 5), at(4, 16))


def test_they_are_the_numbers_of_the_screens(folder: list[Works], tmp_path: Path) -> None:
    """Site OEE and its parts as `measure` has them for the month of production days, with the same coverage."""
    works = opened(folder, tmp_path)
    busy(works)
    begin, end = month_of("2026-05", works.node.plant)
    site = Scope("site", "works")
    row = kpi_rows(works.node.history, works.node.timeline, [site], begin, end)[0]

    values = works.values()

    assert (begin, end) == (at(1), at(1, month=6))
    assert row.values["oee"] is not None
    for name, kpi in (("availability", "availability"), ("performance", "effectiveness"), ("quality", "quality")):
        assert values[name].value == row.values[kpi]  # type: ignore[index]
    assert values["oee"].value == row.values["oee"]
    assert values["oee"].coverage == row.coverage == pytest.approx(1 / 31)


def test_stops_stations_and_connections(folder: list[Works], tmp_path: Path) -> None:
    """The median of both stops; the product over stations; who is connected, and for how long it was heard."""
    works = opened(folder, tmp_path, BENCH)
    busy(works)

    values = works.values()

    assert values["recovery_time"].value == pytest.approx(30)
    assert values["first_pass_yield"].value == pytest.approx(980 / 1000 * 950 / 1000)
    assert values["connected_share"].value == pytest.approx(2 / 3)
    assert values["machines_connected"].value == 2
    assert values["online_share"].value == pytest.approx(1 / 31)
    assert values["lead_time"].absent == "no_orders"
    assert values["maturity_level"].absent == "not_computed"


def test_a_twin_is_in_use_where_it_answered(folder: list[Works], tmp_path: Path) -> None:
    """Absent without any; 0 while nobody asked in the month, or got no answer; 1 with an answer, whoever asked."""
    works = opened(folder, tmp_path)
    busy(works)
    node = works.node

    def twin() -> tuple[float | None, str | None, float | None]:
        told = node.member.months.told("2026-05", lambda _: True, at(3, month=6))
        value = next(one for one in told.values if one.indicator == "twin_in_use")
        again = shown(told.evidence["twin_in_use"].document.decode())
        assert again.again == again.value == value.value
        return value.value, value.absent, value.coverage

    def asked(state: JobState, finished_us: int) -> None:
        with node.books.session() as rows:
            job = JobRecord(kind="twin.ask", title="cell", params={"line": "cell"}, submitted_us=finished_us)
            job.state, job.finished_us = state.value, finished_us
            rows.add(job)

    assert twin() == (None, "no_model", None)

    with node.books.session() as rows:
        keep_twin(rows, "cell", {}, {"verdict": "better"}, {}, made_us=at(2), start_us=at(1), end_us=at(2))
    asked(JobState.DONE, at(30, month=4))
    asked(JobState.DONE, at(1, month=6))
    asked(JobState.FAILED, at(9))
    assert twin() == (0.0, None, 1.0)

    asked(JobState.DONE, at(9))
    assert twin() == (1.0, None, 1.0)


def test_orders_tell_lead_time_and_adherence(folder: list[Works], tmp_path: Path) -> None:
    """From the first unit to the last one wanted; an order that is not full when it is due is late."""
    times = {"start": "2026-05-04T06:00:00", "end": "2026-05-04T07:30:00"}
    late = {"start": "2026-05-04T07:30:00", "end": "2026-05-04T09:00:00"}
    orders = ORDER.format(id="kept", quantity=450, **times), ORDER.format(id="late", quantity=500, **late)
    works = opened(folder, tmp_path, *orders)
    busy(works)

    values = works.values()

    assert values["schedule_adherence"].value == pytest.approx(0.5)
    assert values["lead_time"].value == pytest.approx(0)  # each was counted in one step
    document = json.loads(works.may()["schedule_adherence"].evidence.document)  # type: ignore[union-attr]
    assert [one["id"] for one in document["from"]["orders"]] == ["kept", "late"]


def test_orders_that_nobody_could_count_are_not_late(folder: list[Works], tmp_path: Path) -> None:
    """Where their machine was not heard all month, nothing is known of them."""
    times = {"start": "2026-05-04T06:00:00", "end": "2026-05-04T07:30:00"}
    works = opened(folder, tmp_path, ORDER.format(id="silent", quantity=450, **times))

    assert works.values()["schedule_adherence"].absent == "too_little_coverage"


def test_a_value_opens_to_what_it_was_computed_from(folder: list[Works], tmp_path: Path) -> None:
    """Its evidence says times, counts, editions and window; the same facts give the same hash, others another."""
    works = opened(folder, tmp_path)
    busy(works)
    first, again = works.may()["oee"], works.may()["oee"]
    works.put("press/mode", (at(5, 6), "ACTIVE"))
    works.hear(at(5, 6), at(5, 8))
    other = works.may()["oee"]

    assert first.evidence is not None
    document = json.loads(first.evidence.document)
    assert sha256(first.evidence.document).hexdigest() == first.value.evidence == again.value.evidence
    assert other.value.evidence != first.value.evidence
    assert document["window_us"] == [at(1), at(1, month=6)]
    assert document["catalogue"] == catalogue().edition.id
    assert document["plant"] == {"1": works.node.timeline.editions[0].sha256}
    assert document["from"]["machines"]["press"]["planned_times_s"]["down"] == 3600
    assert document["from"]["machines"]["press"]["produced"] == 1000.0


@pytest.mark.parametrize("quiet", [False, True])
def test_every_value_comes_out_of_its_evidence_again(folder: list[Works], tmp_path: Path, *, quiet: bool) -> None:
    """Whoever is shown the document alone works out the same; a changed figure in it gives another value."""
    times = {"start": "2026-05-04T06:00:00", "end": "2026-05-04T07:30:00"}
    works = opened(folder, tmp_path, ORDER.format(id="first", quantity=450, **times))
    if not quiet:
        busy(works)
    found = {name: one for name, one in works.may().items() if one.evidence is not None}

    for name, one in found.items():
        told = shown((one.evidence or Evidence(b"")).document.decode())
        assert (told.indicator, told.month, told.value) == (name, "2026-05", one.value.value)
        if told.value is not None:
            assert told.again == pytest.approx(told.value, rel=1e-12), name
        elif one.value.absent != "too_little_coverage":  # of which what is known is no value
            assert told.again is None, name
    assert len([one for one in found.values() if one.value.value is not None]) >= (1 if quiet else 8)

    document = json.loads((found["connected_share"].evidence or Evidence(b"")).document)
    document["from"]["connected"] = document["from"]["connected"][:1]
    assert shown(json.dumps(document)).again == 0.5


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"indicator": "oee", "from": 3, "window_us": 1, "value": 1}']
)
def test_what_is_no_evidence_is_told(text: str) -> None:
    """And not worked out."""
    with pytest.raises(UnusableData) as error:
        shown(text)
    assert error.value.key == "exchange.no_evidence"


def test_what_is_missing_has_a_reason(folder: list[Works], tmp_path: Path) -> None:
    """Never zero: no facts, no calendar, no cycle, no counters, nothing that happened."""
    works = opened(folder, tmp_path)
    silent = works.values()
    assert {name: silent[name].absent for name in ("oee", "recovery_time", "first_pass_yield")} == dict.fromkeys(
        ("oee", "recovery_time", "first_pass_yield"), "too_little_coverage"
    )
    assert (silent["online_share"].value, silent["oee"].coverage) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("taken", "name", "absent"),
    [
        ('calendar = "days"\n', "availability", "no_calendar"),
        ("ideal_cycle_s = 30.0\n", "performance", "no_cycle"),
        ('rejected = "scrap"\n', "quality", "no_units"),
        ('pace = "press"\n', "oee", "no_source"),
    ],
)
def test_each_input_that_lacks_is_named(
    folder: list[Works], tmp_path: Path, taken: str, name: str, absent: str
) -> None:
    """By the reason that tells people what to add."""
    text = (PLANT + MACHINE.format(name="press") + MACHINE.format(name="saw")).replace(taken, "")
    folder.append(Works(tmp_path, text))
    busy(folder[0])

    assert folder[0].values()[name].absent == absent


def states(*told: tuple[State, float]) -> Intervals:
    """States with their lengths in minutes, from 0 on."""
    edges = np.cumsum([0.0, *(length for _, length in told)]) * MINUTE_US
    return Intervals(edges.astype(np.int64), np.array([CODE[state] for state, _ in told], np.int8))


def test_stops_are_what_failed_and_came_back() -> None:
    """Not what stood without a fault; what nobody heard begin or end is counted apart, and what goes on waits."""
    run, down, silent = State.RUNNING, State.DOWN, State.NO_DATA
    told = states((run, 10), (down, 5), (run, 5), (State.STOPPED, 9), (down, 7), (silent, 4), (run, 10), (down, 50))
    whole = [(0, 100 * MINUTE_US)]

    assert ended_stops(told, whole, 0, 90 * MINUTE_US) == Stops((300.0,), 1)
    assert ended_stops(told, whole, 0, 101 * MINUTE_US) == Stops((300.0, 3000.0), 1)
    assert ended_stops(told, [(50 * MINUTE_US, 60 * MINUTE_US)], 0, 101 * MINUTE_US) == Stops((3000.0,), 0)
    assert ended_stops(told, None, 20 * MINUTE_US, 30 * MINUTE_US) == Stops()


def test_a_stop_that_began_before_the_month_is_as_long_as_it_was(folder: list[Works], tmp_path: Path) -> None:
    """From its begin in April, though the month begins in the midst of it."""
    works = opened(folder, tmp_path)
    works.put("press/mode", (at(30, 14, month=4), "ACTIVE"), (at(30, 15, month=4), "FAULT"), (at(1, 8), "ACTIVE"))
    works.hear(at(30, 14, month=4), at(1, 16))

    assert works.values()["recovery_time"].value == pytest.approx(17 * 60)
