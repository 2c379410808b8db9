"""What was put into the demo cluster on purpose, so that it can be looked for, and whether it was found be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from lineside.demo.cluster.adopting import Adopting, adopting
from lineside.demo.cluster.firms import Firm
from lineside.demo.cluster.standing import standing

_PLANTED = 3
"""The stream of random numbers of this module."""
_PILOT_MONTHS = 10
"""Of the last months, those in which the pilot runs."""
_GAME_MONTHS = 6
_NEVER = 2**40
"""A month that does not come."""
_QUIET_MONTHS = 2
"""The last months, in which nothing is left out or corrected, so that everybody can be seen there."""

Game: TypeAlias = Literal["combination", "jump"]
"""An OEE above its availability; an availability that is perfect from one month to the next."""


@dataclass(frozen=True, slots=True)
class Pilot:
    """Members that all did the same from one month on, and what it does to an indicator of theirs."""

    start: int
    """The first month with the effect."""
    members: tuple[int, ...]
    indicator: str = "recovery_time"
    change: float = -0.25
    """Relative."""


@dataclass(frozen=True, slots=True)
class Planted:
    """By the number of a member, and months as numbers of `exchange.month_number`."""

    pilot: Pilot
    adopting: tuple[Adopting, ...]
    """Who puts to use what the pilot tried, or gives it up: the pilot's members, and others after it."""
    games: Mapping[int, tuple[Game, int]]
    """Which game, and from which month on."""
    outages: Mapping[int, int]
    """The month in which too little was heard to compare its values."""
    corrections: Mapping[int, int]
    """The month that is told again, one month later."""
    left_out: Mapping[int, tuple[int, ...]]
    """Months that are never told."""

    def uses(self, member: int) -> tuple[int, int] | None:
        """From which month on until before which one a member works as the pilot's members do."""
        told = {one.ended: one.month for one in self.adopting if one.member == member}
        return (told[False], told.get(True, _NEVER)) if told else None


def plant(firms: Sequence[Firm], seed: int, first: int, last: int) -> Planted:
    """What is put into these factories between two months; nobody but a pilot's members gets two things.

    Ten in a hundred are in the pilot, and two play games; the others are few.
    """
    rng, many = np.random.default_rng([seed, _PLANTED]), len(firms)
    measuring = [firm for firm in firms if firm.connected and firm.calendar and firm.cycle and firm.units]
    lowest = sorted(measuring, key=lambda firm: standing(firm, seed).availability)
    jump, combination = (firm.number for firm in lowest[:2])
    rest = [firm.number for firm in measuring if firm.number not in {jump, combination}]
    rng.shuffle(rest)
    pilot, rest = rest[: many // 10], rest[many // 10 :]
    outages, rest = rest[: max(1, many // 50)], rest[max(1, many // 50) :]
    corrected = rest[: max(1, many // 60)]
    apart = {jump, combination, *outages, *corrected}
    others = [firm.number for firm in firms if firm.number not in apart]
    silent = sorted(int(one) for one in rng.choice(others, max(1, many // 15), replace=False))

    def month() -> int:
        return int(rng.integers(first + 1, last - _QUIET_MONTHS))

    tried = Pilot(last - _PILOT_MONTHS + 1, tuple(sorted(pilot)))
    divisions = {firm.number: firm.division for firm in firms if firm.number not in apart}
    return Planted(
        tried,
        tuple(adopting(seed, tried.members, divisions, tried.start, last)),
        {combination: ("combination", last - _GAME_MONTHS + 1), jump: ("jump", last - _GAME_MONTHS + 1)},
        {member: month() for member in sorted(outages)},
        {member: month() for member in sorted(corrected)},
        {member: tuple(sorted({month() for _ in range(int(rng.integers(1, 4)))})) for member in silent},
    )
