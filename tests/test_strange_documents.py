"""Documents that no one in his right mind writes: what fuzzing found."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lineside.connect import read_recording, read_table
from lineside.connect.discovery.table import COLUMNS
from lineside.connect.json_text import read_document
from lineside.connect.mqtt_payload import observe_json, read_time
from lineside.connect.mtconnect_xml import read_streams
from lineside.connect.observations import to_batch
from lineside.connect.push_rows import RowReader
from lineside.connect.timestamps import Timestamps
from lineside.errors import LinesideError
from lineside.plant import parse_plant
from lineside.twin import read_line
from lineside.twin.answers.changes import read_changes
from lineside.twin.fit.reading.log import read_log
from lineside.twin.schedule.reading import read_problem

ENDLESS = "9" * 5000
"""More digits than Python makes a number of."""
DEEP = "[" * 100_000


def test_a_text_that_no_text_can_be_is_stored_all_the_same() -> None:
    """Half a pair of surrogates in JSON would otherwise end the source, and come again and again from a broker."""
    told = read_document(rb'{"mode": "a\ud800b", "\udfff": {"\ud83d\ude00": 1}}')

    assert told == {"mode": "a?b", "?": {"\N{GRINNING FACE}": 1}}
    assert to_batch([observe_json("mode", "text", 1, told)]).num_rows == 1


@pytest.mark.parametrize("document", [DEEP, f'{{"t": {ENDLESS}}}', '{"a":' * 100_000, b'{"mode": "\xed\xa0\x80"}'])
def test_json_that_cannot_be_read_is_a_value_error(document: str | bytes) -> None:
    """Depths, numbers without end and bytes that are half a character are told like any other fault."""
    with pytest.raises(ValueError, match=r"."):
        read_document(document)


def test_a_time_without_end_is_none() -> None:
    """A text of thousands of digits is no moment."""
    assert read_time(ENDLESS, Timestamps()) is None
    assert read_time("1790000000", Timestamps()) == 1_790_000_000_000_000


def test_a_sequence_without_end_counts_as_none() -> None:
    """An agent's number that is none does not end the conversation."""
    header = '<Header instanceId="1" firstSequence="1" lastSequence="1" nextSequence="2"/>'
    inside = f'<Samples><Load dataItemId="i" sequence="{ENDLESS}" timestamp="2026-09-21T14:13:20Z">1</Load></Samples>'
    document = f"<MTConnectStreams>{header}<Streams><DeviceStream>{inside}</DeviceStream></Streams></MTConnectStreams>"

    assert [value.sequence for value in read_streams(document.encode()).values] == [0]


def _parquet() -> bytes:
    """A file whose first page is broken, and whose end is well."""
    file = io.BytesIO()
    pq.write_table(pa.table({"time": ["2026-09-21T14:13:20Z"] * 9, "load": [1.5] * 9}), file)
    content = bytearray(file.getvalue())
    content[37] = 0xFF
    return bytes(content)


@pytest.mark.parametrize(
    ("read", "document"),
    [
        (read_line, DEEP.encode()),
        (read_line, f'{{"schema": {ENDLESS}}}'.encode()),
        (read_changes, DEEP.encode()),
        (read_problem, b"{" + b'"a":{' * 100_000),
        (read_problem, f"{ENDLESS} 3\n1 2\n".encode()),
        (read_problem, b"1 222222222222222222\n1 1 0 3\n"),
        (read_log, b'{"objects": [], "events": [{"id": "\\ud800", "type": "\\ud800", "time": "x"}]}'),
        (read_log, b'{"objects": [], "events": [{"id": "\xed\xa0\x80", "type": "a", "time": "x"}]}'),
        (lambda path: list(read_recording(path, {"load": "measure"}, now=2**60, zone=ZoneInfo("UTC"))), _parquet()),
        (lambda path: read_table(path.read_text("utf-8")), (",".join(COLUMNS) + '\nyes,"' + "x" * 200_000).encode()),
        (lambda path: parse_plant(path.read_text("utf-8")), f"a = {ENDLESS}".encode()),
        (lambda path: parse_plant(path.read_text("utf-8")), b"a = " + b"[" * 5000),
        (lambda path: parse_plant(path.read_text("utf-8")), b"a." * 3000 + b"b = 1"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_words(
    read: Callable[[Path], object], document: bytes, tmp_path: Path
) -> None:
    """Never as a fault of ours."""
    path = tmp_path / "file"
    path.write_bytes(document)

    with pytest.raises(LinesideError) as refused:
        read(path)

    assert refused.value.sentence()


def test_a_source_of_a_table_that_can_have_no_such_name_is_named() -> None:
    """A cell with a character that no name has is one of the faults of its row."""
    cells = dict.fromkeys(COLUMNS, "") | {"keep": "yes", "source": "a\0b", "type": "mqtt"}

    with pytest.raises(LinesideError, match="source"):
        read_table("\n".join([",".join(COLUMNS), ",".join(cells[column] for column in COLUMNS)]))


def test_options_of_a_table_that_are_nested_too_deeply_are_named() -> None:
    """By line and column, like other cells."""
    cells = dict.fromkeys(COLUMNS, "") | {"keep": "yes", "source": "s", "type": "mqtt", "options": DEEP[:3000]}
    text = "\n".join([",".join(COLUMNS), ",".join(json.dumps(cells[column]) for column in COLUMNS)])

    with pytest.raises(LinesideError, match="options"):
        read_table(text)


def test_rows_that_are_no_text_are_refused() -> None:
    """In bytes that are no UTF-8 a list as a whole, of lines the one; never as a fault of ours."""
    reader = RowReader({"load": "measure"})

    told = reader.read(b'{"address": "load", "value": 1}\n{"address": "\xff"}', 1_790_000_000_000_000)
    assert (told.taken, told.refused) == (1, 1)
    with pytest.raises(LinesideError, match="JSON"):
        reader.read(b'[{"address": "\xff"}]', 1_790_000_000_000_000)
