"""The sandboxes of a hub: each step is checked, written and entered into the ledger in one transaction.

A member agrees by a statement; what it says is taken up here in the order in which it was received, whenever somebody
looks or changes anything, so that nothing is lost where the hub was ended in between.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session as Rows

from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import (
    SANDBOX,
    SANDBOX_REPORT,
    Consent,
    Envelope,
    Sandbox,
    SandboxReport,
    encoded,
    month_name,
)
from lineside.hub.changes import about
from lineside.hub.contents import month_at
from lineside.hub.hearing import Hearing, Uttered
from lineside.hub.member import Member, Standing
from lineside.hub.numbering import numbered
from lineside.hub.sandboxes.offering import Offer, require_offer
from lineside.hub.sandboxes.records import JudgementRecord, SandboxRecord
from lineside.hub.sandboxes.sandbox import Cause, Content, JudgedLimit, Running, State
from lineside.hub.sandboxes.stored import read, record_of
from lineside.hub.tiers.sources import Sources
from lineside.hub.voice import Voice
from lineside.trust import HERE, HUB, Fact, Kind

MOST_REASONS = 2000


class Sandboxes:
    """The sandboxes of all members."""

    def __init__(self, sources: Sources, voice: Voice, hearing: Hearing) -> None:
        self._books, self._ledger, self._register = sources.books, sources.ledger, sources.register
        self._catalogue, self._settings, self._now = sources.catalogue, sources.settings, sources.now_us
        self._voice, self._hearing = voice, hearing
        self._lock = threading.RLock()
        with self._books.reading() as rows:
            found = rows.execute(select(SandboxRecord.sha256, SandboxRecord.member))
            self._whose: Mapping[str, int] = {one.sha256: one.member for one in found}
            last = rows.scalar(select(func.max(SandboxRecord.heard_entry)))
        self._taken_up = -1 if last is None else last

    @property
    def month(self) -> int:
        """The month that it is at the hub, since the year 0."""
        return month_at(self._now(), ZoneInfo(self._settings().time_zone))

    def require(self, told: Consent, member: Member) -> None:
        """Raises UnusableData for a consent to what the hub never offered to its member; one that is late is taken."""
        if self._whose.get(told.sandbox) != member.number:
            raise UnusableData("sandboxes.unknown", sha256=told.sandbox)

    # -- read --------------------------------------------------------------------------------------

    def get(self, number: int) -> Running:
        """One of them. Raises ConfigurationError."""
        self.hear()
        with self._books.reading() as rows:
            record_of(rows, number)
            return read(rows, SandboxRecord.number == number)[0]

    def listed(self, members: Collection[int] | None = None) -> list[Running]:
        """Those of some members, or of all: the newest first."""
        self.hear()
        which = [] if members is None else [SandboxRecord.member.in_(members)]
        with self._books.reading() as rows:
            return read(rows, *which)[::-1]

    def open(self) -> list[Running]:
        """Those that are not over, by number."""
        self.hear()
        with self._books.reading() as rows:
            return read(rows, SandboxRecord.state != State.ENDED.value)

    # -- written -----------------------------------------------------------------------------------

    def offer(self, member: int, offer: Offer, *, by: str = HERE) -> Running:
        """Terms for a member, signed. Raises LinesideError for what cannot be terms, or where nothing is ever ripe."""
        if self._register.get(member).state is not Standing.MEMBER:
            raise ConfigurationError("sandboxes.no_member", member=member)
        require_offer(offer, self.month, self._catalogue)
        return self._offer(member, offer, None, by)

    def extend(self, number: int, offer: Offer, *, by: str = HERE) -> Running:
        """Terms that follow those of a sandbox that is agreed to; its member agrees again. Raises LinesideError."""
        former = self.get(number)
        if former.state is not State.AGREED:
            raise ConfigurationError("sandboxes.not_agreed", number=number)
        if any(one.follows == number for one in self.open()):
            raise ConfigurationError("sandboxes.extended", number=number)
        require_offer(offer, self.month, self._catalogue, after=former.last)
        return self._offer(former.member, offer, former, by)

    def _offer(self, member: int, offer: Offer, former: Running | None, by: str) -> Running:
        if self._settings().telling is None:
            raise ConfigurationError("sandboxes.no_telling")
        with self._lock:
            with self._books.session() as rows:
                number = numbered(rows, "sandbox", SandboxRecord.number)
                terms = Sandbox(
                    schema="lineside.sandbox/1",
                    hub=self._voice.hub,
                    number=number,
                    member=member,
                    follows=None if former is None else former.sha256,
                    made_ms=self._now() // 1000,
                    **{name: getattr(offer, name) for name in Offer.__struct_fields__},
                )
                envelope = self._voice.say(SANDBOX, encoded(terms))
                told = Envelope.parse(envelope).sha256
                record = SandboxRecord(
                    number=number,
                    member=member,
                    sha256=told,
                    envelope=envelope,
                    follows=None if former is None else former.number,
                    state=State.OFFERED.value,
                    offered_us=self._now(),
                    offered_by=by,
                    reasons="",
                    heard_entry=-1,
                )
                rows.add(record)
                follows: dict[str, Fact] = {} if former is None else {"follows": former.number}
                self._tell(rows, Kind.SANDBOX_OFFERED, record, by, sha256=told, **follows)
            self._whose = {**self._whose, told: member}
        return self.get(number)

    def end(self, number: int, reasons: str, *, by: str = HERE) -> Running:
        """Ends a sandbox at once, or takes an offer back. Raises ConfigurationError without reasons, and if over."""
        plain = reasons.strip()
        if not 0 < len(plain) <= MOST_REASONS:
            raise ConfigurationError("sandboxes.words", most=MOST_REASONS)
        self.hear()
        with self._lock, self._books.session() as rows:
            record = record_of(rows, number)
            if record.state == State.ENDED.value:
                raise ConfigurationError("sandboxes.over", number=number)
            self._end(rows, record, Cause.OVERSEER, by, plain)
        return self.get(number)

    def end_by_rule(self, number: int, why: Cause) -> None:
        """The hub ends it by itself; nothing happens where it is over already."""
        with self._lock, self._books.session() as rows:
            record = record_of(rows, number)
            if record.state != State.ENDED.value:
                self._end(rows, record, why, HUB, "")

    def judge(self, number: int, month: int, limits: tuple[JudgedLimit, ...]) -> None:
        """Writes down how a month is judged, where it is not known to be so already and the sandbox is not over."""
        with self._lock, self._books.session() as rows:
            record = record_of(rows, number)
            known = {one.month: one for one in read(rows, SandboxRecord.number == number)[0].months}.get(month)
            if record.state != State.AGREED.value or (known is not None and known.limits == limits):
                return
            edition = 1 if known is None else known.edition + 1
            content = Content(limits=limits, luck=secrets.token_hex(16))
            told: dict[str, Fact] = {"month": month_name(month), "edition": edition, "sha256": content.sha256}
            entry = self._tell(rows, Kind.SANDBOX_JUDGED, record, HUB, **told)
            kept = {"judged_us": self._now(), "entry": entry, "content": msgspec.json.encode(content)}
            rows.add(JudgementRecord(sandbox=number, month=month, edition=edition, **kept))

    # -- what members say --------------------------------------------------------------------------

    def hear(self) -> None:
        """Takes up what members said of their sandboxes since the last time, each in a transaction of its own."""
        with self._lock:
            for one in self._hearing.of(Consent):
                if one.entry > self._taken_up:
                    self._take_up(one)
                    self._taken_up = one.entry

    def _take_up(self, one: Uttered[Consent]) -> None:
        """Does what a consent says, once; one that came too late does nothing."""
        told, who = one.told, about(one.told.member)
        with self._books.session() as rows:
            record = rows.scalar(select(SandboxRecord).where(SandboxRecord.sha256 == told.sandbox))
            if record is None or record.state == State.ENDED.value or record.heard_entry >= one.entry:
                return
            record.heard_entry = one.entry
            if not told.agrees:
                cause = Cause.DECLINED if record.state == State.OFFERED.value else Cause.MEMBER
                self._end(rows, record, cause, who, told.why.strip())
            elif record.state == State.OFFERED.value and self._in_time(rows, record, one.received_us):
                record.state, record.agreed_us, record.statement = State.AGREED.value, one.received_us, told.number
                self._tell(rows, Kind.SANDBOX_AGREED, record, who, statement=told.number)
                if record.follows is not None:
                    self._tell(rows, Kind.SANDBOX_EXTENDED, record, who, follows=record.follows)

    def _in_time(self, rows: Rows, record: SandboxRecord, received_us: int) -> bool:
        """Whether a word came before the first month was over."""
        (one,) = read(rows, SandboxRecord.number == record.number)
        return month_at(received_us, ZoneInfo(self._settings().time_zone)) <= one.first

    # -- inside ------------------------------------------------------------------------------------

    def _end(self, rows: Rows, record: SandboxRecord, why: Cause, by: str, reasons: str) -> None:
        """Ends it with its report, and the terms that extend it where it did not keep to its own."""
        agreed = record.state == State.AGREED.value
        record.state, record.why, record.ended_by, record.reasons = State.ENDED.value, why.value, by, reasons
        record.ended_us = self._now()
        rows.flush()
        told: dict[str, Fact] = {"why": why.value}
        if reasons:
            told["reasons"] = sha256(reasons.encode()).hexdigest()
        if agreed:
            record.report = self._report(rows, record.number)
            told["report"] = Envelope.parse(record.report).sha256
        self._tell(rows, Kind.SANDBOX_ENDED, record, by, **told)
        if why is not Cause.LAST:
            further = (SandboxRecord.follows == record.number) & (SandboxRecord.state != State.ENDED.value)
            for one in rows.scalars(select(SandboxRecord).where(further)):
                self._end(rows, one, Cause.FORMER, HUB, "")

    def _report(self, rows: Rows, number: int) -> bytes:
        (one,) = read(rows, SandboxRecord.number == number)
        last = one.months[-1].month if one.months else one.first - 1
        told = SandboxReport(
            schema="lineside.sandbox-report/1",
            hub=self._voice.hub,
            sandbox=one.sha256,
            number=number,
            member=one.member,
            first=one.terms.first,
            last=month_name(last),
            why=cast("Any", one.why),
            reasons=one.reasons,
            limits=one.kept,
            made_ms=self._now() // 1000,
        )
        return self._voice.say(SANDBOX_REPORT, encoded(told))

    def _tell(self, rows: Rows, kind: Kind, record: SandboxRecord, who: str, **facts: Fact) -> int:
        return self._ledger.write(rows, kind, who=who, about=about(record.member), number=record.number, **facts)
