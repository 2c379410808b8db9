"""Applications, their steps, and who has an interest of their own, in the books."""

from __future__ import annotations

from sqlalchemy import Double, ForeignKey, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class ApplicationRecord(Base):
    """An application as it stands after its last step; all of it is made of the steps."""

    __tablename__ = "applications"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    member: Mapped[int] = mapped_column(index=True)
    programme: Mapped[str]
    rule: Mapped[str] = mapped_column(index=True)
    """SHA-256 of the edition by which it is decided."""
    state: Mapped[str] = mapped_column(index=True)
    granted: Mapped[float] = mapped_column(Double)
    """What it takes of the budget."""
    drafted_us: Mapped[int]


class StepRecord(Base):
    """One step; never changed."""

    __tablename__ = "application_steps"

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at_us: Mapped[int]
    by: Mapped[int]
    entry: Mapped[int]
    """Of the ledger, which names the step by its hash."""
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ConflictRecord(Base):
    """An account that may not review what a member applies for, until it ends."""

    __tablename__ = "review_conflicts"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account: Mapped[int] = mapped_column(index=True)
    member: Mapped[int] = mapped_column(index=True)
    why: Mapped[str]
    by: Mapped[int]
    since_us: Mapped[int]
    until_us: Mapped[int | None]
    ended_by: Mapped[int | None]
    ended_why: Mapped[str | None]
