"""Solution packs in the books of a node: those that are kept, and those that were put to use."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class PackRecord(Base):
    """A pack as its hub signed it, named by the SHA-256 of its payload."""

    __tablename__ = "kept_packs"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    hub: Mapped[str]
    id: Mapped[str]
    edition: Mapped[int]
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    came: Mapped[str]
    """"hub": it was asked for; "file": somebody carried it."""
    taken_us: Mapped[int]
    by: Mapped[str]
    told: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What the hub said beside it when it was asked last: whether it fits, and why; whether it was withdrawn."""


class AppliedRecord(Base):
    """A pack that was put to use, with what the plant file was before."""

    __tablename__ = "applied_packs"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    pack: Mapped[str] = mapped_column(ForeignKey("kept_packs.sha256"))
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Of its parameters, as they were chosen."""
    at_us: Mapped[int]
    by: Mapped[str]
    before: Mapped[bytes] = mapped_column(LargeBinary)
    """Every byte of the plant file as it was."""
    before_sha256: Mapped[str]
    after_sha256: Mapped[str]
    month: Mapped[str]
    """The first whole one after."""
    foreseen: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    cost_cny: Mapped[float | None] = mapped_column(Double)
    told: Mapped[int | None]
    """The number of the statement by which the hub was told."""
    ended_us: Mapped[int | None]
    ended_month: Mapped[str | None]
    """The first one without it."""
    ended_by: Mapped[str | None]
    restored: Mapped[bool] = mapped_column(default=False)
    """Whether the plant file of before was put back."""
    ended_told: Mapped[int | None]
    measured: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """The indicator month by month, as this node computed it last."""
    measured_us: Mapped[int | None]
