"""Sandboxes and how each month of them was judged, in the books."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class SandboxRecord(Base):
    """Terms as they were signed, and how far they are."""

    __tablename__ = "hub_sandboxes"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    member: Mapped[int] = mapped_column(ForeignKey("hub_members.number"), index=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    follows: Mapped[int | None]
    """The number of the terms that these extend."""
    state: Mapped[str] = mapped_column(index=True)
    offered_us: Mapped[int]
    offered_by: Mapped[str]
    agreed_us: Mapped[int | None]
    statement: Mapped[int | None]
    """The number of the consent by which the member agreed."""
    heard_entry: Mapped[int]
    """Of the ledger: the last consent that changed it; -1 where none did."""
    ended_us: Mapped[int | None]
    ended_by: Mapped[str | None]
    why: Mapped[str | None]
    """A cause, as `sandbox.Cause` names them."""
    reasons: Mapped[str]
    report: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The envelope of what was learnt; of terms that nobody agreed to there is none."""


class JudgementRecord(Base):
    """How a month was judged; what its member corrects meanwhile makes another edition. Never changed.

    `content` is as secret as the submissions: it holds the values that were judged.
    """

    __tablename__ = "hub_sandbox_months"

    sandbox: Mapped[int] = mapped_column(ForeignKey("hub_sandboxes.number"), primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True)
    """Since the year 0."""
    edition: Mapped[int] = mapped_column(primary_key=True)
    judged_us: Mapped[int]
    entry: Mapped[int]
    """Of the ledger, which names the content by its hash."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
