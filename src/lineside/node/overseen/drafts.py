"""What a person is about to say to the hub: seen byte for byte before it is signed, and signed only as it was seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from lineside.errors import ConfigurationError, LinesideError
from lineside.exchange import Statement, encoded
from lineside.node.member import Build, Member, Said, things_told
from lineside.trust import HERE

_OF_CHAIN = frozenset({"hub", "member", "number", "previous", "made_ms", "luck"})
"""What changes by itself until it is signed."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement that nobody signed yet."""

    statement: Statement
    things: tuple[str, ...]
    """What it tells of, as the valve names things."""
    missing: tuple[str, ...]
    """Those that the open release does not name; all where none is open."""
    held: LinesideError | None
    """Why the valve would not let it out; None: it would."""

    @property
    def content(self) -> bytes:
        """The bytes that would be signed; number, head, time and luck are those of now."""
        return encoded(self.statement)

    @property
    def digest(self) -> str:
        """By which what was seen is named: SHA-256 of all that does not change by itself."""
        told: dict[str, Any] = msgspec.to_builtins(self.statement)
        return sha256(msgspec.json.encode({k: v for k, v in sorted(told.items()) if k not in _OF_CHAIN})).hexdigest()


class Drafts:
    """Makes and signs them."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def of(self, build: Build) -> Draft:
        """What would be said. Raises ConfigurationError where this node is no member."""
        told = self._member.drafted(build)
        found = self._member.memberships.speaking()
        things = tuple(sorted(things_told(told)))
        lacking = (tuple(one for one in things if one not in each.things) for each in self._member.opened(found))
        missing = min(lacking, key=len, default=things)
        return Draft(told, things, missing, self._member.held_back(found, told))

    def sign(self, draft: Callable[[], Build], seen: str, who: str = HERE) -> Said:
        """Signs it, where it still is what somebody saw; it leaves with the next run.

        Raises ConfigurationError where it became something else, Withheld where the valve would not let it out.
        """
        build = draft()
        if self.of(build).digest != seen:
            raise ConfigurationError("overseen.changed")
        return self._member.say(build, who)
