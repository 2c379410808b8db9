"""Editions of the plant file: every text it ever had, and from when each is valid."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Integer, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lineside.books.base import Base


class EditionRecord(Base):
    """One text of the plant file, valid from `valid_from_us` (None: from the beginning) to the next one's."""

    __tablename__ = "editions"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, unique=True)
    sha256: Mapped[str]
    text: Mapped[str]
    valid_from_us: Mapped[int | None]
    noticed_us: Mapped[int]
    live_since_us: Mapped[int | None]


def editions(session: Session, after: int = 0) -> list[EditionRecord]:
    """All editions with a higher number than `after`, the oldest first."""
    later = select(EditionRecord).where(EditionRecord.number > after)
    return list(session.scalars(later.order_by(EditionRecord.number)))


def record_edition(session: Session, text: str, *, noticed_us: int, valid_from_us: int | None = None) -> EditionRecord:
    """The newest edition, which is made now when the text is not the newest one's.

    Raises EditionTooEarly where that would give time to an edition before its own. A time that is chosen may
    be any in the past: whoever names it means it.
    """
    newest = session.scalar(select(EditionRecord).order_by(EditionRecord.number.desc()).limit(1))
    digest = sha256(text.encode()).hexdigest()
    if newest is not None and newest.sha256 == digest:
        return newest
    if newest is not None and valid_from_us is not None and valid_from_us > noticed_us:
        raise EditionTooEarly(valid_from_us, None)
    begins = valid_from(newest, noticed_us=noticed_us, chosen_us=valid_from_us)
    last_us = session.scalar(select(func.max(EditionRecord.noticed_us)))
    if newest is not None and last_us is not None and valid_from_us is None and begins == noticed_us < last_us:
        raise EditionTooEarly(last_us, newest.number)
    edition = EditionRecord(
        number=newest.number + 1 if newest else 1,
        sha256=digest,
        text=text,
        valid_from_us=begins,
        noticed_us=noticed_us,
    )
    session.add(edition)
    session.flush()
    return edition


class EditionTooEarly(Exception):
    """An edition that cannot be in force before `until_us`: the time it chose, or when edition `number` was noticed."""

    def __init__(self, until_us: int, number: int | None) -> None:
        super().__init__(until_us, number)
        self.until_us = until_us
        self.number = number


def valid_from(newest: EditionRecord | None, *, noticed_us: int, chosen_us: int | None) -> int | None:
    """From when a new edition is valid: the time chosen, else by what became of the one before it.

    The first edition is valid from the beginning. One that replaces an edition no machine ever ran
    under takes its place in time; any other is valid from the moment it was noticed.
    """
    if chosen_us is not None:
        return chosen_us
    if newest is None:
        return None
    return newest.valid_from_us if newest.live_since_us is None else noticed_us


def mark_live(session: Session, number: int, since_us: int) -> EditionRecord:
    """The edition, known from now on to have been in force while machines ran; the first time counts."""
    edition = session.scalars(select(EditionRecord).where(EditionRecord.number == number)).one()
    if edition.live_since_us is None:
        edition.live_since_us = since_us
    return edition
