"""What a pilot is to show, with whom and when: fixed before it starts, so that nobody can choose it by its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from math import isfinite
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import month_name
from lineside.hub.pilots.panel import Panel
from lineside.trust import Entry, Kind

LEAST_MEMBERS = 4
"""In each group: with fewer no interval can be told that is worth anything."""
LEAST_PRE = 4
LEAST_POST = 2


class Choice(StrEnum):
    """How the members of the comparison group were found."""

    NAMED = "named"
    """Somebody chose them."""
    MATCHED = "matched"
    """The nearest to those that take part, see `matched`."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What is expected of an indicator.

    `expected` and `worth`, the smallest change that would be worth the effort, carry the sign of the change, in the
    indicator's unit; of a `relative` one they are shares: -0.25 is a quarter less.
    """

    indicator: str
    expected: float
    worth: float
    relative: bool = False

    def __post_init__(self) -> None:
        wide = isfinite(self.expected) and isfinite(self.worth) and self.expected * self.worth > 0
        if not wide or abs(self.worth) > abs(self.expected):
            raise ConfigurationError("pilots.no_hypothesis", expected=self.expected, worth=self.worth)
        if self.relative and self.expected <= -1:
            raise ConfigurationError("pilots.no_share", expected=self.expected)

    @property
    def direction(self) -> int:
        """1 where more is expected, -1 where less is."""
        return 1 if self.expected > 0 else -1


@dataclass(frozen=True, slots=True)
class Plan:
    """A pilot: members by their numbers, months by theirs; `start` is the first month that counts as after."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    hypothesis: Hypothesis
    treated: tuple[int, ...]
    comparison: tuple[int, ...]
    start: int
    pre: Annotated[int, Meta(le=60)] = 12
    post: Annotated[int, Meta(le=60)] = 6
    alpha: float = 0.05
    """Of 1,000 pilots that change nothing, so many thousandths may seem to; intervals hold 1 - alpha."""
    chosen: Choice = Choice.NAMED

    def __post_init__(self) -> None:
        groups = set(self.treated), set(self.comparison)
        if min(map(len, groups)) < LEAST_MEMBERS:
            raise ConfigurationError("pilots.too_few_planned", least=LEAST_MEMBERS)
        if groups[0] & groups[1] or len(groups[0]) + len(groups[1]) < len(self.treated) + len(self.comparison):
            raise ConfigurationError("pilots.member_twice", members=self._twice())
        if self.pre < LEAST_PRE or self.post < LEAST_POST:
            raise ConfigurationError("pilots.too_short", pre=LEAST_PRE, post=LEAST_POST)
        if not 0.001 <= self.alpha <= 0.2:
            raise ConfigurationError("pilots.no_alpha", alpha=self.alpha)

    @property
    def first(self) -> int:
        """The first month that is looked at."""
        return self.start - self.pre

    @property
    def end(self) -> int:
        """The month after the last that counts."""
        return self.start + self.post

    def document(self) -> bytes:
        """The plan as it is kept and hashed: the same bytes for the same plan."""
        return msgspec.json.encode(_Document("lineside.pilot/1", self), order="sorted")

    def _twice(self) -> str:
        told = [*self.treated, *self.comparison]
        return ", ".join(str(one) for one in sorted({one for one in told if told.count(one) > 1}))


class _Document(Struct, frozen=True, forbid_unknown_fields=True):
    schema: Literal["lineside.pilot/1"]
    plan: Plan


@dataclass(frozen=True, slots=True)
class Registered:
    """A plan that was fixed in a month, before its start; the hash stands in the hub's ledger."""

    document: bytes
    sha256: str
    month: int

    def entry(self, about: str, who: str, time_us: int) -> Entry:
        """What the ledger says of it: hash and start alone, as a ledger is public and a plan names members."""
        start = month_name(plan_of(self).start)
        return Entry(Kind.PILOT_FIXED, time_us, who, about, {"sha256": self.sha256, "start": start})


def register(plan: Plan, month: int, panel: Panel) -> Registered:
    """Fix a plan in this month, by the hub's clock.

    Raises ConfigurationError once the start month has begun, or where values of its members from the start on are
    already there: who has looked may no longer choose.
    """
    if plan.start <= month:
        raise ConfigurationError("pilots.begun", start=month_name(plan.start), month=month_name(month))
    rows = panel.rows((*plan.treated, *plan.comparison))
    if panel.between(rows, plan.start, panel.end).any_told():
        raise ConfigurationError("pilots.looked", start=month_name(plan.start))
    document = plan.document()
    return Registered(document, sha256(document).hexdigest(), month)


def plan_of(registered: Registered) -> Plan:
    """The plan as it was fixed. Raises UnusableData where the document is not the one of the hash."""
    if sha256(registered.document).hexdigest() != registered.sha256:
        raise UnusableData("pilots.changed", sha256=registered.sha256)
    try:
        plan = msgspec.json.decode(registered.document, type=_Document).plan
    except msgspec.MsgspecError as error:
        raise UnusableData("pilots.no_plan", reason=str(error)) from error
    if registered.month >= plan.start:
        raise UnusableData("pilots.fixed_late", month=month_name(registered.month), start=month_name(plan.start))
    return plan
