"""The demo cluster: members that are no factories, and what they say month by month. Pure: a seed gives it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lineside.demo.cluster.courses import courses
from lineside.demo.cluster.firms import Firm, firms
from lineside.demo.cluster.planted import Planted, plant
from lineside.demo.cluster.values import undercounted, values
from lineside.exchange import Profile, Value, catalogue
from lineside.texts import DEFAULT_LANGUAGE, say

MEMBERS = 300
MONTHS = 24
_UNCOUNTED = 0.06
"""The share of units that a factory counts only after it told the month."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a member says at one time of one month."""

    month: int
    """The month that it is about, as a number of `exchange.month_number`."""
    after: int
    """The last month that is over when it is said: later than `month` for a correction."""
    values: tuple[Value, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class GeneratedMember:
    """A member that is no factory, by its number among the generated ones, which begins with 1."""

    number: int
    profile: Profile
    said: tuple[Said, ...]
    """In the order in which it says it."""


@dataclass(frozen=True, slots=True)
class GeneratedCluster:
    """All generated members, and what was put into them on purpose."""

    members: tuple[GeneratedMember, ...]
    planted: Planted


def generate(
    seed: int, count: int = MEMBERS, *, last: int, months: int = MONTHS, language: str = DEFAULT_LANGUAGE
) -> GeneratedCluster:
    """So many members, and so many months of each up to `last`; the same arguments give the same bytes."""
    made, first = firms(seed, count), last - months + 1
    planted = plant(made, seed, first, last)
    return GeneratedCluster(
        tuple(
            GeneratedMember(
                firm.number, _profile(firm, language), tuple(_said(firm, seed, first, last, planted, language))
            )
            for firm in made
        ),
        planted,
    )


def _profile(firm: Firm, language: str) -> Profile:
    return Profile(
        name=say("demo.cluster.member", language, number=f"{firm.number:03d}"),
        industry=firm.division,
        region=firm.region,
        employees=firm.employees,
        revenue_cny=firm.revenue_cny,
        turnover_eur=firm.turnover_eur,
        balance_eur=firm.balance_eur,
        traits=(say(f"demo.cluster.kind.{firm.kind}", language),),
        generated=True,
    )


def _said(firm: Firm, seed: int, first: int, last: int, planted: Planted, language: str) -> Iterator[Said]:
    """What it says, a month at a time, and of the month that it corrects first too little and then the rest."""
    found = courses(firm, seed, first, last, planted)
    silent, corrected = planted.left_out.get(firm.number, ()), planted.corrections.get(firm.number)
    late: Said | None = None
    for month in range(first, last + 1):
        told = values(firm, found, month - first, catalogue(), planted, month)
        if month == corrected:
            early = {one.indicator: one for one in undercounted(told, _UNCOUNTED)}
            again = tuple(one for one in told if one.indicator in early)
            late = Said(month, month + 1, again, say("demo.cluster.correction", language))
            told = tuple(early.get(one.indicator, one) for one in told)
        if month not in silent:
            yield Said(month, month, told)
        if late is not None and late.after == month:
            yield late
