"""Panels of a hub: formed when there is something to tell by them, grown with each new month, renewed when worn.

A panel is renewed as seldom as it can be, since what differs between two panels is not protected.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lineside.books import Books
from lineside.exchange import month_name, month_number
from lineside.hub.compare import (
    Compared,
    Panel,
    PanelRecord,
    ToldMonthRecord,
    alike,
    bands,
    formed,
    grow_panel,
    keep_panel,
    read_panel,
    reporting,
)
from lineside.hub.compare.given import Ints
from lineside.hub.contents import month_at
from lineside.hub.tiers.now import Now

LONGEST = 12
"""Months after which a panel is renewed."""
SOONEST = 6
_WORN = 2 / 3
"""A panel of which less of the values count is renewed from `SOONEST` months on."""
_MANY = 2
"""So many times the members of a panel make it worth a new one, in which they stand in their own cells."""
_LOOKED_AT = 6
"""Months by which it is seen who reports alike."""


def seat(books: Books, family: str, now: Now) -> None:
    """Brings the panel of a family up to date for the ripe months that it has not told yet.

    A panel from before the books came back from a backup tells no more: who came into it since nobody here knows.
    Without such a month, and without members enough to tell of, nothing changes.
    """
    with books.reading() as session:
        newest = session.scalar(
            select(PanelRecord).where(PanelRecord.family == family).order_by(PanelRecord.from_month.desc()).limit(1)
        )
        stale = newest is not None and month_number(newest.from_month) < now.since
        before = read_panel(session, newest.id) if newest and not stale else None
        new = max(_first_untold(session, family, newest) if newest else now.first, now.since)
    if new > now.last:
        return
    order, kinds = _order(family, now), reporting(now.families[family], now.recent(_LOOKED_AT))
    fresh = formed(now.members, order, now.secrecy, generated=now.rules.generated, kinds=kinds)
    due = newest is None or before is None or _is_due(newest.made_us, before, fresh, family, now)
    if due and _speaks(fresh, now.families[family], now):
        with books.session() as session:
            keep_panel(session, family, month_name(new), fresh, now.time_us)
    elif newest is not None and before is not None:
        grown = formed(now.members, order, before.secrecy, generated=before.generated, before=before, kinds=kinds)
        if len(grown) > len(before):
            with books.session() as session:
                grow_panel(session, newest.id, grown)


def _order(family: str, now: Now) -> Ints:
    """The rows of those who are members and report, those who report alike beside each other."""
    seed = int.from_bytes(sha256(f"{family}/{now.last}".encode()).digest()[:8])
    order = alike(now.families[family], now.recent(_LOOKED_AT), seed)
    speaking = np.isin(now.members.ids, np.array(sorted(now.speaking), dtype=np.int64))
    found: Ints = order[speaking[order]]
    return found


def _speaks(panel: Panel, series: Sequence[Compared], now: Now) -> bool:
    """Whether anything can be told by a panel; another would bind the first members to wide cells for nothing."""
    rows, recent = panel.rows(now.members), now.recent(_LOOKED_AT)
    return any(
        bands(panel, one.indicator, panel.taken(one.usable(at, generated=panel.generated), rows)).bands
        for one in series
        for at in reversed(range(recent.start, recent.stop))
    )


def _first_untold(session: Session, family: str, newest: PanelRecord) -> int:
    """The month after the last that was told of a family; the first that a newer panel may begin with."""
    told = select(func.max(ToldMonthRecord.month)).join(PanelRecord).where(PanelRecord.family == family)
    last = session.scalar(told)
    return max(month_number(one) for one in (last, newest.from_month) if one is not None) + 1


def _is_due(made_us: int, panel: Panel, fresh: Panel, family: str, now: Now) -> bool:
    """Whether a fresh panel is to tell the months to come: other rules, many more members, or worn by time."""
    if (panel.secrecy, panel.generated) != (now.secrecy, now.rules.generated):
        return True
    age = now.last - month_at(made_us, now.zone)
    worn = age >= SOONEST and _share(panel, now.families[family], now) < _WORN
    return age >= LONGEST or worn or len(fresh) >= _MANY * len(panel)


def _share(panel: Panel, series: Sequence[Compared], now: Now) -> float:
    """Of the values of the last ripe month, those that count."""
    rows, at = panel.rows(now.members), now.recent(1)
    given = [one.usable(at.start, generated=panel.generated) for one in series]
    there = sum(int(np.isfinite(values).sum()) for values in given)
    return sum(int(np.isfinite(panel.taken(values, rows)).sum()) for values in given) / max(there, 1)
