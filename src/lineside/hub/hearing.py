"""What members said beside their months, of one kind after another: read from what they signed, and kept in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from sqlalchemy import select

from lineside.books import Books
from lineside.exchange import Envelope, Statement, decoded
from lineside.hub.records import StatementRecord

S = TypeVar("S", bound=Statement)
_PIECE = 1000


@dataclass(frozen=True, slots=True)
class Uttered(Generic[S]):
    """A statement that was taken, with its hash and its entry of the ledger."""

    told: S
    sha256: str
    entry: int
    received_us: int


class Hearing:
    """Statements by their kind, in the order in which they were taken. Safe from any thread."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._lock = threading.Lock()
        self._known: dict[str, list[Uttered[Statement]]] = {}

    def of(self, kind: type[S]) -> tuple[Uttered[S], ...]:
        """All statements of a kind; only those that came since the last look are read."""
        say = str(kind.__struct_config__.tag)
        with self._lock:
            known = self._known.setdefault(say, [])
            known.extend(self._after(say, known[-1].entry if known else -1))
            return cast("tuple[Uttered[S], ...]", tuple(known))

    def _after(self, say: str, entry: int) -> Iterator[Uttered[Statement]]:
        named = StatementRecord.entry, StatementRecord.sha256, StatementRecord.received_us, StatementRecord.envelope
        mine = (StatementRecord.say == say) & (StatementRecord.entry > entry)
        chosen = select(*named).where(mine).order_by(StatementRecord.entry).execution_options(yield_per=_PIECE)
        with self._books.looking() as look, look.execute(chosen) as found:
            for row in found:
                told = cast("Statement", decoded(Envelope.parse(row.envelope)))
                yield Uttered(told, row.sha256, row.entry, row.received_us)
