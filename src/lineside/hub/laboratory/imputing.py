"""Fills what is not known from members of the same class who do know: each time another way, to see what it matters.

Multiple imputation by the approximate Bayesian bootstrap (Rubin and Schenker 1986, J. Am. Stat. Assoc. 81, 366): for
each time those who know are drawn once with replacement, and donors from among them. It holds where, within a class,
who does not say is like who does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from lineside.hub.laboratory.arrays import Ends, Floats
from lineside.hub.laboratory.population import Indices, Population

Some = TypeVar("Some", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Gaps:
    """An input, of how many members it is not known, and whether it could be filled."""

    name: str
    members: int
    filled: bool
    """Not where nobody knows it: what depends on it cannot be said then."""
    beyond_class: int
    """Members in whose class nobody knows it: filled from those of all classes."""


class Imputation:
    """Fills a population, each time with the luck of a generator."""

    def __init__(self, population: Population) -> None:
        self._population = population
        by_class = [np.flatnonzero(population.classes == at) for at in range(len(population.class_names))]
        self._of_class = by_class
        self._open: dict[str, npt.NDArray[np.bool_]] = {
            **{name: one.low != one.high for name, one in population.numbers.items() if one.low is not one.high},
            **{name: one == 0 for name, one in population.truths.items()},
            **{name: places < 0 for name, (_, places) in population.choices.items()},
        }
        self._open = {name: one for name, one in self._open.items() if one.any()}

    @property
    def needed(self) -> bool:
        """Whether anything is to be filled."""
        return bool(self._open)

    def gaps(self) -> tuple[Gaps, ...]:
        """What is not known of how many."""
        found = []
        for name, gaps in self._open.items():
            lacking = [members for members in self._of_class if gaps[members].all()]
            found.append(Gaps(name, int(gaps.sum()), not gaps.all(), sum(map(len, lacking))))
        return tuple(found)

    def filled(self, random: np.random.Generator) -> Population:
        """The population with everything known that somebody knows.

        One draw a member serves all of its gaps, so that inputs known by the same members come from the same donor.
        """
        luck = random.random(self._population.size)
        drawn = {id_: random.integers(0, max(len(of), 1), len(of)) for id_, of in enumerate(self._of_class)}
        donors = {name: self._donors(gaps, luck, drawn) for name, gaps in self._open.items() if not gaps.all()}
        one = self._population
        numbers, truths, choices = dict(one.numbers), dict(one.truths), dict(one.choices)
        for name, members in donors.items():
            if name in numbers:
                numbers[name] = _number(numbers[name], self._open[name], members)
            elif name in truths:
                truths[name] = _taken(truths[name], self._open[name], members)
            else:
                of, places = choices[name]
                choices[name] = of, _taken(places, self._open[name], members)
        return replace(one, numbers=numbers, truths=truths, choices=choices)

    def _donors(self, gaps: npt.NDArray[np.bool_], luck: Floats, drawn: dict[int, Indices]) -> Indices:
        """For each gap, in their order, who fills it."""
        donors = np.empty(len(gaps), np.intp)
        everybody = np.flatnonzero(~gaps)
        for at, members in enumerate(self._of_class):
            wanting = members[gaps[members]]
            if not len(wanting):
                continue
            knowing = members[drawn[at]]
            knowing = knowing[~gaps[knowing]]
            if not len(knowing):  # luck left none of those who know, or there is none
                knowing = members[~gaps[members]]
            if not len(knowing):
                knowing = everybody
            donors[wanting] = knowing[(luck[wanting] * len(knowing)).astype(np.intp)]
        return donors[gaps]


def _number(told: Ends, gaps: npt.NDArray[np.bool_], donors: Indices) -> Ends:
    """Figures of donors, not past what is known of who lacks them."""
    found = told.low.copy()
    found[gaps] = np.clip(told.low[donors], told.low[gaps], told.high[gaps])
    return Ends.known(found)


def _taken(told: npt.NDArray[Some], gaps: npt.NDArray[np.bool_], donors: Indices) -> npt.NDArray[Some]:
    found = told.copy()
    found[gaps] = told[donors]
    return found
