from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.connect import read_recording
from lineside.connect.recordings.hearing import QUIET_US, Hearing
from lineside.plant import Kind

WANTED: dict[str, Kind] = {"mode": "state", "parts": "counter"}
BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY, MONDAY = "2026-03-06", "2026-03-09"
NOW = 1_774_000_000_000_000  # 20 March 2026


def heard(folder: Path, *lines: str, wanted: dict[str, Kind] = WANTED) -> tuple[str, str] | None:
    """From when to when the recording of these lines was heard, as day and minute."""
    path = folder / "recording"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    with read_recording(path, wanted, now=NOW, zone=BERLIN) as recording:
        list(recording)
        span = recording.summary.heard
    if span is None:
        return None
    start, end = (datetime.fromtimestamp(time / 1e6, UTC).strftime("%d %H:%M") for time in span)
    return start, end


def test_values_older_than_the_recording_are_not_covered(tmp_path: Path) -> None:
    """It opens with what was said last, each under the stamp of its change: heard from the newest of them."""
    assert heard(
        tmp_path,
        f"{FRIDAY}T15:00:00Z|mode|ACTIVE",
        f"{MONDAY}T06:00:00Z|avail|AVAILABLE",
        f"{FRIDAY}T15:30:00Z|parts|5",
        f"{MONDAY}T06:05:00Z|mode|READY",
        f"{MONDAY}T06:20:00Z|parts|6",
    ) == ("09 06:00", "09 06:20")


def test_a_recording_that_opens_with_old_values_alone_is_heard_from_the_line_behind_them(tmp_path: Path) -> None:
    """Nothing tells that anybody listened over the weekend; lines of items nobody wants tell it as well."""
    old = [f"{FRIDAY}T15:00:00Z|mode|ACTIVE", f"{FRIDAY}T15:30:00Z|load|5"]

    assert heard(tmp_path, *old, f"{MONDAY}T06:05:00Z|load|6", f"{MONDAY}T08:00:00Z|mode|READY") == (
        "09 06:05",
        "09 08:00",
    )
    assert heard(tmp_path, old[0], f"{MONDAY}T06:05:00Z|mode|READY", f"{MONDAY}T08:00:00Z|mode|ACTIVE") == (
        "09 06:05",
        "09 08:00",
    )


def test_what_follows_the_opening_values_soon_joins_them(tmp_path: Path) -> None:
    """The recording began at the newest of them."""
    old = [f"{FRIDAY}T15:00:00Z|mode|ACTIVE", f"{MONDAY}T06:00:00Z|parts|5"]

    assert heard(tmp_path, *old, f"{MONDAY}T06:14:00Z|parts|6", f"{MONDAY}T08:00:00Z|mode|READY") == (
        "09 06:00",
        "09 08:00",
    )


@pytest.mark.parametrize("stray", ["2002-01-01T04:11:02Z", f"{FRIDAY}T10:00:00Z", "2026-03-19T10:00:00Z"])
def test_a_stray_stamp_widens_nothing(tmp_path: Path, stray: str) -> None:
    """A clock that was wrong for one line, back or ahead; its value is kept all the same."""
    lines = [f"{MONDAY}T06:0{minute}:00Z|parts|{minute}" for minute in range(6)]
    lines.insert(3, f"{stray}|mode|ACTIVE")

    assert heard(tmp_path, *lines) == ("09 06:00", "09 06:05")


def test_a_stray_stamp_ahead_among_the_opening_values_hides_nothing(tmp_path: Path) -> None:
    """As soon as time goes on from before it, it is dropped."""
    lines = [f"{MONDAY}T06:0{minute}:00Z|parts|{minute}" for minute in range(6)]

    assert heard(tmp_path, f"{FRIDAY}T10:00:00Z|mode|READY", "2026-03-19T10:00:00Z|avail|A", *lines) == (
        "09 06:01",
        "09 06:05",
    )


def test_two_controllers_with_clocks_apart_are_heard_while_both_speak(tmp_path: Path) -> None:
    """Lines that leap to and fro cover no more than the times between the first and the last."""
    lines = [
        f"{MONDAY}T{hour:02}:0{minute}:00Z|{item}|1" for minute in range(6) for hour, item in ((6, "a"), (14, "b"))
    ]

    assert heard(tmp_path, *lines, f"{MONDAY}T06:09:00Z|mode|READY") == ("09 06:01", "09 06:09")


def test_a_long_table_is_heard_like_a_recording(tmp_path: Path) -> None:
    """Opening values of different age may be old ones; one moment at the top is the start."""
    head, rest = "time,item,value", [f"{MONDAY}T06:05:00Z,mode,READY", f"{MONDAY}T08:00:00Z,mode,ACTIVE"]

    assert heard(tmp_path, head, f"{FRIDAY}T15:00Z,mode,ACTIVE", f"{FRIDAY}T15:30Z,parts,5", *rest) == (
        "09 06:05",
        "09 08:00",
    )
    assert heard(tmp_path, head, f"{MONDAY}T02:00Z,mode,ACTIVE", f"{MONDAY}T02:00Z,parts,5", *rest) == (
        "09 02:00",
        "09 08:00",
    )


def test_a_long_table_sorted_by_address_is_heard_as_a_whole(tmp_path: Path) -> None:
    """One signal after the other, as historians export them, none cuts the others short."""
    rows = [f"{MONDAY}T{hour:02}:00Z,mode,ACTIVE" for hour in (6, 10, 14)]
    rows += [f"{MONDAY}T{hour:02}:30Z,parts,{hour}" for hour in (5, 7, 9, 11)]

    assert heard(tmp_path, "time,item,value", *rows) == ("09 05:30", "09 14:00")


@pytest.mark.parametrize("step", [1, -1])
def test_a_wide_table_is_heard_from_its_first_row_to_its_last(tmp_path: Path, step: int) -> None:
    """Each row is one moment, though a day lies between two; the newest may stand on top."""
    rows = [
        f"{FRIDAY}T06:00Z,ACTIVE,",
        "2026-03-07T06:00Z,,5",
        "2026-03-08T06:00Z,READY,6",
        f"{MONDAY}T06:00Z,READY,7",
    ]

    assert heard(tmp_path, "time,mode,parts", *rows[::step]) == ("06 06:00", "09 06:00")


def test_a_file_without_wanted_values_covers_nothing(tmp_path: Path) -> None:
    """It says nothing of the machine."""
    assert heard(tmp_path, f"{MONDAY}T06:00:00Z|x|1", f"{MONDAY}T06:05:00Z|x|2") is None


@given(
    steps=st.lists(st.integers(0, QUIET_US), min_size=1, max_size=40),
    strays=st.lists(st.tuples(st.integers(0, 39), st.integers(-(10**15), 10**15)), max_size=3),
    piece=st.integers(1, 50),
    adapter=st.booleans(),
)
def test_however_it_is_cut_a_recording_is_heard_alike(
    steps: list[int], strays: list[tuple[int, int]], piece: int, adapter: bool
) -> None:
    """The pieces in which lines come change nothing, and the end is never before the start."""
    time = 10**16 + np.cumsum(np.array(steps, np.int64))
    for at, off in strays:
        time[at % len(time)] += off
    which = np.arange(len(time)) % 3
    whole, cut = Hearing(adapter=adapter), Hearing(adapter=adapter)

    whole.hear(time, "abc", which)
    for at in range(0, len(time), piece):
        cut.hear(time[at : at + piece], "abc", which[at : at + piece])

    span = whole.span()
    assert span == cut.span()
    assert span is not None
    assert span[0] <= span[1]
    assert time.min() <= span[0]
    assert span[1] <= time.max()
