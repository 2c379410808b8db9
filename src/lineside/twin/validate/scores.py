"""How good forecasts were: intervals that cover as often as they claim, and errors beside plain baselines.

A forecast is an ensemble: what so many equally likely runs gave. All functions take values and give values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lineside.twin.estimates import Interval, mean_of_sample, wilson
from lineside.twin.tally import Floats

LEVELS = (0.80, 0.90, 0.95)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often an interval that claims `level` held what then happened."""

    level: float
    inside: int
    of: int
    low: float
    """Ends of the 95 % interval of the true share (Wilson 1927)."""
    high: float

    @property
    def kept(self) -> bool:
        """The claim lies within what was seen."""
        return bool(self.low <= self.level <= self.high)


@dataclass(frozen=True, slots=True)
class Contest:
    """The twin's error beside a baseline's: continuous ranked probability scores, in the unit of the measure."""

    baseline: str
    twin: float
    other: float
    difference: Interval
    """Of the paired scores, the twin's less the baseline's: below 0 the twin is better."""

    @property
    def verdict(self) -> str:
        """better, level (not told apart) or worse."""
        if self.difference.high < 0:
            return "better"
        return "worse" if self.difference.low > 0 else "level"


@dataclass(frozen=True, slots=True)
class Score:
    """The forecasts of one measure over several epochs (shifts) that the twin had not seen."""

    measure: str
    unit: str
    observed: tuple[float, ...]
    forecast: tuple[Interval, ...]
    """Mean of each epoch's ensemble with the ends of its middle 90 %."""
    transforms: tuple[float, ...]
    """Where what happened stood in the ensemble, 0 to 1: evenly spread when forecasts are as sure as they should be."""
    uniformity: float
    """Chance of transforms so uneven were they even (Kolmogorov-Smirnov)."""
    coverage: tuple[Coverage, ...]
    error: Interval
    """Mean of forecast less observed, relative to the mean observed."""
    contests: tuple[Contest, ...]

    def equivalent(self, margin: float) -> bool:
        """The relative error is shown to be within the margin either way (two one-sided tests at 5 %)."""
        return -margin < self.error.low and self.error.high < margin

    @property
    def verdict(self) -> str:
        """The worst of the contests; level without any."""
        verdicts = [contest.verdict for contest in self.contests]
        return next((word for word in ("worse", "level", "better") if word in verdicts), "level")


def crps(ensemble: Floats, observed: float) -> float:
    """The continuous ranked probability score of an ensemble, without the bias of its size (Ferro 2014); unit as given.

    For one value it is the absolute error.
    """
    m = len(ensemble)
    error = float(np.abs(ensemble - observed).mean())
    if m < 2:
        return error
    ordered = np.sort(ensemble)
    apart = float((ordered * (2 * np.arange(1, m + 1) - m - 1)).sum())
    return error - apart / (m * (m - 1))


def transform(ensemble: Floats, observed: float, luck: float) -> float:
    """Where `observed` stands in the ensemble, ties settled by `luck` in [0, 1): even on [0, 1] for a true forecast."""
    below, equal = int((ensemble < observed).sum()), int((ensemble == observed).sum())
    return (below + luck * (equal + 1)) / (len(ensemble) + 1)


def coverage(transforms: Sequence[float], level: float) -> Coverage:
    """How often the middle `level` of the ensembles held what happened."""
    inside = int(sum((1 - level) / 2 <= place <= (1 + level) / 2 for place in transforms))
    share = wilson(inside, len(transforms))
    return Coverage(level, inside, len(transforms), share.low, share.high)


def score(
    measure: str,
    unit: str,
    ensembles: Sequence[Floats],
    observed: Sequence[float],
    baselines: Mapping[str, Sequence[Floats]],
    *,
    seed: int = 1,
) -> Score:
    """Judges one ensemble an epoch against what happened, beside the ensembles of each baseline.

    Raises ValueError when the epochs do not match or there is none.
    """
    from scipy.stats import kstest

    if not observed:
        raise ValueError("no epoch to judge by")
    happened = np.array(observed, float)
    luck = np.random.default_rng(seed).random(len(happened))
    transforms = [transform(e, y, u) for e, y, u in zip(ensembles, happened, luck, strict=True)]
    own = np.array([crps(e, y) for e, y in zip(ensembles, happened, strict=True)])
    contests = []
    for name, others in baselines.items():
        theirs = np.array([crps(e, y) for e, y in zip(others, happened, strict=True)])
        contests.append(Contest(name, float(own.mean()), float(theirs.mean()), mean_of_sample(own - theirs)))
    scale = float(np.abs(happened).mean()) or 1.0
    means = np.array([float(e.mean()) for e in ensembles])
    return Score(
        measure,
        unit,
        tuple(happened.tolist()),
        tuple(Interval(float(e.mean()), *np.quantile(e, (0.05, 0.95)).tolist()) for e in ensembles),
        tuple(transforms),
        float(kstest(transforms, "uniform").pvalue),
        tuple(coverage(transforms, level) for level in LEVELS),
        mean_of_sample((means - happened) / scale, 0.90),
        tuple(contests),
    )
