"""Things: what a grade is given to, by a stable name; and branches: many of them at once.

A thing is `kind/...`: `signal/press/load`, `states/press`, `kpi/line/cell/oee`, `accounts`. A branch is a place,
`line/cell`, or a kind of things in a place, `signal@line/cell`; `signal@site` is all of a kind, `site` everything.
"""

from __future__ import annotations

from dataclasses import dataclass

from lineside.errors import ConfigurationError
from lineside.trust.grades import Grade, facts
from lineside.trust.permissions import SITE

PLACES = ("machine", "line", "area")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing: where it belongs, from the narrowest place to the site, and what it is made of."""

    id: str
    places: tuple[str, ...] = (SITE,)
    inputs: tuple[str, ...] = ()
    name: str = ""
    """What people call it."""
    gone: bool = False
    """Whether the newest edition does not name it any more; what was stored of it is still there."""
    least: Grade = Grade.GENERAL
    """It has this grade at least, whatever is said."""

    @property
    def kind(self) -> str:
        """Its kind, the first word of its name."""
        return self.id.partition("/")[0]


def branches_of(thing: Thing) -> tuple[str, ...]:
    """Its own name and every branch it is in, the most specific first."""
    return (thing.id, *(branch for place in thing.places for branch in (f"{thing.kind}@{place}", place)))


def parse_branch(text: str) -> str:
    """The name of a thing or branch, looked at. Raises ConfigurationError for what can be none."""
    told = text.strip()
    kind, at, place = told.partition("@")
    kinds = facts().kinds
    meant = (kind in kinds and _is_place(place)) if at else (_is_place(told) or told.partition("/")[0] in kinds)
    if len(told) > _LONGEST or not meant:
        raise ConfigurationError("grades.no_branch", branch=told[:80])
    return told


def _is_place(text: str) -> bool:
    level, _, name = text.partition("/")
    return text == SITE or (level in PLACES and bool(name))
