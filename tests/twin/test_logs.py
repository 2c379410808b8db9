from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineside.errors import ConfigurationError
from lineside.texts import has
from lineside.twin.fit.reading import read_log, write_log
from lineside.twin.fit.record import NOBODY, REJECTED, UNKNOWN, Record
from lineside.twin.tally import DOWN, SETUP, WAITING, WORKING

PLAIN = """Case ID,Activity,Resource,Start Timestamp,Complete Timestamp,Qty Rejected
u1,saw,M1,2026-03-02 06:00:00,2026-03-02 06:01:00,0
u1,mill,M2,2026-03-02 06:01:10,2026-03-02 06:02:00,1
u2,saw,M1,2026-03-02 06:01:00,2026-03-02 06:02:00,0
u2,mill,M2,2026-03-02 06:02:10,2026-03-02 06:03:00,0
"""
LIFE = """case_id,timestamp,lifecycle:transition,activity,org:resource
w1,2026-03-02T06:00:00,scheduled,drill,d1
w1,2026-03-02T06:00:01,start,drill,d1
w1,2026-03-02T06:00:31,complete,drill,d1
w2,2026-03-02T06:00:40,start,drill,d1
w2,2026-03-02T06:01:10,complete,drill,d1
w3,2026-03-02T06:01:20,start,drill,d1
"""
STATES = """MachineName,StartTime,EndTime,ReasonCode
Robot,2/27/2026 08:00:00,2/27/2026 08:00:12,Working
Robot,2/27/2026 08:00:12,2/27/2026 08:10:47,Idle
Robot,2/27/2026 08:10:47,2/27/2026 08:11:55,Stopped
Press,2/27/2026 08:12:00,2/27/2026 08:12:06,Working
Press,2/27/2026 08:12:06,2/27/2026 08:12:16,Polishing
"""


def written(folder: Path, content: str, name: str = "log.csv") -> Path:
    """Return a file that holds the text."""
    file = folder / name
    file.write_text(content, "utf-8")
    return file


def record(folder: Path, content: str, **columns: str) -> Record:
    """Return the record of a CSV text."""
    return read_log(written(folder, content), columns=columns)


def problems(found: Record) -> dict[str, dict[str, Any]]:
    """Return the fields of each finding by its problem, those told on every log left out."""
    for one in found.findings:
        for language in ("en", "zh"):
            assert has(one.problem)
            assert one.sentence(language)
            assert one.cure(language)
            assert not one.sentence(language).startswith("log.")
    return {one.problem: dict(one.fields) for one in found.findings if one.problem != "log.taken"}


def test_a_plain_log_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    """Case, activity, resource, start, complete and rejected quantity are found without being named."""
    found = record(tmp_path, PLAIN)

    assert found.stations == ("saw", "mill")
    assert found.epoch == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert found.visits.started.tolist() == [0, 70, 60, 130]
    assert found.visits.finished.tolist() == [60, 120, 120, 180]
    assert found.visits.row.tolist() == [2, 3, 4, 5]
    assert found.visits.result.tolist() == [1, REJECTED, 1, 1]
    assert (found.start, found.end) == (0, 180)
    assert problems(found) == {}
    assert "part = Case ID" in found.findings[0].sentence()


def test_a_chinese_log_in_its_usual_encoding_is_read(tmp_path: Path) -> None:
    """GB18030, semicolons, gzip and Chinese names of columns, with local times."""
    text = "工件编号;工序;设备;开始时间;结束时间;结果\n"
    text += "甲1;车削;车床一;2026年3月2日 08:00:00;2026年3月2日 08:01:00;合格\n"
    text += "甲2;车削;车床二;2026年3月2日 08:01:00;2026年3月2日 08:02:00;不合格\n"
    file = tmp_path / "log.csv.gz"
    file.write_bytes(gzip.compress(text.encode("gb18030")))

    found = read_log(file, timezone=ZoneInfo("Asia/Shanghai"))

    assert found.stations == ("车削",)
    assert found.epoch == datetime(2026, 3, 2, 0, tzinfo=UTC)
    assert found.visits.server.tolist() == [0, 1]
    assert found.visits.result.tolist() == [1, REJECTED]
    assert "log.parallel" in problems(found)


def test_starts_and_completions_become_visits(tmp_path: Path) -> None:
    """Rows of a lifecycle are paired; a start that has no completion is kept open, other transitions are told."""
    found = record(tmp_path, LIFE)

    assert found.visits.started[:2].tolist() == [1, 40]
    assert found.visits.finished[:2].tolist() == [31, 70]
    assert np.isnan(found.visits.finished[2])
    assert problems(found)["log.no_end"]["rows"] == "7"
    assert problems(found)["log.lifecycle"]["words"] == "scheduled"


