from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineside.connect import OBSERVATIONS, Columns, Item, Observation, Reason, Summary, read_recording, recording_items
from lineside.connect.memory import rows
from lineside.connect.recordings.bytes import File
from lineside.connect.recordings.keeping import Keeper
from lineside.connect.recordings.shdr import read_shdr
from lineside.connect.set_aside import SetAside
from lineside.connect.shdr_text import ShdrText
from lineside.errors import UnusableData
from lineside.history import Quality
from lineside.plant import Kind

BERLIN = ZoneInfo("Europe/Berlin")
NOW = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
WANTED: dict[str, Kind] = {
    "exec": "state",
    "load": "measure",
    "cond": "condition",
    "program": "text",
    "parts": "counter",
}
SHDR = """\
2019-04-02T14:50:35.115633Z|load|UNAVAILABLE
2019-04-02T14:50:35.115633Z|cond|Unavailable||||
2019-04-09T10:39:25.541Z|cond|Warning|371||| UP SWITCH)
2019-04-09T10:39:25.09Z|exec|ACTIVE
2019-04-09T10:39:26Z|load|12.5
2019-04-09T10:39:27.7167146Z|@ASSET@|123456.20|CuttingTool|--multiline--AB
<CuttingTool toolId="123456">
--multiline--AB
2019-04-09T10:39:28Z|other|1|exec|READY
<<<<<<< HEAD
2019-04-09T10:39:29Z|program|主轴 "A"
2019-02-30T10:39:29Z|load|1
2019-04-09T10:39:30Z|load|many
1970-01-01T00:00:00Z|load|2
2199-01-01T00:00:00Z|load|3
2019-04-09T10:39:31Z|cond|Orange
"""
LONG = """\
timestamp,item,value
2024-01-01T00:00:00Z,exec,ACTIVE
2024-01-01T00:00:01.5Z,load,12.5
2024-01-01T00:00:00.25Z,load,UNAVAILABLE
not a time,load,1
2024-01-01T00:00:03Z,load,many
2024-01-01T00:00:04Z,other,1
2024-01-01T00:00:05Z,load
2024-01-01T00:00:06Z,cond,Fault
"""


def write(folder: Path, content: str | bytes, *, packed: bool = False) -> Path:
    """A recording with this content, gzipped or not."""
    path = folder / "recording"
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    return path


def read(
    path: Path,
    wanted: Mapping[str, Kind] = WANTED,
    *,
    device: str | None = None,
    time_column: str | None = None,
    day_first: bool | None = None,
) -> tuple[list[Observation], Summary]:
    """Everything a recording holds, and its account."""
    recording = read_recording(
        path, wanted, now=NOW, zone=BERLIN, device=device, columns=Columns(time_column), day_first=day_first
    )
    with recording:
        batches = list(recording)
        assert recording.progress == (path.stat().st_size, path.stat().st_size)
    assert all(batch.schema == OBSERVATIONS for batch in batches)
    return [row for batch in batches for row in rows(batch)], recording.summary


def values(found: list[Observation]) -> list[tuple[str, float | str | None]]:
    """Address and value of each observation."""
    return [(o.address, o.text if o.number is None else o.number) for o in found]


