"""What is left of a member that ended, once the contract's time is over: numbers and hashes, as the ledger has them.

Its statements, receipts, enrolments, profile and words are erased, and an entry of the ledger says so. The entries that
its receipts name stay, so that a receipt which the factory kept still shows what was said. What was made of many, as
figures of groups that were told, and what has times of its own, as applications for support, stay too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError
from lineside.exchange import Profile
from lineside.hub.changes import about
from lineside.hub.figures import Figures
from lineside.hub.member import Member
from lineside.hub.records import (
    AppealRecord,
    EnrolmentRecord,
    MemberRecord,
    ObjectionRecord,
    ProfileRecord,
    RefusedRecord,
    StatementRecord,
)
from lineside.hub.register import Register
from lineside.hub.settings import HubSettings
from lineside.trust import HERE, NODE, Fact, Kind

NOBODY = "–"
"""The name of a member that was erased."""
_DAY_US = 86_400_000_000


class Erasing:
    """Erases members of a hub. `now_us`: microseconds since 1970."""

    def __init__(
        self,
        books: Books,
        register: Register,
        figures: Figures,
        settings: Callable[[], HubSettings],
        now_us: Callable[[], int],
    ) -> None:
        self._books, self._register, self._figures = books, register, figures
        self._settings, self._now = settings, now_us

    def due(self) -> list[int]:
        """The members whose time is over, by number; none where the settings name no time."""
        leaving = self._settings().leaving
        if leaving is None:
            return []
        until_us = self._now() - leaving.days * _DAY_US
        ended = MemberRecord.ended_us.is_not(None) & (MemberRecord.ended_us <= until_us)
        chosen = select(MemberRecord.number).where(ended, MemberRecord.erased_us.is_(None))
        with self._books.reading() as rows:
            return list(rows.scalars(chosen.order_by(MemberRecord.number)))

    def keep(self) -> int:
        """Erases those that are due; how many."""
        found = self.due()
        for number in found:
            self.erase(number, by=NODE)
        return len(found)

    def erase(self, number: int, *, by: str = HERE) -> Member:
        """Erases one, at once and for good: gives what is left of it.

        Raises ConfigurationError before its time, and for who is still a member.
        """
        if number not in self.due():
            raise ConfigurationError("hub.not_to_erase", member=number)
        with self._register.changing() as change:
            member = self._register.get(number)
            left = replace(member, label=NOBODY, profile=_of_nobody(member.profile))
            change.put(left)
            count = _erased(change.rows, left, change.now_us)
            told: dict[str, Fact] = {"statements": count, "number": member.last, "sha256": member.head}
            change.say(Kind.MEMBER_ERASED, who=by, about=about(number), **told)
            change.afterwards.append(lambda: self._figures.forget(number))
        return left


def _of_nobody(profile: Profile) -> Profile:
    """What a group needs to be a group of its industry and region, and nothing else."""
    return Profile(name=NOBODY, industry=profile.industry, region=profile.region, generated=profile.generated)


def _erased(rows: Rows, left: Member, now_us: int) -> int:
    """Takes it out of the books; how many statements there were."""
    number = left.number
    mine = StatementRecord.member == number
    count = rows.scalar(select(func.count()).select_from(StatementRecord).where(mine)) or 0
    rows.execute(delete(StatementRecord).where(mine))
    rows.execute(delete(RefusedRecord).where(RefusedRecord.member == number))
    blank = update(EnrolmentRecord).where(EnrolmentRecord.member == number)
    rows.execute(blank.values(envelope=b"", welcome=b""))
    rows.execute(update(ObjectionRecord).where(ObjectionRecord.member == number).values(words="", reasons=""))
    objected = select(ObjectionRecord.id).where(ObjectionRecord.member == number)
    rows.execute(update(AppealRecord).where(AppealRecord.objection.in_(objected)).values(words="", reasons=""))
    profiles = ProfileRecord.member == number
    last = rows.scalar(select(func.max(ProfileRecord.version)).where(profiles))
    rows.execute(delete(ProfileRecord).where(profiles, ProfileRecord.version != last))
    rows.execute(update(ProfileRecord).where(profiles).values(profile=msgspec.to_builtins(left.profile)))
    rows.execute(update(MemberRecord).where(MemberRecord.number == number).values(why="", erased_us=now_us))
    return count