def test_one_moment_a_row_is_when_the_work_ended(tmp_path: Path) -> None:
    """A log with a single time gives ends without starts, and says nothing is missing; plain seconds need no date."""
    found = record(tmp_path, "part,station,time\na,saw,1\na,mill,3.5\nb,saw,2\n")

    assert found.epoch is None
    assert found.visits.finished.tolist() == [1, 2, 3.5]
    assert np.isnan(found.visits.started).all()
    assert "log.no_start" not in problems(found)


def test_states_of_machines_become_spans(tmp_path: Path) -> None:
    """A column of states is known by its words; a word nobody knows is unknown and told, unless it is named."""
    found = record(tmp_path, STATES)
    named = record(tmp_path, STATES, **{"state:Polishing": "setup"})

    assert found.spans.state.tolist() == [WORKING, WAITING, DOWN, WORKING, UNKNOWN]
    assert found.spans.start[:3].tolist() == [0, 12, 647]
    assert len(found.visits) == 0
    assert problems(found)["log.states"]["words"] == "Polishing"
    assert named.spans.state.tolist()[-1] == SETUP
    with pytest.raises(ConfigurationError) as refused:
        record(tmp_path, STATES, **{"state:Polishing": "dancing"})
    assert refused.value.key == "log.state"


def test_a_log_of_parts_and_states_gives_both(tmp_path: Path) -> None:
    """Work of a part is a visit, set-up and standstill are spans only."""
    text = "part,machine,start,end,state\na,M1,0,5,setup\na,M1,5,9,run\nb,M1,9,12,breakdown\nb,M1,12,16,run\n"

    found = record(tmp_path, text)

    assert found.visits.started.tolist() == [5, 12]
    assert found.spans.state.tolist() == [SETUP, WORKING, DOWN, WORKING]


def test_samples_of_a_state_hold_until_the_next(tmp_path: Path) -> None:
    """Regular samples become spans; where some are missing nothing is said; counted pieces tell what a number means."""
    times = [0, 300, 600, 900, 2700, 3000, 3300, 3600]
    rows = [f"{t},0,{1 if t == 900 else 2},{0 if t == 900 else 3}" for t in times]

    found = record(tmp_path, "ts,asset,status,items\n" + "\n".join(rows) + "\n")

    assert found.spans.start.tolist() == [0, 900, 2700]
    assert found.spans.end.tolist() == [900, 1200, 3900]
    assert found.spans.state.tolist() == [WORKING, UNKNOWN, WORKING]
    assert len(found.visits) == 21
    assert (found.visits.part == NOBODY).all()
    assert {"log.holes", "log.counted", "log.state_assumed"} <= problems(found).keys()


def test_a_machine_that_does_several_things_is_the_station(tmp_path: Path) -> None:
    """One machine with two activities is a station; two machines of one activity are its servers."""
    rows = "a,turn,L1,0,1\na,thread,L1,1,2\nb,turn,L1,2,3\na,pack,P1,3,4\nb,pack,P2,4,5\n"

    found = record(tmp_path, "part,activity,machine,start,end\n" + rows)

    assert sorted(found.stations) == ["L1", "pack"]
    assert [found.stations[i] for i in found.visits.station] == ["L1", "L1", "L1", "pack", "pack"]
    assert found.visits.server.tolist() == [0, 0, 0, 0, 1]
    assert problems(found)["log.by_resource"]["stations"] == "L1"


def test_bad_rows_are_named_and_the_sound_ones_kept(tmp_path: Path) -> None:
    """Ends before starts, repeats, unreadable and missing times, overlaps and lines that are cut are told by row."""
    rows = [
        "a,saw,M1,0,10", "a,saw,M1,0,10", "b,saw,M1,30,20", "c,saw,M1,soon,40", "d,saw,M1,45,", "e,saw,M1,50,60",
        "f,saw,M1,55,70", "g,saw", "h,,,80,90", "i,saw,M1,90,99",
    ]  # fmt: skip

    found = record(tmp_path, "part,activity,machine,start,end\n" + "\n".join(rows) + "\n")

    told = {problem: fields["rows"] for problem, fields in problems(found).items()}
    assert told == {
        "log.cells": "9",
        "log.time": "5",
        "log.no_station": "10",
        "log.backward": "4",
        "log.duplicate": "3",
        "log.no_end": "6",
        "log.no_start": "5",
        "log.overlap": "8",
    }
    assert found.visits.row.tolist() == [2, 5, 7, 8, 11, 6]


