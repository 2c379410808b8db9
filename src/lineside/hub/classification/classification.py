"""What members are: by law and scheme, by what they measured, and which steps moved factories like them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select

from lineside.errors import ConfigurationError
from lineside.exchange import month_name
from lineside.hub.classification.classes import Classed, classes_of
from lineside.hub.classification.learning import Learning, Proven, submit_learn
from lineside.hub.classification.records import Kept, TypesRecord, kept
from lineside.hub.classification.reported import Tally, protected, tallies
from lineside.hub.classification.statement import ToldGroup, ToldType
from lineside.hub.classification.using import YEAR, Total, totals, uses
from lineside.hub.compare import Secrecy
from lineside.hub.contents import month_at
from lineside.hub.figures import Snapshot
from lineside.hub.hearing import Hearing
from lineside.hub.member import Member, Standing
from lineside.hub.objections import Objection, Objections
from lineside.hub.support.facts import latest
from lineside.hub.tiers import Sources, day
from lineside.hub.tiers.joined import secrecy_of
from lineside.hub.tiers.ripe import last_ripe
from lineside.hub.types import Effort, Why
from lineside.jobs import Job, Jobs
from lineside.rules import MATURITY

Title: TypeAlias = Callable[[str, str], str]
"""What a pack is called, by its SHA-256 and in a language."""
_SHORT = 8
_HIGH_TECH_LADDER, _HIGH_TECH = "cn-high-tech-2017", "high-tech"
TYPE = "type"
SCHEME = "scheme"
EDITION = "edition"
"""By which an objection against a class names what it is about."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Of which learned type a member is, in an edition; None with the reason why of none."""

    edition: int
    month: str
    type: ToldType | None
    sure: float | None
    """Share of the samples drawn anew in which it fell into its type."""
    why: Why | None
    """None where it was not there when types were learned."""
    withdrawn: bool = False
    """Its objection against the type was upheld."""


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """All that a member is."""

    member: int
    classes: tuple[Classed, ...]
    typed: Typed | None
    """None while no edition was learned."""
    groups: tuple[ToldGroup, ...]
    """The classes of law that it is of and of which paths are told."""
    objections: tuple[Objection, ...]


def short(sha256: str, language: str) -> str:  # noqa: ARG001 - without a shelf of packs no language has a title
    """A pack by the beginning of its hash."""
    return sha256[:_SHORT]


