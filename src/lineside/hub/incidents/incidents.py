"""Incidents: told by members, and looked at by who has to know, for a purpose that the member sees."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import Envelope, Incident, decoded
from lineside.hub.changes import about
from lineside.hub.contents import AHEAD_MS
from lineside.hub.hearing import Hearing
from lineside.hub.incidents.counting import Count, Spell, counts
from lineside.hub.incidents.records import ClosureRecord, LookRecord, ShareRecord
from lineside.hub.incidents.threads import Closure, Look, Share, Thread, threads
from lineside.hub.member import Member
from lineside.hub.records import StatementRecord
from lineside.hub.tiers.sources import Sources
from lineside.trust import Kind

MOST_WORDS = 1000
_R = TypeVar("_R", LookRecord, ShareRecord, ClosureRecord)
Reaches = Callable[[str], bool]
"""Whether somebody looks after a concern."""


class Incidents:
    """The incidents of all members."""

    def __init__(self, sources: Sources, hearing: Hearing) -> None:
        self._books, self._ledger, self._register = sources.books, sources.ledger, sources.register
        self._settings, self._now, self._hearing = sources.settings, sources.now_us, hearing

    def require(self, told: Incident, _: Member) -> None:
        """Raises UnusableData for a concern that this hub has not, and for what has not begun or ends before."""
        known = self._settings().concern_ids
        if told.concern not in known:
            raise UnusableData("incidents.no_concern", concern=told.concern[:64], known=", ".join(known))
        if told.began_ms > told.made_ms + AHEAD_MS:
            raise UnusableData("incidents.future")
        if told.ended_ms is not None and not told.began_ms <= told.ended_ms <= told.made_ms + AHEAD_MS:
            raise UnusableData("incidents.end")

    # -- read --------------------------------------------------------------------------------------

    def listed(self, reaches: Reaches) -> list[Thread]:
        """Those that concern what somebody looks after, the newest first. What was told is not for a list."""
        return [one for one in self._with_acts(self._threads()) if any(map(reaches, one.reached_by))]

    def of(self, members: Collection[int]) -> list[Thread]:
        """Those that members told, the newest first: each is for the member that told it."""
        return self._with_acts(self._threads(members))

    def get(self, number: int, reaches: Reaches) -> Thread:
        """One of them. Raises ConfigurationError for none, in the same words as for one that is out of reach."""
        for one in self._with_acts([one for one in self._threads() if one.number == number]):
            if any(map(reaches, one.reached_by)):
                return one
        raise ConfigurationError("incidents.none", number=number)

    def counts(self) -> tuple[tuple[Count, ...], bool]:
        """How many members told of incidents, for everybody; and whether generated ones may be among them."""
        settings = self._settings()
        generated = settings.telling is not None and settings.telling.generated
        members = {
            one.number: Spell(one.admitted_us, one.ended_us)
            for one in self._register.everybody()
            if one.admitted_us is not None and (generated or not one.profile.generated)
        }
        group = settings.protection.group + settings.protection.colluders
        zone = ZoneInfo(settings.time_zone)
        said = self._hearing.of(Incident)
        return counts(said, members, settings.concern_ids, group, self._now(), zone), generated

    # -- for who has to know -----------------------------------------------------------------------

    def look(self, number: int, purpose: str, reaches: Reaches, *, by: str) -> tuple[Thread, list[Incident]]:
        """An incident with all that was told of it. Raises ConfigurationError without a purpose.

        The look is in the books and in the ledger before anything is read, so that none can be without its entry.
        """
        plain = _plain(purpose)
        one = self.get(number, reaches)
        with self._books.session() as rows:
            entry = self._tell(rows, Kind.INCIDENT_LOOKED, one, by, purpose=_hash(plain))
            place = {"member": one.member, "statement": one.statement}
            rows.add(LookRecord(**place, by=by, at_us=self._now(), purpose=plain, entry=entry))
        told = self._read(one)
        return self.get(number, reaches), told

    def share(self, number: int, concern: str, reasons: str, reaches: Reaches, *, by: str) -> Thread:
        """Lets those who follow another concern look. Raises ConfigurationError without reasons, and where they may."""
        plain, known = _plain(reasons), self._settings().concern_ids
        if concern not in known:
            raise ConfigurationError("incidents.no_concern", concern=concern[:64], known=", ".join(known))
        one = self.get(number, reaches)
        with self._books.session() as rows:
            if concern in _with_acts(rows, [one])[0].reached_by:
                raise ConfigurationError("incidents.shared", number=number, concern=concern)
            self._tell(rows, Kind.INCIDENT_SHARED, one, by, concern=concern, reasons=_hash(plain))
            place = {"member": one.member, "statement": one.statement}
            rows.add(ShareRecord(**place, concern=concern, by=by, at_us=self._now(), reasons=plain))
        return self.get(number, reaches)

    def close(self, number: int, reasons: str, reaches: Reaches, *, by: str) -> Thread:
        """Closes it, as far as it was told. Raises ConfigurationError without reasons, and where it is closed."""
        plain, one = _plain(reasons), self.get(number, reaches)
        with self._books.session() as rows:
            if _with_acts(rows, [one])[0].closed:
                raise ConfigurationError("incidents.closed", number=number)
            self._tell(rows, Kind.INCIDENT_CLOSED, one, by, last=one.last, reasons=_hash(plain))
            place = {"member": one.member, "statement": one.statement, "last": one.last}
            rows.add(ClosureRecord(**place, by=by, at_us=self._now(), reasons=plain))
        return self.get(number, reaches)

    # -- inside ------------------------------------------------------------------------------------

    def _threads(self, members: Collection[int] | None = None) -> list[Thread]:
        said = (one for one in self._hearing.of(Incident) if members is None or one.told.member in members)
        return [Thread(tuple(words)) for words in threads(said)][::-1]

    def _with_acts(self, found: Sequence[Thread]) -> list[Thread]:
        with self._books.reading() as rows:
            return _with_acts(rows, found)

    def _read(self, one: Thread) -> list[Incident]:
        """What was told of it, from what its member signed."""
        numbers = [each.told.number for each in one.said]
        mine = (StatementRecord.member == one.member) & StatementRecord.number.in_(numbers)
        with self._books.reading() as rows:
            found = rows.scalars(select(StatementRecord.envelope).where(mine).order_by(StatementRecord.number))
            return [cast("Incident", decoded(Envelope.parse(line))) for line in found]

    def _tell(self, rows: Rows, kind: Kind, one: Thread, by: str, **facts: str | int) -> int:
        return self._ledger.write(rows, kind, who=by, about=about(one.member), number=one.statement, **facts)


def _with_acts(rows: Rows, found: Sequence[Thread]) -> list[Thread]:
    """The same with what the hub's people did, as the books have it now."""
    members = {one.member for one in found}
    looks = _by_place(rows, LookRecord, members)
    shares = _by_place(rows, ShareRecord, members)
    closures = _by_place(rows, ClosureRecord, members)
    return [
        replace(
            one,
            looks=tuple(Look(each.by, each.at_us, each.purpose, each.entry) for each in looks.get(place, ())),
            shares=tuple(Share(each.concern, each.by, each.at_us, each.reasons) for each in shares.get(place, ())),
            closures=tuple(Closure(each.last, each.by, each.at_us, each.reasons) for each in closures.get(place, ())),
        )
        for one in found
        for place in [(one.member, one.statement)]
    ]


def _by_place(rows: Rows, table: type[_R], members: Collection[int]) -> dict[tuple[int, int], list[_R]]:
    found: dict[tuple[int, int], list[_R]] = {}
    for one in rows.scalars(select(table).where(table.member.in_(members)).order_by(table.id)):
        found.setdefault((one.member, one.statement), []).append(one)
    return found


def _plain(words: str) -> str:
    plain = words.strip()
    if not 0 < len(plain) <= MOST_WORDS:
        raise ConfigurationError("incidents.words", most=MOST_WORDS)
    return plain


def _hash(words: str) -> str:
    return sha256(words.encode()).hexdigest()
