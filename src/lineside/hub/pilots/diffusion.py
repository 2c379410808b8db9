"""How far a pack has spread: members that adopted it by month, from a point along a line to a surface.

The hub's analysts see the counts. Others are told of one partition alone, by industry or by region, as two that cross
can be solved for single members. Its counts are "at least", in whole steps of the minimum group, and never so high
that fewer than such a group are left who may not have adopted; the whole is the sum of what is told, so it adds
nothing. Within a group no two members can be told apart, and of those that do not collude both some and not all may
have adopted, whatever the months before and after say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lineside.hub.pilots.panel import Ints

REST = ""
"""The group of those whose own is too small to be told."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """A member put a pack to use, in a month."""

    member: int
    pack: str
    month: int


@dataclass(frozen=True, slots=True)
class Spread:
    """A group: how many of its members adopted by the end of each month."""

    group: str
    members: int
    adopted: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Diffusion:
    """The spread of a pack from month `first` on, in all and by group; exact, or "at least" where it is `told`."""

    pack: str
    first: int
    whole: Spread
    groups: tuple[Spread, ...]
    told: bool = False


def diffusion(
    pack: str, adoptions: Sequence[Adoption], groups: Mapping[int, str], months: tuple[int, int]
) -> Diffusion:
    """The exact spread over the months from the first to before the last given, for the hub's analysts.

    `groups` says the industry or region of each member, by its number. Each member counts once, from the first month
    in which it adopted the pack; who is not among them does not.
    """
    since: dict[int, int] = {}
    for one in adoptions:
        if one.pack == pack and one.member in groups:
            since[one.member] = min(one.month, since.get(one.member, one.month))
    sizes = Counter(groups.values())
    begun = {group: [since[one] for one in since if groups[one] == group] for group in sizes}
    spreads = tuple(Spread(group, sizes[group], _adopted(begun[group], months)) for group in sorted(sizes))
    return Diffusion(pack, months[0], Spread("", len(groups), _adopted(list(since.values()), months)), spreads)


def told_diffusion(exact: Diffusion, least: int) -> Diffusion:
    """What members and the public may be told, with a minimum group of `least`.

    `exact` is of groups that `large_groups` made once and that stay, as does which of industry and region they are:
    what was told with other groups can be subtracted. A group of fewer than `least` is left out.
    """
    groups = tuple(
        Spread(
            one.group,
            one.members // least * least,
            tuple(told_count(np.array(one.adopted, np.int64), one.members, least).tolist()),
        )
        for one in exact.groups
        if one.members >= least
    )
    months = zip(*(one.adopted for one in groups), strict=True)
    adopted = tuple(map(sum, months)) or (0,) * len(exact.whole.adopted)
    return Diffusion(
        exact.pack, exact.first, Spread("", sum(one.members for one in groups), adopted), groups, told=True
    )


def told_count(adopted: Ints, members: int, least: int) -> Ints:
    """Counts as they may be told: whole steps of `least`, at most what leaves `least` members in doubt."""
    told: Ints = np.minimum(adopted, max(members - least, 0)) // least * least
    return told


def large_groups(groups: Mapping[int, str], least: int) -> dict[int, str]:
    """The groups with all too small ones as one, `REST`; the smallest of the others join while that is too small."""
    sizes = Counter(groups.values())
    small = {group for group, size in sizes.items() if size < least or group == REST}
    large = sorted(sizes.keys() - small, key=lambda group: (sizes[group], group))
    while small and sum(sizes[group] for group in small) < least and large:
        small.add(large.pop(0))
    return {member: REST if group in small else group for member, group in groups.items()}


def _adopted(begun: Sequence[int], months: tuple[int, int]) -> tuple[int, ...]:
    by_month = np.array(begun, np.int64)[:, None] <= np.arange(*months)
    return tuple(by_month.sum(axis=0).tolist())
