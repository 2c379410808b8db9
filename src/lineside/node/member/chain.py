"""What this node says to a hub: one numbered, signed chain, in the books before any of it is sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self, cast

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.exchange import (
    STATEMENT,
    Envelope,
    Receipt,
    Rotation,
    Statement,
    Submission,
    Value,
    decoded,
    encoded,
    signer,
)
from lineside.node.indicators import Evidence
from lineside.node.member.membership import ABOUT, Membership, Memberships, problem_json, problem_of
from lineside.node.member.records import EvidenceRecord, ReceiptRecord, StatementRecord
from lineside.trust import NODE, Asked, Fact, Key, Kind, Ledger, fingerprint

Build = Callable[[Mapping[str, Any]], Statement]
"""Makes a statement, of the fields that each of them has."""
_LUCK_CONTEXT = "lineside.luck/1"


class Progress(StrEnum):
    """How far a statement has come."""

    MADE = "made"
    TAKEN = "taken"
    """The hub has it; its receipt is here."""
    REFUSED = "refused"
    """The hub did not take it; another one of the same number follows."""


@dataclass(frozen=True, slots=True)
class Said:
    """One statement with what became of it. Times in microseconds since 1970."""

    number: int
    envelope: Envelope
    statement: Statement
    made_us: int
    entry: int
    sent_us: int | None
    progress: Progress
    problem: LinesideError | None

    @classmethod
    def of(cls, record: StatementRecord) -> Self:
        """What a record says."""
        envelope = Envelope.parse(record.envelope)
        problem = None if record.problem is None else problem_of(record.problem)
        state, told = Progress(record.state), cast("Statement", decoded(envelope))
        return cls(record.number, envelope, told, record.made_us, record.entry, record.sent_us, state, problem)

    @property
    def values(self) -> tuple[Value, ...]:
        """What it tells of a month; nothing where it says something else."""
        return self.statement.values if isinstance(self.statement, Submission) else ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt as it is kept."""

    receipt: Receipt
    envelope: Envelope
    received_us: int


@dataclass(frozen=True, slots=True)
class Lost:
    """What a hub had no more, from `number` on, though it had given receipts: so many statements, found at `at_us`.

    `restored_ms` is when its books came back from a backup, as it says: 0 for never, None where it says nothing.
    """

    at_us: int
    number: int
    count: int
    restored_ms: int | None


