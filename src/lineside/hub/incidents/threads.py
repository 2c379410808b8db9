"""What members told of incidents, put together: the first word of each and what follows it. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lineside.exchange import Incident
from lineside.hub.hearing import Uttered


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at an incident. Times are microseconds since 1970; people are as the ledger names them."""

    by: str
    at_us: int
    purpose: str
    entry: int


@dataclass(frozen=True, slots=True)
class Share:
    """Somebody let those who follow another concern look, too."""

    concern: str
    by: str
    at_us: int
    reasons: str


@dataclass(frozen=True, slots=True)
class Closure:
    """Somebody closed it, as it was told until a statement."""

    last: int
    by: str
    at_us: int
    reasons: str


@dataclass(frozen=True, slots=True)
class Thread:
    """One incident: its first word, what was said of it later, and what the hub's people did."""

    said: tuple[Uttered[Incident], ...]
    looks: tuple[Look, ...] = ()
    shares: tuple[Share, ...] = ()
    closures: tuple[Closure, ...] = ()

    @property
    def number(self) -> int:
        """By which the hub's people name it, as it tells not whose it is: the entry in the ledger of its first word."""
        return self.said[0].entry

    @property
    def member(self) -> int:
        """Who told it."""
        return self.said[0].told.member

    @property
    def statement(self) -> int:
        """The number of its first word, by which its member names it."""
        return self.said[0].told.number

    @property
    def last(self) -> int:
        """The number of its last word."""
        return self.said[-1].told.number

    @property
    def severity(self) -> int:
        """As its last word has it, from 1 to 4."""
        return self.said[-1].told.severity

    @property
    def concerns(self) -> tuple[str, ...]:
        """What it concerns by the words of its member, the first one first."""
        return tuple(dict.fromkeys(one.told.concern for one in self.said))

    @property
    def reached_by(self) -> frozenset[str]:
        """The concerns whose overseers may look: those that its member named, and those it was shared with."""
        return frozenset(self.concerns) | {one.concern for one in self.shares}

    @property
    def closed(self) -> bool:
        """Whether nothing was told since it was closed."""
        return any(one.last >= self.last for one in self.closures)


def threads(said: Iterable[Uttered[Incident]]) -> list[list[Uttered[Incident]]]:
    """The words of each incident in their order; the incidents in the order of their first words.

    A word that follows nothing, or none of its own member's that came before it, begins one.
    """
    begun: dict[tuple[int, int], list[Uttered[Incident]]] = {}
    for one in said:
        told = one.told
        before = None if told.follows is None else begun.get((told.member, told.follows))
        words = [] if before is None else before
        words.append(one)
        begun[told.member, told.number] = words
    return list({id(words): words for words in begun.values()}.values())
