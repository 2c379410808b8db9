"""Which generated members put a pack to use, and when: as it spreads from a pilot to those around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lineside.exchange import Foreseen

_ADOPTING = 7
"""The stream of random numbers of this module."""
_FORESEEN = (-0.35, -0.15)
"""What the twins of members said of the time to recover, as shares."""
_COST_CNY = 32_000.0
_TOLD_COST = 0.7
"""The share of those who adopt it that tell what it cost."""
_GAVE_UP = 0.06
_GIVES_UP = 7
"""Months until they do: a pilot's members not before it is over."""
_AFTER_PILOT = 6
"""Months until others follow."""


@dataclass(frozen=True, slots=True)
class Adopting:
    """A generated member puts the pack to use in a month, or gives it up in another one."""

    member: int
    month: int
    cost_cny: float | None = None
    foreseen: tuple[Foreseen, ...] = ()
    ended: bool = False


def adopting(seed: int, pilot: Sequence[int], members: Mapping[int, str], start: int, last: int) -> list[Adopting]:
    """Who adopts it when, by the numbers of generated members and their divisions; the same seed gives the same.

    The members of the pilot do so when it starts. Half a year later others follow, as neighbours do: more where more
    of their industry have it already (Bass, 1969: innovators and imitators).
    """
    rng = np.random.default_rng([seed, _ADOPTING])
    found = [_adopts(rng, member, start) for member in sorted(pilot)]
    using = set(pilot)
    for month in range(start + _AFTER_PILOT, last + 1):
        share = {one: _share(using, members, one) for one in set(members.values())}
        chances = {one: 0.01 + 0.12 * share[division] for one, division in members.items() if one not in using}
        fresh = [one for one, chance in sorted(chances.items()) if rng.random() < chance]
        found += [_adopts(rng, member, month) for member in fresh]
        using.update(fresh)
    ended = [Adopting(one.member, min(one.month + _GIVES_UP, last), ended=True) for one in found if _leaves(rng)]
    return sorted([*found, *ended], key=lambda one: (one.month, one.ended, one.member))


def _adopts(rng: np.random.Generator, member: int, month: int) -> Adopting:
    cost = float(round(rng.lognormal(np.log(_COST_CNY), 0.35), -2))
    off = float(rng.normal(0.0, 0.06))
    low, high = (round(end + off, 3) for end in _FORESEEN)
    foreseen = (Foreseen(indicator="recovery_time", low=low, high=high, relative=True),)
    return Adopting(member, month, cost if rng.random() < _TOLD_COST else None, foreseen)


def _leaves(rng: np.random.Generator) -> bool:
    return bool(rng.random() < _GAVE_UP)


def _share(using: set[int], members: Mapping[int, str], division: str) -> float:
    alike = [one for one, other in members.items() if other == division]
    return sum(one in using for one in alike) / len(alike)
