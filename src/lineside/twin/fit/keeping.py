"""Fitted twins in the books: each fit is an edition of its own, and the newest answers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Integer, Select, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lineside.books import Base

KEPT = 60
"""Editions kept of each line; with one a night two months can be looked back on."""


class TwinRecord(Base):
    """One fit of one line: the twin and what its validation said, as the JSON documents they are."""

    __tablename__ = "twins"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    line: Mapped[str] = mapped_column(index=True)
    made_us: Mapped[int]
    start_us: Mapped[int]
    """Ends of the past it was fitted to."""
    end_us: Mapped[int]
    twin: Mapped[dict[str, object]]
    trust: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    today: Mapped[dict[str, object]]
    """What the twin says of the line as it is: the simulation's `result` and the `bottleneck`."""


def keep_twin(
    session: Session,
    line: str,
    twin: dict[str, Any],
    trust: dict[str, Any] | None,
    today: dict[str, Any],
    *,
    made_us: int,
    start_us: int,
    end_us: int,
) -> TwinRecord:
    """A new edition of a line's twin; those before the last KEPT go."""
    record = TwinRecord(
        line=line, made_us=made_us, start_us=start_us, end_us=end_us, twin=twin, trust=trust, today=today
    )
    session.add(record)
    session.flush()
    for old in session.scalars(_of(line).offset(KEPT)):
        session.delete(old)
    return record


def newest_twin(session: Session, line: str) -> TwinRecord | None:
    """The twin that answers for a line now."""
    return session.scalar(_of(line).limit(1))


def verdicts(session: Session) -> list[tuple[str, int, str]]:
    """Of each line's newest twin: the line, when it was made, and its verdict. The documents stay unread."""
    newest = select(func.max(TwinRecord.id)).group_by(TwinRecord.line)
    told = func.coalesce(TwinRecord.trust["verdict"].as_string(), "untested")
    rows = session.execute(select(TwinRecord.line, TwinRecord.made_us, told).where(TwinRecord.id.in_(newest)))
    return [(line, made_us, verdict) for line, made_us, verdict in rows]


def _of(line: str) -> Select[TwinRecord]:
    return select(TwinRecord).where(TwinRecord.line == line).order_by(TwinRecord.id.desc())
