"""The questions of a hub: each is checked, signed, written and entered into the ledger in one transaction, or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lineside.books import Books
from lineside.errors import ConfigurationError
from lineside.exchange import QUESTION, Catalogue, Envelope, Question, decoded, encoded
from lineside.hub.changes import Change, about
from lineside.hub.contents import month_at
from lineside.hub.numbering import following
from lineside.hub.oversight.addressing import addressed, require_known
from lineside.hub.oversight.asked import Asked, Waiver, Withdrawal, due_of
from lineside.hub.oversight.asking import LATEST_MS, Earlier, drafted, require_askable, require_bearable
from lineside.hub.oversight.cuts import cuts_of
from lineside.hub.oversight.records import QuestionRecord, WaiverRecord
from lineside.hub.oversight.replies import Replies
from lineside.hub.register import Register
from lineside.hub.settings import HubSettings
from lineside.hub.voice import Voice
from lineside.trust import HERE, Fact, Kind

MOST_WORDS = 5000


@dataclass(frozen=True, slots=True)
class Asking:
    """What questions rest on."""

    register: Register
    voice: Voice
    catalogue: Catalogue
    settings: Callable[[], HubSettings]
    now_us: Callable[[], int]


class Questions:
    """All that were ever published. They change under the lock of the register, as what members say does."""

    def __init__(self, books: Books, asking: Asking, replies: Replies) -> None:
        self._books, self._asking, self._replies = books, asking, replies
        with books.reading() as rows:
            numbers = select(QuestionRecord).order_by(QuestionRecord.number)
            self._asked = {one.number: _asked(one) for one in rows.scalars(numbers)}
            waivers = map(_waiver, rows.scalars(select(WaiverRecord).order_by(WaiverRecord.id)))
            self._waivers = {(one.question, one.member): one for one in waivers}
        self._by_hash = {one.sha256: one.number for one in self._asked.values()}

    # -- read --------------------------------------------------------------------------------------

    def listed(self) -> list[Asked]:
        """All of them, the newest first."""
        return sorted(dict(self._asked).values(), key=lambda one: -one.number)

    def get(self, number: int) -> Asked:
        """One of them. Raises ConfigurationError."""
        found = self._asked.get(number)
        if found is None:
            raise ConfigurationError("oversight.none", question=number)
        return found

    def named(self, sha256: str) -> Asked | None:
        """That of a hash."""
        number = self._by_hash.get(sha256)
        return None if number is None else self._asked[number]

    def of_member(self, member: int) -> list[Asked]:
        """Those that are for a member, the newest first."""
        return [one for one in self.listed() if member in one.members]

    def waiver(self, number: int, member: int) -> Waiver | None:
        """The newest one of a member for a question."""
        return self._waivers.get((number, member))

    def preview(self, draft: Mapping[str, Any], follows: int | None = None) -> tuple[Question, frozenset[int]]:
        """A draft as it would be published, and for whom it would be. Raises what `publish` raises."""
        return self._checked(draft, follows)

    # -- written -----------------------------------------------------------------------------------

    def publish(self, draft: Mapping[str, Any], *, by: str = HERE, follows: int | None = None, why: str = "") -> Asked:
        """Signs and publishes a draft, for good; with `follows` and reasons it takes the place of another one.

        Raises ConfigurationError for what may not be asked.
        """
        asking = self._asking
        with asking.register.changing() as change:
            ended = None if follows is None else self._ended(self.get(follows), why, by, change)
            question, members = self._checked(draft, follows)
            envelope = asking.voice.say(QUESTION, encoded(question))
            name = Envelope.parse(envelope).sha256
            subject = f"question/{question.number}"
            told: dict[str, Fact] = {"number": question.number, "duty": question.duty, "sha256": name}
            place = change.say(Kind.QUESTION_PUBLISHED, who=by, about=subject, **told)
            told_of = asking.settings().protection
            asked = Asked(
                question=question,
                sha256=name,
                envelope=envelope,
                members=members,
                group=told_of.group + told_of.colluders,
                by=by,
                entry=change.entry(place),
                cuts=cuts_of(question),
                follows=follows,
            )
            change.rows.add(_record(asked))
            change.afterwards.append(lambda: self._put(*(() if ended is None else (ended,)), asked))
        return asked

    def withdraw(self, number: int, why: str, *, by: str = HERE) -> Asked:
        """It is asked no more. Raises ConfigurationError without reasons, and where it was withdrawn before."""
        with self._asking.register.changing() as change:
            ended = self._ended(self.get(number), why, by, change)
            change.afterwards.append(lambda: self._put(ended))
        return ended

    def waive(self, number: int, member: int, why: str, *, by: str = HERE, due_ms: int | None = None) -> Waiver:
        """Lets a member off, or with `due_ms` gives it more time. Raises ConfigurationError."""
        reasons = _plain(why)
        with self._asking.register.changing() as change:
            asked = self.get(number)
            if member not in asked.members:
                raise ConfigurationError("oversight.not_for", question=number, member=member)
            if asked.withdrawn is not None:
                raise ConfigurationError("oversight.withdrawn", question=number)
            latest = change.now_us // 1000 + LATEST_MS
            if due_ms is not None and not due_of(asked, self.waiver(number, member)) < due_ms <= latest:
                raise ConfigurationError("oversight.not_later", question=number)
            kind = Kind.OBLIGATION_EXCUSED if due_ms is None else Kind.OBLIGATION_EXTENDED
            facts: dict[str, Fact] = {"number": number, "sha256": _hash(reasons)}
            if due_ms is not None:
                facts["due_ms"] = due_ms
            entry = change.entry(change.say(kind, who=by, about=about(member), **facts))
            waiver = Waiver(number, member, due_ms, reasons, by, change.now_us, entry)
            told = {"question": number, "member": member, "due_ms": due_ms, "why": reasons, "by": by}
            change.rows.add(WaiverRecord(**told, at_us=change.now_us, entry=entry))
            change.afterwards.append(lambda: self._waivers.update({(number, member): waiver}))
        return waiver

    # -- inside ------------------------------------------------------------------------------------

    def _checked(self, draft: Mapping[str, Any], follows: int | None) -> tuple[Question, frozenset[int]]:
        asking, settings = self._asking, self._asking.settings()
        now_us = asking.now_us()
        with self._books.reading() as rows:
            number = following(rows, "question", max(self._asked, default=0))
        question = drafted(dict(draft), asking.voice.hub, number, now_us // 1000)
        require_askable(question, asking.catalogue, month_at(now_us, ZoneInfo(settings.time_zone)))
        require_known(question.to, settings, asking.register.members)
        members = addressed(question.to, asking.register.everybody(), settings.size_scheme)
        before = (self._earlier(one, ended=one.number == follows) for one in self._asked.values())
        require_bearable(question, members, before, asking.catalogue)
        return question, members

    def _earlier(self, asked: Asked, *, ended: bool) -> Earlier:
        """What of a question counts against later ones: one that is asked no more is known of who had answered."""
        over = ended or asked.withdrawn is not None
        members = self._replies.telling(asked.sha256) if over else asked.members
        return Earlier(asked.question.published_ms, asked.cuts, asked.question.month, members)

    def _ended(self, asked: Asked, why: str, by: str, change: Change) -> Asked:
        if asked.withdrawn is not None:
            raise ConfigurationError("oversight.withdrawn", question=asked.number)
        reasons = _plain(why)
        record = change.rows.get_one(QuestionRecord, asked.number)
        record.withdrawn_us, record.withdrawn_by, record.why = change.now_us, by, reasons
        told: dict[str, Fact] = {"number": asked.number, "sha256": _hash(reasons)}
        change.say(Kind.QUESTION_WITHDRAWN, who=by, about=f"question/{asked.number}", **told)
        return replace(asked, withdrawn=Withdrawal(change.now_us, by, reasons))

    def _put(self, *asked: Asked) -> None:
        for one in asked:
            self._asked[one.number] = one
            self._by_hash[one.sha256] = one.number


def _asked(record: QuestionRecord) -> Asked:
    question = decoded(Envelope.parse(record.envelope))
    if not isinstance(question, Question):
        raise TypeError(record.sha256)
    ended = None
    if record.withdrawn_us is not None:
        ended = Withdrawal(record.withdrawn_us, record.withdrawn_by or HERE, record.why)
    return Asked(
        question=question,
        sha256=record.sha256,
        envelope=record.envelope,
        members=frozenset(record.members),
        group=record.group,
        by=record.by,
        entry=record.entry,
        cuts=cuts_of(question),
        follows=record.follows,
        withdrawn=ended,
    )


def _record(asked: Asked) -> QuestionRecord:
    return QuestionRecord(
        number=asked.number,
        sha256=asked.sha256,
        envelope=asked.envelope,
        members=sorted(asked.members),
        group=asked.group,
        by=asked.by,
        entry=asked.entry,
        follows=asked.follows,
        why="",
    )


def _waiver(record: WaiverRecord) -> Waiver:
    told = record
    return Waiver(told.question, told.member, told.due_ms, told.why, told.by, told.at_us, told.entry)


def _plain(words: str) -> str:
    plain = words.strip()
    if not 0 < len(plain) <= MOST_WORDS:
        raise ConfigurationError("hub.no_words", most=MOST_WORDS)
    return plain


def _hash(words: str) -> str:
    return sha256(words.encode()).hexdigest()
