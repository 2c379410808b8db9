from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineside.connect.observations import Observation
from lineside.connect.push_rows import NAMED, RowReader
from lineside.errors import UnusableData
from lineside.history import Quality
from lineside.plant import Kind

NOW = 1_767_225_600_000_000  # 2026-01-01T00:00Z
WANTED: dict[str, Kind] = {"load": "measure", "mode": "state", "good": "count", "total": "counter"}


def test_a_row_becomes_an_observation() -> None:
    """Under its own time however that is written, with its quality; without a time it is dated by its receipt."""
    told = RowReader(WANTED).read(
        json.dumps(
            [
                {"address": "load", "value": 1.5},
                {"address": "load", "time": "2025-12-31 23:00:00.25-01:00", "value": "2.5", "quality": "uncertain"},
                {"address": "mode", "time": NOW // 1000, "value": True},
                {"address": "mode", "time": NOW * 1000 + 1999, "value": {"a": [1]}},
                {"address": "total", "time": NOW, "value": 7, "quality": "bad"},
                {"address": "good", "time": NOW / 1e6, "value": None},
            ]
        ).encode(),
        NOW + 5,
    )

    assert told.wrong == []
    assert told.observations == [
        Observation("load", NOW + 5, 1.5, None, Quality.GOOD),
        Observation("load", NOW + 250_000, 2.5, None, Quality.UNCERTAIN),
        Observation("mode", NOW, None, "true", Quality.GOOD),
        Observation("mode", NOW + 1, None, '{"a": [1]}', Quality.GOOD),
        Observation("total", NOW, None, None, Quality.BAD),
        Observation("good", NOW, None, None, Quality.NO_DATA),
    ]


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (7, "row_keys"),
        ({"address": "load", "value": 1, "unit": "K"}, "row_keys"),
        ({"value": 1}, "row_address"),
        ({"address": "", "value": 1}, "row_address"),
        ({"address": "load"}, "row_value"),
        ({"address": "load", "value": 1, "quality": "fine"}, "row_quality"),
        ({"address": "load", "value": 1, "quality": True}, "row_quality"),
        ({"address": "load", "value": 1, "time": "2026-01-01T00:00:00"}, "row_offset"),
        ({"address": "load", "value": 1, "time": "1767225600"}, "row_offset"),
        ({"address": "load", "value": 1, "time": "yesterdayZ"}, "row_time"),
        ({"address": "load", "value": 1, "time": True}, "row_time"),
        ({"address": "load", "value": 1, "time": 1}, "row_stamp"),
        ({"address": "load", "value": 1, "time": NOW * 2}, "row_stamp"),
        ({"address": "good", "value": 1}, "row_count"),
    ],
)
def test_a_wrong_row_is_told_by_its_number(row: object, key: str) -> None:
    """The rows around it are taken."""
    good = {"address": "load", "time": NOW, "value": 1}

    told = RowReader(WANTED).read(json.dumps([good, row, good]).encode(), NOW)

    assert [(wrong.path, wrong.key) for wrong in told.wrong] == [("2", f"connect.push.{key}")]
    assert (told.rows, told.taken, told.refused) == (3, 2, 1)
    assert told.wrong[0].cure("zh")


def test_lines_are_read_one_by_one() -> None:
    """One that is no JSON is told by the number of its line; of very many only the first are named."""
    told = RowReader(WANTED).read(b'{"address": "load", "value": 1}\n\n{"address":\n' + b"x\n" * 200, NOW)

    assert told.taken == 1
    assert [wrong.path for wrong in told.wrong[:2]] == ["3", "4"]
    assert (len(told.wrong), told.refused) == (NAMED, 201)


@pytest.mark.parametrize("body", [b"[", b"[1,]", b"[" * 100_000, b'[{"address": "load", "value": NaN}]'])
def test_a_list_that_is_no_json_is_refused_as_a_whole(body: bytes) -> None:
    """Nothing of it can be taken to be meant."""
    with pytest.raises(UnusableData, match="no JSON"):
        RowReader(WANTED).read(body, NOW)


@given(st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers()
                    | st.text(max_size=5), lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=3), x)),
       st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=25))  # fmt: skip
@settings(max_examples=40)
def test_any_value_at_any_time_is_taken_or_told(value: object, time: object) -> None:
    """Nothing that comes stops the others."""
    row = {"address": "load", "value": value, "time": time}

    told = RowReader(WANTED).read(json.dumps([row, {"address": "mode", "value": value}]).encode(), NOW)

    assert told.taken + told.refused == told.rows == 2
    assert all(NOW - 2**60 < one.time < NOW + 2**40 for one in told.observations)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """A body of rows never ends in anything but rows, told mistakes or one refusal."""
    try:
        told = RowReader(WANTED).read(body, NOW)
    except UnusableData:
        return
    assert told.taken + told.refused + told.unwanted.total() == told.rows


def test_what_an_edge_says_again_in_one_body_is_taken_once() -> None:
    """A source that began anew, as after a full disk, may have put the same into the edge's buffer twice."""
    said = [(1, 5), (2, 6), (1, 5), (2, 6), (3, 7), (3, 8), (3, 7)]
    rows = (f'{{"address": "load", "time": {1_790_000_000 + time}, "value": {value}}}' for time, value in said)

    told = RowReader({"load": "measure"}).read("\n".join(rows).encode(), 1_790_000_009_000_000, edge=True)

    assert [row.number for row in told.observations] == [5, 6, 7, 8, 7]
    assert (told.rows, told.refused) == (7, 0)
