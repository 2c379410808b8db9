"""What members said beside their months, of one kind after another: read from what they signed, and kept in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar, cast, overload

from sqlalchemy import select

from lineside.books import Books
from lineside.exchange import Envelope, Statement, decoded
from lineside.hub.records import StatementRecord

S = TypeVar("S", bound=Statement)
T = TypeVar("T")
_PIECE = 1000


@dataclass(frozen=True, slots=True)
class Uttered(Generic[S]):
    """A statement that was taken, with its hash and its entry of the ledger."""

    told: S
    sha256: str
    entry: int
    received_us: int


class Begun(Sequence[T]):
    """The first `count` of a list that only grows: whoever looks sees no more than there was, and nothing is copied."""

    __slots__ = ("_all", "_count")

    def __init__(self, every: list[T], count: int) -> None:
        self._all, self._count = every, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> list[T]: ...
    def __getitem__(self, at: int | slice) -> T | list[T]:
        if isinstance(at, slice):
            return self._all[slice(*at.indices(self._count))] if (at.step or 1) > 0 else list(self)[at]
        return self._all[range(self._count)[at]]

    def __iter__(self) -> Iterator[T]:
        return islice(self._all, self._count)


class Hearing:
    """Statements by their kind, in the order in which they were taken. Safe from any thread."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._lock = threading.Lock()
        self._known: dict[str, list[Uttered[Statement]]] = {}

    def of(self, kind: type[S]) -> Sequence[Uttered[S]]:
        """All statements of a kind; only those that came since the last look are read."""
        say = str(kind.__struct_config__.tag)
        with self._lock:
            known = self._known.setdefault(say, [])
            known.extend(self._after(say, known[-1].entry if known else -1))
            return cast("Sequence[Uttered[S]]", Begun(known, len(known)))

    def _after(self, say: str, entry: int) -> Iterator[Uttered[Statement]]:
        named = StatementRecord.entry, StatementRecord.sha256, StatementRecord.received_us, StatementRecord.envelope
        mine = (StatementRecord.say == say) & (StatementRecord.entry > entry)
        chosen = select(*named).where(mine).order_by(StatementRecord.entry).execution_options(yield_per=_PIECE)
        with self._books.looking() as look, look.execute(chosen) as found:
            for row in found:
                told = cast("Statement", decoded(Envelope.parse(row.envelope)))
                yield Uttered(told, row.sha256, row.entry, row.received_us)
