"""How the indicators of one factory go from month to month: a trend, the season, and noise that lasts a while."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lineside.demo.cluster.firms import Firm
from lineside.demo.cluster.planted import Planted
from lineside.demo.cluster.sources import sources
from lineside.demo.cluster.standing import Course, Standing, standing

_COURSES = 4
"""The stream of random numbers of this module."""
_LASTING = 0.5
"""How much of a month's deviation is left in the next one."""
_GOING: Mapping[Course, float] = {"stagnating": 0.0, "improving": 0.35, "declining": -0.2}
"""What the months bring in all, as a logit."""
_STOPS = 0.4
"""The share of lost time that unplanned stops take."""
_BEGINNING = 0.2
"""The share of those without any connected machine that begin to connect some."""

Months: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Courses:
    """One value a month of everything that a factory could tell, whether it measures it or not."""

    connected: NDArray[np.int64]
    """Machines."""
    coverage: Months
    happened: NDArray[np.bool_]
    """Whether any unplanned stop ended."""
    values: Mapping[str, Months]
    """By the id of an indicator."""


def courses(firm: Firm, seed: int, first: int, last: int, planted: Planted) -> Courses:
    """The months from `first` to `last` of a factory; the same seed gives the same."""
    rng, stands = np.random.default_rng([seed, _COURSES, firm.number]), standing(firm, seed)
    months = np.arange(first, last + 1)
    going = _going(rng, stands.course, len(months))
    summer = -np.cos(2 * np.pi * (months % 12 - 1) / 12)  # least in February, when factories close for the new year
    connected = _connected(rng, firm, stands.course, len(months))

    def noise(deviation: float) -> Months:
        return _lasting(rng, len(months), deviation)

    availability = _share(stands.availability + going + 0.08 * summer + noise(0.08))
    availability, recovery = _recovering(
        firm, planted, months, availability, np.exp(stands.recovery_min - 0.8 * going + noise(0.09))
    )
    quality = 1 - np.exp(stands.rejects - going / 2 + noise(0.1))
    energy = np.exp(stands.energy_kwh - 0.3 * going + 0.03 * summer + noise(0.04))
    heard = _heard(rng, firm, stands, planted, months, noise(0.1))
    values = {
        "availability": _played(firm, planted, months, availability),
        "performance": _share(stands.performance + going / 2 + noise(0.06)),
        "quality": quality,
        "first_pass_yield": 1 - (1 - quality) * stands.stations,
        "lead_time": np.exp(stands.lead_time_h - 0.5 * going - 0.04 * summer + noise(0.07)),
        "connected_share": connected / firm.machines,
        "online_share": heard,
        "recovery_time": recovery,
        "schedule_adherence": _share(stands.adherence + going + 0.1 * summer + noise(0.15)),
        **_energy(energy, stands),
        "maturity_level": np.full(len(months), float(firm.maturity)),
        "maturity_measured": np.minimum(1.0, stands.measured + (connected - connected[0]) / firm.machines * 0.75),
        "security_posture": _share(math.log(stands.posture / (1 - stands.posture)) + going),
    }
    happened = (connected > 2) | (rng.random(len(months)) > 0.1)
    return Courses(connected, np.round(heard * rng.uniform(0.96, 1.0, len(months)), 3), happened, values)


def _share(logits: Months) -> Months:
    return 1 / (1 + np.exp(-logits))


def _lasting(rng: np.random.Generator, many: int, deviation: float) -> Months:
    """Noise of this deviation, each month's drawn towards the one before."""
    shocks = rng.normal(0.0, deviation, many)
    found = np.empty(many)
    found[0] = shocks[0]
    for place in range(1, many):
        found[place] = _LASTING * found[place - 1] + math.sqrt(1 - _LASTING**2) * shocks[place]
    return found


def _going(rng: np.random.Generator, course: Course, many: int) -> Months:
    """What the course has brought by each month: what gets better does so at first, what gets worse goes on."""
    whole, way = _GOING[course] * rng.uniform(0.5, 1.5), np.arange(many) / max(1, many - 1)
    return whole * ((1 - np.exp(-2 * way)) if whole > 0 else way)


def _connected(rng: np.random.Generator, firm: Firm, course: Course, many: int) -> NDArray[np.int64]:
    """Machines with a source: who improves connects more of them, one lot after another."""
    begins = firm.connected == 0 and rng.random() < _BEGINNING
    if firm.connected == 0 and not begins:
        return np.zeros(many, np.int64)
    more = (firm.machines - firm.connected) * rng.uniform(0.1, 0.5) if begins or course == "improving" else 0.0
    since = int(rng.integers(1, many)) if begins else 0
    way = np.clip((np.arange(many) - since) // 3 * 3 / max(1, many - 1 - since), 0.0, 1.0)
    found = np.floor(firm.connected + more * way).astype(np.int64)
    return np.where(np.arange(many) < since, 0, np.maximum(found, 1)) if begins else found


def _recovering(
    firm: Firm, planted: Planted, months: NDArray[np.int64], availability: Months, recovery: Months
) -> tuple[Months, Months]:
    """Stops end sooner while what the pilot tried is used, and so much of the time that stops took is not lost."""
    uses, change = planted.uses(firm.number), planted.pilot.change
    if uses is None:
        return availability, recovery
    during = (months >= uses[0]) & (months < uses[1])
    won = availability - change * _STOPS * (1 - availability)
    return np.where(during, won, availability), np.where(during, recovery * (1 + change), recovery)


def _played(firm: Firm, planted: Planted, months: NDArray[np.int64], availability: Months) -> Months:
    game, since = planted.games.get(firm.number, ("", 0))
    return np.where(months >= since, 0.97, availability) if game == "jump" else availability


def _heard(
    rng: np.random.Generator,
    firm: Firm,
    stands: Standing,
    planted: Planted,
    months: NDArray[np.int64],
    noise: Months,
) -> Months:
    """The share of planned time in which machines were heard."""
    out = months == planted.outages.get(firm.number, -1)
    return np.where(out, rng.uniform(0.5, 0.7), _share(stands.online + noise))


def _energy(energy: Months, stands: Standing) -> dict[str, Months]:
    told, worth = sources(), math.exp(stands.worth)
    carbon = energy * (stands.electric * told.grid + (1 - stands.electric) * told.gas)
    return {
        "energy_per_unit": energy,
        "carbon_per_unit": carbon,
        "energy_per_value": energy / worth,
        "carbon_per_value": carbon / worth,
    }