def test_clocks_that_differ_are_told_and_left(tmp_path: Path) -> None:
    """Parts that regularly begin at a station before they have left the one before show the offset by quantiles."""
    rows = [
        f"p{i},saw,{100 * i},{100 * i + 50}\np{i},mill,{100 * i + 50 - 20 + i % 3},{100 * i + 90}" for i in range(20)
    ]

    found = record(tmp_path, "part,activity,start,end\n" + "\n".join(rows) + "\n")

    offset = problems(found)["log.offset"]
    assert offset["count"] == 20
    assert (offset["before"], offset["least"], offset["most"]) == ("saw", "18", "20")
    assert len(found.visits) == 40


def test_too_little_is_told(tmp_path: Path) -> None:
    """One part, and all in one moment, are said rather than fitted."""
    told = problems(record(tmp_path, "part,station,time\na,saw,5\na,mill,5\n"))

    assert {"log.one_part", "log.one_moment", "log.once"} <= told.keys()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "log.no_table"),
        ("part,activity,start\n", "log.empty"),
        ("alpha,beta\n1,2\n", "log.undecided"),
        ("part,activity,time\na,saw,never\n", "log.no_time"),
        ("part,activity,start,end\na,saw,9,5\n", "log.nothing_sound"),
        ("part,activity,time\na,saw,01/02/2026 06:00\n", "log.day_or_month"),
        ("machine,time,items\n,5,1\nM1,,2\n", "log.nothing_sound"),
        ("part,activity,time,lifecycle\na,saw,,start\nb,saw,5,scheduled\n", "log.nothing_sound"),
        ("<html><body/></html>", "log.form"),
        ('{"events": 3}', "log.no_ocel"),
        ("<log>", "log.unreadable"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(tmp_path: Path, text: str, key: str) -> None:
    """Each refusal names the file and has a cure."""
    with pytest.raises(ConfigurationError) as refused:
        record(tmp_path, text)

    assert refused.value.key == key
    assert "log.csv" in refused.value.sentence("zh")
    assert refused.value.cure()


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A missing file and a damaged archive are the engineer's to mend."""
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(PLAIN.encode())[:60])

    for file in (tmp_path / "none.csv", cut):
        with pytest.raises(ConfigurationError) as refused:
            read_log(file)
        assert refused.value.key == "log.unreadable"


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 700), size=st.integers(0, 9), junk=st.binary(max_size=6))
def test_damaged_parquet_makes_no_more_than_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, at: int, size: int, junk: bytes
) -> None:
    """Bytes changed anywhere in a Parquet file give a record or a ConfigurationError."""
    file = tmp_path_factory.mktemp("fuzz") / "log.parquet"
    pq.write_table(pa.table({"case": ["a", "ä"], "station": ["saw", "mill"], "end": [1, 2]}), file, compression="none")
    data = file.read_bytes()
    file.write_bytes(data[:at] + junk + data[at + size :])

    try:
        read_log(file)
    except ConfigurationError as refused:
        assert refused.cure()  # noqa: PT017  both outcomes are right


def test_columns_can_be_named(tmp_path: Path) -> None:
    """What names do not tell the mapping does; unknown roles and columns are refused with those there are."""
    text = "alpha,beta,gamma\na,saw,1\nb,saw,2\n"

    found = record(tmp_path, text, part="alpha", activity="beta", time="gamma")

    assert found.stations == ("saw",)
    for columns, key in (({"colour": "alpha"}, "log.role"), ({"part": "delta"}, "log.column")):
        with pytest.raises(ConfigurationError) as refused:
            record(tmp_path, text, **columns)
        assert refused.value.key == key


def test_parquet_says_the_same_as_csv(tmp_path: Path) -> None:
    """Timestamps of a Parquet file are read as they are."""
    start = [datetime(2026, 3, 2, 6, minute, tzinfo=UTC) for minute in (0, 2)]
    end = [datetime(2026, 3, 2, 6, minute, tzinfo=UTC) for minute in (1, 4)]
    pq.write_table(
        pa.table({"unit": [1.0, 2.0], "station": ["saw", "saw"], "start": start, "end": end}), tmp_path / "log.parquet"
    )

    found = read_log(tmp_path / "log.parquet")

    assert found.visits.started.tolist() == [0, 120]
    assert found.visits.finished.tolist() == [60, 240]


def test_numbers_of_parquet_are_read_as_they_are_written(tmp_path: Path) -> None:
    """Milliseconds since 1970 held as floats are times; columns of kinds a log has no use for do no harm."""
    table = {
        "case": pa.array(["a", "b"]).dictionary_encode(),
        "station": ["saw", "saw"],
        "end": [1772431200000.0, 1772431260000.5],
        "took": pa.array([1, 2], pa.duration("s")),
        "list": [[1], [2]],
    }
    pq.write_table(pa.table(table), tmp_path / "log.parquet")

    assert read_log(tmp_path / "log.parquet").visits.finished.tolist() == [0, 60.0005]


