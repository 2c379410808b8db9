"""A member as the hub knows it: its keys, how far its chain goes, and what it may do now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lineside.exchange import Profile


class Standing(StrEnum):
    """How far a membership is."""

    PENDING = "pending"
    """It enrolled, or came again with a new key; a registrar has not compared the fingerprint yet."""
    MEMBER = "member"
    LEFT = "left"
    """By its own word."""
    CLOSED = "closed"
    """By a registrar, who may also never have admitted it."""

    @property
    def over(self) -> bool:
        """Whether nothing more is taken of it."""
        return self in (Standing.LEFT, Standing.CLOSED)


@dataclass(frozen=True, slots=True)
class KeySpan:
    """A key that may sign the statements `since` to `until`, the last included; None while it is in use."""

    public: bytes
    since: int
    until: int | None = None

    def speaks_at(self, number: int) -> bool:
        """Whether it may sign the statement of this number."""
        return self.since <= number and (self.until is None or number <= self.until)


@dataclass(frozen=True, slots=True)
class Member:
    """One member; `last` is the number of its last statement, 0 before the first, and `head` what the next one names.

    Times are microseconds since 1970.
    """

    number: int
    state: Standing
    label: str
    """As whoever invited it calls it."""
    profile: Profile
    keys: tuple[KeySpan, ...]
    last: int
    head: str
    enrolled_us: int
    admitted_us: int | None = None
    ended_us: int | None = None
    into: int | None = None

    @property
    def key(self) -> bytes | None:
        """The key that speaks for it from here on; None while there is none."""
        return self.key_at(self.last + 1)

    def key_at(self, number: int) -> bytes | None:
        """The key that may sign the statement of this number; None where it was lost."""
        return next((one.public for one in reversed(self.keys) if one.speaks_at(number)), None)

    def with_key(self, public: bytes | None, last: int) -> tuple[KeySpan, ...]:
        """Its keys when `public` speaks from the statement after `last` on; None for none."""
        ended = (
            KeySpan(one.public, one.since, last if one.until is None else min(one.until, last)) for one in self.keys
        )
        return (*ended, *(() if public is None else (KeySpan(public, last + 1),)))
