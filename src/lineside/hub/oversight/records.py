"""Published questions, and who was let off or given more time, in the books."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class QuestionRecord(Base):
    """A question as it was signed, for whom it was at that moment, and whether it is asked no more."""

    __tablename__ = "hub_questions"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(unique=True)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    members: Mapped[list[int]] = mapped_column(JSON)
    """Numbers, rising: who becomes a member or something else later is not asked."""
    group: Mapped[int] = mapped_column("least_group")
    """In steps of so many members counts of answers are told: that of the settings when it was published."""
    by: Mapped[str]
    entry: Mapped[int]
    follows: Mapped[int | None]
    """The question that it takes the place of."""
    withdrawn_us: Mapped[int | None]
    withdrawn_by: Mapped[str | None]
    why: Mapped[str]
    """Of the withdrawal."""


class WaiverRecord(Base):
    """A member need not answer, or may until later; the newest of a member and a question counts."""

    __tablename__ = "hub_waivers"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    question: Mapped[int] = mapped_column(ForeignKey("hub_questions.number"), index=True)
    member: Mapped[int] = mapped_column(index=True)
    due_ms: Mapped[int | None]
    """Until when it may answer; None where it need not."""
    why: Mapped[str]
    by: Mapped[str]
    at_us: Mapped[int]
    entry: Mapped[int]
