"""What a programme is to each member of a population, all at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from lineside.hub.laboratory.arrays import Arrays, Ends, Floats, Signs
from lineside.hub.laboratory.population import Population
from lineside.rules import Programme, work_out


@dataclass(frozen=True, slots=True, eq=False)
class Judgements:
    """For each member, in their order."""

    standing: Signs
    """1 eligible, -1 not, 0 where it cannot be said."""
    low: Floats
    high: Floats
    """What it receives lies between these."""


def judge(programme: Programme, population: Population, on: date) -> Judgements:
    """The standing and amount of every member by a programme on a day; nothing where it is not in force."""
    if not programme.in_force(on):
        nothing = np.zeros(population.size)
        return Judgements(np.full(population.size, -1, np.int8), nothing, nothing)
    found = work_out(programme, Arrays(), population.values(programme), on)
    low, high = _ends(found.amount, population.size)
    return Judgements(np.broadcast_to(found.eligible, population.size), low, high)


def _ends(amount: Ends, size: int) -> tuple[Floats, Floats]:
    low = np.broadcast_to(amount.low, size)
    return low, low if amount.low is amount.high else np.broadcast_to(amount.high, size)
