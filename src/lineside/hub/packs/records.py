"""Packs, drafts of packs and offers, in the books."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Integer, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class DraftRecord(Base):
    """A draft as it is now; who may publish it depends on its revisions."""

    __tablename__ = "pack_drafts"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    pack: Mapped[str] = mapped_column(index=True)
    state: Mapped[str]
    """"open", "published" or "dropped"."""
    sha256: Mapped[str]
    at_us: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class RevisionRecord(Base):
    """One edition of a draft; never changed."""

    __tablename__ = "pack_revisions"

    draft_id: Mapped[int] = mapped_column(ForeignKey("pack_drafts.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at_us: Mapped[int]
    by: Mapped[str]
    """As the ledger names people."""
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class PackRecord(Base):
    """A pack that was published; its envelope never changes."""

    __tablename__ = "packs"
    __table_args__ = (UniqueConstraint("pack", "edition", name="uq_packs_pack"),)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    pack: Mapped[str]
    edition: Mapped[int]
    draft: Mapped[int]
    published_us: Mapped[int]
    by: Mapped[str]
    reasons: Mapped[str]
    entry: Mapped[int]
    """Of the ledger, which names the pack by its hash."""
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    withdrawn_us: Mapped[int | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_reasons: Mapped[str]


class PackGroupRecord(Base):
    """In which group each member is counted when others are told how far a pack has spread: made once, and kept."""

    __tablename__ = "pack_groups"

    pack: Mapped[str] = mapped_column(primary_key=True)
    members: Mapped[dict[str, str]] = mapped_column(JSON)
    """The group by the number of the member."""


class OfferRecord(Base):
    """Somebody answers a need, with a pack, a draft or words."""

    __tablename__ = "pack_offers"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    member: Mapped[int] = mapped_column(index=True)
    number: Mapped[int]
    """Of the statement that is the need."""
    pack: Mapped[str | None]
    draft: Mapped[int | None]
    words: Mapped[str]
    by: Mapped[str]
    at_us: Mapped[int]
    ended_us: Mapped[int | None]
