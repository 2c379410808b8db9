"""What a member said, statement by statement, without the values: they are read from the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import select

from lineside.books import Books
from lineside.exchange import Remark
from lineside.hub.records import StatementRecord


@dataclass(frozen=True, slots=True)
class Spoken:
    """One statement, its entry in the ledger, and what was odd in it; `month` counts since the year 0."""

    number: int
    say: str
    month: int | None
    sha256: str
    entry: int
    received_us: int
    remarks: Sequence[Remark]


def spoken(books: Books, member: int, limit: int = 500) -> list[Spoken]:
    """The statements of a member, the newest first."""
    kept = StatementRecord
    chosen = (
        select(kept.number, kept.say, kept.month, kept.sha256, kept.entry, kept.received_us, kept.remarks)
        .where(kept.member == member)
        .order_by(kept.number.desc())
        .limit(limit)
    )
    with books.reading() as rows:
        return [Spoken(*one[:6], msgspec.convert(one[6], list[Remark])) for one in rows.execute(chosen)]
