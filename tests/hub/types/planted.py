"""Members of known types, or of one kind, as months of indicators."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from lineside.hub.types.arrays import Floats, Ints

INDICATORS = ("availability", "quality", "connected_share", "recovery_time", "lead_time", "schedule_adherence")
MIDDLE = np.array([0.7, 0.95, 0.4, 30.0, 60.0, 0.8])
SPREAD = np.array([0.05, 0.01, 0.1, 5.0, 10.0, 0.05])

CORNERS = np.array(
    [
        [0, 0, 0, 0, 0, 0],
        [-1, 1, -1, 1, 0, 0],
        [1, -1, 0, 0, 1, -1],
        [0, 0, 1, -1, -1, 1],
    ]
)
"""Where types lie: the second has few machines connected, long stops and good quality."""


def months_of(
    level: Floats, random: np.random.Generator, months: int = 24, missing: float = 0.1
) -> Mapping[str, Floats]:
    """Return months of the indicators around levels (members, indicators) in spreads; noise is half a spread."""
    values = {}
    for place, name in enumerate(INDICATORS):
        shape = len(level), months
        noise = 0.5 * random.normal(size=shape)
        value = MIDDLE[place] + SPREAD[place] * (level[:, place : place + 1] + noise)
        value[random.random(shape) < missing] = np.nan
        value[random.random(len(level)) < missing / 2] = np.nan
        values[name] = value
    return values


def typed(members: int, types: int, apart: float, random: np.random.Generator) -> tuple[Mapping[str, Floats], Ints]:
    """Return members of some types whose centres lie `apart` of the members' own spread from the middle, and which."""
    own = np.arange(members) % types
    corner = CORNERS[own] / np.maximum(np.linalg.norm(CORNERS[own], axis=1, keepdims=True), 1.0)
    return months_of(apart * corner + random.normal(size=(members, len(INDICATORS))), random), own


Law = Callable[[np.random.Generator, tuple[int, int]], Floats]
KINDS: Mapping[str, Law] = {
    "normal": lambda random, shape: random.normal(size=shape),
    "uniform": lambda random, shape: random.uniform(-1.7, 1.7, shape),
    "skewed": lambda random, shape: random.exponential(size=shape),
    "log-normal": lambda random, shape: random.lognormal(0, 0.7, shape),
    "heavy tails": lambda random, shape: random.standard_t(3, shape),
    "related": lambda random, shape: random.normal(size=(shape[0], 1)) + 0.4 * random.normal(size=shape),
    "related and skewed": lambda random, shape: np.exp(
        0.6 * random.normal(size=(shape[0], 1)) + 0.3 * random.normal(size=shape)
    ),
}
"""Members of one kind: whatever groups them finds an accident."""


def one_kind(members: int, law: str, random: np.random.Generator) -> Mapping[str, Floats]:
    """Return members without types whose levels follow a law."""
    return months_of(KINDS[law](random, (members, len(INDICATORS))), random)
