"""All secure sums of a hub: called for, gone through round by round, and told once every share is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import (
    MOST_SUM_MEMBERS,
    MOST_SUM_ROUNDS,
    SUM_CALL,
    SUM_ROUND,
    Ask,
    Catalogue,
    Envelope,
    SumCall,
    SumKey,
    SumMember,
    SumRound,
    SumShare,
    decoded,
    encoded,
    summed,
)
from lineside.hub.contents import month_at
from lineside.hub.hearing import Hearing
from lineside.hub.member import Member
from lineside.hub.numbering import following
from lineside.hub.oversight import addressed, require_known
from lineside.hub.register import Register
from lineside.hub.settings import HubSettings
from lineside.hub.sums.asked import AskedSum
from lineside.hub.sums.records import SumRecord, SumRoundRecord
from lineside.hub.sums.said import SaidOfSums
from lineside.hub.voice import Voice
from lineside.trust import HERE, NODE, Fact, Kind, Ledger

_DAY_MS, _HOUR_MS = 86_400_000, 3_600_000
_AT_HAND = 100
"""So many rounds are kept in memory with their members."""


class Progress(StrEnum):
    """How far a sum is."""

    CALLED = "called"
    """Members say whether they take part."""
    RUNNING = "running"
    """A round waits for shares."""
    DONE = "done"
    FAILED = "failed"
    """Too few took part, or sent their shares."""
    STOPPED = "stopped"
    """By whoever called for it."""


@dataclass(frozen=True, slots=True)
class Round:
    """One attempt: its members, and those that sent their shares."""

    sha256: str
    told: SumRound
    envelope: Envelope
    sent: frozenset[int]


@dataclass(frozen=True, slots=True)
class Sum:
    """One sum. `total` is in the unit of its call, over `members`; times are microseconds since 1970."""

    id: int
    sha256: str
    call: SumCall
    envelope: Envelope
    made_us: int
    by: str
    state: Progress
    keys: int
    """So many members take part."""
    rounds: tuple[Round, ...]
    total: float | None
    members: int | None
    ended_us: int | None
    why: str

    @property
    def mean(self) -> float | None:
        """The total over its members."""
        return None if self.total is None or not self.members else self.total / self.members


class Sums:
    """The sums of a hub. `now_us`: microseconds since 1970; who may call for one is decided at the door."""

    def __init__(
        self,
        books: Books,
        ledger: Ledger,
        register: Register,
        hearing: Hearing,
        voice: Voice,
        rules: tuple[Callable[[], HubSettings], Catalogue],
        now_us: Callable[[], int],
    ) -> None:
        self._books, self._ledger, self._register, self._said = books, ledger, register, SaidOfSums(hearing)
        self._voice, self._now = voice, now_us
        self._settings, self._catalogue = rules
        self._lock = threading.Lock()
        self._rounds: dict[str, frozenset[int]] = {}

    # read

    def listed(self) -> list[Sum]:
        """All of them, the newest first."""
        with self._books.reading() as rows:
            return [self._sum(rows, one) for one in rows.scalars(select(SumRecord).order_by(SumRecord.id.desc()))]

    def get(self, number: int) -> Sum:
        """One of them. Raises ConfigurationError."""
        with self._books.reading() as rows:
            return self._sum(rows, _record(rows, number))

    def told(self, member: Member, _: Ask) -> dict[str, Any]:
        """What a member's node is told when it asks: the calls that are for it, and the rounds that it is in."""
        mine = [one for one in self.listed() if self._is_for(one.call, member)]
        return {
            "sums": [
                {
                    "envelope": msgspec.Raw(one.envelope.json()),
                    "state": one.state.value,
                    "rounds": [
                        msgspec.Raw(each.envelope.json())
                        for each in one.rounds
                        if member.number in {who.member for who in each.told.members}
                    ],
                    "total": one.total,
                    "members": one.members,
                }
                for one in mine
            ]
        }

    def entries(self, of_round: str) -> dict[int, int]:
        """The members of a round, each with the entry of the ledger by which it said its key; none of no round."""
        with self._books.reading() as rows:
            kept = rows.scalar(select(SumRoundRecord).where(SumRoundRecord.sha256 == of_round))
            if kept is None:
                return {}
            call = rows.get_one(SumRecord, kept.sum).sha256
            members = self._members(kept)
        return {number: entry for number, entry in self._said.entries(call).items() if number in members}

    # called for

    def call(self, asked: AskedSum, by: str = HERE) -> Sum:
        """Calls for a sum. Raises ConfigurationError for what nobody could answer, or what would show a member.

        A quantity of the catalogue is summed once a month of it: two sums over almost the same members differ by one.
        """
        settings, now = self._settings(), self._now()
        asked.require(settings, self._catalogue, month_at(now, ZoneInfo(settings.time_zone)))
        least = asked.least or settings.protection.group + settings.protection.colluders
        require_known(asked.to, settings, self._register.members)
        meant = addressed(asked.to, self._register.everybody(), settings.size_scheme)
        if not least <= len(meant) <= MOST_SUM_MEMBERS:
            raise ConfigurationError("sums.addressed", count=len(meant), least=least, most=MOST_SUM_MEMBERS)
        with self._books.session() as rows:
            known = [self._sum(rows, one) for one in rows.scalars(select(SumRecord))]
            self._require_new(known, asked)
            number = following(rows, "sum", max((one.id for one in known), default=0))
            call = SumCall(
                schema="lineside.sum-call/1",
                hub=self._voice.hub,
                number=number,
                title=asked.title,
                purpose=asked.purpose,
                quantity=asked.quantity,
                indicator=asked.indicator,
                month=asked.month,
                unit=asked.unit,
                resolution=asked.resolution,
                most=asked.most,
                to=asked.to,
                least=least,
                keys_until_ms=now // 1000 + asked.days * _DAY_MS,
                hours=asked.hours,
            )
            envelope = self._voice.say(SUM_CALL, encoded(call))
            record = SumRecord(
                id=number,
                sha256=Envelope.parse(envelope).sha256,
                envelope=envelope,
                made_us=now,
                by=by,
                state=Progress.CALLED.value,
                why="",
            )
            rows.add(record)
            self._ledger.write(rows, Kind.SUM_CALLED, who=by, about=f"sum/{number}", sha256=record.sha256)
            rows.flush()
            return self._sum(rows, record)

    def stop(self, number: int, why: str, by: str = HERE) -> Sum:
        """Ends a sum before it is told. Raises ConfigurationError where it is over, and without a reason."""
        if not why.strip():
            raise ConfigurationError("sums.why")
        with self._books.session() as rows:
            record = _record(rows, number)
            if record.state not in (Progress.CALLED, Progress.RUNNING):
                raise ConfigurationError("sums.over", number=number)
            self._end(rows, record, Progress.STOPPED, why.strip()[:2000], by)
            rows.flush()
            return self._sum(rows, record)

    # gone through

    def keep(self) -> int:
        """Takes every sum as far as it goes by now; how many changed. The same again changes nothing."""
        now_ms, changed = self._now() // 1000, 0
        for one in self.listed():
            if one.state is Progress.CALLED and now_ms >= one.call.keys_until_ms:
                changed += self._next(one, self._said.keys(one.sha256))
            elif one.state is Progress.RUNNING:
                last = one.rounds[-1]
                if last.sent >= {who.member for who in last.told.members}:
                    changed += self._done(one)
                elif now_ms >= last.told.closes_ms:
                    changed += self._next(one, [who for who in last.told.members if who.member in last.sent])
        return changed

    def _next(self, one: Sum, members: Sequence[SumMember]) -> int:
        """A round among these, or the end where they are too few."""
        attempt = len(one.rounds) + 1
        with self._books.session() as rows:
            record = _record(rows, one.id)
            if record.state != one.state:  # somebody was quicker
                return 0
            if len(members) < one.call.least or attempt > MOST_SUM_ROUNDS:
                self._end(rows, record, Progress.FAILED, "sums.too_few" if attempt == 1 else "sums.silent", NODE)
                return 1
            closes_ms = self._now() // 1000 + one.call.hours * _HOUR_MS
            told = SumRound(
                schema="lineside.sum-round/1",
                hub=self._voice.hub,
                call=one.sha256,
                attempt=attempt,
                members=tuple(members),
                closes_ms=closes_ms,
            )
            envelope = self._voice.say(SUM_ROUND, encoded(told))
            sha256 = Envelope.parse(envelope).sha256
            closes_us = closes_ms * 1000
            rows.add(SumRoundRecord(sum=one.id, attempt=attempt, sha256=sha256, envelope=envelope, closes_us=closes_us))
            record.state = Progress.RUNNING.value
            facts: dict[str, Fact] = {"sha256": sha256, "attempt": attempt, "members": len(members)}
            self._ledger.write(rows, Kind.SUM_ROUND, who=NODE, about=f"sum/{one.id}", **facts)
        return 1

    def _done(self, one: Sum) -> int:
        last = one.rounds[-1]
        shares = self._said.shares(last.sha256)
        with self._books.session() as rows:
            record = _record(rows, one.id)
            if record.state != Progress.RUNNING:
                return 0
            record.total, record.members = summed(shares) * one.call.resolution, len(shares)
            self._end(rows, record, Progress.DONE, "", NODE)
        return 1

    def _end(self, rows: Rows, record: SumRecord, state: Progress, why: str, by: str) -> None:
        record.state, record.why, record.ended_us = state.value, why, self._now()
        facts = {"state": state.value, "members": record.members or 0}
        self._ledger.write(rows, Kind.SUM_ENDED, who=by, about=f"sum/{record.id}", **facts)

    # what members say of it

    def check_key(self, told: SumKey, member: Member) -> None:
        """Raises UnusableData for who cannot take part."""
        with self._books.reading() as rows:
            record = rows.scalar(select(SumRecord).where(SumRecord.sha256 == told.call))
        if record is None or not self._is_for(call := _call(record), member):
            raise UnusableData("sums.no_call")
        if record.state != Progress.CALLED or self._now() // 1000 >= call.keys_until_ms:
            raise UnusableData("sums.late")
        if self._said.takes_part(told.call, member.number):
            raise UnusableData("sums.key_known")

    def check_share(self, told: SumShare, member: Member) -> None:
        """Raises UnusableData for a share that no round waits for: a late one could tell two sums apart."""
        with self._books.reading() as rows:
            kept = rows.scalar(select(SumRoundRecord).where(SumRoundRecord.sha256 == told.round))
            if kept is None or member.number not in self._members(kept):
                raise UnusableData("sums.no_call")
            state = rows.scalar(select(SumRecord.state).where(SumRecord.id == kept.sum))
            last = rows.scalar(select(func.max(SumRoundRecord.attempt)).where(SumRoundRecord.sum == kept.sum))
        late = kept.attempt != last or self._now() >= kept.closes_us
        if state != Progress.RUNNING or late or self._said.sent(told.round, member.number):
            raise UnusableData("sums.late")

    # parts

    def _is_for(self, call: SumCall, member: Member) -> bool:
        return bool(addressed(call.to, [member], self._settings().size_scheme))

    def _require_new(self, known: Sequence[Sum], asked: AskedSum) -> None:
        for one in known:
            same = asked.indicator is not None and one.call.indicator == asked.indicator
            if same and one.call.month == asked.month and one.state not in (Progress.FAILED, Progress.STOPPED):
                raise ConfigurationError("sums.again", number=one.id, indicator=str(asked.indicator))

    def _members(self, kept: SumRoundRecord) -> frozenset[int]:
        """Whose shares make a round, which never changes; the last ones asked for are at hand."""
        found = self._rounds.get(kept.sha256)
        if found is None:
            told = cast("SumRound", decoded(Envelope.parse(kept.envelope)))
            found = frozenset(who.member for who in told.members)
            with self._lock:
                while len(self._rounds) >= _AT_HAND:
                    self._rounds.pop(next(iter(self._rounds)))
                self._rounds[kept.sha256] = found
        return found

    def _sum(self, rows: Rows, record: SumRecord) -> Sum:
        envelope = Envelope.parse(record.envelope)
        rounds = []
        chosen = select(SumRoundRecord).where(SumRoundRecord.sum == record.id).order_by(SumRoundRecord.attempt)
        for each in rows.scalars(chosen):
            signed = Envelope.parse(each.envelope)
            sent = frozenset(self._said.shares(each.sha256))
            rounds.append(Round(each.sha256, cast("SumRound", decoded(signed)), signed, sent))
        return Sum(
            id=record.id,
            sha256=record.sha256,
            call=cast("SumCall", decoded(envelope)),
            envelope=envelope,
            made_us=record.made_us,
            by=record.by,
            state=Progress(record.state),
            keys=len(self._said.keys(record.sha256)),
            rounds=tuple(rounds),
            total=record.total,
            members=record.members,
            ended_us=record.ended_us,
            why=record.why,
        )


def _call(record: SumRecord) -> SumCall:
    return cast("SumCall", decoded(Envelope.parse(record.envelope)))


def _record(rows: Rows, number: int) -> SumRecord:
    record = rows.get(SumRecord, number) if 0 < number < 2**31 else None
    if record is None:
        raise ConfigurationError("sums.none", number=number)
    return record