class Classification:
    """Classes and types of one hub. `proven` says which packs a pilot measured, `title` what packs are called."""

    def __init__(
        self,
        sources: Sources,
        hearing: Hearing,
        objections: Objections,
        *,
        proven: Proven = frozenset,
        title: Title = short,
        effort: Effort = Effort(),  # noqa: B008 - a value that never changes
    ) -> None:
        self.sources, self._objections, self.title = sources, objections, title
        self.learning = Learning(sources, hearing, proven, effort)
        self._kept: dict[int, Kept] = {}
        self._looked = ""

    @property
    def secrecy(self) -> Secrecy:
        """What the settings promise."""
        return secrecy_of(self.sources.settings().protection)

    # learned types

    def learn(self, jobs: Jobs, by: str) -> Job:
        """Queues the learning of the last ripe month. Raises ConfigurationError where it was learned of already."""
        month = self.learning.due()
        if month is None:
            raise ConfigurationError("classification.not_due")
        job = submit_learn(jobs, month, by)
        if job is None:
            raise ConfigurationError("classification.not_due")
        return job

    def keep_up(self, jobs: Jobs) -> None:
        """Queues the same by itself: looked at once a day, by the calendar of the hub."""
        today = day(self.sources.now_us(), ZoneInfo(self.sources.settings().time_zone))
        if today == self._looked:
            return
        month = self.learning.due()
        if month is not None:
            submit_learn(jobs, month)
        self._looked = today

    def editions(self) -> list[tuple[int, str]]:
        """Number and month of each edition, the newest first."""
        newest = select(TypesRecord.id, TypesRecord.month).order_by(TypesRecord.id.desc())
        with self.sources.books.reading() as rows:
            return [(number, month) for number, month in rows.execute(newest)]

    def edition(self, number: int | None = None) -> Kept | None:
        """An edition, or the newest; None where none was learned. Raises ConfigurationError for no such number."""
        if number is None:
            told = self.editions()
            return self.edition(told[0][0]) if told else None
        if number not in self._kept:
            self._kept[number] = self._read(number)
        return self._kept[number]

    def _read(self, number: int) -> Kept:
        with self.sources.books.reading() as rows:
            record = rows.scalar(select(TypesRecord).where(TypesRecord.id == number))
            if record is None:
                raise ConfigurationError("classification.no_edition", edition=number)
            return kept(record)

    # one member

    def of(self, number: int) -> Own:
        """What a member is. Raises ConfigurationError for no member."""
        member = self.sources.register.get(number)
        classes = self._classes([member])[0]
        objections = tuple(one for one in self._objections.listed([number]) if one.against == "class")
        kept = self.edition()
        held = {one.scheme: one.id for one in classes}
        groups = () if kept is None else tuple(one for one in kept.told.classes if self._is_of(one, held))
        typed = None if kept is None else _typed(kept, number, objections)
        return Own(number, classes, typed, groups, objections)

    def _is_of(self, group: ToldGroup, held: Mapping[str, str | None]) -> bool:
        if group.by == "size":
            return held.get(f"size/{self.sources.settings().size_scheme}") == group.id
        return held.get("industry/gb") == f"C{group.id}"

    # everybody

    def reported(self, *, exact: bool) -> tuple[Tally, ...]:
        """How many members are of each class; protected, unless the `exact` counts are wanted."""
        members = self.counted()
        found = (
            *tallies(self._classes(members), self.sources.settings().size_scheme),
            *uses(self._snapshot(), self.sources.catalogue, [one.number for one in members], self._ripe()),
        )
        return found if exact else tuple(protected(one, self.secrecy) for one in found)

    def totals(self) -> tuple[str, tuple[Total, ...]]:
        """The last ripe month, and what its values come to; for who sees each of them."""
        members = self.counted()
        found = zip(members, self._classes(members), strict=True)
        high = frozenset(one.number for one, classes in found if any(_is_high_tech(each) for each in classes))
        month = self._ripe()
        numbers, merged = [one.number for one in members], self._merged(month - YEAR)
        return month_name(month), totals(self._snapshot(), self.sources.catalogue, numbers, high, month, merged)

    def _merged(self, since: int) -> frozenset[int]:
        """The members that went on for another one in this month (since the year 0) or later."""
        zone = ZoneInfo(self.sources.settings().time_zone)
        ended = ((one.into, one.ended_us) for one in self.sources.register.everybody())
        return frozenset(into for into, us in ended if into and us is not None and month_at(us, zone) >= since)

    def counted(self) -> list[Member]:
        """The members that figures of the register count."""
        telling = self.sources.settings().telling
        made = telling is not None and telling.generated
        everybody = self.sources.register.everybody()
        return [one for one in everybody if one.state is Standing.MEMBER and (made or not one.profile.generated)]

    def _classes(self, members: Sequence[Member]) -> list[tuple[Classed, ...]]:
        scheme, levels = self.sources.settings().size_scheme, self._levels()
        return [classes_of(one.profile, scheme, levels.get(one.number)) for one in members]

    def _levels(self) -> dict[int, float]:
        """The newest level of maturity of each member that told one, of months that are ripe."""
        newest = latest(self._snapshot(), self.sources.catalogue.of(MATURITY), self._ripe()).value
        return {int(at) + 1: float(newest[at]) for at in np.flatnonzero(np.isfinite(newest))}

    def _ripe(self) -> int:
        """The last month (since the year 0) of which figures are told."""
        settings = self.sources.settings()
        days = settings.telling.days if settings.telling is not None else 0
        return last_ripe(self.sources.now_us(), ZoneInfo(settings.time_zone), days)

    def _snapshot(self) -> Snapshot:
        return self.sources.figures.snapshot()


def _is_high_tech(one: Classed) -> bool:
    return one.scheme == f"ladder/{_HIGH_TECH_LADDER}" and one.id == _HIGH_TECH


def _typed(kept: Kept, number: int, objections: Sequence[Objection]) -> Typed:
    basis = kept.basis
    if number not in basis.members:
        return Typed(kept.number, kept.told.month, None, None, None)
    at = basis.members.index(number)
    letter = basis.types[at]
    withdrawn = bool(letter) and any(_upheld(one, letter) for one in objections)
    shown = None if withdrawn else next((one for one in kept.told.types if one.name == letter), None)
    return Typed(kept.number, kept.told.month, shown, basis.sure[at], Why(basis.why[at]), withdrawn)


def _upheld(one: Objection, letter: str) -> bool:
    return one.upheld is True and one.subject.get(TYPE) == letter
