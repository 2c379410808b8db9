"""How far two ways to group, or to order, the same members agree."""

from __future__ import annotations

import numpy as np

from lineside.hub.types.arrays import Floats, Ints


def overlaps(one: Ints, other: Ints, k: int) -> Floats:
    """How many members two groupings with up to k groups share, by group of each."""
    table = np.zeros((k, k))
    np.add.at(table, (one, other), 1.0)
    return table


def jaccard(table: Floats) -> Floats:
    """For each group of one grouping and each of the other: members in both over members in either."""
    either = table.sum(axis=1, keepdims=True) + table.sum(axis=0) - table
    found: Floats = table / np.maximum(either, 1.0)
    return found


def adjusted_rand(one: Ints, other: Ints) -> float:
    """The index of Rand corrected for chance (Hubert and Arabie 1985): 1 for the same groups, around 0 by chance."""
    k = int(max(one.max(), other.max())) + 1
    table = overlaps(one, other, k)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    both, first, second = ((x * (x - 1) / 2).sum() for x in (table, rows, columns))
    pairs = len(one) * (len(one) - 1) / 2
    by_chance = first * second / pairs
    most = (first + second) / 2
    return float((both - by_chance) / (most - by_chance)) if most != by_chance else 1.0


def ranks(values: Floats) -> Floats:
    """The rank of each value from 1 on, equal ones at their mean."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    found: Floats = (np.cumsum(count) - (count - 1) / 2)[place]
    return found


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's; 0 where one of them does not differ at all."""
    first, second = (ranks(values) - (len(values) + 1) / 2 for values in (one, other))
    size = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float(first @ second) / size if size else 0.0
