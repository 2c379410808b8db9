"""Envelopes that are judged and written together, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError

from lineside.errors import LinesideError, UnusableData
from lineside.exchange import (
    RECEIPT,
    Ask,
    Catalogue,
    Enrolment,
    Leaving,
    ProfileChange,
    Receipt,
    Remark,
    Rotation,
    Statement,
    Submission,
    Value,
    Welcome,
    encoded,
    month_number,
)
from lineside.hub.chain import ForkedError, is_repeat, signed
from lineside.hub.changes import Change, about
from lineside.hub.contents import require_contents
from lineside.hub.editions import edition_remarks, understood
from lineside.hub.enrolling import Enrolled, TakenCodeError, enrol
from lineside.hub.figures import Figures, Said
from lineside.hub.heard import Heard
from lineside.hub.member import Member, Standing
from lineside.hub.records import StatementRecord
from lineside.hub.refusals import Refused, is_kept, keep
from lineside.hub.remarks import remarks
from lineside.hub.settings import HubSettings
from lineside.hub.voice import Voice
from lineside.trust import Fact, Kind, fingerprint

Check: TypeAlias = Callable[[Any, Member], None]
"""Raises LinesideError for a statement of a member that means nothing here; it may not write."""
Beside: TypeAlias = Callable[[Any, Member, Sequence[Statement]], None]
"""The same of what also rests on what the member said just before, which is in no books yet."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """What is at hand when members are listened to."""

    figures: Figures
    voice: Voice
    catalogue: Catalogue
    settings: Callable[[], HubSettings]
    checks: dict[type[Statement], Check] = field(default_factory=dict)
    """What else a kind of statement has to keep to."""
    beside: dict[type[Statement], Beside] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """A statement that is taken; `place` is that of its entry in the change."""

    heard: Heard
    told: Statement
    remarks: tuple[Remark, ...]
    place: int


Judged: TypeAlias = Taken | Enrolled | bytes | Refused
"""What became of an envelope: taken, answered as it was before, or refused."""


@dataclass(slots=True)
class Batch:
    """What becomes of envelopes within one change: first all are judged, then those that are taken are written."""

    change: Change
    desk: Desk
    said: list[Said] = field(default_factory=list)
    """What the figures are to take when it is kept."""
    _taken: dict[tuple[int, int], Taken] = field(default_factory=dict)
    _enrolled: dict[str, Enrolled] = field(default_factory=dict)
    _refused: dict[tuple[int, str], Refused] = field(default_factory=dict)
    _months: dict[tuple[int, int], dict[str, float]] = field(default_factory=dict)
    """What members said of months, as far as this batch has looked at it or changed it."""

    def answers(self, heard: Sequence[Heard]) -> list[bytes | Refused]:
        """The envelope that answers each, or why it was refused; all is written."""
        judged = [self._judge(one) for one in heard]
        receipts = self._write()
        welcomes = {sha256: one.keep(self.change, self.desk.voice) for sha256, one in self._enrolled.items()}
        keep(self.change.rows, [one for one in judged if isinstance(one, Refused)], self.change.now_us)
        return [_answer(one, receipts, welcomes) for one in judged]

    # -- judged ------------------------------------------------------------------------------------

    def _judge(self, heard: Heard) -> Judged:
        try:
            if isinstance(heard.told, Enrolment):
                return self._enrol(heard, heard.told)
            if isinstance(heard.told, Ask | Receipt | Welcome):
                return self._refuse(heard, UnusableData("hub.not_for_hubs", kind=heard.envelope.kind))
            return self._judge_statement(heard, heard.told)
        except LinesideError as error:
            return self._refuse(heard, error)
        except SQLAlchemyError:
            raise  # the transaction is over for all
        except Exception as error:  # noqa: BLE001 - one statement that nobody foresaw must not hold up those of others
            _log.exception("an envelope could not be judged: %s", heard.sha256)
            return Refused.of(LinesideError("hub.failed", detail=type(error).__name__), heard)

    def _enrol(self, heard: Heard, told: Enrolment) -> Enrolled | bytes:
        known = self._enrolled.get(heard.sha256)
        if known is not None:
            return known
        found = enrol(self.change, heard, told, self.desk.settings())
        if isinstance(found, Enrolled):
            self._enrolled[heard.sha256] = found
        return found

    def _judge_statement(self, heard: Heard, told: Statement) -> Taken | bytes:
        member = self.change.member(told.member)
        if member is None:
            raise UnusableData("hub.stranger", member=told.member)
        before = self._before(member, told.number)
        sha256 = before.heard.sha256 if isinstance(before, Taken) else None if before is None else before[0]
        if is_repeat(member, heard, told, sha256):
            return before if isinstance(before, Taken) else before[1] if before is not None else b""
        if not _receipted(heard, told):  # else it was looked at then; what it rests on may be lost, it must not be
            self._require(member, told)
        return self._take(member, heard, told)

    def _require(self, member: Member, told: Statement) -> None:
        """Raises LinesideError for a statement that could mean nothing here."""
        require_contents(told, member, self.change.now_us, self.desk.settings(), self.desk.catalogue)
        if (check := self.desk.checks.get(type(told))) is not None:
            check(told, member)
        if (beside := self.desk.beside.get(type(told))) is not None:
            beside(told, member, [one.told for one in self._taken.values() if one.told.member == member.number])

    def _before(self, member: Member, number: int) -> Taken | tuple[str, bytes] | None:
        """What was taken under a number: in this batch, or hash and receipt of what is in the books."""
        if number > member.last:
            return None
        fresh = self._taken.get((member.number, number))
        if fresh is not None:
            return fresh
        mine = (StatementRecord.member == member.number) & (StatementRecord.number == number)
        chosen = select(StatementRecord.sha256, StatementRecord.receipt).where(mine)
        found = self.change.rows.execute(chosen).one_or_none()
        if found is None:
            raise UnusableData("hub.erased", member=member.number)
        return found.sha256, found.receipt

    def _take(self, member: Member, heard: Heard, told: Statement) -> Taken:
        number, who = member.number, about(member.number)
        after = self._after(replace(member, last=told.number, head=heard.sha256), told)
        odd: tuple[Remark, ...] = ()
        if isinstance(told, Submission):
            month = month_number(told.month)
            values, own = self._understood(told), self.desk.catalogue
            odd = (
                *edition_remarks(told.values, told.catalogue, own),
                *remarks(month, values, own, lambda at: self._month(number, at)),
            )
            self.said.append(Said(number, month, values))
            self._remember(number, month, values)
        facts: dict[str, Fact] = {"number": told.number, "sha256": heard.sha256}
        if before := _receipted(heard, told):
            facts["before"] = before[0].entry
        place = self.change.say(Kind.STATEMENT, who=who, about=who, **facts)
        if isinstance(told, Rotation):
            key = fingerprint(bytes.fromhex(told.key))
            self.change.say(Kind.MEMBER_KEY, who=who, about=who, number=told.number + 1, key=key, why="rotated")
        elif isinstance(told, Leaving):
            self.change.say(Kind.MEMBER_LEFT, who=who, about=who, number=told.number)
        elif isinstance(told, ProfileChange):
            self.change.note_profile(number, told.number, told.profile)
        self.change.put(after)
        taken = self._taken[number, told.number] = Taken(heard, told, odd, place)
        return taken

    def _after(self, member: Member, told: Statement) -> Member:
        """What a member is after its statement. Raises UnusableData for a key that is known already."""
        if isinstance(told, Rotation):
            public = bytes.fromhex(told.key)
            if self.change.holder(public) is not None:
                raise UnusableData("hub.key_known", key=fingerprint(public))
            return replace(member, keys=member.with_key(public, told.number))
        if isinstance(told, ProfileChange):
            return replace(member, profile=told.profile)
        if isinstance(told, Leaving):
            return replace(member, state=Standing.LEFT, ended_us=self.change.now_us)
        return member

    def _month(self, member: int, month: int) -> dict[str, float]:
        """What a member said last of a month, in this batch or before it."""
        place = (member, month)
        if place not in self._months:
            self._months[place] = self.desk.figures.said(*place)
        return self._months[place]

    def _understood(self, told: Submission) -> Sequence[Value]:
        return understood(told.values, told.catalogue, self.desk.catalogue)

    def _remember(self, member: int, month: int, values: Sequence[Value]) -> None:
        kept = self._month(member, month)
        for one in values:
            if one.value is None:
                kept.pop(one.indicator, None)
            else:
                kept[one.indicator] = one.value

    def _refuse(self, heard: Heard, error: LinesideError) -> Refused:
        number = error.member if isinstance(error, TakenCodeError) else getattr(heard.told, "member", None)
        member = None if number is None else self.change.member(number)
        if member is None:
            return Refused.of(error, heard)
        place, who = (member.number, heard.sha256), about(member.number)
        own = not isinstance(error, TakenCodeError) and signed(member, heard, error)
        known = place in self._refused or is_kept(self.change.rows, *place)
        if isinstance(error, ForkedError) and not known:
            told = {"sha256": heard.sha256, "other": error.other}
            self.change.say(Kind.FORKED, who=who, about=who, number=error.number, **told)
        refused = Refused.of(error, heard, member.number, signed=own, known=known)
        self._refused.setdefault(place, refused)
        return refused

    # -- written -----------------------------------------------------------------------------------

    def _write(self) -> dict[tuple[int, int], bytes]:
        """Writes the statements that are taken; gives their receipts."""
        rows = [self._row(one) for one in self._taken.values()]
        if rows:
            self.change.rows.execute(insert(StatementRecord), rows)
        return {(row["member"], row["number"]): row["receipt"] for row in rows}

    def _row(self, taken: Taken) -> dict[str, Any]:
        told, entry = taken.told, self.change.entry(taken.place)
        before = _receipted(taken.heard, told)
        receipt = Receipt(
            hub=told.hub,
            member=told.member,
            number=told.number,
            statement=taken.heard.sha256,
            entry=entry,
            received_ms=self.change.now_us // 1000,
            remarks=taken.remarks,
            succession=self.desk.voice.succession,
        )
        return {
            "member": told.member,
            "number": told.number,
            "entry": entry,
            "say": type(told).__struct_config__.tag,
            "month": month_number(told.month) if isinstance(told, Submission) else None,
            "sha256": taken.heard.sha256,
            "previous": told.previous,
            "received_us": min([self.change.now_us, *(1000 * one.received_ms for one in before)]),
            "envelope": taken.heard.line,
            "receipt": self.desk.voice.say(RECEIPT, encoded(receipt)),
            "remarks": msgspec.to_builtins(taken.remarks),
        }


def _receipted(heard: Heard, told: Statement) -> list[Receipt]:
    """The receipts that this hub gave of a statement before, the oldest first."""
    place = told.member, told.number
    return [one for one in heard.answered if isinstance(one, Receipt) and (one.member, one.number) == place]


def _answer(judged: Judged, receipts: dict[tuple[int, int], bytes], welcomes: dict[str, bytes]) -> bytes | Refused:
    if isinstance(judged, Taken):
        return receipts[judged.told.member, judged.told.number]
    if isinstance(judged, Enrolled):
        return welcomes[judged.heard.sha256]
    return judged