def test_xes_is_read_with_its_lifecycle(tmp_path: Path) -> None:
    """Traces become parts, the attributes of a trace products; a file that is cut gives what it holds."""
    event = (
        '<event><string key="concept:name" value="saw"/><string key="lifecycle:transition" value="{}"/>'
        '<date key="time:timestamp" value="2026-03-02T06:00:{:02d}.000+00:00"/></event>'
    )
    traces = "".join(
        f'<trace><string key="concept:name" value="p{i}"/><string key="product" value="lid"/>'
        f"{event.format('start', 20 * i)}{event.format('complete', 20 * i + 9)}</trace>"
        for i in range(2)
    )
    whole = f'<?xml version="1.0"?><log xes.version="1.0" xmlns="http://www.xes-standard.org/">{traces}</log>'

    found = read_log(written(tmp_path, whole, "log.xes"))
    cut = read_log(written(tmp_path, whole[:-20], "cut.xes"))

    assert found.visits.started.tolist() == [0, 20]
    assert found.visits.finished.tolist() == [9, 29]
    assert found.products == ("lid",)
    assert len(cut.visits) == 2
    assert "log.cut" in problems(cut)


def test_entities_of_xes_are_not_followed(tmp_path: Path) -> None:
    """A file that asks for another file gets nothing of it."""
    secret = written(tmp_path, "hidden words", "secret.txt")
    text = (
        f'<?xml version="1.0"?><!DOCTYPE log [<!ENTITY x SYSTEM "{secret.as_uri()}">]><log><trace>'
        '<string key="concept:name" value="p"/><string key="note">&x;</string>'
        '<event><string key="concept:name" value="saw"/><date key="time:timestamp" value="2026-03-02T06:00Z"/></event>'
        "</trace></log>"
    )

    assert "hidden" not in repr(read_log(written(tmp_path, text, "log.xes")))


@pytest.mark.parametrize("text", [PLAIN, LIFE, "part,machine,start,end,state\na,M1,0,5,setup\na,M1,5,9,production\n"])
def test_what_is_written_is_read_back(tmp_path: Path, text: str) -> None:
    """A record written as CSV gives the same visits and spans."""
    found = record(tmp_path, text)
    write_log(found, tmp_path / "again.csv")

    again = read_log(tmp_path / "again.csv")

    for name in ("started", "finished"):
        times = [getattr(one.visits, name) - one.start for one in (found, again)]
        assert np.array_equal(times[0], times[1], equal_nan=True)
    assert np.array_equal(again.visits.result, found.visits.result)
    assert problems(again).keys() <= problems(found).keys()
    names = [[one.stations[i] for i in one.visits.station] for one in (found, again)]
    assert names[0] == names[1]
    assert np.array_equal(again.spans.start, found.spans.start)
    assert np.array_equal(again.spans.state, found.spans.state)


def test_states_that_stand_behind_many_visits_are_read(tmp_path: Path) -> None:
    """A column is known by what stands in it, however many rows leave it empty before."""
    visits = "".join(f"u{i},M1,{10 * i},{10 * i + 6},\n" for i in range(9000))
    found = record(tmp_path, f"part,machine,start,end,state\n{visits},M1,6,9,down\n,M1,16,19,down\n")

    assert len(found.visits) == 9000
    assert found.spans.state.tolist() == [DOWN, DOWN]


CELLS = st.sampled_from(
    ["", "u1", "saw", "M1", "start", "-5", "1e300", "nan", "99999999999", "2026-13-40", '"', "ä\x00", "0"]
)


@settings(max_examples=150, deadline=None)
@given(
    base=st.sampled_from([PLAIN, LIFE, STATES]),
    changes=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5), CELLS), max_size=8),
    swap=st.tuples(st.integers(0, 4), st.integers(0, 4)),
    junk=st.binary(max_size=12),
    at=st.integers(0, 400),
)
def test_no_damage_makes_more_than_a_refusal(
    tmp_path_factory: pytest.TempPathFactory,
    base: str,
    changes: list[tuple[int, int, str]],
    swap: tuple[int, int],
    junk: bytes,
    at: int,
) -> None:
    """Deleted cells, swapped columns and garbage give a record or a ConfigurationError with a cure."""
    rows = [line.split(",") for line in base.splitlines()]
    for row in rows:
        one, other = swap[0] % len(row), swap[1] % len(row)
        row[one], row[other] = row[other], row[one]
    for i, j, cell in changes:
        row = rows[i % len(rows)]
        row[j % len(row)] = cell
    data = "\n".join(",".join(row) for row in rows).encode()
    file = tmp_path_factory.mktemp("fuzz") / "log.csv"
    file.write_bytes(data[:at] + junk + data[at:])

    try:
        found = read_log(file)
    except ConfigurationError as refused:
        assert refused.cure()  # noqa: PT017  both outcomes are right
    else:
        assert problems(found) is not None
        assert found.start <= found.end
