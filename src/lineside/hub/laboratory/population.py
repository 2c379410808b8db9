"""Those whom a rule is tried on: what is known of each, which class each is of, and how many each stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

from lineside.errors import ConfigurationError
from lineside.hub.laboratory.arrays import Ends, Floats, Signs
from lineside.rules import Checked, InputKind, Known, Programme

Indices: TypeAlias = npt.NDArray[np.intp]
Choices: TypeAlias = dict[str, tuple[tuple[str, ...], npt.NDArray[np.int16]]]
UNKNOWN_CHOICE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Arrays over members. An input that is in none of them is known of nobody."""

    size: int
    numbers: Mapping[str, Ends]
    """Both ends alike where known."""
    truths: Mapping[str, Signs]
    """Of inputs, and of conditions that people confirm: 1, -1, and 0 where not known."""
    choices: Choices
    """Which there are, and the place of each member's among them; -1 where not known."""
    classes: Indices
    """The place of each member's class among `class_names`."""
    class_names: tuple[str, ...]
    weights: Floats
    """How many enterprises each member stands for."""

    @classmethod
    def of(
        cls,
        programmes: Sequence[Programme],
        known: Sequence[Known],
        classes: Sequence[str],
        population: Mapping[str, float] | None = None,
    ) -> Self:
        """The population of some members, each with its class, with what some programmes ask for.

        `population` tells how many enterprises a class has; without it, or for a class that it does not name, each
        member stands for itself. Raises ConfigurationError where a class has fewer enterprises than members, and for
        what `evaluate` refuses.
        """
        names = tuple(dict.fromkeys(classes))
        place = {name: at for at, name in enumerate(names)}
        found = np.array([place[one] for one in classes], np.intp)
        numbers: dict[str, Ends] = {}
        truths: dict[str, Signs] = {}
        choices: Choices = {}
        for one in reversed(programmes):
            its = _columns(one, known)
            numbers, truths, choices = numbers | its[0], truths | its[1], choices | its[2]
        weights = weights_of(found, names, population or {})
        return cls(len(known), numbers, truths, choices, found, names, weights)

    def among(self, members: Indices) -> Population:
        """The same of some members alone."""
        return replace(
            self,
            size=len(members),
            numbers={name: Ends(one.low[members], one.high[members]) for name, one in self.numbers.items()},
            truths={name: one[members] for name, one in self.truths.items()},
            choices={name: (of, one[members]) for name, (of, one) in self.choices.items()},
            classes=self.classes[members],
            weights=self.weights[members],
        )

    def values(self, programme: Programme) -> Members:
        """What is known of everybody, as a rule reads it."""
        return Members(self, programme)


class Members:
    """The values of a population for one programme: unknown figures lie within the bounds of their input."""

    def __init__(self, population: Population, programme: Programme) -> None:
        self._population, self._inputs = population, programme.inputs

    def number(self, name: str) -> Ends:
        """The figures of an input."""
        one = self._inputs.get(name)
        least, most = (-np.inf, np.inf) if one is None else (one.least, one.most)
        told = self._population.numbers.get(name)
        return Ends(np.array([least]), np.array([most])) if told is None else told

    def flag(self, name: str) -> Signs:
        """What is so of whom."""
        return self._population.truths.get(name, np.zeros(1, np.int8))

    def among(self, name: str, choices: tuple[str, ...]) -> Signs:
        """Who chose one of these."""
        told = self._population.choices.get(name)
        if told is None:
            return np.zeros(1, np.int8)
        among, places = told
        signs = np.array([*(1 if one in choices else -1 for one in among), 0], np.int8)
        return signs[places]  # the last place is that of who is not known


def weights_of(classes: Indices, names: Sequence[str], population: Mapping[str, float]) -> Floats:
    """How many enterprises each member stands for: those of its class, shared alike."""
    members = np.bincount(classes, minlength=len(names))
    each = np.ones(len(names))
    for at, name in enumerate(names):
        told = population.get(name)
        if told is None or members[at] == 0:
            continue
        if not told >= members[at]:
            raise ConfigurationError(
                "laboratory.few_enterprises", name=name, enterprises=told, members=int(members[at])
            )
        each[at] = told / members[at]
    return each[classes]


def _columns(programme: Programme, known: Sequence[Known]) -> tuple[dict[str, Ends], dict[str, Signs], Choices]:
    checked = [Checked(programme, each) for each in known]
    numbers: dict[str, Ends] = {}
    choices: Choices = {}
    flags = [one.id for one in programme.conditions if one.when is None]
    for name, one in programme.inputs.items():
        if one.kind is InputKind.NUMBER:
            found = [each.number(name) for each in checked]
            low, high = np.array([x.low for x in found]), np.array([x.high for x in found])
            numbers[name] = Ends.known(low) if (low == high).all() else Ends(low, high)
        elif one.kind is InputKind.TRUTH:
            flags.append(name)
        else:
            place = {choice: at for at, choice in enumerate(one.choices)} | {None: UNKNOWN_CHOICE}
            choices[name] = (tuple(one.choices), np.array([place[each.choice(name)] for each in checked], np.int16))
    signs = {True: 1, False: -1, None: 0}
    truths = {name: np.array([signs[each.flag(name)] for each in checked], np.int8) for name in flags}
    return numbers, truths, choices
