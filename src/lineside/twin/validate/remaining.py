"""What is left of a time of which some has passed: the law of a longer one, less what has passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from lineside.twin import distributions as laws
from lineside.twin.distributions import Law
from lineside.twin.model import Time
from lineside.twin.tally import Floats

_VALUES = 100
_HARDLY = 1e-6
_LAW: TypeAdapter[Law] = TypeAdapter(Time)


def law_of(plain: Any) -> Law:
    """The law that plain data says."""
    return _LAW.validate_python(plain)


def remaining(law: Any, passed: float) -> tuple[float, Floats] | None:
    """The chance of a time longer than `passed`, and evenly likely values of what is then left of it.

    `law` is plain data. None where hardly any time (one in a million) is as long: then the law tells nothing of it.
    """
    known = law_of(law)
    above = passed - known.shift
    if above < 0:
        left = _beyond(known, 0.0)
        return None if left is None else (1.0, left[1] - above)
    return _beyond(known, above)


def mixed(parts: Sequence[tuple[float, Floats]]) -> dict[str, Any]:
    """Values each as likely as the others of their part, the parts by their weights, as a law of the line model."""
    if len(parts) == 1:
        return {"type": "empirical", "values": parts[0][1].tolist()}
    values = np.concatenate([values for _, values in parts])
    weights = np.concatenate([np.full(len(values), weight / len(values)) for weight, values in parts])
    return {"type": "empirical", "values": values.tolist(), "weights": (weights / weights.sum()).tolist()}


def _beyond(law: Law, above: float) -> tuple[float, Floats] | None:
    """The same, the shift left out."""
    if isinstance(law, laws.Constant):
        return (1.0, np.array([law.value - above])) if law.value > above else None
    if isinstance(law, laws.Empirical | laws.BlockBootstrap | laws.Recorded):
        return _of_values(law, above)
    chance = float(_longer(law, above))
    if chance < _HARDLY:
        return None
    shares = chance * (np.arange(_VALUES) + 0.5) / _VALUES
    return chance, np.maximum(_length(law, shares) - above, 0.0)


def _of_values(law: laws.Empirical | laws.BlockBootstrap | laws.Recorded, above: float) -> tuple[float, Floats] | None:
    values = np.array(law.values)
    weights = np.ones(len(values))
    if isinstance(law, laws.Empirical) and law.weights is not None:
        weights = np.array(law.weights)
    order = np.argsort(values)
    values, weights = values[order], weights[order]
    longer = values > above
    chance = float(weights[longer].sum() / weights.sum())
    if chance < _HARDLY:
        return None
    places = np.cumsum(weights[longer])
    shares = places[-1] * (np.arange(_VALUES) + 0.5) / _VALUES
    return chance, values[longer][np.searchsorted(places, shares)] - above


def _longer(law: Law, above: float) -> float:
    """The chance of a longer value."""
    from scipy import special

    match law:
        case laws.Exponential():
            return float(np.exp(-above / law.mean))
        case laws.Gamma() | laws.Erlang():
            return float(special.gammaincc(law.shape, above * law.shape / law.mean))
        case laws.Weibull():
            return float(np.exp(-((above / law.scale) ** law.shape)))
        case laws.Lognormal():
            middle, spread = _of_logs(law)
            return float(special.ndtr((middle - np.log(above)) / spread)) if above > 0 else 1.0
        case laws.Uniform():
            return float(np.clip((law.high - above) / max(law.high - law.low, 1e-12), 0.0, 1.0))
        case laws.Triangular():
            return float(1 - np.interp(above, *_triangle(law)))
    raise TypeError(law.type)


def _length(law: Law, shares: Floats) -> Floats:
    """The values longer than which are these shares."""
    from scipy import special

    found: Floats
    match law:
        case laws.Exponential():
            found = -law.mean * np.log(shares)
        case laws.Gamma() | laws.Erlang():
            found = special.gammainccinv(law.shape, shares) * law.mean / law.shape
        case laws.Weibull():
            found = law.scale * (-np.log(shares)) ** (1 / law.shape)
        case laws.Lognormal():
            middle, spread = _of_logs(law)
            found = np.exp(middle - spread * special.ndtri(shares))
        case laws.Uniform():
            found = law.high - shares * (law.high - law.low)
        case laws.Triangular():
            values, below = _triangle(law)
            found = np.interp(1 - shares, below, values)
        case _:
            raise TypeError(law.type)
    return found


def _of_logs(law: laws.Lognormal) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm."""
    square = float(np.log1p((law.sd / law.mean) ** 2))
    return float(np.log(law.mean)) - square / 2, max(square**0.5, 1e-9)


def _triangle(law: laws.Triangular) -> tuple[Floats, Floats]:
    """Values of a triangular law and the shares below them, dense enough to read between."""
    values = np.linspace(law.low, law.high, 400)
    width = max(law.high - law.low, 1e-12)
    rise, fall = max(law.mode - law.low, 1e-12), max(law.high - law.mode, 1e-12)
    up, down = (values - law.low) ** 2 / (width * rise), 1 - (law.high - values) ** 2 / (width * fall)
    return values, np.where(values < law.mode, up, down)
