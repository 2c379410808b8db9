from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from lineside.errors import ConfigurationError
from lineside.history import SAMPLES, History, Quality
from lineside.plant import Edition, Timeline
from lineside.twin import STATES
from lineside.twin.fit import GOOD, REJECTED, Record, record_of_line

MACHINE = """\
[machine.{id}]
line = "lids"
source = "{id}"
[machine.{id}.signals]
execution = {{ kind = "state" }}
program = {{ kind = "text" }}
good = {{ kind = "counter" }}
bad = {{ kind = "counter" }}
[[machine.{id}.states]]
state = "running"
when = {{ execution = "ACTIVE" }}
[[machine.{id}.states]]
state = "blocked"
when = {{ execution = "FULL" }}
[[machine.{id}.states]]
state = "stopped"
when = {{ execution = "STOPPED" }}
[machine.{id}.units]
{units}
[source.{id}]
type = "shdr"
url = "tcp://127.0.0.1:7878"
"""
PLANT = """\
[site]
id = "works"
timezone = "UTC"
production_day_starts = "06:00"
calendar = "early"
[calendar.early]
[[calendar.early.shift]]
name = "early"
start = "06:00"
end = "14:00"
breaks = ["09:00-09:30"]
[area.hall]
[line.lids]
area = "hall"
[product.lid]
ideal_cycle_s = 20.0
[product.pot]
ideal_cycle_s = 40.0
"""
HOUR = 3_600_000_000
DAY = 24 * HOUR
START = 20_000 * DAY + 6 * HOUR
TWO = 'good = "good"\nrejected = "bad"\nproduct = "program"'


def past(folder: Path, units: str, told: dict[str, list[tuple[float, float | str]]], *, hours: float = 8) -> Record:
    """Return the record of a line of a saw and a press; times told in hours from the start of the shift."""
    text = PLANT + MACHINE.format(id="saw", units=units) + MACHINE.format(id="press", units=units)
    with History.open(folder) as history:
        for key, pairs in told.items():
            history.append(
                pa.table(
                    {
                        "series": [history.series(key)] * len(pairs),
                        "time": pa.array([START + round(at * HOUR) for at, _ in pairs], pa.timestamp("us", "UTC")),
                        "number": pa.array([None if isinstance(v, str) else v for _, v in pairs], pa.float64()),
                        "text": pa.array([v if isinstance(v, str) else None for _, v in pairs], pa.string()),
                        "quality": [Quality.GOOD] * len(pairs),
                    }
                ).cast(SAMPLES)
            )
        for machine in ("saw", "press"):
            history.hear(machine, START - DAY, START + DAY)
        timeline = Timeline((Edition(1, None, "sha", text),))
        return record_of_line(history, timeline, "lids", START, START + round(hours * HOUR))


def test_counters_become_visits_and_rules_become_spans(tmp_path: Path) -> None:
    """Every counted unit is a part of its product and result; states are the twin's, off shift in breaks."""
    record = past(
        tmp_path,
        TWO,
        {
            "saw/execution": [(0, "ACTIVE"), (2, "STOPPED"), (2.5, "ACTIVE"), (4, "FULL")],
            "saw/program": [(0, "lid"), (1.5, "pot")],
            "saw/good": [(0, 7), (1, 8), (2, 9), (3.8, 10)],
            "saw/bad": [(0, 0), (2.75, 1)],
            "press/execution": [(0, "ACTIVE")],
        },
    )

    assert record.stations == ("saw", "press")
    assert record.products == ("lid", "pot")
    assert record.visits.finished.tolist() == [3600.0, 7200.0, 9900.0, 13680.0]
    assert record.visits.product.tolist() == [0, 1, 1, 1]
    assert record.visits.result.tolist() == [GOOD, GOOD, REJECTED, GOOD]
    assert (record.shifts["saw"] / 3600).tolist() == [[0, 3], [3.5, 8]]
    own = record.spans.station == 0
    seen = [STATES[code] for code in record.spans.state[own]]
    assert seen == ["working", "down", "working", "working", "working", "blocked"]
    assert (record.spans.end[own] / 3600).tolist() == [2, 2.5, 3, 3.5, 4, 8]
    assert [record.reasons[code] if code >= 0 else "" for code in record.spans.reason[own]] == [
        "",
        "stopped",
        *[""] * 4,
    ]


def test_outside_planned_time_only_work_counts(tmp_path: Path) -> None:
    """A machine that stands after its shift is off; one that works on then works, and the overtime is told."""
    record = past(
        tmp_path,
        TWO,
        {
            "saw/execution": [(0, "ACTIVE"), (8, "FULL")],
            "press/execution": [(0, "ACTIVE")],
            "saw/good": [(0, 0), (1, 1)],
            "press/good": [(0, 0), (1, 1)],
        },
        hours=10,
    )

    after = record.spans.start >= 8 * 3600
    assert [STATES[code] for code in record.spans.state[after]] == ["off", "working"]
    assert {(f.path, f.problem) for f in record.findings} == {
        ("saw", "record.overtime"),
        ("press", "record.overtime"),
    }


@pytest.mark.parametrize("second", ["rejected", ""])
def test_a_counter_of_all_units_tells_results_only_beside_one_of_rejects(tmp_path: Path, second: str) -> None:
    """The unit that was counted last when the rejects went up was the rejected one; without rejects nobody knows."""
    units = 'total = "good"' + ('\nrejected = "bad"' if second else "")
    signals: dict[str, list[tuple[float, float | str]]] = {
        "execution": [(0, "ACTIVE")],
        "good": [(0, 0), (1, 1), (2, 2), (3, 3)],
        "bad": [(0, 0), (2.01, 1)],
    }
    told = {f"{machine}/{signal}": pairs for machine in ("saw", "press") for signal, pairs in signals.items()}

    record = past(tmp_path, units, told)

    saw = record.visits.result[record.visits.station == 0].tolist()
    assert saw == ([GOOD, REJECTED, GOOD] if second else [-1, -1, -1])


def test_units_counted_in_one_moment_are_told(tmp_path: Path) -> None:
    """A counter read more seldom than it counts gives every unit, and says that their times are not known."""
    record = past(tmp_path, TWO, {"saw/good": [(0, 0), (1, 3)], "saw/execution": [(0, "ACTIVE")]})

    assert record.visits.finished.tolist() == [3600.0] * 3
    assert ("saw", "record.counted_together") in {(f.path, f.problem) for f in record.findings}
    assert ("press", "record.no_units") in {(f.path, f.problem) for f in record.findings}


def test_a_line_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """The refusal names the lines there are."""
    with History.open(tmp_path) as history, pytest.raises(ConfigurationError) as refused:
        record_of_line(history, Timeline((Edition(1, None, "sha", PLANT),)), "pots", START, START + HOUR)

    assert "lids" in str(refused.value.cure())
