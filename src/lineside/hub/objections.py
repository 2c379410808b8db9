"""What members object to, and what became of it: words in the books, their hashes in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, TypeAlias, cast

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError
from lineside.hub.changes import about
from lineside.hub.numbering import numbered
from lineside.hub.records import ObjectionRecord
from lineside.hub.register import Register
from lineside.trust import HERE, Kind, Ledger

Against: TypeAlias = Literal["class", "remark", "figure", "obligation"]
MOST_WORDS = 5000
MOST_OPEN = 100
"""Of one member, that nobody has decided."""
_HIGHEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection. `by` and `decided_by` are as the ledger names people; times are microseconds since 1970."""

    id: int
    member: int
    against: Against
    subject: Mapping[str, object]
    words: str
    raised_us: int
    raised_by: str
    upheld: bool | None
    reasons: str
    decided_us: int | None
    decided_by: str | None


class Objections:
    """The objections of all members. `now_us` is the time in microseconds since 1970."""

    def __init__(self, books: Books, ledger: Ledger, register: Register, now_us: Callable[[], int]) -> None:
        self._books, self._ledger, self._register, self._now = books, ledger, register, now_us

    def raise_one(
        self, member: int, against: Against, subject: Mapping[str, str | int], words: str, *, by: str = HERE
    ) -> Objection:
        """A new objection of a member. Raises ConfigurationError without words, or with too many open ones."""
        self._register.get(member)
        plain = _plain(words)
        mine = select(ObjectionRecord.id).where(ObjectionRecord.member == member, ObjectionRecord.upheld.is_(None))
        with self._books.session() as rows:
            if len(rows.scalars(mine).all()) >= MOST_OPEN:
                raise ConfigurationError("hub.objections", member=member, most=MOST_OPEN)
            record = ObjectionRecord(
                id=numbered(rows, "objection", ObjectionRecord.id),
                member=member,
                against=against,
                subject=dict(subject),
                words=plain,
                raised_us=self._now(),
                raised_by=by,
                reasons="",
            )
            rows.add(record)
            rows.flush()
            told = {"who": by, "about": about(member), "sha256": _hash(plain)}
            self._ledger.write(rows, Kind.OBJECTED, number=record.id, **told)
            return _told(record)

    def decide(self, number: int, reasons: str, *, upheld: bool, by: str = HERE) -> Objection:
        """The objection, decided for good. Raises ConfigurationError without reasons, and where it was decided."""
        plain = _plain(reasons)
        with self._books.session() as rows:
            record = _record(rows, number)
            if record.upheld is not None:
                raise ConfigurationError("hub.decided", objection=number)
            record.upheld, record.reasons, record.decided_us, record.decided_by = upheld, plain, self._now(), by
            told = {"who": by, "about": about(record.member), "sha256": _hash(plain)}
            self._ledger.write(rows, Kind.DECIDED, number=number, upheld=upheld, **told)
            return _told(record)

    def get(self, number: int) -> Objection:
        """One of them. Raises ConfigurationError."""
        with self._books.reading() as rows:
            return _told(_record(rows, number))

    def listed(self, members: Collection[int] | None = None, limit: int = 500) -> list[Objection]:
        """Those that nobody decided first, then the newest; of some members, or of all."""
        newest = select(ObjectionRecord).order_by(ObjectionRecord.upheld.is_not(None), ObjectionRecord.id.desc())
        if members is not None:
            newest = newest.where(ObjectionRecord.member.in_(members))
        with self._books.reading() as rows:
            return [_told(one) for one in rows.scalars(newest.limit(limit))]


def _record(rows: Rows, number: int) -> ObjectionRecord:
    record = rows.get(ObjectionRecord, number) if 0 < number <= _HIGHEST else None
    if record is None:
        raise ConfigurationError("hub.no_objection", objection=number)
    return record


def _told(record: ObjectionRecord) -> Objection:
    return Objection(
        record.id,
        record.member,
        cast("Against", record.against),
        record.subject,
        record.words,
        record.raised_us,
        record.raised_by,
        record.upheld,
        record.reasons,
        record.decided_us,
        record.decided_by,
    )


def _plain(words: str) -> str:
    plain = words.strip()
    if not 0 < len(plain) <= MOST_WORDS:
        raise ConfigurationError("hub.no_words", most=MOST_WORDS)
    return plain


def _hash(words: str) -> str:
    return sha256(words.encode()).hexdigest()
