"""Incidents that people of this factory tell the hub of, and who looked at them there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lineside.errors import ConfigurationError
from lineside.exchange import Incident
from lineside.node.member import Build, Member, Said
from lineside.node.overseen.drafts import Draft, Drafts
from lineside.node.overseen.kept import Kept, Look
from lineside.trust import HERE

CONCERNS = ("safety", "environment", "quality", "security")
"""What a hub that names no concerns of its own goes by."""
SEVERITIES = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened, in a person's words. Times in milliseconds since 1970; `follows` is the number of a statement."""

    concern: str
    severity: int
    title: str
    began_ms: int
    words: str = ""
    ended_ms: int | None = None
    follows: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An incident that was told, what was said of it later, and who looked at any of that."""

    first: Said
    more: tuple[Said, ...]
    looks: tuple[Look, ...]


class Incidents:
    """Tells them."""

    def __init__(self, member: Member, kept: Kept, drafts: Drafts) -> None:
        self._member, self._kept, self._drafts = member, kept, drafts

    def look(self, happened: Happened) -> Draft:
        """What would be said. Raises ConfigurationError."""
        return self._drafts.of(self._build(happened))

    def say(self, happened: Happened, seen: str, who: str = HERE) -> Said:
        """Signs what was seen. Raises what `look` and `Drafts.sign` do."""
        return self._drafts.sign(lambda: self._build(happened), seen, who)

    def all(self) -> list[Told]:
        """Every incident that was told, the newest first."""
        found = self._member.memberships.speaking()
        said = [one for one in self._member.chain.all(found) if isinstance(one.statement, Incident)]
        first = firsts({one.number: one.statement.follows for one in said if isinstance(one.statement, Incident)})
        looks = self._kept.looks(found)
        return [
            Told(
                one,
                tuple(more for more in said if more is not one and first[more.number] == one.number),
                tuple(look for look in looks if first.get(look.incident) == one.number),
            )
            for one in reversed(said)
            if first[one.number] == one.number
        ]

    def _build(self, happened: Happened) -> Build:
        if happened.severity not in SEVERITIES:
            raise ConfigurationError("overseen.severity", severity=happened.severity)
        if not happened.title.strip() or not happened.concern.strip():
            raise ConfigurationError("overseen.no_title")
        if happened.began_ms > self._member.now() // 1000 or (
            happened.ended_ms is not None and happened.ended_ms < happened.began_ms
        ):
            raise ConfigurationError("overseen.incident_time")
        if happened.follows is not None:
            self._require_told(happened.follows)
        return lambda fields: Incident(
            concern=happened.concern.strip(),
            severity=happened.severity,
            title=happened.title.strip(),
            words=happened.words.strip(),
            began_ms=happened.began_ms,
            ended_ms=happened.ended_ms,
            follows=happened.follows,
            **fields,
        )

    def _require_told(self, number: int) -> None:
        said = self._member.chain.all(self._member.memberships.speaking())
        if not any(one.number == number and isinstance(one.statement, Incident) for one in said):
            raise ConfigurationError("overseen.no_incident", number=number)


def firsts(follows: Mapping[int, int | None]) -> dict[int, int]:
    """The number of the incident that each statement about one goes back to, by what it says it follows."""
    found: dict[int, int] = {}
    for number in sorted(follows):
        before = follows[number]
        found[number] = number if before is None else found.get(before, number)
    return found
