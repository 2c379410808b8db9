"""Membership of a hub, in the books: what was agreed, what was said, what came back, and what it rests on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class MembershipRecord(Base):
    """One membership; the newest counts, those before are over."""

    __tablename__ = "memberships"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    hub: Mapped[str]
    """The id of its ledger."""
    hub_key: Mapped[str]
    """By which its answers are known now: that of the invitation, or one that followed it."""
    invitation: Mapped[bytes] = mapped_column(LargeBinary)
    taken_us: Mapped[int]
    state: Mapped[str]
    key: Mapped[str]
    """The public key that speaks for this node."""
    profile: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """As a person entered it last."""
    enrolment: Mapped[bytes | None] = mapped_column(LargeBinary)
    sent_us: Mapped[int | None]
    welcome: Mapped[bytes | None] = mapped_column(LargeBinary)
    member: Mapped[int | None]
    """The number that the hub gave."""
    base: Mapped[int] = mapped_column(default=0)
    """The number after which this chain begins: of who lost a key, that of the last statement by it."""
    base_sha256: Mapped[str | None]
    """Of that statement; None: the chain begins with the enrolment."""
    admitted_us: Mapped[int | None]
    said_us: Mapped[int | None]
    """When months were looked at last."""
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What went wrong last: a key of the texts with its fields; nothing once it went well."""
    failures: Mapped[int] = mapped_column(default=0)
    next_us: Mapped[int] = mapped_column(default=0)
    """Not before this the hub is asked again by itself."""


class StatementRecord(Base):
    """One statement of the chain, signed, as it is sent."""

    __tablename__ = "member_statements"

    membership: Mapped[int] = mapped_column(ForeignKey("memberships.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    say: Mapped[str]
    month: Mapped[str | None]
    sha256: Mapped[str]
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    made_us: Mapped[int]
    entry: Mapped[int]
    """Of the node's own ledger."""
    sent_us: Mapped[int | None]
    """When it was handed to the hub, or written for it, last."""
    state: Mapped[str]
    """"made", "taken" or "refused"."""
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class ReceiptRecord(Base):
    """The hub's signed word that it has a statement; each that ever came is kept."""

    __tablename__ = "member_receipts"
    __table_args__ = (Index("ix_member_receipts_statement", "membership", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    membership: Mapped[int] = mapped_column(ForeignKey("memberships.id"))
    number: Mapped[int]
    statement: Mapped[str]
    entry: Mapped[int]
    """Of the hub's ledger."""
    received_us: Mapped[int]
    envelope: Mapped[bytes] = mapped_column(LargeBinary)


class EvidenceRecord(Base):
    """What a value that was said was computed from, compressed."""

    __tablename__ = "member_evidence"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    indicator: Mapped[str]
    month: Mapped[str]
    document: Mapped[bytes] = mapped_column(LargeBinary)


class EnteredRecord(Base):
    """A value that a person entered; the newest of a month and indicator counts, None takes it back."""

    __tablename__ = "member_entered"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    month: Mapped[str]
    indicator: Mapped[str]
    value: Mapped[float | None] = mapped_column(Double)
    note: Mapped[str]
    by: Mapped[str]
    at_us: Mapped[int]


class SumTakenRecord(Base):
    """A secure sum that this factory takes part in."""

    __tablename__ = "member_sums"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    """Of the payload of its call."""
    hub: Mapped[str]
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """The key for this sum alone; empty once it is over."""
    steps: Mapped[int]
    """The value, in steps of the call."""
    origin: Mapped[str]
    by: Mapped[str]
    at_us: Mapped[int]
    attempt: Mapped[int]
    """The last round that a share was made for; 0 before any."""
    closes_ms: Mapped[int]
    """When that round ends."""
    agreed: Mapped[dict[str, str] | None] = mapped_column(JSON)
    """The members, each with its key for this sum, of the round that somebody looked at and said yes to."""
    least: Mapped[int | None]
    """With fewer of them no share is sent."""
    waits_ms: Mapped[int | None]
    """When a round ends that waits for that yes."""


class AnswerRecord(Base):
    """What a hub told last to a question of this factory about itself, in words of one language."""

    __tablename__ = "member_answers"
    __table_args__ = (PrimaryKeyConstraint("membership", "what", "language", name="pk_member_answers"),)

    membership: Mapped[int] = mapped_column(ForeignKey("memberships.id"))
    what: Mapped[str]
    language: Mapped[str]
    made_ms: Mapped[int]
    """By the clock of the hub."""
    answer: Mapped[bytes] = mapped_column(LargeBinary)
