"""The ledger as it lies in the books' file: read beside the node that writes it, as it stands at one moment."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lineside.books import looking
from lineside.errors import UnusableData
from lineside.trust.ledger.entries import Kind
from lineside.trust.ledger.tree import leaf_hash, node_hash, root

KEYS = (Kind.BEGUN, Kind.KEY_CHANGED, Kind.KEY_LOST)
_PIECE = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries somebody wants to see: before an index, of kinds, of a time (microseconds), by somebody."""

    before: int | None = None
    kinds: Sequence[str] = ()
    who: str | None = None
    start_us: int | None = None
    end_us: int | None = None


class Stored:
    """One look at the ledger."""

    def __init__(self, books: sqlite3.Connection) -> None:
        self._books = books

    @property
    def size(self) -> int:
        """How many entries there are."""
        return int(self._books.execute('SELECT coalesce(max("index") + 1, 0) FROM ledger_entries').fetchone()[0])

    @property
    def log(self) -> str:
        """What this ledger is known by: the hash of its first entry. Raises UnusableData where there is none."""
        return log_of(self.body(0))

    def body(self, index: int) -> bytes:
        """The bytes of an entry. Raises UnusableData where it is missing."""
        row = self._books.execute('SELECT body FROM ledger_entries WHERE "index" = ?', (index,)).fetchone()
        if row is None:
            raise UnusableData("ledger.missing", entry=index)
        return bytes(row[0])

    def at(self, level: int, number: int) -> bytes:
        """The hash of a complete subtree; one that is missing is made of those below it."""
        ask = "SELECT hash FROM ledger_nodes WHERE level = ? AND number = ?"
        row = self._books.execute(ask, (level, number)).fetchone()
        if row is not None:
            return bytes(row[0])
        if level == 0:
            return leaf_hash(self.body(number))
        return node_hash(self.at(level - 1, 2 * number), self.at(level - 1, 2 * number + 1))

    def root(self, size: int) -> bytes:
        """The root of the first `size` entries."""
        return root(self.at, size)

    def key(self) -> bytes:
        """The public key that heads are signed with now."""
        marks = ", ".join("?" * len(KEYS))
        ask = f'SELECT body FROM ledger_entries WHERE kind IN ({marks}) ORDER BY "index" DESC LIMIT 1'  # noqa: S608
        row = self._books.execute(ask, KEYS).fetchone()
        try:
            return bytes.fromhex(json.loads(row[0])["facts"]["key"])
        except (ValueError, KeyError, TypeError) as error:
            raise UnusableData("ledger.missing", entry=0) from error

    def entries(self) -> Iterator[tuple[int, bytes, bytes | None]]:
        """Every entry with its index, and the hash that is stored of it."""
        ask = (
            'SELECT "index", body, hash FROM ledger_entries '
            'LEFT JOIN ledger_nodes ON level = 0 AND number = "index" ORDER BY "index"'
        )
        rows = self._books.execute(ask)
        while some := rows.fetchmany(_PIECE):
            yield from some

    def page(self, asked: Asked, limit: int) -> list[dict[str, Any]]:
        """The newest entries that are asked for, the newest first."""
        wanted: list[str] = []
        values: list[Any] = []
        for clause, value in (
            ('"index" < ?', asked.before),
            ("who = ?", asked.who),
            ("time_us >= ?", asked.start_us),
            ("time_us < ?", asked.end_us),
        ):
            if value is not None:
                wanted.append(clause)
                values.append(value)
        if asked.kinds:
            wanted.append(f"kind IN ({', '.join('?' * len(asked.kinds))})")
            values.extend(asked.kinds)
        where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
        ask = f'SELECT "index", body FROM ledger_entries {where} ORDER BY "index" DESC LIMIT ?'  # noqa: S608 - no values
        return [{"index": index, **_read(body)} for index, body in self._books.execute(ask, (*values, limit))]

    def heads(self, *, receipts: bool, limit: int = -1) -> list[tuple[int, int, str | None, Mapping[str, Any]]]:
        """What is kept, the newest first: number, time, holder and text of heads of the node, or of receipts."""
        which = "IS NOT NULL" if receipts else "IS NULL"
        ask = f"SELECT id, time_us, holder, text FROM ledger_heads WHERE holder {which} ORDER BY size DESC LIMIT ?"  # noqa: S608
        return [
            (number, time, holder, _read(text)) for number, time, holder, text in self._books.execute(ask, (limit,))
        ]

    def addresses(self) -> dict[int, str]:
        """Which address a number means."""
        return dict(self._books.execute("SELECT id, address FROM ledger_addresses").fetchall())


def _read(text: str | bytes) -> dict[str, Any]:
    """The object that a text is; nothing where it was damaged, which verification tells."""
    try:
        found: dict[str, Any] = json.loads(text)
    except ValueError:
        return {}
    return found


@contextmanager
def stored_ledger(path: Path, *, threads: bool = False) -> Iterator[Stored]:
    """The ledger in a file of books. Raises UnusableData where it cannot be read."""
    if not path.exists():
        raise UnusableData("ledger.none", file=str(path))
    with looking(path, threads=threads) as books:
        books.execute("BEGIN")
        if books.execute("SELECT 1 FROM sqlite_master WHERE name = 'ledger_entries'").fetchone() is None:
            raise UnusableData("ledger.none", file=str(path))
        yield Stored(books)


def log_of(first: bytes) -> str:
    """What a ledger with this first entry is known by."""
    return leaf_hash(first).hex()[:32]