def moments(found: list[Observation]) -> list[str]:
    """When each observation was, in UTC."""
    return [datetime.fromtimestamp(o.time / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%S") for o in found]


def counts(summary: Summary) -> dict[str, int]:
    """How much was set aside, by reason."""
    return {reason: known.count for reason, known in summary.set_aside.items()}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_an_adapters_stream_is_read(tmp_path: Path, packed: bool) -> None:
    """Values in the order of the file; all else is counted by reason, with line and example."""
    found, summary = read(write(tmp_path, SHDR, packed=packed))

    assert values(found) == [
        ("load", None),
        ("cond", None),
        ("cond", "WARNING"),
        ("exec", "ACTIVE"),
        ("load", 12.5),
        ("exec", "READY"),
        ("program", '主轴 "A"'),
        ("load", None),
    ]
    assert [o.quality for o in found if o.address == "load"] == [Quality.NO_DATA, Quality.GOOD, Quality.BAD]
    assert counts(summary) == {
        "asset": 1,
        "stray": 1,
        "bad_timestamp": 1,
        "not_a_number": 1,
        "clock": 2,
        "no_level": 1,
    }
    assert summary.set_aside["stray"] == Reason(1, 10, "<<<<<<< HEAD")
    assert summary.unwanted == {"other": 1}
    assert (summary.format, summary.lines, summary.observations) == ("shdr", 16, 8)


def test_times_that_go_back_are_counted(tmp_path: Path) -> None:
    """Milliseconds and microseconds are compared as moments, so .09 lies before .541 and not behind .115633."""
    found, summary = read(write(tmp_path, SHDR))

    assert summary.backwards == 1
    assert (summary.first, summary.last) == (min(o.time for o in found), max(o.time for o in found))


def test_a_loss_told_late_is_counted(tmp_path: Path) -> None:
    """A reconnect dates the lost signal before the value it follows."""
    text = "2024-01-01T00:00:02Z|load|1\n2024-01-01T00:00:01Z|load|UNAVAILABLE\n"

    assert read(write(tmp_path, text))[1].early_losses == 1


def test_an_asset_that_is_never_closed_hides_nothing(tmp_path: Path) -> None:
    """Neither the values behind it, also in the next block, nor its lines, which are counted."""
    asset = "2019-04-09T10:39:27Z|@ASSET@|1|CuttingTool|--multiline--AB\n<CuttingTool>\n"
    value = "2019-04-09T10:39:28Z|load|1\n"

    found, summary = read(write(tmp_path, asset + value + asset))

    assert values(found) == [("load", 1.0)]
    assert counts(summary) == {"asset": 2, "asset_open": 2}
    assert summary.set_aside["asset_open"] == Reason(2, 2, "<CuttingTool>")


def test_a_stream_cut_within_a_line_is_read_up_to_it(tmp_path: Path) -> None:
    """The last line may have lost its end: it is set aside as cut."""
    found, summary = read(write(tmp_path, "2024-01-01T00:00:01Z|load|1\n2024-01-01T00:00:02Z|load|12"))

    assert values(found) == [("load", 1.0)]
    assert summary.set_aside == {"cut": Reason(1, 2, "2024-01-01T00:00:02Z|load|12")}


def noisy(header: str, line: str, count: int) -> str:
    """A recording long enough that half of its archive is worth reading."""
    return header + "".join(
        line.format(f"{i * 7919 % 99991:05}", i // 3600 % 24, i // 60 % 60, i % 60) for i in range(count)
    )


@pytest.mark.parametrize(
    ("header", "line"),
    [("", "2024-01-01T{1:02}:{2:02}:{3:02}Z|load|{0}\n"), ("time,load\n", "2024-01-01T{1:02}:{2:02}:{3:02}Z,{0}\n")],
    ids=["shdr", "csv"],
)
@pytest.mark.parametrize("lost", [9, 5_000, 5_001, 5_002, 5_003])
def test_an_archive_cut_in_the_middle_is_read_up_to_the_cut(tmp_path: Path, header: str, line: str, lost: int) -> None:
    """Everything before is kept, the damage is counted, and no value is made of half a line."""
    text = noisy(header, line, 20_000)
    whole, _ = read(write(tmp_path, text))
    packed = gzip.compress(text.encode(), mtime=0)

    found, summary = read(write(tmp_path, packed[:-lost]))

    assert len(whole) == 20_000
    assert found == whole[: len(found)]
    assert len(found) > 1_000
    assert summary.set_aside["archive_cut"].count == 1


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(piece=st.integers(1, 400))
def test_where_blocks_end_does_not_matter(tmp_path: Path, piece: int) -> None:
    """Read in pieces of any size, also cut within a Chinese letter, a stream says the same."""

    class Trickle(File):
        """A file that gives a little at a time."""

        def read(self, length: int) -> bytes:
            """At most a piece."""
            return super().read(min(length, piece))

    path = write(tmp_path, SHDR)
    expected, summary = read(path)
    keeper = Keeper(WANTED, NOW, adapter=True)
    file = Trickle(path)

    found = [row for batch in read_shdr(file, keeper, None) if batch is not None for row in rows(batch)]
    file.close()

    assert found == expected
    assert counts(keeper.summary("shdr")) == counts(summary)
    assert keeper.summary("shdr").heard == summary.heard
    assert (keeper.lines, keeper.set_aside.unwanted) == (summary.lines, summary.unwanted)


STAMPS = st.sampled_from(
    ["2019-04-09T10:39:25Z", "2019-04-09T10:39:25.5Z", "2024-02-29T23:59:59.1234567Z", "2023-02-29T00:00:00Z",
     "2019-04-09T10:39:25", "2019-04-09T10:39:25.1+02:00", "", "1970-01-01T00:00:00Z", "2019-13-01T00:00:00Z", "now"]
)  # fmt: skip
NAMES = st.sampled_from(["exec", "load", "cond", "program", "parts", "other", "mill:load", "", " load ", "@ASSET@"])
WORDS = st.sampled_from(
    ["ACTIVE", "12.5", "-3", "+4", ".5", "1e3", "1e999", "nan", "inf", "", "Unavailable", "UNAVAILABLE", "Fault",
     "normal", "FAULT|7|||hot", "Warning|8|||", "Normal|7|||", "主轴", "a b", " 7 ", "1,5", "0x10", "|", "x|y"]
)  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.tuples(STAMPS, NAMES, WORDS), min_size=1, max_size=12),
    end=st.sampled_from(["\n", "\r\n"]),
    device=st.sampled_from([None, "mill", "lathe"]),
)
def test_plain_lines_say_what_the_line_reader_says(
    tmp_path: Path, lines: list[tuple[str, str, str]], end: str, device: str | None
) -> None:
    """The fast way through a recording and the way line by line agree on every value and every count."""
    texts = ["|".join(line) for line in lines]
    plain = ShdrText(WANTED, SetAside(), device=device)
    expected = [o for text in texts for o in plain.read(text, None)]
    late = [o for o in expected if o.time > 0]

    found, summary = read(write(tmp_path, "".join(text + end for text in texts)), device=device)

    assert found == late
    assert {k: n for k, n in counts(summary).items() if k != "clock"} == {
        reason: known.count for reason, known in plain.set_aside.reasons.items()
    }
    assert counts(summary).get("clock", 0) == len(expected) - len(late)
    assert summary.unwanted == plain.set_aside.unwanted


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_a_long_table_is_read(tmp_path: Path, packed: bool) -> None:
    """Time, address and value in a row; what does not fit is counted."""
    found, summary = read(write(tmp_path, LONG, packed=packed))

    assert values(found) == [("exec", "ACTIVE"), ("load", 12.5), ("load", None), ("load", None), ("cond", "FAULT")]
    assert [o.quality for o in found if o.address == "load"] == [Quality.GOOD, Quality.NO_DATA, Quality.BAD]
    assert counts(summary) == {"bad_timestamp": 1, "cells": 1, "not_a_number": 1}
    assert summary.set_aside["cells"] == Reason(1, 8, "2024-01-01T00:00:05Z,load")
    assert (summary.format, summary.unwanted, summary.backwards, summary.lines) == ("csv", {"other": 1}, 1, 9)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_a_wide_table_is_read(tmp_path: Path, packed: bool) -> None:
    """One column an address; an empty cell says that nothing was recorded, a word for none that nothing came."""
    text = (
        "time,load,exec,other\n2024-01-01T00:00:00Z,1,ON,x\n2024-01-01T00:00:01Z,,OFF,x\n2024-01-01T00:00:02Z,NaN,,x\n"
    )

    found, summary = read(write(tmp_path, text, packed=packed))

    assert values(found) == [("load", 1.0), ("exec", "ON"), ("exec", "OFF"), ("load", None)]
    assert found[-1].quality is Quality.NO_DATA
    assert summary.unwanted == {"other": 3}


def test_a_german_export_is_read(tmp_path: Path) -> None:
    """Semicolons, decimal commas, day before month, date and clock apart, quotes, and the plant's own time."""
    text = 'Datum;Uhrzeit;"load"\n03.04.2024;10:00:00;"12,5"\n03.04.2024;10:00:01,5;-0,25\n'

    found, _ = read(write(tmp_path, text))

    assert values(found) == [("load", 12.5), ("load", -0.25)]
    assert moments(found) == ["2024-04-03T08:00:00", "2024-04-03T08:00:01"]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff时间,主轴\n2024年4月3日 10:00:00,5\n",
        "时间,信号,值\n2024-04-03 10:00:00,主轴,5\n",
        "日期,时间,主轴\r\n2024/4/3,10:00:00,5\r\n",
    ],
    ids=["wide", "long", "date and time apart"],
)
def test_a_chinese_export_is_read(tmp_path: Path, text: str) -> None:
    """Headers, dates and addresses in Chinese."""
    found, summary = read(write(tmp_path, text), {"主轴": "measure"})

    assert values(found) == [("主轴", 5.0)]
    assert moments(found) == ["2024-04-03T08:00:00"]
    assert counts(summary) == {}


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("header", ["时间,主轴,状态", "time,主轴,状态"])
def test_a_table_in_a_chinese_encoding_is_read(tmp_path: Path, encoding: str, header: str) -> None:
    """As spreadsheets in China write it; the summary says how it was read."""
    path = write(tmp_path, f"{header}\n2024-04-03 10:00:00,5,运行中\n2024-04-03 10:01:00,6,停机\n".encode(encoding))
    wanted: dict[str, Kind] = {"主轴": "measure", "状态": "state"}

    found, summary = read(path, wanted)

    assert values(found) == [("主轴", 5.0), ("状态", "运行中"), ("主轴", 6.0), ("状态", "停机")]
    assert summary.encoding == ("utf-8" if "utf" in encoding else "gb18030")
    assert {item.address for item in recording_items(path)} == {"主轴", "状态"}


