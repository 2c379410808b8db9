"""What another sample of members could have given: weights drawn anew within each class.

Rescaling bootstrap of a stratified sample without replacement (Rao and Wu 1988, J. Am. Stat. Assoc. 83, 231; with
weights, Rao, Wu and Yue 1992): of a class with n members of N enterprises n - 1 are drawn with replacement, and the
weights are moved by the root of 1 - n/N. Where the members are all there are, nothing is left to luck.
"""

from __future__ import annotations

import numpy as np

from lineside.hub.laboratory.arrays import Floats
from lineside.hub.laboratory.population import Indices, Population


class Sampling:
    """Draws weights. A class of one member keeps its own: nothing tells how others of it differ."""

    def __init__(self, population: Population) -> None:
        self._weights = population.weights
        self._strata: list[tuple[Indices, float]] = []
        for at in range(len(population.class_names)):
            members = np.flatnonzero(population.classes == at)
            size, stand_for = len(members), float(population.weights[members].sum())
            if size >= 2 and stand_for > size:
                self._strata.append((members, np.sqrt(1 - size / stand_for)))

    def weights(self, random: np.random.Generator) -> Floats:
        """Those of another sample."""
        weights = self._weights.copy()
        for members, root in self._strata:
            size = len(members)
            times = np.bincount(random.integers(0, size, size - 1), minlength=size)
            weights[members] *= 1 - root + root * times * size / (size - 1)
        return weights


def samples(population: Population) -> bool:
    """Whether members stand for others, so that another sample could have given something else."""
    return bool((population.weights > 1).any())


def lone_classes(population: Population) -> tuple[str, ...]:
    """Classes of one member that stands for others: what they add to the uncertainty is not seen."""
    members = np.bincount(population.classes, minlength=len(population.class_names))
    alone = (members[population.classes] == 1) & (population.weights > 1)
    return tuple(population.class_names[at] for at in population.classes[alone])
