from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineside.connect.observations import Observation, to_batch
from lineside.edge.buffer import MOST_ROWS, Buffer
from lineside.edge.rows import unpack
from lineside.errors import ConfigurationError
from lineside.history import Quality

T = 1_795_000_000_000_000
MB = 1_000_000


def values(first: int, count: int, address: str = "load") -> Any:
    """A batch of numbers, each a microsecond after the one before."""
    return to_batch(Observation(address, T + n, float(n), None, Quality.GOOD) for n in range(first, first + count))


def rows(buffer: Buffer, source: str = "press") -> list[dict[str, Any]]:
    """All that waits, as the node would read it, taken away."""
    found = []
    while parcel := buffer.take(source):
        found += [json.loads(row) for row in unpack(parcel.body)]
        buffer.done(source, parcel.until)
    return found


def numbers(found: list[dict[str, Any]]) -> list[Any]:
    """The values among rows."""
    return [row["value"] for row in found if "value" in row]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the buffer is."""
    return tmp_path / "edge.sqlite"


@pytest.fixture
def buffer(path: Path) -> Iterator[Buffer]:
    """A buffer of a megabyte that knows two sources."""
    opened = Buffer(path, MB)
    for name in ("press", "mill"):
        opened.know(name, ["shdr", "tcp://h:1", None])
    yield opened
    opened.close()


def test_what_waits_is_taken_in_order_and_kept_until_it_is_done(buffer: Buffer) -> None:
    """Each source by itself; a parcel that did not arrive is taken again."""
    buffer.observe("press", values(0, 3))
    buffer.observe("mill", values(100, 1))
    buffer.observe("press", values(3, 2))

    first, again = buffer.take("press"), buffer.take("press")

    assert first is not None
    assert (first.rows, first.more) == (5, False)
    assert first == again
    assert numbers(rows(buffer)) == [0, 1, 2, 3, 4]
    assert rows(buffer) == []
    assert numbers(rows(buffer, "mill")) == [100]


def test_a_parcel_is_small_whatever_waits(buffer: Buffer) -> None:
    """The node is given bounded bodies."""
    for n in range(5):
        buffer.observe("press", values(n * 5_000, 5_000))

    parcel = buffer.take("press")

    assert parcel is not None
    assert parcel.more
    assert parcel.rows <= MOST_ROWS
    assert numbers(rows(buffer)) == list(range(25_000))


def test_what_waits_outlives_its_program(path: Path, buffer: Buffer) -> None:
    """So do the place to go on from and what the node wants; another machine's place is forgotten."""
    buffer.observe("press", values(0, 3))
    buffer.heard("press", T, T + 9, {"heard": T + 9, "place": [1, 5]})
    buffer.want("press", {"load": "measure"})
    buffer.close()

    later = Buffer(path, MB)

    assert later.know("press", ["shdr", "tcp://h:1", None]) == (
        {"heard": T + 9, "place": [1, 5]},
        {"load": "measure"},
    )
    assert later.know("press", ["shdr", "tcp://other:1", None]) == ({"heard": T + 9}, {"load": "measure"})
    assert [row.get("value", row.get("heard")) for row in rows(later)] == [0, 1, 2, [T, T + 9]]
    later.close()


def test_a_quiet_machine_takes_one_row_a_day_long(buffer: Buffer) -> None:
    """Coverage that goes on is one span, and a pause begins another; what is being sent is not changed."""
    for second in range(100):
        buffer.heard("press", T + second, T + second + 1, {})
    taken = buffer.take("press")
    buffer.heard("press", T + 100, T + 101, {})
    buffer.heard("press", T + 500, T + 501, {})

    assert taken is not None
    assert taken.rows == 1
    assert rows(buffer) == [{"heard": [T, T + 100]}, {"heard": [T + 100, T + 101]}, {"heard": [T + 500, T + 501]}]


def test_over_its_cap_the_oldest_go_and_that_is_told(buffer: Buffer) -> None:
    """With count and bounds; the newest value of each address stays, and dropped time is not heard."""
    cap, size = 60_000, 0
    buffer.cap = cap
    buffer.observe("press", to_batch([Observation("mode", T - 5, None, "ACTIVE", Quality.GOOD)]))
    for n in range(300):
        buffer.observe("press", values(n * 100, 100))
        buffer.heard("press", T + n * 100 - 50, T + n * 100 + 50, {})
        size = max(size, buffer.size)
    waiting, found = buffer.waiting("press"), rows(buffer)

    told = [row for row in found if "lost" in row]
    kept = numbers(found)
    assert size < cap * 1.2
    assert buffer.size == 0
    assert [row["key"] for row in told] == ["edge.dropped"]
    assert told[0]["fields"]["count"] == waiting.dropped == 30_001 - len(kept)
    assert told[0]["fields"]["since"] < told[0]["fields"]["until"]
    assert kept[0] == "ACTIVE"
    assert kept[1:] == list(range(30_000 - len(kept) + 1, 30_000))
    assert min(row["heard"][0] for row in found if "heard" in row) >= T + kept[1]


def test_what_is_being_sent_is_not_dropped(buffer: Buffer) -> None:
    """Else values that arrived would be told as lost."""
    buffer.cap = 30_000
    buffer.observe("press", values(0, 1_000))
    taken = buffer.take("press")
    for n in range(1, 30):
        buffer.observe("press", values(n * 1_000, 1_000))
    assert taken is not None
    sent = [json.loads(row)["value"] for row in unpack(taken.body)]
    buffer.done("press", taken.until)
    found = rows(buffer)

    assert sent == list(range(1_000))
    lost = next(row["fields"]["count"] for row in found if "lost" in row)
    assert lost + len(numbers(found)) == 29_000


def test_another_edge_on_the_same_folder_is_refused(path: Path, buffer: Buffer) -> None:
    """Two would send in two orders."""
    buffer.observe("press", values(0, 1))

    with pytest.raises(ConfigurationError) as refused:
        Buffer(path, MB)

    assert refused.value.key == "edge.buffer"