def test_the_encoding_may_show_late(tmp_path: Path) -> None:
    """A plain header and plain rows decide nothing."""
    rows = "".join(f"2024-04-03T10:{i // 60 % 60:02}:{i % 60:02}Z,READY\n" for i in range(200_000))
    path = write(tmp_path, f"time,exec\n{rows}2024-04-03T12:00:00Z,运行中\n".encode("gbk"))

    found, summary = read(path)

    assert (found[-1].text, summary.encoding) == ("运行中", "gb18030")


def test_a_little_damage_does_not_change_the_encoding(tmp_path: Path) -> None:
    """One bad byte in a Chinese table in UTF-8."""
    text = "时间,主轴,状态\n2024-04-03 10:00:00,5,运行中\n2024-04-03 10:01:00,6,停机\n".encode()

    found, summary = read(write(tmp_path, text.replace("中".encode(), b"\xe4\xb8")), {"状态": "state"})

    assert summary.encoding == "utf-8"
    assert [one.text for one in found] == ["运行\N{REPLACEMENT CHARACTER}", "停机"]


@pytest.mark.parametrize(
    "content",
    ["time,Öltemperatur °C,für\n2024-04-03T10:00:00Z,5,1\n".encode("cp1252"), "time,a\n1,2\n".encode("utf-16")],
)
def test_a_table_in_another_encoding_is_refused(tmp_path: Path, content: bytes) -> None:
    """Its header cannot be read: the file is named, with the cure."""
    with pytest.raises(UnusableData) as raised:
        read(write(tmp_path, content))

    assert raised.value.key == "connect.recording.encoding"
    assert "recording" in raised.value.sentence()
    assert "UTF-8" in (raised.value.cure("zh") or "")


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("2024-04-03T10:00:00+05:30", "2024-04-03T04:30:00"),
        ("2024-04-03 10:00:00", "2024-04-03T08:00:00"),
        ("2024.04.03.10.00.00", "2024-04-03T08:00:00"),
        ("13/4/2024 10:00", "2024-04-13T08:00:00"),
        ("4/13/2024 10:00 PM", "2024-04-13T20:00:00"),
        ("4/13/2024 12:00 AM", "2024-04-12T22:00:00"),
        ("2024-04-03", "2024-04-02T22:00:00"),
        ("1712138400", "2024-04-03T10:00:00"),
        ("1712138400000", "2024-04-03T10:00:00"),
        ("1712138400000000", "2024-04-03T10:00:00"),
        ("1712138400000000000", "2024-04-03T10:00:00"),
        ("1712138400.5", "2024-04-03T10:00:00"),
    ],
)
def test_times_are_read_as_exports_write_them(tmp_path: Path, stamp: str, moment: str) -> None:
    """With an offset, by the plant's clock, or as a number of seconds or less since 1970."""
    found, _ = read(write(tmp_path, f"time,load\n{stamp},1\n"))

    assert moments(found) == [moment]


