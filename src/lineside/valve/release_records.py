"""Releases, who allowed them, what left by them and whether the valve is closed, in the books."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class ReleaseRecord(Base):
    """A release as it was asked for; never changed but for its closing."""

    __tablename__ = "releases"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    things: Mapped[list[str]] = mapped_column(JSON)
    made_us: Mapped[int]
    by: Mapped[int]
    closed_us: Mapped[int | None]
    closed_by: Mapped[int | None]
    closed_key: Mapped[str | None]
    closed_fields: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class ApprovalRecord(Base):
    """Somebody allowed a release."""

    __tablename__ = "approvals"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"), index=True)
    by: Mapped[int]
    at_us: Mapped[int]
    digest: Mapped[str]


class LeftRecord(Base):
    """What left by a release in an hour; `chain` is a hash over all that ever left by it, this hour included."""

    __tablename__ = "left"

    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"), primary_key=True)
    hour_us: Mapped[int] = mapped_column(primary_key=True)
    parcels: Mapped[int]
    bytes: Mapped[int]
    largest: Mapped[int]
    chain: Mapped[str]
    told: Mapped[bool] = mapped_column(default=False)
    """Whether the ledger has it."""


class LastRecord(Base):
    """The last bytes of each kind of parcel that left by a release."""

    __tablename__ = "last_left"

    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"), primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    at_us: Mapped[int]
    form: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    before: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The one that left before it, to compare."""


class FileRecord(Base):
    """What became of the file of a release for a period. A row of state "begun" is an attempt that broke off."""

    __tablename__ = "release_files"

    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    from_us: Mapped[int]
    until_us: Mapped[int]
    at_us: Mapped[int]
    state: Mapped[str]
    """"begun", "left", "withheld" or "failed"."""
    key: Mapped[str | None]
    """Why it did not leave: a key of the texts, with its fields."""
    fields: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class ValveRecord(Base):
    """Each closing and opening of the whole valve; the newest row counts."""

    __tablename__ = "valve"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at_us: Mapped[int]
    closed: Mapped[bool]
    by: Mapped[int | None]
    key: Mapped[str]
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
