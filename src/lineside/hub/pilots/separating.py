"""Whether figures of groups that overlap can be combined until they speak of a few members alone.

Two groups that differ by a few members give these away by subtraction; three or more can do so although no two of them
are near: what A and B have together, less what A has, less what B and one more have, is that one. So it is the space
of all combinations that is searched for its smallest support, exactly: members that are in the same groups cannot be
told apart by any combination and count as one place, and a smallest support is that of a combination which is zero at
as many independent places as its space has dimensions, less one (a cocircuit of the matroid of the places).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

_MOST = 20_000
"""So many combinations are looked at; where there are more, the answer is the careful one."""
_NOTHING = 1e-9


def separable(groups: Sequence[Collection[int]], least: int) -> bool:
    """Whether any combination of what is known of groups is about somebody, and about fewer than `least` members."""
    sets = [frozenset(group) for group in groups]
    places = Counter(tuple(member in group for group in sets) for member in frozenset[int]().union(*sets))
    size = np.array([*places.values()])
    inside = np.array([*places], float).reshape(len(places), len(groups)).T
    small = size < least
    combining = _kernel(inside[:, ~small].T)
    rest = _rows(combining @ inside[:, small])
    if not len(rest):
        return False
    if comb(rest.shape[1], len(rest) - 1) > _MOST:
        return True
    return any(0 < weight < least for weight in _supports(rest, size[small]))


def _supports(space: NDArray[np.float64], size: NDArray[np.int64]) -> list[int]:
    """How many members the combinations are about that are zero at as many places as can be asked for."""
    found = []
    for zero in combinations(range(space.shape[1]), len(space) - 1):
        free = _kernel(space[:, zero].T)
        if len(free) == 1:
            about = np.abs(free[0] @ space) > _NOTHING
            found.append(int(size[about].sum()))
    return found


def _kernel(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """An orthonormal basis, by rows, of what the matrix makes zero."""
    if not len(matrix):
        return np.eye(matrix.shape[1])
    _, values, right = np.linalg.svd(matrix)
    found: NDArray[np.float64] = right[int((values > _NOTHING).sum()) :]
    return found


def _rows(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """An orthonormal basis of the rows."""
    if not matrix.size:
        return np.empty((0, matrix.shape[1]))
    _, values, right = np.linalg.svd(matrix, full_matrices=False)
    found: NDArray[np.float64] = right[values > _NOTHING]
    return found
