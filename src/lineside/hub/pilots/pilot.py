"""A pilot as a hub keeps it: its plan, when it was fixed, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from lineside.hub.pilots.outcome import Outcome
from lineside.hub.pilots.plan import Plan, Registered
from lineside.hub.pilots.telling import Told

Group: TypeAlias = Literal["treated", "comparison"]


class State(StrEnum):
    """Where a pilot stands."""

    PLANNED = "planned"
    RUNNING = "running"
    OVER = "over"
    """Its last month is over, and it is not judged yet."""
    JUDGED = "judged"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """That it was called off before its start, and why. Times are microseconds since 1970."""

    at_us: int
    by: str
    why: str
    entry: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found, once and for good."""

    outcome: Outcome
    told: Told | None
    """What others than the hub's analysts may be told of it; None where the groups are too small."""
    sha256: str
    """Of the outcome's document; the entry of the ledger names it."""
    at_us: int
    entry: int


@dataclass(frozen=True, slots=True)
class Pilot:
    """One of them; `fixed_by` is as the ledger names people, `entry` is that of the ledger which names its hash."""

    number: int
    plan: Plan
    fixed: Registered
    fixed_us: int
    fixed_by: str
    entry: int
    cancelled: Cancelled | None = None
    judged: Judged | None = None

    def state(self, month: int) -> State:
        """Where it stands in a month (since the year 0)."""
        if self.cancelled is not None:
            return State.CANCELLED
        if self.judged is not None:
            return State.JUDGED
        if month < self.plan.start:
            return State.PLANNED
        return State.RUNNING if month < self.plan.end else State.OVER

    def group(self, member: int) -> Group | None:
        """In which group a member is; None for who does not take part."""
        if member in self.plan.treated:
            return "treated"
        return "comparison" if member in self.plan.comparison else None

    def meets(self, plan: Plan) -> set[int]:
        """Members whose part in this pilot spoils another plan of the same indicator, or it theirs.

        Whoever takes part in one can neither be compared in the other in the same months, nor take part in it.
        """
        apart = self.plan.end <= plan.first or plan.end <= self.plan.first
        if apart or self.cancelled is not None or self.plan.hypothesis.indicator != plan.hypothesis.indicator:
            return set()
        mine, theirs = set(self.plan.treated), set(plan.treated)
        return (mine & {*plan.treated, *plan.comparison}) | (theirs & set(self.plan.comparison))