@pytest.mark.parametrize("stamp", ["2024-02-30 10:00", "2024-04-03 25:00", "2024-03-31 02:30:00", "soon", ""])
def test_times_that_never_were_are_set_aside(tmp_path: Path, stamp: str) -> None:
    """Days and hours that do not exist, also the hour that spring skips."""
    found, summary = read(write(tmp_path, f"time,load\n2024-04-03 10:00:00,1\n{stamp},2\n"))

    assert values(found) == [("load", 1.0)]
    assert summary.set_aside["bad_timestamp"] == Reason(1, 3, stamp)


def test_the_hour_that_autumn_repeats_is_counted(tmp_path: Path) -> None:
    """The first of the two is meant, and that it was a guess is told."""
    found, summary = read(write(tmp_path, "time,load\n2024-10-27 02:30:00,1\n2024-10-27 03:30:00,1\n"))

    assert moments(found) == ["2024-10-27T00:30:00", "2024-10-27T02:30:00"]
    assert summary.ambiguous == 1


def test_a_date_that_may_be_read_both_ways_is_not_guessed(tmp_path: Path) -> None:
    """Nothing in the file tells day from month: that is asked."""
    with pytest.raises(UnusableData) as raised:
        read(write(tmp_path, "time,load\n3/4/2026 10:00,1\n5/6/2026 10:00,1\n"))

    assert raised.value.key == "connect.recording.day_or_month"


