"""What members object to, and what became of it: words in the books, their hashes in the ledger.

A reviewer decides. Where a member is not found right it may appeal once, and another reviewer decides for good.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, TypeAlias, cast

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError, NotPermitted
from lineside.hub.changes import about
from lineside.hub.numbering import numbered
from lineside.hub.records import AppealRecord, ObjectionRecord
from lineside.hub.register import Register
from lineside.trust import HERE, Kind, Ledger

Against: TypeAlias = Literal["class", "remark", "figure", "obligation"]
MOST_WORDS = 5000
MOST_OPEN = 100
"""Of one member, that nobody has decided."""
_HIGHEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Pleaded:
    """What somebody said for a member, and what became of it.

    `raised_by` and `decided_by` are as the ledger names people; times are microseconds since 1970.
    """

    words: str
    raised_us: int
    raised_by: str
    upheld: bool | None
    reasons: str
    decided_us: int | None
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection, and the appeal against what was decided on it."""

    id: int
    member: int
    against: Against
    subject: Mapping[str, object]
    first: Pleaded
    appeal: Pleaded | None

    @property
    def last(self) -> Pleaded:
        """By what was decided on it the objection stands or falls."""
        return self.appeal or self.first

    @property
    def upheld(self) -> bool | None:
        """Whether the member was found right; None while nobody has decided, or decided on its appeal."""
        return self.last.upheld


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
            self._ledger.write(rows, Kind.OBJECTED, **_entry(record, by, plain))
            return _told(record, None)

    def appeal(self, number: int, words: str, *, by: str = HERE) -> Objection:
        """The objection, which another reviewer decides now.

        Raises ConfigurationError without words, where nobody found the member wrong, and where it has appealed before.
        """
        plain = _plain(words)
        with self._books.session() as rows:
            record, before = _record(rows, number)
            if record.upheld is not False:
                raise ConfigurationError("hub.nothing_to_appeal", objection=number)
            if before is not None:
                raise ConfigurationError("hub.appealed", objection=number)
            made = AppealRecord(objection=number, words=plain, raised_us=self._now(), raised_by=by, reasons="")
            rows.add(made)
            self._ledger.write(rows, Kind.APPEALED, **_entry(record, by, plain))
            return _told(record, made)

    def decide(self, number: int, reasons: str, *, upheld: bool, by: str = HERE) -> Objection:
        """The objection, decided; on its appeal for good.

        Raises ConfigurationError without reasons, and where it was decided; NotPermitted for who decides on an appeal
        against the own decision.
        """
        plain = _plain(reasons)
        with self._books.session() as rows:
            record, appeal = _record(rows, number)
            one = record if appeal is None else appeal
            if one.upheld is not None:
                raise ConfigurationError("hub.decided", objection=number)
            if appeal is not None and by == record.decided_by:
                raise NotPermitted("hub.decided_before", objection=number)
            one.upheld, one.reasons, one.decided_us, one.decided_by = upheld, plain, self._now(), by
            kind = Kind.DECIDED if appeal is None else Kind.APPEAL_DECIDED
            self._ledger.write(rows, kind, **_entry(record, by, plain), upheld=upheld)
            return _told(record, appeal)

    def get(self, number: int) -> Objection:
        """One of them. Raises ConfigurationError."""
        with self._books.reading() as rows:
            return _told(*_record(rows, number))

    def listed(self, members: Collection[int] | None = None, limit: int = 500) -> list[Objection]:
        """Those that somebody has to decide first, then the newest; of some members, or of all."""
        ours = AppealRecord.objection == ObjectionRecord.id
        waits = ObjectionRecord.upheld.is_(None) | (AppealRecord.objection.is_not(None) & AppealRecord.upheld.is_(None))
        newest = select(ObjectionRecord, AppealRecord).outerjoin(AppealRecord, ours)
        newest = newest.order_by(waits.is_not(True), ObjectionRecord.id.desc())
        if members is not None:
            newest = newest.where(ObjectionRecord.member.in_(members))
        with self._books.reading() as rows:
            return [_told(one, appeal) for one, appeal in rows.execute(newest.limit(limit))]


def _entry(record: ObjectionRecord, by: str, words: str) -> dict[str, Any]:
    told = {"who": by, "about": about(record.member), "sha256": sha256(words.encode()).hexdigest()}
    return told | {"number": record.id}


def _record(rows: Rows, number: int) -> tuple[ObjectionRecord, AppealRecord | None]:
    record = rows.get(ObjectionRecord, number) if 0 < number <= _HIGHEST else None
    if record is None:
        raise ConfigurationError("hub.no_objection", objection=number)
    return record, rows.get(AppealRecord, number)


def _told(record: ObjectionRecord, appeal: AppealRecord | None) -> Objection:
    return Objection(
        record.id,
        record.member,
        cast("Against", record.against),
        record.subject,
        _pleaded(record),
        None if appeal is None else _pleaded(appeal),
    )


def _pleaded(one: ObjectionRecord | AppealRecord) -> Pleaded:
    return Pleaded(one.words, one.raised_us, one.raised_by, one.upheld, one.reasons, one.decided_us, one.decided_by)


def _plain(words: str) -> str:
    plain = words.strip()
    if not 0 < len(plain) <= MOST_WORDS:
        raise ConfigurationError("hub.no_words", most=MOST_WORDS)
    return plain
