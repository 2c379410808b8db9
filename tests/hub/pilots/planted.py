"""Pilots of which the truth is known: factories with their own levels, months that hit all, noise that lasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lineside.hub.pilots import (
    Candidates,
    Hypothesis,
    Matched,
    Outcome,
    Panel,
    Plan,
    Reach,
    changes,
    difference,
    matched,
    outcome,
    reach,
    register,
)
from lineside.hub.pilots.panel import Flags, Floats


@dataclass(frozen=True, slots=True)
class Design:
    """What is planted; the noise of a month has a standard deviation of 1."""

    name: str
    treated: int
    comparison: int
    effect: float = 0.0
    varying: float = 0.0
    """Standard deviation of the effect between factories."""
    uneven: float = 1.0
    """How much noisier the treated are than the others."""
    heavy: bool = False
    """Whether the noise has heavy tails (Student's t with 4 degrees of freedom)."""
    pre: int = 12
    post: int = 6
    correlation: float = 0.5
    """Between one month and the next (AR(1))."""
    missing: float = 0.1
    drift: float = 0.0
    """How much more the treated rise each month, effect or not."""


DESIGNS = (
    Design("6 and 6, none", 6, 6),
    Design("6 and 6", 6, 6, 1.0),
    Design("6 and 6, effects vary", 6, 6, 1.0, 0.5),
    Design("15 and 30, none", 15, 30),
    Design("15 and 30", 15, 30, 0.6),
    Design("15 and 30, effects vary", 15, 30, 0.6, 0.4),
    Design("6 and 60, none", 6, 60),
    Design("6 and 60, effects vary", 6, 60, 1.0, 0.7),
    Design("40 and 8, effects vary", 40, 8, 0.6, 0.4),
    Design("8 and 24, treated twice as noisy, none", 8, 24, uneven=2.0),
    Design("8 and 24, heavy tails", 8, 24, 0.8, 0.4, heavy=True),
)


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """One pilot: the values, who took part, and the effect on each of them."""

    value: Floats
    treated: Flags
    effects: Floats


def planted(design: Design, random: np.random.Generator) -> Planted:
    """Return a pilot drawn from a design."""
    members, months = design.treated + design.comparison, design.pre + design.post
    treated = np.arange(members) < design.treated
    noise = lasting(members, months, design.correlation, random, heavy=design.heavy)
    noise[treated] *= design.uneven
    effects = design.effect + design.varying * random.normal(size=design.treated)
    value = 50 + 5 * random.normal(size=(members, 1)) + 2 * np.cumsum(random.normal(size=months)) + noise
    value[treated] += design.drift * np.arange(months)
    value[np.ix_(treated, np.arange(months) >= design.pre)] += effects[:, None]
    value[random.random(value.shape) < design.missing] = np.nan
    return Planted(value, treated, effects)


def lasting(
    members: int, months: int, correlation: float, random: np.random.Generator, *, heavy: bool = False
) -> Floats:
    """Return stationary AR(1) noise with a standard deviation of 1."""
    drawn = random.standard_t(4, (members, months)) / np.sqrt(2) if heavy else random.normal(size=(members, months))
    noise = np.empty_like(drawn)
    noise[:, 0] = drawn[:, 0]
    for month in range(1, months):
        noise[:, month] = correlation * noise[:, month - 1] + np.sqrt(1 - correlation**2) * drawn[:, month]
    return noise


START = 24_324
"""A month: January 2027."""


def panel_of(pilot: Planted, design: Design) -> Panel:
    """Return the values as a hub holds them: members numbered from 1, months around `START`."""
    return Panel(pilot.value, np.arange(1, len(pilot.value) + 1), START - design.pre)


def plan_for(design: Design, expected: float, *, alpha: float = 0.05) -> Plan:
    """Return the plan of a design, in which half of what is expected is worth having."""
    everybody = range(1, design.treated + design.comparison + 1)
    return Plan(
        name="shorter stops",
        hypothesis=Hypothesis("lead_time", expected, expected / 2),
        treated=tuple(everybody[: design.treated]),
        comparison=tuple(everybody[design.treated :]),
        start=START,
        pre=design.pre,
        post=design.post,
        alpha=alpha,
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A pilot from its plan to its outcome."""

    reach: Reach
    outcome: Outcome


def judged(design: Design, expected: float, seed: int) -> Judged:
    """Plan, register, run and judge a pilot as a hub does."""
    pilot = planted(design, np.random.default_rng((99, seed)))
    whole, plan = panel_of(pilot, design), plan_for(design, expected)
    past = Panel(whole.value[:, : design.pre], whole.members, whole.first)
    registered = register(plan, START - 1, past)
    return Judged(reach(plan, past, START - 1), outcome(registered, whole, START + design.post, seed))


def rematched(seed: int, *, earlier: bool) -> tuple[float, Matched]:
    """Return what a pilot without effect finds after matching, where those that take part stand higher than others.

    Levels and noise both have a standard deviation of 1, so that much of what is seen of a level is noise; matched on
    the six months that count as before, or on the six `earlier` ones.
    """
    random = np.random.default_rng((7, seed))
    treated = np.arange(120) < 15
    value = random.normal(size=(120, 1)) + treated[:, None] + lasting(120, 18, 0.5, random)
    panel = Panel(value, np.arange(120), START - 12)
    first = START - (12 if earlier else 6)
    found = matched(panel, Candidates(["34"] * 120, [1] * 120), range(15), range(15, 120), (first, first + 6))
    rows = [*range(15), *found.comparison]
    return difference(*changes(value[rows, 6:], np.arange(len(rows)) < 15, 6).groups).mean, found
