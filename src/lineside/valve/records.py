"""What was published, and budgets of privacy, in the books."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class ToldRecord(Base):
    """A sum that a recipient was told or can calculate, with what each contributor gave. It never leaves the node."""

    __tablename__ = "told_sums"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    release: Mapped[str]
    recipient: Mapped[str]
    label: Mapped[str]
    measure: Mapped[str]
    from_us: Mapped[int]
    until_us: Mapped[int]
    where: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    contributions: Mapped[dict[str, float]] = mapped_column(JSON)
    mixed: Mapped[bool]
    told_us: Mapped[int]


class BudgetRecord(Base):
    """What may be told with noise about one set of data, in millionths of epsilon, and what was spent of it."""

    __tablename__ = "privacy_budgets"
    __table_args__ = (CheckConstraint("spent >= 0 AND spent <= total", "within"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    total: Mapped[int]
    spent: Mapped[int] = mapped_column(default=0)


class SpendingRecord(Base):
    """One spending of a budget."""

    __tablename__ = "privacy_spendings"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    budget_id: Mapped[int] = mapped_column(ForeignKey("privacy_budgets.id"), index=True)
    release: Mapped[str]
    epsilon: Mapped[int]
    spent_us: Mapped[int]