@pytest.mark.parametrize(("day_first", "moment"), [(True, "2025-04-03T08:00:00"), (False, "2025-03-04T09:00:00")])
def test_day_or_month_may_be_told(tmp_path: Path, day_first: bool, moment: str) -> None:
    """What the engineer says goes."""
    found, _ = read(write(tmp_path, "time,load\n3/4/2025 10:00,1\n"), day_first=day_first)

    assert moments(found) == [moment]


def test_one_date_settles_the_others(tmp_path: Path) -> None:
    """The 25th can be no month, so 3/4 is in April."""
    found, _ = read(write(tmp_path, "time,load\n3/4/2025 10:00,1\n25/4/2025 10:00,2\n"))

    assert moments(found) == ["2025-04-03T08:00:00", "2025-04-25T08:00:00"]


def test_a_column_of_times_may_be_named(tmp_path: Path) -> None:
    """Where no name tells, the engineer does."""
    found, _ = read(write(tmp_path, "Messpunkt;load\n2024-04-03T10:00:00Z;1\n"), time_column="Messpunkt")

    assert values(found) == [("load", 1.0)]


def test_a_table_without_a_time_shows_its_columns(tmp_path: Path) -> None:
    """Nothing can be kept without knowing when it was."""
    with pytest.raises(UnusableData) as raised:
        read(write(tmp_path, "cycle,load\n1,2\n"))

    assert raised.value.key == "connect.recording.no_time_column"
    assert "cycle, load" in raised.value.sentence()


def test_a_table_cut_within_a_line_is_read_up_to_it(tmp_path: Path) -> None:
    """A row without all its cells is set aside."""
    found, summary = read(write(tmp_path, "time,load,exec\n2024-01-01T00:00:00Z,1,ON\n2024-01-01T00:00:01Z,2"))

    assert values(found) == [("load", 1.0), ("exec", "ON")]
    assert counts(summary) == {"cells": 1}


def test_garbage_in_a_table_is_set_aside(tmp_path: Path) -> None:
    """Empty lines, zero bytes and foreign text harm no other row."""
    text = "time,load\n\n2024-01-01T00:00:00Z,1\n\0\0\0\nhello\n2024-01-01T00:00:01Z,2\n"

    found, summary = read(write(tmp_path, text))

    assert values(found) == [("load", 1.0), ("load", 2.0)]
    assert counts(summary) == {"cells": 2}


