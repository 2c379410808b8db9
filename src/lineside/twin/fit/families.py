"""Families of positive laws fitted by maximum likelihood, with values cut off by the end of the record.

Each family is fitted to values above its shift, which is given. Formulas: Johnson, Kotz and Balakrishnan, Continuous
Univariate Distributions (1994), chapters 14, 17, 19, 21; censoring as in Lawless, Statistical Models and Methods for
Lifetime Data (2003), chapters 4 and 5.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from lineside.twin import distributions
from lineside.twin.distributions import Law
from lineside.twin.tally import Floats

_LOG_ROOT = 0.5 * math.log(2 * math.pi)
_STEEPEST = 100.0


@dataclass(frozen=True, slots=True)
class Family(ABC):
    """A law above a shift; `parameters` are its own."""

    first: float
    second: float = 0.0

    @staticmethod
    @abstractmethod
    def fitted(seen: Floats, cut: Floats) -> Family:
        """The most likely member for values seen whole and values known to be longer than `cut`."""

    @abstractmethod
    def log_density(self, values: Floats) -> Floats:
        """Of positive values."""

    @abstractmethod
    def log_beyond(self, values: Floats) -> Floats:
        """Log of the chance of a longer value."""

    @abstractmethod
    def mean(self) -> float:
        """Above the shift."""

    @abstractmethod
    def relative_sd(self) -> float:
        """Standard deviation over mean, above the shift."""

    @abstractmethod
    def law(self, shift: float, scale: float) -> Law:
        """The same as a law of the line model, its values multiplied by `scale` before the shift is added."""


class Exponential(Family):
    """Memoryless; `first` is the mean."""

    @staticmethod
    def fitted(seen: Floats, cut: Floats) -> Exponential:
        return Exponential((float(seen.sum()) + float(cut.sum())) / len(seen))

    def log_density(self, values: Floats) -> Floats:
        return -math.log(self.first) - values / self.first

    def log_beyond(self, values: Floats) -> Floats:
        return -values / self.first

    def mean(self) -> float:
        return self.first

    def relative_sd(self) -> float:
        return 1.0

    def law(self, shift: float, scale: float) -> Law:
        return distributions.Exponential(type="exponential", mean=self.first * scale, shift=shift)


class Gamma(Family):
    """`first` is the shape, `second` the mean."""

    @staticmethod
    def fitted(seen: Floats, cut: Floats) -> Gamma:
        mean = float(seen.mean())
        shape = _gamma_shape(math.log(mean) - float(np.log(seen).mean()))
        return Gamma(*_climbed(Gamma, (shape, mean), seen, cut)) if len(cut) else Gamma(shape, mean)

    def log_density(self, values: Floats) -> Floats:
        from scipy.special import gammaln

        scale = self.second / self.first
        constant = float(gammaln(self.first)) + self.first * math.log(scale)
        density: Floats = (self.first - 1) * np.log(values) - values / scale - constant
        return density

    def log_beyond(self, values: Floats) -> Floats:
        from scipy.special import gammaincc

        beyond: Floats = np.log(np.maximum(gammaincc(self.first, values * self.first / self.second), 1e-300))
        return beyond

    def mean(self) -> float:
        return self.second

    def relative_sd(self) -> float:
        return 1 / math.sqrt(self.first)

    def law(self, shift: float, scale: float) -> Law:
        return distributions.Gamma(type="gamma", shape=self.first, mean=self.second * scale, shift=shift)


class Weibull(Family):
    """`first` is the shape, `second` the scale."""

    @staticmethod
    def fitted(seen: Floats, cut: Floats) -> Weibull:
        largest = float(max(seen.max(), cut.max() if len(cut) else 0.0))
        logs, every = np.log(seen / largest), np.log(np.concatenate([seen, cut]) / largest)
        middle = float(logs.mean())

        def slope(shape: float) -> float:
            powers = np.exp(shape * every)
            return float((powers * every).sum() / powers.sum()) - 1 / shape - middle

        shape = _root(slope, 0.1, _STEEPEST)
        scale = largest * float(np.exp(shape * every).sum() / len(seen)) ** (1 / shape)
        return Weibull(shape, scale)

    def log_density(self, values: Floats) -> Floats:
        logs = np.log(values / self.second)
        density: Floats = math.log(self.first / self.second) + (self.first - 1) * logs - np.exp(self.first * logs)
        return density

    def log_beyond(self, values: Floats) -> Floats:
        beyond: Floats = -((values / self.second) ** self.first)
        return beyond

    def mean(self) -> float:
        return self.second * math.gamma(1 + 1 / self.first)

    def relative_sd(self) -> float:
        return math.sqrt(max(math.gamma(1 + 2 / self.first) / math.gamma(1 + 1 / self.first) ** 2 - 1, 0.0))

    def law(self, shift: float, scale: float) -> Law:
        return distributions.Weibull(type="weibull", shape=self.first, scale=self.second * scale, shift=shift)


class Lognormal(Family):
    """`first` and `second` are mean and standard deviation of the logarithm."""

    @staticmethod
    def fitted(seen: Floats, cut: Floats) -> Lognormal:
        logs = np.log(seen)
        start = float(logs.mean()), max(float(logs.std()), 1e-6)
        if not len(cut):
            return Lognormal(*start)
        found = _climbed(lambda a, b: Lognormal(math.log(a), b), (math.exp(start[0]), start[1]), seen, cut)
        return Lognormal(math.log(found[0]), found[1])

    def log_density(self, values: Floats) -> Floats:
        logs = np.log(values)
        density: Floats = -0.5 * ((logs - self.first) / self.second) ** 2 - logs - math.log(self.second) - _LOG_ROOT
        return density

    def log_beyond(self, values: Floats) -> Floats:
        from scipy.special import log_ndtr

        beyond: Floats = log_ndtr((self.first - np.log(values)) / self.second)
        return beyond

    def mean(self) -> float:
        return math.exp(self.first + self.second**2 / 2)

    def relative_sd(self) -> float:
        return math.sqrt(math.expm1(min(self.second**2, 50.0)))

    def law(self, shift: float, scale: float) -> Law:
        mean = self.mean() * scale
        return distributions.Lognormal(type="lognormal", mean=mean, sd=mean * self.relative_sd(), shift=shift)


FAMILIES: tuple[type[Family], ...] = (Exponential, Gamma, Weibull, Lognormal)
PARAMETERS = {Exponential: 1, Gamma: 2, Weibull: 2, Lognormal: 2}


def _gamma_shape(gap: float) -> float:
    """The shape at which log(shape) - digamma(shape) is `gap` (Minka 2002)."""
    from scipy.special import polygamma, psi

    gap = max(gap, 1e-8)
    shape = (3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(6):
        step = (math.log(shape) - float(psi(shape)) - gap) / (1 / shape - float(polygamma(1, shape)))
        shape = max(shape - step, shape / 4)
    return shape


def _root(slope, low: float, high: float) -> float:  # type: ignore[no-untyped-def]  # noqa: ANN001
    from scipy.optimize import brentq

    if slope(low) >= 0:
        return low
    return high if slope(high) <= 0 else float(brentq(slope, low, high, xtol=1e-6))


def _climbed(make, start: tuple[float, float], seen: Floats, cut: Floats) -> tuple[float, float]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """The most likely pair of positive parameters, from a start."""
    from scipy.optimize import minimize

    def unlikely(logs: Floats) -> float:
        family = make(*np.exp(logs))
        told = float(family.log_density(seen).sum() + family.log_beyond(cut).sum())
        return -told if math.isfinite(told) else 1e300

    found = minimize(unlikely, np.log(start), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-4})
    first, second = np.exp(found.x).tolist()
    return first, second
