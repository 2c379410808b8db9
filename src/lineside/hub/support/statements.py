"""What members said, as far as applications rest on it: by number and hash, which their receipts name."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import select

from lineside.books import Books
from lineside.exchange import Envelope, month_name
from lineside.hub.records import StatementRecord

MOST = 36


class _Value(msgspec.Struct):
    indicator: str
    value: float | None = None


class _Submission(msgspec.Struct):
    values: list[_Value]


@dataclass(frozen=True, slots=True)
class Told:
    """A statement of a month, and the indicators of which it gives a value."""

    number: int
    sha256: str
    month: str
    indicators: frozenset[str]


class Statements:
    """The statements that a hub took."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def holds(self, member: int, number: int, sha256: str) -> bool:
        """Whether a member made a statement of this number and hash."""
        with self._books.reading() as rows:
            found = rows.get(StatementRecord, (member, number))
            return found is not None and found.sha256 == sha256

    def newest(self, member: int) -> list[Told]:
        """The newest statements of months of a member, at most MOST, the newest first."""
        wanted = (
            select(StatementRecord)
            .where(StatementRecord.member == member, StatementRecord.month.is_not(None))
            .order_by(StatementRecord.number.desc())
            .limit(MOST)
        )
        with self._books.reading() as rows:
            return [_told(one) for one in rows.scalars(wanted)]


def _told(record: StatementRecord) -> Told:
    said = msgspec.json.decode(Envelope.parse(record.envelope).payload, type=_Submission)
    named = frozenset(one.indicator for one in said.values if one.value is not None)
    return Told(record.number, record.sha256, month_name(record.month or 0), named)
