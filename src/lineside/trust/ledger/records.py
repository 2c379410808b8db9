"""The ledger in the books."""

from __future__ import annotations

from sqlalchemy import Index, Integer, LargeBinary, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class EntryRecord(Base):
    """One entry: `body` are its bytes, which alone count; the columns before it are there to be searched."""

    __tablename__ = "ledger_entries"

    index: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    time_us: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class NodeRecord(Base):
    """The hash of a complete subtree; those of level 0 are of the entries themselves."""

    __tablename__ = "ledger_nodes"
    __table_args__ = (PrimaryKeyConstraint("level", "number", name="pk_ledger_nodes"), {"sqlite_with_rowid": False})

    level: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class HeadRecord(Base):
    """A head that was signed and kept: by the node now and then, or with a receipt of who countersigned it."""

    __tablename__ = "ledger_heads"
    __table_args__ = (Index("ix_ledger_heads_size", "size"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    size: Mapped[int]
    time_us: Mapped[int]
    holder: Mapped[str | None]
    text: Mapped[str]


class AddressRecord(Base):
    """From where somebody was refused: the ledger holds the number alone."""

    __tablename__ = "ledger_addresses"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    address: Mapped[str] = mapped_column(unique=True)
    seen_us: Mapped[int]