def parquet(path: Path, *, long: bool, packed: bool = False) -> Path:
    """A table of two moments as Parquet."""
    stamps = pa.array([datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, 0, 0, 1, tzinfo=UTC)])
    columns: dict[str, object] = {"address": ["load", "exec"], "value": ["1.5", "ON"]}
    table = pa.table(
        {"time": stamps}
        | (columns if long else {"load": [1.5, None], "exec": pa.array(["ON", "OFF"]).dictionary_encode()})
    )
    pq.write_table(table, path)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    return path


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_parquet_is_read(tmp_path: Path, packed: bool) -> None:
    """Long and wide, as most data tools write it."""
    long, summary = read(parquet(tmp_path / "long", long=True, packed=packed))
    wide, _ = read(parquet(tmp_path / "wide", long=False, packed=packed))

    assert values(long) == [("load", 1.5), ("exec", "ON")]
    assert values(wide) == [("load", 1.5), ("exec", "ON"), ("exec", "OFF")]
    assert (summary.format, summary.lines) == ("parquet", 2)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_parquet_without_its_end_is_refused(tmp_path: Path, packed: bool) -> None:
    """Its index stands at the end; the cure is to copy it again."""
    path = parquet(tmp_path / "cut", long=True, packed=packed)
    path.write_bytes(path.read_bytes()[:-40])

    with pytest.raises(UnusableData) as raised:
        read(path)

    assert raised.value.key == "connect.recording.parquet"
    assert raised.value.cure()


def test_parquet_with_a_damaged_name_is_refused(tmp_path: Path) -> None:
    """The names of its columns are no text any more."""
    path = parquet(tmp_path / "named", long=False)
    path.write_bytes(path.read_bytes().replace(b"exec", b"exe\xd2"))

    with pytest.raises(UnusableData) as raised:
        read(path)

    assert raised.value.key == "connect.recording.parquet"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"hello\nworld\n", b"\x1f\x8b", b"\x89PNG\r\n\x1a\n\0\0\0\r"])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    """An empty file, a letter, a picture: the error names the file and what can be read."""
    path = write(tmp_path, content)

    with pytest.raises(UnusableData) as raised:
        read(path)

    assert raised.value.key == "connect.recording.format"
    assert path.name in raised.value.sentence()


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    """Missing, or a folder: the system's reason is told."""
    for path in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(UnusableData) as raised:
            read(path)

        assert raised.value.key == "connect.recording.unreadable"
        assert path.name in raised.value.sentence()


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_the_items_of_a_stream_are_found_with_their_kinds(tmp_path: Path, packed: bool) -> None:
    """Conditions by their shape, numbers as measures, part counts as counters, words as states."""
    text = (
        "2024-01-01T00:00:00Z|exec|READY\n2024-01-01T00:00:00Z|load|UNAVAILABLE\n2024-01-01T00:00:01Z|exec|ACTIVE\n"
        "2024-01-01T00:00:01Z|load|1.5|PartCountAct|7\n2024-01-01T00:00:01Z|cond|Normal||||\n"
        + "".join(f"2024-01-01T00:00:01Z|block|N{i} X1\n" for i in range(30))
    )

    assert recording_items(write(tmp_path, text, packed=packed)) == [
        Item("block", 30, "N0 X1", "text"),
        Item("exec", 2, "READY", "state"),
        Item("load", 2, "1.5", "measure"),
        Item("PartCountAct", 1, "7", "counter"),
        Item("cond", 1, "Normal", "condition"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "time,load,exec\n2024-01-01T00:00:00Z,1.5,ON\n2024-01-01T00:00:01Z,NaN,OFF\n",
        "Datum;Uhrzeit;load;exec\n01.01.2024;00:00:00;1,5;ON\n01.01.2024;00:00:01;2,5;OFF\n",
        "time,item,value\n2024-01-01T00:00:00Z,load,1.5\n2024-01-01T00:00:00Z,exec,ON\n",
    ],
    ids=["wide", "german", "long"],
)
def test_the_items_of_a_table_are_found_with_their_kinds(tmp_path: Path, text: str) -> None:
    """A gap or a decimal comma makes no word of a number."""
    items = recording_items(write(tmp_path, text))

    assert {item.address: (item.kind, item.example) for item in items} == {
        "load": ("measure", "1.5"),
        "exec": ("state", "ON"),
    }


def test_the_items_of_parquet_are_found_with_their_kinds(tmp_path: Path) -> None:
    """Long and wide alike."""
    for long in (True, False):
        items = recording_items(parquet(tmp_path / "table", long=long))

        assert {item.address: item.kind for item in items} == {"load": "measure", "exec": "state"}


def test_items_are_looked_for_in_the_beginning_only(tmp_path: Path) -> None:
    """A first look does not read a whole year."""
    text = "".join(f"2024-01-01T00:00:00Z|item{i}|1\n" for i in range(10))

    assert len(recording_items(write(tmp_path, text), 3)) == 3
