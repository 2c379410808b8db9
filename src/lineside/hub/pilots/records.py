"""Pilots in the books."""

from __future__ import annotations

from sqlalchemy import Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class PilotRecord(Base):
    """A plan as it was fixed, and whether it was cancelled or judged; what was written is never changed."""

    __tablename__ = "hub_pilots"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    document: Mapped[bytes] = mapped_column(LargeBinary)
    month: Mapped[int]
    """In which it was fixed; months count since the year 0."""
    until: Mapped[int]
    """The month after the last that counts."""
    fixed_us: Mapped[int]
    fixed_by: Mapped[str]
    entry: Mapped[int]
    """Of the ledger, which names the plan by its hash."""
    cancelled_us: Mapped[int | None]
    cancelled_by: Mapped[str | None]
    why: Mapped[str]
    cancelled_entry: Mapped[int | None]
    judged_us: Mapped[int | None]
    outcome: Mapped[bytes | None] = mapped_column(LargeBinary)
    told: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What members are told of the outcome, as it was protected when it was judged; none where that may not be."""
    judged_entry: Mapped[int | None]
