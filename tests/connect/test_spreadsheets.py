"""Tables that people keep, read as recordings: workbooks, what columns mean, and faults by row."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from lineside.connect import Columns, Fault, Observation, Summary, peek, read_recording, recording_items, tells_time
from lineside.connect.memory import rows
from lineside.errors import UnusableData
from lineside.plant import Kind

BERLIN = ZoneInfo("Europe/Berlin")
NOW = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
AT_TEN = 1_712_138_400_000_000  # 2024-04-03 12:00 in Berlin
WANTED: dict[str, Kind] = {"load": "measure", "exec": "state"}


def workbook(path: Path, *lines: list[Any], more: dict[str, list[list[Any]]] | None = None) -> Path:
    """Return a workbook of these rows, and of further sheets."""
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    for title, others in (more or {}).items():
        sheet = book.create_sheet(title)
        for line in others:
            sheet.append(line)
    book.save(path)
    return path


def read(path: Path, **said: Any) -> tuple[list[Observation], Summary]:
    """Return all that is wanted of a recording, and its summary."""
    with read_recording(path, WANTED, now=NOW, zone=BERLIN, **said) as recording:
        found = [row for batch in recording for row in rows(batch)]
        return found, recording.summary


def told(found: list[Observation]) -> list[tuple[str, int, float | str | None]]:
    """Return address, seconds after ten (UTC) and value."""
    return [(o.address, (o.time - AT_TEN) // 1_000_000, o.number if o.text is None else o.text) for o in found]


def at(second: int) -> datetime:
    """Return a moment as a workbook holds it: without a zone."""
    return datetime(2024, 4, 3, 12, 0, second)  # noqa: DTZ001


def test_a_wide_workbook_is_read(tmp_path: Path) -> None:
    """Dates, numbers and words come as they are; an empty cell says nothing, nor does what stands beside the table."""
    path = workbook(
        tmp_path / "a.xlsx",
        ["time", "load", "exec"],
        [at(0), 12.5, "ACTIVE"],
        [],
        [at(1), None, " READY ", "a remark"],
        [at(2), 13, None],
    )

    found, summary = read(path)

    assert told(found) == [
        ("load", 0, 12.5),
        ("exec", 0, "ACTIVE"),
        ("exec", 1, "READY"),
        ("load", 2, 13.0),
    ]
    assert (summary.format, summary.rows, summary.faulty, summary.faults) == ("xlsx", 3, 0, [])


def test_a_date_and_a_clock_in_two_columns_of_a_workbook_are_one_time(tmp_path: Path) -> None:
    """As people keep them by hand."""
    path = workbook(tmp_path / "a.xlsx", ["Datum", "Uhrzeit", "load"], [date(2024, 4, 3), time(12, 0, 5), 1])

    found, _ = read(path)

    assert told(found) == [("load", 5, 1.0)]


def test_one_sheet_of_a_workbook_is_read(tmp_path: Path) -> None:
    """The first, or the one that is named."""
    more: dict[str, list[list[Any]]] = {"june": [["time", "load"], [at(7), 7]]}
    path = workbook(tmp_path / "a.xlsx", ["time", "load"], [at(1), 1], more=more)

    assert told(read(path)[0]) == [("load", 1, 1.0)]
    assert told(read(path, sheet="june")[0]) == [("load", 7, 7.0)]
    assert peek(path, 5).sheets == ("Sheet", "june")
    with pytest.raises(UnusableData, match="no sheet may"):
        read(path, sheet="may")


def test_faults_are_named_by_row_and_column(tmp_path: Path) -> None:
    """Good rows are read; each fault says the row a person sees, its column, and what stands there."""
    path = workbook(
        tmp_path / "a.xlsx",
        ["time", "load", "exec"],
        [at(0), "12 kW", "ACTIVE"],
        ["soon", 1, "ACTIVE"],
        [],
        [datetime(2199, 1, 1), 2, "READY"],  # noqa: DTZ001
        [at(3), 3, "READY"],
    )

    found, summary = read(path)

    assert told(found) == [("load", 0, None), ("exec", 0, "ACTIVE"), ("load", 3, 3.0), ("exec", 3, "READY")]
    assert [fault[:3] for fault in summary.faults] == [
        ("not_a_number", 2, "load"),
        ("bad_timestamp", 3, "time"),
        ("clock", 5, "time"),
    ]
    assert summary.faults[0].example == "12 kW"
    assert summary.faults[2].example == "load 2198-12-31T23:00:00.000000"
    assert summary.set_aside["clock"].count == 2
    assert (summary.rows, summary.faulty) == (4, 3)


def test_a_row_of_csv_with_cells_too_many_is_named(tmp_path: Path) -> None:
    """A decimal comma in a table parted by commas makes one."""
    path = tmp_path / "a.csv"
    path.write_text("time,load\n2024-04-03 12:00:00,1\n2024-04-03 12:00:01,1,5\n", "utf-8")

    found, summary = read(path)

    assert told(found) == [("load", 0, 1.0)]
    assert summary.faults == [Fault("cells", 3, "", "2024-04-03 12:00:01,1,5")]
    assert (summary.rows, summary.faulty) == (2, 1)


def test_a_person_says_what_columns_mean(tmp_path: Path) -> None:
    """In a wide table each column is an address or is left out; its own name counts no more."""
    path = tmp_path / "a.csv"
    path.write_text("when;Power [kW];load\n3.4.2024 12:00;1,5;99\n", "utf-8")

    found, summary = read(path, columns=Columns(time="when", names={"Power [kW]": "load", "load": ""}))

    assert told(found) == [("load", 0, 1.5)]
    assert summary.unwanted == {}


def test_a_long_table_may_name_the_machine_in_a_column_of_its_own(tmp_path: Path) -> None:
    """Machine and signal together mean an address."""
    path = workbook(
        tmp_path / "a.xlsx",
        ["when", "machine", "what", "how much"],
        [at(0), "M1", "power", 1],
        [at(1), "M2", "power", 2],
        [at(2), "M1", "mode", "ON"],
    )
    columns = Columns("when", None, "machine", "what", "how much", {"M1/power": "load", "M1/mode": "exec"})

    found, summary = read(path, columns=columns)

    assert told(found) == [("load", 0, 1.0), ("exec", 2, "ON")]
    assert summary.unwanted == {"M2/power": 1}


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """So is an address that two columns are to be."""
    path = tmp_path / "a.csv"
    path.write_text("time,a,b\n2024-04-03 12:00:00,1,2\n", "utf-8")

    with pytest.raises(UnusableData, match="no column c"):
        read(path, columns=Columns(time="time", signal="c", value="b"))
    with pytest.raises(UnusableData, match=r"to be load: a, b"):
        read(path, columns=Columns(time="time", names={"a": "load", "b": "load"}))


def test_the_beginning_of_a_table_is_shown(tmp_path: Path) -> None:
    """Columns and rows as they stand, with their numbers, whatever the format."""
    csv = tmp_path / "a.csv"
    csv.write_text("\ufefftime;load\n3.4.2024 12:00;1,5\n3.4.2024 12:01;2,5\n", "utf-8")
    book = workbook(tmp_path / "a.xlsx", [], ["time", "load"], [at(0), 1.5])

    first = peek(csv, 1)
    sheet = peek(book, 5)

    assert (first.format, first.columns, first.rows) == ("csv", ("time", "load"), ((2, ["3.4.2024 12:00", "1,5"]),))
    assert (sheet.columns, sheet.rows) == (("time", "load"), ((3, ["2024-04-03 12:00:00", "1.5"]),))
    assert [item.address for item in recording_items(book)] == ["load"]


@pytest.mark.parametrize(
    ("cells", "times"),
    [
        (["2024-04-03 12:00", "2024-04-03 12:01"], True),
        (["3/4/2024 12:00"], True),
        (["1712138400", "1712138401"], False),
        (["12.5", "x"], False),
        ([], False),
    ],
)
def test_times_are_told_from_other_cells(cells: list[str], times: bool) -> None:
    """Also where the day or the month may stand first; numbers alone are no times."""
    assert tells_time(cells) is times
