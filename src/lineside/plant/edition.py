"""Editions of a plant: a fact is judged by the plant as it was then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from lineside.plant.file import accepted_plant
from lineside.plant.model import Plant

BEGINNING = -(2**62)
END = 2**62


@dataclass(frozen=True)
class Edition:
    """One edition of the plant file and from when it judges facts (microseconds UTC; None: from the beginning)."""

    number: int
    valid_from: int | None
    sha256: str
    text: str

    @cached_property
    def plant(self) -> Plant:
        """The plant it describes; read when it is first asked for, because most old editions never are."""
        return accepted_plant(self.text)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every edition of one plant, oldest first."""

    editions: tuple[Edition, ...]

    @property
    def newest(self) -> Plant:
        """The plant as its newest edition describes it."""
        return self.editions[-1].plant

    def during(self, start: int, end: int) -> Iterator[tuple[int, int, Edition]]:
        """The editions in force in [start, end), each with its part of the window, without gap or overlap.

        Of two editions that begin at the same time the newer one counts. Time before the first edition is
        judged by the first.
        """
        begun: list[Edition] = []
        for edition in self.editions:
            while begun and _begin(begun[-1]) >= _begin(edition):
                begun.pop()
            begun.append(edition)
        edges = [BEGINNING, *(_begin(e) for e in begun[1:]), END]
        for edition, (first, last) in zip(begun, pairwise(edges), strict=True):
            if first < end and last > start:
                yield max(first, start), min(last, end), edition


def _begin(edition: Edition) -> int:
    return BEGINNING if edition.valid_from is None else edition.valid_from
