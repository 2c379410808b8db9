"""What a forecast must beat to be worth anything: last week again, and a plain rate."""

from __future__ import annotations

import numpy as np

from lineside.twin.tally import Floats

WEEK_S = 7 * 86_400.0


def last_week(counts: Floats, exposure: Floats, ends: Floats, cut: float, ahead: float) -> Floats:
    """The epochs of the week before `cut`, each at its rate over `ahead`; all of them when it held fewer than two.

    `counts` over `exposure` (on-shift seconds) are the epochs that end at `ends`; the ensemble is one value an epoch.
    """
    used = exposure > 0
    recent = used & (ends > cut - WEEK_S)
    chosen = recent if np.count_nonzero(recent) > 1 else used
    rates: Floats = counts[chosen] / exposure[chosen]
    return rates * ahead


def rate_model(counts: Floats, exposure: Floats, ahead: float, size: int = 400) -> Floats:
    """One rate for all epochs, spread as they were: a normal law with variance in proportion to time.

    The ensemble is `size` quantiles of it, none below 0.
    """
    from scipy.special import ndtri

    used = exposure > 0
    done, time = counts[used], exposure[used]
    rate = float(done.sum() / time.sum())
    spread = float((((done - rate * time) ** 2) / time).sum() / max(len(done) - 1, 1))
    places = (np.arange(size) + 0.5) / size
    drawn: Floats = np.maximum(rate * ahead + np.sqrt(spread * ahead) * ndtri(places), 0.0)
    return drawn
