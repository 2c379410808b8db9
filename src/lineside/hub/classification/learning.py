"""The job that learns types of a month: once a month, kept in one transaction with its entry of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from lineside.exchange import Adoption, month_name, month_number
from lineside.hub.classification.adopted import packs_of
from lineside.hub.classification.names import named
from lineside.hub.classification.population import BYS, By, Population, population
from lineside.hub.classification.protecting import at_least, omitted, share, told_counts, told_path, told_trait
from lineside.hub.classification.records import TypesRecord
from lineside.hub.classification.statement import Basis, Edition, ToldGroup, ToldPath, ToldType, basis_of, encoded
from lineside.hub.compare import Secrecy
from lineside.hub.hearing import Hearing
from lineside.hub.tiers import Sources
from lineside.hub.tiers.ripe import last_ripe
from lineside.hub.types import Character, Effort, Group, Learned, Packs, Why, characters, learned, path, profiles
from lineside.hub.types.arrays import Flags
from lineside.hub.types.profiles import FeatureKind
from lineside.jobs import Job, JobContext, Jobs, Json, Work
from lineside.trust import HUB, Kind

LEARN = "types.learn"
MONTH = "month"
"""Of the job's parameters: the month that it is for."""
BY = "by"
USUAL = "oee"
"""What a path of a class is for."""
BY_LEVEL: tuple[FeatureKind] = ("level",)
"""A trend is what a step makes: types by trends would part those who took it from those who did not, and no path be
seen in either."""

Proven: TypeAlias = Callable[[], frozenset[str]]
"""Which packs a pilot has measured, by SHA-256."""


@dataclass(frozen=True, slots=True, eq=False)
class _World:
    """All that an edition is made of."""

    month: str
    people: Population
    found: Learned
    packs: Packs
    secrecy: Secrecy
    even: frozenset[str]
    """The indicators whose grid is even."""
    better: Mapping[str, str]


class Learning:
    """Learns types of the last ripe month, with the paths of types and of classes of law."""

    def __init__(self, sources: Sources, hearing: Hearing, proven: Proven, effort: Effort) -> None:
        self._from, self._hearing, self._proven, self._effort = sources, hearing, proven, effort

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
            known = rows.scalar(select(TypesRecord.id).where(TypesRecord.month == month))
        return None if known is not None else month

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
        context.progress(0, 3, month)
        profile = profiles(people.features, people.members, BY_LEVEL)
        found = learned(profile, now.secrecy.least, month_number(month), self._effort)
        context.progress(1, 3, month)
        every = self._from.catalogue.indicators.values()
        world = _World(
            month,
            people,
            found,
            packs_of(self._hearing.of(Adoption), self._proven()),
            now.secrecy,
            frozenset(one.id for one in every if not one.ratio),
            {one.id: one.better for one in every},
        )
        letters = named(people.members, found.type, found.number, self._before())
        edition = _edition(world, letters, self._from.catalogue.edition.id)
        context.progress(2, 3, month)
        with self._from.books.session() as rows:
            number = self._keep(rows, edition, _basis(found, letters), now.time_us, str(params.get(BY) or HUB))
        return {"edition": number, "types": found.number}

    def _before(self) -> dict[int, str]:
        """Letters of the edition before."""
        newest = select(TypesRecord.basis).order_by(TypesRecord.id.desc()).limit(1)
        with self._from.books.reading() as rows:
            content = rows.scalar(newest)
        return {} if content is None else basis_of(content).letters()

    def _keep(self, rows: Session, edition: Edition, basis: Basis, at_us: int, by: str) -> int:
        content = encoded(edition)
        record = TypesRecord(month=edition.month, learned_us=at_us, content=content, basis=encoded(basis))
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


def _edition(world: _World, letters: tuple[str, ...], catalogue: str) -> Edition:
    found, people, secrecy = world.found, world.people, world.secrecy
    told = characters(found, secrecy.least)
    none = [int((found.why == why).sum()) for why in (Why.BORDER, Why.LACKING, Why.NONE_FOUND)]
    *sizes, border, lacking, _ = told_counts([*(one.size for one in told), *none], secrecy.group)
    return Edition(
        month=world.month,
        catalogue=catalogue,
        group=secrecy.group,
        members=at_least(len(people.members), secrecy),
        border=border,
        lacking=lacking,
        chance=float(f"{found.p:.2g}"),
        generated=share(people.generated, np.ones(len(people.members), bool)),
        types=tuple(_type(world, one, letters[one.number], size) for one, size in zip(told, sizes, strict=True)),
        classes=tuple(one for by in BYS for one in _classes(world, by)),
        left_out=omitted(found),
    )


def _classes(world: _World, by: By) -> list[ToldGroup]:
    """The classes of one scheme that have a group of members, with their paths."""
    people = world.people
    parts = people.classes(by)
    of_none = len(people.members) - sum(int(marked.sum()) for _, marked in parts)
    sizes = told_counts([*(int(marked.sum()) for _, marked in parts), of_none], world.secrecy.group)
    return [
        ToldGroup(
            by=by,
            id=name,
            size=size,
            generated=share(people.generated, marked),
            paths=_paths(world, marked, USUAL),
        )
        for (name, marked), size in zip(parts, sizes[:-1], strict=True)
        if size
    ]


def _type(world: _World, told: Character, letter: str, size: int) -> ToldType:
    own = world.found.type == told.number
    return ToldType(
        name=letter,
        size=size,
        stability=round(told.stability, 2),
        generated=share(world.people.generated, own),
        traits=tuple(told_trait(world.found, told.number, one, world.secrecy) for one in told.traits),
        paths=_paths(world, own, *_weak(told, world), USUAL),
    )


def _weak(told: Character, world: _World) -> tuple[str, ...]:
    """The indicators in whose level a type lies on the worse side, the farthest first."""
    worse = [
        one.feature.indicator
        for one in told.traits
        if one.feature.kind == "level" and one.high != (world.better[one.feature.indicator] == "higher")
    ]
    return tuple(worse)


def _paths(world: _World, marked: Flags, *targets: str) -> tuple[ToldPath, ...]:
    """What moved each of these in a group of members."""
    people, found = world.people, []
    for target in targets:
        values = people.moving(target, world.even)
        if target in values:
            group = Group({name: one[marked] for name, one in values.items()}, people.members[marked], people.first)
            found.append(told_path(path(group, target, world.packs, world.secrecy.least), world.secrecy))
    return tuple(found)


def _basis(found: Learned, letters: tuple[str, ...]) -> Basis:
    return Basis(
        members=tuple(found.profiles.members.tolist()),
        types=tuple(letters[one] if one >= 0 else "" for one in found.type.tolist()),
        why=tuple(found.why.tolist()),
        sure=tuple(None if np.isnan(one) else round(one, 3) for one in found.sure.tolist()),
    )
