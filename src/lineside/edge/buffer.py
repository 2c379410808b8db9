"""What waits for the node, on disk: in order, durable, and no more than a cap."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from time import time_ns
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from lineside.edge.rows import heard_row, pack, said_row, unpack, value_rows
from lineside.errors import ConfigurationError

MOST_ROWS = 10_000
MOST_BYTES = 900_000
"""Of a parcel before it is packed: what the node takes as a small body."""
DROPPED_AT_ONCE = 2_000_000
_RECORD_BYTES = 64
_TABLES = """
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA journal_size_limit = 8000000;
CREATE TABLE IF NOT EXISTS record (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, kind INTEGER NOT NULL, first INTEGER NOT NULL,
    last INTEGER NOT NULL, rows INTEGER NOT NULL, bytes INTEGER NOT NULL, kept INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS of_source ON record (source, id);
CREATE TABLE IF NOT EXISTS source (
    id TEXT PRIMARY KEY, peer TEXT NOT NULL DEFAULT '', memory TEXT NOT NULL DEFAULT '{}',
    wanted TEXT NOT NULL DEFAULT '{}', floor INTEGER NOT NULL DEFAULT 0, dropped INTEGER NOT NULL DEFAULT 0);
"""


class _Kind(IntEnum):
    VALUES = 0
    HEARD = 1
    LOST = 2
    KEPT = 3
    """What was dropped, as a loss, and then the newest of its values of each address."""


class Parcel(NamedTuple):
    """The oldest of what waits of a source: a gzipped body and its number of rows, up to a record."""

    until: int
    rows: int
    body: bytes
    more: bool


class Waiting(NamedTuple):
    """How many values wait, since when the oldest does (microseconds), and how many were dropped ever."""

    values: int
    oldest: int | None
    dropped: int


@dataclass(slots=True)
class _Dropped:
    """What a drop takes away."""

    newest: dict[str, tuple[int, bytes]]
    seen: int = 0
    until_id: int = 0
    freed: int = 0
    count: int = 0


class Buffer:
    """The waiting of all sources in one file. One thread at a time may use it; what is kept is durable on return.

    Over `cap` bytes the oldest values are dropped, except for the newest of each address: it holds from its time on.
    The time of those dropped counts as not heard. Raises ConfigurationError when another edge has it open.
    """

    def __init__(self, path: Path, cap: int) -> None:
        self.cap = cap
        self._taken: dict[str, int] = {}
        self._database = sqlite3.connect(path, timeout=1, isolation_level=None, check_same_thread=False)
        try:
            self._database.executescript(_TABLES)
            self._database.execute("UPDATE source SET id = id")  # the lock of exclusive mode comes with a write
        except sqlite3.OperationalError as error:
            self._database.close()
            raise ConfigurationError("edge.buffer", file=str(path), reason=str(error)) from error
        self.size = self._measured()

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    # What sources say

    def observe(self, source: str, batch: pa.RecordBatch) -> None:
        """Keeps observations."""
        if not batch.num_rows:
            return
        rows = value_rows(batch)
        extent = pc.min_max(batch.column("time").cast(pa.int64())).as_py()
        with self._writing():
            for at in range(0, len(rows), MOST_ROWS):
                self._add(source, _Kind.VALUES, (extent["min"], extent["max"]), rows[at : at + MOST_ROWS])
            self._make_room()

    def heard(self, source: str, start: int, end: int, memory: Mapping[str, object]) -> None:
        """Keeps that the source was heard, and where it can go on from."""
        with self._writing():
            self._database.execute("UPDATE source SET memory = ? WHERE id = ?", (json.dumps(memory), source))
            start = max(start, self._one("SELECT floor FROM source WHERE id = ?", source)[0])
            if start > end:
                return
            newest = self._one("SELECT id, kind, last FROM record WHERE source = ? ORDER BY id DESC LIMIT 1", source)
            joins = newest and newest[1] == _Kind.HEARD and newest[0] > self._taken.get(source, 0)
            if joins and start <= newest[2] <= end:
                self._database.execute("UPDATE record SET last = ? WHERE id = ?", (end, newest[0]))
            else:
                self._add(source, _Kind.HEARD, (start, end), [])

    def lost(self, source: str, time: int, key: str, fields: Mapping[str, object]) -> None:
        """Keeps that something was lost."""
        with self._writing():
            self._add(source, _Kind.LOST, (time, time), [said_row("lost", time, key, fields)])

    # What the node takes

    def take(self, source: str) -> Parcel | None:
        """The oldest of what waits, the same again until it is `done` or let go; None when nothing waits."""
        rows, size, parts, until, more = 0, 0, list[bytes](), 0, False
        records = self._database.execute(
            "SELECT id, kind, first, last, rows, bytes, body FROM record WHERE source = ? ORDER BY id", (source,)
        )
        for number, kind, first, last, count, plain, body in records:
            if parts and (rows + count > MOST_ROWS or size + plain > MOST_BYTES):
                more = True
                break
            parts.append(pack([heard_row(first, last)]) if kind == _Kind.HEARD else body)
            rows, size, until = rows + (count or 1), size + plain, number
        records.close()
        self._taken[source] = until
        return Parcel(until, rows, b"".join(parts), more) if parts else None

    def done(self, source: str, until: int) -> None:
        """The node has all of a parcel: it need not be kept."""
        with self._writing():
            self.size -= self._measured("WHERE source = ? AND id <= ?", source, until)
            self._database.execute("DELETE FROM record WHERE source = ? AND id <= ?", (source, until))
        self._taken.pop(source, None)

    def let_go(self, source: str) -> None:
        """The parcel did not arrive, as far as we know."""
        self._taken.pop(source, None)

    def waiting(self, source: str) -> Waiting:
        """What waits of a source."""
        values, oldest = self._one(
            "SELECT coalesce(sum(rows), 0), min(kept) FROM record WHERE source = ? AND kind != 1", source
        )
        return Waiting(values, oldest, self._one("SELECT dropped FROM source WHERE id = ?", source)[0])

    # What is known of sources

    def know(self, source: str, peer: Sequence[object]) -> tuple[dict[str, Any], dict[str, str]]:
        """What a source of this peer kept in its memory, and what the node wanted of it when it was last asked."""
        said = json.dumps(peer)
        with self._writing():
            self._database.execute("INSERT OR IGNORE INTO source (id, peer) VALUES (?, ?)", (source, said))
            kept, memory, wanted = self._one("SELECT peer, memory, wanted FROM source WHERE id = ?", source)
            memory = json.loads(memory)
            if kept != said:  # a place means nothing to another peer
                memory.pop("place", None)
                self._database.execute(
                    "UPDATE source SET peer = ?, memory = ? WHERE id = ?", (said, json.dumps(memory), source)
                )
        return memory, json.loads(wanted)

    def want(self, source: str, wanted: Mapping[str, str]) -> None:
        """Keeps what the node wants of a source."""
        with self._writing():
            self._database.execute("UPDATE source SET wanted = ? WHERE id = ?", (json.dumps(wanted), source))

    # Room

    def _add(
        self, source: str, kind: _Kind, span: tuple[int, int], rows: Sequence[bytes], at: int | None = None
    ) -> None:
        body = pack(rows) if rows else b""
        self._database.execute(
            "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (at, source, kind, *span, len(rows), sum(map(len, rows)) + len(rows), time_ns() // 1_000, body),
        )
        self.size += len(body) + _RECORD_BYTES

    def _make_room(self) -> None:
        sources = [name for (name,) in self._database.execute("SELECT id FROM source")]
        for _ in sources:
            if self.size <= self.cap:
                return
            firsts = [
                (number, name)
                for name in sources
                if (
                    number := self._one(
                        "SELECT min(id) FROM record WHERE source = ? AND id > ?", name, self._taken.get(name, 0)
                    )[0]
                )
            ]
            if firsts:
                self._drop(*min(firsts)[::-1])

    def _drop(self, source: str, first_id: int) -> None:
        goal = self.size - self.cap + min(self.cap // 16, DROPPED_AT_ONCE)
        gone = _Dropped({})
        records = self._database.execute(
            "SELECT id, kind, first, last, body FROM record WHERE source = ? AND id >= ? ORDER BY id",
            (source, first_id),
        )
        spans = []
        for number, kind, first, last, body in records:
            if gone.freed >= goal:
                break
            spans.append((first, last))
            gone.until_id = number
            gone.freed += len(body) + _RECORD_BYTES
            if kind in {_Kind.VALUES, _Kind.KEPT}:
                _take_apart(gone, unpack(body))
        records.close()
        self._database.execute(
            "DELETE FROM record WHERE source = ? AND id BETWEEN ? AND ?", (source, first_id, gone.until_id)
        )
        self.size -= gone.freed
        self._leave(source, gone, (min(first for first, _ in spans), max(last for _, last in spans)))

    def _leave(self, source: str, gone: _Dropped, span: tuple[int, int]) -> None:
        """Leaves in place of what is dropped how much it was, and the newest value of each address."""
        if not gone.newest:
            return
        dropped = gone.seen - len(gone.newest)
        count = dropped + gone.count
        fields = {"source": source, "count": count, "since": _moment(span[0]), "until": _moment(span[1])}
        told = [said_row("lost", span[1], "edge.dropped", fields)] if count else []
        kept = [row for _, row in gone.newest.values()]
        self._add(source, _Kind.KEPT, span, [*told, *kept], gone.until_id)
        floor = max(time for time, _ in gone.newest.values())
        self._database.execute(
            "UPDATE source SET floor = max(floor, ?), dropped = dropped + ? WHERE id = ?", (floor, dropped, source)
        )
        self._clip(source, gone.until_id, floor)

    def _clip(self, source: str, after_id: int, floor: int) -> None:
        """Takes the time before `floor` from what counts as heard."""
        later = "source = :source AND kind = 1 AND id > :id"
        values = {"source": source, "id": after_id, "floor": floor}
        gone = self._database.execute(f"DELETE FROM record WHERE {later} AND last <= :floor", values)  # noqa: S608
        self.size -= gone.rowcount * _RECORD_BYTES
        self._database.execute(f"UPDATE record SET first = max(first, :floor) WHERE {later}", values)  # noqa: S608

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            self.size = self._measured()
            raise

    def _measured(self, which: str = "", *values: object) -> int:
        """How many bytes records take."""
        sizes = self._one(f"SELECT coalesce(sum(length(body)), 0), count(*) FROM record {which}", *values)  # noqa: S608
        return int(sizes[0] + sizes[1] * _RECORD_BYTES)

    def _one(self, sql: str, *values: object) -> Any:
        return self._database.execute(sql, values).fetchone()


def _take_apart(gone: _Dropped, rows: Sequence[bytes]) -> None:
    for row in rows:
        said = msgspec.json.decode(row)
        if "lost" in said:
            gone.count += said["fields"]["count"]
            continue
        gone.seen += 1
        if said["time"] >= gone.newest.get(said["address"], (0, b""))[0]:
            gone.newest[said["address"]] = said["time"], row


def _moment(time: int) -> str:
    return datetime.fromtimestamp(time / 1_000_000, UTC).isoformat(" ", "milliseconds").removesuffix("+00:00")
