"""Who looked at which incident, with whom it was shared, and who closed it, in the books.

What members told of incidents stands in their statements alone. An incident is named by member and statement.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class LookRecord(Base):
    """One look, written before anything was shown; never changed."""

    __tablename__ = "hub_incident_looks"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    member: Mapped[int] = mapped_column(ForeignKey("hub_members.number"), index=True)
    statement: Mapped[int]
    by: Mapped[str]
    """As the ledger names people."""
    at_us: Mapped[int]
    purpose: Mapped[str]
    entry: Mapped[int]
    """Of the ledger."""


class ShareRecord(Base):
    """Who follows another concern may look, too; never changed."""

    __tablename__ = "hub_incident_shares"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    member: Mapped[int] = mapped_column(ForeignKey("hub_members.number"), index=True)
    statement: Mapped[int]
    concern: Mapped[str]
    by: Mapped[str]
    at_us: Mapped[int]
    reasons: Mapped[str]


class ClosureRecord(Base):
    """An incident was closed, as it was told until the statement `last`; what is told after that opens it again."""

    __tablename__ = "hub_incident_closures"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    member: Mapped[int] = mapped_column(ForeignKey("hub_members.number"), index=True)
    statement: Mapped[int]
    last: Mapped[int]
    by: Mapped[str]
    at_us: Mapped[int]
    reasons: Mapped[str]
