"""The job that learns types of a month: once a month, kept in one transaction with its entry of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from lineside.exchange import Adoption, month_name, month_number
from lineside.hub.classification.adopted import packs_of
from lineside.hub.classification.holding import YEAR, Holding, within_a_year
from lineside.hub.classification.making import World, basis, made
from lineside.hub.classification.names import named
from lineside.hub.classification.population import population
from lineside.hub.classification.records import Kept, TypesRecord, kept
from lineside.hub.classification.statement import Basis, Edition, encoded
from lineside.hub.hearing import Hearing
from lineside.hub.numbering import numbered, told_from
from lineside.hub.tiers import Sources
from lineside.hub.tiers.ripe import last_ripe
from lineside.hub.types import Effort, learned, profiles
from lineside.hub.types.profiles import FeatureKind
from lineside.jobs import Job, JobContext, Jobs, Json, Work
from lineside.trust import HUB, Kind

LEARN = "types.learn"
MONTH = "month"
"""Of the job's parameters: the month that it is for."""
BY = "by"
BY_LEVEL: tuple[FeatureKind] = ("level",)
"""A trend is what a step makes: types by trends would part those who took it from those who did not, and no path be
seen in either."""

_PARTS = 100
"""Of the work, as its progress is told: the last two are to make the edition and to keep it."""

Proven: TypeAlias = Callable[[], frozenset[str]]
"""Which packs a pilot has measured, by SHA-256."""


class Learning:
    """Learns types of the last ripe month, with the paths of types and of classes of law, with so much `effort`."""

    def __init__(self, sources: Sources, hearing: Hearing, proven: Proven, effort: Effort) -> None:
        self._from, self._hearing, self._proven, self.effort = sources, hearing, proven, effort

    def due(self) -> str | None:
        """The month that can be learned of now; None where there is none, or it was learned of already."""
        settings, snapshot = self._from.settings(), self._from.figures.snapshot()
        if settings.telling is None:
            return None
        ripe = last_ripe(self._from.now_us(), ZoneInfo(settings.time_zone), settings.telling.days)
        last = min(ripe, snapshot.first + snapshot.months - 1)
        if last < snapshot.first:
            return None
        month = month_name(last)
        with self._from.books.reading() as rows:
            known = rows.scalar(select(TypesRecord.id).where(TypesRecord.month == month)) is not None
            known = known or last < told_from(rows)
        return None if known else month

    def work(self, context: JobContext, params: Json) -> Mapping[str, object]:
        """The work of a job LEARN: the number of the edition, 0 where nothing was to be learned, and of its types.

        A month is learned of once: what differs between two editions of the same months could tell of a single member.
        """
        month, now = self.due(), self._from.now()
        if now is None or month is None:
            return {"edition": 0, "types": 0}
        people = population(now)
        if len(people.members) < now.secrecy.least:
            return {"edition": 0, "types": 0}
        context.progress(0, _PARTS, month)
        profile = profiles(people.features, people.members, BY_LEVEL)
        found = learned(
            profile,
            now.secrecy.least,
            month_number(month),
            self.effort,
            lambda done, of: context.progress(done * (_PARTS - 2) // of, _PARTS, month),
        )
        context.progress(_PARTS - 2, _PARTS, month)
        before = self._before()
        world = World(
            month,
            people,
            found,
            named(people.members, found.type, found.number, before[-1].basis.letters() if before else {}),
            packs_of(self._hearing.of(Adoption), self._proven()),
            now.secrecy,
            self._from.catalogue,
            Holding(within_a_year([(one.told.month, one.basis.sets) for one in before], month), now.secrecy.group),
            before[-1].told if before else None,
        )
        edition = made(world)
        context.progress(_PARTS - 1, _PARTS, month)
        with self._from.books.session() as rows:
            number = self._keep(rows, edition, basis(world), now.time_us, str(params.get(BY) or HUB))
        return {"edition": number, "types": found.number}

    def _before(self) -> list[Kept]:
        """The editions whose figures those of a month can be held against, the newest last."""
        told = select(TypesRecord).order_by(TypesRecord.id.desc()).limit(YEAR)
        with self._from.books.reading() as rows:
            return [kept(one) for one in reversed(rows.scalars(told).all())]

    def _keep(self, rows: Session, edition: Edition, basis: Basis, at_us: int, by: str) -> int:
        content = encoded(edition)
        kept = {"learned_us": at_us, "content": content, "basis": encoded(basis)}
        record = TypesRecord(id=numbered(rows, "types", TypesRecord.id), month=edition.month, **kept)
        rows.add(record)
        rows.flush()
        self._from.ledger.write(
            rows,
            Kind.TYPES_LEARNED,
            who=by,
            about=HUB,
            number=record.id,
            month=edition.month,
            types=len(edition.types),
            sha256=sha256(content).hexdigest(),
        )
        return record.id


def learn_job(learning: Learning) -> Work:
    """The job kind LEARN."""
    return learning.work


def submit_learn(jobs: Jobs, month: str, by: str = HUB) -> Job | None:
    """Queues the learning of a month, unless one waits or runs, or this month was tried; by hand it is tried again."""
    newest = next(iter(jobs.recent(1, LEARN)), None)
    if newest is not None and (not newest.state.over or (by == HUB and newest.params.get(MONTH) == month)):
        return newest
    jobs.keep_up(LEARN, "types", {MONTH: month, BY: by})
    return next(iter(jobs.recent(1, LEARN)), None)
