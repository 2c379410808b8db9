"""Editions of learned types in the books."""

from __future__ import annotations

from sqlalchemy import Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class TypesRecord(Base):
    """What was learned of a month; never changed, and never learned again."""

    __tablename__ = "hub_type_editions"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    month: Mapped[str] = mapped_column(unique=True)
    """The last of the months it was learned of."""
    learned_us: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """All that members are told of it; the ledger has its hash."""
    basis: Mapped[bytes] = mapped_column(LargeBinary)
    """Of which type each member is, for itself and for the hub's analysts."""
