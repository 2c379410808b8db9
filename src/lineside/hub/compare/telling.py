"""Telling: all cells of a month are gathered by one writer in one session; what was told is read back as it was."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from lineside.errors import ConfigurationError
from lineside.hub.compare.bands import Told, bands
from lineside.hub.compare.editions import Basis, corrected, first
from lineside.hub.compare.given import Compared, Floats, Ints, Members
from lineside.hub.compare.panel import Panel
from lineside.hub.compare.panels import checked, panel_for, read_panel
from lineside.hub.compare.records import ToldMonthRecord
from lineside.hub.figures import Origin


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """An indicator to be told, of which `at` is the month's place in its series; it is told by its family's panel."""

    family: str
    series: Compared
    at: int


Panels: TypeAlias = dict[int, tuple[Panel, Ints]]
"""By number, panels that were read, and where their members stand in the register."""


def tell(
    session: Session,
    members: Members,
    month: str,
    asked: Sequence[Asked],
    told_us: int,
    panels: Panels | None = None,
) -> list[Told]:
    """Writes down what is told of a month from now on, and gives what is new of it.

    An indicator told before stays as it was told, unless enough corrections have come for a new edition, see
    `corrected`, which speaks of cells told before alone. Where it would say the same there is none, and where no cell
    may be told nothing is written, so that the month may be told when more have spoken. Raises ConfigurationError where
    a family has no panel for the month. `panels` keeps those that are read for who tells many months by one register,
    while nobody grows them.
    """
    checked(month)
    panels = {} if panels is None else panels
    new: list[Told] = []
    for one in asked:
        last = _last(session, one.series.indicator.id, month)
        number = last.panel_id if last else panel_for(session, one.family, month)
        if number is None:
            raise ConfigurationError("compare.no_panel", family=one.family, month=month)
        if number not in panels:
            panel = read_panel(session, number)
            panels[number] = panel, panel.rows(members)
        made = _made(*panels[number], members, month, one, last)
        if made is not None:
            told, basis = made
            session.add(_record(told, basis, number, told_us))
            new.append(told)
    session.flush()
    return new


def told_bytes(session: Session, indicator: str, month: str, edition: int | None = None) -> bytes | None:
    """What was told of a month, byte by byte as it was; the last edition, or this one; None where nothing was."""
    asked = select(ToldMonthRecord.content).where(_of(indicator, month, edition))
    return session.scalar(asked.order_by(ToldMonthRecord.edition.desc()).limit(1))


def basis_of(session: Session, indicator: str, month: str) -> tuple[Panel, Floats] | None:
    """The panel and the values, by place, of which a month was told last: for figures that are made of the same."""
    found = _last(session, indicator, month)
    if found is None:
        return None
    panel = read_panel(session, found.panel_id)
    return panel, _read(found.basis).longer(len(panel)).values


def told_months(session: Session, indicator: str) -> dict[str, int]:
    """The months of which an indicator is told, the first one first, with the number of the panel that tells each."""
    asked = select(ToldMonthRecord.month, ToldMonthRecord.panel_id).where(ToldMonthRecord.indicator == indicator)
    return {found.month: found.panel_id for found in session.execute(asked.order_by(ToldMonthRecord.month))}


def version(session: Session) -> int:
    """A number that grows with all that is told: what was made of it before may be kept while it stays."""
    return session.scalar(select(func.max(ToldMonthRecord.id))) or 0


def _made(
    panel: Panel, rows: Ints, members: Members, month: str, one: Asked, last: ToldMonthRecord | None
) -> tuple[Told, Basis] | None:
    values = panel.taken(one.series.usable(one.at, generated=panel.generated), rows)
    before = None if last is None else _read(last.basis)
    if before is not None and not _more(before.longer(len(panel)).values, values):
        return None
    origin = np.where(rows >= 0, one.series.origin[rows, one.at], Origin.ABSENT)
    generated = (origin == Origin.GENERATED) | ((rows >= 0) & members.generated[rows])
    entered = origin == Origin.ENTERED
    indicator = one.series.indicator
    if last is None or before is None:
        told = bands(panel, indicator, values, month=month, generated=generated, entered=entered)
        return (told, first(panel, values, told)) if told.bands else None
    said = Told.read(last.content)
    basis = corrected(panel, before, values, said)
    told = bands(
        panel,
        indicator,
        basis.values,
        month=month,
        edition=last.edition + 1,
        generated=generated,
        entered=entered,
        only=frozenset(said.by_cell),
    )
    new, old = ([(band.cell, band.n, band.places) for band in each.bands] for each in (told, said))
    return None if new == old else (told, basis)


def _more(before: Floats, now: Floats) -> bool:
    """Whether any value is another than the one that was told, or new; else there is no new edition to look for."""
    return bool((np.isfinite(now) & (before != now)).any())


def _last(session: Session, indicator: str, month: str) -> ToldMonthRecord | None:
    asked = select(ToldMonthRecord).where(_of(indicator, month))
    return session.scalar(asked.order_by(ToldMonthRecord.edition.desc()).limit(1))


def _of(indicator: str, month: str, edition: int | None = None) -> ColumnElement[bool]:
    mine = (ToldMonthRecord.indicator == indicator) & (ToldMonthRecord.month == month)
    return mine if edition is None else mine & (ToldMonthRecord.edition == edition)


def _record(told: Told, basis: Basis, number: int, told_us: int) -> ToldMonthRecord:
    return ToldMonthRecord(
        indicator=told.indicator,
        month=told.month,
        edition=told.edition,
        panel_id=number,
        told_us=told_us,
        content=told.content(),
        basis=zlib.compress(basis.values.astype("<f8").tobytes() + basis.kind.astype("<i4").tobytes(), 1),
    )


def _read(basis: bytes) -> Basis:
    raw = zlib.decompress(basis)
    places = len(raw) // 12
    values = np.frombuffer(raw, "<f8", places).astype(np.float64)
    return Basis(values, np.frombuffer(raw, "<i4", places, offset=8 * places).astype(np.int64))
