"""The job that tells: panels, every indicator of every ripe month, and what the public is told by quarter.

Each indicator and month is a transaction of its own with its entry of the ledger, so that members are heard meanwhile,
and a round that is cut off or cancelled is gone on with by the next one. A round that finds nothing new writes nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from hashlib import sha256

import numpy as np

from lineside.hub.compare import Asked, Compared, Panels, panel_for, tell
from lineside.hub.tiers.now import Now
from lineside.hub.tiers.publishing import publish_quarters
from lineside.hub.tiers.seating import seat
from lineside.hub.tiers.sources import Sources
from lineside.jobs import Job, JobContext, Jobs, Json, Work
from lineside.trust import HUB, Kind

TELL = "tell"
DAY = "day"
"""Of the job's parameters: the day that it is for."""


class Telling:
    """Tells, one round after another; what is the same as in the round before is not looked at again."""

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self._seated: dict[str, Hashable] = {}
        self._told: dict[tuple[str, str], Hashable] = {}

    def work(self, context: JobContext, _: Json) -> Mapping[str, object]:
        """One round: how many months of indicators were told anew, and how many figures the public was told."""
        now = self._from.now()
        if now is None or not now.months:
            return {"told": 0, "public": 0}
        for family in now.families:
            context.check()
            self._seat(family, now)
        steps = [
            (family, one, at, month)
            for at, month in enumerate(now.months)
            if now.first + at >= now.since
            for family, those in now.families.items()
            for one in those
        ]
        told, panels = 0, Panels()
        for done, step in enumerate(steps):
            context.progress(done, len(steps), step[3])
            told += self._tell(*step, now, panels)
        return {"told": told, "public": publish_quarters(self._from, now, context)}

    def _seat(self, family: str, now: Now) -> None:
        """Once for each ripe month, so that newcomers come in together; until there is a panel, each time."""
        if self._seated.get(family) != now.last:
            seat(self._from.books, family, now)
            with self._from.books.reading() as session:
                if panel_for(session, family, now.months[-1], now.since) is not None:
                    self._seated[family] = now.last

    def _tell(self, family: str, series: Compared, at: int, month: str, now: Now, panels: Panels) -> int:
        if not np.isfinite(series.value[:, at]).any():
            return 0
        place, mark = (series.indicator.id, month), (now.last, _mark(series, at, now))
        if self._told.get(place) == mark:
            return 0
        with self._from.books.session() as session:
            if panel_for(session, family, month, now.since) is None:
                return 0
            new = tell(session, now.members, month, [Asked(family, series, at)], now.time_us, panels)
            for one in new:
                self._from.ledger.write(
                    session,
                    Kind.FIGURES_TOLD,
                    who=HUB,
                    about=HUB,
                    indicator=one.indicator,
                    month=month,
                    edition=one.edition,
                    sha256=sha256(one.content()).hexdigest(),
                )
        self._told[place] = mark
        return len(new)


def _mark(series: Compared, at: int, now: Now) -> bytes:
    """The same for the same values of the same members."""
    parts = (series.value[:, at], series.origin[:, at], series.coverage[:, at], now.members.ids)
    return sha256(b"".join(np.ascontiguousarray(one).tobytes() for one in parts)).digest()


def tell_job(telling: Telling) -> Work:
    """The job kind "tell"."""
    return telling.work


def submit_tell(jobs: Jobs, day: str = "") -> Job | None:
    """Queues a round, unless one waits or runs already; that of a `day` only once."""
    newest = next(iter(jobs.recent(1, TELL)), None)
    if newest is not None and (not newest.state.over or (day and newest.params.get(DAY) == day)):
        return None
    jobs.keep_up(TELL, "figures", {DAY: day})
    return next(iter(jobs.recent(1, TELL)), None)
