"""Who the members are: in memory, and in the books before it is true.

Whatever changes the register goes through `changing`, one at a time; the members that are seen are those of the last
change that was kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError
from lineside.exchange import Profile
from lineside.hub.changes import Change
from lineside.hub.member import KeySpan, Member, Standing
from lineside.hub.records import EnrolmentRecord, KeyRecord, MemberRecord, ProfileRecord, StatementRecord
from lineside.trust import Ledger


class Register:
    """The members of a hub. `now_us` is the time in microseconds since 1970."""

    def __init__(self, books: Books, ledger: Ledger, now_us: Callable[[], int]) -> None:
        self._books, self._ledger, self._now = books, ledger, now_us
        self._lock = threading.Lock()
        with books.reading() as rows:
            self._members = {one.number: one for one in _stored(rows)}
        self._keys = {span.public: one.number for one in self._members.values() for span in one.keys}
        self._highest = max(self._members, default=0)

    @property
    def members(self) -> Mapping[int, Member]:
        """Everyone who ever enrolled, by number."""
        return MappingProxyType(self._members)

    @property
    def highest(self) -> int:
        """The highest number of a member; 0 without any."""
        return self._highest

    def everybody(self) -> list[Member]:
        """The same as they are at this moment, by number."""
        members = dict(self._members)
        return [members[number] for number in sorted(members)]

    def get(self, number: int) -> Member:
        """A member. Raises ConfigurationError."""
        found = self._members.get(number)
        if found is None:
            raise ConfigurationError("hub.no_member", member=number)
        return found

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """One change of the register and all that belongs to it: kept whole when the block ends well, else undone."""
        with self._lock:
            with self._books.session() as rows:
                change = Change(rows, self._now(), self._members, self._keys, self._ledger)
                yield change
                change.write()
            self._members.update(change.changed)
            self._keys.update(change.keys)
            self._highest = max(self._highest, max(change.changed, default=0))
            for told in change.afterwards:
                told()


def _stored(rows: Rows) -> Iterator[Member]:
    """The members as they lie in the books."""
    keys: dict[int, list[KeySpan]] = {}
    for key in rows.scalars(select(KeyRecord).order_by(KeyRecord.id)):
        keys.setdefault(key.member, []).append(KeySpan(bytes.fromhex(key.public), key.since, key.until))
    newest = select(ProfileRecord).order_by(ProfileRecord.member, ProfileRecord.version)
    profiles = {one.member: one.profile for one in rows.scalars(newest)}
    heads = _heads(rows)
    for one in rows.scalars(select(MemberRecord).order_by(MemberRecord.number)):
        yield Member(
            one.number,
            Standing(one.state),
            one.label,
            msgspec.convert(profiles[one.number], Profile),
            tuple(keys.get(one.number, ())),
            *heads[one.number],
            one.enrolled_us,
            one.admitted_us,
            one.ended_us,
            one.into,
        )


def _heads(rows: Rows) -> dict[int, tuple[int, str]]:
    """Number and hash of the last thing that each member said; of who only enrolled, of the last enrolment."""
    enrolled = select(EnrolmentRecord.member, EnrolmentRecord.sha256).order_by(EnrolmentRecord.received_us)
    heads = {member: (0, sha256) for member, sha256 in rows.execute(enrolled)}
    last = (
        select(StatementRecord.member, func.max(StatementRecord.number).label("number"))
        .group_by(StatementRecord.member)
        .subquery()
    )
    chosen = select(StatementRecord.member, StatementRecord.number, StatementRecord.sha256).join(
        last, (StatementRecord.member == last.c.member) & (StatementRecord.number == last.c.number)
    )
    return heads | {member: (number, sha256) for member, number, sha256 in rows.execute(chosen)}
