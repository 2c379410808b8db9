"""What a hub's authorities ask of this factory, in the books, so that it is known without a network, too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class OverseenRecord(Base):
    """A document that the hub signed: a question, or terms of a sandbox."""

    __tablename__ = "member_overseen"

    membership: Mapped[int] = mapped_column(ForeignKey("memberships.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    """Of its payload."""
    kind: Mapped[str]
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    told: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What the hub said last of how it stands; nothing where somebody carried it here."""
    known_us: Mapped[int]


class LookRecord(Base):
    """Somebody looked at an incident of this factory; each that was ever told is kept."""

    __tablename__ = "member_looks"

    membership: Mapped[int] = mapped_column(ForeignKey("memberships.id"), primary_key=True)
    incident: Mapped[int] = mapped_column(primary_key=True)
    at_ms: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]


class FetchRecord(Base):
    """When the hub was asked last, and what went wrong then."""

    __tablename__ = "member_fetches"

    membership: Mapped[int] = mapped_column(ForeignKey("memberships.id"), primary_key=True)
    asked_us: Mapped[int]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
