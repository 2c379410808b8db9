"""Panels, what was told of each month and what it is made of, and what the public was told, in the books."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class PanelRecord(Base):
    """A panel of a family of indicators, by which months from `from_month` on are told, until a newer one's."""

    __tablename__ = "compare_panels"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    family: Mapped[str] = mapped_column(index=True)
    from_month: Mapped[str]
    made_us: Mapped[int]
    k: Mapped[int]
    c: Mapped[int]
    dominance: Mapped[float]
    generated: Mapped[bool]


class BlockRecord(Base):
    """A block of a panel, and the path of the cell it keeps."""

    __tablename__ = "compare_blocks"

    panel_id: Mapped[int] = mapped_column(ForeignKey("compare_panels.id"), primary_key=True)
    block: Mapped[int] = mapped_column(primary_key=True)
    cell: Mapped[str]


class SeatRecord(Base):
    """A member's place in a panel; never changed."""

    __tablename__ = "compare_seats"

    panel_id: Mapped[int] = mapped_column(ForeignKey("compare_panels.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    member: Mapped[int]
    block: Mapped[int]


class ToldMonthRecord(Base):
    """What was told of an indicator and month in an edition, byte by byte, and the values it is made of.

    `basis` is as secret as the submissions, and never leaves the hub.
    """

    __tablename__ = "compare_told"
    __table_args__ = (UniqueConstraint("indicator", "month", "edition"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    indicator: Mapped[str]
    month: Mapped[str]
    edition: Mapped[int]
    panel_id: Mapped[int] = mapped_column(ForeignKey("compare_panels.id"))
    told_us: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    basis: Mapped[bytes] = mapped_column(LargeBinary)


class PublicRecord(Base):
    """A figure for the public with noise; of state "begun" where the hub ended between paying and telling."""

    __tablename__ = "compare_public"

    period: Mapped[str] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(primary_key=True)
    cell: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    """"begun" or "told"."""
    value: Mapped[float | None]
    error: Mapped[float | None]
    epsilon: Mapped[float]
    generated: Mapped[float]
    begun_us: Mapped[int]
