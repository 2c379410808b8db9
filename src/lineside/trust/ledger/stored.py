"""The ledger as it lies in the books' file: read beside the node that writes it, as it stands at one moment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import eq, ge, lt
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, inspect, select

from lineside.books import looking
from lineside.errors import UnusableData
from lineside.trust.ledger.entries import Kind
from lineside.trust.ledger.records import AddressRecord, EntryRecord, HeadRecord, NodeRecord
from lineside.trust.ledger.tree import leaf_hash, node_hash, root

KEYS = (Kind.BEGUN, Kind.KEY_CHANGED, Kind.KEY_LOST)
_PIECE = 10_000
_SIZE = select(func.max(EntryRecord.index) + 1)
_BODY = select(EntryRecord.body).where(EntryRecord.index == bindparam("entry"))
_HASH = select(NodeRecord.hash).where(
    NodeRecord.level == bindparam("at_level"), NodeRecord.number == bindparam("at_number")
)
_LAST_KEY = select(EntryRecord.body).where(EntryRecord.kind.in_(KEYS)).order_by(EntryRecord.index.desc()).limit(1)
_ALL = (
    select(EntryRecord.index, EntryRecord.body, NodeRecord.hash)
    .outerjoin(NodeRecord, (NodeRecord.level == 0) & (NodeRecord.number == EntryRecord.index))
    .order_by(EntryRecord.index)
)


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

    def __init__(self, books: Connection) -> None:
        self._books = books

    @property
    def size(self) -> int:
        """How many entries there are."""
        return int(self._books.scalar(_SIZE) or 0)

    @property
    def log(self) -> str:
        """What this ledger is known by: the hash of its first entry. Raises UnusableData where there is none."""
        return log_of(self.body(0))

    def body(self, index: int) -> bytes:
        """The bytes of an entry. Raises UnusableData where it is missing."""
        found = self._books.scalar(_BODY, {"entry": index})
        if found is None:
            raise UnusableData("ledger.missing", entry=index)
        return bytes(found)

    def at(self, level: int, number: int) -> bytes:
        """The hash of a complete subtree; one that is missing is made of those below it."""
        found = self._books.scalar(_HASH, {"at_level": level, "at_number": number})
        if found is not None:
            return bytes(found)
        if level == 0:
            return leaf_hash(self.body(number))
        return node_hash(self.at(level - 1, 2 * number), self.at(level - 1, 2 * number + 1))

    def root(self, size: int) -> bytes:
        """The root of the first `size` entries."""
        return root(self.at, size)

    def key(self) -> bytes:
        """The public key that heads are signed with now."""
        try:
            return bytes.fromhex(json.loads(self._books.scalar(_LAST_KEY) or b"")["facts"]["key"])
        except (ValueError, KeyError, TypeError) as error:
            raise UnusableData("ledger.missing", entry=0) from error

    def succession(self) -> tuple[tuple[str, str], ...]:
        """The keys that followed, each with the word of the one before; of lost keys none can give any."""
        return tuple((str(one["key"]), str(one["signature"])) for one in self._keys()[1:])

    def first_key(self) -> bytes:
        """The public key that these followed: that of the beginning, or the first after one was lost."""
        return bytes.fromhex(self._keys()[0]["key"])

    def _keys(self) -> list[dict[str, Any]]:
        """What is told of each key, from the last one on that had no word of the one before."""
        chosen = select(EntryRecord.body).where(EntryRecord.kind.in_(KEYS)).order_by(EntryRecord.index)
        told = [_read(body) for body in self._books.scalars(chosen)]
        begun = max((at for at, one in enumerate(told) if one.get("kind") != Kind.KEY_CHANGED), default=0)
        return [one["facts"] for one in told[begun:]]

    def entries(self) -> Iterator[tuple[int, bytes, bytes | None]]:
        """Every entry with its index, and the hash that is stored of it."""
        with self._books.execute(_ALL, execution_options={"yield_per": _PIECE}) as rows:
            yield from rows

    def page(self, asked: Asked, limit: int) -> list[dict[str, Any]]:
        """The newest entries that are asked for, the newest first."""
        chosen = select(EntryRecord.index, EntryRecord.body).order_by(EntryRecord.index.desc()).limit(limit)
        wanted: Sequence[tuple[Any, Callable[[Any, Any], ColumnElement[bool]], Any]] = (
            (EntryRecord.index, lt, asked.before),
            (EntryRecord.who, eq, asked.who),
            (EntryRecord.time_us, ge, asked.start_us),
            (EntryRecord.time_us, lt, asked.end_us),
        )
        chosen = chosen.where(*(holds(column, value) for column, holds, value in wanted if value is not None))
        if asked.kinds:
            chosen = chosen.where(EntryRecord.kind.in_(asked.kinds))
        return [{"index": index, **_read(body)} for index, body in self._books.execute(chosen)]

    def heads(
        self, *, receipts: bool, limit: int | None = None
    ) -> list[tuple[int, int, str | None, Mapping[str, Any]]]:
        """What is kept, the newest first: number, time, holder and text of heads of the node, or of receipts."""
        which = HeadRecord.holder.is_not(None) if receipts else HeadRecord.holder.is_(None)
        chosen = select(HeadRecord.id, HeadRecord.time_us, HeadRecord.holder, HeadRecord.text).where(which)
        found = self._books.execute(chosen.order_by(HeadRecord.size.desc()).limit(limit))
        return [(number, time, holder, _read(text)) for number, time, holder, text in found]

    def addresses(self) -> dict[int, str]:
        """Which address a number means."""
        found = self._books.execute(select(AddressRecord.id, AddressRecord.address))
        return {int(number): str(address) for number, address in found}


def _read(text: str | bytes) -> dict[str, Any]:
    """The object that a text is; nothing where it was damaged, which verification tells."""
    try:
        found: dict[str, Any] = json.loads(text)
    except ValueError:
        return {}
    return found


@contextmanager
def stored_ledger(path: Path) -> Iterator[Stored]:
    """The ledger in a file of books, which may be in use. Raises UnusableData where it cannot be read."""
    if not path.exists():
        raise UnusableData("ledger.none", file=str(path))
    with looking(path) as books:
        if not inspect(books).has_table(EntryRecord.__tablename__):
            raise UnusableData("ledger.none", file=str(path))
        yield Stored(books)


def log_of(first: bytes) -> str:
    """What a ledger with this first entry is known by."""
    return leaf_hash(first).hex()[:32]