class Chain:
    """The statements of memberships, and their receipts."""

    def __init__(self, books: Books, ledger: Ledger, memberships: Memberships) -> None:
        self._books, self._ledger, self._memberships = books, ledger, memberships

    def all(self, membership: Membership) -> list[Said]:
        """Every statement, the oldest first."""
        with self._books.reading() as rows:
            return [Said.of(one) for one in rows.scalars(_of(membership))]

    def waiting(self, membership: Membership) -> list[Said]:
        """Those that are to be handed over, in order."""
        with self._books.reading() as rows:
            wanted = _of(membership).where(StatementRecord.state == Progress.MADE.value)
            return [Said.of(one) for one in rows.scalars(wanted)]

    def last(self, membership: Membership, *, taken: bool = False) -> tuple[int, str]:
        """Number and hash of the newest statement, or of those the hub has (`taken`); before any, of the beginning."""
        with self._books.reading() as rows:
            return _last(rows, membership, taken=taken)

    def receipts(self, membership: Membership) -> dict[int, Kept]:
        """The newest receipt of each statement, by its number."""
        found: dict[int, Kept] = {}
        chosen = select(ReceiptRecord).where(ReceiptRecord.membership == membership.id).order_by(ReceiptRecord.id)
        with self._books.reading() as rows:
            for one in rows.scalars(chosen):
                envelope = Envelope.parse(one.envelope)
                found[one.number] = Kept(cast("Receipt", decoded(envelope)), envelope, one.received_us)
        return found

    def make(
        self,
        membership: Membership,
        build: Build,
        who: str = NODE,
        evidence: Mapping[str, Evidence] | None = None,
    ) -> Said:
        """Makes, signs and keeps the next statement, and the evidence of the values in it, by their indicators.

        Raises ConfigurationError while another key is to follow, which the hub has yet to take, or where it is over.
        """
        if membership.member is None or membership.over:
            raise ConfigurationError("member.not_enrolled")
        key = self._memberships.key_of(membership)
        with self._books.session() as rows:
            mine = StatementRecord.membership == membership.id
            rows.execute(delete(StatementRecord).where(mine, StatementRecord.state == Progress.REFUSED.value))
            number, previous = _last(rows, membership)
            if any(one.say == "rotation" for one in rows.scalars(_of(membership).where(_UNTAKEN))):
                raise ConfigurationError("member.key_follows")
            told = build(self.fields(membership, number, previous))
            record = self._write(rows, membership, told, self._signed(told, key), who)
            for value in told.values if isinstance(told, Submission) else ():
                document = (evidence or {}).get(value.indicator)
                if document is not None and rows.get(EvidenceRecord, document.sha256) is None:
                    kept = {"indicator": value.indicator, "month": record.month, "document": document.packed()}
                    rows.add(EvidenceRecord(sha256=document.sha256, **kept))
            return Said.of(record)

    def fields(self, membership: Membership, number: int, previous: str) -> dict[str, Any]:
        """What a statement begins with that follows the one of this number and hash.

        Its luck comes of the key, so that what is looked at is what leaves, and nobody else can work it out.
        """
        signed = self._memberships.key_of(membership).sign(_LUCK_CONTEXT, {"previous": previous})
        return {
            "hub": membership.hub,
            "member": membership.member or 1,
            "number": number + 1,
            "previous": previous,
            "made_ms": self._memberships.now() // 1000,
            "luck": sha256(signed.encode()).hexdigest()[:32],
        }

    def _signed(self, told: Statement, key: Key) -> Envelope:
        """Signed by the key that speaks; a rotation by the new one too."""
        if not isinstance(told, Rotation):
            return Envelope.sign(STATEMENT, encoded(told), key)
        following = self._memberships.keys.upcoming()
        return Envelope.sign(STATEMENT, encoded(told), key, following)

    def _write(
        self, rows: Rows, membership: Membership, told: Statement, envelope: Envelope, who: str, state: str = "made"
    ) -> StatementRecord:
        month = told.month if isinstance(told, Submission) else None
        say = str(told.__struct_config__.tag)
        facts: dict[str, Fact] = {"number": told.number, "say": say, "month": month, "sha256": envelope.sha256}
        entry = self._ledger.write(rows, Kind.HUB_SAID, who=who, about=ABOUT, **facts)
        record = StatementRecord(
            membership=membership.id,
            number=told.number,
            say=say,
            month=month,
            sha256=envelope.sha256,
            envelope=envelope.json(),
            made_us=self._memberships.now(),
            entry=entry,
            sent_us=None,
            state=state,
            problem=None,
        )
        rows.add(record)
        rows.flush()
        return record

    def drop(self, membership: Membership, number: int) -> None:
        """Takes back what never left, from a number on: other statements follow under these numbers."""
        with self._books.session() as rows:
            mine = (StatementRecord.membership == membership.id) & (StatementRecord.number >= number)
            rows.execute(delete(StatementRecord).where(mine, _UNTAKEN))

    def sent(self, membership: Membership, number: int) -> None:
        """Notes that a statement was handed over: from now on the hub may have it."""
        with self._books.session() as rows:
            rows.get_one(StatementRecord, (membership.id, number)).sent_us = self._memberships.now()

    def took(self, membership: Membership, envelope: Envelope) -> Membership:
        """Checks and keeps a receipt. Raises UnusableData where it is not of this hub, member or statement."""
        told = decoded(envelope)
        if not isinstance(told, Receipt) or (told.hub, told.member) != (membership.hub, membership.member):
            raise UnusableData("member.no_receipt")
        key = signer(envelope, membership.hub, bytes.fromhex(membership.hub_key), told.succession).hex()
        with self._books.session() as rows:
            record = rows.get(StatementRecord, (membership.id, told.number))
            if record is None or record.sha256 != told.statement:
                raise UnusableData("member.other_receipt", number=told.number)
            record.state, record.problem = Progress.TAKEN.value, None
            first = self._keep(rows, membership, told, envelope)
            fields: dict[str, Any] = {"hub_key": key, "problem": None, "failures": 0, "next_us": 0}
            if record.say == "rotation" and first:  # else another key may have followed since
                fields["key"] = cast("Rotation", decoded(Envelope.parse(record.envelope))).key
                fresh = fingerprint(bytes.fromhex(fields["key"]))
                self._ledger.write(rows, Kind.HUB_KEY, who=NODE, about=ABOUT, of="node", key=fresh, number=told.number)
            if record.say == "leaving":
                fields["state"] = "left"
            return self._memberships.changed(rows, membership, **fields)

    def _keep(self, rows: Rows, membership: Membership, told: Receipt, envelope: Envelope) -> bool:
        """Keeps a receipt, once; whether it is the first of its statement."""
        mine = (ReceiptRecord.membership == membership.id) & (ReceiptRecord.number == told.number)
        same = ReceiptRecord.statement == told.statement
        known = list(rows.scalars(select(ReceiptRecord.envelope).where(mine, same)))
        if envelope.json() in known:
            return False
        facts: dict[str, Fact] = {"number": told.number, "sha256": told.statement, "entry": told.entry}
        self._ledger.write(rows, Kind.HUB_RECEIPT, who=NODE, about=ABOUT, **facts)
        rows.add(
            ReceiptRecord(
                membership=membership.id,
                number=told.number,
                statement=told.statement,
                entry=told.entry,
                received_us=self._memberships.now(),
                envelope=envelope.json(),
            )
        )
        return not known

    def lost(self, membership: Membership) -> Lost | None:
        """What the hub had lost when that was found last; None: it never had."""
        with self._ledger.stored() as now:
            page = now.page(Asked(kinds=[Kind.HUB_LOST.value], start_us=membership.taken_us), 1)
        return Lost(page[0]["time"], **page[0]["facts"]) if page else None

    def refused(self, membership: Membership, number: int, why: LinesideError) -> None:
        """Notes that the hub did not take a statement; those after it, which name it, are taken back."""
        with self._books.session() as rows:
            mine = (StatementRecord.membership == membership.id) & (StatementRecord.number > number)
            rows.execute(delete(StatementRecord).where(mine))
            record = rows.get_one(StatementRecord, (membership.id, number))
            record.state, record.problem = Progress.REFUSED.value, problem_json(why)

    def given(self, membership: Membership, said: Said) -> tuple[Envelope, ...]:
        """The receipts that the hub gave of a statement, the oldest first."""
        mine = (ReceiptRecord.membership == membership.id) & (ReceiptRecord.number == said.number)
        same = ReceiptRecord.statement == said.envelope.sha256
        chosen = select(ReceiptRecord.envelope).where(mine, same).order_by(ReceiptRecord.id)
        with self._books.reading() as rows:
            return tuple(Envelope.parse(one) for one in rows.scalars(chosen))

    def again(self, membership: Membership, number: int, restored_ms: int | None = None) -> None:
        """From this number on the hub has lost what it gave receipts for: it is sent again, as it is.

        `restored_ms` is when it says that its books came back from a backup.
        """
        with self._books.session() as rows:
            wanted = _of(membership).where(StatementRecord.number >= number)
            lost = list(rows.scalars(wanted.where(StatementRecord.state == Progress.TAKEN.value)))
            for one in lost:
                one.state = Progress.MADE.value
            if lost:
                facts: dict[str, Fact] = {"number": lost[0].number, "count": len(lost), "restored_ms": restored_ms}
                self._ledger.write(rows, Kind.HUB_LOST, who=NODE, about=ABOUT, **facts)
                _log.warning("the hub has lost %d statements that it gave receipts for; sending again", len(lost))

    def adopt(self, membership: Membership, envelopes: Iterable[Envelope], who: str = NODE) -> Membership:
        """Takes back what this node said and does not know any more, after checking its own signature on each.

        What stands in its place is dropped. What another key signed was said before this membership, and is its
        beginning. Raises UnusableData where it is no chain.
        """
        own, count = bytes.fromhex(membership.key), 0
        with self._books.session() as rows:
            for envelope in envelopes:
                told = decoded(envelope)
                if not isinstance(told, Statement) or (told.hub, told.member) != (membership.hub, membership.member):
                    raise UnusableData("member.not_own", number=membership.base)
                known = rows.get(StatementRecord, (membership.id, told.number))
                if known is not None and known.sha256 == envelope.sha256:
                    continue
                mine = (StatementRecord.membership == membership.id) & (StatementRecord.number >= told.number)
                rows.execute(delete(StatementRecord).where(mine))
                last, head = _last(rows, membership)
                if not envelope.signed_by(own):
                    if last > membership.base:
                        raise UnusableData("member.not_own", number=told.number)
                    begin = {"base": told.number, "base_sha256": envelope.sha256}
                    membership = self._memberships.changed(rows, membership, **begin)
                elif (told.number - 1, told.previous) != (last, head):
                    raise UnusableData("member.not_own", number=told.number)
                else:
                    self._write(rows, membership, told, envelope, who)
                    count += 1
            if count:
                self._ledger.write(rows, Kind.HUB_RECOVERED, who=who, about=ABOUT, count=count)
        return membership


