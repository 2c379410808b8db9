"""Editions of learned types in the books."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base
from lineside.hub.classification.statement import Basis, Edition, basis_of, edition_of


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


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """An edition as it lies in the books."""

    number: int
    learned_us: int
    told: Edition
    basis: Basis


def kept(record: TypesRecord) -> Kept:
    """The edition of a record."""
    return Kept(record.id, record.learned_us, edition_of(record.content), basis_of(record.basis))
