"""Calls for secure sums and their rounds, as they were signed; what members said stands in their statements."""

from __future__ import annotations

from sqlalchemy import Double, ForeignKey, Integer, LargeBinary, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class SumRecord(Base):
    """One sum, from its call to its end."""

    __tablename__ = "hub_sums"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    """Of the payload of its call."""
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    made_us: Mapped[int]
    by: Mapped[str]
    state: Mapped[str]
    total: Mapped[float | None] = mapped_column(Double)
    members: Mapped[int | None]
    """So many make the total."""
    ended_us: Mapped[int | None]
    why: Mapped[str]


class SumRoundRecord(Base):
    """One attempt."""

    __tablename__ = "hub_sum_rounds"
    __table_args__ = (PrimaryKeyConstraint("sum", "attempt", name="pk_hub_sum_rounds"),)

    sum: Mapped[int] = mapped_column(ForeignKey("hub_sums.id"))
    attempt: Mapped[int]
    sha256: Mapped[str] = mapped_column(unique=True)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    closes_us: Mapped[int]
