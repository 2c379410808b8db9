"""A hub's register and what its members said, in the books."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class AgreementRecord(Base):
    """A text that invitations put to factories, by its hash."""

    __tablename__ = "hub_agreements"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]


class InvitationRecord(Base):
    """A code that opens the register once; the books hold its digest alone."""

    __tablename__ = "hub_invitations"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    agreement: Mapped[str] = mapped_column(ForeignKey("hub_agreements.sha256"))
    made_us: Mapped[int]
    expires_us: Mapped[int]
    by: Mapped[str]
    again: Mapped[int | None]
    """The member that lost its key and is asked to come again."""
    used_us: Mapped[int | None]
    member: Mapped[int | None]


class MemberRecord(Base):
    """One member, whatever its keys and profiles were."""

    __tablename__ = "hub_members"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str]
    label: Mapped[str]
    enrolled_us: Mapped[int]
    admitted_us: Mapped[int | None]
    ended_us: Mapped[int | None]
    why: Mapped[str]
    into: Mapped[int | None]
    """The member that goes on for it, after a merger."""
    erased_us: Mapped[int | None]
    """When nothing was left of it but numbers and hashes."""


class EnrolmentRecord(Base):
    """How a member asked to be taken, the welcome that it got, and the text that it accepted."""

    __tablename__ = "hub_enrolments"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    member: Mapped[int] = mapped_column(ForeignKey("hub_members.number"), index=True)
    agreement: Mapped[str]
    received_us: Mapped[int]
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    welcome: Mapped[bytes] = mapped_column(LargeBinary)


class KeyRecord(Base):
    """A key that speaks for a member, from one of its statements to another."""

    __tablename__ = "hub_keys"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    member: Mapped[int] = mapped_column(ForeignKey("hub_members.number"), index=True)
    public: Mapped[str] = mapped_column(unique=True)
    since: Mapped[int]
    until: Mapped[int | None]
    """The last statement that it may sign; 0 where it never came to sign one."""


class ProfileRecord(Base):
    """What a member said it is, one version after another."""

    __tablename__ = "hub_profiles"
    __table_args__ = (PrimaryKeyConstraint("member", "version", name="pk_hub_profiles"),)

    member: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    number: Mapped[int]
    """Of the statement that says so; an enrolment has that of the statement before it, the first one 0."""
    since_us: Mapped[int]
    profile: Mapped[dict[str, object]]


ODD = text("json_array_length(remarks) > 0")
"""Of statements with remarks; the same function in both databases, and the words of the index that has them alone."""


class StatementRecord(Base):
    """What a member said, as it came, and the receipt that it got; the values in it stand nowhere else."""

    __tablename__ = "hub_statements"
    __table_args__ = (
        PrimaryKeyConstraint("member", "number", name="pk_hub_statements"),
        Index("ix_hub_statements_say", "say", "entry"),
        Index("ix_hub_statements_odd", "entry", sqlite_where=ODD, postgresql_where=ODD),
    )

    member: Mapped[int] = mapped_column(Integer)
    number: Mapped[int]
    entry: Mapped[int] = mapped_column(unique=True)
    """Of the ledger: in this order they were taken."""
    say: Mapped[str]
    month: Mapped[int | None]
    """Months since the year 0, of a submission."""
    sha256: Mapped[str]
    previous: Mapped[str]
    received_us: Mapped[int]
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    receipt: Mapped[bytes] = mapped_column(LargeBinary)
    remarks: Mapped[list[dict[str, object]]] = mapped_column(JSON)


class AskedRecord(Base):
    """A question that was answered, until it would be too late for it anyway."""

    __tablename__ = "hub_asked"
    __table_args__ = (PrimaryKeyConstraint("member", "nonce", name="pk_hub_asked"),)

    member: Mapped[int] = mapped_column(Integer)
    nonce: Mapped[str]
    until_ms: Mapped[int] = mapped_column(index=True)


class NumberRecord(Base):
    """From where on numbers of a kind are given, after the books were older than what was given."""

    __tablename__ = "hub_numbers"

    name: Mapped[str] = mapped_column(primary_key=True)
    least: Mapped[int]


class ObjectionRecord(Base):
    """A member objects to something that the hub says of it, and somebody decides."""

    __tablename__ = "hub_objections"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    member: Mapped[int] = mapped_column(ForeignKey("hub_members.number"), index=True)
    against: Mapped[str]
    """As `Against` has it."""
    subject: Mapped[dict[str, object]]
    """Which one: indicator, month, number of the statement, whatever names it."""
    words: Mapped[str]
    raised_us: Mapped[int]
    raised_by: Mapped[str]
    upheld: Mapped[bool | None]
    """Whether the member was right; None while nobody decided."""
    reasons: Mapped[str]
    decided_us: Mapped[int | None]
    decided_by: Mapped[str | None]


class AppealRecord(Base):
    """A member does not accept what became of its objection; another reviewer decides, for good."""

    __tablename__ = "hub_appeals"

    objection: Mapped[int] = mapped_column(ForeignKey("hub_objections.id"), primary_key=True)
    words: Mapped[str]
    raised_us: Mapped[int]
    raised_by: Mapped[str]
    upheld: Mapped[bool | None]
    """Whether the member was right in the end; None while nobody decided."""
    reasons: Mapped[str]
    decided_us: Mapped[int | None]
    decided_by: Mapped[str | None]


class RefusedRecord(Base):
    """What was said in a member's name and not taken, the last of each member."""

    __tablename__ = "hub_refused"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    member: Mapped[int] = mapped_column(Integer, index=True)
    signed: Mapped[bool]
    """Whether a key of the member signed it; else anybody may have written it."""
    at_us: Mapped[int]
    number: Mapped[int | None]
    sha256: Mapped[str]
    other: Mapped[str | None]
    """Of the statement that was taken under the same number."""
    why: Mapped[str]
    fields: Mapped[dict[str, object]]
    envelope: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of one that speaks against another, as evidence."""
