"""A sandbox: terms that the hub signed, how far they are, and how each month was judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from lineside.exchange import LimitKept, Sandbox, month_number
from lineside.hub.sandboxes.judging import Verdict, in_a_row, kept


class State(StrEnum):
    """How far it is, as the books hold it."""

    OFFERED = "offered"
    """The member has not agreed."""
    AGREED = "agreed"
    """It runs from its first month on, until it ends."""
    ENDED = "ended"
    """Also where it was never agreed to."""


Stage: TypeAlias = Literal["offered", "agreed", "running", "judging", "ended"]
"""How far it is at a moment: "agreed" before its first month, "judging" after its last one, until that is judged."""


class Cause(StrEnum):
    """Why a sandbox is over."""

    LAST = "last"
    """Its last month was judged."""
    LIMIT = "limit"
    """So many months in a row a limit was not kept."""
    OVERSEER = "overseer"
    MEMBER = "member"
    LEFT = "left"
    """Its member is none any more."""
    FORMER = "former"
    """The sandbox that it extended ended before its last month was kept."""
    LAPSED = "lapsed"
    """Nobody agreed until its first month was over."""
    DECLINED = "declined"


class JudgedLimit(Struct, frozen=True, omit_defaults=True):
    """One limit in one month."""

    indicator: str
    verdict: Verdict
    value: float | None = None
    coverage: float | None = None
    origin: str = ""


class Content(Struct, frozen=True, kw_only=True):
    """What is kept of a month; `luck` keeps its hash from being guessed."""

    limits: tuple[JudgedLimit, ...]
    luck: str

    @property
    def sha256(self) -> str:
        """By which the ledger names it."""
        return sha256(msgspec.json.encode(self)).hexdigest()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The newest judgement of a month (since the year 0)."""

    month: int
    edition: int
    judged_us: int
    entry: int
    limits: tuple[JudgedLimit, ...]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """On each limit."""
        return tuple(one.verdict for one in self.limits)


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox as it stands. Times are microseconds since 1970; people are as the ledger names them."""

    terms: Sandbox
    sha256: str
    envelope: bytes
    follows: int | None
    state: State
    offered_us: int
    offered_by: str
    agreed_us: int | None
    statement: int | None
    ended_us: int | None
    ended_by: str | None
    why: Cause | None
    reasons: str
    report: bytes | None
    months: tuple[Judgement, ...]
    """In their order."""

    @property
    def number(self) -> int:
        """Of the terms."""
        return self.terms.number

    @property
    def member(self) -> int:
        """Whose it is."""
        return self.terms.member

    @property
    def first(self) -> int:
        """Its first month, since the year 0."""
        return month_number(self.terms.first)

    @property
    def last(self) -> int:
        """Its last month."""
        return month_number(self.terms.last)

    def stage(self, month: int) -> Stage:
        """How far it is in a month."""
        if self.state is not State.AGREED:
            return "offered" if self.state is State.OFFERED else "ended"
        if month < self.first:
            return "agreed"
        return "running" if month <= self.last else "judging"

    @property
    def verdicts(self) -> list[tuple[Verdict, ...]]:
        """On each limit, month by month."""
        return [one.verdicts for one in self.months]

    @property
    def kept(self) -> tuple[LimitKept, ...]:
        """How each limit was kept so far."""
        return kept(self.terms.limits, self.verdicts)


@dataclass(frozen=True, slots=True)
class Warned:
    """What may soon end a sandbox; `key` is one of the texts under `sandboxes.warning.`."""

    key: Literal["last", "once_more", "untold", "unwatched", "unanswered"]
    month: int | None = None
    indicator: str | None = None
    more: int | None = None
    """So many more months like that end it."""


def warnings(one: Running, month: int, ripe: int | None, silent: Sequence[str] = ()) -> tuple[Warned, ...]:
    """What may end it, seen in a month; `ripe` is the last month that is ripe, None where none ever is.

    `silent` are the indicators of limits of which nothing was told of the last month that is over.
    """
    stage = one.stage(month)
    if stage == "offered":
        return (Warned("unanswered", one.first),)
    if stage not in ("running", "judging"):
        return ()
    found = [] if ripe is not None else [Warned("unwatched")]
    for at, limit in enumerate(one.terms.limits):
        row = in_a_row([verdicts[at] for verdicts in one.verdicts])
        if row:
            found.append(Warned("once_more", one.months[-1].month, limit.indicator, limit.months - row))
    judged = one.months[-1].month if one.months else one.first - 1
    over = min(month - 1, one.last)
    if over > judged:
        found += [Warned("untold", over, name) for name in silent]
    if stage == "running" and one.last - month <= 1:
        found.append(Warned("last", one.last))
    return tuple(found)
