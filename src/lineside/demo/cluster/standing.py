"""How well a factory of the demo cluster works: where its indicators lie before any month moves them.

The more digital, the better, with diminishing returns; all of it is our choice, laid so that OEE is where `sources`
has it. Shares are kept as logits and times as logarithms, in which months add up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from lineside.demo.cluster.firms import Firm

_STANDING = 2
"""The stream of random numbers of this module."""
_HEAVY = {"31": 1.8, "29": 0.4}
"""By division, what it needs of energy more than others, as a logarithm."""

Course: TypeAlias = Literal["stagnating", "improving", "declining"]
_COURSES: tuple[tuple[Course, float], ...] = (("stagnating", 0.6), ("improving", 0.3), ("declining", 0.1))


@dataclass(frozen=True, slots=True)
class _Way:
    """What the way of making sets a factory apart by, in the scales of `Standing`."""

    availability: float
    performance: float
    rejects: float
    recovery: float
    lead_time: float = 0.0


_WAYS = {
    "job_shop": _Way(availability=-0.9, performance=0.75, rejects=0.55, recovery=-0.5, lead_time=0.4),
    "series": _Way(availability=0.6, performance=-0.45, rejects=-0.4, recovery=0.35),
    "process": _Way(availability=1.1, performance=0.2, rejects=-0.2, recovery=1.2),
}
"""A job shop sets up for every lot and goes at its people's pace, a series line loses its speed to short stops, and
what flows runs through, until it stops for long: so that there are types of factories to be found."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a factory's indicators lie, and which way they go."""

    availability: float
    """As a logit, as the next ones."""
    performance: float
    online: float
    adherence: float
    rejects: float
    """As a logarithm of the share, as the next ones of their units."""
    stations: float
    """How many times as many units are lost on the whole line as at the pace-setting machine."""
    lead_time_h: float
    recovery_min: float
    energy_kwh: float
    """A unit."""
    worth: float
    """Of a unit, in thousands of yuan."""
    electric: float
    """Share of the energy."""
    measured: float
    """Share of its maturity level that rests on measurements."""
    posture: float
    """Share of what security asks for that is met."""
    course: Course


def standing(firm: Firm, seed: int) -> Standing:
    """Where this factory stands; the same seed gives the same."""
    rng = np.random.default_rng([seed, _STANDING, firm.number])
    gain = returns(firm.digital)
    way = _WAYS[firm.kind]
    energy = rng.normal(math.log(4.0), 1.0) + _HEAVY.get(firm.division, 0.0)
    needs = rng.normal(math.log(45.0), 0.4) + _HEAVY.get(firm.division, 0.0)
    return Standing(
        availability=logit(0.68) + 0.7 * gain + way.availability + rng.normal(0.0, 0.45),
        performance=logit(0.72) + 0.5 * gain + way.performance + rng.normal(0.0, 0.4),
        online=logit(0.96) + rng.normal(0.0, 0.3),
        adherence=logit(0.78) + 0.6 * gain + rng.normal(0.0, 0.5),
        rejects=math.log(0.035) - 0.5 * gain + way.rejects + rng.normal(0.0, 0.4),
        stations=rng.uniform(1.2, 3.0),
        lead_time_h=math.log(110.0) - 0.4 * gain + way.lead_time + rng.normal(0.0, 0.35),
        recovery_min=math.log(38.0) - 0.7 * gain + way.recovery + rng.normal(0.0, 0.35),
        energy_kwh=energy,
        worth=energy - needs,
        electric=rng.uniform(0.6, 1.0),
        measured=min(0.9, 0.75 * firm.connected / firm.machines + rng.uniform(0.0, 0.1)),
        posture=share(logit(0.35) + 1.2 * gain + rng.normal(0.0, 0.5)),
        course=_course(rng),
    )


def returns(digital: float) -> float:
    """What being digital brings, from 0 to 0.95: half of it with the first quarter of the way."""
    return 1.0 - math.exp(-3.0 * digital)


def logit(of: float) -> float:
    """The logarithm of the odds of a share."""
    return math.log(of / (1.0 - of))


def share(of: float) -> float:
    """The share of a logit."""
    return 1.0 / (1.0 + math.exp(-of))


def _course(rng: np.random.Generator) -> Course:
    return _COURSES[int(rng.choice(len(_COURSES), p=[chance for _, chance in _COURSES]))][0]
