"""The law of a duration: the family that best foretells values it was not fitted to, and how well it is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lineside.twin.distributions import BlockBootstrap, Constant, Empirical, Law, Lognormal
from lineside.twin.estimates import Interval, mean_life, positive_mean
from lineside.twin.fit.families import FAMILIES, PARAMETERS, Exponential, Family
from lineside.twin.tally import Floats

MOST_VALUES = 400
MOST_CHAINED = 2_000
_STEADY = 2e-3
"""Spread over mean below which a time is constant."""
_FOLDS = 5
_JUDGED = 3_000
_FEW = 10
_STRAY = 1e-3
_SHIFTS = (0.5, 0.8, 0.9, 0.95, 0.98, 1.0)
_MISFIT = 0.05


@dataclass(frozen=True, slots=True)
class FittedLaw:
    """A law and what it rests on."""

    law: Law
    n: int
    mean: Interval
    relative_sd: float
    misfit: float
    """The largest distance between the law's and the values' distribution function (Kolmogorov)."""
    chained: float
    """How much a value tells of the next (correlation), where it does; else 0."""
    scores: tuple[tuple[str, float], ...] = ()
    """Families tried with their mean log score on values not fitted, the best first."""


def fit_duration(values: Floats, cut: Floats | None = None, *, memoryless: bool = False) -> FittedLaw:
    """The law of durations in the order in which they occurred, with those known only to be longer than `cut`.

    Families with and without a least value compete by their log score on fifths of the values they were not fitted
    to; of those within one standard error of the best the simplest is taken. A thousandth of a broad law is mixed
    into every score, so that one stray value does not decide. Where values hang together the law is runs of them as
    recorded; where no family fits it is the values themselves. Of fewer than ten values the spread says little: then
    the law is exponential if `memoryless`, else lognormal. Raises ValueError for no whole value.
    """
    cut = np.zeros(0) if cut is None else cut[cut > 0]
    if not len(values):
        raise ValueError("no duration was seen whole")
    mean, sd = float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0
    if mean <= 0 or (sd <= _STEADY * mean and len(values) > 1):
        known = positive_mean(mean, sd / mean if mean else 0.0, len(values))
        return FittedLaw(Constant(value=mean, shift=0.0), len(values), known, 0.0, 0.0, 0.0)
    seen = np.maximum(values, mean * 1e-6)
    if len(seen) < _FEW:
        return _of_few(seen, cut, sd / mean, memoryless=memoryless)
    chained = 0.0 if len(cut) > 1 else _chained(values)
    if chained:
        return _as_recorded(values, sd / mean, chained)
    ranked = _ranked(seen, cut)
    _, family, shift = ranked[0][1]
    misfit = _distance(seen, family, shift) if not len(cut) else 0.0
    scores = tuple((label, score) for score, (label, _, _) in ranked)
    if misfit > _MISFIT + 1.36 / math.sqrt(len(seen)):
        return FittedLaw(
            _as_seen(values), len(values), positive_mean(mean, sd / mean, len(values)), sd / mean, 0.0, 0.0,
            scores,
        )  # fmt: skip
    return _told(seen, cut, family, shift, misfit, scores)


def _told(
    seen: Floats, cut: Floats, family: Family, shift: float, misfit: float, scores: tuple[tuple[str, float], ...]
) -> FittedLaw:
    mean = shift + family.mean()
    relative_sd = family.relative_sd() * family.mean() / mean
    if len(cut):
        if isinstance(family, Exponential) and shift == 0:
            known = mean_life(float(seen.sum() + cut.sum()), len(seen))
        else:
            known = positive_mean(mean, relative_sd, len(seen))
        return FittedLaw(family.law(shift, 1.0), len(seen), known, relative_sd, misfit, 0.0, scores)
    observed = float(seen.mean())
    spread = float(seen.std(ddof=1)) / observed
    law = family.law(shift, max(observed - shift, 1e-9) / family.mean())  # the mean decides what a line makes
    known = positive_mean(observed, spread, len(seen))
    return FittedLaw(law, len(seen), known, relative_sd, misfit, 0.0, scores)


def _of_few(seen: Floats, cut: Floats, spread: float, *, memoryless: bool) -> FittedLaw:
    exposure = float(seen.sum() + cut.sum())
    if memoryless:
        family: Family = Exponential(exposure / len(seen))
        known = mean_life(exposure, len(seen))
        return FittedLaw(family.law(0.0, 1.0), len(seen), known, 1.0, 0.0, 0.0)
    mean = float(seen.mean())
    spread = spread or 1.0
    law = Lognormal(type="lognormal", mean=mean, sd=spread * mean, shift=0.0)
    return FittedLaw(law, len(seen), positive_mean(mean, spread, len(seen)), spread, 0.0, 0.0)


def _ranked(seen: Floats, cut: Floats) -> list[tuple[float, tuple[str, Family, float]]]:
    """The candidates with their mean score, the chosen one first; fitted to everything."""
    judged = seen[:: max(len(seen) // _JUDGED, 1)]
    broad = Exponential(2 * float(judged.mean()))
    candidates = [(kind, shifted) for kind in FAMILIES for shifted in (False, True)]
    points = np.array([_foretold(kind, judged, cut, broad, shifted=shifted) for kind, shifted in candidates])
    scores = points.mean(axis=1)
    best = int(scores.argmax())
    behind = points[best] - points
    within = behind.mean(axis=1) <= behind.std(axis=1) / math.sqrt(points.shape[1]) + 1e-12
    size = [PARAMETERS[kind] + shifted for kind, shifted in candidates]
    order = sorted(range(len(candidates)), key=lambda i: (not within[i], size[i] if within[i] else 0, -scores[i]))
    told = []
    for place, i in enumerate(order):
        kind, shifted = candidates[i]
        label = f"{kind.__name__.lower()}{' with a least value' if shifted else ''}"
        family, shift = _fitted(kind, seen if place == 0 else judged, cut, shifted=shifted)
        told.append((float(scores[i]), (label, family, shift)))
    return told


def _foretold(kind: type[Family], values: Floats, cut: Floats, broad: Family, *, shifted: bool) -> Floats:
    """The log score of each value under the fit to the others' fifths."""
    scores = np.empty(len(values))
    for part in np.array_split(np.arange(len(values)), _FOLDS):
        others = np.delete(values, part)
        family, shift = _fitted(kind, others, cut, shifted=shifted)
        above = values[part] - shift
        density = np.zeros(len(part))
        positive = above > 0
        density[positive] = np.exp(np.minimum(family.log_density(above[positive]), 700.0))
        scores[part] = np.log((1 - _STRAY) * density + _STRAY * np.exp(broad.log_density(values[part])))
    return scores