_log = logging.getLogger(__name__)
_UNTAKEN = StatementRecord.state != Progress.TAKEN.value


def _of(membership: Membership) -> Any:
    mine = StatementRecord.membership == membership.id
    return select(StatementRecord).where(mine).order_by(StatementRecord.number)


def _last(rows: Rows, membership: Membership, *, taken: bool = False) -> tuple[int, str]:
    mine = StatementRecord.membership == membership.id
    wanted = select(func.max(StatementRecord.number)).where(mine)
    number = rows.scalar(wanted.where(StatementRecord.state == Progress.TAKEN.value) if taken else wanted)
    if number is not None:
        return number, rows.get_one(StatementRecord, (membership.id, number)).sha256
    if membership.base_sha256 is not None:
        return membership.base, membership.base_sha256
    if membership.enrolment is None:
        raise ConfigurationError("member.not_enrolled")
    return membership.base, membership.enrolment.sha256


def told_before(said: Iterable[Said]) -> dict[str, dict[str, Value]]:
    """The newest value of each indicator by month, of all that was not refused."""
    found: dict[str, dict[str, Value]] = {}
    for one in said:
        if isinstance(one.statement, Submission) and one.progress is not Progress.REFUSED:
            found.setdefault(one.statement.month, {}).update({value.indicator: value for value in one.values})
    return found
