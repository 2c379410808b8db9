"""How a limit of a sandbox is judged: month by month, by what its member told until the month was ripe.

Pure functions. A row of months in which a limit was not kept ends the sandbox; what was not told is not kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lineside.exchange import Limit, LimitKept, kept_in


class Verdict(StrEnum):
    """Whether a limit was kept in a month."""

    KEPT = "kept"
    BEYOND = "beyond"
    UNTOLD = "untold"
    """Nothing was told, or of too little of the planned time."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a member told of an indicator and month; `coverage` is the share of planned time with facts."""

    value: float | None = None
    coverage: float | None = None


def verdict_on(limit: Limit, told: Told, coverage: float) -> Verdict:
    """Whether a limit was kept, where the indicator needs so much coverage.

    A value without any, as one that was entered by hand, counts as untold where some is needed. A limit itself is kept.
    """
    return Verdict(kept_in(limit, told.value, told.coverage, coverage))


def in_a_row(verdicts: Sequence[Verdict]) -> int:
    """In how many of the last months, one after another, a limit was not kept."""
    for back, one in enumerate(reversed(verdicts)):
        if one is Verdict.KEPT:
            return back
    return len(verdicts)


def broken(limits: Sequence[Limit], months: Sequence[Sequence[Verdict]]) -> tuple[int, ...]:
    """The places of the limits that end a sandbox, by the verdicts on each limit in each month."""
    return tuple(at for at, limit in enumerate(limits) if in_a_row([month[at] for month in months]) >= limit.months)


def kept(limits: Sequence[Limit], months: Iterable[Sequence[Verdict]]) -> tuple[LimitKept, ...]:
    """How each limit was kept in these months."""
    told = list(months)
    found = ([month[at] for month in told] for at in range(len(limits)))
    return tuple(
        LimitKept(
            limit=limit,
            kept=verdicts.count(Verdict.KEPT),
            beyond=verdicts.count(Verdict.BEYOND),
            untold=verdicts.count(Verdict.UNTOLD),
        )
        for limit, verdicts in zip(limits, found, strict=True)
    )