def _fitted(kind: type[Family], seen: Floats, cut: Floats, *, shifted: bool) -> tuple[Family, float]:
    """The most likely member of a family; its least value stays a typical gap below the least seen.

    Nearer to it the likelihood has no end (Smith 1985), and a least value no smaller value will ever come below is
    more than the data can say.
    """
    if not shifted:
        return kind.fitted(seen, cut), 0.0
    least = float(seen.min())
    highest = max(least - (float(seen.mean()) - least) / len(seen), 0.0)
    options = []
    for share in _SHIFTS:
        shift = highest * share
        family = kind.fitted(seen - shift, np.maximum(cut - shift, 1e-9))
        told = float(family.log_density(seen - shift).sum())
        told += float(family.log_beyond(np.maximum(cut - shift, 1e-9)).sum()) if len(cut) else 0.0
        options.append((told, shift, family))
    _, shift, family = max(options, key=lambda option: option[0])
    return family, shift


def _distance(seen: Floats, family: Family, shift: float) -> float:
    """Kolmogorov's distance."""
    ordered = np.sort(seen)
    above = np.maximum(ordered - shift, 1e-12)
    below = 1 - np.exp(family.log_beyond(above))
    n = len(ordered)
    steps = np.arange(1, n + 1) / n
    return float(max((steps - below).max(), (below - steps + 1 / n).max()))


def _chained(values: Floats) -> float:
    """The correlation of neighbours, where it is more than chance and more than a little; else 0."""
    n = len(values)
    if n < 5 * _FEW:
        return 0.0
    ranks = np.argsort(np.argsort(values)).astype(float)
    centred = ranks - ranks.mean()
    told = float((centred[1:] * centred[:-1]).sum() / (centred**2).sum())
    return told if told > max(0.15, 4 / math.sqrt(n)) else 0.0


def _as_recorded(values: Floats, spread: float, chained: float) -> FittedLaw:
    """Runs of the values as recorded, long enough that their ends tell nothing of each other."""
    n = len(values)
    centred = values - values.mean()
    whole, lag = float((centred**2).sum()), 1
    while lag < n // 10 and float((centred[lag:] * centred[:-lag]).sum()) / whole > 2 / math.sqrt(n):
        lag += 1
    block = max(2, min(2 * lag, n // 10))
    kept = np.maximum(values[-MOST_CHAINED:], 0.0)
    known = positive_mean(float(values.mean()), spread, n * (1 - chained) / (1 + chained))
    law = BlockBootstrap(type="block_bootstrap", values=tuple(kept.tolist()), block=min(block, len(kept)), shift=0.0)
    return FittedLaw(law, n, known, spread, 0.0, chained)


def _as_seen(values: Floats) -> Empirical:
    """The values themselves, or as many of their quantiles with the same mean."""
    if len(values) <= MOST_VALUES:
        return Empirical(type="empirical", values=tuple(np.maximum(values, 0.0).tolist()), weights=None, shift=0.0)
    quantiles = np.quantile(values, (np.arange(MOST_VALUES) + 0.5) / MOST_VALUES)
    scaled = np.maximum(quantiles, 0.0) * float(values.mean()) / max(float(quantiles.mean()), 1e-12)
    return Empirical(type="empirical", values=tuple(scaled.tolist()), weights=None, shift=0.0)
