"""Letters of types, kept from one edition to the next: a type that stays must not be called something else."""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_uppercase

import numpy as np

from lineside.hub.types.arrays import Ints

SAME = 0.5
"""Of the members of either, that must be of both types for them to be the same one."""


def named(members: Ints, types: Ints, number: int, before: Mapping[int, str]) -> tuple[str, ...]:
    """The letter of each of so many types; `types` is that of each member (below 0: of none), `before` its old letter.

    Members that are new, or were of no type, say nothing of it.
    """
    from scipy.optimize import linear_sum_assignment

    old = sorted(set(before.values()))
    letters: dict[int, str] = {}
    if old and number:
        alike = np.array([[_jaccard(members, types, one, before, letter) for letter in old] for one in range(number)])
        for new, at in zip(*linear_sum_assignment(-alike), strict=True):
            if alike[new, at] >= SAME:
                letters[int(new)] = old[at]
    free = [one for one in ascii_uppercase if one not in old] + [one for one in old if one not in letters.values()]
    return tuple(letters[one] if one in letters else free.pop(0) for one in range(number))


def _jaccard(members: Ints, types: Ints, one: int, before: Mapping[int, str], letter: str) -> float:
    now = {int(member) for member in members[types == one] if int(member) in before}
    there = {int(member) for member in members[types >= 0]}
    then = {member for member, name in before.items() if name == letter and member in there}
    either = len(now | then)
    return len(now & then) / either if either else 0.0
