"""The ledger of a node: written in the same transaction as what it tells, or soon after; read as it stands.

What is kept in the books is written by `write`, inside their session: the entry and the change are there together or
not at all. What happens elsewhere is written by `append` when it is done, and what may happen very often is summed by
`count` and written within a second by `flush`, which the node's beat calls, as does its orderly end.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError, UnusableData
from lineside.trust.ledger.entries import HERE, NODE, Entry, Fact, Kind
from lineside.trust.ledger.heads import Head, Key, Receipt, fingerprint, key_signature
from lineside.trust.ledger.records import AddressRecord, EntryRecord, HeadRecord, NodeRecord
from lineside.trust.ledger.stored import Stored, log_of
from lineside.trust.ledger.summing import Happening, Sums
from lineside.trust.ledger.tree import grown, leaf_hash, node_hash

KEY_FILE = "ledger.key"
CHECKPOINT_ENTRIES = 1000
CHECKPOINT_US = 3_600_000_000
_log = logging.getLogger(__name__)


def append(rows: Rows, entries: Sequence[Entry]) -> int:
    """Writes entries in a session of the books; gives the index of the first."""
    last = rows.scalar(select(func.max(EntryRecord.index)))
    first = 0 if last is None else last + 1
    known = _peaks(rows, first, len(entries))
    fresh: dict[tuple[int, int], bytes] = {}

    def at(level: int, number: int) -> bytes:
        place = (level, number)
        return fresh.get(place) or known.get(place) or _hash(rows, level, number)

    told = []
    for index, entry in enumerate(entries, first):
        body = entry.bytes()
        told.append(
            {"index": index, "time_us": entry.time_us, "kind": entry.kind.value, "who": entry.who, "body": body}
        )
        for level, number, found in grown(at, index, leaf_hash(body)):
            fresh[level, number] = found
    if told:
        rows.execute(insert(EntryRecord), told)
        nodes = [{"level": level, "number": number, "hash": found} for (level, number), found in fresh.items()]
        rows.execute(insert(NodeRecord), nodes)
    return first


def _peaks(rows: Rows, size: int, more: int) -> dict[tuple[int, int], bytes]:
    """The hashes in a tree of `size` that `more` entries are joined to, as far as they are there, asked for at once."""
    levels = [at for at in range(size.bit_length()) if size >> at & 1 and (1 << at) - size % (1 << at) <= more]
    if not levels:
        return {}
    places = [(NodeRecord.level == at) & (NodeRecord.number == (size >> at) - 1) for at in levels]
    found = rows.execute(select(NodeRecord.level, NodeRecord.number, NodeRecord.hash).where(or_(*places)))
    return {(level, number): bytes(told) for level, number, told in found}


def _hash(rows: Rows, level: int, number: int) -> bytes:
    """That of a complete subtree; one that was lost is made of those below it."""
    known = rows.scalar(select(NodeRecord.hash).where(NodeRecord.level == level, NodeRecord.number == number))
    if known is not None:
        return known
    if level:
        return node_hash(_hash(rows, level - 1, 2 * number), _hash(rows, level - 1, 2 * number + 1))
    body = rows.scalar(select(EntryRecord.body).where(EntryRecord.index == number))
    if body is None:
        raise UnusableData("ledger.missing", entry=number)
    return leaf_hash(body)


class Ledger:
    """The ledger of one folder. `now_us` is the time in microseconds since 1970."""

    def __init__(self, books: Books, now_us: Callable[[], int]) -> None:
        self._books, self._now = books, now_us
        self._lock = threading.Lock()
        self._sums = Sums()
        self.file = books.folder / KEY_FILE
        self._key = self._take_key()

    # written

    def write(self, rows: Rows, kind: Kind, /, *, who: str = HERE, about: str = "node", **facts: Fact) -> int:
        """Writes an entry in a session of the books, with the change it tells of; gives its index."""
        return append(rows, [self._entry(kind, who, about, facts)])

    def write_all(self, rows: Rows, entries: Sequence[Entry]) -> int:
        """Writes many entries in a session of the books; gives the index of the first."""
        return append(rows, entries)

    def append(self, kind: Kind, /, *, who: str = HERE, about: str = "node", **facts: Fact) -> None:
        """Writes an entry of what was done elsewhere than in the books; it is on disk on return."""
        with self._books.session() as rows:
            self.write(rows, kind, who=who, about=about, **facts)

    def count(
        self, kind: Kind, /, *, who: str | None = None, address: str | None = None, about: str = "node", **facts: Fact
    ) -> None:
        """Notes what may happen often, by an account or from an address: told within a second, and summed by minute."""
        self._sums.add(Happening(kind, who, address, about, tuple(sorted(facts.items()))), self._now())

    def flush(self, *, everything: bool = False) -> None:
        """Writes what was counted and is to be told by now; `everything` at an orderly end. Keeps a head now and then.

        Raises LinesideError when it cannot be written: it is kept for the next time.
        """
        with self._lock:
            due = list(self._sums.due(self._now(), everything=everything))
            if not due:
                return
            try:
                with self._books.session() as rows:
                    append(rows, [self._summed(rows, happening, count) for happening, count in due])
            except BaseException:
                for happening, count in due:
                    self._sums.again(happening, count, self._now())
                raise

    def _entry(self, kind: Kind, who: str, about: str, facts: dict[str, Fact]) -> Entry:
        return Entry(kind, self._now(), who, about, facts)

    def _summed(self, rows: Rows, happening: Happening, count: int) -> Entry:
        who = happening.who
        if who is None:
            who = f"address/{self._address(rows, happening.address or 'unknown')}"
        return self._entry(happening.kind, who, happening.about, {**dict(happening.facts), "count": count})

    def _address(self, rows: Rows, address: str) -> int:
        record = rows.scalar(select(AddressRecord).where(AddressRecord.address == address))
        if record is None:
            record = AddressRecord(address=address, seen_us=0)
            rows.add(record)
        record.seen_us = self._now()
        rows.flush()
        return record.id

    def forget_addresses(self, before_us: int) -> None:
        """Takes away which address a number means, where it was last seen before a time; the numbers stay taken."""
        known = AddressRecord.address.not_like("forgotten-%") & (AddressRecord.seen_us < before_us)
        with self._books.session() as rows:
            for record in rows.scalars(select(AddressRecord).where(known)):
                record.address = f"forgotten-{record.id}"

    # told

    @property
    def name(self) -> str:
        """The books it lies in, for people."""
        return self._books.name

    @contextmanager
    def stored(self) -> Iterator[Stored]:
        """A look at all of it, as it stands at this moment."""
        with self._books.looking() as books:
            yield Stored(books)

    @property
    def key(self) -> bytes:
        """The public key that heads are signed with."""
        return self._key.public

    @property
    def signing(self) -> Key:
        """The key itself, for what else is said in the name of this ledger."""
        return self._key

    def head(self) -> Head:
        """The head as of now."""
        with self._lock, self.stored() as now:
            return self._head(now)

    def _head(self, now: Stored) -> Head:
        size = now.size
        return Head.sign(self._key, now.log, size, now.root(size), self._now())

    def keep_head(self) -> bool:
        """Keeps a head of its own when many entries or much time went by since the last: they place what was changed.

        Call it now and then.
        """
        with self._lock, self.stored() as now:
            kept, size = now.heads(receipts=False, limit=1), now.size
            since, last_us = (int(kept[0][3].get("size", 0)), kept[0][1]) if kept else (0, 0)
            late = self._now() - last_us >= CHECKPOINT_US
            if size == since or not (late or size - since >= CHECKPOINT_ENTRIES):
                return False
            head = self._head(now)
        with self._books.session() as rows:
            rows.add(HeadRecord(size=head.size, time_us=head.time_us, text=json.dumps(head.told())))
        return True

    def keep_receipt(self, receipt: Receipt, *, who: str = HERE) -> None:
        """Keeps what somebody countersigned. Raises UnusableData where it is of another ledger, or of another past."""
        head = receipt.head
        with self.stored() as now:
            if head.log != now.log:
                raise UnusableData("ledger.foreign", log=head.log, own=now.log)
            if not 0 < head.size <= now.size or now.root(head.size) != head.root:
                raise UnusableData("ledger.other_past", size=head.size, own=now.size)
            if any(text == receipt.told() for *_, text in now.heads(receipts=True)):
                return
        holder, text = fingerprint(receipt.holder), json.dumps(receipt.told())
        with self._books.session() as rows:
            rows.add(HeadRecord(size=head.size, time_us=receipt.time_us, holder=holder, text=text))
            self.write(rows, Kind.RECEIPT, who=who, about="ledger", size=head.size, holder=holder)

    # the key

    def change_key(self, *, who: str = HERE) -> str:
        """Signs with a new key from here on, which the old one gives its word for; its fingerprint."""
        with self._lock:
            fresh = self._fresh()
            fresh.unlink(missing_ok=True)
            new = Key.make(fresh)
            with self._books.session() as rows:
                signature = key_signature(self._key, log_of(_first(rows)), new.public)
                self.write(rows, Kind.KEY_CHANGED, who=who, about="ledger", key=new.public.hex(), signature=signature)
            fresh.replace(self.file)
            self._key = new
        return fingerprint(new.public)

    def _fresh(self) -> Path:
        return self.file.with_suffix(".new")

    def _take_key(self) -> Key:
        """The key of the folder, made where there is none: the ledger says so when there was one before."""
        with self.stored() as now:
            known = now.key() if now.size else None
        fresh = self._fresh()
        if known is not None and fresh.exists() and Key.read(fresh).public == known:
            fresh.replace(self.file)  # the process ended in the midst of a change
        made = not self.file.exists()
        key = Key.make(self.file) if made else Key.read(self.file)
        if os.name == "posix" and self.file.stat().st_mode & 0o077:
            self.file.chmod(0o600)
        if known is None:
            self.append(Kind.BEGUN, who=NODE, about="ledger", key=key.public.hex(), luck=secrets.token_hex(16))
        elif key.public != known:
            _log.error("heads of the ledger are signed by another key from now on: %s", fingerprint(key.public))
            self.append(Kind.KEY_LOST, who=NODE, about="ledger", key=key.public.hex())
        return key


def _first(rows: Rows) -> bytes:
    body = rows.scalar(select(EntryRecord.body).where(EntryRecord.index == 0))
    if body is None:
        raise ConfigurationError("ledger.missing", entry=0)
    return body
