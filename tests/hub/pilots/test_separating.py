"""Inference attacks on what is told of pilots, and the guarantee they test.

Whoever knows who is in which group, and takes each group's mean for told, combines the figures of any number of pilots
as they like: what is left over is always about `least` members or more, or about nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from lineside.hub.pilots import Hypothesis, Plan, too_near
from lineside.hub.pilots.separating import separable
from tests.hub.pilots.staged import POST, PRE, START, plan

LEAST = 7


def fewest(groups: Sequence[Sequence[int]], reach: int = 2) -> int:
    """The fewest members that any combination with whole factors up to `reach` is about, by trying all of them."""
    inside = np.array([[member in group for member in range(40)] for group in map(set, groups)], int)
    factors = np.array([*product(range(-reach, reach + 1), repeat=len(groups))])
    about = (factors @ inside != 0).sum(axis=1)
    return int(about[about > 0].min())


def far(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two groups are the same or differ by as many as hide single members."""
    return not 0 < len({*one} ^ {*other}) < LEAST


def test_three_groups_of_which_no_two_are_near_give_one_member_away() -> None:
    """A and B together, less A, less B with one more: that one, although each pair differs by seven or more."""
    a, b, one = range(10), range(10, 20), 30
    groups = [[*a, *b], [*a], [*b, one]]
    means = {member: 10.0 + member**1.5 for member in range(40)}
    total = [sum(means[member] for member in group) for group in groups]

    assert all(far(x, y) for x, y in product(groups, groups))
    assert total[2] - (total[0] - total[1]) == pytest.approx(means[one])
    assert separable(groups, LEAST)
    assert not separable([[*a, *b], [*a], [*b]], LEAST)


def test_plans_told_one_after_another_are_held_against_all_before() -> None:
    """The third pilot is not told, whether it is its treated group or its comparison that would give one away."""
    others, rest = range(101, 131), range(201, 231)
    first = plan(treated=tuple(range(1, 21)), comparison=tuple(others))
    second = plan(treated=tuple(range(1, 11)), comparison=tuple(others))
    third = plan(treated=(*range(11, 21), 31), comparison=tuple(others))
    swapped = [plan(treated=tuple(rest), comparison=one.treated) for one in (first, second, third)]

    assert not too_near(second, [first], LEAST)
    assert not too_near(third, [first], LEAST)
    assert not too_near(third, [second], LEAST)
    assert too_near(third, [first, second], LEAST)
    assert too_near(swapped[2], swapped[:2], LEAST)
    assert not too_near(_moved(third, start=START + PRE + POST), [first, second], LEAST)
    assert not too_near(_moved(third, hypothesis=Hypothesis("oee", 0.1, 0.1)), [first, second], LEAST)


def _moved(one: Plan, **changed: object) -> Plan:
    return plan(treated=one.treated, comparison=one.comparison, **changed)


@pytest.mark.parametrize("seed", range(40))
def test_no_combination_that_can_be_tried_is_missed(seed: int) -> None:
    """What is let through stands against every combination with small factors; groups that are random, and chains."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(LEAST, 20, size=int(rng.integers(2, 6)))
    groups = [sorted(rng.choice(40, size, replace=False).tolist()) for size in sizes]
    if seed % 2:  # parts put together of blocks, and one member moved
        blocks = np.split(np.arange(40), 4)
        groups = [sorted({*blocks[i], *blocks[(i + 1) % 4]}) for i in range(4)]
        groups.append(sorted({*blocks[seed % 4], int(rng.integers(40))}))

    assert separable(groups, LEAST) or fewest(groups) >= LEAST


def test_groups_without_a_way_to_a_few_are_told() -> None:
    """Whole blocks put together in any way, and random groups that overlap, as comparison groups of two pilots do."""
    blocks = [list(range(at, at + 8)) for at in range(0, 40, 8)]
    rng = np.random.default_rng(1)
    overlapping = [rng.choice(200, 30, replace=False).tolist() for _ in range(2)]

    assert not separable([blocks[0] + blocks[1], blocks[1] + blocks[2], blocks[2] + blocks[0], blocks[3]], LEAST)
    assert not separable(overlapping, LEAST)


def test_more_combinations_than_can_be_looked_at_are_not_told() -> None:
    """The careful answer, at once."""
    rng = np.random.default_rng(2)
    groups = [rng.choice(400, 100, replace=False).tolist() for _ in range(24)]

    assert separable(groups, LEAST)
