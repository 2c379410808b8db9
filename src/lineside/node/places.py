"""Where each source stands in its peer's sequence, kept over restarts of the node."""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base, Books

Peer: TypeAlias = tuple[str, str | None, str | None]
"""Type, address and device: a place means nothing to another peer."""


class PlaceRecord(Base):
    """The place of one source, behind which nothing is stored yet."""

    __tablename__ = "places"

    source: Mapped[str] = mapped_column(primary_key=True)
    peer: Mapped[Any] = mapped_column(JSON)
    place: Mapped[Any] = mapped_column(JSON)


class Places:
    """The places of a plant's sources."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def of(self, source: str, peer: Peer) -> Any:
        """The place kept for a source, None when there is none or it was another peer's."""
        with self._books.reading() as session:
            record = session.get(PlaceRecord, source)
            return record.place if record is not None and record.peer == list(peer) else None

    def keep(self, source: str, peer: Peer, place: Any) -> None:
        """Keeps a place, once everything before it is durable."""
        with self._books.session() as session:
            session.merge(PlaceRecord(source=source, peer=list(peer), place=place))
