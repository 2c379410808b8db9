"""How long a line takes to settle: the warm-up by MSER (White, 1997), on parts out by time."""

from __future__ import annotations

import numpy as np

from lineside.twin.tally import Floats

BINS = 200


def settled(counts: Floats) -> int:
    """The first bin from which on the mean of the others is most certain; at most half of them are cut.

    `counts` holds the mean over replications of what happened in each bin of time. MSER takes the cut that makes
    the squared standard error of what is left smallest.
    """
    n = len(counts)
    left = np.cumsum(counts[::-1])[::-1]
    squares = np.cumsum((counts**2)[::-1])[::-1]
    size = np.arange(n, 0, -1)
    spread = squares / size - (left / size) ** 2
    error = spread[: n // 2 + 1] / size[: n // 2 + 1]
    return int(np.argmin(error))
