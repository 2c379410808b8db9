"""What members said, statement by statement, without the values: they are read from the figures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from lineside.books import Books
from lineside.exchange import Remark
from lineside.hub.records import ODD, StatementRecord


@dataclass(frozen=True, slots=True)
class Spoken:
    """One statement, its entry in the ledger, and what was odd in it; `month` counts since the year 0."""

    member: int
    number: int
    say: str
    month: int | None
    sha256: str
    entry: int
    received_us: int
    remarks: Sequence[Remark]


def spoken(books: Books, member: int, limit: int = 500) -> list[Spoken]:
    """The statements of a member, the newest first."""
    return _newest(books, StatementRecord.member == member, StatementRecord.number, limit)


def odd(
    books: Books, members: Collection[int] | None = None, before: int | None = None, limit: int = 50
) -> list[Spoken]:
    """The statements with remarks, those that came last first; of some members, or of all.

    `before`: only those with an entry below it.
    """
    mine = true() if members is None else StatementRecord.member.in_(members)
    older = true() if before is None else StatementRecord.entry < before
    return _newest(books, and_(ODD, mine, older), StatementRecord.entry, limit)


def _newest(books: Books, those: ColumnElement[bool], by: InstrumentedAttribute[int], limit: int) -> list[Spoken]:
    kept = StatementRecord
    chosen = (
        select(kept.member, kept.number, kept.say, kept.month, kept.sha256, kept.entry, kept.received_us, kept.remarks)
        .where(those)
        .order_by(by.desc())
        .limit(limit)
    )
    with books.reading() as rows:
        return [
            Spoken(*one[:7], remarks=msgspec.convert(one.remarks, list[Remark])) for one in rows.execute(chosen).all()
        ]
