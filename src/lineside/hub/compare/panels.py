"""Panels in the books: kept, found again, and grown by newcomers."""

from __future__ import annotations

import re

import numpy as np
from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from lineside.errors import ConfigurationError
from lineside.exchange import month_name
from lineside.hub.compare.panel import Panel
from lineside.hub.compare.peers import Cell
from lineside.hub.compare.records import BlockRecord, PanelRecord, SeatRecord, ToldMonthRecord
from lineside.hub.compare.rules import Secrecy

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def keep_panel(session: Session, family: str, from_month: str, panel: Panel, made_us: int) -> int:
    """Writes a panel down, by which the family's months from this one on are told; gives its number in the books.

    Raises ConfigurationError for what is no month, and for one that is not after all that the panel before told: a
    month is told by one panel only.
    """
    checked(from_month)
    told = select(ToldMonthRecord.month).join(PanelRecord).where(PanelRecord.family == family)
    last = session.scalar(told.order_by(ToldMonthRecord.month.desc()).limit(1))
    newest = session.scalar(_of(family).order_by(PanelRecord.from_month.desc()).limit(1))
    for before in (last, newest.from_month if newest else None):
        if before is not None and from_month <= before:
            raise ConfigurationError("compare.panel_too_early", family=family, month=from_month, last=before)
    rules = panel.secrecy
    record = PanelRecord(
        family=family,
        from_month=from_month,
        made_us=made_us,
        k=rules.k,
        c=rules.c,
        dominance=rules.dominance,
        generated=panel.generated,
    )
    session.add(record)
    session.flush()
    _add(session, record.id, panel, 0, 0)
    return record.id


def grow_panel(session: Session, number: int, panel: Panel) -> None:
    """Adds the newcomers of a panel, see `formed`. Raises ConfigurationError where those of before are not the same."""
    before = read_panel(session, number)
    places, blocks = len(before), len(before.blocks)
    same = (
        np.array_equal(panel.members[:places], before.members)
        and np.array_equal(panel.block[:places], before.block)
        and panel.blocks[:blocks] == before.blocks
        and (panel.secrecy, panel.generated) == (before.secrecy, before.generated)
    )
    if not same:
        raise ConfigurationError("compare.other_panel", number=number)
    _add(session, number, panel, places, blocks)


def panel_for(session: Session, family: str, month: str, since: int = 0) -> int | None:
    """The number of the panel by which a month is told; None where there is none yet that began `since` a month."""
    begun = PanelRecord.from_month.between(month_name(since), checked(month))
    reaching = _of(family).where(begun)
    found = session.scalar(reaching.order_by(PanelRecord.from_month.desc()).limit(1))
    return found.id if found else None


def read_panel(session: Session, number: int) -> Panel:
    """The panel of this number."""
    record = session.get_one(PanelRecord, number)
    blocks = select(BlockRecord.cell).where(BlockRecord.panel_id == number).order_by(BlockRecord.block)
    columns = select(SeatRecord.member, SeatRecord.block).where(SeatRecord.panel_id == number)
    seats = np.array([tuple(row) for row in session.execute(columns.order_by(SeatRecord.place))], dtype=np.int64)
    seats = seats.reshape(-1, 2)
    return Panel(
        seats[:, 0],
        seats[:, 1],
        tuple(Cell.named(path) for path in session.scalars(blocks)),
        Secrecy(record.k, record.c, record.dominance),
        record.generated,
    )


def checked(month: str) -> str:
    """The month, written like 2026-09. Raises ConfigurationError."""
    if not _MONTH.fullmatch(month):
        raise ConfigurationError("compare.no_month", month=month[:20])
    return month


def _of(family: str) -> Select[PanelRecord]:
    return select(PanelRecord).where(PanelRecord.family == family)


def _add(session: Session, number: int, panel: Panel, places: int, blocks: int) -> None:
    homes = [{"panel_id": number, "block": i, "cell": cell.path} for i, cell in enumerate(panel.blocks) if i >= blocks]
    seats = [
        {"panel_id": number, "place": i, "member": int(panel.members[i]), "block": int(panel.block[i])}
        for i in range(places, len(panel))
    ]
    for record, rows in ((BlockRecord, homes), (SeatRecord, seats)):
        if rows:
            session.execute(insert(record), rows)
