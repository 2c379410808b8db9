"""One change of the register: what is true within it, and what is written when it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session as Rows

from lineside.exchange import Profile
from lineside.hub.member import KeySpan, Member, Standing
from lineside.hub.numbering import following
from lineside.hub.records import KeyRecord, MemberRecord, ProfileRecord
from lineside.trust import Entry, Fact, Kind, Ledger, fingerprint


@dataclass(slots=True)
class Change:
    """A session of the books, with the members as this change leaves them so far."""

    rows: Rows
    now_us: int
    _before: Mapping[int, Member]
    _known_keys: Mapping[bytes, int]
    _ledger: Ledger
    changed: dict[int, Member] = field(default_factory=dict)
    keys: dict[bytes, int] = field(default_factory=dict)
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    """What is to be done when it is kept."""
    _entries: list[Entry] = field(default_factory=list)
    _written: int = 0
    _first: int | None = None
    _highest: int | None = None
    _inserted: dict[int, dict[str, Any]] = field(default_factory=dict)
    """New members as they were written at once."""
    _versions: dict[int, int] = field(default_factory=dict)
    """Of profiles, the last of each member that was noted."""

    # -- members -----------------------------------------------------------------------------------

    def member(self, number: int) -> Member | None:
        """A member as it is within this change."""
        return self.changed.get(number) or self._before.get(number)

    @property
    def next_number(self) -> int:
        """The number of the next new member."""
        if self._highest is None:
            self._highest = following(self.rows, "member", max(self._before, default=0)) - 1
        return self._highest + 1

    def holder(self, public: bytes) -> int | None:
        """Whose key it is or was."""
        return self.keys.get(public) or self._known_keys.get(public)

    def put(self, member: Member) -> None:
        """The member is so from here on; `write` keeps it."""
        if self.member(member.number) is None:  # now, as what belongs to it refers to it
            told = self._inserted[member.number] = _told(member)
            self.rows.execute(insert(MemberRecord).values(number=member.number, why="", **told))
            self._highest = max(self.next_number - 1, member.number)
        self.changed[member.number] = member
        for span in member.keys:
            if span.public not in self._known_keys:
                self.keys[span.public] = member.number

    def note_profile(self, member: int, number: int, profile: Profile) -> None:
        """Writes down what a member is from a statement on."""
        version = self._versions[member] = self._last_version(member) + 1
        kept: dict[str, object] = msgspec.to_builtins(profile)
        self.rows.add(ProfileRecord(member=member, version=version, number=number, since_us=self.now_us, profile=kept))

    def _last_version(self, member: int) -> int:
        """That of a member's last profile; -1 before the first."""
        if member in self._versions:
            return self._versions[member]
        if member in self._inserted:
            return -1
        last = self.rows.scalar(select(func.max(ProfileRecord.version)).where(ProfileRecord.member == member))
        return -1 if last is None else last

    # -- the ledger --------------------------------------------------------------------------------

    def say(self, kind: Kind, /, *, who: str, about: str, **facts: Fact) -> int:
        """Notes an entry of the ledger; gives its place among those of this change."""
        self._entries.append(Entry(kind, self.now_us, who, about, facts))
        return len(self._entries) - 1

    def entry(self, place: int) -> int:
        """The index in the ledger of a noted entry. From the first call on no other entry can be noted."""
        if self._first is None:
            self._first = self._ledger.write_all(self.rows, self._entries)
            self._written = len(self._entries)
        return self._first + place

    # -- the books ---------------------------------------------------------------------------------

    def write(self) -> None:
        """Writes members and keys that are other than before, and the entries."""
        if self._entries:
            self.entry(0)
        if len(self._entries) != self._written:
            raise RuntimeError("an entry was noted behind those that are written")
        for number, member in self.changed.items():
            before = self._before.get(number)
            kept = self._inserted.get(number) if before is None else _told(before)
            if kept != _told(member):
                mine = MemberRecord.number == number
                self.rows.execute(update(MemberRecord).where(mine).values(**_told(member)))
            self._write_keys(member, before)

    def _write_keys(self, member: Member, before: Member | None) -> None:
        known: Mapping[bytes, KeySpan] = {} if before is None else {one.public: one for one in before.keys}
        for span in member.keys:
            kept = {"since": span.since, "until": span.until}
            if span.public not in known:
                self.rows.add(KeyRecord(member=member.number, public=span.public.hex(), **kept))
            elif known[span.public] != span:
                mine = KeyRecord.public == span.public.hex()
                self.rows.execute(update(KeyRecord).where(mine).values(**kept))


def _told(member: Member) -> dict[str, Any]:
    return {
        "state": member.state.value,
        "label": member.label,
        "enrolled_us": member.enrolled_us,
        "admitted_us": member.admitted_us,
        "ended_us": member.ended_us,
        "into": member.into,
    }


def about(number: int) -> str:
    """How the ledger names a member."""
    return f"member/{number}"


def shown(member: Member) -> str:
    """The fingerprint of the key that speaks for a member, for people to compare; "-" while there is none."""
    return "-" if member.key is None or member.state is Standing.CLOSED else fingerprint(member.key)
